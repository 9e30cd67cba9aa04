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
func Types() []domain.Type { return []domain.Type{domain.TypeOf[Recovered]()} }

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
}

// EventType is clawback.recovered.v1.
func (Recovered) EventType() string { return "clawback.recovered.v1" }
