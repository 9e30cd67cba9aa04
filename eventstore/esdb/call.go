package esdb

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/channelledger/channelledger/eventstore"
)

// grace is how much longer than its context a call of the client may take before it counts as hanging.
const grace = time.Second

// bounded is a context that ends after the timeout.
func (s *supervisor) bounded(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, s.timeout)
}

// linked is a context that ends with the supervisor, too.
func (s *supervisor) linked(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	stop := context.AfterFunc(s.life, cancel)
	return ctx, func() { stop(); cancel() }
}

// call runs one call of the client. It returns no later than grace behind the end of its context or of the supervisor,
// whatever the client does; the context should have a bound.
// Errors: the client's as they come, ErrClientPanic, ErrClosed; ErrUnavailable for a call that hangs.
func call[T any](ctx context.Context, s *supervisor, do func(context.Context, *conn) (T, error)) (T, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	c := &calling[T]{supervisor: s, done: make(chan struct{})}
	s.workers.do(func() { c.run(ctx, do) })
	select {
	case <-c.done:
		return c.value, c.err
	case <-ctx.Done():
	case <-s.life.Done():
		cancel()
	}
	timer := time.NewTimer(grace)
	defer timer.Stop()
	select {
	case <-c.done:
		return c.value, c.err
	case <-timer.C:
		s.abandon(c.lent.Load())
		var none T
		return none, fmt.Errorf("%w: the client hangs: %w", eventstore.ErrUnavailable, ctx.Err())
	}
}

// calling is a call on its way.
type calling[T any] struct {
	supervisor *supervisor
	lent       atomic.Pointer[conn]
	done       chan struct{} // closed when value and err are there
	value      T
	err        error
}

func (c *calling[T]) run(ctx context.Context, do func(context.Context, *conn) (T, error)) {
	defer close(c.done)
	c.err = c.supervisor.lend(ctx, &c.lent, func(ctx context.Context, lent *conn) (err error) {
		c.value, err = do(ctx, lent)
		return err
	})
	if c.err != nil && c.supervisor.life.Err() != nil {
		c.err = ErrClosed
	}
}

// lend gives a client to a function, and notes what came of it. It runs in a goroutine that may be abandoned.
func (s *supervisor) lend(ctx context.Context, lent *atomic.Pointer[conn], do func(context.Context, *conn) error) (err error) {
	c, err := s.take(ctx)
	if err != nil {
		return err
	}
	lent.Store(c)
	entered := sync.OnceFunc(c.entering.RUnlock)
	defer func() {
		if p := recover(); p != nil {
			err = panicked(p)
		}
		entered()
		s.giveBack(c, err)
	}()
	return do(withEntry(ctx, entered), c)
}

// withEntry is a context that says when the client has got a connection for a call: then it derives a deadline, not before.
func withEntry(ctx context.Context, entered func()) context.Context { return entry{ctx, entered} }

type entry struct {
	context.Context
	entered func()
}

// Deadline says so.
func (e entry) Deadline() (time.Time, bool) {
	e.entered()
	return e.Context.Deadline()
}
