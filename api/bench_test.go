package api_test

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/eventstore/embedded"
	"github.com/channelledger/channelledger/eventstore/files"
)

const (
	benchClients  = 64
	benchCommands = 10_000
)

// BenchmarkCommandHTTP registers deals: 64 clients, one connection each, a durable log, every read model live beside it.
// Each command is on an account of its own, and answered only when it is on disk.
func BenchmarkCommandHTTP(b *testing.B) {
	w := newDurableWorld(b)
	north := w.partner("north")
	w.client = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: benchClients, MaxConnsPerHost: benchClients}}
	for round := range b.N {
		took := make([][]time.Duration, benchClients)
		var next atomic.Int64
		var group sync.WaitGroup
		begin := time.Now()
		for client := range benchClients {
			group.Go(func() {
				for n := next.Add(1); n <= benchCommands; n = next.Add(1) {
					customer := domain.DeriveID("customer", fmt.Sprint(round, n)).String() // names that look alike would be compared, each with all
					body := string(encoded(b, north.registration(customer, "GTX", "100.00")))
					r := north.people().request(http.MethodPost, "/v1/deals", strings.NewReader(body), with("Content-Type", "application/json"),
						with("Idempotency-Key", fmt.Sprint(round, n)))
					sent := time.Now()
					answer, err := w.client.Do(r)
					if err != nil || answer.StatusCode != http.StatusCreated {
						b.Errorf("%v %v", answer, err)
						return
					}
					_, _ = io.Copy(io.Discard, answer.Body)
					_ = answer.Body.Close()
					took[client] = append(took[client], time.Since(sent))
				}
			})
		}
		group.Wait()
		elapsed := time.Since(begin)
		all := slices.Sorted(slices.Values(slices.Concat(took...)))
		require.Len(b, all, benchCommands)
		b.ReportMetric(float64(len(all))/elapsed.Seconds(), "commands/s")
		b.ReportMetric(float64(all[len(all)/2].Microseconds())/1000, "p50-ms")
		b.ReportMetric(float64(all[len(all)*99/100].Microseconds())/1000, "p99-ms")
	}
}

func newDurableWorld(b *testing.B) *world {
	b.Helper()
	w := &world{t: b, clock: &tickingClock{}, log: &lockedBuffer{}}
	store, err := embedded.Open(b.TempDir(), embedded.Options{Clock: w.clock.now})
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, store.Close()) })
	w.files, err = files.OpenMemory() // agreements cite documents
	require.NoError(b, err)
	w.open(store)
	return w
}
