package reactor

import (
	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
)

// Category names the reactors' own streams.
const Category = "reactor"

// Event is what happened to a reactor where the target's stream shows nothing.
type Event interface {
	domain.Event
	evolve(*State, domain.Envelope)
}

// Refused says that the target's rules did not allow an order: it is not given again.
type Refused struct {
	Reactor string    `json:"reactor"`
	Source  uuid.UUID `json:"source"` // the event that led to the order
	Stream  string    `json:"stream"` // the target
	Step    string    `json:"step"`
	Rule    string    `json:"rule"` // of the rejection
	Reason  string    `json:"reason"`
}

// EventType is reactor.refused.v1.
func (Refused) EventType() string { return "reactor.refused.v1" }

// Parked says that the reactor can't handle an event, or can't carry out what follows from it: it went on without, until
// somebody has it retried.
type Parked struct {
	Reactor        string    `json:"reactor"`
	Source         uuid.UUID `json:"source"` // the event
	SourceStream   string    `json:"source_stream"`
	SourceRevision int64     `json:"source_revision"`
	SourceType     string    `json:"source_type"`
	Stream         string    `json:"stream,omitempty"` // the target of an order that can't be carried out
	Step           string    `json:"step,omitempty"`   // of that order; empty: the event itself can't be handled
	Attempt        int       `json:"attempt"`          // 1 for the first time
	Reason         string    `json:"reason"`
}

// EventType is reactor.parked.v1.
func (Parked) EventType() string { return "reactor.parked.v1" }

// Retried says that the reactor is to handle a parked event after all. If it still can't, the event is parked again.
type Retried struct {
	Reactor string    `json:"reactor"`
	Source  uuid.UUID `json:"source"`
	Reason  string    `json:"reason"` // why it is worth another try
}

// EventType is reactor.retried.v1.
func (Retried) EventType() string { return "reactor.retried.v1" }

// Types lists every event of a reactor's stream.
func Types() []domain.Type {
	return []domain.Type{domain.TypeOf[Refused](), domain.TypeOf[Parked](), domain.TypeOf[Retried]()}
}
