package projections

import (
	"context"
	"errors"
	"fmt"
)

// ErrRebuilding says that a rebuild of that projection is under way.
var ErrRebuilding = errors.New("a rebuild is under way")

// Rebuild makes a projection's rows anew, beside those that are read, and switches to them once they are as far. Reads
// go on all the while. tell hears of progress, now and then; it may be nil. Ending ctx calls the rebuild off.
// Errors: the context's, *BuildingError where there is no first build yet, ErrRebuilding, *HaltError, those of the store
// and of the views; in each case the rows stay as they were.
func (r *Runner) Rebuild(ctx context.Context, name string, tell func(Progress)) error {
	l, err := r.lane(name)
	if err != nil {
		return err
	}
	if err := r.beginRebuild(l); err != nil {
		return err
	}
	defer r.update(func() { l.rebuilding = false })
	b, err := r.create(ctx, l)
	if err != nil {
		return err
	}
	err = r.fill(ctx, l, b, func(p Progress) {
		r.update(func() { l.progress = p })
		if tell != nil {
			tell(p)
		}
	})
	if err != nil {
		r.remove(b)
		return fmt.Errorf("rebuild %s: %w", name, err)
	}
	return r.takeOver(ctx, l, b)
}

func (r *Runner) beginRebuild(l *lane) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case l.serving == nil:
		return &BuildingError{Projection: l.name, Version: l.version, Progress: l.progress, Reason: l.reason}
	case l.rebuilding:
		return fmt.Errorf("%w: %s", ErrRebuilding, l.name)
	}
	l.rebuilding = true
	return nil
}

// takeOver joins the feed and waits until the build serves, or is called off in time.
func (r *Runner) takeOver(ctx context.Context, l *lane, b *build) error {
	m := &member{lane: l, build: b, done: make(chan error, 1)}
	r.join(m)
	select {
	case err := <-m.done:
		return err
	case <-r.ended:
		return r.tooLate(m)
	case <-ctx.Done():
	}
	r.mu.Lock()
	m.abandoned = !m.promoting
	abandoned := m.abandoned
	r.mu.Unlock()
	if !abandoned {
		return <-m.done
	}
	r.nudge()
	return fmt.Errorf("rebuild %s: %w", l.name, ctx.Err())
}

// tooLate is the answer to a build that joined about when Run ended. If Run didn't see it any more it is removed here.
func (r *Runner) tooLate(m *member) error {
	select {
	case err := <-m.done:
		return err
	default:
		r.remove(m.build)
		return fmt.Errorf("rebuild %s: %w", m.lane.name, ErrClosed)
	}
}
