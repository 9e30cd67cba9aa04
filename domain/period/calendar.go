package period

import (
	"time"

	"github.com/channelledger/channelledger/domain"
)

// Calendar says on which day the books carry what is recorded at a place in the log: fold it over the periods' events in the
// log's order. The zero value is a ledger whose books were never cut.
type Calendar struct {
	// Open is the first month that takes entries. A cut shuts its month and all before it, so that what a trial balance adds up
	// never changes; a reopening opens its month and all behind it. Zero: every month takes entries.
	Open Month `json:"open,omitzero"`
}

// Apply folds one event; any but those of periods change nothing.
func (c *Calendar) Apply(e domain.Event) {
	switch e := e.(type) {
	case Cut:
		if next := e.Month.Next(); next.Compare(c.Open) > 0 {
			c.Open = next
		}
	case Reopened:
		if e.Month.Compare(c.Open) < 0 {
			c.Open = e.Month
		}
	}
}

// PostingDate is the day on which the books carry what took effect at a moment: that day in the zone, or the first day of the
// first open month where that day's month is shut. Source: domain.md section 8, "Period".
func (c Calendar) PostingDate(effectiveAt time.Time, zone *time.Location) domain.Date {
	day := domain.DateOf(effectiveAt, zone)
	if MonthOf(day).Compare(c.Open) < 0 {
		return c.Open.First()
	}
	return day
}
