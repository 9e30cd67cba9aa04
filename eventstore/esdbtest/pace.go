package esdbtest

import (
	"context"
	"sync"
	"time"
)

// pace is how fast events leave the server.
type pace struct {
	mu      sync.Mutex
	delay   time.Duration // before each event
	held    int           // how many want no event to leave
	changed chan struct{} // closed at the next change
}

func newPace() *pace { return &pace{changed: make(chan struct{})} }

func (p *pace) change(how func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	how()
	close(p.changed)
	p.changed = make(chan struct{})
}

func (p *pace) now() (delay time.Duration, held bool, changed <-chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.delay, p.held > 0, p.changed
}

// wait returns when the next event may leave. Errors: that of ctx.
func (p *pace) wait(ctx context.Context) error {
	delay, held, changed := p.now()
	for held {
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
		delay, held, changed = p.now()
	}
	if delay == 0 {
		return nil
	}
	select {
	case <-time.After(delay):
	case <-changed:
	case <-ctx.Done():
	}
	return ctx.Err()
}

// HoldReads lets no event leave the server, in reads and subscriptions alike, until the test calls release.
func (s *Server) HoldReads() (release func()) {
	s.pace.change(func() { s.pace.held++ })
	return sync.OnceFunc(func() { s.pace.change(func() { s.pace.held-- }) })
}

// SlowReads makes every event of reads and subscriptions take that long; 0 is full speed again.
func (s *Server) SlowReads(each time.Duration) {
	s.pace.change(func() { s.pace.delay = each })
}
