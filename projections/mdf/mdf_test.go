package mdf_test

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/domaintest"
	domainmdf "github.com/channelledger/channelledger/domain/mdf"
	"github.com/channelledger/channelledger/projections"
	"github.com/channelledger/channelledger/projections/listing"
	"github.com/channelledger/channelledger/projections/listing/histories"
	"github.com/channelledger/channelledger/projections/mdf"
	"github.com/channelledger/channelledger/projections/projectionstest"
)

func TestTheSameHoweverItCameAbout(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1).run(150)
	projectionstest.Check(t, mdf.Projection(), w.l.Codec, w.l.Store)
}

// TestTheAuthorityIsSomewhere: at every moment of knowledge and effect the parts add up to the authority.
func TestTheAuthorityIsSomewhere(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 2).run(150)
	spent := false
	for day := range 10 {
		at := begin.AddDate(0, 0, 20*day)
		for _, bounds := range []projections.Bounds{{KnownAt: at}, {EffectiveAt: at}, {}} {
			for _, b := range budgets(t, w.view(bounds), mdf.BudgetQuery{}) {
				m := b.Money
				parts := domain.Must(domain.SumMoney(m.Unallocated, m.InTransit, m.Available, m.Reserved, m.Spent, m.Expired))
				require.Equal(t, b.Authority, parts.In("EUR"), "%+v", b)
				spent = spent || m.Spent.Sign() > 0
			}
		}
	}
	require.True(t, spent)
}

func budgets(t *testing.T, r projections.Reader, query mdf.BudgetQuery) []mdf.BudgetWithMoney {
	t.Helper()
	return histories.Ask(t, r, func(q projections.Querier) (listing.Page[mdf.BudgetWithMoney], error) {
		return mdf.Budgets(t.Context(), q, query)
	}).Items
}

func requests(t *testing.T, r projections.Reader, query mdf.RequestQuery) []domainmdf.Request {
	t.Helper()
	return histories.Ask(t, r, func(q projections.Querier) (listing.Page[domainmdf.Request], error) {
		return mdf.Requests(t.Context(), q, query)
	}).Items
}

func claims(t *testing.T, r projections.Reader, query mdf.ClaimQuery) []domainmdf.Claim {
	t.Helper()
	return histories.Ask(t, r, func(q projections.Querier) (listing.Page[domainmdf.Claim], error) {
		return mdf.Claims(t.Context(), q, query)
	}).Items
}

func funds(t *testing.T, r projections.Reader, query mdf.FundQuery) []domainmdf.Fund {
	t.Helper()
	return histories.Ask(t, r, func(q projections.Querier) (listing.Page[domainmdf.Fund], error) {
		return mdf.Funds(t.Context(), q, query)
	}).Items
}

// told is a story: a budget of 1000, 600 of it a fund, 400 requested and approved, one claim approved and one that looks
// like it.
type told struct {
	*world
	north, south, budget, fund, request, first, second uuid.UUID
}

func story(t *testing.T) told {
	t.Helper()
	w := newWorld(t, 0)
	s := told{world: w, north: w.partner("north"), south: w.partner("south")}
	s.budget = w.budget("EMEA Q1", "1000.00")
	s.fund = w.allocates(s.budget, s.north, "600.00")
	w.allocates(s.budget, s.south, "100.00")
	admin := domaintest.Admin(s.north)
	w.now = begin.Add(time.Hour)
	s.request = w.makes(s.fund, admin, "request", w.submission(s.fund, eur("400.00")))
	require.NoError(t, w.gives(domainmdf.FundCategory, s.fund, domaintest.Finance(), approval(s.request, eur("400.00"))))
	w.now = begin.AddDate(0, 0, 3)
	s.first = w.makes(s.fund, admin, "claim", w.invoice(s.request, "RE-1", eur("200.00")))
	s.second = w.makes(s.fund, admin, "claim", w.invoice(s.request, "RE-2", eur("200.00")))
	require.NoError(t, w.gives(domainmdf.FundCategory, s.fund, domaintest.Finance(), domainmdf.OverrideDuplicate{
		ClaimID: s.second, Reason: "two halves", FindingIDs: []uuid.UUID{domain.DeriveID("mdf duplicate", s.second.String(), "same_amount", s.first.String())},
	}))
	require.NoError(t, w.gives(domainmdf.FundCategory, s.fund, domaintest.Finance(), domainmdf.ApproveClaim{ClaimID: s.second, Approved: eur("100.00")}))
	return s
}

func TestFilters(t *testing.T) {
	t.Parallel()
	s := story(t)
	r := s.view(projections.Bounds{})
	yes, no := true, false
	for name, c := range map[string]struct {
		query mdf.ClaimQuery
		want  []uuid.UUID
	}{
		"oldest first": {mdf.ClaimQuery{Request: listing.Request{Sort: "gross"}, Fund: []uuid.UUID{s.fund}}, sorted(s.first, s.second)},
		"scope":        {mdf.ClaimQuery{Scope: s.south}, nil},
		"partner":      {mdf.ClaimQuery{Partner: []uuid.UUID{s.south}}, nil},
		"budget":       {mdf.ClaimQuery{Budget: []uuid.UUID{s.north}}, nil},
		"request":      {mdf.ClaimQuery{RequestID: []uuid.UUID{s.north}}, nil},
		"number":       {mdf.ClaimQuery{InvoiceNumber: []string{"RE-1"}}, []uuid.UUID{s.first}},
		"supplier":     {mdf.ClaimQuery{Supplier: "messeBAU", ID: []uuid.UUID{s.first}}, []uuid.UUID{s.first}},
		"status":       {mdf.ClaimQuery{Status: []domainmdf.ClaimStatus{domainmdf.ClaimIsApproved}}, []uuid.UUID{s.second}},
		"currency":     {mdf.ClaimQuery{Currency: []string{"USD"}}, nil},
		"flagged":      {mdf.ClaimQuery{Flagged: &yes}, nil},
		"not flagged":  {mdf.ClaimQuery{Flagged: &no, Status: []domainmdf.ClaimStatus{domainmdf.ClaimIsFiled}}, []uuid.UUID{s.first}},
		"before":       {mdf.ClaimQuery{Filed: listing.Period{Until: begin}}, nil},
	} {
		var got []uuid.UUID
		for _, claim := range claims(t, r, c.query) {
			got = append(got, claim.ID)
		}
		require.Equal(t, c.want, got, name)
	}
	for name, c := range map[string]struct {
		query mdf.RequestQuery
		want  int
	}{
		"all":       {mdf.RequestQuery{}, 1},
		"scope":     {mdf.RequestQuery{Scope: s.south}, 0},
		"text":      {mdf.RequestQuery{Text: "FAIR"}, 1},
		"status":    {mdf.RequestQuery{Status: []domainmdf.RequestStatus{domainmdf.RequestIsApproved}}, 1},
		"activity":  {mdf.RequestQuery{Activity: []domainmdf.Activity{domainmdf.ActivityOther}}, 0},
		"fund":      {mdf.RequestQuery{Fund: []uuid.UUID{s.fund}, Budget: []uuid.UUID{s.budget}, Currency: []string{"EUR"}, Partner: []uuid.UUID{s.north}}, 1},
		"deadline":  {mdf.RequestQuery{ClaimUntil: listing.Period{Until: begin.AddDate(0, 0, 50)}}, 0},
		"submitted": {mdf.RequestQuery{Submitted: listing.Period{From: begin.AddDate(0, 0, -3)}, ID: []uuid.UUID{s.request}}, 1},
	} {
		require.Len(t, requests(t, r, c.query), c.want, name)
	}
	require.Len(t, funds(t, r, mdf.FundQuery{}), 2)
	require.Len(t, funds(t, r, mdf.FundQuery{Scope: s.north}), 1)
	require.Len(t, funds(t, r, mdf.FundQuery{ID: []uuid.UUID{s.fund}, Budget: []uuid.UUID{s.budget}, Partner: []uuid.UUID{s.north}, Currency: []string{"EUR"}}), 1)
	require.Len(t, budgets(t, r, mdf.BudgetQuery{Text: "emea", ID: []uuid.UUID{s.budget}, Currency: []string{"EUR"}}), 1)
	require.Empty(t, budgets(t, r, mdf.BudgetQuery{Status: []domainmdf.BudgetStatus{domainmdf.BudgetIsClosed}}))
}

func sorted(a, b uuid.UUID) []uuid.UUID {
	if a.String() < b.String() {
		return []uuid.UUID{a, b}
	}
	return []uuid.UUID{b, a}
}

func TestOneOfEach(t *testing.T) {
	t.Parallel()
	s := story(t)
	r := s.view(projections.Bounds{})
	ask := func(question func(projections.Querier) error) {
		require.NoError(t, r.Read(t.Context(), question))
	}
	ask(func(q projections.Querier) error {
		b, err := mdf.GetBudget(t.Context(), q, s.budget)
		require.NoError(t, err)
		require.Equal(t, mdf.BudgetMoney{
			Unallocated: eur("300.00"), InTransit: eur("0.00"), Available: eur("300.00"), Reserved: eur("300.00"), Spent: eur("100.00"),
			Expired: eur("0.00"),
		}, b.Money)
		f, err := mdf.GetFund(t.Context(), q, s.fund)
		require.NoError(t, err)
		require.Equal(t, eur("200.00"), f.Available)
		request, err := mdf.GetRequest(t.Context(), q, s.request)
		require.NoError(t, err)
		require.Len(t, request.Claims, 2)
		claim, err := mdf.GetClaim(t.Context(), q, s.second)
		require.NoError(t, err)
		require.Equal(t, eur("100.00"), claim.Owed())
		for _, missing := range []error{
			nothing(mdf.GetBudget(t.Context(), q, s.fund)), nothing(mdf.GetFund(t.Context(), q, s.budget)),
			nothing(mdf.GetRequest(t.Context(), q, s.fund)), nothing(mdf.GetClaim(t.Context(), q, s.fund)),
		} {
			require.NoError(t, missing)
		}
		return nil
	})
}

func nothing[T any](row *T, err error) error {
	if err == nil && row != nil {
		return domain.Invalid("", "found %+v", row)
	}
	return err
}

func TestWhatABoundLeavesOutIsUnknown(t *testing.T) {
	t.Parallel()
	s := story(t)
	r := s.view(projections.Bounds{EffectiveAt: begin.AddDate(0, 0, 1)})
	require.Empty(t, claims(t, r, mdf.ClaimQuery{Filed: listing.Period{From: begin.AddDate(0, 0, 1)}}))
	require.Empty(t, requests(t, s.view(projections.Bounds{KnownAt: begin.Add(-time.Hour)}), mdf.RequestQuery{}))
}
