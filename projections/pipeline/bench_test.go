package pipeline_test

import (
	"context"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/account"
	"github.com/channelledger/channelledger/eventstore"
	"github.com/channelledger/channelledger/eventstore/embedded"
	"github.com/channelledger/channelledger/eventstore/ledger"
	"github.com/channelledger/channelledger/projections"
	"github.com/channelledger/channelledger/projections/metrics"
	"github.com/channelledger/channelledger/projections/pipeline"
	"github.com/channelledger/channelledger/projections/sqlview"
)

// benchEvents is how many events the benchmarks run over: BENCH_EVENTS, or 200 000.
func benchEvents() int {
	if n, err := strconv.Atoi(os.Getenv("BENCH_EVENTS")); err == nil {
		return n
	}
	return 200_000
}

// lifeOfADeal is ten events, from the registration to the win.
func lifeOfADeal(i int) []account.Event {
	id := func(kind string, n int) [16]byte { return domain.DeriveID("bench", kind, strconv.Itoa(n)) }
	deal := id("deal", i)
	amount := domain.Must(domain.NewMoney(int64(100_000+i), "EUR"))
	line := []account.Line{{Product: "Core Router", Line: "routers", Amount: amount}}
	events := []account.Event{
		account.DealRegistered{
			DealID: deal, PartnerID: id("partner", i%500), SellerID: id("seller", i%2000), Kind: account.KindNew,
			Route: account.RouteResale, Source: account.SourcePartner, Lines: line, ReviewDue: day(i + 3),
		},
		account.DealApproved{DealID: deal, ProtectedUntil: day(i + 180), Policy: "deal_registration@1"},
	}
	for _, stage := range []account.Stage{account.StageProspecting, account.StageQualified, account.StageProposal, account.StageNegotiation} {
		events = append(events, account.StageAdvanced{DealID: deal, Stage: stage})
	}
	return append(events,
		account.AmountRevised{DealID: deal, Lines: line, Reason: "scope"},
		account.AmountRevised{DealID: deal, Lines: line, Reason: "scope"},
		account.WinReported{DealID: deal, Lines: line, OrderReference: "PO-" + strconv.Itoa(i)},
		account.DealWon{DealID: deal, SellerID: id("seller", i%2000), Lines: line, OrderReference: "PO-" + strconv.Itoa(i), Protected: true},
	)
}

func day(n int) time.Time { return time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, n%1500) }

// benchLog is a log on disk with n events, ten a deal, one deal an account.
func benchLog(b *testing.B, n int) projections.Source {
	b.Helper()
	store, err := embedded.Open(b.TempDir(), embedded.Options{})
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, store.Close()) })
	codec, err := eventstore.NewCodec(eventstore.NewMemoryKeyring(), ledger.Types())
	require.NoError(b, err)
	next := make(chan int)
	var writers sync.WaitGroup
	for range 64 {
		writers.Go(func() {
			for i := range next {
				if err := appendLife(b.Context(), store, codec, i); err != nil {
					b.Error(err)
				}
			}
		})
	}
	for i := range n / 10 {
		next <- i
	}
	close(next)
	writers.Wait()
	return projections.Source{Store: store, Codec: codec, Categories: ledger.Categories()}
}

func appendLife(ctx context.Context, store eventstore.Store, codec *eventstore.Codec, i int) error {
	stream := domain.StreamName(account.Category, domain.DeriveID("bench", "account", strconv.Itoa(i)))
	metadata := domain.Metadata{
		CommandID: domain.CommandID("bench", strconv.Itoa(i)), EffectiveAt: day(i),
		Actor: domain.Actor{ID: "bench", Kind: domain.Service, Roles: []domain.Role{domain.ServiceRole}},
	}
	var proposed []eventstore.Proposed
	for n, event := range lifeOfADeal(i) {
		p, err := codec.Encode(stream, n, event, metadata)
		if err != nil {
			return err
		}
		proposed = append(proposed, p)
	}
	_, err := store.Append(ctx, stream, eventstore.NoStream, proposed)
	return err
}

// nothing takes what the pipeline takes, and does nothing with it: scanning and decoding alone, as parallel as a rebuild's.
func nothing() projections.Projection[struct{}] {
	return projections.Projection[struct{}]{
		Name: "nothing", Version: 1, Types: pipeline.Projection(nil).Types,
		Open:  func(*projections.Schema) struct{} { return struct{}{} },
		Apply: func(struct{}, domain.Event, domain.Envelope) error { return nil },
	}
}

// BenchmarkRebuild rebuilds the pipeline, and what metrics are counted from, beside the same log merely decoded.
func BenchmarkRebuild(b *testing.B) {
	n := benchEvents()
	source := benchLog(b, n)
	for _, run := range []struct {
		name string
		def  projections.Definition
	}{{"decode only", nothing()}, {"pipeline", pipeline.Projection(nil)}, {"metrics", metrics.Projection()}} {
		b.Run(run.name, func(b *testing.B) {
			views, err := sqlview.Open(b.TempDir())
			require.NoError(b, err)
			for b.Loop() {
				require.NoError(b, rebuild(b, source, views, run.def).Remove())
			}
			b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "events/s")
			require.NoError(b, views.Close())
		})
	}
}

// BenchmarkMetric asks metrics: one that looks at a year of the deals, and one that looks at all of them.
func BenchmarkMetric(b *testing.B) {
	source := benchLog(b, benchEvents())
	views, err := sqlview.Open(b.TempDir())
	require.NoError(b, err)
	defer func() { require.NoError(b, views.Close()) }()
	view := rebuild(b, source, views, metrics.Projection())
	for _, id := range []string{"sourced_revenue", "time_to_first_deal"} {
		b.Run(id, func(b *testing.B) {
			question := metrics.Question{Metric: domain.Must(metrics.Parse(id)), At: day(1499)}
			for b.Loop() {
				require.NoError(b, view.Read(b.Context(), func(q projections.Querier) error {
					_, err := metrics.Ask(b.Context(), q, question)
					return err
				}))
			}
		})
	}
}

func rebuild(b *testing.B, source projections.Source, views *sqlview.Views, def projections.Definition) projections.View {
	b.Helper()
	name, version := def.Named()
	open := func(s *projections.Schema) (projections.View, error) {
		return views.Create(b.Context(), name, version, s)
	}
	view, _, err := projections.Replay(b.Context(), source, def, projections.Bounds{}, open, projections.Limits{}, nil)
	require.NoError(b, err)
	return view
}
