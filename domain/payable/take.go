package payable

import (
	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
)

// TakeBack takes a part of what is open, or all of it, for a claw-back of what it follows from: the first half, which locks
// out every payout. While a payout has the payable it is refused.
type TakeBack struct {
	ClawbackID uuid.UUID    `json:"clawback_id"`
	Amount     domain.Money `json:"amount"` // above 0, up to what is open
	Reason     string       `json:"reason"`
}

func (TakeBack) roles() []domain.Role { return financeRoles() }

func (c TakeBack) decide(p *Payable, h domain.Header) ([]Event, error) {
	if err := domain.FirstOf(
		domain.AdmitID("clawback_id", c.ClawbackID),
		domain.AdmitText("reason", c.Reason, MaxReason),
	); err != nil {
		return nil, err
	}
	part, known, err := p.take(c.ClawbackID, c.ClawbackID, c.Amount, h)
	if err != nil || known {
		return nil, err
	}
	return []Event{TakenBack{
		PayableID: p.ID, PartnerID: p.PartnerID, ClawbackID: c.ClawbackID, Amount: part.Amount, Booked: part.Booked, Reason: c.Reason,
	}}, nil
}

// SetOff takes a part of what is open, or all of it, for what the partner owes because of another claw-back: the first half,
// before the recovery is recorded in the claw-back's own stream.
type SetOff struct {
	ClawbackID uuid.UUID    `json:"clawback_id"`
	RecoveryID uuid.UUID    `json:"recovery_id"`
	Amount     domain.Money `json:"amount"` // above 0, up to what is open
}

func (SetOff) roles() []domain.Role { return financeRoles() }

func (c SetOff) decide(p *Payable, h domain.Header) ([]Event, error) {
	if err := domain.FirstOf(
		domain.AdmitID("clawback_id", c.ClawbackID),
		domain.AdmitID("recovery_id", c.RecoveryID),
	); err != nil {
		return nil, err
	}
	part, known, err := p.take(c.RecoveryID, c.ClawbackID, c.Amount, h)
	if err != nil || known {
		return nil, err
	}
	return []Event{Offset{
		PayableID: p.ID, PartnerID: p.PartnerID, Kind: p.Source.Kind, ClawbackID: c.ClawbackID, RecoveryID: c.RecoveryID,
		Amount: part.Amount, Booked: part.Booked,
	}}, nil
}

// take is a part of what is open, the booked amount in proportion; known: it was taken before.
func (p *Payable) take(id, clawback uuid.UUID, amount domain.Money, h domain.Header) (part Amounts, known bool, err error) {
	if err := checkSome("amount", amount, p.Currency()); err != nil {
		return part, false, err
	}
	if before := p.TakenBy(id); before != nil {
		if before.Amount == amount && before.ClawbackID == clawback {
			return before.Amounts, true, nil
		}
		return part, false, domain.Refuse("clawback_differs", "amount", "%s is taken for this already", before.Amount)
	}
	switch {
	case p.ClaimedBy != uuid.Nil:
		return part, false, claimed(p)
	case amount.Minor() > p.Open.Amount.Minor():
		return part, false, domain.Refuse("above_open", "amount", "%s is open: %s is more", p.Open.Amount, amount)
	case len(p.Taken) >= MaxSteps:
		return part, false, domain.Refuse("too_many", "", "at most %d parts of a payable are taken", MaxSteps)
	}
	return p.Open.part(amount), false, domain.AdmitAfter(h, "raising", p.RaisedStep.At)
}
