package clawback

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
)

// Bounds of what a claw-back holds; texts are counted in characters.
const (
	MaxReference  = 200
	MaxRecoveries = 500
)

// State is how much of one claw-back is recovered.
type State struct {
	ID         uuid.UUID    `json:"clawback_id"`
	Recovered  domain.Money `json:"recovered"`
	Recoveries []Recovered  `json:"recoveries"` // as they were recorded
	Revision   int64        `json:"revision"`   // of the last one; -1: there is none
}

// Has reports whether a recovery is recorded.
func (s *State) Has(recovery uuid.UUID) bool {
	return slices.ContainsFunc(s.Recoveries, func(r Recovered) bool { return r.RecoveryID == recovery })
}

// Facts are what other streams say.
type Facts struct {
	Debt    Debt         // what is to be recovered
	Offset  Offset       // what the payable gave for the recovery at hand
	Pending domain.Money // what payables gave for others that aren't recorded yet: it is spoken for
}

// Debt is what a partner owes because of a claw-back of what it had been paid, as the fund or agreement has it.
type Debt struct {
	Known     bool
	PartnerID uuid.UUID
	Amount    domain.Money // nought once the claw-back is undone
	Since     time.Time    // when the claw-back took effect
}

// Offset is what stands on the payable that an offset takes from: its half comes first.
type Offset struct {
	PartnerID uuid.UUID
	Kind      string       // of the payable
	Amount    domain.Money // offset there for this recovery
}

// Decider is the claw-back seen from outside.
func Decider() domain.Decider[*State, Recover, Facts, Event] {
	return domain.Decider[*State, Recover, Facts, Event]{
		Category: Category,
		Types:    Types(),
		Initial:  func() *State { return &State{Recoveries: []Recovered{}, Revision: -1} },
		Decide:   func(s *State, h domain.Header, f Facts, c Recover) ([]Event, error) { return c.decide(s, h, f) },
		Evolve: func(s *State, e Event, env domain.Envelope) *State {
			e.evolve(s, env)
			return s
		},
	}
}

func (e Recovered) evolve(s *State, env domain.Envelope) {
	s.ID, s.Recoveries, s.Revision = e.ClawbackID, append(s.Recoveries, e), env.Revision
	s.Recovered = domain.Must(s.Recovered.Add(e.Amount)) // never above what is owed
}

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

func (c Recover) decide(s *State, h domain.Header, f Facts) ([]Event, error) {
	if err := domain.Admit(h, "Recover", []domain.Role{domain.Finance, domain.ServiceRole}); err != nil {
		return nil, err
	}
	if h.Actor.OfPartner() {
		return nil, domain.Forbid("vendor_only", "Recover is the vendor's: nobody of a partner may do it")
	}
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
	if err := domain.FirstOf(c.owed(s, f), domain.AdmitAfter(h, "claw-back", f.Debt.Since), c.isOffset(f)); err != nil {
		return nil, err
	}
	if len(s.Recoveries) >= MaxRecoveries {
		return nil, domain.Refuse("too_many", "", "at most %d recoveries", MaxRecoveries)
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

// owed refuses more than what is still owed.
func (c Recover) owed(s *State, f Facts) error {
	d := f.Debt
	if !d.Known {
		return domain.NotFound("clawback_unknown", "clawback_id", "there is no claw-back %s of what was paid", c.ClawbackID)
	}
	if c.Amount.Currency() != d.Amount.Currency() {
		return domain.Invalid("amount", "want %s, not %s", d.Amount.Currency(), c.Amount.Currency())
	}
	if left := s.Left(f); c.Amount.Minor() > left.Minor() {
		return domain.Refuse("more_than_owed", "amount", "%s are owed: %s is more", left, c.Amount)
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
