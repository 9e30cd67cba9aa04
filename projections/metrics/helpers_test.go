package metrics_test

import (
	"cmp"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/account"
	"github.com/channelledger/channelledger/domain/partner"
	"github.com/channelledger/channelledger/projections"
	"github.com/channelledger/channelledger/projections/listing"
	"github.com/channelledger/channelledger/projections/listing/histories"
	"github.com/channelledger/channelledger/projections/metrics"
)

var berlin = domain.Must(time.LoadLocation("Europe/Berlin"))

func find(t *testing.T, id string) metrics.Metric {
	t.Helper()
	m, err := metrics.Parse(id)
	require.NoError(t, err)
	return m
}

// plain is what anybody would fold who has only the events: the domain's own deals and partners, from the events that were
// known and had taken effect.
type plain struct {
	events   []histories.Recorded // that were known and had taken effect
	deals    map[uuid.UUID]*account.Deal
	partners map[uuid.UUID]*partner.Partner
	window   metrics.Window
	zone     *time.Location
	keep     func(partner uuid.UUID) bool // whose share is asked for
	tier     string                       // of the partner at the win, where a metric goes by that; or the matter of disputes
	whole    bool                         // everybody's
}

func foldPlain(h *histories.History, known, effective time.Time) plain {
	p := plain{deals: map[uuid.UUID]*account.Deal{}, partners: map[uuid.UUID]*partner.Partner{}}
	for _, r := range h.Events {
		if r.Envelope.RecordedAt.After(known) || r.Envelope.EffectiveAt.After(effective) {
			continue
		}
		p.events = append(p.events, r)
		switch e := r.Event.(type) {
		case account.DealEvent:
			if p.deals[e.Deal()] == nil {
				p.deals[e.Deal()] = &account.Deal{}
			}
			p.deals[e.Deal()].Apply(e, r.Envelope)
		case partner.Event:
			_, id, _ := domain.ParseStream(r.Envelope.Stream)
			if p.partners[id] == nil {
				p.partners[id] = &partner.Partner{}
			}
			p.partners[id].Apply(e, r.Envelope)
		}
	}
	return p
}

// mine are the deals that are registered, of the partners whose share is asked for.
func (p plain) mine() (deals []*account.Deal) {
	for _, d := range p.deals {
		if d.ID != uuid.Nil && p.keep(d.PartnerID) {
			deals = append(deals, d)
		}
	}
	return deals
}

// all are the deals that are registered.
func (p plain) all() plain {
	p.keep = func(uuid.UUID) bool { return true }
	return p
}

// wins are the deals of mine with something left of a win in the window.
func (p plain) wins() (deals []*account.Deal) {
	for _, d := range p.mine() {
		if wonAny(d) && p.window.Holds(d.Win.Step.At) {
			deals = append(deals, d)
		}
	}
	return deals
}

func wonAny(d *account.Deal) bool {
	return d.Status == account.StatusWon && d.Win != nil && d.Win.Net().Minor() > 0
}

func inProgram(p *partner.Partner, at time.Time) bool {
	status, _ := p.Status.At(at)
	in := []partner.Status{partner.StatusApproved, partner.StatusOnboarded, partner.StatusSuspended}
	return slices.Contains(in, status) && p.AgreementAt(at)
}

// counts is a value of whole numbers; apart is of pairs.
func counts(numerator, denominator int, apart ...any) []metrics.Value {
	v := metrics.Value{Numerator: fmt.Sprint(numerator), Denominator: fmt.Sprint(denominator)}
	for i := 0; i < len(apart); i += 2 {
		v.Apart = append(v.Apart, metrics.Figure{Name: apart[i].(string), Value: fmt.Sprint(apart[i+1])})
	}
	return []metrics.Value{v}
}

// amounts are values of money by currency, from what each deal adds to numerator, denominator and apart.
func amounts(apart string, add func(note func(m domain.Money, in, out, apart bool))) (values []metrics.Value) {
	sums := map[string]*[3]domain.Money{}
	add(func(m domain.Money, in, out, apart bool) {
		if sums[m.Currency()] == nil {
			nought := domain.Must(domain.NewMoney(0, m.Currency()))
			sums[m.Currency()] = &[3]domain.Money{nought, nought, nought}
		}
		for i, counts := range []bool{in, out, apart} {
			if counts {
				sums[m.Currency()][i] = domain.Must(sums[m.Currency()][i].Add(m))
			}
		}
	})
	for _, currency := range []string{"EUR", "JPY"} {
		if s := sums[currency]; s != nil {
			v := metrics.Value{Currency: currency, Numerator: s[0].Decimal(), Denominator: s[1].Decimal()}
			if apart != "" {
				v.Apart = []metrics.Figure{{Name: apart, Value: s[2].Decimal()}}
			}
			values = append(values, v)
		}
	}
	return values
}

// plainly is what a metric must say, told from a plain fold.
type plainly func(p plain) []metrics.Value

// asker asks one metric about one history.
type asker struct {
	*testing.T
	h      *histories.History
	zone   *time.Location
	metric metrics.Metric
	want   plainly
	some   int // answers whose numerator is more than nought
}

// told is a random history of partners that are in the program to begin with, most of their people among them, and that
// sell now and then: what happens by chance alone wins few deals.
func told(seed uint64) *histories.History {
	h := histories.New(seed)
	open := partner.SignAgreement{Kind: "reseller", ValidFrom: domain.DateOf(h.Now, time.UTC)}
	for i, id := range h.Partners {
		steps := []partner.Command{
			partner.Apply{LegalName: "Partner", Kind: partner.Kinds()[i], Country: []string{"DE", "FR", "DE"}[i]},
			partner.Approve{Reason: "known"}, open, partner.Onboard{},
		}
		for _, seller := range histories.Sellers(id)[i%2:] {
			steps = append(steps, partner.AddSeller{SellerID: seller, Name: "Kim Example"})
		}
		for _, c := range steps {
			h.Partner(id, h.Header(), c)
		}
	}
	quarrels, rulings := newQuarrels(h, seed), newRulings(h, seed)
	for n := range 60 {
		h.Run(2)
		quarrels.step(n)
		sell(h, account.Customer{Name: fmt.Sprintf("Customer %d", n), Domain: fmt.Sprintf("customer%d.de", n), Country: "DE"})
		rulings.step()
		rulings.step()
	}
	return h
}

// sell registers a deal of a customer of its own and wins it some weeks later, mostly recorded late; some of it comes back.
func sell(h *histories.History, c account.Customer) {
	id := domain.Must(c.Identity()).AccountID
	by := h.Partners[h.IntN(len(h.Partners))]
	fair := h.Funds(by)
	header := h.Header()
	h.Account(id, header, h.Register(by, c))
	deal := domain.EntityID(header.CommandID, domain.StreamName(account.Category, id), "deal")
	if h.IntN(3) > 0 {
		h.Claims(fair, id, deal)
	}
	h.Account(id, h.Header(), account.ApproveDeal{DealID: deal, Reason: "known"})
	begun := h.Now
	h.Run(h.IntN(12))
	win := account.WinDeal{DealID: deal, SellerID: histories.Sellers(by)[h.IntN(2)]}
	for _, l := range h.Deal(id, deal).Lines {
		win.Lines = append(win.Lines, account.LineAmount{Product: l.Product, Amount: l.Amount.Latest()})
	}
	header = h.Header()
	header.EffectiveAt = begun.Add(h.Now.Sub(begun).Truncate(2*time.Hour) / 2)
	h.Account(id, header, win)
	if h.IntN(3) == 0 {
		h.Run(1)
		h.Account(id, h.Header(), account.ReverseWin{DealID: deal, Amount: win.Lines[0].Amount, Reason: account.ReversalCancelled})
	}
}

// demandEqual asks a metric on random histories, live, bounded by effective time and bounded by what was known, of several
// periods and in every grouping, and wants the plain fold's answer each time.
func demandEqual(t *testing.T, id string, want plainly) {
	t.Helper()
	t.Parallel()
	a := &asker{T: t, zone: time.UTC, metric: find(t, id), want: want}
	for seed := range uint64(2) {
		a.h = told(seed)
		if seed%2 == 1 {
			a.zone = berlin
		}
		live := a.h.View(t, metrics.Projection(), projections.Bounds{})
		for range 2 {
			at, known := moment(a.h), moment(a.h)
			a.everyPeriod(live, a.h.Now, at)
			a.everyPeriod(a.h.View(t, metrics.Projection(), projections.Bounds{EffectiveAt: at}), a.h.Now, at)
			a.everyPeriod(a.h.View(t, metrics.Projection(), projections.Bounds{KnownAt: known}), known, at)
		}
	}
	require.Greater(t, a.some, 20, "a check of nothing checks nothing")

}

// moment is when some event took effect, mostly a late one.
func moment(h *histories.History) time.Time {
	n := len(h.Events)
	return h.Events[n/3+h.IntN(n-n/3)].Envelope.EffectiveAt
}

func (a *asker) everyPeriod(view projections.Reader, known, at time.Time) {
	a.Helper()
	year, quarter := metrics.YearOf(at, a.zone), metrics.QuarterOf(at, a.zone)
	first := metrics.QuarterOf(histories.Begin, a.zone)
	for _, by := range a.metric.Groups {
		a.one(view, known, metrics.Question{Metric: a.metric, GroupBy: by, At: at, Zone: a.zone})
	}
	for _, period := range []string{"", year.Name, quarter.Name, first.Name, metrics.QuarterOf(quarter.From.Add(-1), a.zone).Name} {
		a.one(view, known, metrics.Question{Metric: a.metric, Period: period, At: at, Zone: a.zone})
	}
}

func (a *asker) one(view projections.Reader, known time.Time, q metrics.Question) {
	a.Helper()
	answer := histories.Ask(a.T, view, func(from projections.Querier) (metrics.Answer, error) {
		return metrics.Ask(a.Context(), from, q)
	})
	p := foldPlain(a.h, known, answer.Window.At)
	p.window, p.zone = answer.Window, a.zone
	p.keep, p.whole = func(uuid.UUID) bool { return true }, true
	a.same(a.want(p), answer.Total, q)
	if slices.ContainsFunc(answer.Total, func(v metrics.Value) bool { return number(v.Numerator).Sign() > 0 }) {
		a.some++
	}
	if q.GroupBy = cmp.Or(q.GroupBy, a.metric.GroupedBy); q.GroupBy == "" {
		require.Empty(a, answer.Groups)
		return
	}
	got := map[string][]metrics.Value{}
	for _, g := range answer.Groups {
		got[g.Value] = g.Values
	}
	for value := range a.groupsOf(p, q.GroupBy) {
		p.keep, p.whole = func(id uuid.UUID) bool { return groupOf(p, id, q.GroupBy) == value }, false
		if q.GroupBy == metrics.ByMatter || a.metric.GroupedBy == q.GroupBy && q.GroupBy == metrics.ByTier {
			p.keep, p.tier = func(uuid.UUID) bool { return true }, value
		}
		if want := a.want(p); got[value] != nil || !isNothing(want) {
			a.same(want, got[value], q)
		}
		delete(got, value)
	}
	require.Empty(a, got, "groups that nobody is in: %+v", q)
}

// same compares, ratios by what they must be: numerator ÷ denominator, and no more than 1 of a share.
func (a *asker) same(want, got []metrics.Value, q metrics.Question) {
	a.Helper()
	got = slices.Clone(got)
	for i := range got {
		demandRatio(a.T, a.metric, got[i])
		got[i].Ratio = ""
		got[i].Figures = slices.DeleteFunc(slices.Clone(got[i].Figures), isQuotient)
		if len(got[i].Figures) == 0 {
			got[i].Figures = nil
		}
	}
	require.Equal(a, want, got, "%s, period %q by %q at %s", a.metric.ID(), q.Period, q.GroupBy, q.At)
}

func demandRatio(t *testing.T, m metrics.Metric, v metrics.Value) {
	t.Helper()
	if v.Denominator == "" || number(v.Denominator).Sign() == 0 {
		require.Empty(t, v.Ratio)
		return
	}
	off := new(big.Rat).Mul(number(v.Ratio), number(v.Denominator))
	off.Sub(off, number(v.Numerator)).Quo(off, number(v.Denominator)).Abs(off)
	require.LessOrEqual(t, off.Cmp(number("0.0000005")), 0, "%s is not %s ÷ %s", v.Ratio, v.Numerator, v.Denominator)
	if m.Ratio == "" {
		require.LessOrEqual(t, number(v.Numerator).Cmp(number(v.Denominator)), 0, "the numerator is part of the denominator")
	}
}

func number(decimal string) *big.Rat {
	r, ok := new(big.Rat).SetString(decimal)
	if !ok {
		panic("no number: " + decimal)
	}
	return r
}

func isNothing(values []metrics.Value) bool {
	digits := func(s string) bool { return strings.ContainsAny(s, "123456789") }
	return !slices.ContainsFunc(values, func(v metrics.Value) bool {
		return digits(v.Numerator) || digits(v.Denominator) || slices.ContainsFunc(append(v.Apart, v.Figures...), func(f metrics.Figure) bool {
			return digits(f.Value)
		})
	})
}

func (a *asker) groupsOf(p plain, by metrics.GroupBy) map[string]bool {
	values := map[string]bool{metrics.None: true}
	for _, id := range a.h.Partners {
		values[groupOf(p, id, by)] = true
	}
	for _, matter := range []string{"deals", "claims", "rebates", "tiers", "clawbacks"} {
		if by == metrics.ByMatter {
			values[matter] = true
		}
	}
	for _, tier := range []string{"registered", "silver", "gold", "platinum"} {
		if by == metrics.ByTier {
			values[tier] = true
		}
	}
	return values
}

// groupOf is a partner's group, from its plain fold.
func groupOf(p plain, id uuid.UUID, by metrics.GroupBy) (value string) {
	switch folded := p.partners[id]; {
	case id == uuid.Nil:
	case by == metrics.ByPartner:
		return id.String()
	case by == metrics.ByTier && folded != nil:
		value, _ = folded.Tier.At(p.window.At)
	case folded == nil:
	case by == metrics.ByKind:
		value = string(folded.Kind.Latest())
	case by == metrics.ByCountry:
		value = folded.Country
	}
	if value == "" {
		return metrics.None
	}
	return value
}

// drill reads every page of what is behind an answer.
func drill(t *testing.T, view projections.Reader, q metrics.Question, group string) (all []metrics.Entry) {
	t.Helper()
	r := listing.Request{Limit: 7}
	for {
		page := histories.Ask(t, view, func(from projections.Querier) (listing.Page[metrics.Entry], error) {
			page, _, err := metrics.Drill(t.Context(), from, q, group, r)
			return page, err
		})
		all = append(all, page.Items...)
		if r.Cursor = page.Next; r.Cursor == "" {
			return all
		}
		require.Len(t, page.Items, r.Limit)
	}
}

// isQuotient reports whether a figure is one number divided by another, both of which are there too.
func isQuotient(f metrics.Figure) bool {
	return strings.HasPrefix(f.Name, "mean_") || f.Name == "win_rate" || f.Name == "overturn_rate"
}
