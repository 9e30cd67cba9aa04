package rebate

import (
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
)

// receivable is what the partner owes because of one claw-back, adjustment or payment.
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
	switch e := e.(type) {
	case ClawedBack:
		s.owes(e.ClawbackID, e.FromPaid, env)
	case ClawbackReversed:
		s.owes(e.ClawbackID, e.FromPaid.Neg(), env)
	case Adjusted:
		s.owes(e.AdjustmentID, e.FromPaid, env)
	case Paid:
		s.owes(e.PaymentID, e.Overpaid, env)
	case PaymentReturned:
		s.owes(e.PaymentID, e.Overpaid.Neg(), env)
	}
}

func (s *State) owes(id uuid.UUID, amount domain.Money, env domain.Envelope) {
	if amount.Sign() == 0 {
		return
	}
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
