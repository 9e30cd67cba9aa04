package domain

import (
	"time"

	"github.com/google/uuid"
)

// Envelope is what the ledger knows of a recorded event besides its body.
type Envelope struct {
	EventID    uuid.UUID
	Type       string
	Stream     string
	Revision   int64     // 0 for the first event of a stream
	RecordedAt time.Time // when the ledger learned it, by the store's clock
	Metadata
}

// Metadata is written beside every event. The two `$` names are EventStoreDB's own, so that its tools follow them.
type Metadata struct {
	CorrelationID uuid.UUID `json:"$correlationId"`
	CausationID   uuid.UUID `json:"$causationId"`
	CommandID     uuid.UUID `json:"command_id"`
	RequestHash   string    `json:"request_hash,omitempty"` // hex SHA-256 of the request as sent, canonical JSON
	Actor         Actor     `json:"actor"`
	EffectiveAt   time.Time `json:"effective_at"` // when it took effect; never later than recorded, but for clock skew
	Basis
}

// Beside is what is written beside one event that the command led to: as it is, but for the time of a Timed one.
func (m Metadata) Beside(e Event) Metadata {
	if t, ok := e.(Timed); ok && !t.TookEffect().IsZero() {
		m.EffectiveAt = t.TookEffect().UTC()
	}
	return m
}

// Basis is what a decision was made from: the policies applied and how far each foreign stream had been read.
type Basis struct {
	Policies    []string `json:"policy,omitempty"` // kind@version
	DecidedFrom []Source `json:"decided_from,omitempty"`
}

// Source is a stream that a decision looked at, and its last revision then; -1 where it was empty.
type Source struct {
	Stream   string `json:"stream"`
	Revision int64  `json:"revision"`
}

// Header is what every command carries besides its content.
type Header struct {
	CommandID     uuid.UUID // derived from its caller and Idempotency-Key, see CommandID
	CorrelationID uuid.UUID // zero: the command's own id
	CausationID   uuid.UUID // zero: the command's own id
	RequestHash   string
	Actor         Actor
	Now           time.Time // the handler's clock when the command came in
	EffectiveAt   time.Time // when what it says took effect: Now, or earlier
}

// Metadata is what the header says, to be written beside each event the command leads to.
func (h Header) Metadata(basis Basis) Metadata {
	return Metadata{
		CorrelationID: orElse(h.CorrelationID, h.CommandID),
		CausationID:   orElse(h.CausationID, h.CommandID),
		CommandID:     h.CommandID,
		RequestHash:   h.RequestHash,
		Actor:         h.Actor,
		EffectiveAt:   h.EffectiveAt.UTC(),
		Basis:         basis,
	}
}

func orElse(id, fallback uuid.UUID) uuid.UUID {
	if id == uuid.Nil {
		return fallback
	}
	return id
}
