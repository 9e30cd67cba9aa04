// Package domain is the pure core of the ledger: what an event, a command and a decision are.
// It does no I/O, reads no clock and draws no random number, so that the same history always folds to the same state.
package domain

import "time"

// Event is one fact in the past tense. Its type name is the contract on the wire: `<noun>.<past_tense>.v<N>`.
type Event interface{ EventType() string }

// Timed is an event that may take effect at another moment than the command that it follows from: a late record can turn
// what happened since into something else.
type Timed interface {
	Event
	TookEffect() time.Time // zero: with the command
}

// Decider is an aggregate seen from outside: which stream it owns, which events that stream may hold, how a command
// becomes events and how events become state (Chassaing, "Functional event sourcing: Decider").
//
//	S  the folded state          C  the aggregate's sealed commands
//	F  facts of other streams    E  the aggregate's sealed events
//
// Evolve may change S in place and returns it; Decide must leave S as it was.
type Decider[S, C, F any, E Event] struct {
	Category string   // stream = Category + "-" + id
	Types    []Type   // every event type, old versions included, that such a stream may hold
	Initial  func() S // the state of a stream without events
	Decide   func(S, Header, F, C) ([]E, error)
	Evolve   func(S, E, Envelope) S
}

// Type ties a name on the wire to the Go value that carries it.
type Type struct {
	Name  string
	New   func() any      // a pointer to an empty value, for the codec to decode into
	Value func(any) Event // the event behind that pointer, upcast where the name is an old version
}

// TypeOf describes the event type E as it is written today.
func TypeOf[E Event]() Type {
	var zero E
	return Type{
		Name:  zero.EventType(),
		New:   func() any { return new(E) },
		Value: func(p any) Event { return *p.(*E) },
	}
}

// Upcast describes an old version of an event: its bytes stay as they are and are read as the current event that
// `to` makes of them.
func Upcast[Old, Current Event](to func(Old) Current) Type {
	old := TypeOf[Old]()
	old.Value = func(p any) Event { return to(*p.(*Old)) }
	return old
}
