package incentives

import (
	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/rebate"
)

// The kinds of account that an agreement has.
const (
	// KindRebate: what the partner earned, and was neither paid nor taken back.
	KindRebate Kind = "rebate"
	// KindSpiff: what the partner's sellers earned.
	KindSpiff Kind = "spiff"
)

// rebateAccounts are those that an opened agreement has.
func rebateAccounts(event domain.Event) []Account {
	e, ok := event.(rebate.AgreementOpened)
	if !ok {
		return nil
	}
	of := func(kind Kind) Account {
		return Account{
			Kind: kind, ID: e.AgreementID, PartnerID: e.PartnerID, Name: e.Scheme.Name, Currency: e.Scheme.Currency,
			From: e.From, Until: e.Until,
		}
	}
	return []Account{of(KindRebate), of(KindSpiff)}
}

// rebateMovements is what an event of an agreement moves.
func rebateMovements(e domain.Event) []Movement {
	switch e := e.(type) {
	case rebate.Accrued:
		return []Movement{{Account: KindRebate, Kind: "accrued", Amount: e.Delta, Subject: e.SaleID}}
	case rebate.Adjusted:
		return []Movement{{Account: KindRebate, Kind: "adjusted", Amount: e.Delta, Subject: e.AdjustmentID, Text: e.Reason}}
	case rebate.ClawedBack:
		return []Movement{{Account: KindRebate, Kind: "clawed_back", Amount: e.Amount.Neg(), Subject: e.ClawbackID, Text: e.Reason}}
	case rebate.ClawbackReversed:
		return []Movement{{Account: KindRebate, Kind: "clawback_reversed", Amount: e.Amount, Subject: e.ClawbackID, Text: e.Reason}}
	case rebate.Paid:
		return []Movement{{Account: KindRebate, Kind: "paid", Amount: e.Amount.Neg(), Subject: e.PaymentID, Text: e.Reference}}
	case rebate.PaymentReturned:
		return []Movement{{Account: KindRebate, Kind: "payment_returned", Amount: e.Amount, Subject: e.PaymentID, Text: e.Reason}}
	case rebate.SpiffEarned:
		return []Movement{{Account: KindSpiff, Kind: "earned", Amount: e.Amount, Subject: e.SpiffID, Text: e.Reference}}
	case rebate.SpiffReversed:
		return []Movement{{Account: KindSpiff, Kind: "reversed", Amount: e.Amount.Neg(), Subject: e.SpiffID, Text: string(e.Reason)}}
	}
	return nil
}
