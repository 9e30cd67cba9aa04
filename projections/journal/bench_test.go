package journal

import (
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/mdf"
	"github.com/channelledger/channelledger/domain/payable"
	"github.com/channelledger/channelledger/eventstore"
	"github.com/channelledger/channelledger/eventstore/embedded"
	"github.com/channelledger/channelledger/projections"
	"github.com/channelledger/channelledger/projections/sqlview"
)

// benchEvents is how many events the benchmarks run over: BENCH_EVENTS, or 100 000.
func benchEvents() int {
	if n, err := strconv.Atoi(os.Getenv("BENCH_EVENTS")); err == nil {
		return n
	}
	return 100_000
}

// lifeOfAClaim is five events, all of which post: six entries of fourteen lines, on some day of four years, of 500 partners.
func lifeOfAClaim(i int) []domain.Event {
	id := func(kind string, n int) [16]byte { return domain.DeriveID("bench", kind, strconv.Itoa(n)) }
	of := mdf.FundRef{FundID: id("fund", i%1000), BudgetID: id("budget", i%20), PartnerID: id("partner", i%500)}
	request, claim := mdf.OfRequest{RequestID: id("request", i)}, mdf.OfClaim{RequestID: id("request", i), ClaimID: id("claim", i)}
	amount := domain.Must(domain.NewMoney(int64(100_000+i%5000), "EUR"))
	none := domain.Must(domain.NewMoney(0, "EUR"))
	split := []mdf.SplitLine{{Treatment: mdf.ContraRevenue, Amount: amount, Basis: "no distinct good or service"}}
	return []domain.Event{
		mdf.RequestApproved{FundRef: of, OfRequest: request, Amount: amount, Treatment: mdf.ContraRevenue, Basis: "none", Policy: "mdf@1"},
		mdf.ObligationAccrued{FundRef: of, OfRequest: request, Treatment: mdf.ContraRevenue, Amount: amount},
		mdf.ClaimApproved{
			FundRef: of, OfClaim: claim, Released: none, Settlement: mdf.CreditNote,
			Terms: mdf.Terms{Approved: amount, InputTax: none, Drawn: amount, ProvenCost: amount, Split: split},
		},
		mdf.ObligationReleased{FundRef: of, OfRequest: request, Treatment: mdf.ContraRevenue, Amount: amount},
		payable.Sent{PayableID: id("payable", i), PayeeID: id("payee", i%500), Payment: payable.Payment{
			PartnerID: of.PartnerID, Kind: payable.KindClaim, BankAccount: bank, Amount: amount, Paid: amount, Withheld: none,
		}},
	}
}

// benchLog is a log on disk with n events, five a claim.
func benchLog(b *testing.B, n int) projections.Source {
	b.Helper()
	store, err := embedded.Open(b.TempDir(), embedded.Options{})
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, store.Close()) })
	codec, err := eventstore.NewCodec(eventstore.NewMemoryKeyring(), mdf.FundTypes(), payable.Types())
	require.NoError(b, err)
	next := make(chan int)
	var writers sync.WaitGroup
	for range 64 {
		writers.Go(func() {
			for i := range next {
				stream := domain.StreamName(mdf.FundCategory, domain.DeriveID("bench", "stream", strconv.Itoa(i)))
				_, err := store.Append(b.Context(), stream, eventstore.NoStream, encoded(codec, stream, i))
				if err != nil {
					b.Error(err)
				}
			}
		})
	}
	for i := range n / 5 {
		next <- i
	}
	close(next)
	writers.Wait()
	return projections.Source{Store: store, Codec: codec}
}

func encoded(codec *eventstore.Codec, stream string, i int) (proposed []eventstore.Proposed) {
	metadata := domain.Metadata{
		CommandID: domain.CommandID("bench", strconv.Itoa(i)), EffectiveAt: time.Date(2020, 1, 1+i%1460, 0, 0, 0, 0, time.UTC),
		Actor: domain.Actor{ID: "bench", Kind: domain.Service, Roles: []domain.Role{domain.ServiceRole}},
	}
	for n, event := range lifeOfAClaim(i) {
		proposed = append(proposed, domain.Must(codec.Encode(stream, n, event, metadata)))
	}
	return proposed
}

// BenchmarkPost posts events, and keeps nothing.
func BenchmarkPost(b *testing.B) {
	events := lifeOfAClaim(1)
	for b.Loop() {
		for _, e := range events {
			if _, err := Post(e); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(float64(len(events)*b.N)/b.Elapsed().Seconds(), "events/s")
}

// BenchmarkRebuild rebuilds the books, beside the same log merely decoded, and merely posted.
func BenchmarkRebuild(b *testing.B) {
	n := benchEvents()
	source := benchLog(b, n)
	for _, run := range []struct {
		name string
		def  projections.Definition
	}{
		{"decode only", applying(func(domain.Event) error { return nil })},
		{"decode and post", applying(func(e domain.Event) error { _, err := Post(e); return err })},
		{"books", Projection(nil)},
	} {
		b.Run(run.name, func(b *testing.B) {
			views, err := sqlview.Open(b.TempDir())
			require.NoError(b, err)
			for b.Loop() {
				require.NoError(b, replayed(b, source, views, run.def).Remove())
			}
			b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "events/s")
			require.NoError(b, views.Close())
		})
	}
}

// applying takes what the books take, and keeps nothing of it.
func applying(apply func(domain.Event) error) projections.Projection[struct{}] {
	return projections.Projection[struct{}]{
		Name: "nothing", Version: 1, Types: Projection(nil).Types,
		Open:  func(*projections.Schema) struct{} { return struct{}{} },
		Apply: func(_ struct{}, e domain.Event, _ domain.Envelope) error { return apply(e) },
	}
}

func replayed(b *testing.B, source projections.Source, views *sqlview.Views, def projections.Definition) projections.View {
	b.Helper()
	name, version := def.Named()
	open := func(s *projections.Schema) (projections.View, error) {
		return views.Create(b.Context(), name, version, s)
	}
	view, _, err := projections.Replay(b.Context(), source, def, projections.Bounds{}, open, projections.Limits{}, nil)
	require.NoError(b, err)
	return view
}

// BenchmarkAsk asks the books.
func BenchmarkAsk(b *testing.B) {
	source := benchLog(b, benchEvents())
	views, err := sqlview.Open(b.TempDir())
	require.NoError(b, err)
	defer func() { require.NoError(b, views.Close()) }()
	view := replayed(b, source, views, Projection(nil))
	days := Days{From: domain.Date{Year: 2022, Month: 10, Day: 1}, To: domain.Date{Year: 2022, Month: 10, Day: 31}}
	for _, run := range []struct {
		name string
		ask  func(projections.Querier) error
	}{
		{"trial balance", func(q projections.Querier) error {
			_, err := Trial(b.Context(), q, BalanceQuery{Days: days})
			return err
		}},
		{"trial balance, parties apart", func(q projections.Querier) error {
			_, err := Trial(b.Context(), q, BalanceQuery{Days: days, Parties: true})
			return err
		}},
		{"statement of a month", func(q projections.Querier) error {
			_, _, err := StatementOf(b.Context(), q, StatementQuery{Days: days, Account: Account{Name: LiabilityMDFPayable}})
			return err
		}},
		{"journal, all of it", func(q projections.Querier) error {
			return Each(b.Context(), q, Filter{}, func(Entry) error { return nil })
		}},
	} {
		b.Run(run.name, func(b *testing.B) {
			for b.Loop() {
				require.NoError(b, view.Read(b.Context(), run.ask))
			}
		})
	}
}
