package esdbtest

import (
	"context"
	"errors"
	"iter"
	"slices"
	"sort"
	"sync"

	"github.com/channelledger/channelledger/eventstore"
)

// stride is how many events lie between two marks of an index.
const stride = 1000

// errNoSuchPosition says that no event has a position, and none may be read from there.
var errNoSuchPosition = errors.New("no event has this position")

// index knows some positions of the log, so that $all can be read from any place and backwards: a store follows forwards
// only, from behind a position that it gave itself. It learns them when they are needed first.
type index struct {
	store eventstore.Store

	mu    sync.Mutex
	marks []eventstore.Position // behind no event, behind stride events, and so on
	last  eventstore.Position   // of the last event known
	since int                   // events known behind the last mark
}

func newIndex(store eventstore.Store) *index {
	return &index{store: store, marks: []eventstore.Position{{}}}
}

// end is the position of the log's last event.
func (x *index) end(ctx context.Context) (eventstore.Position, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for e, err := range past(ctx, x.store, x.last) {
		if err != nil {
			return x.last, err
		}
		x.last = e.Position
		if x.since++; x.since == stride {
			x.marks, x.since = append(x.marks, x.last), 0
		}
	}
	return x.last, nil
}

// markBefore is the last mark that lies before a place.
func (x *index) markBefore(p place) eventstore.Position {
	x.mu.Lock()
	defer x.mu.Unlock()
	n := sort.Search(len(x.marks), func(i int) bool { return !before(onWire(x.marks[i]), p) })
	return x.marks[max(n-1, 0)]
}

func before(a, b place) bool {
	return a.commit < b.commit || a.commit == b.commit && a.prepare < b.prepare
}

// spot is where a place lies among the events.
type spot struct {
	before eventstore.Position // the last event before it
	at     eventstore.Position // the event there; the same as before where there is none
	beyond bool                // it lies behind the last event
}

// find looks a place up, as the real server does: a place whose prepare is 0 lies before the events of its commit.
// Errors: errNoSuchPosition.
func (x *index) find(ctx context.Context, p place) (spot, error) {
	end, err := x.end(ctx)
	if err != nil {
		return spot{}, err
	}
	if before(onWire(end), p) {
		return spot{before: end, at: end, beyond: true}, nil
	}
	from := x.markBefore(p)
	found := spot{before: from, at: from}
	for e, err := range past(ctx, x.store, from) {
		if err != nil {
			return spot{}, err
		}
		if before(onWire(e.Position), p) {
			found = spot{before: e.Position, at: e.Position}
			continue
		}
		if onWire(e.Position) == p {
			found.at = e.Position
		}
		break
	}
	if p.prepare != 0 && onWire(found.at) != p {
		return spot{}, errNoSuchPosition
	}
	return found, nil
}

// backwards yields the log from an event down to the first.
func (x *index) backwards(ctx context.Context, from eventstore.Position) iter.Seq2[eventstore.Recorded, error] {
	return func(yield func(eventstore.Recorded, error) bool) {
		for !from.IsStart() {
			mark := x.markBefore(onWire(from))
			block, err := x.block(ctx, mark, from)
			if err != nil {
				yield(eventstore.Recorded{}, err)
				return
			}
			for _, e := range slices.Backward(block) {
				if !yield(e, nil) {
					return
				}
			}
			from = mark
		}
	}
}

// block is the events behind one position up to another.
func (x *index) block(ctx context.Context, after, to eventstore.Position) ([]eventstore.Recorded, error) {
	var block []eventstore.Recorded
	for e, err := range past(ctx, x.store, after) {
		if err != nil {
			return nil, err
		}
		block = append(block, e)
		if e.Position.Compare(to) >= 0 {
			break
		}
	}
	return block, nil
}

// past yields the events behind a position up to the log's end.
func past(ctx context.Context, store eventstore.Store, after eventstore.Position) iter.Seq2[eventstore.Recorded, error] {
	return func(yield func(eventstore.Recorded, error) bool) {
		for m, err := range store.Follow(ctx, after, eventstore.Filter{}) {
			switch {
			case err != nil:
				yield(eventstore.Recorded{}, err)
				return
			case m.Kind == eventstore.CaughtUp:
				return
			case m.Kind == eventstore.Appeared && !yield(m.Event, nil):
				return
			}
		}
	}
}
