package metrics_test

import (
	"fmt"
	"math/big"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/account"
	"github.com/channelledger/channelledger/projections"
	"github.com/channelledger/channelledger/projections/listing/histories"
	"github.com/channelledger/channelledger/projections/metrics"
	"github.com/channelledger/channelledger/projections/projectionstest"
)

// rulings split the credit of a history's deals and give deals away, mostly the newest ones. They draw by themselves, so that
// the rest of the history stays as it would be.
type rulings struct {
	*rand.Rand
	h     *histories.History
	deals []registered
	seen  int // events looked through for deals
}

type registered struct{ account, deal uuid.UUID }

func newRulings(h *histories.History, seed uint64) *rulings {
	return &rulings{Rand: rand.New(rand.NewPCG(seed, 2)), h: h}
}

func (r *rulings) step() {
	for ; r.seen < len(r.h.Events); r.seen++ {
		if e, ok := r.h.Events[r.seen].Event.(account.DealRegistered); ok {
			_, id, _ := domain.ParseStream(r.h.Events[r.seen].Envelope.Stream)
			r.deals = append(r.deals, registered{id, e.DealID})
		}
	}
	if len(r.deals) == 0 {
		return
	}
	latest := r.deals[max(0, len(r.deals)-8):]
	of := latest[r.IntN(len(latest))]
	header := ruled(r.h)
	if r.IntN(3) == 0 {
		header.EffectiveAt = r.h.Now.Add(-time.Duration(r.IntN(24*60)) * time.Hour)
	}
	to := r.h.Partners[r.IntN(len(r.h.Partners))]
	if r.IntN(4) == 0 {
		r.h.Account(of.account, header, account.ReassignDeal{DealID: of.deal, To: to, SellerID: histories.Sellers(to)[0]})
		return
	}
	r.h.Account(of.account, header, account.SplitCredit{DealID: of.deal, Shares: r.shares()})
}

// shares are between partners in any order; none of them need be the deal's.
func (r *rulings) shares() (shares []account.CreditShare) {
	third := "0.333333333333333333"
	some := [][]string{nil, {"1"}, {"0.7", "0.3"}, {"0.5", "0.5"}, {"0.999", "0.001"}, {third, third, "0.333333333333333334"}}
	order := r.Perm(len(r.h.Partners))
	for i, part := range some[r.IntN(len(some))] {
		shares = append(shares, share(r.h.Partners[order[i]], part))
	}
	return shares
}

func share(of uuid.UUID, rate string) account.CreditShare {
	return account.CreditShare{PartnerID: of, Share: domain.Must(domain.ParseRate(rate))}
}

// ruled is the header of what follows from a ruling.
func ruled(h *histories.History) domain.Header {
	header := h.Header()
	header.Actor = domain.Actor{ID: "reactor:disputes", Kind: domain.Reactor}
	return header
}

// partsOf shares an amount of a deal out, as anybody would who reads whose credit it is.
func partsOf(d *account.Deal, amount domain.Money) (parts []metrics.Part) {
	if len(d.Credit) == 0 {
		return []metrics.Part{{PartnerID: d.PartnerID, Amount: amount}}
	}
	var rates []domain.Rate
	for _, s := range d.Credit {
		rates = append(rates, s.Share)
	}
	for i, part := range domain.Must(amount.Allocate(rates)) {
		parts = append(parts, metrics.Part{PartnerID: d.Credit[i].PartnerID, Amount: part})
	}
	return parts
}

// kept are the parts of the partners whose share is asked for.
func (p plain) kept(d *account.Deal, amount domain.Money) (parts []metrics.Part) {
	for _, part := range partsOf(d, amount) {
		if p.keep(part.PartnerID) {
			parts = append(parts, part)
		}
	}
	return parts
}

// The groups of an amount add up to its total to the cent, at each position of a history in which deals are split, given away,
// won, taken back and reopened, and at any moment before it.
func TestSharedAmountsAddUp(t *testing.T) {
	t.Parallel()
	for seed := range uint64(2) {
		h := histories.New(seed)
		rulings := newRulings(h, seed)
		view, follow := h.Live(t, metrics.Projection())
		shared := 0
		for n := range 30 {
			sell(h, account.Customer{Name: fmt.Sprintf("Customer %d", n), Domain: fmt.Sprintf("customer%d.de", n), Country: "DE"})
			for range 3 {
				rulings.step()
				h.Run(1)
				follow()
				for _, at := range []time.Time{h.Now, moment(h)} {
					shared += demandSums(t, view, at)
				}
			}
		}
		require.Greater(t, shared, 100, "a check of nothing checks nothing")
	}
}

// demandSums holds the groups of amounts against their totals, and tells how many parts are somebody's of a deal not its own.
func demandSums(t *testing.T, view projections.Reader, at time.Time) (shared int) {
	t.Helper()
	for _, id := range []string{"sourced_pipeline@1", "sourced_revenue@1", "pipeline_velocity@1", "deal_size_by_tier@1"} {
		for _, by := range metrics.GroupBys() {
			q := metrics.Question{Metric: find(t, id), At: at, GroupBy: by}
			a := histories.Ask(t, view, func(from projections.Querier) (metrics.Answer, error) { return metrics.Ask(t.Context(), from, q) })
			total, parts := amountsIn(id, a.Total), map[string]*big.Rat{}
			for _, g := range a.Groups {
				for name, amount := range amountsIn(id, g.Values) {
					if parts[name] == nil {
						parts[name] = new(big.Rat)
					}
					parts[name].Add(parts[name], amount)
				}
			}
			require.Equal(t, total, parts, "%s by %s at %s", id, by, at)
		}
	}
	entries := drill(t, view, metrics.Question{Metric: find(t, "sourced_pipeline"), At: at}, "")
	deals := map[uuid.UUID]bool{}
	for _, e := range entries {
		if deals[e.DealID] {
			shared++
		}
		deals[e.DealID] = true
	}
	return shared
}

// amountsIn are the amounts of a metric's values that groups share, by name and currency.
func amountsIn(id string, values []metrics.Value) map[string]*big.Rat {
	amounts := map[string]*big.Rat{}
	for _, v := range values {
		switch {
		case strings.HasPrefix(id, "pipeline_velocity"):
			amounts["won "+v.Currency] = number(figuresSay(v)["won_amount"])
		case strings.HasPrefix(id, "deal_size"):
			amounts["won "+v.Currency] = number(v.Numerator)
		default:
			amounts["in "+v.Currency], amounts["all "+v.Currency] = number(v.Numerator), number(v.Denominator)
		}
	}
	return amounts
}

// A deal of 0.05 is split on day 10, which is recorded on day 20, and given back whole on day 30. It is won on day 15 and one
// cent of it is taken back on day 25.
func TestASplitDealByHand(t *testing.T) {
	t.Parallel()
	l := newLate(t)
	south, start := l.Partners[1], l.Now
	day := func(n int) time.Time { return start.AddDate(0, 0, n) }
	deal := l.approved("0.05")
	l.Now = day(15)
	l.accountDoes(l.Now, account.WinDeal{DealID: deal, Lines: lines("0.05")})
	l.Now = day(20)
	l.ruledOn(day(10), account.SplitCredit{DealID: deal, Shares: []account.CreditShare{share(south, "0.5"), share(l.north, "0.5")}})
	l.Now = day(25)
	l.accountDoes(l.Now, account.ReverseWin{DealID: deal, Amount: lines("0.01")[0].Amount, Reason: account.ReversalCancelled})
	l.Now = day(30)
	l.ruledOn(l.Now, account.SplitCredit{DealID: deal})
	for _, c := range []struct {
		id        string
		known, at int
		want      map[uuid.UUID]string
	}{
		{"sourced_pipeline", 40, 9, map[uuid.UUID]string{l.north: "0.05"}},
		{"sourced_pipeline", 40, 10, map[uuid.UUID]string{south: "0.03", l.north: "0.02"}}, // the first gets the cent left over
		{"sourced_pipeline", 19, 10, map[uuid.UUID]string{l.north: "0.05"}},                // nobody knew of it
		{"sourced_revenue", 40, 15, map[uuid.UUID]string{south: "0.03", l.north: "0.02"}},
		{"sourced_revenue", 19, 19, map[uuid.UUID]string{l.north: "0.05"}},
		{"sourced_revenue", 40, 25, map[uuid.UUID]string{south: "0.02", l.north: "0.02"}},
		{"sourced_revenue", 40, 30, map[uuid.UUID]string{l.north: "0.04"}},
	} {
		view := l.View(t, metrics.Projection(), projections.Bounds{KnownAt: day(c.known)})
		q := metrics.Question{Metric: find(t, c.id), At: day(c.at), GroupBy: metrics.ByPartner}
		a := histories.Ask(t, view, func(from projections.Querier) (metrics.Answer, error) { return metrics.Ask(t.Context(), from, q) })
		got := map[uuid.UUID]string{}
		for _, g := range a.Groups {
			got[uuid.MustParse(g.Value)] = g.Values[0].Numerator
		}
		require.Equal(t, c.want, got, "%s at day %d, known at day %d", c.id, c.at, c.known)
	}
	l.says("activation_rate", "1 of 1", day(30), time.Time{})
	projectionstest.Check(t, metrics.Projection(), l.Codec, l.Log)
}

// ruledOn gives a command that follows from a ruling.
func (l *late) ruledOn(effective time.Time, c account.Command) {
	l.t.Helper()
	header := ruled(l.History)
	header.EffectiveAt = effective
	require.True(l.t, l.Account(domain.Must(l.acme.Identity()).AccountID, header, c), "%#v", c)
}

// What the split is behind names it, for each partner; and all of the credit elsewhere activates nobody here.
func TestASplitDrillsDown(t *testing.T) {
	t.Parallel()
	l := newLate(t)
	south, west := l.Partners[1], l.Partners[2]
	deal := l.approved("10.00")
	l.ruledOn(l.Now, account.SplitCredit{DealID: deal, Shares: []account.CreditShare{share(south, "0.7"), share(west, "0.3")}})
	view := l.View(t, metrics.Projection(), projections.Bounds{})
	q := metrics.Question{Metric: find(t, "sourced_pipeline"), At: l.Now, GroupBy: metrics.ByPartner}
	for partner, amount := range map[uuid.UUID]string{south: "7.00", west: "3.00"} {
		entries := drill(t, view, q, partner.String())
		require.Len(t, entries, 1)
		require.Equal(t, []any{deal, partner, amount}, []any{entries[0].DealID, entries[0].PartnerID, entries[0].Amount.Decimal()})
		require.Equal(t, "deal.credit_split_set.v1", entries[0].Events[len(entries[0].Events)-1].Type)
		demandEvents(t, l.History, entries, l.Now)
	}
	require.Empty(t, drill(t, view, q, l.north.String()), "it has the deal, and none of the credit")
	l.accountDoes(l.Now, account.WinDeal{DealID: deal, Lines: lines("10.00")})
	l.says("activation_rate", "0 of 1", l.Now, time.Time{})
}

// A partner that helped, and then gets a part of the credit, or the deal, is no other partner.
func TestWhoHasAPartIsNoHelper(t *testing.T) {
	t.Parallel()
	l := newLate(t)
	south := l.Partners[1]
	deal := l.accountDoes(l.Now, account.RegisterDeal{
		Customer: l.acme, PartnerID: l.north, SellerID: histories.Sellers(l.north)[0], Lines: lines("10.00"),
		Source: account.SourceVendorReferred,
	})
	l.accountDoes(l.Now, account.ApproveDeal{DealID: deal, Reason: "known"})
	l.accountDoes(l.Now, account.RecordInfluence{DealID: deal, PartnerID: south, Role: account.InfluenceCoSell})
	l.accountDoes(l.Now, account.WinDeal{DealID: deal, Lines: lines("10.00")})
	says := func(want string) { t.Helper(); l.says("influenced_revenue", want, l.Now, time.Time{}) }
	says("10.00 of 10.00")
	l.ruledOn(l.Now, account.SplitCredit{DealID: deal, Shares: []account.CreditShare{share(south, "1")}})
	says("0.00 of 10.00")
	l.ruledOn(l.Now, account.SplitCredit{DealID: deal})
	says("10.00 of 10.00")
	l.ruledOn(l.Now, account.ReassignDeal{DealID: deal, To: south, SellerID: histories.Sellers(south)[0]})
	says("0.00 of 10.00")
}
