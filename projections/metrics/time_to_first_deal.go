package metrics

import (
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/projections/numbers"
)

// timeToFirstDeal is how long a new partner takes.
func timeToFirstDeal() Metric {
	return Metric{
		Name: "time_to_first_deal", Version: 1,
		Title: "Time to first deal",
		Counts: "Calendar days in the program's zone from a partner's first signature to the first deal that it won, and to the " +
			"first that it registered; a deal from before the signature took 0 days. Partners who left since are counted: to " +
			"leave them out would make the program look quicker than it is. A win whose credit a ruling splits is one of each partner who " +
			"has a part, since it was won.",
		Unit:        Partners,
		Numerator:   "partners of the denominator that have won a deal, while something of the win is left",
		Denominator: "partners whose first agreement was signed in the window",
		Figures: []Note{
			{"won_median_days", "days to the first deal won: the median, by nearest rank"},
			{"won_p90_days", "the same: the 90th percentile, by nearest rank"},
			{"without_won", "partners that have won none"},
			{"registered_median_days", "days to the first deal registered: the median, by nearest rank"},
			{"registered_p90_days", "the same: the 90th percentile, by nearest rank"},
			{"without_registered", "partners that have registered none"},
		},
		Span:   Ever,
		Groups: GroupBys(),
		Source: "Time to first deal as partner onboarding is measured by; nearest rank, so that every figure is some partner's.",
		needs:  needs{all: true},
		count:  firstDeals,
		sum:    firstDealSum,
	}
}

// What the days of an entry lead to.
const (
	firstWon        = "won"
	firstRegistered = "registered"
)

func firstDeals(f *Facts) (entries []Entry) {
	won, registered := map[uuid.UUID]*Deal{}, map[uuid.UUID]*Deal{}
	for _, d := range f.Deals {
		if first := registered[d.PartnerID]; first == nil || d.Registered.Before(first.Registered) {
			registered[d.PartnerID] = d
		}
		for _, p := range d.Parts(d.Won) {
			if first := won[p.PartnerID]; d.IsWon() && p.Amount.Sign() > 0 && (first == nil || d.ClosedAt.Before(first.ClosedAt)) {
				won[p.PartnerID] = d
			}
		}
	}
	for _, p := range f.Partners {
		if signed, ok := p.SignedAt(); ok && f.Window.Holds(signed) {
			entries = append(entries, f.firstDealsOf(p, signed, won[p.ID], registered[p.ID])...)
		}
	}
	return entries
}

func (f *Facts) firstDealsOf(p *Partner, signed time.Time, won, registered *Deal) []Entry {
	own := p.entry()
	entries := []Entry{own}
	if won != nil {
		e := won.behind(own)
		e.Days = map[string]int64{firstWon: numbers.DaysBetween(signed, won.ClosedAt, f.Zone)}
		entries = append(entries, e)
	}
	if registered != nil {
		e := registered.behind(own)
		e.Numerator = false
		e.Days = map[string]int64{firstRegistered: numbers.DaysBetween(signed, registered.Registered, f.Zone)}
		entries = append(entries, e)
	}
	return entries
}

func firstDealSum(m Metric, entries []Entry) ([]Value, error) {
	values, err := countSum(m, entries)
	if err != nil {
		return nil, err
	}
	v, partners := &values[0], count(entries)
	for _, to := range []string{firstWon, firstRegistered} {
		var days []int64
		for _, e := range entries {
			if n, ok := e.Days[to]; ok {
				days = append(days, n)
			}
		}
		without := numbers.Whole(int64(len(days)))
		v.Figures = append(v.Figures,
			ranked(to+"_median_days", days, 50), ranked(to+"_p90_days", days, 90),
			Figure{"without_" + to, numbers.Decimal(without.Sub(partners, without))},
		)
	}
	return values, nil
}

func ranked(name string, values []int64, percent int) Figure {
	return Figure{Name: name, Value: numbers.RankText(values, percent)}
}
