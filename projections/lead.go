package projections

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/channelledger/channelledger/eventstore"
)

// lead brings a projection to the live feed: its build is opened and held against the log, or a new one is begun; it
// catches up; it joins. What fails is tried again, but for an event that can't be applied and a checkpoint that another
// process moves.
func (r *Runner) lead(ctx context.Context, l *lane, b *build) {
	for attempt := 0; ctx.Err() == nil; attempt++ {
		var err error
		if b, err = r.bring(ctx, l, b); err == nil {
			r.join(&member{lane: l, build: b})
			return
		}
		if ctx.Err() != nil || r.replaced(l, b) || r.stops(l, err) {
			return
		}
		r.pause(ctx, attempt)
	}
}

// stops shows why a projection can't go on. It reports whether trying again is of no use.
func (r *Runner) stops(l *lane, err error) bool {
	state, dead := Failed, error(nil)
	if _, halted := errors.AsType[*HaltError](err); halted {
		state, dead = Halted, err
	} else if errors.Is(err, ErrCheckpointMoved) {
		dead = err
	}
	r.update(func() { l.state, l.reason, l.dead = state, err.Error(), dead })
	r.cfg.Log.Error("projection stopped", "projection", l.name, "state", state, "error", err, "retried", dead == nil)
	return dead != nil
}

// replaced reports whether a rebuild took the place of this build while it was being led.
func (r *Runner) replaced(l *lane, b *build) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return b != nil && l.serving != nil && l.serving != b.view
}

func (r *Runner) pause(ctx context.Context, attempt int) {
	select {
	case <-r.cfg.After(r.cfg.Backoff(attempt)):
	case <-ctx.Done():
	}
}

// bring returns the build as far as it got, to be brought further.
func (r *Runner) bring(ctx context.Context, l *lane, b *build) (*build, error) {
	if b == nil {
		var err error
		if b, err = r.open(ctx, l); err != nil {
			return nil, err
		}
	}
	r.update(func() {
		if l.state = CatchingUp; l.serving == nil {
			l.state = Building
		}
	})
	err := r.fill(ctx, l, b, func(p Progress) { r.update(func() { l.progress = p }) })
	if errors.Is(err, ErrStorage) {
		b = r.reset(l, b)
	}
	return b, err
}

// reset goes back to what is stored; a first build, which has no journal, is given up.
func (r *Runner) reset(l *lane, b *build) *build {
	if r.serves(l, b) {
		b.restart()
		return b
	}
	r.remove(b)
	return nil
}

// open opens the current build if it belongs to this log, or begins a new one.
func (r *Runner) open(ctx context.Context, l *lane) (*build, error) {
	b, err := r.openCurrent(ctx, l)
	switch {
	case err == nil:
		r.serve(l, b)
		return b, nil
	case !errors.Is(err, ErrNoBuild) && !errors.Is(err, errOtherLog):
		return nil, err
	}
	r.beginAgain(ctx, l, err)
	return r.create(ctx, l)
}

// beginAgain says why rows are made from the beginning. The very first build needs no excuse.
func (r *Runner) beginAgain(ctx context.Context, l *lane, why error) {
	reason, level := why.Error(), slog.LevelWarn
	if errors.Is(why, ErrFirstBuild) {
		reason, level = "", slog.LevelInfo
	}
	r.update(func() { l.state, l.reason, l.rebuilt = Building, "", reason })
	r.cfg.Log.Log(ctx, level, "read model is built from the beginning", "projection", l.name, "version", l.version, "reason", why)
}

func (r *Runner) openCurrent(ctx context.Context, l *lane) (*build, error) {
	b, err := bind(l.def, r.cfg.Limits, func(s *Schema) (View, error) {
		return r.cfg.Views.Current(ctx, l.name, l.version, s)
	})
	if err != nil {
		return nil, err
	}
	recordedAt, err := r.cfg.Source.verify(ctx, b.next)
	if err != nil {
		return nil, errors.Join(err, b.view.Close())
	}
	r.update(func() {
		if recordedAt.After(r.head.RecordedAt) {
			r.head.RecordedAt = recordedAt
		}
	})
	return b, nil
}

func (r *Runner) create(ctx context.Context, l *lane) (*build, error) {
	b, err := bindEmpty(l.def, r.cfg.Limits, func(s *Schema) (View, error) {
		return r.cfg.Views.Create(ctx, l.name, l.version, s)
	})
	if err == nil {
		b.stored = func(at eventstore.Position) { r.published(l, b, at) }
	}
	return b, err
}

// serve lets reads go to a build that has been ready before.
func (r *Runner) serve(l *lane, b *build) {
	b.stored = func(at eventstore.Position) { r.published(l, b, at) }
	r.update(func() { l.serving, l.visible, l.state, l.dead = b.view, b.at, CatchingUp, nil })
}

func (r *Runner) serves(l *lane, b *build) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return l.serving == b.view
}

// published moves what waiters see, where this is the build that they read. It never goes back.
func (r *Runner) published(l *lane, b *build, at eventstore.Position) {
	r.update(func() {
		if l.serving == b.view && at.Compare(l.visible) > 0 {
			l.visible = at
		}
	})
}

// fill replays what the build lacks and makes it ready to be read. Few do so at a time.
func (r *Runner) fill(ctx context.Context, l *lane, b *build, tell func(Progress)) error {
	select {
	case r.replays <- struct{}{}:
		defer func() { <-r.replays }()
	case <-ctx.Done():
		return ctx.Err()
	}
	began := r.cfg.Now()
	err := b.replay(ctx, r.cfg.Source, Bounds{}, func(events uint64, at eventstore.Position) {
		tell(r.progress(began, events, at))
	})
	if err != nil {
		return err
	}
	took := r.cfg.Now().Sub(began)
	r.cfg.Log.LogAttrs(ctx, slog.LevelInfo, "read model caught up", slog.String("projection", l.name),
		slog.Uint64("events", b.next.Count), slog.Duration("took", took))
	return b.ready(ctx)
}

func (r *Runner) progress(began time.Time, events uint64, at eventstore.Position) Progress {
	r.mu.Lock()
	defer r.mu.Unlock()
	p := Progress{Events: events, Position: at, Fraction: -1, Since: began}
	if seconds := r.cfg.Now().Sub(began).Seconds(); seconds > 0 {
		p.Rate = float64(events) / seconds
	}
	if head := r.head.Position.Commit; head > 0 {
		p.Fraction = min(1, float64(at.Commit)/float64(head))
	}
	return p
}

func (r *Runner) remove(b *build) {
	if err := b.view.Remove(); err != nil {
		r.cfg.Log.Warn("a build was not removed; the next start does it", "projection", b.name, "error", err)
	}
}
