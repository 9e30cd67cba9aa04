package embedded

import (
	"context"
	"fmt"
	"iter"

	"github.com/channelledger/channelledger/eventstore"
)

// Follow yields the log behind a position and goes on live, as the port says.
// Errors: the context's, ErrForeignPosition, ErrClosed, ErrCorrupt with the position.
func (s *Store) Follow(ctx context.Context, after eventstore.Position, filter eventstore.Filter) iter.Seq2[eventstore.Message, error] {
	return func(yield func(eventstore.Message, error) bool) {
		f := follower{store: s, filter: filter, at: after.Commit, page: page{store: s}, yield: yield}
		err := s.known(after)
		if err == nil {
			err = f.run(ctx)
		}
		if err != nil {
			yield(eventstore.Message{}, err)
		}
	}
}

// position is the port's name for a place in this log; 0 is the start.
func (s *Store) position(n uint64) eventstore.Position {
	if n == 0 {
		return eventstore.Position{}
	}
	return eventstore.Position{Origin: s.origin, Commit: n, Prepare: n}
}

// known refuses a position that this log has not.
func (s *Store) known(p eventstore.Position) error {
	if p.IsStart() {
		return nil
	}
	if synced, _ := s.progress.now(); p != s.position(p.Commit) || p.Commit > synced {
		return fmt.Errorf("%w: %s, this is %s up to %d", eventstore.ErrForeignPosition, p, s.origin, synced)
	}
	return nil
}

// follower is one Follow on its way.
type follower struct {
	store  *Store
	filter eventstore.Filter
	at     uint64 // everything up to here was yielded or filtered out
	page   page
	yield  func(eventstore.Message, error) bool
}

// run ends with an error, or with nil when the caller has enough.
func (f *follower) run(ctx context.Context) error {
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		synced, moved := f.store.progress.now()
		if f.at < synced {
			if more, err := f.advance(ctx, synced); !more {
				return err
			}
			continue
		}
		if !f.yield(eventstore.Message{Kind: eventstore.CaughtUp, Position: f.store.position(f.at)}, nil) {
			return nil
		}
		select {
		case <-moved:
		case <-ctx.Done():
		case <-f.store.closed:
			return ErrClosed
		}
	}
}

// advance yields the next page; more is false when following has ended.
func (f *follower) advance(ctx context.Context, to uint64) (more bool, err error) {
	reached, err := f.page.readLog(f.at, to, f.filter)
	for _, e := range f.page.events {
		if err := ctx.Err(); err != nil {
			return false, err
		}
		f.at = e.Position.Commit
		if !f.yield(eventstore.Message{Kind: eventstore.Appeared, Event: e, Position: e.Position}, nil) {
			return false, nil
		}
	}
	if err != nil {
		return false, err
	}
	if f.at == reached {
		return true, nil
	}
	f.at = reached
	return f.yield(eventstore.Message{Kind: eventstore.Checkpoint, Position: f.store.position(reached)}, nil), nil
}
