package metrics

// sourcedRevenue is what partners found and won.
func sourcedRevenue() Metric {
	return Metric{
		Name: "sourced_revenue", Version: 1,
		Title: "Partner-sourced revenue",
		Counts: "What deals won in the window brought, and how much of it partners found themselves. A win counts in the period " +
			"of its win, less all that was taken back of it by the moment asked." + sharedCredit,
		Unit:        Money,
		Numerator:   "won amounts, net, of the denominator's deals whose source is partner",
		Denominator: "won amounts, net, of all deals won in the window",
		Span:        YearOrPeriod,
		Groups:      GroupBys(),
		Source:      "The sourced-revenue line of the channel scorecard.",
		needs:       needs{closed: true},
		count: func(f *Facts) (entries []Entry) {
			for _, d := range f.Deals {
				if d.IsWon() && f.Window.Holds(d.ClosedAt) {
					entries = append(entries, d.shared(d.Won, d.IsSourced())...)
				}
			}
			return entries
		},
		sum: moneySum,
	}
}
