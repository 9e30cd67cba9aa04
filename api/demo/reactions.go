package demo

import (
	"slices"
	"time"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/reactor"
	"github.com/channelledger/channelledger/eventstore"
	"github.com/channelledger/channelledger/eventstore/ledger"
)

// reactions are the ledger's own reactors, one step at a time: while the story is told nobody else runs them, and what they
// do has its place in it. Their commands' ids are derived, so whoever runs them later finds them done.
type reactions struct {
	rules []reactor.Rule
	after eventstore.Position
	last  time.Time // when the last event that they saw was recorded
}

// settle lets the reactors do what is due by that day: money crosses from budgets to funds, deadlines pass, won deals count.
func (t *teller) settle(daysAgo int) {
	now := t.today.AddDate(0, 0, -daysAgo).Add(time.Duration(t.steps) * time.Minute)
	for t.err == nil && t.observe() {
		if !t.carryOut(now, t.reactions.rules) {
			return
		}
	}
}

// settleCases lets disputes go on by themselves. Their times run from when things are recorded, which is now: what follows at
// once happens, and no deadline passes.
func (t *teller) settleCases() {
	var cases []reactor.Rule
	for _, rule := range t.reactions.rules {
		if rule.Name() == reactor.NewDisputes().Name() {
			cases = append(cases, rule)
		}
	}
	for t.err == nil && t.observe() {
		if !t.carryOut(t.reactions.last, cases) {
			return
		}
	}
}

// observe shows the rules what was recorded since.
func (t *teller) observe() bool {
	for message, err := range t.ledger.Store.Follow(t.ctx, t.reactions.after, eventstore.Filter{Categories: ledger.Categories()}) {
		if t.fail(err, reactor.Order{}); err != nil {
			return false
		}
		t.reactions.after = message.Position
		switch message.Kind {
		case eventstore.CaughtUp:
			return true
		case eventstore.Appeared:
			t.reactions.last = message.Event.RecordedAt
			event, envelope, err := t.ledger.Codec.Decode(message.Event)
			if t.fail(err, reactor.Order{}); err != nil {
				return false
			}
			for _, rule := range t.reactions.rules {
				if slices.Contains(rule.Types(), event.EventType()) {
					rule.Observe(event, envelope)
				}
			}
		}
	}
	return false
}

// carryOut gives what is due, and reports whether there was anything. What a rule of the domain refuses stays undone here:
// the running reactors note it.
func (t *teller) carryOut(now time.Time, rules []reactor.Rule) (any bool) {
	for _, rule := range rules {
		for _, order := range rule.Due(now) {
			any = true
			_, err := t.ledger.Dispatch(t.ctx, order.Stream, order.Header(rule.Name()), order.Command)
			if domain.AsRejection(err) == nil {
				t.fail(err, order.Command)
			}
		}
	}
	return any
}
