package projections

import (
	"context"
	"fmt"

	"github.com/channelledger/channelledger/eventstore"
)

// Everything names all projections in WaitFor.
const Everything = ""

// WaitFor returns once the projection's rows (or those of all, for Everything) hold the log up to a position.
// Errors: the context's, saying how far it is; *HaltError or ErrCheckpointMoved where it will not get there; ErrForeignPosition; an unknown name.
func (r *Runner) WaitFor(ctx context.Context, name string, at eventstore.Position) error {
	lanes := r.lanes
	if name != Everything {
		l, err := r.lane(name)
		if err != nil {
			return err
		}
		lanes = []*lane{l}
	}
	if origin := r.cfg.Source.Store.Origin(); !at.IsStart() && at.Origin != origin {
		return fmt.Errorf("%w: %s, this is %s", eventstore.ErrForeignPosition, at, origin)
	}
	for _, l := range lanes {
		if err := r.waitForLane(ctx, l, at); err != nil {
			return err
		}
	}
	return nil
}

func (r *Runner) waitForLane(ctx context.Context, l *lane, at eventstore.Position) error {
	for {
		r.mu.Lock()
		s, there, dead, changed := r.status(l), l.serving != nil && l.visible.Compare(at) >= 0, l.dead, r.changed
		r.mu.Unlock()
		switch {
		case there:
			return nil
		case dead != nil:
			return dead
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("projection %s (%s) is at %s, not yet at %s: %w", l.name, s.State, s.Position, at, ctx.Err())
		}
	}
}

// Latest is the end of the log, as far as it was followed. At first it waits until the end was reached once.
// Errors: the context's.
func (r *Runner) Latest(ctx context.Context) (Head, error) {
	for {
		r.mu.Lock()
		head, known, changed := r.head, r.caughtUp, r.changed
		r.mu.Unlock()
		if known {
			return head, nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return Head{}, fmt.Errorf("the end of the log is not known yet: %w", ctx.Err())
		}
	}
}
