package esdb

import (
	"context"
	"errors"
	"fmt"
	"iter"

	client "github.com/EventStore/EventStore-Client-Go/v4/esdb"

	"github.com/channelledger/channelledger/eventstore"
)

const (
	searchWindow = 2000 // events that the server scans between two checkpoints; its default of 32 costs more than the scan
	hiddenWindow = 2000 // events passed over here between two checkpoints
)

// Follow yields the log behind a position and goes on live, as the port says. Where the subscription breaks, it subscribes
// again behind the last position; when the server is out of reach for as long as the configuration's timeout, it ends.
// Errors: the context's, ErrForeignPosition, ErrUnavailable, ErrClosed, ErrUnauthenticated, ErrAccessDenied for a user who
// may not read $all.
func (s *Store) Follow(ctx context.Context, after eventstore.Position, filter eventstore.Filter) iter.Seq2[eventstore.Message, error] {
	return func(yield func(eventstore.Message, error) bool) {
		f := follower{store: s, at: after, server: serverFilter(filter), yield: yield, passes: func(e *client.RecordedEvent) bool {
			return !isSystem(e.StreamID, e.EventType) && filter.Match(e.StreamID, e.EventType)
		}}
		err := s.known(after)
		if err == nil {
			err = f.run(ctx)
		}
		if err != nil {
			yield(eventstore.Message{}, err)
		}
	}
}

// known refuses another log's position.
func (s *Store) known(p eventstore.Position) error {
	if !p.IsStart() && p.Origin != s.origin {
		return fmt.Errorf("%w: %s, this is %s", eventstore.ErrForeignPosition, p, s.origin)
	}
	return nil
}

// serverFilter lets the server hold back most of what doesn't match. It knows prefixes of streams or of types, not both and
// nothing exact, so that every event is looked at again here. nil: all.
func serverFilter(f eventstore.Filter) *client.SubscriptionFilter {
	switch {
	case len(f.Types) > 0:
		return prefixes(client.EventFilterType, f.Types)
	case len(f.Categories) > 0:
		return prefixes(client.StreamFilterType, f.Categories)
	default:
		return nil
	}
}

// prefixes gives no filter where a name is empty: the server takes no empty prefix.
func prefixes(of client.FilterType, names []string) *client.SubscriptionFilter {
	for _, name := range names {
		if name == "" {
			return nil
		}
	}
	return &client.SubscriptionFilter{Type: of, Prefixes: names}
}

// follower is one Follow on its way.
type follower struct {
	store  *Store
	server *client.SubscriptionFilter
	passes func(*client.RecordedEvent) bool
	yield  func(eventstore.Message, error) bool
	enough bool // the caller wants no more

	at     eventstore.Position // everything up to here was yielded or passed over
	goal   eventstore.Position // of the newest event before the subscription: reached when the server has caught up
	end    eventstore.Position // of the newest event known: no position behind it is given to anybody
	begun  bool                // there was a subscription before
	silent bool                // the server doesn't say when it has caught up
	live   bool                // the server has caught up: what isn't here hasn't happened
	told   bool                // the caller knows that the end was reached
	hidden int                 // events passed over since the last message
}

// run ends with an error, or with nil when the caller has enough.
func (f *follower) run(ctx context.Context) error {
	p := newPatience(f.store.supervisor.timeout)
	for {
		err := f.attempt(ctx, p)
		switch {
		case f.enough:
			return nil
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, eventstore.ErrForeignPosition):
			return err
		}
		f.store.supervisor.log.Info("subscription to the event log ended", "error", err, "position", f.at)
		if !p.again(ctx, err) {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			return mayFollow(translate(err))
		}
	}
}

// mayFollow names the right that is missing.
func mayFollow(err error) error {
	if errors.Is(err, ErrAccessDenied) {
		return fmt.Errorf("follow the log: the user needs $r in the metadata of $all: %w", err)
	}
	return fmt.Errorf("follow the log: %w", err)
}

// attempt follows one subscription until it breaks. Nothing but the position outlives it.
func (f *follower) attempt(ctx context.Context, p *patience) error {
	if err := f.lookAhead(ctx); err != nil {
		return err
	}
	p.extend()
	s, at := f.store.supervisor, from(f.at)
	in := receive(ctx, s, func(ctx context.Context, c *conn, put put[arrival]) error {
		return subscribe(ctx, c, at, f.server, put)
	})
	defer in.close()
	limit := s.timeout // until the server has confirmed; live, nothing may happen for days
	for {
		arrivals, err := in.take(ctx, limit)
		if err != nil {
			return err
		}
		if limit > 0 {
			limit, f.begun = 0, true
			p.renew()
		}
		for _, a := range arrivals {
			if err := f.handle(ctx, a); err != nil || f.enough {
				return err
			}
		}
		if f.live && !f.told && in.empty() {
			f.tell(eventstore.Message{Kind: eventstore.CaughtUp, Position: f.at})
			f.told = true
		}
		if f.enough {
			return nil
		}
	}
}

// lookAhead reads where the log ends. A filtered subscription doesn't tell, and one from behind the end just waits.
func (f *follower) lookAhead(ctx context.Context) error {
	f.live, f.goal = false, eventstore.Position{}
	if err := f.lookAtEnd(ctx); err != nil {
		return err
	}
	if f.end.Compare(f.store.birth) > 0 { // an empty ledger stays at the start
		f.goal = f.end
	}
	switch {
	case f.at.Commit <= f.end.Commit:
		return nil
	case f.begun: // this node is behind the one that gave the position
		return fmt.Errorf("%w: the log ends at %s, before %s", eventstore.ErrUnavailable, f.end, f.at)
	default:
		return fmt.Errorf("%w: %s, the log ends at %s", eventstore.ErrForeignPosition, f.at, f.end)
	}
}

func (f *follower) lookAtEnd(ctx context.Context) error {
	newest, err := f.store.readEnd(ctx)
	if err == nil && newest != nil {
		f.end = f.store.position(newest.Position)
	}
	return err
}

// handle takes one arrival in.
func (f *follower) handle(ctx context.Context, a arrival) (err error) {
	if err := ctx.Err(); err != nil {
		return err
	}
	switch a.kind {
	case confirmed:
		f.silent = a.silent
	case appeared:
		f.appeared(a.event)
	case checkpoint:
		err = f.checkpoint(ctx, f.store.position(a.at))
	case caughtUp:
		f.live = true
		f.pass(f.goal)
	case fellBehind:
		f.live = false
	}
	if f.silent && f.at.Compare(f.goal) >= 0 {
		f.live = true
	}
	return err
}

// appeared yields an event that is wanted. What a new subscription repeats is passed over.
func (f *follower) appeared(e *client.RecordedEvent) {
	at := f.store.position(e.Position)
	if at.Compare(f.at) <= 0 {
		return
	}
	if f.passes(e) {
		f.at = at
		f.tell(eventstore.Message{Kind: eventstore.Appeared, Event: f.store.recorded(e), Position: at})
		return
	}
	if at.Compare(f.store.birth) <= 0 { // there is no place before the ledger's first event but the start
		return
	}
	f.at = at
	if f.hidden++; f.hidden >= hiddenWindow {
		f.tell(eventstore.Message{Kind: eventstore.Checkpoint, Position: at})
	}
}

// checkpoint yields a checkpoint of the server, unless it says nothing new. Some servers name the log's end, which may lie
// behind the last event; a position there would look like another log's, so the last event's is given instead.
func (f *follower) checkpoint(ctx context.Context, at eventstore.Position) error {
	if at.Commit > f.end.Commit {
		if err := f.lookAtEnd(ctx); err != nil {
			return err
		}
		if at.Compare(f.end) > 0 {
			at = f.end
		}
	}
	f.pass(at)
	return nil
}

// pass moves the position, which never goes back.
func (f *follower) pass(at eventstore.Position) {
	if at.Compare(f.at) > 0 && at.Compare(f.store.birth) > 0 {
		f.at = at
		f.tell(eventstore.Message{Kind: eventstore.Checkpoint, Position: at})
	}
}

func (f *follower) tell(m eventstore.Message) {
	f.hidden, f.told = 0, false
	f.enough = !f.yield(m, nil)
}
