package histories

import (
	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/clawback"
	"github.com/channelledger/channelledger/domain/mdf"
	"github.com/channelledger/channelledger/domain/payable"
	"github.com/channelledger/channelledger/domain/rebate"
)

func (a *afterwards) paySpiffs() {
	for ; a.spiffs < len(a.Events); a.spiffs++ {
		e, ok := a.Events[a.spiffs].Event.(rebate.SpiffEarned)
		if !ok {
			continue
		}
		if left := a.leftOf(e); left.Sign() > 0 && a.pays(e.SpiffID, a.payment(payable.KindSpiff, e.PartnerID, left)) {
			a.paidSpiffs[e.SpiffID] = true
		}
	}
}

// leftOf is what of a SPIFF isn't reversed yet.
func (a *afterwards) leftOf(spiff rebate.SpiffEarned) domain.Money {
	left := spiff.Amount
	for _, r := range a.Events {
		if e, ok := r.Event.(rebate.SpiffReversed); ok && e.SpiffID == spiff.SpiffID {
			left = domain.Must(left.Sub(e.Amount))
		}
	}
	return left
}

// settleDebts settles what partners owe because of claw-backs of what they had been paid.
func (a *afterwards) settleDebts() {
	for ; a.debts < len(a.Events); a.debts++ {
		var id, partner uuid.UUID
		var owed domain.Money
		switch e := a.Events[a.debts].Event.(type) {
		case mdf.ClaimClawedBack:
			if e.Paid {
				id, partner, owed = e.ClawbackID, e.PartnerID, e.Payable()
			}
		case rebate.ClawedBack:
			id, partner, owed = e.ClawbackID, e.PartnerID, e.FromPaid
		case rebate.SpiffReversed:
			id, partner, owed = e.ReversalID, e.PartnerID, e.FromPaid
		}
		if owed.Sign() > 0 {
			a.recovers(clawback.Recovered{
				ClawbackID: id, PartnerID: partner, By: pick(a.History, clawback.AllMeans()...), Amount: owed, BankAccount: Bank,
				PayableKind: string(pick(a.History, payable.Kinds()...)), Reference: "letter",
			})
		}
	}
}

// recovers records how a debt ends; of payments some are shown by a line of the bank that turns out to be another's.
func (a *afterwards) recovers(e clawback.Recovered) {
	shown := e.By == clawback.ByPayment && a.IntN(2) == 0
	if shown {
		e.MatchID = domain.DeriveID("match", e.ClawbackID.String())
	}
	a.note(clawback.Category, e.ClawbackID, e)
	if !shown {
		return
	}
	cleared := clawback.Cleared{
		ClawbackID: e.ClawbackID, PartnerID: e.PartnerID, BankAccount: Bank, MatchID: e.MatchID, Amount: e.Amount,
	}
	a.note(clawback.Category, e.ClawbackID, cleared)
	if a.IntN(2) == 0 {
		a.note(clawback.Category, e.ClawbackID, clawback.ClearingUndone{
			ClawbackID: e.ClawbackID, PartnerID: e.PartnerID, BankAccount: Bank, MatchID: e.MatchID, Amount: e.Amount, Reason: "wrong",
		})
		a.note(clawback.Category, e.ClawbackID, clawback.RecoveryUndone{
			ClawbackID: e.ClawbackID, PartnerID: e.PartnerID, Recovery: e, Reason: "wrong",
		})
	}
}
