package reactor

import (
	"bytes"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/payable"
	"github.com/channelledger/channelledger/domain/payout"
)

// Payouts finishes what a payout says and frees what it doesn't pay: what it sent is sent, what it claimed and doesn't pay is
// let go, one that nobody prepares is given up, and one whose payments all have an end is complete. A payable may be claimed
// before its payout is prepared or abandoned, or after; it doesn't matter which is recorded first.
type Payouts struct {
	payouts map[uuid.UUID]*batch
	giveUps agenda // of payouts that nobody prepared yet
	out     outbox
}

// batch is a payout, as far as something is left to be done about it.
type batch struct {
	status  payout.Status
	cause   domain.Envelope               // what its status is because of
	claims  map[uuid.UUID]domain.Envelope // payables that it has and that aren't to be let go
	items   map[uuid.UUID]*payment        // that it pays, and that have no end yet
	account string                        // of ours
}

type payment struct {
	payout.Item
	left int64 // has not come back, in minor units of the payable's currency
}

// NewPayouts has seen nothing.
func NewPayouts() *Payouts {
	return &Payouts{payouts: map[uuid.UUID]*batch{}, giveUps: newAgenda(), out: newOutbox("payouts")}
}

// Name is payouts.
func (p *Payouts) Name() string { return p.out.rule }

// Types are the events of payouts, and those of payables that a payout leads to.
func (*Payouts) Types() []string {
	return []string{
		payout.Opened{}.EventType(),
		payout.Prepared{}.EventType(),
		payout.Sent{}.EventType(),
		payout.Completed{}.EventType(),
		payout.Abandoned{}.EventType(),
		payable.Claimed{}.EventType(),
		payable.Unclaimed{}.EventType(),
		payable.Sent{}.EventType(),
		payable.Confirmed{}.EventType(),
		payable.Returned{}.EventType(),
		payable.ReturnUndone{}.EventType(),
	}
}

// Observe folds payouts and payables.
func (p *Payouts) Observe(event domain.Event, env domain.Envelope) {
	p.out.shown(env.CommandID)
	switch e := event.(type) {
	case payout.Event:
		p.observePayout(e, causeOf(env), env.RecordedAt)
	case payable.Claimed:
		b := p.batch(e.PayoutID)
		b.claims[e.PayableID] = causeOf(env)
		if !b.wants(e.PayableID) {
			p.unclaim(e.PayoutID, e.PayableID, causeOf(env))
		}
	case payable.Unclaimed:
		delete(p.batch(e.PayoutID).claims, e.PayableID)
	case payable.Sent:
		delete(p.batch(e.PayoutID).claims, e.PayableID)
	case payable.Confirmed:
		p.ended(e.PayoutID, e.PayableID, env)
	case payable.Returned:
		p.returned(e, env)
	case payable.ReturnUndone:
		if x := p.batch(e.PayoutID).items[e.PayableID]; x != nil {
			x.left += e.Amount.Minor()
		}
	}
}

func (p *Payouts) batch(id uuid.UUID) *batch {
	if p.payouts[id] == nil {
		p.payouts[id] = &batch{claims: map[uuid.UUID]domain.Envelope{}, items: map[uuid.UUID]*payment{}}
	}
	return p.payouts[id]
}

func (p *Payouts) observePayout(event payout.Event, cause domain.Envelope, recordedAt time.Time) {
	switch e := event.(type) {
	case payout.Opened:
		b := p.enters(e.PayoutID, payout.StatusOpen, cause)
		b.account = e.Debtor.IBAN
		due := recordedAt.Add(payout.PrepareWithin)
		p.giveUps.plan(e.PayoutID.String(), due, orderAt(due, cause, payout.GiveUp{}))
	case payout.Prepared:
		b := p.enters(e.PayoutID, payout.StatusPrepared, cause)
		for _, item := range e.Items {
			b.items[item.PayableID] = &payment{Item: item, left: item.Amount.Minor()}
		}
		p.letGo(e.PayoutID, b)
	case payout.Sent:
		b := p.enters(e.PayoutID, payout.StatusSent, cause)
		for _, held := range e.Held {
			delete(b.items, held.PayableID)
		}
		p.letGo(e.PayoutID, b)
		p.send(e.PayoutID, b)
	case payout.Abandoned:
		b := p.enters(e.PayoutID, payout.StatusAbandoned, cause)
		clear(b.items)
		p.letGo(e.PayoutID, b)
	case payout.Completed:
		p.enters(e.PayoutID, payout.StatusCompleted, cause)
	}
}

// enters notes what became of a payout. Only one that is open is given up.
func (p *Payouts) enters(id uuid.UUID, status payout.Status, cause domain.Envelope) *batch {
	b := p.batch(id)
	b.status, b.cause = status, cause
	p.giveUps.drop(id.String())
	return b
}

// wants reports whether the payout may keep a payable: while it is open every one, later those that it pays.
func (b *batch) wants(id uuid.UUID) bool {
	if b.status == "" || b.status == payout.StatusOpen {
		return true
	}
	return b.items[id] != nil
}

// letGo orders that what the payout has and doesn't pay is free again.
func (p *Payouts) letGo(id uuid.UUID, b *batch) {
	for _, of := range inOrder(b.claims) {
		if !b.wants(of) {
			p.unclaim(id, of, b.cause)
		}
	}
}

func (p *Payouts) unclaim(id, of uuid.UUID, cause domain.Envelope) {
	claims := p.batch(id).claims
	p.order(cause, domain.StreamName(payable.Category, of), "unclaim "+of.String(), claims[of].EffectiveAt, payable.Unclaim{
		PayoutID: id, Reason: "the payout doesn't pay it",
	})
	delete(claims, of)
}

func (p *Payouts) send(id uuid.UUID, b *batch) {
	for _, of := range inOrder(b.items) {
		item := b.items[of]
		p.order(b.cause, domain.StreamName(payable.Category, of), "send "+of.String(), b.claims[of].EffectiveAt, payable.Send{
			PayoutID: id, BankAccount: b.account, PayeeID: item.PayeeID, Paid: item.Paid, Withheld: item.Withheld,
			FX: payable.FX{Rate: item.FX.Rate, Source: item.FX.Source},
		})
	}
}

// returned takes off what came back. Once nothing is left, the payment has an end without having been confirmed.
func (p *Payouts) returned(e payable.Returned, env domain.Envelope) {
	x := p.batch(e.PayoutID).items[e.PayableID]
	if x == nil {
		return
	}
	if x.left -= e.Amount.Minor(); x.left <= 0 {
		p.ended(e.PayoutID, e.PayableID, env)
	}
}

// ended takes a payment off the list; behind the last one the payout is complete.
func (p *Payouts) ended(id, of uuid.UUID, env domain.Envelope) {
	b := p.batch(id)
	if b.items[of] == nil {
		return
	}
	if delete(b.items, of); len(b.items) == 0 && b.status == payout.StatusSent {
		p.order(causeOf(env), domain.StreamName(payout.Category, id), "complete "+id.String(), b.cause.EffectiveAt, payout.Complete{})
	}
}

// order gives a command at once. It takes effect with its cause, but not before the step on the target that it needs.
func (p *Payouts) order(cause domain.Envelope, stream, step string, notBefore time.Time, command any) {
	at := cause.EffectiveAt
	if at.Before(notBefore) {
		at = notBefore
	}
	p.out.order(Order{Stream: stream, Command: command, Cause: cause, Step: step, EffectiveAt: at})
}

func inOrder[V any](of map[uuid.UUID]V) []uuid.UUID {
	return slices.SortedFunc(maps.Keys(of), func(a, b uuid.UUID) int { return bytes.Compare(a[:], b[:]) })
}

// Due hands out what follows from the log and isn't in it yet, and the payouts whose time to be prepared is over.
func (p *Payouts) Due(now time.Time) []Order { return append(p.out.take(), p.giveUps.takeDue(now)...) }

// Next is at once, where there is anything to do, or when the next payout is given up.
func (p *Payouts) Next() (time.Time, bool) {
	if at, ok := p.out.next(); ok {
		return at, true
	}
	if first := p.giveUps.next(); first != nil {
		return first.due, true
	}
	return time.Time{}, false
}
