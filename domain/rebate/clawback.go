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

func (c ClawBack) decide(s *State, h domain.Header, _ Facts) ([]Event, error) {
	a := &s.Agreement
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
	}
	taken := a.take(c.Amount)
	return []Event{ClawedBack{
		PartnerID: a.PartnerID, ClawbackID: a.newID(h, "clawback"), Amount: c.Amount,
		FromPayable: taken.FromPayable, FromPaid: taken.FromPaid, Reason: c.Reason,
	}}, nil
}

// ReverseClawback undoes a claw-back, exactly as it was done; another person than who made it says so.
type ReverseClawback struct {
	ClawbackID uuid.UUID `json:"clawback_id"`
	Reason     string    `json:"reason"`
}

func (ReverseClawback) roles() []domain.Role { return financeRoles() }

func (c ReverseClawback) decide(s *State, h domain.Header, _ Facts) ([]Event, error) {
	a := &s.Agreement
	x := a.clawback(c.ClawbackID)
	switch {
	case x == nil:
		return nil, domain.NotFound("clawback_unknown", "clawback_id", "the agreement has no claw-back %s", c.ClawbackID)
	case x.Undone.Taken():
		return nil, domain.Refuse("clawback_reversed", "clawback_id", "the claw-back is undone already")
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

// RecordPayment says that a part of an approved rebate reached the partner.
type RecordPayment struct {
	Amount    domain.Money `json:"amount"` // above 0, up to what is payable
	Reference string       `json:"reference"`
}

func (RecordPayment) roles() []domain.Role { return []domain.Role{domain.Treasury, domain.ServiceRole} }

func (c RecordPayment) decide(s *State, h domain.Header, _ Facts) ([]Event, error) {
	a := &s.Agreement
	if err := domain.FirstOf(
		domain.AdmitText("reference", c.Reference, MaxReference),
		a.approvedBy(h),
		a.checkAmount(c.Amount),
	); err != nil {
		return nil, err
	}
	if c.Amount.Minor() > a.Payable.Minor() {
		return nil, domain.Refuse("more_than_payable", "amount", "%s are payable: %s is more", a.Payable, c.Amount)
	}
	return []Event{Paid{
		PartnerID: a.PartnerID, PaymentID: a.newID(h, "payment"), Amount: c.Amount, Reference: c.Reference,
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
