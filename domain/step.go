package domain

import (
	"time"

	"github.com/google/uuid"
)

// Step is who did something, when it took effect, and when and where the ledger recorded it: what folds keep of an event.
type Step struct {
	At         time.Time `json:"at"`
	RecordedAt time.Time `json:"recorded_at"`
	Revision   int64     `json:"revision"` // of its event in the stream
	EventID    uuid.UUID `json:"event_id"`
	By         string    `json:"by"` // the actor's id
	OnBehalfOf string    `json:"on_behalf_of,omitempty"`
	ByPartner  uuid.UUID `json:"by_partner,omitzero"` // whose people the actor is of; left out: of no partner's
	Reason     string    `json:"reason,omitempty"`
}

// StepOf is the step that an event was, and why it was taken where somebody said so.
func StepOf(env Envelope, reason string) Step {
	return Step{
		At: env.EffectiveAt, RecordedAt: env.RecordedAt, Revision: env.Revision, EventID: env.EventID,
		By: env.Actor.ID, OnBehalfOf: env.Actor.OnBehalfOf, ByPartner: env.Actor.PartnerID, Reason: reason,
	}
}

// Taken reports whether the step was taken at all.
func (s Step) Taken() bool { return s.EventID != uuid.Nil }

// Actor is who took it, as far as AdmitChecker needs to know.
func (s Step) Actor() Actor { return Actor{ID: s.By, OnBehalfOf: s.OnBehalfOf} }
