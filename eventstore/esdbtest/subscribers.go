package esdbtest

import (
	"context"
	"sync"
)

// subscribers are the subscriptions that run.
type subscribers struct {
	mu      sync.Mutex
	members map[*member]bool // true: live
	changed chan struct{}    // closed at the next change
}

type member struct{ drop context.CancelCauseFunc }

func newSubscribers() *subscribers {
	return &subscribers{members: map[*member]bool{}, changed: make(chan struct{})}
}

func (s *subscribers) change(how func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	how()
	close(s.changed)
	s.changed = make(chan struct{})
}

func (s *subscribers) add(drop context.CancelCauseFunc) *member {
	m := &member{drop}
	s.change(func() { s.members[m] = false })
	return m
}

func (s *subscribers) remove(m *member) { s.change(func() { delete(s.members, m) }) }

func (s *subscribers) turn(m *member, live bool) { s.change(func() { s.members[m] = live }) }

func (s *subscribers) count() (all, live int, changed <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, isLive := range s.members {
		if isLive {
			live++
		}
	}
	return len(s.members), live, s.changed
}

// await returns when enough says so. Errors: that of ctx.
func (s *subscribers) await(ctx context.Context, enough func(all, live int) bool) error {
	for {
		all, live, changed := s.count()
		if enough(all, live) {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// AwaitLive returns when at least n subscribers have caught up. Errors: that of ctx.
func (s *Server) AwaitLive(ctx context.Context, n int) error {
	return s.live.await(ctx, func(_, live int) bool { return live >= n })
}

// AwaitSubscriptions returns when exactly n subscriptions run, live or not. Errors: that of ctx.
func (s *Server) AwaitSubscriptions(ctx context.Context, n int) error {
	return s.live.await(ctx, func(all, _ int) bool { return all == n })
}

// DropSubscriptions ends every subscription as too slow, what waits to be sent being lost, and says how many there were.
func (s *Server) DropSubscriptions() int {
	s.live.mu.Lock()
	defer s.live.mu.Unlock()
	for m := range s.live.members {
		m.drop(errTooSlow)
	}
	return len(s.live.members)
}
