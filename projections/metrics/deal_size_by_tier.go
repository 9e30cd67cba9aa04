package metrics

import "github.com/channelledger/channelledger/projections/numbers"

// dealSizeByTier is what a won deal brings.
func dealSizeByTier() Metric {
	return Metric{
		Name: "deal_size_by_tier", Version: 1,
		Title: "Deal size by tier",
		Counts: "What deals won in the window brought, net, by the tier that the partner was on at the win. None is the group of " +
			"partners that were on no tier then. A deal has one size: split credit doesn't divide it, and it stays with its partner.",
		Unit:        Money,
		Numerator:   "won amounts, net: an amount",
		Denominator: "deals won in the window, while something of the win is left: a number",
		Ratio:       "the mean won amount",
		Figures:     []Note{{"median", "the median won amount, by nearest rank: some deal's own"}},
		Span:        YearOrPeriod,
		Groups:      GroupBys(),
		GroupedBy:   ByTier,
		Source:      "Average deal size of channel scorecards, with the median beside it, which one large deal doesn't move.",
		needs:       needs{closed: true},
		count: func(f *Facts) (entries []Entry) {
			for _, d := range f.Deals {
				if d.IsWon() && f.Window.Holds(d.ClosedAt) {
					e := d.entry().with(d.Won, true)
					e.dated = true
					if p := f.Partner(d.PartnerID); p != nil {
						e.tier = p.TierAt(d.ClosedAt)
					}
					entries = append(entries, e)
				}
			}
			return entries
		},
		sum: sizeSum,
	}
}

func sizeSum(_ Metric, entries []Entry) ([]Value, error) {
	return byCurrency(entries, func(currency string, s split) (v Value, err error) {
		total, err := sum(s.in, currency)
		if err != nil {
			return v, err
		}
		var sizes []int64
		byMinor := map[int64]string{}
		for _, e := range s.in {
			sizes = append(sizes, e.Amount.Minor())
			byMinor[e.Amount.Minor()] = e.Amount.Decimal()
		}
		median, _ := numbers.Rank(sizes, 50)
		deals := count(s.in)
		return Value{
			Currency: currency, Numerator: total.Decimal(), Denominator: numbers.Decimal(deals), Ratio: numbers.Ratio(exact(total), deals),
			Figures: []Figure{{"median", byMinor[median]}},
		}, nil
	})
}
