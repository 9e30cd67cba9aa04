// Package program holds a channel program's rules: policies as versioned, effective-dated data, and who acts for whom
// (domain.md section 2). A ledger has one program. A version never changes; a decision pins the version it was made by.
package program

import (
	"encoding/json"
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/policy"
)

// Event is what a program's stream holds.
type Event interface {
	domain.Event
	evolve(*State, domain.Envelope)
}

// Created starts the program.
type Created struct {
	Zone string `json:"zone"` // IANA name: a date of the program is a day there
}

// PolicyPublished adds a version of a policy.
type PolicyPublished struct {
	Kind          policy.Kind     `json:"kind"`
	Version       int             `json:"version"`              // counted from 1 for each kind
	EffectiveFrom time.Time       `json:"effective_from"`       // the first moment it holds at, may be in the future
	Body          json.RawMessage `json:"body"`                 // of the kind, valid when it was published
	BecauseOf     []uuid.UUID     `json:"because_of,omitempty"` // disputes that led to it
}

// PolicyRetired ends a version: it holds at no moment from the event's effective time on.
type PolicyRetired struct {
	Kind    policy.Kind `json:"kind"`
	Version int         `json:"version"`
	Reason  string      `json:"reason"`
}

// DelegationGranted lets one person act for another. Both are ids of actors, opaque: never a name.
type DelegationGranted struct {
	DelegationID uuid.UUID       `json:"delegation_id"`
	From         string          `json:"from"`  // who is away
	To           string          `json:"to"`    // who acts for them
	Start        domain.Date     `json:"start"` // first day in the program's zone; where it is granted later, it holds from then on
	End          domain.Date     `json:"end"`   // last day in the program's zone, all of it
	Reason       domain.Personal `json:"reason" subject:"delegation_id"`
}

// DelegationRevoked ends a delegation before its last day is over: it holds at no moment from the event's effective time on.
type DelegationRevoked struct {
	DelegationID uuid.UUID       `json:"delegation_id"`
	Reason       domain.Personal `json:"reason" subject:"delegation_id"`
}

// EventType is program.created.v1.
func (Created) EventType() string { return "program.created.v1" }

// EventType is program.policy_published.v1.
func (PolicyPublished) EventType() string { return "program.policy_published.v1" }

// EventType is program.policy_retired.v1.
func (PolicyRetired) EventType() string { return "program.policy_retired.v1" }

// EventType is program.delegation_granted.v1.
func (DelegationGranted) EventType() string { return "program.delegation_granted.v1" }

// EventType is program.delegation_revoked.v1.
func (DelegationRevoked) EventType() string { return "program.delegation_revoked.v1" }

// Types lists every event of a program.
func Types() []domain.Type {
	return []domain.Type{
		domain.TypeOf[Created](),
		domain.TypeOf[PolicyPublished](),
		domain.TypeOf[PolicyRetired](),
		domain.TypeOf[DelegationGranted](),
		domain.TypeOf[DelegationRevoked](),
	}
}
