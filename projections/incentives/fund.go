package incentives

import (
	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/mdf"
)

// The kinds of account that a fund has.
const (
	// KindFund: what the partner may still request, in the fund's currency.
	KindFund Kind = "fund"
	// KindClaims: what of approved claims the partner is owed, tax that is paid along included, in the claims' currency. Below
	// zero the partner owes it.
	KindClaims Kind = "claims"
)

// budget is what a fund's account needs to know of the budget.
type budget struct {
	Name string `json:"name"`
}

// fundAccounts are those that a fund has: one for its money, and one for its claims in each currency.
func (t *tables) fundAccounts(event domain.Event) ([]Account, error) {
	switch e := event.(type) {
	case mdf.BudgetOpened:
		t.budgets.Put(e.BudgetID.String(), &budget{Name: e.Name})
	case mdf.FundCredited:
		a, err := t.fundAccount(KindFund, e.FundRef, e.Amount.Currency())
		if err == nil && e.ExpiresAt.After(a.Until) {
			a.Until = e.ExpiresAt
		}
		return []Account{a}, err
	case mdf.ClaimApproved:
		a, err := t.fundAccount(KindClaims, e.FundRef, e.Approved.Currency())
		return []Account{a}, err
	}
	return nil, nil
}

// fundAccount is an account of a fund as it is, or as it begins: called as its budget is.
func (t *tables) fundAccount(kind Kind, of mdf.FundRef, currency string) (Account, error) {
	a := Account{Kind: kind, ID: of.FundID, PartnerID: of.PartnerID, Currency: currency}
	known, err := t.accounts.Get(a.key())
	if known != nil || err != nil {
		return orElse(known, a), err
	}
	from, err := t.budgets.Get(of.BudgetID.String())
	a.Name = orElse(from, budget{}).Name
	return a, err
}

func orElse[T any](known *T, otherwise T) T {
	if known == nil {
		return otherwise
	}
	return *known
}

// opensFund reports whether a fund's accounts need to know of an event.
func opensFund(e domain.Event) bool {
	switch e.(type) {
	case mdf.BudgetOpened, mdf.FundCredited, mdf.ClaimApproved:
		return true
	}
	return false
}

// fundMovements is what an event of a fund moves: what may be requested, what is owed, or both.
func fundMovements(e domain.Event) []Movement {
	switch e := e.(type) {
	case mdf.FundCredited:
		return []Movement{{Account: KindFund, Kind: "credited", Amount: e.Amount, Subject: e.Ref}}
	case mdf.FundReleased:
		return []Movement{{Account: KindFund, Kind: "released", Amount: e.Amount.Neg(), Subject: e.FundID, Text: e.Reason}}
	case mdf.FundsExpired:
		return []Movement{{Account: KindFund, Kind: "expired", Amount: e.Amount.Neg(), Subject: e.FundID}}
	case mdf.RequestApproved:
		return []Movement{{Account: KindFund, Kind: "reserved", Amount: e.Amount.Neg(), Subject: e.RequestID, Text: e.Reason}}
	case mdf.RequestCancelled:
		return []Movement{freed(e.RequestID, e.Freed, e.Reason)}
	case mdf.RequestLapsed:
		return []Movement{freed(e.RequestID, e.Freed, "")}
	case mdf.ClaimReopened:
		return []Movement{{Account: KindFund, Kind: "reserved", Amount: e.Reserved.Neg(), Subject: e.ClaimID, Text: e.Reason}}
	case mdf.ClaimApproved:
		return []Movement{
			freed(e.ClaimID, e.Released, e.Reason),
			{Account: KindClaims, Kind: "approved", Amount: with(e.Approved, e.InputTax), Subject: e.ClaimID, Text: e.Reason},
		}
	case mdf.ClaimPaid:
		return []Movement{{Account: KindClaims, Kind: "paid", Amount: e.Amount.Neg(), Subject: e.ClaimID, Text: e.Reference}}
	case mdf.ClaimPaymentReturned:
		return []Movement{{Account: KindClaims, Kind: "payment_returned", Amount: e.Amount, Subject: e.ClaimID, Text: e.Reason}}
	case mdf.ClaimClawedBack:
		return clawedBack("clawed_back", e.ClawbackTerms, e.Reason)
	case mdf.ClawbackReversed:
		undone := clawedBack("clawback_reversed", e.ClawbackTerms, e.Reason)
		for i := range undone {
			undone[i].Amount = undone[i].Amount.Neg()
		}
		return undone
	}
	return nil
}

func freed(subject uuid.UUID, amount domain.Money, why string) Movement {
	return Movement{Account: KindFund, Kind: "freed", Amount: amount, Subject: subject, Text: why}
}

// clawedBack gives to the fund what it takes from the claim.
func clawedBack(kind string, terms mdf.ClawbackTerms, why string) []Movement {
	return []Movement{
		{Account: KindFund, Kind: kind, Amount: terms.Drawn, Subject: terms.ClawbackID, Text: why},
		{Account: KindClaims, Kind: kind, Amount: with(terms.Amount, terms.InputTax).Neg(), Subject: terms.ClawbackID, Text: why},
	}
}

// with is an amount and the tax paid along, which the domain keeps within the range.
func with(amount, tax domain.Money) domain.Money { return domain.Must(amount.Add(tax)) }
