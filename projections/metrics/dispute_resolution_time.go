package metrics

import "github.com/channelledger/channelledger/projections/numbers"

// disputeResolutionTime is how long a dispute takes, and how often the first ruling doesn't hold.
func disputeResolutionTime() Metric {
	return Metric{
		Name: "dispute_resolution_time", Version: 1,
		Title: "Dispute resolution time",
		Counts: "Calendar days in the program's zone from a dispute's opening to its first ruling, whatever is appealed after it; and how " +
			"often the ruling on an appeal took the first one's place. Disputes are their claimant's; the vendor's are nobody's.",
		Unit:        Disputes,
		Numerator:   "disputes of the denominator that were ruled on by the moment asked",
		Denominator: "disputes opened in the window",
		Figures: []Note{
			{"ruled_median_days", "days from opening to first ruling: the median, by nearest rank"},
			{"ruled_p90_days", "the same: the 90th percentile, by nearest rank"},
			{"open", "disputes without a ruling that are still heard"},
			{"ended_without_ruling", "disputes that were settled or withdrawn before there was one"},
			{"appeals_ruled", "disputes whose appeal was ruled on; one that was withdrawn or settled is none"},
			{"overturned", "of those, the ones whose first ruling wasn't confirmed"},
			{"overturn_rate", "overturned ÷ appeals_ruled"},
		},
		Span:   Ever,
		Groups: AllGroupBys(),
		Source: "Time to resolution as dispute desks report it: those still open are told beside it, since a median leaves them out.",
		needs:  needs{disputes: true},
		count:  resolutions,
		sum:    resolutionSum,
	}
}

// untilRuled names the days of a dispute.
const untilRuled = "ruled"

func resolutions(f *Facts) (entries []Entry) {
	for _, d := range f.Disputes {
		if !f.Window.Holds(d.row.Opened.At) {
			continue
		}
		e := d.entry()
		e.dispute = d
		if ruled := d.taken(d.row.Ruled); ruled != nil {
			e.Numerator = true
			e.Days = map[string]int64{untilRuled: numbers.DaysBetween(d.row.Opened.At, ruled.At, f.Zone)}
		}
		entries = append(entries, e)
	}
	return entries
}

func resolutionSum(m Metric, entries []Entry) ([]Value, error) {
	values, err := countSum(m, entries)
	if err != nil {
		return nil, err
	}
	var days []int64
	var open, ended, appeals, overturned int64
	for _, e := range entries { // one for each dispute
		switch d := e.dispute; {
		case e.Numerator:
			days = append(days, e.Days[untilRuled])
		case d.taken(d.row.Final) != nil:
			ended++
		default:
			open++
		}
		if e.dispute.taken(e.dispute.row.Appeal) != nil {
			appeals++
			if e.dispute.row.Overturned {
				overturned++
			}
		}
	}
	values[0].Figures = []Figure{
		ranked("ruled_median_days", days, 50), ranked("ruled_p90_days", days, 90),
		{"open", numbers.Decimal(numbers.Whole(open))}, {"ended_without_ruling", numbers.Decimal(numbers.Whole(ended))},
		{"appeals_ruled", numbers.Decimal(numbers.Whole(appeals))}, {"overturned", numbers.Decimal(numbers.Whole(overturned))},
		{"overturn_rate", numbers.Ratio(numbers.Whole(overturned), numbers.Whole(appeals))},
	}
	return values, nil
}
