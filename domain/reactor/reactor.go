// Package reactor holds the rules that span streams: pure functions from events to commands on other streams. A rule folds
// the log itself and never asks a read model, so that the same log always leads to the same commands.
package reactor

import (
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
)

// Rule is one reactor.
type Rule interface {
	// Name is part of the ids of its commands: never change it.
	Name() string
	// Types are the event types that it folds.
	Types() []string
	// Observe folds an event; call it in the log's order. A rule panics about an event that it can't handle: the event is
	// parked, and the rule starts anew without it.
	Observe(domain.Event, domain.Envelope)
	// Due hands out what is to be done at a moment and was not handed out before, oldest first.
	Due(now time.Time) []Order
	// Next is when Due will have something; false where nothing is planned.
	Next() (time.Time, bool)
}

// All are the reactors that a ledger runs, each with nothing in mind. A new one is a line here.
func All() []Rule {
	return []Rule{
		NewScheduler(),
		NewRebates(),
		NewCrossing(),
		NewDepartures(),
		NewFunds(),
		NewPayables(),
		NewPayouts(),
		NewClearing(),
		NewDisputes(),
	}
}

// Order is a command that a reactor gives because of an event.
type Order struct {
	Stream      string          // the target
	Command     any             // of the target's aggregate
	Cause       domain.Envelope // the event that led to it
	Step        string          // tells the orders of one cause apart
	EffectiveAt time.Time
	OnBehalfOf  string // the actor whose decision it completes; empty: the rule's own
}

// Header is what the order's command carries: ids derived from reactor, cause and step, so that giving it again is no new
// command.
func (o Order) Header(rule string) domain.Header {
	return domain.Header{
		CommandID:     domain.ReactionID(rule, o.Cause.EventID, o.Step),
		CorrelationID: o.Cause.CorrelationID,
		CausationID:   o.Cause.EventID,
		Actor:         domain.Actor{ID: Actor(rule).ID, Kind: domain.Reactor, OnBehalfOf: o.OnBehalfOf},
		EffectiveAt:   o.EffectiveAt,
	}
}

// Actor is who a reactor's commands come from.
func Actor(rule string) domain.Actor {
	return domain.Actor{ID: "reactor:" + rule, Kind: domain.Reactor}
}

// StreamID is the id of a reactor's own stream, where it notes what is no append on a target.
func StreamID(rule string) uuid.UUID { return domain.DeriveID("reactor", rule) }
