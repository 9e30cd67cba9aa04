package rebate

import (
	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
)

// ClawBack takes back a part of an approved rebate, or all of it: first what is still to be paid, then what was paid, which
// the partner then owes.
type ClawBack struct {
	Amount domain.Money `json:"amount"` // above 0, up to what is owed and was not clawed back
	Reason string       `json:"reason"`
}

func (ClawBack) roles() []domain.Role { return financeRoles() }

func (c ClawBack) decide(s *State, h domain.Header, f Facts) ([]Event, error) {
	return c.as(s.Agreement.newID(h, "clawback"), s, h, f)
}

// FinishClawback is the second half of a claw-back whose first half, on the payables, stands there alone: the reactor's.
type FinishClawback struct {
	ClawBack
	ClawbackID uuid.UUID
}

func (c FinishClawback) decide(s *State, h domain.Header, f Facts) ([]Event, error) {
	if err := reactorOnly(h, "FinishClawback"); err != nil {
		return nil, err
	}
	return c.as(c.ClawbackID, s, h, f)
}

func (c ClawBack) as(id uuid.UUID, s *State, h domain.Header, f Facts) ([]Event, error) {
	a := &s.Agreement
	if a.clawback(id) != nil { // the other half's was first
		return nil, nil
	}
	if err := domain.FirstOf(
		domain.AdmitText("reason", c.Reason, MaxReason),
		a.approvedBy(h),
		a.checkAmount(c.Amount),
	); err != nil {
		return nil, err
	}
	switch left := a.Left(); {
	case c.Amount.Minor() > left.Minor():
		return nil, domain.Refuse("more_than_owed", "amount", "%s are left to claw back: %s is more", left, c.Amount)
	case len(a.Clawbacks) >= MaxClawbacks:
		return nil, domain.Refuse("too_many", "", "at most %d claw-backs", MaxClawbacks)
	case f.Payables.Known && f.Payables.Open.Sign() > 0 && f.Payables.Taken.Minor() < c.Amount.Minor():
		return nil, domain.Refuse("payable_open", "amount", "%s are still to be paid: take it back on the payables first", f.Payables.Open)
	}
	taken := a.take(c.Amount)
	if f.Payables.Known { // what was sent is the partner's, whether or not the bank has confirmed it
		taken = a.takeAtMost(c.Amount, f.Payables.Taken)
	}
	return []Event{ClawedBack{
		PartnerID: a.PartnerID, ClawbackID: id, Amount: c.Amount,
		FromPayable: taken.FromPayable, FromPaid: taken.FromPaid, Reason: c.Reason,
	}}, nil
}

// ReverseClawback undoes a claw-back, exactly as it was done; another person than who made it says so.
type ReverseClawback struct {
	ClawbackID uuid.UUID `json:"clawback_id"`
	Reason     string    `json:"reason"`
}

func (ReverseClawback) roles() []domain.Role { return financeRoles() }

func (c ReverseClawback) decide(s *State, h domain.Header, f Facts) ([]Event, error) {
	a := &s.Agreement
	x := a.clawback(c.ClawbackID)
	switch {
	case x == nil:
		return nil, domain.NotFound("clawback_unknown", "clawback_id", "the agreement has no claw-back %s", c.ClawbackID)
	case x.Undone.Taken():
		return nil, domain.Refuse("clawback_reversed", "clawback_id", "the claw-back is undone already")
	case f.Recovered:
		return nil, domain.Refuse("clawback_recovered", "clawback_id", "something of the claw-back is recovered from the partner already")
	}
	if err := domain.FirstOf(
		domain.AdmitText("reason", c.Reason, MaxReason),
		domain.AdmitAfter(h, "claw-back", x.Made.At),
		domain.AdmitChecker("ReverseClawback", x.Made.Actor(), h.Actor, a.PartnerID, c.Reason),
	); err != nil {
		return nil, err
	}
	return []Event{ClawbackReversed{
		PartnerID: a.PartnerID, ClawbackID: x.ID, Amount: x.Amount,
		FromPayable: x.FromPayable, FromPaid: x.FromPaid, Reason: c.Reason,
	}}, nil
}

func (a *Agreement) approvedBy(h domain.Header) error {
	if a.Status != StatusApproved {
		return domain.Refuse("wrong_status", "", "the agreement is %s: want %s", a.Status, StatusApproved)
	}
	return domain.AdmitAfter(h, "approval", a.Approved.At)
}

func (a *Agreement) checkAmount(amount domain.Money) error {
	if amount.Sign() <= 0 || amount.Currency() != a.Currency() {
		return domain.Invalid("amount", "want more than 0 in %s", a.Currency())
	}
	return nil
}
