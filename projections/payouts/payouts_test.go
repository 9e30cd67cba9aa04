package payouts_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/domaintest"
	"github.com/channelledger/channelledger/domain/partner"
	"github.com/channelledger/channelledger/domain/payable"
	"github.com/channelledger/channelledger/domain/payout"
	"github.com/channelledger/channelledger/domain/reactor"
	"github.com/channelledger/channelledger/eventstore"
	"github.com/channelledger/channelledger/eventstore/embedded"
	"github.com/channelledger/channelledger/eventstore/ledger"
	"github.com/channelledger/channelledger/projections"
	"github.com/channelledger/channelledger/projections/listing"
	"github.com/channelledger/channelledger/projections/listing/histories"
	"github.com/channelledger/channelledger/projections/payouts"
	"github.com/channelledger/channelledger/projections/projectionstest"
)

// world is a real ledger whose reactor runs behind every command.
type world struct {
	*rand.Rand
	t        *testing.T
	l        *ledger.Ledger
	now      time.Time
	keys     int
	after    eventstore.Position
	rule     *reactor.Payouts
	partners []uuid.UUID
	payouts  []uuid.UUID
}

func newWorld(t *testing.T, seed uint64) *world {
	t.Helper()
	w := &world{Rand: rand.New(rand.NewPCG(seed, 0)), t: t, now: domaintest.Epoch, rule: reactor.NewPayouts()}
	store, err := embedded.OpenMemory(embedded.Options{Clock: func() time.Time { return w.now }})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, store.Close()) })
	w.l, err = ledger.Open(store, eventstore.NewMemoryKeyring(), func() time.Time { return w.now })
	require.NoError(t, err)
	require.NoError(t, w.l.Bootstrap(t.Context(), "", w.now))
	for i := range 4 {
		w.partners = append(w.partners, w.partner(fmt.Sprint("partner ", i)))
	}
	w.now = w.now.AddDate(0, 0, 7)
	return w
}

func (w *world) partner(name string) uuid.UUID {
	id := domain.DeriveID("partner", name)
	for _, c := range []partner.Command{
		partner.Apply{LegalName: name, Kind: partner.Reseller, Country: "DE"}, partner.Approve{Reason: "imported history"},
		partner.SignAgreement{Kind: "reseller", DocumentSHA256: strings.Repeat("0a", 32), ValidFrom: domain.DateOf(w.now, time.UTC)},
		partner.Onboard{},
		partner.ProposePayee{Name: "Somebody", Account: "NO9386011117947", Currency: "EUR"},
	} {
		require.NoError(w.t, w.gives(partner.Category, id, domaintest.Importer(), c))
	}
	p, _, err := w.l.Partners.Fold(w.t.Context(), id)
	require.NoError(w.t, err)
	require.NoError(w.t, w.gives(partner.Category, id, domaintest.Finance(), partner.ApprovePayee{PayeeID: p.Payees[0].ID, Verified: "called"}))
	return id
}

func (w *world) header(by domain.Actor) domain.Header {
	w.keys++
	return domain.Header{CommandID: domain.CommandID("world", fmt.Sprint(w.keys)), Actor: by}
}

// gives a command, and lets what follows from it happen.
func (w *world) gives(category string, id uuid.UUID, by domain.Actor, command any) error {
	_, err := w.l.Dispatch(w.t.Context(), domain.StreamName(category, id), w.header(by), command)
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
		for _, o := range w.rule.Due(w.now) {
			again = true
			_, err := w.l.Dispatch(w.t.Context(), o.Stream, o.Header("payouts"), o.Command)
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
		if slices.Contains(w.rule.Types(), env.Type) {
			w.rule.Observe(event, env)
		}
	}
}

// run lets so many things happen.
func (w *world) run(steps int) *world {
	for range steps {
		w.now = w.now.Add(time.Duration(w.IntN(20)) * time.Hour)
		switch w.IntN(10) {
		case 0, 1, 2, 3:
			w.owes()
		case 4:
			w.prepares()
		case 5:
			w.suspends()
		default:
			w.decides()
		}
	}
	return w
}

func (w *world) owes() {
	source := payable.Source{
		Kind: payable.Kinds()[w.IntN(3)], Stream: "rebate-" + uuid.Nil.String(), ID: domain.DeriveID("x"), EventID: domain.DeriveID("owed", fmt.Sprint(w.keys)),
	}
	require.NoError(w.t, w.gives(payable.Category, payable.IDOf(source.EventID), domaintest.Importer(), payable.Raise{
		PartnerID: w.partners[w.IntN(4)], Source: source, Amount: domain.Must(domain.NewMoney(1+w.Int64N(99999), "EUR")), Due: domain.DateOf(w.now, time.UTC),
	}))
}

func (w *world) prepares() {
	h := w.header(domaintest.Treasurer())
	c := payout.Open{
		Currency: "EUR", Debtor: payout.Debtor{Name: "Vendor SE", IBAN: "DE89370400440532013000"}, ExecutionOn: domain.DateOf(w.now, time.UTC),
	}
	if w.IntN(2) == 0 {
		c.Filter.PartnerIDs = w.partners[:2]
	}
	if _, err := w.l.PreparePayout(w.t.Context(), h, c); err != nil {
		require.NotNil(w.t, domain.AsRejection(err), "%v", err)
		return
	}
	w.payouts = append(w.payouts, payout.IDOf(h.CommandID))
	w.react()
}

func (w *world) suspends() {
	id := w.partners[3]
	if w.gives(partner.Category, id, domaintest.Ops(), partner.Suspend{Reason: "audit"}) != nil {
		require.NoError(w.t, w.gives(partner.Category, id, domaintest.Ops(), partner.Reinstate{Reason: "all fine"}))
	}
}

// decides takes a payout a step further, or a payment of it.
func (w *world) decides() {
	if len(w.payouts) == 0 {
		return
	}
	id := w.payouts[w.IntN(len(w.payouts))]
	p := w.payout(id)
	switch p.Status {
	case payout.StatusPrepared:
		if w.IntN(5) == 0 {
			require.NoError(w.t, w.gives(payout.Category, id, domaintest.Treasurer(), payout.Abandon{Reason: "a mistake"}))
			return
		}
		require.NoError(w.t, w.gives(payout.Category, id, domaintest.Finance(), payout.Approve{}))
	case payout.StatusApproved:
		held, err := w.l.HeldOf(w.t.Context(), id, domain.Header{Actor: domaintest.Treasurer()})
		require.NoError(w.t, err)
		_ = w.gives(payout.Category, id, domaintest.Treasurer(), payout.Send{Format: payout.CSV, SHA256: strings.Repeat("0a", 32), Held: held})
	case payout.StatusSent, payout.StatusCompleted:
		item := p.Payments()[w.IntN(len(p.Payments()))]
		_ = w.gives(payable.Category, item.PayableID, domaintest.Treasurer(), w.fate(id, item))
	}
}

func (w *world) fate(id uuid.UUID, item payout.Item) payable.Command {
	switch w.IntN(4) {
	case 0:
		return payable.Return{PayoutID: id, Reason: "closed"}
	case 1:
		return payable.Return{PayoutID: id, Paid: domain.Must(domain.NewMoney(1+w.Int64N(item.Paid.Minor()), "EUR")), Reason: "in part"}
	default:
		return payable.Confirm{PayoutID: id, Reference: "B-1"}
	}
}

func (w *world) payout(id uuid.UUID) *payout.Payout {
	p, _, err := w.l.Payouts.Fold(w.t.Context(), id)
	require.NoError(w.t, err)
	return p
}

func (w *world) view(bounds projections.Bounds) projections.Reader {
	w.t.Helper()
	return projectionstest.View(w.t, projections.Source{Store: w.l.Store, Codec: w.l.Codec}, payouts.Projection(), bounds)
}

func TestTheSameHoweverItCameAbout(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1).run(150)
	projectionstest.Check(t, payouts.Projection(), w.l.Codec, w.l.Store)
}

func list(t *testing.T, r projections.Reader, query payouts.Query) []payouts.WithCounts {
	t.Helper()
	return histories.Ask(t, r, func(q projections.Querier) (listing.Page[payouts.WithCounts], error) {
		return payouts.List(t.Context(), q, query)
	}).Items
}

func items(t *testing.T, r projections.Reader, query payouts.ItemQuery) []payouts.Payment {
	t.Helper()
	query.Limit = 500
	return histories.Ask(t, r, func(q projections.Querier) (listing.Page[payouts.Payment], error) {
		return payouts.Items(t.Context(), q, query)
	}).Items
}

// The rows are the payouts as their streams have them, and the items add up to them.
func TestRowsAreTheAggregates(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 2).run(200)
	r, seen := w.view(projections.Bounds{}), map[payouts.ItemStatus]int{}
	for _, id := range w.payouts {
		want := w.payout(id)
		got := histories.Ask(t, r, func(q projections.Querier) (*payouts.WithCounts, error) { return payouts.Get(t.Context(), q, id) })
		require.Equal(t, want.Summary(), got.Payout)
		counts, total := map[payouts.ItemStatus]int{}, domain.Must(domain.NewMoney(0, "EUR"))
		for _, i := range items(t, r, payouts.ItemQuery{Payout: []uuid.UUID{id}}) {
			counts[i.Status]++
			seen[i.Status]++
			total = domain.Must(total.Add(i.Paid))
		}
		require.Equal(t, counts, got.ByStatus)
		require.Equal(t, want.Total, total)
		require.Equal(t, want.Status == payout.StatusCompleted, counts[payouts.ItemSent]+counts[payouts.ItemPrepared]+counts[payouts.ItemReleased] == 0)
	}
	for _, status := range payouts.ItemStatuses() {
		require.NotZero(t, seen[status], "no item is %s", status)
	}
}

func TestFilters(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 2).run(200)
	r := w.view(projections.Bounds{})
	all := list(t, r, payouts.Query{})
	require.Len(t, all, len(w.payouts))
	require.True(t, slices.IsSortedFunc(all, func(a, b payouts.WithCounts) int { return b.Opened.At.Compare(a.Opened.At) }))
	some := list(t, r, payouts.Query{Status: []payout.Status{payout.StatusCompleted}, Currency: []string{"EUR"}})
	require.NotEmpty(t, some)
	require.Less(t, len(some), len(all))
	require.Empty(t, list(t, r, payouts.Query{Debtor: []string{"NO9386011117947"}}))
	own := items(t, r, payouts.ItemQuery{Scope: w.partners[0], Kind: []string{"rebate"}})
	require.NotEmpty(t, own)
	for _, i := range own {
		require.Equal(t, w.partners[0], i.PartnerID)
		require.Len(t, list(t, r, payouts.Query{ID: []uuid.UUID{i.PayoutID}, Payable: []uuid.UUID{i.PayableID}}), 1)
	}
}

func TestEveryBoundFolds(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 4).run(100)
	for n := range 6 {
		bound := domaintest.Epoch.AddDate(0, 0, 10*n)
		for _, p := range list(t, w.view(projections.Bounds{EffectiveAt: bound}), payouts.Query{}) {
			require.False(t, p.Opened.At.After(bound))
		}
	}
}
