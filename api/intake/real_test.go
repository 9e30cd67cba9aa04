package intake

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/account"
	"github.com/channelledger/channelledger/eventstore"
	"github.com/channelledger/channelledger/eventstore/embedded"
	"github.com/channelledger/channelledger/projections"
	"github.com/channelledger/channelledger/projections/metrics"
	"github.com/channelledger/channelledger/projections/projectionstest"
)

func TestTheRealExport(t *testing.T) {
	skipShort(t)
	w := newWorld(t)
	files := realFiles(t, w.mapping)
	got, rejects := w.run(t, files)
	appended := got.Appended
	require.Equal(t, Summary{
		System: "maven-crm", Rows: 8800, Imported: 7212, Won: 4238, WonAmount: domain.Totals{dollars(t, "10005534")}, Lost: 2473, Open: 501,
		Quarantined: 1588, Counts: []Count{{Missing, "account", 1425}, {Missing, "engage_date", 163}},
		Partners: 6, Sellers: 35, Findings: got.Findings, Overridden: got.Findings, Appended: appended,
	}, got)
	rows, err := csv.NewReader(strings.NewReader(rejects)).ReadAll()
	require.NoError(t, err)
	require.Len(t, rows, 1+1588)
	require.Equal(t, spreadsheet(t, files), wonByPartner(t, w))
	demandRates(t, w)

	again, sameRejects := w.run(t, files)
	require.Zero(t, again.Appended)
	again.Appended = appended
	require.Equal(t, got, again)
	require.Equal(t, rejects, sameRejects)
}

// demandRates asks the imported ledger how many partners and sellers are active: everybody whom sales_teams.csv names is a
// seller, whether the deals name them or not.
func demandRates(t *testing.T, w *world) {
	t.Helper()
	source := projections.Source{Store: w.Store, Codec: w.Codec}
	view := projectionstest.View(t, source, metrics.Projection(), projections.Bounds{})
	at := time.Date(2018, 1, 1, 0, 0, 0, 0, time.UTC)
	for id, want := range map[string]metrics.Value{
		"activation_rate@1":    {Numerator: "6", Denominator: "6", Ratio: "1"},
		"active_seller_rate@1": {Numerator: "30", Denominator: "35", Ratio: "0.857143"},
	} {
		require.NoError(t, view.Read(t.Context(), func(q projections.Querier) error {
			answer, err := metrics.Ask(t.Context(), q, metrics.Question{Metric: domain.Must(metrics.Parse(id)), At: at})
			require.Equal(t, []metrics.Value{want}, answer.Total, id)
			return err
		}))
	}
}

// spreadsheet sums the won amounts by manager, as anybody would who has only the files.
func spreadsheet(t *testing.T, files Files) map[string]string {
	t.Helper()
	read := func(f File) [][]string {
		rows, err := csv.NewReader(bytes.NewReader(f.Data)).ReadAll()
		require.NoError(t, err)
		return rows[1:]
	}
	managers, sums := map[string]string{}, map[string]int{}
	for _, r := range read(files.Others["sales_teams.csv"]) {
		managers[r[0]] = r[1]
	}
	for _, r := range read(files.Deals[0]) {
		if r[4] == "Won" {
			dollars, err := strconv.Atoi(r[7])
			require.NoError(t, err)
			sums[managers[r[1]]] += dollars
		}
	}
	texts := map[string]string{}
	for name, sum := range sums {
		texts[name] = strconv.Itoa(sum) + ".00 USD"
	}
	return texts
}

// foldDeals is every deal of the ledger.
func foldDeals(t *testing.T, w *world) map[uuid.UUID]*account.Deal {
	t.Helper()
	deals := map[uuid.UUID]*account.Deal{}
	for _, recorded := range w.events(t) {
		event, envelope, err := w.Codec.Decode(recorded)
		require.NoError(t, err)
		e, ok := event.(account.DealEvent)
		if !ok {
			continue
		}
		if deals[e.Deal()] == nil {
			deals[e.Deal()] = &account.Deal{}
		}
		deals[e.Deal()].Apply(e, envelope)
	}
	return deals
}

func wonByPartner(t *testing.T, w *world) map[string]string {
	t.Helper()
	sums := map[uuid.UUID]domain.Money{}
	for _, d := range foldDeals(t, w) {
		if d.Status == account.StatusWon {
			sums[d.PartnerID] = domain.Must(sums[d.PartnerID].Add(d.Win.Net()))
		}
	}
	texts := map[string]string{}
	i := newImporter(w.Ledger, Options{Mapping: w.mapping})
	for _, name := range []string{"Cara Losch", "Celia Rouche", "Dustin Brinkmann", "Melvin Marxen", "Rocco Neubert", "Summer Sewald"} {
		texts[name] = sums[i.partnerID(name)].String()
	}
	require.Len(t, sums, len(texts))
	return texts
}

// dealRows are the cells of the real export's rows, header first.
func dealRows(t *testing.T, files Files) [][]string {
	t.Helper()
	rows, err := csv.NewReader(bytes.NewReader(files.Deals[0].Data)).ReadAll()
	require.NoError(t, err)
	return rows
}

func withRows(t *testing.T, files Files, rows [][]string) Files {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, csv.NewWriter(&b).WriteAll(rows))
	files.Deals = []File{{Name: "sales_pipeline.csv", Data: b.Bytes()}}
	return files
}

// An export with 100 new and 50 newly closed rows appends just these.
func TestALaterRealExport(t *testing.T) {
	skipShort(t)
	w := newWorld(t)
	w.mapping = example(t) // with the programme's start: the earliest row of all is among the new ones
	files := realFiles(t, w.mapping)
	rows := dealRows(t, files)
	earlier := [][]string{rows[0]}
	isNew, isClosed := map[string]bool{}, map[string]bool{}
	for n, r := range rows[1:] {
		imported := r[3] != "" && r[5] != ""
		switch {
		case imported && n%61 == 0 && len(isNew) < 100:
			isNew[r[0]] = true
			continue
		case imported && n%71 == 0 && r[6] != "" && len(isClosed) < 50:
			isClosed[r[0]] = true
			r = []string{r[0], r[1], r[2], r[3], "Engaging", r[5], "", ""}
		}
		earlier = append(earlier, r)
	}
	require.Len(t, isNew, 100)
	require.Len(t, isClosed, 50)
	first, _ := w.run(t, withRows(t, files, earlier))
	require.Equal(t, 7112, first.Imported)
	require.Equal(t, 551, first.Open+len(openAmong(rows, isNew)))

	before := len(w.events(t))
	second, _ := w.run(t, files)
	require.Equal(t, 7212, second.Imported)
	require.Equal(t, domain.Totals{dollars(t, "10005534")}, second.WonAmount)
	newDeals, closings := map[uuid.UUID]bool{}, 0
	for _, recorded := range w.events(t)[before:] {
		event, envelope, err := w.Codec.Decode(recorded)
		require.NoError(t, err)
		e, ok := event.(account.DealEvent)
		require.True(t, ok, recorded.Type)
		if _, ok := e.(account.DealRegistered); ok {
			newDeals[e.Deal()] = true
		}
		if newDeals[e.Deal()] {
			continue
		}
		closings++
		require.Contains(t, []string{"deal.won.v1", "deal.lost.v1"}, recorded.Type)
		require.Equal(t, "import:maven-crm", envelope.Actor.ID)
	}
	require.Len(t, newDeals, 100)
	require.Equal(t, 50, closings)
	third, _ := w.run(t, files)
	require.Zero(t, third.Appended)
}

func openAmong(rows [][]string, ids map[string]bool) (open []string) {
	for _, r := range rows[1:] {
		if ids[r[0]] && r[6] == "" {
			open = append(open, r[0])
		}
	}
	return open
}

func skipShort(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("the whole export takes too long under the race detector")
	}
}

// someRows is an export of a few accounts, with what is set aside for the lack of one.
func someRows(t *testing.T, files Files) Files {
	t.Helper()
	wanted := []string{"", "Hottechi", "Kan-code", "Konex", "Iselectrics"}
	if testing.Short() {
		wanted = []string{"", "Bioholding", "Iselectrics"}
	}
	rows := dealRows(t, files)
	some := [][]string{rows[0]}
	for _, r := range rows[1:] {
		if slices.Contains(wanted, r[3]) {
			some = append(some, r)
		}
	}
	return withRows(t, files, some)
}

// Stopped at any moment and started again, as often as one likes, an import leaves the same streams, byte for byte.
func TestInterruptedImports(t *testing.T) {
	whole := newWorld(t)
	files := someRows(t, realFiles(t, whole.mapping))
	want, _ := whole.run(t, files)
	seed := rand.Uint64()
	t.Log("seed ", seed)
	random := rand.New(rand.NewPCG(seed, 1))

	for name, attempt := range map[string]func(t *testing.T, w *world, store eventstore.Store, within int) error{
		"stopped": func(t *testing.T, w *world, _ eventstore.Store, within int) error {
			t.Helper()
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			at := 1 + random.IntN(within)
			_, err := Run(ctx, w.Ledger, Options{
				Mapping: w.mapping, Files: files, OnBehalfOf: "u-1", Clock: clock, Workers: 1 + random.IntN(16),
				Progress: func(done, _ int) {
					if done == at {
						cancel()
					}
				},
			})
			return err
		},
		"killed": func(t *testing.T, w *world, store eventstore.Store, within int) error {
			t.Helper()
			dying := &failing{Store: store, left: 1 + random.IntN(2*within), recorded: random.IntN(2) == 0}
			w.Ledger = ledgerOver(t, dying)
			_, err := Run(t.Context(), w.Ledger, Options{
				Mapping: w.mapping, Files: files, OnBehalfOf: "u-1", Clock: clock, Workers: 1 + random.IntN(16),
			})
			w.Ledger = ledgerOver(t, store)
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			store := openStore(t)
			w := &world{ledgerOver(t, store), whole.mapping}
			stops := 0
			const soon, later = 10, 400 // the first attempt never comes to its end
			for err := attempt(t, w, store, soon); err != nil; err = attempt(t, w, store, later) {
				require.ErrorContains(t, err, "goes on when it is started again")
				stops++
				w.Ledger = ledgerOver(t, store)
			}
			require.Positive(t, stops)
			t.Log("stops: ", stops)
			got, _ := w.run(t, files)
			require.Zero(t, got.Appended)
			got.Appended = want.Appended
			require.Equal(t, want, got)
			require.Equal(t, perStream(t, whole), perStream(t, w))
		})
	}
}

// However many accounts are worked on at once, each stream is the same.
func TestWorkersChangeNothing(t *testing.T) {
	var want map[string][]string
	for _, workers := range []int{1, 3, 16} {
		w := newWorld(t)
		last := -1
		_, err := Run(t.Context(), w.Ledger, Options{
			Mapping: w.mapping, Files: someRows(t, realFiles(t, w.mapping)), Clock: clock, Workers: workers,
			Progress: func(done, total int) {
				require.Equal(t, last+1, done)
				require.LessOrEqual(t, done, total)
				last = done
			},
		})
		require.NoError(t, err)
		got := perStream(t, w)
		if want == nil {
			want = got
		}
		require.Equal(t, want, got)
	}
}

// How long the real export takes into an empty ledger on disk, and again into a full one.
func BenchmarkImport(b *testing.B) {
	m := example(b)
	files := realFiles(b, m)
	for _, workers := range []int{1, 16, DefaultWorkers} {
		b.Run(fmt.Sprintf("workers=%d", workers), func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				store, err := embedded.Open(b.TempDir(), embedded.Options{})
				require.NoError(b, err)
				b.StartTimer()
				first := importInto(b, store, m, files, workers)
				b.StopTimer()
				began := time.Now()
				importInto(b, store, m, files, workers)
				b.ReportMetric(time.Since(began).Seconds(), "s/again")
				b.ReportMetric(float64(first.Appended), "events")
				require.NoError(b, store.Close())
				b.StartTimer()
			}
		})
	}
}

func importInto(b *testing.B, store eventstore.Store, m Mapping, files Files, workers int) Summary {
	b.Helper()
	s, err := Run(b.Context(), ledgerOver(b, store), Options{Mapping: m, Files: files, Workers: workers})
	require.NoError(b, err)
	return s
}

// While a ledger is served its scheduler records what is over, old protections too, as soon as it sees them. An import that
// runs beside it gives the same answers.
func TestTheSchedulerRunsBeside(t *testing.T) {
	alone, beside := newWorld(t), newWorld(t)
	files := someRows(t, realFiles(t, alone.mapping))
	want, _ := alone.run(t, files)
	alone.expire(t)
	expired := 0
	_, err := Run(t.Context(), beside.Ledger, Options{
		Mapping: beside.mapping, Files: files, OnBehalfOf: "u-1", Clock: clock,
		Progress: func(done, total int) {
			if done%100 == 0 && done < total {
				expired += beside.expire(t)
			}
		},
	})
	require.NoError(t, err)
	require.Positive(t, expired)
	beside.expire(t)
	got, _ := beside.run(t, files)
	require.Zero(t, got.Appended)
	require.Equal(t, want.Open, got.Expired)
	want.Appended, want.Expired = 0, want.Open
	require.Equal(t, want, got)
	require.Equal(t, outcomes(t, alone), outcomes(t, beside))
}

// expire records every protection that is over.
func (w *world) expire(t *testing.T) (recorded int) {
	t.Helper()
	for id, d := range foldDeals(t, w) {
		if d.Status != account.StatusApproved || d.ProtectedUntil.After(now) {
			continue
		}
		outcome, err := w.Accounts.Do(t.Context(), d.AccountID, domain.Header{
			CommandID: domain.CommandID("scheduler", id.String()), EffectiveAt: d.ProtectedUntil,
			Actor: domain.Actor{ID: "scheduler", Kind: domain.Reactor},
		}, account.ExpireDeal{DealID: id})
		require.NoError(t, err)
		recorded += outcome.Count
	}
	return recorded
}

// outcomes are what people ask of each deal.
func outcomes(t *testing.T, w *world) map[uuid.UUID]string {
	t.Helper()
	texts := map[uuid.UUID]string{}
	for id, d := range foldDeals(t, w) {
		_, until := d.Protection()
		var findings []string
		for _, f := range d.Findings {
			findings = append(findings, f.ID.String(), f.Override.Reason)
		}
		slices.Sort(findings)
		texts[id] = fmt.Sprint(d.Status, d.Stage.Latest(), until, findings)
		if d.Win != nil {
			texts[id] += fmt.Sprint(d.Win.Net(), d.Win.Protected)
		}
	}
	return texts
}
