package clawback

import (
	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
)

// Recover says that the partner no longer owes a part of what was clawed back after it had been paid: it paid, it was offset
// against what it is owed, or it is written off. All of it together is never above what is owed.
type Recover struct {
	ClawbackID  uuid.UUID    `json:"clawback_id"`
	By          Means        `json:"by"`
	Amount      domain.Money `json:"amount"`                 // above 0, in the currency of what was clawed back
	BankAccount string       `json:"bank_account,omitempty"` // of ours, that a payment went to
	PayableID   uuid.UUID    `json:"payable_id,omitzero"`    // that an offset takes from
	Reference   string       `json:"reference"`              // of the payment, or why it is written off

	// RecoveryID is that of an offset whose first half, on the payable, stands there alone: the reactor's. Anybody else's
	// follows from the command.
	RecoveryID uuid.UUID `json:"-"`
}

// Recovery is the id of the recovery that the command records.
func (c Recover) Recovery(h domain.Header) uuid.UUID {
	if c.RecoveryID != uuid.Nil {
		return c.RecoveryID
	}
	return RecoveryID(h.CommandID, c.ClawbackID)
}

// RecoveryID is the id of the recovery that a command records: the payable's half of an offset has it, too.
func RecoveryID(command, clawback uuid.UUID) uuid.UUID {
	return domain.EntityID(command, domain.StreamName(Category, clawback), "recovery")
}

func (Recover) roles() []domain.Role { return []domain.Role{domain.Finance, domain.ServiceRole} }

func (c Recover) decide(s *State, h domain.Header, f Facts) ([]Event, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	id := c.Recovery(h)
	switch {
	case c.RecoveryID != uuid.Nil && h.Actor.Kind != domain.Reactor:
		return nil, domain.Forbid("reactor_only", "a half recovery is finished by the reactor, nobody does it by hand")
	case s.Has(id):
		return nil, nil
	}
	e := Recovered{
		ClawbackID: c.ClawbackID, RecoveryID: id, PartnerID: f.Debt.PartnerID, By: c.By, Amount: c.Amount, BankAccount: c.BankAccount,
		PayableID: c.PayableID, Reference: c.Reference,
	}
	if c.By == ByOffset {
		e.PayableKind = f.Offset.Kind
	}
	if err := domain.FirstOf(
		s.owes(f, c.ClawbackID, c.Amount), domain.AdmitAfter(h, "claw-back", f.Debt.Since), c.isOffset(f), s.hasRoom(),
	); err != nil {
		return nil, err
	}
	return []Event{e}, nil
}

func (c Recover) check() error {
	if err := domain.FirstOf(
		domain.AdmitID("clawback_id", c.ClawbackID),
		domain.AdmitOneOf("by", c.By, AllMeans()...),
		domain.AdmitText("reference", c.Reference, MaxReference),
	); err != nil {
		return err
	}
	switch {
	case c.Amount.Sign() <= 0:
		return domain.Invalid("amount", "want more than 0 and its currency")
	case (c.By == ByPayment) != (c.BankAccount != ""):
		return domain.Invalid("bank_account", "want it of a payment, and of nothing else")
	case (c.By == ByOffset) != (c.PayableID != uuid.Nil):
		return domain.Invalid("payable_id", "want it of an offset, and of nothing else")
	}
	return domain.AdmitOptionalText("bank_account", c.BankAccount, MaxReference)
}

// owes refuses more than what is still owed.
func (s *State) owes(f Facts, id uuid.UUID, amount domain.Money) error {
	d := f.Debt
	if !d.Known {
		return domain.NotFound("clawback_unknown", "clawback_id", "there is no claw-back %s of what was paid", id)
	}
	if amount.Currency() != d.Amount.Currency() {
		return domain.Invalid("amount", "want %s, not %s", d.Amount.Currency(), amount.Currency())
	}
	if left := s.Left(f); amount.Minor() > left.Minor() {
		return domain.Refuse("more_than_owed", "amount", "%s are owed: %s is more", left, amount)
	}
	return nil
}

func (s *State) hasRoom() error {
	if len(s.Recoveries) >= MaxRecoveries || len(s.Clearings) >= MaxRecoveries {
		return domain.Refuse("too_many", "", "at most %d recoveries", MaxRecoveries)
	}
	return nil
}

// Left is what the partner still owes, without what payables gave for it already. It is below 0 where a payment that was too
// much came back behind its recovery.
func (s *State) Left(f Facts) domain.Money {
	return domain.Must(domain.Must(f.Debt.Amount.Sub(s.Recovered)).Sub(f.Pending))
}

// isOffset wants the payable's half of an offset, of the same partner.
func (c Recover) isOffset(f Facts) error {
	switch {
	case c.By != ByOffset:
		return nil
	case f.Offset.PartnerID != f.Debt.PartnerID:
		return domain.Refuse("other_partner", "payable_id", "the payable is not the partner's")
	case f.Offset.Amount != c.Amount:
		return domain.Refuse("not_offset", "payable_id", "the payable gave %s for it: offset it there first", f.Offset.Amount)
	}
	return nil
}
