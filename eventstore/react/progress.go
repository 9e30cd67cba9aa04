package react

import (
	"context"
	"sync"

	"github.com/channelledger/channelledger/eventstore"
)

// Status says how far the reactors are, and why they stopped if they did.
type Status struct {
	Position eventstore.Position // everything up to here was folded, and what it led to by now is recorded
	Appended eventstore.Position // the last event that an order led to
	Halted   error
	Rules    []RuleStatus // in the order that they are given events
}

// RuleStatus is how one reactor is doing.
type RuleStatus struct {
	Name   string
	Parked int // events and orders that it went on without, see reactor.State
}

// progress is the runner's status, to be waited for.
type progress struct {
	mu      *sync.Mutex
	changed chan struct{} // closed at every change, then replaced
	at      eventstore.Position
	status  Status
}

func newProgress() progress { return progress{mu: &sync.Mutex{}, changed: make(chan struct{})} }

func (p *progress) update(change func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	change()
	close(p.changed)
	p.changed = make(chan struct{})
}

// showParked tells how much each reactor has parked.
func (r *Runner) showParked() {
	rules := make([]RuleStatus, len(r.actors))
	for i, a := range r.actors {
		rules[i] = RuleStatus{Name: a.Name(), Parked: len(a.state.Parked)}
	}
	r.progress.update(func() { r.progress.status.Rules = rules })
}

func (p *progress) fold(at eventstore.Position)   { p.mu.Lock(); p.at = at; p.mu.Unlock() }
func (p *progress) handle(at eventstore.Position) { p.update(func() { p.status.Position = at }) }
func (p *progress) halt(err error)                { p.update(func() { p.status.Halted = err }) }

func (p *progress) appended(at eventstore.Position) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if at.Compare(p.status.Appended) > 0 {
		p.status.Appended = at
	}
}

func (p *progress) folded() eventstore.Position {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.at
}

func (p *progress) read() Status {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.status
}

func (p *progress) watch() (Status, <-chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.status, p.changed
}

// Status is how far the reactors are.
func (r *Runner) Status() Status { return r.progress.read() }

// WaitFor waits until everything up to a position was handled, and returns the position that a read model must hold to
// show what followed from it.
// Errors: that of ctx, or the reason why the reactors halted.
func (r *Runner) WaitFor(ctx context.Context, position eventstore.Position) (eventstore.Position, error) {
	for {
		status, changed := r.progress.watch()
		switch {
		case status.Position.Compare(position) >= 0:
			if status.Appended.Compare(position) > 0 {
				position = status.Appended
			}
			return position, nil
		case status.Halted != nil:
			return position, status.Halted
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return position, context.Cause(ctx)
		}
	}
}
