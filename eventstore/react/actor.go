package react

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/reactor"
	"github.com/channelledger/channelledger/eventstore"
)

// errAgain ends a pass: the rules are to be folded anew from the log's beginning, because a parked event is retried, or
// because a rule broke off in the middle of an event and can't be trusted any more.
var errAgain = errors.New("the reactors are folded anew")

// retriedType tells that a parked event is to be handled after all.
var retriedType = reactor.Retried{}.EventType()

// actor is one rule and its own stream.
type actor struct {
	reactor.Rule
	types  []string
	stream string
	state  *reactor.State
	parked atomic.Int64 // also what was parked in this pass and isn't in the state yet
}

// begin makes the rules anew, and reads what each has parked.
func (r *Runner) begin(ctx context.Context) error {
	r.actors, r.byStream = nil, map[string]*actor{}
	for _, rule := range r.rules() {
		a := &actor{
			Rule: rule, types: rule.Types(), state: reactor.NewState(),
			stream: domain.StreamName(reactor.Category, reactor.StreamID(rule.Name())),
		}
		for recorded, err := range r.store.Read(ctx, a.stream, eventstore.NoStream) {
			if err == nil {
				err = a.note(r.codec, recorded)
			}
			if err != nil {
				return fmt.Errorf("reactor %s, its own stream: %w", rule.Name(), err)
			}
		}
		a.parked.Store(int64(len(a.state.Parked)))
		r.actors, r.byStream[a.stream] = append(r.actors, a), a
	}
	r.progress.fold(eventstore.Position{})
	r.showParked()
	return nil
}

// note folds an event of the reactor's own stream.
func (a *actor) note(codec *eventstore.Codec, recorded eventstore.Recorded) error {
	event, envelope, err := codec.Decode(recorded)
	if err != nil {
		return err
	}
	own, ok := event.(reactor.Event)
	if !ok {
		return fmt.Errorf("%s is no event of a reactor", recorded.Type)
	}
	a.state.Apply(own, envelope)
	return nil
}

// ownEvent takes in what was recorded in a reactor's own stream since it began.
func (r *Runner) ownEvent(recorded eventstore.Recorded) error {
	a := r.byStream[recorded.Stream]
	if a == nil || int64(recorded.Revision) <= a.state.Revision {
		return nil
	}
	if err := a.note(r.codec, recorded); err != nil {
		return fmt.Errorf("reactor %s, its own stream: %w", a.Name(), err)
	}
	r.showParked()
	if recorded.Type == retriedType {
		return errAgain
	}
	return nil
}

// takes reports whether the rule is to see an event.
func (a *actor) takes(recorded eventstore.Recorded) bool {
	return slices.Contains(a.types, recorded.Type) && !a.state.Waits(recorded.ID, "")
}

// observe shows an event to the rule. Errors: the rule panicked.
func (a *actor) observe(event domain.Event, envelope domain.Envelope) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("reactor %s can't handle it: %v", a.Name(), p)
		}
	}()
	a.Observe(event, envelope)
	return nil
}
