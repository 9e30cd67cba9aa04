package journal

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/projections"
	"github.com/channelledger/channelledger/projections/listing"
)

// BalanceQuery says which balances are wanted: those that have, in every field given, one of the values.
type BalanceQuery struct {
	By       Basis
	Days     Days // turnover is of these days; closing balances are at the end of the last one
	Book     []Book
	Account  []string
	Party    []string // then parties stand apart
	Currency []string
	Parties  bool // each party of an account apart
}

// Balance is one account in one currency. Debits are above 0, credits below.
type Balance struct {
	Book    Book         `json:"book"`
	Account Account      `json:"account"` // without a party: of all parties together
	Opening domain.Money `json:"opening"` // before the first day; nought where there is none
	Debit   domain.Money `json:"debit"`   // turnover, 0 or more
	Credit  domain.Money `json:"credit"`  // turnover, 0 or more
	Closing domain.Money `json:"closing"` // opening + debit - credit
}

// TrialBalance is every account that ever moved until the last day, in the order of books, names, parties and currencies.
// Over all accounts of a book, the closing balances of each currency add up to zero.
type TrialBalance struct {
	By       Basis
	Days     Days
	Balances []Balance
}

// BookTotal is what a book's accounts come to in one currency. Over all accounts its balances are zero and its turnover even.
type BookTotal struct {
	Book    Book         `json:"book"`
	Opening domain.Money `json:"opening"`
	Debit   domain.Money `json:"debit"`
	Credit  domain.Money `json:"credit"`
	Closing domain.Money `json:"closing"`
}

// Totals are the sums of what the trial balance holds, by book and currency. Errors: one gets out of range.
func (t TrialBalance) Totals() (totals []BookTotal, err error) {
	for _, b := range t.Balances {
		at := slices.IndexFunc(totals, func(of BookTotal) bool {
			return of.Book == b.Book && of.Closing.Currency() == b.Closing.Currency()
		})
		if at < 0 {
			at, totals = len(totals), append(totals, BookTotal{Book: b.Book})
		}
		of := &totals[at]
		for _, part := range []struct {
			into   *domain.Money
			amount domain.Money
		}{{&of.Opening, b.Opening}, {&of.Debit, b.Debit}, {&of.Credit, b.Credit}, {&of.Closing, b.Closing}} {
			if *part.into, err = part.into.Add(part.amount); err != nil {
				return nil, err
			}
		}
	}
	slices.SortFunc(totals, func(a, b BookTotal) int {
		return cmp.Or(cmp.Compare(a.Book, b.Book), cmp.Compare(a.Closing.Currency(), b.Closing.Currency()))
	})
	return totals, nil
}

// Key is unambiguous, and in the order of a trial balance.
func (b *Balance) Key() string {
	return strings.Join([]string{string(b.Book), b.Account.Name, b.Account.Party, b.Closing.Currency()}, "\x00")
}

// Trial is the trial balance, from sums that are kept for each account and day.
// Errors: a Rejection of kind Invalid that names by, to or the filter.
func Trial(ctx context.Context, q projections.Querier, query BalanceQuery) (trial TrialBalance, err error) {
	if query.By, err = query.By.orPosted(); err != nil {
		return trial, err
	}
	trial = TrialBalance{By: query.By, Days: query.Days}
	w := query.where()
	if w.Err() != nil {
		return trial, w.Err()
	}
	debit, credit, from := string(query.By)+"_debit", string(query.By)+"_credit", query.Days.From.String()
	rows, err := q.QueryContext(ctx, "SELECT book, account, party, currency,"+
		" SUM(CASE WHEN day < ? THEN "+debit+" - "+credit+" ELSE 0 END),"+
		" SUM(CASE WHEN day < ? THEN 0 ELSE "+debit+" END), SUM(CASE WHEN day < ? THEN 0 ELSE "+credit+" END)"+
		" FROM balances"+w.String()+" GROUP BY book, account, party, currency"+
		" HAVING SUM("+debit+" + "+credit+") > 0 ORDER BY book, account, party, currency",
		append([]any{from, from, from}, w.Args()...)...)
	if err != nil {
		return trial, fmt.Errorf("trial balance: %w", err)
	}
	defer func() { _ = rows.Close() }() // what the read missed is told by Err
	for rows.Next() {
		b, err := scanBalance(rows)
		if err != nil {
			return trial, fmt.Errorf("trial balance: %w", err)
		}
		trial.Balances = append(trial.Balances, b)
	}
	return trial, rows.Err()
}

func (q BalanceQuery) where() (w listing.Where) {
	if q.Parties || len(q.Party) > 0 {
		w.That("party <> ''")
	} else {
		w.That("party = ''")
	}
	Days{To: q.Days.To}.within(&w, "day") // what is before the first day is the opening balance
	w.Refuse(q.Days.check())
	listing.In(&w, "book", q.Book)
	listing.In(&w, "account", q.Account)
	listing.In(&w, "party", q.Party)
	listing.In(&w, "currency", q.Currency)
	return w
}

func scanBalance(rows *sql.Rows) (b Balance, err error) {
	var currency string
	var opening, debit, credit int64
	if err := rows.Scan(&b.Book, &b.Account.Name, &b.Account.Party, &currency, &opening, &debit, &credit); err != nil {
		return b, err
	}
	for _, part := range []struct {
		into  *domain.Money
		minor int64
	}{{&b.Opening, opening}, {&b.Debit, debit}, {&b.Credit, credit}} {
		if *part.into, err = domain.NewMoney(part.minor, currency); err != nil {
			return b, err
		}
	}
	turnover, err := b.Debit.Sub(b.Credit)
	if err != nil {
		return b, err
	}
	b.Closing, err = b.Opening.Add(turnover)
	return b, err
}
