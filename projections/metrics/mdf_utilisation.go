package metrics

import (
	"slices"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/projections/numbers"
)

// mdfUtilisation is how much of what partners were given was paid out to them.
func mdfUtilisation() Metric {
	return Metric{
		Name: "mdf_utilisation", Version: 1,
		Title: "MDF utilisation",
		Counts: "Of the market development funds allocated to partners by the moment asked, what was paid on claims; and how long " +
			"a claim takes, in calendar days of the program's zone from its filing to its payment. Amounts are in the funds' currencies.",
		Unit:        Money,
		Numerator:   "paid on claims, net of what was clawed back behind the payment",
		Denominator: "allocated to partners' funds, net of what the funds gave back; expired money stays in it",
		Figures: []Note{
			{"cycle_median_days", "days from filing to payment of the claims that were paid: the median, by nearest rank"},
			{"cycle_p90_days", "the same: the 90th percentile, by nearest rank"},
		},
		Span:   Moment,
		Groups: GroupBys(),
		Source: "Utilisation as market development programs are run by: what isn't used expires.",
		needs:  needs{funds: true},
		count:  utilisation,
		sum:    utilisationSum,
	}
}

// claimCycle names the days of a claim.
const claimCycle = "cycle"

func utilisation(f *Facts) (entries []Entry) {
	for _, fund := range f.Funds {
		entries = append(entries, fund.entry())
	}
	for _, a := range f.Activities {
		if amount, events := a.paid(f.Window.After, f.Window.At); len(events) > 0 {
			entries = append(entries, a.entry(amount, events).with(amount, true))
		}
		for _, c := range a.cycles() {
			e := a.entry(domain.Money{}, []ref{c.filed, c.paid})
			e.ClaimID, e.Amount = c.claim, nothing(a.row.Paid[0].Amount)
			e.subject = c.claim
			e.Days = map[string]int64{claimCycle: numbers.DaysBetween(c.filed.At, c.paid.At, f.Zone)}
			entries = append(entries, e)
		}
	}
	return entries
}

// utilisationSum divides what the activities were paid by what the funds were given: a part of it, and no thing of its own
// beside it.
func utilisationSum(_ Metric, entries []Entry) ([]Value, error) {
	return byCurrency(entries, func(currency string, s split) (v Value, err error) {
		paid, err := sum(s.in, currency)
		if err != nil {
			return v, err
		}
		given, err := sum(slices.DeleteFunc(slices.Clone(s.out), func(e Entry) bool { return e.Days != nil }), currency)
		if err != nil {
			return v, err
		}
		var days []int64
		for _, e := range s.out {
			if n, ok := e.Days[claimCycle]; ok {
				days = append(days, n)
			}
		}
		return Value{
			Currency: currency, Numerator: paid.Decimal(), Denominator: given.Decimal(), Ratio: numbers.Ratio(exact(paid), exact(given)),
			Figures: []Figure{ranked("cycle_median_days", days, 50), ranked("cycle_p90_days", days, 90)},
		}, nil
	})
}
