package embedded

import (
	"context"
	"fmt"
	"runtime"
	"sync"

	"github.com/channelledger/channelledger/eventstore"
)

// request is an append on its way to the committer. It holds its own copy of the events: a caller whose context ends
// doesn't wait for the outcome, and may use its slices again.
type request struct {
	stream   string
	expected eventstore.Revision
	records  [][]byte
	answer   chan answer // holds one, so that nobody waits for a caller that has gone
}

type answer struct {
	appended eventstore.Appended
	err      error
}

// Append adds events to the end of a stream, as the port says. Further errors: ErrClosed, with nothing recorded. The
// context's own error means that nothing was recorded; wrapped in ErrUnavailable, that the outcome is unknown.
func (s *Store) Append(ctx context.Context, stream string, expected eventstore.Revision, events []eventstore.Proposed) (eventstore.Appended, error) {
	if err := eventstore.CheckAppend(stream, expected, events); err != nil {
		return eventstore.Appended{}, err
	}
	if err := ctx.Err(); err != nil {
		return eventstore.Appended{}, err
	}
	r := &request{stream: stream, expected: expected, records: make([][]byte, len(events)), answer: make(chan answer, 1)}
	for i, e := range events {
		r.records[i] = encode(stream, e)
	}
	if err := s.queue.put(r); err != nil {
		return eventstore.Appended{}, err
	}
	select {
	case a := <-r.answer:
		return a.appended, a.err
	case <-ctx.Done():
		return eventstore.Appended{}, fmt.Errorf("%w: %w", eventstore.ErrUnavailable, ctx.Err())
	}
}

// queue holds the appends that wait. It needs no bound: every caller waits for its one append.
type queue struct {
	mu      sync.Mutex
	filled  sync.Cond
	waiting []*request
	closed  bool
	drained chan struct{}
}

func newQueue() *queue {
	q := &queue{drained: make(chan struct{})}
	q.filled.L = &q.mu
	return q
}

func (q *queue) put(r *request) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return ErrClosed
	}
	q.waiting = append(q.waiting, r)
	q.filled.Signal()
	return nil
}

// take gives everything that waits, as soon as anything does; false once the queue is closed and empty.
func (q *queue) take(reuse []*request) ([]*request, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.waiting) == 0 && !q.closed {
		q.filled.Wait()
	}
	q.gather()
	clear(reuse)
	taken := q.waiting
	q.waiting = reuse[:0]
	return taken, len(taken) > 0
}

// gather lets run whoever is ready to append too, until nobody comes along: those that were just answered together would
// otherwise wait for one another's syncs in turns. A lone writer loses less than a microsecond by it.
func (q *queue) gather() {
	for seen := 0; len(q.waiting) > seen; {
		seen = len(q.waiting)
		q.mu.Unlock()
		runtime.Gosched()
		q.mu.Lock()
	}
}

// close refuses what comes from now on and waits until the rest is answered.
func (q *queue) close() {
	q.mu.Lock()
	q.closed = true
	q.filled.Signal()
	q.mu.Unlock()
	<-q.drained
}
