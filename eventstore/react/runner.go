// Package react runs the reactors of domain/reactor: it feeds them the log and gives their commands.
package react

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/reactor"
	"github.com/channelledger/channelledger/eventstore"
)

// How long the runner waits after the log or a target was out of reach: doubled from the first to the last.
const (
	firstBackoff = 100 * time.Millisecond
	lastBackoff  = 10 * time.Second
)

// maxUnhandled bounds how many events are folded before what they led to is carried out, on a log that never pauses.
const maxUnhandled = 4096

// maxAtOnce bounds how many streams get orders side by side.
const maxAtOnce = 64

// Dispatch gives a command to the stream's aggregate.
type Dispatch func(ctx context.Context, stream string, header domain.Header, command any) (eventstore.Outcome, error)

// Runner feeds rules with the log, from its beginning whenever the process starts, and gives the commands that they order.
// It keeps no checkpoint: ids are derived, so an order that was carried out before is a known command.
type Runner struct {
	store    eventstore.Store
	codec    *eventstore.Codec
	dispatch Dispatch
	clock    func() time.Time
	log      *slog.Logger
	rules    func() []reactor.Rule
	filter   eventstore.Filter
	progress progress

	actors   []*actor
	byStream map[string]*actor
}

// New runs rules over a store. The clock says when an order is due; rules makes them with nothing folded, as reactor.All
// does, and is called whenever they are folded anew.
func New(
	store eventstore.Store, codec *eventstore.Codec, dispatch Dispatch, clock func() time.Time, log *slog.Logger,
	categories []string, rules func() []reactor.Rule,
) *Runner {
	r := &Runner{
		store: store, codec: codec, dispatch: dispatch, clock: clock, log: log, rules: rules,
		filter:   eventstore.Filter{Categories: categories},
		progress: newProgress(),
	}
	for _, rule := range rules() {
		r.progress.status.Rules = append(r.progress.status.Rules, RuleStatus{Name: rule.Name()})
	}
	return r
}

// Run feeds and carries out until ctx ends. It returns an error only for what can't be got over: a reactor's own stream that
// can't be read or written, or more parked than MaxParked. Status then tells which.
func (r *Runner) Run(ctx context.Context) error {
	wait := firstBackoff
	for {
		before := r.progress.read().Position
		err := r.pass(ctx)
		switch {
		case ctx.Err() != nil:
			return nil //nolint:nilerr // the end that was asked for
		case errors.Is(err, errAgain):
			r.actors, wait = nil, firstBackoff
			continue
		case !errors.Is(err, eventstore.ErrUnavailable):
			r.progress.halt(err)
			return err
		}
		if r.progress.read().Position != before {
			wait = firstBackoff
		}
		r.log.WarnContext(ctx, "reactors wait for the log", "error", err, "wait", wait)
		if !sleep(ctx, wait) {
			return nil
		}
		wait = min(2*wait, lastBackoff)
	}
}

// pass goes on from where it stopped, or begins.
func (r *Runner) pass(ctx context.Context) error {
	if r.actors == nil {
		if err := r.begin(ctx); err != nil {
			r.actors = nil
			return err
		}
	}
	return r.follow(ctx)
}

// follow reads from where it stopped; what is due is carried out at the log's end and when its time comes.
func (r *Runner) follow(ctx context.Context) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	messages := pump(ctx, r.store.Follow(ctx, r.progress.folded(), r.filter))
	live, unhandled := false, 0
	for {
		timer := r.untilNext(live)
		select {
		case next, ok := <-messages:
			timer.Stop()
			if !ok {
				return fmt.Errorf("the log's end was lost: %w", eventstore.ErrUnavailable)
			}
			if next.err != nil {
				return next.err
			}
			if err := r.take(ctx, next.message); err != nil {
				return err
			}
			live = live || next.message.Kind == eventstore.CaughtUp
			unhandled++
			if !live || next.message.Kind == eventstore.Appeared && unhandled < maxUnhandled {
				continue // what the past led to mostly stands in the log itself, further on
			}
			unhandled = 0
		case <-timer.C:
		}
		if err := r.carryOut(ctx); err != nil {
			return err
		}
	}
}

// take folds one message into the rules that want it.
func (r *Runner) take(ctx context.Context, m eventstore.Message) error {
	if m.Kind == eventstore.Appeared {
		if err := r.ownEvent(m.Event); err != nil {
			return err
		}
		if err := r.observe(ctx, m.Event); err != nil {
			return err
		}
	}
	r.progress.fold(m.Position)
	return nil
}

// observe shows an event to the rules that take it. One that can't handle it goes on without; what broke off in the middle
// begins again without.
func (r *Runner) observe(ctx context.Context, recorded eventstore.Recorded) error {
	decode := sync.OnceValues(func() (decoded, error) { return r.decode(recorded) })
	var again error
	for _, a := range r.actors {
		if !a.takes(recorded) {
			continue
		}
		d, err := decode()
		if err == nil {
			if err = a.observe(d.event, d.envelope); err != nil {
				again = errAgain
			}
		}
		if err != nil {
			if err := r.parkEvent(ctx, a, recorded, err); err != nil {
				return err
			}
		}
	}
	return again
}

type decoded struct {
	event    domain.Event
	envelope domain.Envelope
}

// decode reads an event; a panic in an upcast is an error like any other.
func (r *Runner) decode(recorded eventstore.Recorded) (d decoded, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("decode %s@%d: panic: %v", recorded.Stream, recorded.Revision, p)
		}
	}()
	d.event, d.envelope, err = r.codec.Decode(recorded)
	return d, err
}

// carryOut gives every order that is due, then says how far the log was handled.
func (r *Runner) carryOut(ctx context.Context) error {
	folded := r.progress.folded()
	for _, a := range r.actors {
		if err := r.giveAll(ctx, a, a.Due(r.clock())); err != nil {
			return err
		}
	}
	r.progress.handle(folded)
	return nil
}

// giveAll gives orders on different streams side by side, so that their appends share a synced write; those on one stream
// keep their order.
func (r *Runner) giveAll(ctx context.Context, a *actor, orders []reactor.Order) error {
	byStream := map[string][]reactor.Order{}
	for _, order := range orders {
		if !a.state.Waits(order.Cause.EventID, order.Step) {
			byStream[order.Stream] = append(byStream[order.Stream], order)
		}
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(maxAtOnce)
	for _, stream := range slices.Sorted(maps.Keys(byStream)) {
		group.Go(func() error {
			for _, order := range byStream[stream] {
				if err := r.give(ctx, a, order); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return group.Wait()
}

// give carries out one order, again and again while a store is out of reach. A refusal is noted in the reactor's stream; what
// fails for any other reason is parked there.
func (r *Runner) give(ctx context.Context, a *actor, order reactor.Order) error {
	err := r.persist(ctx, func() error {
		outcome, err := r.giveOnce(ctx, a, order)
		if err == nil {
			r.progress.appended(outcome.Position)
		}
		return err
	})
	if err == nil || ctx.Err() != nil {
		return err
	}
	return r.parkOrder(ctx, a, order, err)
}

func (r *Runner) giveOnce(ctx context.Context, a *actor, order reactor.Order) (outcome eventstore.Outcome, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%s: panic: %v", order.Stream, p)
		}
	}()
	header := order.Header(a.Name())
	outcome, err = r.dispatch(ctx, order.Stream, header, order.Command)
	rejection := domain.AsRejection(err)
	if rejection == nil {
		return outcome, err
	}
	r.log.WarnContext(ctx, "order refused", "reactor", a.Name(), "stream", order.Stream, "step", order.Step, "error", err)
	header.EffectiveAt = time.Time{}
	return r.dispatch(ctx, a.stream, header, reactor.NoteRefusal{
		Refused: reactor.Refused{
			Reactor: a.Name(), Source: order.Cause.EventID, Stream: order.Stream, Step: order.Step,
			Rule: rejection.Rule, Reason: rejection.Detail,
		},
	})
}

// untilNext is a timer for the next planned order; it never fires where nothing is planned, or before the log's end was
// reached once.
func (r *Runner) untilNext(live bool) *time.Timer {
	next := time.Time{}
	for _, a := range r.actors {
		if at, ok := a.Next(); ok && (next.IsZero() || at.Before(next)) {
			next = at
		}
	}
	if next.IsZero() || !live {
		return time.NewTimer(1<<63 - 1)
	}
	return time.NewTimer(max(next.Sub(r.clock()), time.Millisecond))
}

func sleep(ctx context.Context, wait time.Duration) bool {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
