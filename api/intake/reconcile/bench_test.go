package reconcile_test

import (
	"fmt"
	"io"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/channelledger/channelledger/api/intake/reconcile"
	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/domaintest"
	"github.com/channelledger/channelledger/domain/payable"
	"github.com/channelledger/channelledger/eventstore/embedded"
)

// BenchmarkReconcile takes a file of so many lines into the books, which pay as many payables, and says how many lines a second
// are read, recorded, matched, cleared at their payables, confirmed and recorded as matched, each step durable, and by how much
// the heap grows at most meanwhile.
func BenchmarkReconcile(b *testing.B) {
	for _, lines := range sizes(b) {
		b.Run(strconv.Itoa(lines), func(b *testing.B) {
			for range b.N {
				b.StopTimer()
				w, sha := sent(b, lines)
				heap := watchHeap()
				start := time.Now()
				b.StartTimer()
				report, err := w.Run(b.Context(), reconcile.Options{SHA256: sha, Actor: domaintest.Finance()})
				b.StopTimer()
				require.NoError(b, err)
				require.Equal(b, lines, report.Statements[0].Matched[0].Lines)
				require.True(b, report.Statements[0].Reconciled)
				b.ReportMetric(float64(lines)/time.Since(start).Seconds(), "lines/s")
				b.ReportMetric(float64(heap())/(1<<20), "peak-MiB")
				b.StartTimer()
			}
		})
	}
}

// sizes are those of RECONCILE_LINES, or what issue 7 asks for.
func sizes(b *testing.B) (all []int) {
	b.Helper()
	text := os.Getenv("RECONCILE_LINES")
	if text == "" {
		text = "10000 100000"
	}
	for _, field := range strings.Fields(text) {
		n, err := strconv.Atoi(field)
		require.NoError(b, err)
		all = append(all, n)
	}
	return all
}

// sent is a ledger on disk with so many payments, and a file of the bank that shows them all.
func sent(b *testing.B, lines int) (w *world, sha256 string) {
	b.Helper()
	store, err := embedded.Open(b.TempDir(), embedded.Options{})
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, store.Close()) })
	w = newWorldOn(b, store, time.Now)
	group, ctx := errgroup.WithContext(b.Context())
	group.SetLimit(256)
	for n := range lines {
		group.Go(func() error {
			event := domain.DeriveID("approval", fmt.Sprint(n))
			for i, c := range []payable.Command{
				payable.Raise{
					PartnerID: partnerID(fmt.Sprint(n % 500)), Amount: eur("1.25"), Due: may31,
					Source: payable.Source{Kind: payable.KindClaim, Stream: "mdf_fund-x", ID: event, EventID: event},
				},
				payable.Claim{PayoutID: payout},
				payable.Send{PayoutID: payout, BankAccount: bankAccount, PayeeID: partnerID("payee"), Paid: eur("1.25")},
			} {
				header := domain.Header{CommandID: domain.DeriveID("bench", fmt.Sprint(n, i)), Actor: domaintest.Importer(), EffectiveAt: now}
				if _, err := w.l.Payables.Do(ctx, payable.IDOf(event), header, c); err != nil {
					return err
				}
			}
			return nil
		})
	}
	require.NoError(b, group.Wait())
	text := make([]booked, lines)
	for n := range text {
		text[n] = booked{amount: "1.25", endToEnd: e2e(n), name: "Partner " + fmt.Sprint(n%500)}
	}
	w.closing = eur("10000000")
	content, _ := camt(1, w.closing, text)
	stored, err := w.files.Put(b.Context(), io.Reader(strings.NewReader(content)), 1<<30)
	require.NoError(b, err)
	_, err = w.Suggest(b.Context(), partnerID("nothing")) // the read models are as far as the log
	require.Error(b, err)
	return w, stored.SHA256
}

// watchHeap looks at the heap until it is asked by how much it grew at most.
func watchHeap() func() uint64 {
	runtime.GC()
	used := func() uint64 {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before, stop, stopped := used(), make(chan struct{}), make(chan struct{})
	var peak atomic.Uint64
	go func() {
		defer close(stopped)
		for {
			if now := used(); now > peak.Load() {
				peak.Store(now)
			}
			select {
			case <-stop:
				return
			case <-time.After(100 * time.Millisecond):
			}
		}
	}()
	return func() uint64 {
		close(stop)
		<-stopped
		return peak.Load() - min(before, peak.Load())
	}
}
