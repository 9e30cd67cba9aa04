package reactor

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/clawback"
	"github.com/channelledger/channelledger/domain/mdf"
	"github.com/channelledger/channelledger/domain/payable"
	"github.com/channelledger/channelledger/domain/rebate"
)

// HalfAfter is how long a claw-back may stand with its first half alone before the second one is given for it.
const HalfAfter = time.Minute

// want is what is to be taken back from a source's payables.
type want struct {
	id     uuid.UUID // of the claw-back, adjustment or payment
	left   int64     // in minor units of the source's currency
	asked  int64     // of it: ordered
	cause  payable.Cause
	reason string
}

// half is a claw-back of which payables say something, and its own stream nothing yet.
type half struct {
	amount, tax domain.Money
}

// take wants something back. What the log shows taken for it counts; what isn't raised yet need not be, where all of it goes.
func (r *Payables) take(s *source, w want, env domain.Envelope) {
	already := r.taken[w.id]
	delete(r.taken, w.id)
	if w.left -= already; w.left < 0 { // more was taken than it says: that was for something else that waits
		s.forget(-w.left)
	}
	for _, x := range s.stands {
		if amount := x.open.Minor(); !x.raised && amount > 0 && w.left >= amount && r.out.withdraw(x.order) {
			w.left -= amount
			x.open = less(x.open, x.open)
		}
	}
	if w.left > 0 {
		s.wants = append(s.wants, &w)
		r.settle(s, env)
	}
}

// forget drops so much of what is wanted, the oldest first.
func (s *source) forget(amount int64) {
	for _, w := range s.wants {
		part := min(amount, w.left)
		w.left, amount = w.left-part, amount-part
	}
	s.wants = slices.DeleteFunc(s.wants, func(w *want) bool { return w.left == 0 })
}

// settle orders what can be taken now: of what is raised, open, and not a payout's.
func (r *Payables) settle(s *source, env domain.Envelope) {
	for _, w := range s.wants {
		for _, x := range s.stands {
			if part := min(w.left-w.asked, x.open.Minor()); part > 0 && x.raised && !x.claimed && x.askedFor == nil {
				r.ask(x, w, part, env)
			}
		}
	}
}

// ask orders a part to be taken back. The order says how much is then taken in all for that, so that no part is taken twice.
func (r *Payables) ask(x *stand, w *want, part int64, env domain.Envelope) {
	at := env.EffectiveAt
	if at.Before(x.raisedAt) {
		at = x.raisedAt
	}
	order := Order{
		Stream: domain.StreamName(payable.Category, x.id), Cause: causeOf(env), Step: "take " + w.id.String() + " " + x.id.String(),
		EffectiveAt: at,
		Command: payable.TakeBack{
			ClawbackID: w.id, Amount: domain.Must(domain.NewMoney(x.took[w.id]+part, x.open.Currency())), Reason: w.reason, Cause: w.cause,
		},
	}
	w.asked += part
	x.asked, x.askedFor, x.ask = part, w, order.Header(PayablesName).CommandID
	r.out.order(order)
}

// answered: something happened to the payable, so that what was asked of it is done or refused, or is to be asked anew.
func (r *Payables) answered(x *stand) {
	if x.askedFor != nil {
		r.out.withdraw(x.ask)
		x.askedFor.asked -= x.asked
	}
	x.asked, x.askedFor = 0, nil
}

// takenBack counts what was taken for what wants it. Nobody wants the first half of a claw-back: its second one is to come,
// by whoever gave the first; a reactor gives it again by itself where it stopped half-way.
func (r *Payables) takenBack(x *stand, e payable.TakenBack, env domain.Envelope) {
	id, amount := e.ClawbackID, e.Amount.Minor()
	x.took[id] += amount
	for _, w := range x.source.wants {
		if w.id == id {
			part := min(amount, w.left)
			w.left, amount = w.left-part, amount-part
		}
	}
	x.source.wants = slices.DeleteFunc(x.source.wants, func(w *want) bool { return w.left == 0 })
	if amount == 0 || env.Actor.ID == Actor(PayablesName).ID {
		return
	}
	r.taken[id] += amount
	if e.Cause == payable.CauseClawback && env.Actor.Kind != domain.Reactor {
		r.await(x.of, id, e, env)
	}
}

// await plans the second half of a claw-back, as long as the log doesn't show it.
func (r *Payables) await(of payable.Source, id uuid.UUID, e payable.TakenBack, env domain.Envelope) {
	h := r.half[id]
	if h == nil {
		h = &half{}
		r.half[id] = h
	}
	h.amount, h.tax = domain.Must(h.amount.Add(e.Amount)), domain.Must(h.tax.Add(e.InputTax))
	order := Order{
		Stream: of.Stream, Cause: causeOf(env), Step: "finish " + id.String(), EffectiveAt: env.EffectiveAt, OnBehalfOf: env.Actor.ID,
	}
	switch of.Kind {
	case payable.KindClaim:
		order.Command = mdf.FinishClawback{ClawbackID: id, ClawBack: mdf.ClawBack{
			ClaimID: of.ID, Amount: less(h.amount, h.tax), InputTax: h.tax, Reason: e.Reason,
		}}
	case payable.KindRebate:
		order.Command = rebate.FinishClawback{ClawbackID: id, ClawBack: rebate.ClawBack{Amount: h.amount, Reason: e.Reason}}
	case payable.KindSpiff:
		order.Command = rebate.FinishSpiffReversal{ReversalID: id, ReverseSpiff: rebate.SpiffReversalOf(of.ID, h.amount, e.Reason)}
	default:
		return
	}
	r.halves.plan(id.String(), env.RecordedAt.Add(HalfAfter), order)
}

// awaitRecovery plans the second half of an offset, as long as the log doesn't show it.
func (r *Payables) awaitRecovery(e payable.Offset, env domain.Envelope) {
	r.halves.plan(e.RecoveryID.String(), env.RecordedAt.Add(HalfAfter), Order{
		Stream: domain.StreamName(clawback.Category, e.ClawbackID), Cause: causeOf(env), Step: "recover " + e.RecoveryID.String(),
		EffectiveAt: env.EffectiveAt, OnBehalfOf: env.Actor.ID,
		Command: clawback.Recover{
			ClawbackID: e.ClawbackID, By: clawback.ByOffset, Amount: e.Amount, PayableID: e.PayableID, Reference: e.Reference,
			RecoveryID: e.RecoveryID,
		},
	})
}

// finished: both halves of a claw-back or offset stand in the log.
func (r *Payables) finished(id uuid.UUID) {
	r.halves.drop(id.String())
	delete(r.half, id)
}
