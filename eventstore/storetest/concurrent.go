package storetest

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/eventstore"
)

const (
	writers   = 64
	followers = 4
	perAppend = 3 // events of one append, at most
)

func concurrentCases() []testCase {
	return []testCase{
		{"writers on streams of their own", func(b *bench) {
			b.race(volume(b.T), func(writer int) string { return fmt.Sprintf("deal-%d", writer) })
		}},
		{"writers on one stream", func(b *bench) {
			b.race(volume(b.T)/10, func(int) string { return "deal-1" }) // each sync lets only one of them through
		}},
		{"the same append many times at once is recorded once", sameAppendAtOnce},
	}
}

// volume is how many events a concurrent test appends.
func volume(t *testing.T) int {
	t.Helper()
	if text := os.Getenv("STORETEST_EVENTS"); text != "" {
		n, err := strconv.Atoi(text)
		require.NoError(t, err)
		require.GreaterOrEqual(t, n, writers*10)
		return n
	}
	if testing.Short() {
		return 1000
	}
	return 4000
}

// insist appends as the ledger does: an unknown outcome is repeated as it was.
func (b *bench) insist(stream string, expected eventstore.Revision, list []eventstore.Proposed) (appended eventstore.Appended, err error) {
	for range 100 {
		appended, err = b.store.Append(b.ctx, stream, expected, list)
		if !errors.Is(err, eventstore.ErrUnavailable) {
			break
		}
	}
	return appended, err
}

// race lets writers append while followers look on, each of which breaks off and resumes at random.
func (b *bench) race(events int, streamOf func(writer int) string) {
	b.Helper()
	each := events / writers
	errs := make([]error, writers+followers)
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() { errs[w] = b.write(w, streamOf(w), each) })
	}
	for f := range followers {
		wg.Go(func() { errs[writers+f] = b.watch(f, each*writers) })
	}
	wg.Wait()
	require.NoError(b, errors.Join(errs...))
	require.Len(b, b.past(eventstore.Position{}, eventstore.Filter{}), each*writers+1)
}

// write appends n events to a stream, behind whatever others put there.
func (b *bench) write(writer int, stream string, n int) error {
	rng := rand.New(rand.NewPCG(uint64(writer), 2))
	expected := eventstore.NoStream
	for done := 0; done < n; {
		list := many(fmt.Sprintf("writer %d, %d", writer, done), min(n-done, 1+rng.IntN(perAppend)))
		appended, err := b.insist(stream, expected, list)
		if conflict := (*eventstore.ConflictError)(nil); errors.As(err, &conflict) {
			expected = conflict.Current
			continue
		}
		if err != nil {
			return fmt.Errorf("writer %d: %w", writer, err)
		}
		if want := expected + eventstore.Revision(len(list)); appended.Revision != want {
			return fmt.Errorf("writer %d: appended at revision %d, want %d", writer, appended.Revision, want)
		}
		expected = appended.Revision
		done += len(list)
	}
	return nil
}

// watch follows until it has seen n events, each once and in the order of log and stream.
func (b *bench) watch(follower, n int) error {
	rng := rand.New(rand.NewPCG(uint64(follower), 3))
	w := watcher{next: map[string]eventstore.Revision{}}
	for w.seen < n {
		budget := 1 + rng.IntN(n)
		for m, err := range b.store.Follow(b.ctx, w.at, eventstore.Filter{}) {
			if err == nil {
				err = w.take(m)
			}
			if err != nil {
				return fmt.Errorf("follower %d after %d events: %w", follower, w.seen, err)
			}
			if budget--; budget == 0 || w.seen == n {
				break
			}
		}
	}
	return nil
}

// watcher checks a log as it appears. It remembers no events, so that a log may be of any length.
type watcher struct {
	at   eventstore.Position
	seen int
	next map[string]eventstore.Revision // of each stream
	last eventstore.Recorded
}

func (w *watcher) take(m eventstore.Message) error {
	moved := m.Position.Compare(w.at)
	w.at = m.Position
	if m.Kind != eventstore.Appeared {
		if moved < 0 {
			return fmt.Errorf("the position went back to %s", m.Position)
		}
		return nil
	}
	e := m.Event
	switch {
	case moved <= 0:
		return fmt.Errorf("event at %s appeared again or too late", m.Position)
	case e.Revision != w.next[e.Stream]:
		return fmt.Errorf("stream %s went on with revision %d, want %d", e.Stream, e.Revision, w.next[e.Stream])
	case e.RecordedAt.Before(w.last.RecordedAt):
		return fmt.Errorf("event at %s was recorded before the one it follows", m.Position)
	}
	w.next[e.Stream]++
	w.seen++
	w.last = e
	return nil
}

func sameAppendAtOnce(b *bench) {
	const attempts = 8
	for round := range 10 {
		list := many(fmt.Sprintf("round %d", round), 2)
		answers := make([]eventstore.Appended, attempts)
		errs := make([]error, attempts)
		var wg sync.WaitGroup
		for i := range attempts {
			wg.Go(func() { answers[i], errs[i] = b.insist("deal-1", eventstore.Revision(2*round-1), list) })
		}
		wg.Wait()
		require.NoError(b, errors.Join(errs...))
		for _, answer := range answers {
			require.Equal(b, answers[0], answer)
		}
		require.Len(b, b.read("deal-1", eventstore.NoStream), 2*round+2)
	}
}
