package payable

import (
	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
)

// TakeBack takes a part of what is open, or all of it, for a claw-back of what it follows from: the first half, which locks
// out every payout. While a payout has the payable it is refused. Given again for the same claw-back it takes what is missing
// to the amount, and nothing where nothing is. A hold doesn't stop it: it pays nobody.
type TakeBack struct {
	ClawbackID uuid.UUID    `json:"clawback_id"`
	Amount     domain.Money `json:"amount"` // above 0, up to what is open
	Reason     string       `json:"reason"`
	Cause      Cause        `json:"cause"`
	InputTax   domain.Money `json:"input_tax,omitzero"` // of a claim's claw-back: how much of the amount is tax paid along
}

func (TakeBack) roles() []domain.Role { return financeRoles() }

func (c TakeBack) decide(p *Payable, h domain.Header) ([]Event, error) {
	if err := domain.FirstOf(
		domain.AdmitID("clawback_id", c.ClawbackID),
		domain.AdmitText("reason", c.Reason, MaxReason),
		domain.AdmitOneOf("cause", c.Cause, CauseClawback, CauseAdjustment, CausePayment),
	); err != nil {
		return nil, err
	}
	if err := checkSome("amount", c.Amount, p.Currency()); err != nil {
		return nil, err
	}
	missing := sum(c.Amount, p.TakenBy(c.ClawbackID).Amount.Neg())
	if missing.Sign() <= 0 {
		return nil, nil
	}
	part, err := p.take(missing, h)
	if err != nil {
		return nil, err
	}
	return []Event{TakenBack{
		PayableID: p.ID, PartnerID: p.PartnerID, ClawbackID: c.ClawbackID, Amount: part.Amount, Booked: part.Booked, Reason: c.Reason,
		Cause: c.Cause, InputTax: c.InputTax,
	}}, nil
}

// SetOff takes a part of what is open, or all of it, for what the partner owes because of another claw-back: the first half,
// before the recovery is recorded in the claw-back's own stream. It pays in kind, so that a hold stops it.
type SetOff struct {
	ClawbackID uuid.UUID    `json:"clawback_id"`
	RecoveryID uuid.UUID    `json:"recovery_id"`
	Amount     domain.Money `json:"amount"`              // above 0, up to what is open
	Reference  string       `json:"reference,omitempty"` // of the recovery: why it is offset
}

func (SetOff) roles() []domain.Role { return financeRoles() }

func (c SetOff) decide(p *Payable, h domain.Header) ([]Event, error) {
	if err := domain.FirstOf(
		domain.AdmitID("clawback_id", c.ClawbackID),
		domain.AdmitID("recovery_id", c.RecoveryID),
		domain.AdmitOptionalText("reference", c.Reference, MaxReference),
	); err != nil {
		return nil, err
	}
	if err := checkSome("amount", c.Amount, p.Currency()); err != nil {
		return nil, err
	}
	if before := p.TakenBy(c.RecoveryID).Amount; before == c.Amount {
		return nil, nil
	} else if before.Sign() > 0 {
		return nil, domain.Refuse("recovery_differs", "amount", "%s are offset for this already", before)
	}
	if err := p.notHeld(); err != nil {
		return nil, err
	}
	part, err := p.take(c.Amount, h)
	if err != nil {
		return nil, err
	}
	return []Event{Offset{
		PayableID: p.ID, PartnerID: p.PartnerID, Kind: p.Source.Kind, ClawbackID: c.ClawbackID, RecoveryID: c.RecoveryID,
		Amount: part.Amount, Booked: part.Booked, Reference: c.Reference,
	}}, nil
}

// take is a part of what is open, the booked amount in proportion.
func (p *Payable) take(amount domain.Money, h domain.Header) (Amounts, error) {
	switch {
	case p.ClaimedBy != uuid.Nil:
		return Amounts{}, claimed(p)
	case amount.Minor() > p.Open.Amount.Minor():
		return Amounts{}, domain.Refuse("above_open", "amount", "%s is open: %s is more", p.Open.Amount, amount)
	case len(p.Taken) >= MaxSteps:
		return Amounts{}, domain.Refuse("too_many", "", "at most %d parts of a payable are taken", MaxSteps)
	}
	return p.Open.part(amount), domain.AdmitAfter(h, "raising", p.RaisedStep.At)
}
