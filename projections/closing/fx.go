package closing

import (
	"context"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/projections/journal"
)

// openFX: what a fund owes in another currency stands twice over equity:fx, in the fund's currency and in the partner's, until it
// is paid; then the difference went to expense:fx and both are zero. While the partner is still owed in the other currency, that
// is an exposure at the approval's rate: a warning. With nothing owed any more, a difference was never posted.
func openFX() Check {
	const title = "Amounts in two currencies are settled: equity:fx is zero"
	return Check{"open_fx", title, func(_ context.Context, books Books) (found []Finding, err error) {
		owed := map[string]domain.Totals{} // by party
		for _, b := range books.Balances {
			if isPayable(b.Account.Name) {
				totals := owed[b.Account.Party]
				if err := totals.Add(b.Closing); err != nil {
					return nil, err
				}
				owed[b.Account.Party] = totals
			}
		}
		for _, f := range open(books, journal.EquityFX, "settled, and the difference between the currencies was never posted") {
			if owes(owed[f.Account.Party]) {
				f.What, f.Warning = "owed in another currency, carried at the approval's rate", true
			}
			found = append(found, f)
		}
		return found, nil
	}}
}

// isPayable reports whether partners are owed in the account.
func isPayable(account string) bool {
	switch account {
	case journal.LiabilityMDFPayable, journal.LiabilityRebatePayable, journal.LiabilitySpiffPayable:
		return true
	}
	return false
}

func owes(totals domain.Totals) bool {
	for _, sum := range totals {
		if sum.Sign() != 0 {
			return true
		}
	}
	return false
}
