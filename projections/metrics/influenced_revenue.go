package metrics

import "github.com/google/uuid"

const assisted = "assisted"

// influencedRevenue is what partners helped to win that no partner found.
func influencedRevenue() Metric {
	return Metric{
		Name: "influenced_revenue", Version: 1,
		Title: "Partner-influenced revenue",
		Counts: "What deals won in the window brought that no partner found, and how much of it another partner helped to win, by " +
			"a recorded influence that nobody revoked. Groups go by who helped: a deal that two helped with is in both, and " +
			"each is measured against the whole. Who has the deal, or a part of its credit, is no other partner: such help doesn't count.",
		Unit:        Money,
		Numerator:   "won amounts, net, of the denominator's deals with a recorded influence",
		Denominator: "won amounts, net, of deals won in the window whose source isn't partner",
		Apart:       []Note{{assisted, "won amounts, net, of deals that a partner found and another helped to win"}},
		Span:        YearOrPeriod,
		Groups:      GroupBys(),
		Source:      "Influenced revenue of channel scorecards, without what is sourced: the two never count one deal twice.",
		VendorOnly:  true,
		wholeBelow:  true,
		needs:       needs{closed: true},
		count: func(f *Facts) (entries []Entry) {
			for _, d := range f.Deals {
				if d.IsWon() && f.Window.Holds(d.ClosedAt) {
					entries = append(entries, influence(d)...)
				}
			}
			return entries
		},
		sum: moneySum,
	}
}

func influence(d *Deal) (entries []Entry) {
	for _, by := range d.Helpers {
		e := d.helped(by).with(d.Won, !d.IsSourced())
		if d.IsSourced() {
			e.Apart = assisted
		}
		entries = append(entries, e)
	}
	if len(entries) == 0 && !d.IsSourced() {
		e := d.entry().with(d.Won, false)
		e.PartnerID = uuid.Nil // nobody helped
		entries = append(entries, e)
	}
	return entries
}
