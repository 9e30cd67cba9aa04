package rebate

import (
	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
)

// RecordPayment says that a part of an approved rebate reached the partner by a payment made outside of this ledger: imported
// history. What payouts pay is recorded by itself.
type RecordPayment struct {
	Amount    domain.Money `json:"amount"` // above 0, up to what is payable
	Reference string       `json:"reference"`
}

func (RecordPayment) roles() []domain.Role { return serviceRoles() }

func (c RecordPayment) decide(s *State, h domain.Header, f Facts) ([]Event, error) {
	a := &s.Agreement
	if err := domain.FirstOf(
		domain.AdmitText("reference", c.Reference, MaxReference),
		a.approvedBy(h),
		a.checkAmount(c.Amount),
	); err != nil {
		return nil, err
	}
	switch {
	case c.Amount.Minor() > a.Payable.Minor():
		return nil, domain.Refuse("more_than_payable", "amount", "%s are payable: %s is more", a.Payable, c.Amount)
	case f.Payables.Known && f.Payables.Taken != c.Amount:
		return nil, domain.Refuse("payable_exists", "amount", "a payout has the payable, or has sent it: it is paid by that")
	}
	return []Event{Paid{
		PartnerID: a.PartnerID, PaymentID: a.newID(h, "payment"), Amount: c.Amount, Reference: c.Reference,
	}}, nil
}

// SettleRebate records that the bank confirmed a payment for one of the agreement's payables: the reactor's. What was
// adjusted away while the bank had it is overpaid: the partner owes it.
type SettleRebate struct {
	PayableID uuid.UUID
	PaymentID uuid.UUID
	Amount    domain.Money // above 0
	Reference string       // of the bank
}

func (SettleRebate) roles() []domain.Role { return serviceRoles() }

func (c SettleRebate) decide(s *State, h domain.Header, _ Facts) ([]Event, error) {
	a := &s.Agreement
	if err := domain.FirstOf(reactorOnly(h, "SettleRebate"), a.approvedBy(h), a.checkAmount(c.Amount)); err != nil {
		return nil, err
	}
	e := Paid{PartnerID: a.PartnerID, PaymentID: c.PaymentID, Amount: c.Amount, Reference: c.Reference, PayableID: c.PayableID}
	if over := a.takeAtMost(c.Amount, c.Amount).FromPaid; over.Sign() > 0 {
		e.Overpaid = over
	}
	return []Event{e}, nil
}

// ReturnPayment records that a confirmed payment came back, or a part of it: the reactor's. What it had paid too much comes
// back first.
type ReturnPayment struct {
	PayableID uuid.UUID
	PaymentID uuid.UUID
	Amount    domain.Money // above 0
	Reason    string
}

func (ReturnPayment) roles() []domain.Role { return serviceRoles() }

func (c ReturnPayment) decide(s *State, h domain.Header, _ Facts) ([]Event, error) {
	a := &s.Agreement
	if err := domain.FirstOf(reactorOnly(h, "ReturnPayment"), a.approvedBy(h), a.checkAmount(c.Amount)); err != nil {
		return nil, err
	}
	if c.Amount.Minor() > a.Paid.Minor() {
		return nil, domain.Refuse("above_paid", "amount", "%s were paid: %s is more", a.Paid, c.Amount)
	}
	e := PaymentReturned{PartnerID: a.PartnerID, PaymentID: c.PaymentID, PayableID: c.PayableID, Amount: c.Amount, Reason: c.Reason}
	if over := a.overpaid(c.PaymentID); over.Sign() > 0 {
		e.Overpaid = over
		if c.Amount.Minor() < over.Minor() {
			e.Overpaid = c.Amount
		}
	}
	return []Event{e}, nil
}

// Taking is what a command takes on an agreement's payables before it is given: a claw-back, a SPIFF's reversal, or a payment
// outside of this ledger.
type Taking struct {
	ID      uuid.UUID     // of the claw-back, reversal or payment
	Raised  []domain.Step // the events that made something payable
	Amount  domain.Money
	Reason  string
	Payment bool // else a claw-back or reversal, which takes what is open and leaves the rest
}

// TakingOf is what a command takes on payables first; false: nothing, or the command is wrong, and refused by itself.
func TakingOf(s *State, h domain.Header, c Command) (t Taking, ok bool) {
	switch c := c.(type) {
	case ClawBack:
		t = Taking{ID: s.Agreement.newID(h, "clawback"), Amount: c.Amount, Reason: c.Reason}
	case FinishClawback:
		t = Taking{ID: c.ClawbackID, Amount: c.Amount, Reason: c.Reason}
	case RecordPayment:
		t = Taking{
			ID: s.Agreement.newID(h, "payment"), Amount: c.Amount, Reason: "paid outside of this ledger: " + c.Reference, Payment: true,
		}
	case ReverseSpiff:
		return s.takingOfSpiff(s.Agreement.newID(h, "spiff_reversal"), c)
	case FinishSpiffReversal:
		return s.takingOfSpiff(c.ReversalID, c.ReverseSpiff)
	default:
		return t, false
	}
	t.Raised = s.raised
	return t, s.exists() && s.Agreement.checkAmount(t.Amount) == nil
}

// takingOfSpiff is what a reversal takes on the SPIFF's own payable.
func (s *State) takingOfSpiff(id uuid.UUID, c ReverseSpiff) (t Taking, ok bool) {
	x := s.spiffs[c.SpiffID]
	if x == nil || s.Agreement.checkAmount(c.Amount) != nil {
		return t, false
	}
	return Taking{ID: id, Raised: []domain.Step{x.earned}, Amount: c.Amount, Reason: c.why()}, true
}

// raises reports whether an event that is just applied made something payable: the approval all until then, and behind it
// what was added or given back.
func (a *Agreement) raises(e Event) bool {
	if !a.Approved.Taken() {
		return false
	}
	switch e := e.(type) {
	case Approved:
		return e.Total.Sign() > 0
	case Adjusted:
		return e.Delta.Sign() > 0
	case ClawbackReversed:
		return e.FromPayable.Sign() > 0
	}
	return false
}
