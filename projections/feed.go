package projections

import (
	"context"
	"errors"
	"slices"
	"sync"

	"github.com/channelledger/channelledger/eventstore"
)

// feed is the one Follow, and those who are fed by it.
type feed struct {
	*Runner
	members []*member
	at      eventstore.Position // the last message's
	events  int                 // of the batch
	bytes   int
}

// join asks the feed to take a build in. The Follow under way ends, and the next starts where the one furthest behind is.
func (r *Runner) join(m *member) {
	r.mu.Lock()
	r.joining = append(r.joining, m)
	r.mu.Unlock()
	r.nudge()
}

func (r *Runner) nudge() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.interrupt != nil {
		r.interrupt()
	}
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

// run follows until ctx ends.
func (f *feed) run(ctx context.Context) {
	for attempt := 0; ; {
		following, ok := f.admit(ctx)
		if !ok {
			return
		}
		before := f.at
		err := f.follow(ctx, following)
		switch {
		case ctx.Err() != nil:
			return
		case following.Err() != nil || len(f.members) == 0:
			attempt = 0
		case errors.Is(err, eventstore.ErrForeignPosition):
			f.reconsider(ctx)
		default:
			if f.at != before {
				attempt = 0
			}
			f.update(func() { f.logErr = err })
			f.cfg.Log.Error("event log can't be followed; trying again", "error", err, "attempt", attempt)
			f.pause(ctx, attempt)
			attempt++
		}
	}
}

// admit takes in who wants to join and waits while there is nobody. The context it returns ends when the next one comes.
func (f *feed) admit(ctx context.Context) (context.Context, bool) {
	for ctx.Err() == nil {
		f.mu.Lock()
		f.members = slices.DeleteFunc(append(f.members, f.joining...), f.gone)
		f.joining = nil
		if f.interrupt != nil {
			f.interrupt()
		}
		following, cancel := context.WithCancel(ctx)
		f.interrupt = cancel
		f.mu.Unlock()
		if len(f.members) > 0 {
			return following, true
		}
		select {
		case <-f.wake:
		case <-ctx.Done():
		}
		cancel()
	}
	return nil, false
}

// gone lets go of a rebuild that was called off, and of a build that another one replaced while it was away.
func (f *feed) gone(m *member) bool {
	replaced := !m.rebuilt() && m.lane.serving != nil && m.lane.serving != m.build.view
	if m.abandoned || replaced {
		f.remove(m.build)
	}
	return m.abandoned || replaced
}

func (f *feed) follow(ctx, following context.Context) error {
	f.at = slices.MinFunc(f.members, func(a, b *member) int { return a.build.from.Compare(b.build.from) }).build.from
	for m, err := range f.cfg.Source.Store.Follow(following, f.at, eventstore.Filter{Categories: f.cfg.Source.Categories}) {
		if err != nil {
			return err
		}
		f.take(ctx, m)
		caughtUp := m.Kind == eventstore.CaughtUp
		if caughtUp || f.events >= f.cfg.Limits.BatchEvents || f.bytes >= f.cfg.Limits.BatchBytes {
			f.flush(ctx, caughtUp)
		}
		if len(f.members) == 0 {
			return nil
		}
	}
	return following.Err()
}

// take gives a message to everyone who hasn't had it.
func (f *feed) take(ctx context.Context, m eventstore.Message) {
	f.saw(m)
	event := sync.OnceValue(func() (d decoded) { // once for all who take it
		d.event, d.envelope, d.err = f.cfg.Source.decode(m.Event)
		return d
	})
	f.members = slices.DeleteFunc(f.members, func(mem *member) bool {
		err := f.give(mem.build, m, event)
		if err != nil {
			f.lose(ctx, mem, err)
		}
		return err != nil
	})
	f.at = m.Position
	if m.Kind == eventstore.Appeared {
		f.events++
		f.bytes += len(m.Event.Data) + len(m.Event.Metadata)
	}
}

func (f *feed) give(b *build, m eventstore.Message, event func() decoded) error {
	switch {
	case m.Position.Compare(b.from) <= 0: // it is ahead
		return nil
	case m.Kind != eventstore.Appeared:
		b.skipTo(m.Position)
		return nil
	case !b.takes[m.Event.Type] || m.Position.Compare(b.at) <= 0:
		b.pass(f.at, m.Event)
		return nil
	}
	d := event()
	if d.err != nil {
		return halt(b.name, m.Event, d.err)
	}
	return b.take(f.at, m.Event, d.event, d.envelope)
}

// saw moves the known end of the log.
func (r *Runner) saw(m eventstore.Message) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.logErr = nil
	if m.Position.Compare(r.fed) <= 0 {
		return // fed again for those who are behind
	}
	r.fed = m.Position
	if m.Position.Compare(r.head.Position) > 0 {
		r.head.Position = m.Position
	}
	if m.Kind == eventstore.Appeared {
		r.head.RecordedAt = m.Event.RecordedAt
		r.seen++
	}
}

// flush stores everyone's batch, side by side. At the end of the log those who are new begin to serve.
func (f *feed) flush(ctx context.Context, caughtUp bool) {
	errs := make([]error, len(f.members))
	var group sync.WaitGroup
	for i, m := range f.members {
		group.Go(func() { errs[i] = m.build.flush(ctx) })
	}
	group.Wait()
	f.events, f.bytes = 0, 0
	for i, m := range slices.Clone(f.members) {
		if !slices.Contains(f.members, m) { // one before it took its place
			continue
		}
		if errs[i] == nil && caughtUp && !f.serves(m.lane, m.build) {
			errs[i] = f.promote(ctx, m)
		}
		if errs[i] != nil {
			f.members = slices.DeleteFunc(f.members, func(other *member) bool { return other == m })
			f.lose(ctx, m, errs[i])
		}
	}
	f.settled(caughtUp)
}

// settled shows that those who are fed are where the feed is.
func (f *feed) settled(caughtUp bool) {
	f.update(func() {
		f.caughtUp = f.caughtUp || caughtUp
		for _, m := range f.members {
			if l := m.lane; l.serving == m.build.view {
				l.seen, l.state, l.reason = f.seen, Live, ""
			}
		}
	})
}

// lose lets a member go that failed. What can be tried again is led back to the feed.
func (f *feed) lose(ctx context.Context, m *member, err error) {
	b, l := m.build, m.lane
	if m.rebuilt() {
		f.remove(b)
		m.done <- err
		return
	}
	if _, halted := errors.AsType[*HaltError](err); halted {
		err = errors.Join(err, b.flushAll(ctx, 0)) // everything before the event is shown
	}
	if ctx.Err() != nil || f.stops(l, err) {
		return
	}
	b = f.reset(l, b)
	f.group.Go(func() {
		f.pause(ctx, 0)
		f.lead(ctx, l, b)
	})
}

// reconsider sends everyone back to have the checkpoint held against the log: a position was refused.
func (f *feed) reconsider(ctx context.Context) {
	for _, m := range f.members {
		if m.rebuilt() {
			f.lose(ctx, m, errOtherLog)
			continue
		}
		l := m.lane
		f.update(func() { l.serving, l.state = nil, Building })
		if err := m.build.view.Close(); err != nil {
			f.cfg.Log.Warn("a build was not closed", "projection", l.name, "error", err)
		}
		f.group.Go(func() {
			f.pause(ctx, 0)
			f.lead(ctx, l, nil)
		})
	}
	f.members = nil
}

// promote makes a build the one that is read. The one it replaces goes when its last reader is done.
func (f *feed) promote(ctx context.Context, m *member) error {
	l, b := m.lane, m.build
	if err := b.flushAll(ctx, f.cfg.Limits.CacheRows); err != nil {
		return err
	}
	f.mu.Lock()
	m.promoting = !m.abandoned
	f.mu.Unlock()
	if !m.promoting {
		return context.Canceled
	}
	if err := f.cfg.Views.Switch(ctx, l.name, b.view); err != nil {
		return err
	}
	var old View
	f.update(func() {
		old, l.serving = l.serving, b.view
		l.visible, l.state, l.reason, l.dead = b.at, Live, "", nil
	})
	f.members = slices.DeleteFunc(f.members, func(other *member) bool { return other.lane == l && other != m })
	if m.rebuilt() {
		m.done <- nil
		m.settled = true
	}
	if old != nil {
		f.remove(&build{name: l.name, view: old})
	}
	return nil
}

// close stores what is done, so that the next start has less to do, and tells rebuilds that they are over.
func (f *feed) close(ctx context.Context) {
	f.mu.Lock()
	all := append(f.members, f.joining...)
	f.joining = nil
	f.mu.Unlock()
	for _, m := range all {
		switch {
		case m.rebuilt():
			f.remove(m.build)
			m.done <- ErrClosed
		case f.serves(m.lane, m.build):
			if err := m.build.flushAll(ctx, 0); err != nil {
				f.cfg.Log.Warn("the last batch was not stored; the next start repeats it", "projection", m.lane.name, "error", err)
			}
		}
	}
}
