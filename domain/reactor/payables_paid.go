package reactor

import (
	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/mdf"
	"github.com/channelledger/channelledger/domain/payable"
	"github.com/channelledger/channelledger/domain/rebate"
)

// confirmed records on the claim or rebate that it is paid. Of a SPIFF the payable itself is the record.
func (r *Payables) confirmed(e payable.Confirmed, env domain.Envelope) {
	if !r.approved[e.Source.ID] { // somebody imported the payable alone
		return
	}
	payment := domain.DeriveID("payment", e.PayableID.String(), e.PayoutID.String())
	switch e.Source.Kind {
	case payable.KindClaim:
		r.order(e.Source.Stream, "paid", env, mdf.SettleClaim{
			ClaimID: e.Source.ID, PayableID: e.PayableID, PaymentID: payment, Amount: e.Amount, Reference: e.Reference,
		})
	case payable.KindRebate:
		r.order(e.Source.Stream, "paid", env, rebate.SettleRebate{
			PayableID: e.PayableID, PaymentID: payment, Amount: e.Amount, Reference: e.Reference,
		})
	}
}

// returned records there that a confirmed payment came back; one that wasn't confirmed was never recorded.
func (r *Payables) returned(e payable.Returned, env domain.Envelope) {
	if !e.Confirmed || !r.approved[e.Source.ID] {
		return
	}
	payment := domain.DeriveID("payment", e.PayableID.String(), e.PayoutID.String())
	switch e.Source.Kind {
	case payable.KindClaim:
		r.order(e.Source.Stream, "returned", env, mdf.ReturnClaimPayment{
			ClaimID: e.Source.ID, PayableID: e.PayableID, PaymentID: payment, Amount: e.Amount, Reason: e.Reason,
		})
	case payable.KindRebate:
		r.order(e.Source.Stream, "returned", env, rebate.ReturnPayment{
			PayableID: e.PayableID, PaymentID: payment, Amount: e.Amount, Reason: e.Reason,
		})
	}
}
