package closing

import (
	"context"
	"fmt"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/projections/journal"
)

// balanced: what every posting promises, added up once more.
func balanced() Check {
	return Check{"balanced", "Each book adds up to zero in each currency", func(_ context.Context, books Books) (found []Finding, err error) {
		for _, book := range []journal.Book{journal.Budgetary, journal.Financial} {
			var sums domain.Totals
			for _, b := range books.Balances {
				if b.Book != book {
					continue
				}
				if err := sums.Add(b.Closing); err != nil {
					return nil, err
				}
			}
			for _, sum := range sums {
				if sum.Sign() != 0 {
					found = append(found, Finding{What: fmt.Sprintf("the %s book is off by %s", book, sum), Amount: sum})
				}
			}
		}
		return found, nil
	}}
}

func openSuspense() Check {
	return Check{
		"open_suspense", "What the bank moved is explained: asset:bank_suspense is zero",
		func(_ context.Context, books Books) ([]Finding, error) {
			return open(books, journal.AssetBankSuspense, "moved by the bank, and nobody said why"), nil
		},
	}
}

func openClearing() Check {
	return Check{
		"open_clearing", "What was sent or expected, the bank shows: asset:cash_clearing is zero",
		func(_ context.Context, books Books) ([]Finding, error) {
			return open(books, journal.AssetCashClearing, "sent or expected, and not on a bank statement of the month"), nil
		},
	}
}

// open are the parties whose balance in an account isn't nought.
func open(books Books, account, what string) (found []Finding) {
	for _, b := range books.Balances {
		if b.Account.Name == account && b.Closing.Sign() != 0 {
			found = append(found, Finding{What: what, Amount: b.Closing, Account: &b.Account})
		}
	}
	return found
}
