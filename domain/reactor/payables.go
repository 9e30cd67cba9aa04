package reactor

import (
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/account"
	"github.com/channelledger/channelledger/domain/clawback"
	"github.com/channelledger/channelledger/domain/mdf"
	"github.com/channelledger/channelledger/domain/payable"
	"github.com/channelledger/channelledger/domain/rebate"
)

// Payables raises what claims, rebates and SPIFFs make payable, records on them what was paid and what came back, takes back
// from payables what is no longer owed as soon as no payout has them, finishes claw-backs and offsets that stopped half-way, and
// has held what an agreement made payable while a deal that it counts is disputed.
type Payables struct {
	out      outbox
	halves   agenda // claw-backs and offsets that may lack their second half
	half     map[uuid.UUID]*half
	approved map[uuid.UUID]bool    // claims and agreements
	sources  map[uuid.UUID]*source // by claim, agreement or SPIFF
	payables map[uuid.UUID]*stand  // by their ids
	taken    map[uuid.UUID]int64   // by claw-back, adjustment or payment, while nothing says what for; in minor units
	deals    dealHolds
}

// source is a claim, an agreement or a SPIFF: what of it is payable, and what is to be taken back from that.
type source struct {
	stands []*stand
	wants  []*want
}

// stand is where a payable stands.
type stand struct {
	id       uuid.UUID
	of       payable.Source
	source   *source
	raised   bool
	order    uuid.UUID // the command that raises it
	raisedAt time.Time
	open     domain.Money
	claimed  bool
	took     map[uuid.UUID]int64 // by what it was taken back for, in minor units
	asked    int64               // ordered to be taken back, while nothing shows what came of it
	askedFor *want
	ask      uuid.UUID // the command

	holds      map[payable.Disputed]time.Time // that it has, since when
	holdOrders map[payable.Disputed]uuid.UUID // commands to hold it, or to lift that, while nothing shows what came of them
}

// NewPayables has seen nothing.
func NewPayables() *Payables {
	return &Payables{
		out: newOutbox(PayablesName), halves: newAgenda(), half: map[uuid.UUID]*half{}, approved: map[uuid.UUID]bool{},
		sources: map[uuid.UUID]*source{}, payables: map[uuid.UUID]*stand{}, taken: map[uuid.UUID]int64{}, deals: newDealHolds(),
	}
}

// Name is payables.
func (*Payables) Name() string { return PayablesName }

// Types are what is payable, what takes it back, what holds it, and everything that happens to a payable.
func (*Payables) Types() []string {
	types := []string{
		mdf.ClaimApproved{}.EventType(),
		mdf.ClaimPaid{}.EventType(),
		mdf.ClaimPaymentReturned{}.EventType(),
		mdf.ClaimClawedBack{}.EventType(),
		mdf.ClawbackReversed{}.EventType(),
		rebate.Approved{}.EventType(),
		rebate.Adjusted{}.EventType(),
		rebate.Paid{}.EventType(),
		rebate.PaymentReturned{}.EventType(),
		rebate.ClawedBack{}.EventType(),
		rebate.ClawbackReversed{}.EventType(),
		rebate.SpiffEarned{}.EventType(),
		rebate.SpiffReversed{}.EventType(),
		rebate.SaleRecorded{}.EventType(),
		rebate.SaleReversed{}.EventType(),
		account.HoldPlaced{}.EventType(),
		account.HoldLifted{}.EventType(),
	}
	types = append(types, clawback.Recovered{}.EventType())
	for _, t := range payable.Types() {
		types = append(types, t.Name)
	}
	return types
}

// Observe folds one event.
func (r *Payables) Observe(event domain.Event, env domain.Envelope) {
	r.out.shown(env.CommandID)
	switch e := event.(type) {
	case payable.Event:
		r.onPayable(e, env)
	case clawback.Recovered:
		r.finished(e.RecoveryID)
	case account.Event:
		r.onDeal(e, env)
	case mdf.FundEvent:
		r.onClaim(e, env)
	case rebate.Event:
		_, agreement, _ := domain.ParseStream(env.Stream)
		r.onRebate(e, agreement, env)
	}
}

func (r *Payables) onClaim(event mdf.FundEvent, env domain.Envelope) {
	switch e := event.(type) {
	case mdf.ClaimApproved:
		r.approved[e.ClaimID] = true
		r.raise(e, env)
	case mdf.ClawbackReversed:
		r.raise(e, env)
	case mdf.ClaimClawedBack:
		if r.finished(e.ClawbackID); !e.Paid {
			r.take(r.source(e.ClaimID), want{id: e.ClawbackID, left: e.Payable().Minor(), cause: payable.CauseClawback, reason: e.Reason}, env)
		}
	case mdf.ClaimPaid:
		if e.PayableID == uuid.Nil {
			r.take(r.source(e.ClaimID), paidElsewhere(orElse(e.PaymentID, env.EventID), e.Amount, e.Reference), env)
		}
	}
}

func (r *Payables) onRebate(event rebate.Event, agreement uuid.UUID, env domain.Envelope) {
	s := r.source(agreement)
	switch e := event.(type) {
	case rebate.Approved:
		r.approved[agreement] = true
		r.raise(e, env)
	case rebate.Adjusted:
		if r.approved[agreement] { // else the approval counts it
			r.raise(e, env)
			r.take(s, want{id: e.AdjustmentID, left: e.FromPayable.Minor(), cause: payable.CauseAdjustment, reason: e.Reason}, env)
		}
	case rebate.ClawbackReversed, rebate.SpiffEarned:
		r.raise(event, env)
	case rebate.ClawedBack:
		r.finished(e.ClawbackID)
		r.take(s, want{id: e.ClawbackID, left: e.FromPayable.Minor(), cause: payable.CauseClawback, reason: e.Reason}, env)
	case rebate.SaleRecorded, rebate.SaleReversed:
		r.onSale(event, agreement, env)
	case rebate.SpiffReversed:
		id := orElse(e.ReversalID, env.EventID)
		r.finished(id)
		r.take(r.source(e.SpiffID), want{
			id: id, left: less(e.Amount, e.FromPaid).Minor(), cause: payable.CauseAdjustment, reason: string(e.Reason),
		}, env)
	case rebate.Paid:
		if e.PayableID == uuid.Nil {
			r.take(s, paidElsewhere(e.PaymentID, e.Amount, e.Reference), env)
			return
		}
		s.forget(e.Overpaid.Minor()) // it was paid all the same: the partner owes it
	case rebate.PaymentReturned:
		r.take(s, want{id: env.EventID, left: e.Overpaid.Minor(), cause: payable.CauseAdjustment, reason: e.Reason}, env)
	}
}

func paidElsewhere(id uuid.UUID, amount domain.Money, reference string) want {
	return want{id: id, left: amount.Minor(), cause: payable.CausePayment, reason: "paid outside of this ledger: " + reference}
}

func orElse(id, fallback uuid.UUID) uuid.UUID {
	if id == uuid.Nil {
		return fallback
	}
	return id
}

// onPayable follows a payable. Whatever happens to it, what was asked of it is answered by then, or is asked anew.
func (r *Payables) onPayable(event payable.Event, env domain.Envelope) {
	_, id, err := domain.ParseStream(env.Stream)
	if err != nil {
		return
	}
	if e, ok := event.(payable.Raised); ok {
		r.raised(e, env)
	}
	s := r.payables[id]
	if s == nil {
		return
	}
	switch event.(type) {
	case payable.Held, payable.HoldLifted: // stop nothing that is asked of it
		r.onHold(event, s, env)
		return
	}
	r.answered(s)
	switch e := event.(type) {
	case payable.Claimed:
		s.claimed = true
	case payable.Unclaimed:
		s.claimed = false
	case payable.Sent:
		s.claimed, s.open = false, less(s.open, e.Amount)
	case payable.Confirmed:
		r.confirmed(e, env)
	case payable.Returned:
		s.open = less(s.open, e.Amount.Neg())
		r.returned(e, env)
	case payable.ReturnUndone:
		s.open = less(s.open, e.Amount)
		r.arrived(e, env)
	case payable.TakenBack:
		s.open = less(s.open, e.Amount)
		r.takenBack(s, e, env)
	case payable.Offset:
		s.open = less(s.open, e.Amount)
		r.awaitRecovery(e, env)
	}
	r.settle(s.source, env)
}

func less(a, b domain.Money) domain.Money { return domain.Must(a.Sub(b)) }

func (r *Payables) raised(e payable.Raised, env domain.Envelope) {
	s := r.stand(e.PayableID, e.Source.ID)
	r.out.withdraw(s.order) // also where somebody else raised it
	s.of, s.raised, s.open, s.raisedAt = e.Source, true, e.Amount, env.EffectiveAt
	r.settleHold(s, env)
}

func (r *Payables) order(stream, step string, cause domain.Envelope, command any) {
	r.out.order(Order{Stream: stream, Command: command, Cause: causeOf(cause), Step: step, EffectiveAt: cause.EffectiveAt})
}

// Due hands out what the log doesn't show the outcome of, and the second halves that nobody else gave.
func (r *Payables) Due(now time.Time) []Order {
	return append(r.raisedHeld(r.out.take()), r.halves.takeDue(now)...)
}

// Next is at once, where there is anything to do, or when the next half is late.
func (r *Payables) Next() (time.Time, bool) {
	if at, ok := r.out.next(); ok {
		return at, true
	}
	if first := r.halves.next(); first != nil {
		return first.due, true
	}
	return time.Time{}, false
}
