package timeline_test

import (
	"fmt"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/account"
	"github.com/channelledger/channelledger/domain/partner"
	"github.com/channelledger/channelledger/eventstore"
	"github.com/channelledger/channelledger/eventstore/embedded"
	"github.com/channelledger/channelledger/projections"
	"github.com/channelledger/channelledger/projections/timeline"
)

// writer fills a log without deciding anything: what is measured is reading.
type writer struct {
	b     *testing.B
	store eventstore.Store
	codec *eventstore.Codec
	ends  map[string]eventstore.Revision
	n     int
}

func (w *writer) append(stream string, events ...domain.Event) {
	w.n++
	end, ok := w.ends[stream]
	if !ok {
		end = eventstore.NoStream
	}
	m := domain.Metadata{CommandID: domain.CommandID("bench", strconv.Itoa(w.n)), Actor: domain.Actor{ID: "bench"}, EffectiveAt: time.Unix(int64(w.n), 0)}
	proposed := make([]eventstore.Proposed, len(events))
	for i, e := range events {
		proposed[i] = domain.Must(w.codec.Encode(stream, i, e, m))
	}
	at, err := w.store.Append(w.b.Context(), stream, end, proposed)
	if err != nil {
		w.b.Fatal(err)
	}
	w.ends[stream] = at.Revision
}

// fill adds so many events of others, a thousand at a time.
func (w *writer) fill(events int) {
	for left := events; left > 0; left -= 1000 {
		id := domain.DeriveID("other", strconv.Itoa(left))
		batch := make([]domain.Event, 0, 1000)
		for range min(left, 1000) {
			batch = append(batch, account.StageAdvanced{DealID: id, Stage: account.StageQualified})
		}
		w.append(domain.StreamName(account.Category, id), batch...)
	}
}

// theCase is a customer of 19 partners, with a thousand events over twenty streams; others write between them.
func (w *writer) theCase(others int) timeline.Subject {
	home := domain.DeriveID("account")
	stream := domain.StreamName(account.Category, home)
	var deals []uuid.UUID
	w.append(stream, account.Identified{AccountID: home, Name: "Acme"})
	for i := range 19 {
		of, deal := domain.DeriveID("partner", strconv.Itoa(i)), domain.DeriveID("deal", strconv.Itoa(i))
		w.append(domain.StreamName(partner.Category, of), partner.Applied{LegalName: fmt.Sprint("Partner ", i), Kind: partner.Reseller}, partner.Approved{})
		w.append(stream, account.DealRegistered{DealID: deal, PartnerID: of, Lines: []account.Line{{Product: "GTX", Line: "GTX", Amount: domain.Must(domain.ParseMoney("1000.00", "EUR"))}}})
		deals = append(deals, deal)
	}
	for i := range 1000 - 1 - 3*19 {
		w.append(stream, account.StageAdvanced{DealID: deals[i%19], Stage: account.StageQualified})
		if i%10 == 0 {
			w.fill(others / 95)
		}
	}
	return timeline.Of(timeline.Deal, deals[0], home)
}

// BenchmarkTimeline tells a case of 1 000 events over 20 streams in ever greater ledgers: the time must not grow.
func BenchmarkTimeline(b *testing.B) {
	sizes := []int{10_000, 100_000}
	if n, err := strconv.Atoi(os.Getenv("BENCH_EVENTS")); err == nil && n > 100_000 {
		sizes = append(sizes, n)
	}
	for _, size := range sizes {
		b.Run(fmt.Sprint("ledger=", size), func(b *testing.B) {
			store := domain.Must(embedded.Open(b.TempDir(), embedded.Options{}))
			defer func() { _ = store.Close() }()
			codec := domain.Must(eventstore.NewCodec(eventstore.NewMemoryKeyring(), account.Types(), partner.Types()))
			w := &writer{b: b, store: store, codec: codec, ends: map[string]eventstore.Revision{}}
			subject := w.theCase(size)
			source := projections.Source{Store: store, Codec: codec}
			told := 0
			for b.Loop() {
				c := domain.Must(timeline.Gather(b.Context(), source, subject, projections.Bounds{}))
				told = len(domain.Must(c.Tell(timeline.Reader{}, -1)).Entries)
			}
			if told != 1000 {
				b.Fatalf("%d entries, want 1000", told)
			}
			b.ReportMetric(float64(b.Elapsed().Milliseconds())/float64(b.N), "ms/case")
		})
	}
}
