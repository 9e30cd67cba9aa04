package metrics

import (
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/account"
	"github.com/channelledger/channelledger/domain/mdf"
)

// What mdf_to_pipeline_rate@1 goes by, in calendar days behind an activity's end.
const (
	dealsCount    = 180 // a deal registered until then may have come of it
	stillMaturing = 90  // until then it is too early to tell
	maturing      = "maturing"
)

// mdfToPipelineRate is how much of the money led to deals.
func mdfToPipelineRate() Metric {
	return Metric{
		Name: "mdf_to_pipeline_rate", Version: 1,
		Title: "MDF to pipeline",
		Counts: "Of the market development funds paid in the window, what went into activities that deals came of. A deal counts " +
			"where the partner found it and registered it between the activity's first day and 180 days after its last, and " +
			"somebody, or the deal itself, attributed it to the activity. Amounts are in the funds' currencies.",
		Unit:        Money,
		Numerator:   "paid for activities of the denominator with at least one such deal",
		Denominator: "paid on claims in the window, net of what was clawed back in it, for activities that ended 90 days ago or earlier",
		Apart:       []Note{{maturing, "paid for activities that ended less than 90 days ago"}},
		Span:        YearOrPeriod,
		Groups:      GroupBys(),
		Source:      "Return on market development funds by the deals that name them, since revenue takes longer than a program's year.",
		needs:       needs{funds: true},
		count:       fundedPipeline,
		sum:         moneySum,
	}
}

func fundedPipeline(f *Facts) (entries []Entry) {
	deals := map[uuid.UUID]*Deal{}
	for _, d := range f.Deals {
		deals[d.ID] = d
	}
	for _, a := range f.Activities {
		amount, events := a.paid(f.Window.After, f.Window.Through)
		if len(events) == 0 {
			continue
		}
		e := a.entry(amount, events)
		if a.endOf(stillMaturing, f.Zone).After(f.Window.At) {
			e.Apart = maturing
		} else if d, by := a.firstDeal(deals, f.Zone); d != nil {
			e.Numerator = true
			e.add(domain.StreamName(mdf.FundCategory, a.row.FundID), by)
			e.add(domain.StreamName(account.Category, d.AccountID), d.events[0])
		}
		entries = append(entries, e)
	}
	return entries
}

// endOf is the end of the day so many days behind the activity's last.
func (a *Activity) endOf(days int, zone *time.Location) time.Time {
	return a.row.Ends.AddDays(days + 1).In(zone)
}

// firstDeal is the first deal attributed that counts, and the event that attributes it; nil where there is none.
func (a *Activity) firstDeal(deals map[uuid.UUID]*Deal, zone *time.Location) (*Deal, ref) {
	from, until := a.row.Starts.In(zone), a.endOf(dealsCount, zone)
	for _, of := range a.row.Deals {
		d := deals[of.DealID]
		if d == nil || of.At.After(a.at) || !d.IsSourced() {
			continue
		}
		if !d.Registered.Before(from) && d.Registered.Before(until) {
			return d, of.ref
		}
	}
	return nil, ref{}
}
