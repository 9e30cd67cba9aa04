package metrics

import "github.com/channelledger/channelledger/domain/account"

// sourcedPipeline is what partners found and may still win.
func sourcedPipeline() Metric {
	return Metric{
		Name: "sourced_pipeline", Version: 1,
		Title:       "Partner-sourced pipeline",
		Counts:      "What approved deals are expected to bring, and how much of it partners found themselves." + sharedCredit,
		Unit:        Money,
		Numerator:   "expected amounts of the denominator's deals whose source is partner",
		Denominator: "expected amounts of all deals that are approved at the moment",
		Span:        Moment,
		Groups:      GroupBys(),
		Source:      "The sourced-pipeline line of the channel scorecard: open deals only, no win, no forecast weight.",
		needs:       needs{open: true},
		count: func(f *Facts) (entries []Entry) {
			for _, d := range f.Deals {
				if d.Status == account.StatusApproved {
					entries = append(entries, d.shared(d.Expected, d.IsSourced())...)
				}
			}
			return entries
		},
		sum: moneySum,
	}
}
