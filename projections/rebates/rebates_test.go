package rebates_test

import (
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/policy"
	"github.com/channelledger/channelledger/domain/rebate"
	"github.com/channelledger/channelledger/projections"
	"github.com/channelledger/channelledger/projections/listing"
	"github.com/channelledger/channelledger/projections/listing/histories"
	"github.com/channelledger/channelledger/projections/projectionstest"
	"github.com/channelledger/channelledger/projections/rebates"
)

func TestTheSameHoweverItCameAbout(t *testing.T) {
	t.Parallel()
	h := histories.New(1).RunRebates(400)
	projectionstest.Check(t, rebates.Projection(), h.Codec, h.Log)
}

func TestEveryBoundFolds(t *testing.T) {
	t.Parallel()
	h := histories.New(2).RunRebates(300)
	for range 8 {
		bound := h.Events[h.IntN(len(h.Events))].Envelope.EffectiveAt
		for _, a := range list(t, h.View(t, rebates.Projection(), projections.Bounds{EffectiveAt: bound}), rebates.Query{}) {
			require.False(t, a.Opened.At.After(bound), "an agreement that wasn't open yet")
		}
	}
}

// The rows are the agreements as their streams have them, and what the sales earned adds up to what the scheme gave.
func TestRowsAreTheAggregates(t *testing.T) {
	t.Parallel()
	h := histories.New(3).RunRebates(300)
	r := h.View(t, rebates.Projection(), projections.Bounds{})
	for _, id := range h.Agreements() {
		want := h.Agreement(id)
		got := histories.Ask(t, r, func(q projections.Querier) (*rebate.Agreement, error) { return rebates.Get(t.Context(), q, id) })
		require.Equal(t, want, got)
		sales := histories.Ask(t, r, func(q projections.Querier) (listing.Page[rebates.Sale], error) {
			return rebates.Sales(t.Context(), q, rebates.SaleQuery{Agreement: []uuid.UUID{id}})
		}).Items
		earned, revenue := domain.Must(domain.NewMoney(0, "EUR")), domain.Must(domain.NewMoney(0, "EUR"))
		for _, s := range sales {
			earned = domain.Must(earned.Add(s.Earned))
			revenue = domain.Must(revenue.Add(domain.Must(s.Amount.Sub(s.Reversed))))
		}
		require.Equal(t, want.Revenue, revenue)
		require.Equal(t, domain.Must(want.Accrued.Add(want.SchemeAdjusted)), earned)
		require.Len(t, sales, int(want.Sales))
	}
}

func list(t *testing.T, r projections.Reader, query rebates.Query) (all []rebate.Agreement) {
	t.Helper()
	for {
		page := histories.Ask(t, r, func(q projections.Querier) (listing.Page[rebate.Agreement], error) {
			return rebates.List(t.Context(), q, query)
		})
		all = append(all, page.Items...)
		if query.Cursor = page.Next; page.Next == "" {
			return all
		}
	}
}

func TestFilters(t *testing.T) {
	t.Parallel()
	h := histories.New(0)
	north, south := h.Partners[0], h.Partners[1]
	do := func(id uuid.UUID, c rebate.Command) { require.True(t, h.Rebate(id, h.Header(), c), "%#v", c) }
	first, second := histories.Opening(north, h.Now), histories.Opening(south, h.Now)
	do(first.ID(), first)
	do(second.ID(), second)
	sale := rebate.RecordSale{Source: policy.BasisSellOut, SourceRef: "INV-1", Product: "GTX", Amount: domain.Must(domain.ParseMoney("1000", "EUR"))}
	do(first.ID(), sale)
	do(second.ID(), sale)
	do(first.ID(), rebate.EarnSpiff{
		SellerID: histories.Sellers(north)[0], Amount: domain.Must(domain.ParseMoney("50", "EUR")), Treatment: rebate.TreatmentExpense, Reference: "x",
	})
	later := first
	later.Period.FirstDay, later.Period.LastDay = later.Period.LastDay.AddDays(1), later.Period.LastDay.AddDays(90)
	do(later.ID(), later)
	r := h.View(t, rebates.Projection(), projections.Bounds{})
	for name, c := range map[string]struct {
		query rebates.Query
		want  []uuid.UUID
	}{
		"the latest first": {rebates.Query{Partner: []uuid.UUID{north}, Request: listing.Request{Limit: 1}}, []uuid.UUID{later.ID(), first.ID()}},
		"scope":            {rebates.Query{Scope: south}, []uuid.UUID{second.ID()}},
		"id":               {rebates.Query{ID: []uuid.UUID{first.ID()}}, []uuid.UUID{first.ID()}},
		"in a period":      {rebates.Query{Scope: north, Period: listing.Period{From: h.Now, Until: h.Now.AddDate(0, 0, 1)}}, []uuid.UUID{first.ID()}},
		"from a moment on": {rebates.Query{Period: listing.Period{From: h.Now.AddDate(0, 4, 0)}}, []uuid.UUID{later.ID()}},
		"no such status":   {rebates.Query{Status: []rebate.Status{rebate.StatusApproved}}, nil},
		"no such basis":    {rebates.Query{Basis: []policy.Basis{policy.BasisSellIn}}, nil},
		"no such currency": {rebates.Query{Currency: []string{"USD"}}, nil},
		"no such scheme":   {rebates.Query{Scheme: []string{"other"}}, nil},
	} {
		var ids []uuid.UUID
		for _, a := range list(t, r, c.query) {
			ids = append(ids, a.ID)
		}
		require.Equal(t, c.want, ids, name)
	}
	called := rebate.SaleID("standard", policy.BasisSellOut, "INV-1")
	sales := func(q rebates.SaleQuery) int {
		return len(histories.Ask(t, r, func(qr projections.Querier) (listing.Page[rebates.Sale], error) {
			return rebates.Sales(t.Context(), qr, q)
		}).Items)
	}
	require.Equal(t, 2, sales(rebates.SaleQuery{SourceRef: []string{"INV-1"}, Product: []string{"GTX"}, Line: []string{"GTX"}}))
	require.Equal(t, 1, sales(rebates.SaleQuery{Scope: south, ID: []uuid.UUID{called}}))
	require.Equal(t, 0, sales(rebates.SaleQuery{Sold: listing.Period{Until: h.Now}}))
	require.Len(t, histories.Ask(t, r, func(q projections.Querier) ([]rebates.Sale, error) {
		return rebates.SalesCalled(t.Context(), q, called)
	}), 2)
	one := histories.Ask(t, r, func(q projections.Querier) (*rebates.Sale, error) {
		return rebates.GetSale(t.Context(), q, first.ID(), called)
	})
	require.Equal(t, domain.Must(domain.ParseMoney("75.00", "EUR")), one.Earned)
	spiffs := func(q rebates.SpiffQuery) int {
		return len(histories.Ask(t, r, func(qr projections.Querier) (listing.Page[rebates.Spiff], error) {
			return rebates.Spiffs(t.Context(), qr, q)
		}).Items)
	}
	require.Equal(t, 1, spiffs(rebates.SpiffQuery{Partner: []uuid.UUID{north}}))
	require.Equal(t, 0, spiffs(rebates.SpiffQuery{Scope: south}))
}
