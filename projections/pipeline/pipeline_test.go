package pipeline_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/account"
	"github.com/channelledger/channelledger/projections"
	"github.com/channelledger/channelledger/projections/listing"
	"github.com/channelledger/channelledger/projections/listing/histories"
	"github.com/channelledger/channelledger/projections/pipeline"
	"github.com/channelledger/channelledger/projections/projectionstest"
)

func TestTheSameHoweverItCameAbout(t *testing.T) {
	t.Parallel()
	h := histories.New(1).Run(250)
	projectionstest.Check(t, pipeline.Projection(nil), h.Codec, h.Log)
}

func TestEveryBoundFolds(t *testing.T) {
	t.Parallel()
	h := histories.New(2).Run(250)
	for range 8 {
		bound := h.Events[h.IntN(len(h.Events))].Envelope.EffectiveAt
		r := h.View(t, pipeline.Projection(nil), projections.Bounds{EffectiveAt: bound})
		for _, d := range all(t, r, pipeline.Filter{}) {
			require.NotEqual(t, uuid.Nil, d.ID)
			require.False(t, d.Submitted.At.After(bound), "a deal that wasn't registered yet")
		}
	}
}

// all reads pages until there is none.
func all(t *testing.T, r projections.Reader, f pipeline.Filter) []account.Deal {
	t.Helper()
	return pages(t, r, pipeline.Query{Filter: f, Request: listing.Request{Limit: 7}}, nil)
}

func pages(t *testing.T, r projections.Reader, query pipeline.Query, between func()) (deals []account.Deal) {
	t.Helper()
	for {
		page := histories.Ask(t, r, func(q projections.Querier) (listing.Page[account.Deal], error) {
			return pipeline.List(t.Context(), q, query)
		})
		deals = append(deals, page.Items...)
		if query.Cursor = page.Next; query.Cursor == "" {
			return deals
		}
		require.Len(t, page.Items, query.Limit)
		if between != nil {
			between()
		}
	}
}

func groups(t *testing.T, r projections.Reader, query pipeline.GroupQuery) pipeline.Groups {
	t.Helper()
	return histories.Ask(t, r, func(q projections.Querier) (pipeline.Groups, error) {
		return pipeline.Pipeline(t.Context(), q, query)
	})
}

var (
	acme   = account.Customer{Name: "Acme GmbH", Domain: "acme.de", Country: "DE"}
	acmeID = domain.Must(acme.Identity()).AccountID
)

func eur(amount string) domain.Money { return domain.Must(domain.ParseMoney(amount, "EUR")) }

func lines(pairs ...string) (all []account.LineAmount) {
	for i := 0; i < len(pairs); i += 2 {
		all = append(all, account.LineAmount{Product: pairs[i], Amount: eur(pairs[i+1])})
	}
	return all
}

// story is one deal of two products that is won, but for a part that is reversed; and one that waits.
func story(t *testing.T) (h *histories.History, won, waiting uuid.UUID) {
	t.Helper()
	h = histories.New(0)
	north := h.Partners[0]
	seller, closer := histories.Sellers(north)[0], histories.Sellers(north)[1]
	do := func(c account.Command) uuid.UUID {
		header := h.Header()
		require.True(t, h.Account(acmeID, header, c), "%#v", c)
		return domain.EntityID(header.CommandID, domain.StreamName(account.Category, acmeID), "deal")
	}
	won = do(account.RegisterDeal{Customer: acme, PartnerID: north, SellerID: seller, Lines: lines("GTX", "500", "MG", "300")})
	do(account.ApproveDeal{DealID: won, Reason: "known"})
	do(account.AdvanceStage{DealID: won, Stage: account.StageProposal})
	do(account.LinkCRM{DealID: won, System: "salesforce", Reference: "0061x"})
	h.Now = h.Now.AddDate(0, 2, 0)
	do(account.WinDeal{DealID: won, SellerID: closer, Lines: lines("GTX", "450", "MG", "50")})
	do(account.ReverseWin{DealID: won, Amount: eur("100"), Reason: account.ReversalReturned})
	waiting = do(account.RegisterDeal{AccountID: acmeID, PartnerID: h.Partners[1], SellerID: histories.Sellers(h.Partners[1])[0], Lines: lines("MG", "70")})
	return h, won, waiting
}

func TestGroups(t *testing.T) {
	t.Parallel()
	h, _, _ := story(t)
	r := h.View(t, pipeline.Projection(nil), projections.Bounds{})
	north, south := h.Partners[0].String(), h.Partners[1].String()
	won := func(amount, net string) pipeline.Sum {
		return pipeline.Sum{Status: account.StatusWon, Currency: "EUR", Deals: 1, Amount: eur(amount), Won: eur(net)}
	}
	waits := pipeline.Sum{Status: account.StatusSubmitted, Currency: "EUR", Deals: 1, Amount: eur("70"), Won: eur("0")}
	for by, want := range map[pipeline.GroupBy]map[string][]pipeline.Sum{
		pipeline.ByStatus:  {"won": {won("800", "400")}, "submitted": {waits}},
		pipeline.ByStage:   {"proposal": {won("800", "400")}, "": {waits}},
		pipeline.ByPartner: {north: {won("800", "400")}, south: {waits}},
		pipeline.BySeller: {
			histories.Sellers(h.Partners[0])[1].String(): {won("800", "400")}, // who closed it
			histories.Sellers(h.Partners[1])[0].String(): {waits},
		},
		pipeline.ByProduct: {"GTX": {won("500", "360")}, "MG": {waits, won("300", "40")}},
		pipeline.ByMonth:   {"2024-03": {waits, won("800", "400")}},
	} {
		got := map[string][]pipeline.Sum{}
		for _, g := range groups(t, r, pipeline.GroupQuery{By: by}).Groups {
			got[g.Value] = g.Sums
		}
		require.Equal(t, want, got, "by %s", by)
	}
	scoped := groups(t, r, pipeline.GroupQuery{By: pipeline.ByStatus, Scope: h.Partners[1]})
	require.Len(t, scoped.Groups, 1)
	require.Equal(t, "submitted", scoped.Groups[0].Value)
	other := groups(t, r, pipeline.GroupQuery{By: pipeline.ByStatus, Scope: h.Partners[1], Partner: h.Partners[:1]})
	require.Empty(t, other.Groups, "a partner that asks for another's")
}

func TestGroupSums(t *testing.T) {
	t.Parallel()
	h, _, _ := story(t)
	r := h.View(t, pipeline.Projection(nil), projections.Bounds{})
	g := groups(t, r, pipeline.GroupQuery{By: pipeline.ByMonth}).Groups[0]
	require.EqualValues(t, 1, g.Deals(pipeline.Open()...))
	require.EqualValues(t, 2, g.Deals(account.StatusSubmitted, account.StatusWon))
	require.Equal(t, domain.Totals{eur("70")}, domain.Must(g.Amount(pipeline.Open()...)))
	require.Equal(t, domain.Totals{eur("400")}, domain.Must(g.Won()))
}

func TestMonthsAreThoseOfTheZone(t *testing.T) {
	t.Parallel()
	h, _, _ := story(t)
	h.Now = time.Date(2024, time.March, 31, 23, 0, 0, 0, time.UTC) // April in Berlin
	require.True(t, h.Account(acmeID, h.Header(), h.Register(h.Partners[2], acme)))
	berlin, err := time.LoadLocation("Europe/Berlin")
	require.NoError(t, err)
	r := h.View(t, pipeline.Projection(berlin), projections.Bounds{})
	require.Len(t, all(t, r, pipeline.Filter{Month: []string{"2024-04"}}), 1)
	require.Len(t, all(t, r, pipeline.Filter{Month: []string{"2024-03"}}), 2)
}

func TestGet(t *testing.T) {
	t.Parallel()
	h, won, _ := story(t)
	r := h.View(t, pipeline.Projection(nil), projections.Bounds{})
	get := func(id uuid.UUID) *account.Deal {
		return histories.Ask(t, r, func(q projections.Querier) (*account.Deal, error) { return pipeline.Get(t.Context(), q, id) })
	}
	require.Equal(t, h.Deal(acmeID, won), get(won))
	require.Nil(t, get(acmeID))
	counts := histories.Ask(t, r, func(q projections.Querier) (map[uuid.UUID]pipeline.Counts, error) {
		return pipeline.CountByAccount(t.Context(), q, uuid.Nil, []uuid.UUID{acmeID, won})
	})
	require.Equal(t, map[uuid.UUID]pipeline.Counts{acmeID: {Open: 1, All: 2}}, counts)
	counts = histories.Ask(t, r, func(q projections.Querier) (map[uuid.UUID]pipeline.Counts, error) {
		return pipeline.CountByAccount(t.Context(), q, h.Partners[0], []uuid.UUID{acmeID})
	})
	require.Equal(t, map[uuid.UUID]pipeline.Counts{acmeID: {All: 1}}, counts)
}

// TestEveryNumberDrillsDown finds, for each sum of each grouping, exactly the deals that it counts.
func TestEveryNumberDrillsDown(t *testing.T) {
	t.Parallel()
	h := histories.New(3).Run(400)
	r := h.View(t, pipeline.Projection(nil), projections.Bounds{})
	for _, by := range pipeline.GroupBys() {
		for _, scope := range []uuid.UUID{uuid.Nil, h.Partners[0]} {
			query := pipeline.GroupQuery{By: by, Scope: scope}
			if scope != uuid.Nil {
				query.Kind = []account.Kind{account.KindRenewal}
			}
			found := groups(t, r, query)
			require.NotEmpty(t, found.Groups)
			for _, g := range found.Groups {
				for _, s := range g.Sums {
					drillDown(t, r, found, g, s)
				}
			}
		}
	}
}

func drillDown(t *testing.T, r projections.Reader, of pipeline.Groups, g pipeline.Group, s pipeline.Sum) {
	t.Helper()
	deals := all(t, r, of.Filter(g, s))
	require.Len(t, deals, int(s.Deals), "%s %s %s", of.By, g.Value, s.Status)
	amount, won := s.Amount.Neg(), s.Won.Neg()
	for _, d := range deals {
		for _, l := range d.Lines {
			if of.By != pipeline.ByProduct || l.Product == g.Value {
				amount = domain.Must(amount.Add(l.Amount.Latest()))
			}
		}
		if d.Win != nil {
			won = domain.Must(won.Add(d.Win.Net()))
		}
	}
	require.Zero(t, amount.Sign(), "%s %s: %s too much", of.By, g.Value, amount)
	if of.By != pipeline.ByProduct {
		require.Zero(t, won.Sign(), "%s %s: %s too much", of.By, g.Value, won)
	}
}

// TestFilters holds each filter to the same question asked of every deal.
func TestFilters(t *testing.T) {
	t.Parallel()
	h := histories.New(12).Run(500)
	r := h.View(t, pipeline.Projection(nil), projections.Bounds{})
	everything := all(t, r, pipeline.Filter{})
	south, yes, no := h.Partners[1], true, false
	from, until := histories.Begin.AddDate(0, 6, 0), histories.Begin.AddDate(0, 12, 0)
	within := func(at time.Time) bool { return !at.IsZero() && !at.Before(from) && at.Before(until) }
	expected := func(d account.Deal) (sum domain.Money) {
		for _, l := range d.Lines {
			sum = domain.Must(sum.Add(l.Amount.Latest()))
		}
		return sum
	}
	for name, c := range map[string]struct {
		filter pipeline.Filter
		want   func(account.Deal) bool
	}{
		"scope":   {pipeline.Filter{Scope: south}, func(d account.Deal) bool { return d.PartnerID == south }},
		"partner": {pipeline.Filter{Partner: h.Partners[:2]}, func(d account.Deal) bool { return d.PartnerID != h.Partners[2] }},
		"status":  {pipeline.Filter{Status: pipeline.Open()}, func(d account.Deal) bool { return slices.Contains(pipeline.Open(), d.Status) }},
		"stage": {
			pipeline.Filter{Stage: []account.Stage{account.StageProposal}},
			func(d account.Deal) bool { return d.Stage.Latest() == account.StageProposal },
		},
		"no stage": {pipeline.Filter{Stage: []account.Stage{""}}, func(d account.Deal) bool { return d.Stage.Latest() == "" }},
		"product": {
			pipeline.Filter{Product: []string{"MG", "a/b ç"}}, func(d account.Deal) bool { return len(d.Lines) == 2 },
		},
		"kind":     {pipeline.Filter{Kind: []account.Kind{account.KindNew}}, func(d account.Deal) bool { return d.Kind == account.KindNew }},
		"currency": {pipeline.Filter{Currency: []string{"JPY"}}, func(d account.Deal) bool { return d.Currency() == "JPY" }},
		"source": {
			pipeline.Filter{Source: []account.Source{account.SourcePartner}},
			func(d account.Deal) bool { return d.Source == account.SourcePartner },
		},
		"amount": {
			pipeline.Filter{AtLeast: eur("5"), AtMost: eur("8")},
			func(d account.Deal) bool {
				return d.Currency() == "EUR" && expected(d).Minor() >= 500 && expected(d).Minor() <= 800
			},
		},
		"submitted": {
			pipeline.Filter{Submitted: listing.Period{From: from, Until: until}},
			func(d account.Deal) bool { return within(d.Submitted.At) },
		},
		"closed": {
			pipeline.Filter{Closed: listing.Period{Until: until}},
			func(d account.Deal) bool { return !d.Closed.At.IsZero() && d.Closed.At.Before(until) },
		},
		"protected": {
			pipeline.Filter{ProtectedUntil: listing.Period{From: from, Until: until}},
			func(d account.Deal) bool { return within(d.ProtectedUntil) },
		},
		"influenced": {
			pipeline.Filter{InfluencedBy: h.Partners[1:]},
			func(d account.Deal) bool {
				return slices.ContainsFunc(d.Influencers(), func(p uuid.UUID) bool { return p != h.Partners[0] })
			},
		},
		"breached":   {pipeline.Filter{Breached: &yes}, func(d account.Deal) bool { return len(d.Breaches) > 0 }},
		"unbreached": {pipeline.Filter{Breached: &no}, func(d account.Deal) bool { return len(d.Breaches) == 0 }},
		"reference": {
			pipeline.Filter{Reference: references(everything)}, func(d account.Deal) bool { return len(d.CRM) > 0 },
		},
		"account and seller": {
			pipeline.Filter{Account: []uuid.UUID{everything[0].AccountID}, Seller: histories.Sellers(south)[:1]},
			func(d account.Deal) bool {
				seller := d.SellerID
				if d.Win != nil {
					seller = d.Win.SellerID
				}
				return d.AccountID == everything[0].AccountID && seller == histories.Sellers(south)[0]
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			want := slices.DeleteFunc(slices.Clone(everything), func(d account.Deal) bool { return !c.want(d) })
			require.NotEmpty(t, want, "a filter without matches shows nothing")
			require.Less(t, len(want), len(everything), "a filter without misses shows nothing")
			require.Equal(t, want, all(t, r, c.filter))
		})
	}
}

func references(deals []account.Deal) (all []string) {
	for _, d := range deals {
		for _, l := range d.CRM {
			all = append(all, l.Reference)
		}
	}
	return all
}

func TestSorts(t *testing.T) {
	t.Parallel()
	h := histories.New(5).Run(300)
	r := h.View(t, pipeline.Projection(nil), projections.Bounds{})
	for sort, key := range map[string]func(a account.Deal) int64{
		"submitted_at":    func(a account.Deal) int64 { return a.Submitted.At.UnixMicro() },
		"closed_at":       func(a account.Deal) int64 { return a.Closed.At.UnixMicro() },
		"protected_until": func(a account.Deal) int64 { return a.ProtectedUntil.UnixMicro() },
	} {
		for _, down := range []bool{false, true} {
			query := pipeline.Query{Request: listing.Request{Sort: sort, Limit: 3}}
			order := func(a, b account.Deal) int { return int(min(1, max(-1, key(a)-key(b)))) }
			if down {
				query.Sort = "-" + sort
				order = func(a, b account.Deal) int { return int(min(1, max(-1, key(b)-key(a)))) }
			}
			deals := pages(t, r, query, nil)
			require.True(t, slices.IsSortedFunc(deals, order), query.Sort)
			require.Len(t, unique(t, deals), len(all(t, r, pipeline.Filter{})), query.Sort)
		}
	}
}

func unique(t *testing.T, deals []account.Deal) map[uuid.UUID]bool {
	t.Helper()
	seen := map[uuid.UUID]bool{}
	for _, d := range deals {
		require.False(t, seen[d.ID], "deal %s stands on two pages", d.ID)
		seen[d.ID] = true
	}
	return seen
}

// TestPagesUnderConcurrentInserts: what was there all the time is on exactly one page.
func TestPagesUnderConcurrentInserts(t *testing.T) {
	t.Parallel()
	for _, sort := range []string{"submitted_at", "-submitted_at", "amount", "-amount", "won", "closed_at"} {
		t.Run(sort, func(t *testing.T) {
			t.Parallel()
			h := histories.New(6)
			register := func() {
				header := h.Header()
				header.EffectiveAt = h.Now.Add(-time.Duration(h.IntN(1000)) * time.Hour)
				require.True(t, h.Account(acmeID, header, h.Register(h.Partners[h.IntN(3)], acme)))
			}
			for range 30 {
				register()
			}
			r, wait := h.Live(t, pipeline.Projection(nil))
			wait()
			before := all(t, r, pipeline.Filter{})
			seen := unique(t, pages(t, r, pipeline.Query{Request: listing.Request{Sort: sort, Limit: 4}}, func() {
				if len(h.Events) < 300 {
					register()
					register()
				}
				wait()
			}))
			for _, d := range before {
				require.True(t, seen[d.ID], "deal %s stands on no page", d.ID)
			}
		})
	}
}

func TestQuestionsThatAreRefused(t *testing.T) {
	t.Parallel()
	h := histories.New(7).Run(100)
	r := h.View(t, pipeline.Projection(nil), projections.Bounds{})
	list := func(query pipeline.Query) (listing.Page[account.Deal], error) {
		return histories.Try(t, r, func(q projections.Querier) (listing.Page[account.Deal], error) {
			return pipeline.List(t.Context(), q, query)
		})
	}
	first, err := list(pipeline.Query{Request: listing.Request{Limit: 2}})
	require.NoError(t, err)
	require.NotEmpty(t, first.Next)
	for name, c := range map[string]struct {
		query pipeline.Query
		field string
	}{
		"sort":                {pipeline.Query{Request: listing.Request{Sort: "key; DROP TABLE deals"}}, "sort"},
		"sort by a filter":    {pipeline.Query{Request: listing.Request{Sort: "partner"}}, "sort"},
		"two minuses":         {pipeline.Query{Request: listing.Request{Sort: "--amount"}}, "sort"},
		"limit":               {pipeline.Query{Request: listing.Request{Limit: 501}}, "limit"},
		"negative limit":      {pipeline.Query{Request: listing.Request{Limit: -1}}, "limit"},
		"no cursor":           {pipeline.Query{Request: listing.Request{Cursor: "%%%"}}, "cursor"},
		"garbage":             {pipeline.Query{Request: listing.Request{Cursor: "Z2FyYmFnZQ"}}, "cursor"},
		"cut cursor":          {pipeline.Query{Request: listing.Request{Cursor: first.Next[:8]}}, "cursor"},
		"with another sort":   {pipeline.Query{Request: listing.Request{Cursor: first.Next, Sort: "amount"}}, "cursor"},
		"with another filter": {pipeline.Query{Filter: pipeline.Filter{Scope: acmeID}, Request: listing.Request{Cursor: first.Next}}, "cursor"},
		"too many values":     {pipeline.Query{Filter: pipeline.Filter{Product: make([]string, 501)}}, "product"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := list(c.query)
			require.NotNil(t, domain.AsRejection(err), "%v", err)
			require.Equal(t, domain.KindInvalid, domain.AsRejection(err).Kind)
			require.Equal(t, c.field, domain.AsRejection(err).Field)
		})
	}
	_, err = list(pipeline.Query{Filter: pipeline.Filter{Product: make([]string, 500), Reference: make([]string, 500)}})
	require.NoError(t, err, "as many values as allowed")
	_, err = list(pipeline.Query{Request: listing.Request{Cursor: first.Next, Sort: "-submitted_at"}})
	require.NoError(t, err, "the default sort by its name")
	_, err = histories.Try(t, r, func(q projections.Querier) (pipeline.Groups, error) {
		return pipeline.Pipeline(t.Context(), q, pipeline.GroupQuery{By: "doc"})
	})
	require.Equal(t, "group_by", domain.AsRejection(err).Field)
}

func BenchmarkApply(b *testing.B) {
	h := histories.New(8)
	for i := range 500 {
		name := fmt.Sprintf("customer%d", i)
		h.Customers = append(h.Customers, account.Customer{Name: name, Domain: name + ".com"})
	}
	h.Run(5000)
	b.ResetTimer()
	def := pipeline.Projection(nil)
	for b.Loop() {
		apply := def.Bind(&projections.Schema{})
		for _, r := range h.Events {
			if slices.Contains(def.Types, r.Envelope.Type) {
				if err := apply(r.Event, r.Envelope); err != nil {
					b.Fatal(err)
				}
			}
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(h.Events)), "ns/event")
}
