package mdf_test

import (
	"bytes"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/domaintest"
	"github.com/channelledger/channelledger/domain/file"
	domainmdf "github.com/channelledger/channelledger/domain/mdf"
	"github.com/channelledger/channelledger/domain/partner"
	"github.com/channelledger/channelledger/domain/reactor"
	"github.com/channelledger/channelledger/eventstore"
	"github.com/channelledger/channelledger/eventstore/embedded"
	"github.com/channelledger/channelledger/eventstore/ledger"
	"github.com/channelledger/channelledger/projections"
	"github.com/channelledger/channelledger/projections/mdf"
	"github.com/channelledger/channelledger/projections/sqlview"
)

// world is a real ledger whose reactors run when the test lets them.
type world struct {
	*rand.Rand
	t      *testing.T
	l      *ledger.Ledger
	now    time.Time
	keys   int
	after  eventstore.Position
	funds  *reactor.Funds
	events []domain.Event
	late   bool // some facts are recorded late
}

var begin = domaintest.Epoch

// proof is the hash of the document that every claim shows.
var proof = strings.Repeat("0a", 32)

func newWorld(t *testing.T, seed uint64) *world {
	t.Helper()
	w := &world{Rand: rand.New(rand.NewPCG(seed, 0)), t: t, now: begin, funds: reactor.NewFunds()}
	store, err := embedded.OpenMemory(embedded.Options{Clock: func() time.Time { return w.now }})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, store.Close()) })
	w.l, err = ledger.Open(store, eventstore.NewMemoryKeyring(), func() time.Time { return w.now })
	require.NoError(t, err)
	require.NoError(t, w.l.Bootstrap(t.Context(), "", begin))
	require.NoError(t, w.gives(file.Category, file.IDOf(proof), domaintest.Importer(), file.Store{SHA256: proof, Size: 1}))
	return w
}

func (w *world) partner(name string) uuid.UUID {
	id := domain.DeriveID("partner", name)
	for _, c := range []partner.Command{
		partner.Apply{LegalName: name, Kind: partner.Reseller, Country: "DE"}, partner.Approve{Reason: "imported history"},
		partner.SignAgreement{Kind: "reseller", DocumentSHA256: proof, ValidFrom: domain.DateOf(begin, time.UTC)},
		partner.Onboard{},
	} {
		require.NoError(w.t, w.gives(partner.Category, id, domaintest.Importer(), c))
	}
	return id
}

// gives a command, and lets what follows from it happen.
func (w *world) gives(category string, id uuid.UUID, by domain.Actor, command any) error {
	w.keys++
	header := domain.Header{CommandID: domain.CommandID("world", fmt.Sprint(w.keys)), Actor: by}
	if w.late && by.MayBackdate() && w.IntN(3) == 0 {
		header.EffectiveAt = w.now.Add(-time.Duration(w.IntN(48)) * time.Hour)
	}
	_, err := w.l.Dispatch(w.t.Context(), domain.StreamName(category, id), header, command)
	if err != nil {
		require.NotNil(w.t, domain.AsRejection(err), "%T: %v", command, err)
	}
	w.react()
	return err
}

func (w *world) react() {
	for again := true; again; {
		again = false
		w.observe()
		for _, o := range w.funds.Due(w.now) {
			again = true
			_, err := w.l.Dispatch(w.t.Context(), o.Stream, o.Header("funds"), o.Command)
			require.NoError(w.t, err)
		}
	}
}

func (w *world) observe() {
	for m, err := range w.l.Store.Follow(w.t.Context(), w.after, eventstore.Filter{}) {
		require.NoError(w.t, err)
		if w.after = m.Position; m.Kind == eventstore.CaughtUp {
			return
		}
		event, env, err := w.l.Codec.Decode(m.Event)
		require.NoError(w.t, err)
		w.events = append(w.events, event)
		if slices.Contains(w.funds.Types(), env.Type) {
			w.funds.Observe(event, env)
		}
	}
}

// makes gives a command that must be taken, and is the id of what it made.
func (w *world) makes(fund uuid.UUID, by domain.Actor, kind string, command domainmdf.FundCommand) uuid.UUID {
	w.t.Helper()
	id := domain.EntityID(domain.CommandID("world", fmt.Sprint(w.keys+1)), domain.StreamName(domainmdf.FundCategory, fund), kind)
	require.NoError(w.t, w.gives(domainmdf.FundCategory, fund, by, command))
	return id
}

func (w *world) budget(name, amount string) uuid.UUID {
	id := domainmdf.BudgetID(domain.CommandID("world", fmt.Sprint(w.keys+1)))
	from := domain.DateOf(w.now, time.UTC)
	require.NoError(w.t, w.gives(domainmdf.BudgetCategory, id, domaintest.Finance(), domainmdf.OpenBudget{
		Name: name, Period: domainmdf.Period{From: from, To: from.AddDays(89)}, Amount: eur(amount),
	}))
	return id
}

func (w *world) allocates(budget, to uuid.UUID, amount string) uuid.UUID {
	require.NoError(w.t, w.gives(domainmdf.BudgetCategory, budget, domaintest.Finance(), domainmdf.Allocate{PartnerID: to, Amount: eur(amount)}))
	return domainmdf.FundID(budget, to)
}

func eur(amount string) domain.Money { return domain.Must(domain.ParseMoney(amount, "EUR")) }

func cents(n int) domain.Money { return domain.Must(domain.NewMoney(int64(n), "EUR")) }

func (w *world) submission(fund uuid.UUID, amount domain.Money) domainmdf.SubmitRequest {
	today := domain.DateOf(w.now, time.UTC)
	return domainmdf.SubmitRequest{
		FundID: fund, Activity: domainmdf.ActivityEvent, Title: "Stand at the Fair", Starts: today, Ends: today.AddDays(w.IntN(9)), TotalCost: eur("9999.00"), Requested: amount,
	}
}

func (w *world) invoice(request uuid.UUID, number string, net domain.Money) domainmdf.FileClaim {
	return domainmdf.FileClaim{
		RequestID: request, Supplier: "Messebau Nord GmbH", InvoiceNumber: number, InvoiceDate: domain.DateOf(begin, time.UTC), Net: net,
		Gross: net, Settlement: domainmdf.PartnerInvoice, Proof: []domainmdf.Proof{{Name: "x.jpg", Size: 1, SHA256: proof}},
	}
}

func approval(request uuid.UUID, amount domain.Money) domainmdf.ApproveRequest {
	return domainmdf.ApproveRequest{RequestID: request, Amount: amount, Treatment: domainmdf.ContraRevenue, Basis: "none"}
}

// run gives random commands on two budgets and two partners.
func (w *world) run(commands int) *world {
	partners := []uuid.UUID{w.partner("north"), w.partner("south")}
	budgets := []uuid.UUID{w.budget("Q1", "1000.00"), w.budget("Q2", "500.00")}
	w.late = true
	for range commands {
		w.now = w.now.Add(time.Duration(w.IntN(40)) * time.Hour)
		budget, of := budgets[w.IntN(2)], partners[w.IntN(2)]
		w.step(budget, of)
	}
	return w
}

func (w *world) step(budget, of uuid.UUID) {
	fund := domainmdf.FundID(budget, of)
	state, _, err := w.l.Funds.Fold(w.t.Context(), fund)
	require.NoError(w.t, err)
	amount := cents(1 + w.IntN(9999))
	give := func(by domain.Actor, c domainmdf.FundCommand) { _ = w.gives(domainmdf.FundCategory, fund, by, c) }
	finance, admin := domaintest.Finance(), domaintest.Admin(of)
	switch w.IntN(8) {
	case 0, 1:
		_ = w.gives(domainmdf.BudgetCategory, budget, finance, domainmdf.Allocate{PartnerID: of, Amount: amount})
	case 2, 3, 4:
		give(admin, w.submission(fund, amount))
	case 5:
		give(finance, domainmdf.ReleaseFund{PartnerID: of, Amount: cents(1 + w.IntN(500)), Reason: "x"})
	}
	if r := one(w, state.Requests); r != nil {
		switch w.IntN(6) {
		case 0, 1:
			give(finance, approval(r.ID, r.Requested))
		case 2, 3:
			give(admin, w.invoice(r.ID, fmt.Sprint(w.keys), cents(9000+w.keys)))
		case 4:
			if at, ok := r.LapsesAt(); ok && at.Before(w.now) {
				give(admin, domainmdf.CancelRequest{RequestID: r.ID, Reason: "x"})
			}
		}
	}
	if c := one(w, state.Claims); c != nil {
		give(finance, []domainmdf.FundCommand{
			domainmdf.ApproveClaim{ClaimID: c.ID, Approved: cents(1 + w.IntN(3000)), Final: w.IntN(2) == 0},
			domainmdf.ApproveClaim{ClaimID: c.ID, Approved: cents(1 + w.IntN(3000))},
			domainmdf.ClawBack{ClaimID: c.ID, Amount: cents(1 + w.IntN(100)), Reason: "x"},
			domainmdf.DenyClaim{ClaimID: c.ID, Reason: "x"}, domainmdf.ReturnClaim{ClaimID: c.ID, Reason: "x"},
		}[w.IntN(5)])
	}
}

// one of them, or none.
func one[T any](w *world, things map[uuid.UUID]*T) *T {
	ids := slices.SortedFunc(maps.Keys(things), func(a, b uuid.UUID) int { return bytes.Compare(a[:], b[:]) })
	if len(ids) == 0 {
		return nil
	}
	return things[ids[w.IntN(len(ids))]]
}

// view is what the read model makes of the ledger, within the bounds.
func (w *world) view(bounds projections.Bounds) projections.Reader {
	w.t.Helper()
	views, err := sqlview.Open(w.t.TempDir())
	require.NoError(w.t, err)
	w.t.Cleanup(func() { require.NoError(w.t, views.Close()) })
	source := projections.Source{Store: w.l.Store, Codec: w.l.Codec}
	view, _, err := projections.Replay(w.t.Context(), source, mdf.Projection(), bounds, func(s *projections.Schema) (projections.View, error) {
		return views.Scratch(w.t.Context(), s)
	}, projections.Limits{}, nil)
	require.NoError(w.t, err)
	return view
}
