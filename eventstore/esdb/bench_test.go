package esdb_test

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"sync"
	"testing"

	client "github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/eventstore"
	"github.com/channelledger/channelledger/eventstore/esdb"
	"github.com/channelledger/channelledger/eventstore/esdbtest"
)

// eventBytes is the size of an event in the benchmarks: type, data and metadata of a typical one of the ledger.
const eventBytes = 409

// sample is an event like any other; only its id changes.
func sample(rng *rand.Rand) eventstore.Proposed {
	const eventType = "deal.stage_changed.v1"
	e := eventstore.Proposed{Type: eventType, Data: make([]byte, 250), Metadata: make([]byte, eventBytes-250-len(eventType))}
	for i := range e.Data {
		e.Data[i] = 'a' + byte(i%20)
	}
	binary.LittleEndian.PutUint64(e.ID[:], rng.Uint64())
	binary.LittleEndian.PutUint64(e.ID[8:], rng.Uint64())
	return e
}

// rawClient is the client without supervision, at the same server.
func rawClient(b *testing.B, server *esdbtest.Server) *client.Client {
	b.Helper()
	conf, err := client.ParseConnectionString(server.URL())
	require.NoError(b, err)
	conf.Logger = client.NoopLogging()
	raw, err := client.NewClient(conf)
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, raw.Close()) })
	return raw
}

// BenchmarkAppend appends one event a call, each writer to a stream of its own, beside the client alone.
func BenchmarkAppend(b *testing.B) {
	for _, writers := range []int{1, 16, 64} {
		b.Run(fmt.Sprintf("writers=%d/raw", writers), func(b *testing.B) {
			raw := rawClient(b, serve(b))
			benchmarkAppend(b, writers, func(ctx context.Context, stream string, expected eventstore.Revision, e eventstore.Proposed) error {
				var revision client.ExpectedRevision = client.NoStream{}
				if expected != eventstore.NoStream {
					revision = client.Revision(uint64(expected))
				}
				_, err := raw.AppendToStream(ctx, stream, client.AppendToStreamOptions{ExpectedRevision: revision}, client.EventData{
					EventID: e.ID, EventType: e.Type, ContentType: client.ContentTypeJson, Data: e.Data, Metadata: e.Metadata,
				})
				return err
			})
		})
		b.Run(fmt.Sprintf("writers=%d/esdb", writers), func(b *testing.B) {
			s := open(b, serve(b))
			benchmarkAppend(b, writers, func(ctx context.Context, stream string, expected eventstore.Revision, e eventstore.Proposed) error {
				_, err := s.Append(ctx, stream, expected, []eventstore.Proposed{e})
				return err
			})
		})
	}
}

type appendOne func(ctx context.Context, stream string, expected eventstore.Revision, e eventstore.Proposed) error

func benchmarkAppend(b *testing.B, writers int, do appendOne) {
	b.Helper()
	each := max(2000, b.N)/writers + 1
	errs := make([]error, writers)
	var all sync.WaitGroup
	b.ResetTimer()
	for w := range writers {
		all.Go(func() {
			rng := rand.New(rand.NewPCG(uint64(w), 1))
			for i := range each {
				if errs[w] = do(b.Context(), fmt.Sprintf("deal-%d", w), eventstore.Revision(i-1), sample(rng)); errs[w] != nil {
					return
				}
			}
		})
	}
	all.Wait()
	b.StopTimer()
	require.NoError(b, errors.Join(errs...))
	b.ReportMetric(float64(each*writers)/b.Elapsed().Seconds(), "events/s")
}

const (
	scanEvents = 200_000
	scanTypes  = 10
)

// scanned is a log of ten types, and its store.
func scanned(b *testing.B) (*esdbtest.Server, *esdb.Store) {
	b.Helper()
	log := newLog(b)
	rng := rand.New(rand.NewPCG(1, 1))
	for i := range scanEvents / 500 {
		list := make([]eventstore.Proposed, 500)
		for j := range list {
			list[j] = sample(rng)
			list[j].Type = fmt.Sprintf("deal.happened%d.v1", j%scanTypes)
		}
		_, err := log.Append(b.Context(), fmt.Sprintf("deal-%d", i), eventstore.NoStream, list)
		require.NoError(b, err)
	}
	server := esdbtest.Start(b, log)
	return server, open(b, server)
}

// BenchmarkScan follows a log from its beginning to its end, and reads its streams, beside the client alone.
func BenchmarkScan(b *testing.B) {
	server, s := scanned(b)
	raw := rawClient(b, server)
	three := []string{"deal.happened1.v1", "deal.happened4.v1", "deal.happened7.v1"}
	for name, types := range map[string][]string{"all": nil, "types": three} {
		b.Run(name+"/raw", func(b *testing.B) {
			for b.Loop() {
				scanRaw(b, raw, types)
			}
			b.ReportMetric(float64(scanEvents)*float64(b.N)/b.Elapsed().Seconds(), "events/s")
		})
		b.Run(name+"/esdb", func(b *testing.B) {
			for b.Loop() {
				require.NoError(b, scan(b.Context(), s, types))
			}
			b.ReportMetric(float64(scanEvents)*float64(b.N)/b.Elapsed().Seconds(), "events/s")
		})
	}
	// A rebuild could follow each type for itself; each of them scans the whole log on the server.
	b.Run("types/esdb in three", func(b *testing.B) {
		for b.Loop() {
			errs := make([]error, len(three))
			var all sync.WaitGroup
			for i, one := range three {
				all.Go(func() { errs[i] = scan(b.Context(), s, []string{one}) })
			}
			all.Wait()
			require.NoError(b, errors.Join(errs...))
		}
		b.ReportMetric(float64(scanEvents)*float64(b.N)/b.Elapsed().Seconds(), "events/s")
	})
	b.Run("streams/raw", func(b *testing.B) {
		benchmarkStreams(b, func(stream string) int { return readRaw(b, raw, stream) })
	})
	b.Run("streams/esdb", func(b *testing.B) {
		benchmarkStreams(b, func(stream string) int {
			n := 0
			for _, err := range s.Read(b.Context(), stream, eventstore.NoStream) {
				require.NoError(b, err)
				n++
			}
			return n
		})
	})
}

func scan(ctx context.Context, s *esdb.Store, types []string) error {
	for m, err := range s.Follow(ctx, eventstore.Position{}, eventstore.Filter{Types: types}) {
		if err != nil || m.Kind == eventstore.CaughtUp {
			return err
		}
	}
	return nil
}

func scanRaw(b *testing.B, raw *client.Client, types []string) {
	b.Helper()
	opts := client.SubscribeToAllOptions{From: client.Start{}, MaxSearchWindow: 2000}
	if len(types) > 0 {
		opts.Filter = &client.SubscriptionFilter{Type: client.EventFilterType, Prefixes: types}
	}
	sub, err := raw.SubscribeToAll(b.Context(), opts)
	require.NoError(b, err)
	defer func() { require.NoError(b, sub.Close()) }()
	for {
		switch m := sub.Recv(); {
		case m.SubscriptionDropped != nil:
			require.NoError(b, m.SubscriptionDropped.Error)
		case m.CaughtUp != nil:
			return
		}
	}
}

func benchmarkStreams(b *testing.B, read func(stream string) int) {
	b.Helper()
	n, stream := 0, 0
	for b.Loop() {
		for range 100 {
			n += read(fmt.Sprintf("deal-%d", stream%(scanEvents/500)))
			stream++
		}
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "events/s")
}

func readRaw(b *testing.B, raw *client.Client, stream string) int {
	b.Helper()
	reading, err := raw.ReadStream(b.Context(), stream, client.ReadStreamOptions{From: client.Start{}}, math.MaxUint64)
	require.NoError(b, err)
	defer reading.Close()
	for n := 0; ; n++ {
		_, err := reading.Recv()
		if errors.Is(err, io.EOF) {
			return n
		}
		require.NoError(b, err)
	}
}
