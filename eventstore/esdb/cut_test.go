package esdb_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/eventstore"
	"github.com/channelledger/channelledger/eventstore/esdb"
	"github.com/channelledger/channelledger/eventstore/esdbtest"
)

const (
	cutWriters = 8
	cutAppends = 1000
	cutEvery   = 50 * time.Millisecond
)

// TestEveryEventOnceWhileTheConnectionIsCut lets 8 writers append 1 000 times, each in turn to a stream of its own and to one
// that all share, while connections are cut: all of them every 50 ms and after every 20th append on average, and single ones in the worst
// moments of appends and reads.
func TestEveryEventOnceWhileTheConnectionIsCut(t *testing.T) {
	log := newLog(t)
	server := esdbtest.Start(t, log)
	s := open(t, server)
	ctx := limited(t)
	c := &cutter{server: server, progress: make(chan struct{}, 1)}
	before := runtime.NumGoroutine()

	filters := []eventstore.Filter{{}, {Categories: []string{"deal"}}, {Types: []string{"test.happened.v1"}}}
	errs := make([]error, cutWriters+len(filters))
	var working, cutting sync.WaitGroup
	for w := range cutWriters {
		working.Go(func() { errs[w] = c.write(ctx, s, w) })
	}
	for f, filter := range filters {
		working.Go(func() { errs[cutWriters+f] = watch(ctx, s, filter, cutAppends) })
	}
	cut, end := context.WithCancel(ctx)
	cutting.Go(func() { c.run(cut) })
	working.Wait()
	end()
	cutting.Wait()
	require.NoError(t, errors.Join(errs...))
	require.Eventually(t, func() bool { return runtime.NumGoroutine() <= before+20 }, patience, 10*time.Millisecond, "goroutines are left behind")
	t.Logf("%d times all connections were cut; %d goroutines before, %d after", c.cuts.Load(), before, runtime.NumGoroutine())

	seen := map[uuid.UUID]bool{}
	for _, m := range past(t, log, eventstore.Position{}, eventstore.Filter{Categories: []string{"deal"}}) {
		if m.Kind == eventstore.Appeared {
			require.False(t, seen[m.Event.ID], "recorded twice")
			seen[m.Event.ID] = true
		}
	}
	require.Len(t, seen, cutAppends)
}

// cutter cuts connections.
type cutter struct {
	server   *esdbtest.Server
	cuts     atomic.Int64
	progress chan struct{} // something was appended
}

func (c *cutter) cut() {
	if c.server.Cut() > 0 {
		c.cuts.Add(1)
	}
}

// run cuts in time, but not before something was appended since: on a slow machine nobody would get through any more.
func (c *cutter) run(ctx context.Context) {
	rng := rand.New(rand.NewPCG(1, 1))
	for {
		timer := time.NewTimer(time.Duration(rng.ExpFloat64() * float64(cutEvery)))
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return
		}
		select {
		case <-c.progress:
			c.cut()
		case <-ctx.Done():
			return
		}
	}
}

// write appends a writer's share, and cuts by count.
func (c *cutter) write(ctx context.Context, s *esdb.Store, writer int) error {
	rng := rand.New(rand.NewPCG(uint64(writer), 2))
	// Not NotLeader: the client then closes its connection under other calls, which is a data race of its own.
	faults := []esdbtest.Fault{esdbtest.CutBefore, esdbtest.CutDuring, esdbtest.CutAfter, esdbtest.CommitTimeout, esdbtest.Unavailable}
	last := map[string]eventstore.Revision{}
	for i := range cutAppends / cutWriters {
		stream := "deal-shared"
		if i%2 == 0 {
			stream = fmt.Sprintf("deal-%d", writer)
		}
		if _, known := last[stream]; !known {
			last[stream] = eventstore.NoStream
		}
		switch rng.IntN(40) {
		case 0, 1:
			c.cut()
		case 2, 3:
			c.server.NextAppends(faults[rng.IntN(len(faults))])
		case 4:
			c.server.NextReads(esdbtest.CutDuring)
		}
		revision, err := insist(ctx, s, stream, last[stream], event(fmt.Sprintf("%d of writer %d", i, writer)))
		if err != nil {
			return fmt.Errorf("writer %d: %w", writer, err)
		}
		last[stream] = revision
		select {
		case c.progress <- struct{}{}:
		default:
		}
	}
	return nil
}

// insist appends behind whatever others have put there.
func insist(ctx context.Context, s *esdb.Store, stream string, expected eventstore.Revision, e eventstore.Proposed) (eventstore.Revision, error) {
	for {
		appended, err := s.Append(ctx, stream, expected, []eventstore.Proposed{e})
		var conflict *eventstore.ConflictError
		if !errors.As(err, &conflict) {
			return appended.Revision, err
		}
		expected = conflict.Current
	}
}

// watch follows until it has seen n events, each once, in the order of the log and of each stream.
func watch(ctx context.Context, s eventstore.Store, filter eventstore.Filter, n int) error {
	next := map[string]eventstore.Revision{}
	at := eventstore.Position{}
	for m, err := range s.Follow(ctx, at, filter) {
		if err != nil {
			return fmt.Errorf("follower of %v behind %s: %w", filter, at, err)
		}
		moved := m.Position.Compare(at)
		at = m.Position
		if moved < 0 || moved == 0 && m.Kind == eventstore.Appeared {
			return fmt.Errorf("follower of %v: position %s came again or too late", filter, at)
		}
		if m.Kind != eventstore.Appeared {
			continue
		}
		if e := m.Event; e.Revision != next[e.Stream] {
			return fmt.Errorf("follower of %v: %s@%d came where %d was due", filter, e.Stream, e.Revision, next[e.Stream])
		}
		next[m.Event.Stream]++
		if n--; n == 0 {
			return nil
		}
	}
	return errors.New("following ended without an error")
}
