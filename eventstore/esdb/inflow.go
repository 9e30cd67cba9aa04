package esdb

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/channelledger/channelledger/eventstore"
)

// What an inflow holds at most. Behind that the server waits, or drops the subscriber, who then subscribes again.
const (
	maxQueued      = 1024
	maxQueuedBytes = 4 << 20 // exceeded by one item at most
)

// errEnd says that everything there is was received. It isn't io.EOF, because errors of the client have that inside.
var errEnd = errors.New("everything was received")

// inflow is what a goroutine of its own receives from the client, until somebody takes it. So the client may hang or panic,
// the next events are decoded while the last ones are used, and it shows whether there is more right now.
type inflow[T any] struct {
	ctx     context.Context
	cancel  context.CancelFunc
	done    chan struct{} // closed when the goroutine has ended
	filled  chan struct{}
	emptied chan struct{}
	abandon func()
	explain func(error) error

	mu    sync.Mutex
	items []T
	bytes int
	spare []T
	err   error // set behind the last item
}

// put queues an item, and waits for room. It is false when nobody wants more.
type put[T any] func(item T, bytes int) bool

// receive starts the goroutine. The flow's last error is the one that do returns, errEnd for nil.
func receive[T any](ctx context.Context, s *supervisor, do func(context.Context, *conn, put[T]) error) *inflow[T] {
	q := &inflow[T]{done: make(chan struct{}), filled: make(chan struct{}, 1), emptied: make(chan struct{}, 1), explain: s.explain}
	ctx, q.cancel = s.linked(ctx)
	q.ctx = ctx
	var lent atomic.Pointer[conn]
	q.abandon = func() { s.abandon(lent.Load()) }
	s.workers.do(func() {
		defer close(q.done)
		err := s.lend(ctx, &lent, func(ctx context.Context, c *conn) error { return do(ctx, c, q.put) })
		switch {
		case err == nil:
			err = errEnd
		case s.life.Err() != nil:
			err = ErrClosed
		}
		q.mu.Lock()
		q.err = err
		q.mu.Unlock()
		signal(q.filled)
	})
	return q
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

func (q *inflow[T]) put(item T, bytes int) bool {
	for {
		q.mu.Lock()
		if len(q.items) < maxQueued && q.bytes < maxQueuedBytes {
			first := len(q.items) == 0
			q.items = append(q.items, item)
			q.bytes += bytes
			q.mu.Unlock()
			if first {
				signal(q.filled)
			}
			return true
		}
		q.mu.Unlock()
		select {
		case <-q.emptied:
		case <-q.ctx.Done():
			return false
		}
	}
}

// take waits for the next items, at most so long; 0 waits for ever. What it returned before is used up.
// Errors: the context's, the flow's own behind its last item (errEnd for a proper end), ErrUnavailable when nothing comes in time.
func (q *inflow[T]) take(ctx context.Context, limit time.Duration) ([]T, error) {
	if items, err := q.now(); len(items) > 0 || err != nil {
		return items, err
	}
	var late <-chan time.Time
	if limit > 0 {
		timer := time.NewTimer(limit)
		defer timer.Stop()
		late = timer.C
	}
	for {
		select {
		case <-q.filled:
			if items, err := q.now(); len(items) > 0 || err != nil {
				return items, err
			}
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-late:
			return nil, q.explain(fmt.Errorf("%w: nothing came for %s", eventstore.ErrUnavailable, limit))
		}
	}
}

// now is take without waiting.
func (q *inflow[T]) now() ([]T, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.items) == 0 {
		return nil, q.err
	}
	items := q.items
	clear(q.spare)
	q.items, q.spare, q.bytes = q.spare[:0], items, 0
	signal(q.emptied)
	return items, nil
}

// empty reports whether nothing more is there right now.
func (q *inflow[T]) empty() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.items) == 0 && q.err == nil
}

// close ends the goroutine, or gives up on it when the client hangs.
func (q *inflow[T]) close() {
	q.cancel()
	timer := time.NewTimer(grace)
	defer timer.Stop()
	select {
	case <-q.done:
	case <-timer.C:
		q.abandon()
	}
}
