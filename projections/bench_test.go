package projections_test

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/eventstore"
	"github.com/channelledger/channelledger/eventstore/embedded"
	"github.com/channelledger/channelledger/projections"
	"github.com/channelledger/channelledger/projections/internal/toy"
	"github.com/channelledger/channelledger/projections/sqlview"
)

// benchEvents is how many events the benchmarks run over: BENCH_EVENTS, or 200 000.
func benchEvents(b *testing.B) int {
	b.Helper()
	n, err := strconv.Atoi(os.Getenv("BENCH_EVENTS"))
	if err != nil {
		return 200_000
	}
	return n
}

// benchSource is an embedded log on disk with n events of about 440 bytes, 10 a stream.
func benchSource(b *testing.B, n int) projections.Source {
	b.Helper()
	store, err := embedded.Open(b.TempDir(), embedded.Options{})
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, store.Close()) })
	codec := toy.Codec()
	var group sync.WaitGroup
	accounts := make(chan int)
	for range 64 {
		group.Go(func() {
			for i := range accounts {
				if _, err := store.Append(b.Context(), domain.StreamName("toy", toy.ID(i)), eventstore.NoStream, tenEvents(codec, i)); err != nil {
					b.Error(err)
				}
			}
		})
	}
	for i := range n / 10 {
		accounts <- i
	}
	close(accounts)
	group.Wait()
	return projections.Source{Store: store, Codec: codec}
}

func tenEvents(codec *eventstore.Codec, account int) (all []eventstore.Proposed) {
	at := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(account) * time.Minute)
	for i := range 10 {
		var e domain.Event = toy.Moved{Account: toy.ID(account), Amount: int64(i), Note: strings.Repeat("note ", 14)}
		if i == 0 {
			e = toy.Opened{Account: toy.ID(account), Owner: "owner " + strconv.Itoa(account%100)}
		}
		p, err := toy.Propose(codec, fmt.Sprint(account, "/", i), at, e)
		if err != nil {
			panic(err) // the toy's own types
		}
		all = append(all, p)
	}
	return all
}

// BenchmarkReplay rebuilds a read model with a row for every tenth event, indexes included.
func BenchmarkReplay(b *testing.B) {
	n := benchEvents(b)
	source := benchSource(b, n)
	b.Run("decode only", func(b *testing.B) {
		for b.Loop() {
			events, err := projections.DecodeAll(b.Context(), source, toy.Projection().Types)
			require.NoError(b, err)
			require.Equal(b, n, events)
		}
		perSecond(b, n)
	})
	b.Run("rebuild", func(b *testing.B) {
		views, err := sqlview.Open(b.TempDir())
		require.NoError(b, err)
		for b.Loop() {
			replayOnce(b, source, views)
		}
		perSecond(b, n)
		require.NoError(b, views.Close())
	})
	b.ReportMetric(0, "ns/op")
	b.Logf("peak memory of the process: %s", peakMemory())
}

func replayOnce(b *testing.B, source projections.Source, views *sqlview.Views) {
	b.Helper()
	open := func(s *projections.Schema) (projections.View, error) {
		return views.Create(context.Background(), "accounts", 1, s)
	}
	view, _, err := projections.Replay(b.Context(), source, toy.Projection(), projections.Bounds{}, open, projections.Limits{}, nil)
	require.NoError(b, err)
	require.NoError(b, view.Remove())
}

func perSecond(b *testing.B, n int) {
	b.Helper()
	b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "events/s")
}

// peakMemory is the kernel's count (Linux), which sees SQLite's memory too.
func peakMemory() string {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return "unknown"
	}
	_, rest, _ := strings.Cut(string(status), "VmHWM:")
	line, _, _ := strings.Cut(rest, "\n")
	return strings.TrimSpace(line)
}
