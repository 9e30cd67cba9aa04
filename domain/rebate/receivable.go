package rebate

import (
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
)

// receivable is what the partner owes because of one claw-back, adjustment, payment or reversed SPIFF.
type receivable struct {
	amount domain.Money
	since  time.Time
}

// Receivable is what the partner owes because of a claw-back, an adjustment or a payment that was too much, by its id, and
// since when; false: there is none. What was undone or came back is nought.
func (s *State) Receivable(id uuid.UUID) (amount domain.Money, since time.Time, ok bool) {
	r, ok := s.receivables[id]
	return r.amount, r.since, ok
}

// owe folds what of an event the partner owes.
func (s *State) owe(e Event, env domain.Envelope) {
	if d := OwingOf(e); d.Amount.Sign() != 0 {
		s.owes(d.ID, d.Amount, env)
	}
}

// Owing is what the partner owes more because of an event; an amount below 0: less.
type Owing struct {
	ID        uuid.UUID // of the claw-back, adjustment, payment or SPIFF's reversal
	PartnerID uuid.UUID
	Amount    domain.Money
}

// OwingOf is what an event says of what the partner owes; nought: nothing.
func OwingOf(e Event) Owing {
	switch e := e.(type) {
	case ClawedBack:
		return Owing{e.ClawbackID, e.PartnerID, e.FromPaid}
	case ClawbackReversed:
		return Owing{e.ClawbackID, e.PartnerID, e.FromPaid.Neg()}
	case Adjusted:
		return Owing{e.AdjustmentID, e.PartnerID, e.FromPaid}
	case SpiffReversed:
		return Owing{e.ReversalID, e.PartnerID, e.FromPaid}
	case Paid:
		return Owing{e.PaymentID, e.PartnerID, e.Overpaid}
	case PaymentReturned:
		return Owing{e.PaymentID, e.PartnerID, e.Overpaid.Neg()}
	}
	return Owing{}
}

func (s *State) owes(id uuid.UUID, amount domain.Money, env domain.Envelope) {
	r, known := s.receivables[id]
	if !known {
		r = receivable{amount: s.money(0), since: env.EffectiveAt}
	}
	r.amount = sum(r.amount, amount)
	s.receivables[id] = r
}

// Reversed is the claw-back that a command undoes; none: it undoes none.
func Reversed(c Command) (clawback uuid.UUID) {
	if c, ok := c.(ReverseClawback); ok {
		return c.ClawbackID
	}
	return uuid.Nil
}
