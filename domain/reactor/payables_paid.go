package reactor

import (
	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/mdf"
	"github.com/channelledger/channelledger/domain/payable"
	"github.com/channelledger/channelledger/domain/rebate"
)

// confirmed records on the claim or rebate that it is paid. Of a SPIFF the payable itself is the record.
func (r *Payables) confirmed(e payable.Confirmed, env domain.Envelope) {
	r.paid(e.PayableID, e.Payment, e.Source, e.Reference, env)
}

// arrived records again that it is paid, where it had been recorded that it came back.
func (r *Payables) arrived(e payable.ReturnUndone, env domain.Envelope) {
	if e.Reference != "" {
		r.paid(e.PayableID, e.Payment, e.Source, e.Reference, env)
	}
}

func (r *Payables) paid(id uuid.UUID, p payable.Payment, of payable.Source, reference string, env domain.Envelope) {
	if !r.approved[of.ID] { // somebody imported the payable alone
		return
	}
	payment := domain.DeriveID("payment", id.String(), p.PayoutID.String())
	switch of.Kind {
	case payable.KindClaim:
		r.order(of.Stream, "paid", env, mdf.SettleClaim{
			ClaimID: of.ID, PayableID: id, PaymentID: payment, Amount: p.Amount, Reference: reference,
		})
	case payable.KindRebate:
		r.order(of.Stream, "paid", env, rebate.SettleRebate{PayableID: id, PaymentID: payment, Amount: p.Amount, Reference: reference})
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
