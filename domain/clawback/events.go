package clawback

import (
	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
)

// Category is the first part of the stream's name.
const Category = "clawback"

// Means is how a partner's debt ends.
type Means string

// The means.
const (
	ByPayment  Means = "payment"
	ByOffset   Means = "offset"
	ByWriteOff Means = "write_off"
)

// AllMeans lists every means.
func AllMeans() []Means { return []Means{ByPayment, ByOffset, ByWriteOff} }

// Event is a fact in a claw-back's stream.
type Event interface {
	domain.Event
	evolve(*State, domain.Envelope)
}

// Types lists every event type that a claw-back's stream may hold.
func Types() []domain.Type {
	return []domain.Type{
		domain.TypeOf[Recovered](),
		domain.TypeOf[RecoveryUndone](),
		domain.TypeOf[Cleared](),
		domain.TypeOf[ClearingUndone](),
	}
}

// Recovered says: the partner no longer owes this part of what was clawed back after it had been paid.
type Recovered struct {
	ClawbackID  uuid.UUID    `json:"clawback_id"`
	RecoveryID  uuid.UUID    `json:"recovery_id"`
	PartnerID   uuid.UUID    `json:"partner_id"`
	By          Means        `json:"by"`
	Amount      domain.Money `json:"amount"`                 // above 0, in the receivable's currency
	BankAccount string       `json:"bank_account,omitempty"` // of ours, that a payment went to
	PayableID   uuid.UUID    `json:"payable_id,omitzero"`    // that an offset takes from
	PayableKind string       `json:"payable_kind,omitempty"` // of the same: which liability
	Reference   string       `json:"reference"`              // of the payment, or why it is written off
	// MatchID is the match of a bank's line that showed a payment which nobody had recorded: it stands and falls with that.
	MatchID uuid.UUID `json:"match_id,omitzero"`
}

// EventType is clawback.recovered.v1.
func (Recovered) EventType() string { return "clawback.recovered.v1" }

// RecoveryUndone says: the match that told of the payment was wrong; the partner owes that part again.
type RecoveryUndone struct {
	ClawbackID uuid.UUID `json:"clawback_id"`
	PartnerID  uuid.UUID `json:"partner_id"`
	Recovery   Recovered `json:"recovery"` // as it was
	Reason     string    `json:"reason"`
}

// EventType is clawback.recovery_undone.v1.
func (RecoveryUndone) EventType() string { return "clawback.recovery_undone.v1" }

// Cleared says: a line of a bank statement shows what the partner paid, or a part of it. It moves no money: Recovered did.
type Cleared struct {
	ClawbackID  uuid.UUID    `json:"clawback_id"`
	PartnerID   uuid.UUID    `json:"partner_id"`
	BankAccount string       `json:"bank_account"` // of ours
	StatementID uuid.UUID    `json:"statement_id"`
	MatchID     uuid.UUID    `json:"match_id"` // in the statement's stream
	Amount      domain.Money `json:"amount"`   // above 0
}

// EventType is clawback.cleared.v1.
func (Cleared) EventType() string { return "clawback.cleared.v1" }

// ClearingUndone says: the match was wrong.
type ClearingUndone struct {
	ClawbackID  uuid.UUID    `json:"clawback_id"`
	PartnerID   uuid.UUID    `json:"partner_id"`
	BankAccount string       `json:"bank_account"`
	StatementID uuid.UUID    `json:"statement_id"`
	MatchID     uuid.UUID    `json:"match_id"`
	Amount      domain.Money `json:"amount"`
	Reason      string       `json:"reason"`
}

// EventType is clawback.clearing_undone.v1.
func (ClearingUndone) EventType() string { return "clawback.clearing_undone.v1" }
