package embedded_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/eventstore"
	"github.com/channelledger/channelledger/eventstore/embedded"
)

// eventBytes is the size of an event in the benchmarks: type, data and metadata of a typical one of the ledger.
const eventBytes = 409

// samples gives events of eventBytes that compress like JSON does: half of each is the same in all. They are made beforehand,
// so that making them isn't measured; only the id changes.
type samples struct {
	rng  *rand.Rand
	made [64]eventstore.Proposed
}

func newSamples(seed int) *samples {
	const eventType = "deal.stage_changed.v1"
	s := &samples{rng: rand.New(rand.NewPCG(uint64(seed), 1))}
	for i := range s.made {
		data := bytes.Repeat([]byte(`"stage":"won","amount":"12500.00",`), 6)
		for len(data) < eventBytes-len(eventType) {
			data = fmt.Appendf(data, "%016x", s.rng.Uint64())
		}
		data = data[:eventBytes-len(eventType)]
		s.made[i] = eventstore.Proposed{Type: eventType, Data: data[:200], Metadata: data[200:]}
	}
	return s
}

func (s *samples) next() eventstore.Proposed {
	e := s.made[s.rng.IntN(len(s.made))]
	binary.LittleEndian.PutUint64(e.ID[:], s.rng.Uint64())
	binary.LittleEndian.PutUint64(e.ID[8:], s.rng.Uint64())
	return e
}

// BenchmarkAppend appends one event a call, each writer to a stream of its own, beside what the disk itself can do.
func BenchmarkAppend(b *testing.B) {
	for _, records := range []int{1, 64} {
		b.Run(fmt.Sprintf("file/records=%d", records), func(b *testing.B) { benchmarkFile(b, records) })
	}
	for _, writers := range []int{1, 16, 64} {
		b.Run(fmt.Sprintf("writers=%d", writers), func(b *testing.B) { benchmarkAppend(b, writers) })
	}
}

// benchmarkFile is the limit: records of the same size written to a plain file, so many before each sync.
func benchmarkFile(b *testing.B, records int) {
	b.Helper()
	f, err := os.Create(filepath.Join(b.TempDir(), "file"))
	require.NoError(b, err)
	block := make([]byte, records*eventBytes)
	written := 0
	for b.Loop() {
		if written++; written%records != 0 {
			continue
		}
		_, err := f.Write(block)
		require.NoError(b, err)
		require.NoError(b, f.Sync())
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
	require.NoError(b, f.Close())
}

func benchmarkAppend(b *testing.B, writers int) {
	b.Helper()
	s, err := embedded.Open(b.TempDir(), embedded.Options{})
	require.NoError(b, err)
	latencies := make([][]time.Duration, writers)
	errs := make([]error, writers)
	var wg sync.WaitGroup
	b.ResetTimer()
	for w := range writers {
		wg.Go(func() { latencies[w], errs[w] = appendAlone(s, w, b.N/writers+1) })
	}
	wg.Wait()
	b.StopTimer()
	for _, err := range errs {
		require.NoError(b, err)
	}
	report(b, slices.Concat(latencies...))
	require.NoError(b, s.Close())
}

// appendAlone appends to the writer's own stream and measures each call.
func appendAlone(s *embedded.Store, writer, events int) ([]time.Duration, error) {
	samples := newSamples(writer)
	stream := fmt.Sprintf("deal-%d", writer)
	latencies := make([]time.Duration, 0, events)
	for revision := eventstore.NoStream; len(latencies) < events; revision++ {
		e := samples.next()
		start := time.Now()
		if _, err := s.Append(context.Background(), stream, revision, []eventstore.Proposed{e}); err != nil {
			return nil, err
		}
		latencies = append(latencies, time.Since(start))
	}
	return latencies, nil
}

func report(b *testing.B, latencies []time.Duration) {
	b.Helper()
	slices.Sort(latencies)
	b.ReportMetric(float64(len(latencies))/b.Elapsed().Seconds(), "events/s")
	b.ReportMetric(float64(latencies[len(latencies)/2].Microseconds()), "p50-µs")
	b.ReportMetric(float64(latencies[len(latencies)*99/100].Microseconds()), "p99-µs")
}

// BenchmarkScan follows a log on disk from its beginning to its end, once a round.
func BenchmarkScan(b *testing.B) {
	const events = 400_000
	dir := b.TempDir()
	s := filled(b, dir, events)
	for name, filter := range map[string]eventstore.Filter{
		"all":     {},
		"nothing": {Types: []string{"none"}},
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				scan(b, s, filter)
			}
			b.ReportMetric(float64(events)*float64(b.N)/b.Elapsed().Seconds(), "events/s")
		})
	}
	b.Run("streams", func(b *testing.B) {
		read := 0
		for b.Loop() {
			for _, err := range s.Read(b.Context(), fmt.Sprintf("deal-%d", read%1000), eventstore.NoStream) {
				require.NoError(b, err)
				read++
			}
		}
		b.ReportMetric(float64(read)/b.Elapsed().Seconds(), "events/s")
	})
	require.NoError(b, s.Close())
}

func scan(b *testing.B, s *embedded.Store, filter eventstore.Filter) {
	b.Helper()
	for m, err := range s.Follow(b.Context(), eventstore.Position{}, filter) {
		require.NoError(b, err)
		if m.Kind == eventstore.CaughtUp {
			return
		}
	}
}

// filled is a log of that many events in 1000 streams, opened again, so that it is read from its files.
func filled(b *testing.B, dir string, events int) *embedded.Store {
	b.Helper()
	s, err := embedded.Open(dir, embedded.Options{})
	require.NoError(b, err)
	const batch = 50
	samples := newSamples(0)
	revisions := make([]eventstore.Revision, 1000)
	for i := range events / batch {
		proposed := make([]eventstore.Proposed, batch)
		for j := range proposed {
			proposed[j] = samples.next()
		}
		stream := i % len(revisions)
		_, err := s.Append(b.Context(), fmt.Sprintf("deal-%d", stream), revisions[stream]-1, proposed)
		require.NoError(b, err)
		revisions[stream] += batch
	}
	require.NoError(b, s.Close())
	s, err = embedded.Open(dir, embedded.Options{})
	require.NoError(b, err)
	return s
}
