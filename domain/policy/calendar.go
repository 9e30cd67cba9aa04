package policy

import (
	"slices"
	"time"

	"github.com/channelledger/channelledger/domain"
)

// AddDays is the moment n calendar days after t, before it for a negative n, at the same time of day in the zone: a day
// over which the clocks change has 23 or 25 hours. A time of day that the clocks skip is moved by what they skip.
func AddDays(t time.Time, n int, zone *time.Location) time.Time {
	return t.In(zone).AddDate(0, 0, n).UTC()
}

// AddBusinessDays is the moment n business days after t, before it for a negative n, at the same time of day in the zone.
// Business days are Monday to Friday but for the holidays that are given. From a weekend, the first business day after it is
// the next Monday. Zero business days after t is t.
func AddBusinessDays(t time.Time, n int, zone *time.Location, holidays ...domain.Date) time.Time {
	step := 1
	if n < 0 {
		step, n = -1, -n
	}
	days, weekday, from := 0, t.In(zone).Weekday(), domain.DateOf(t, zone)
	for n > 0 {
		days += step
		weekday = (weekday + time.Weekday(step) + 7) % 7
		if weekday != time.Saturday && weekday != time.Sunday && !slices.Contains(holidays, from.AddDays(days)) {
			n--
		}
	}
	return AddDays(t, days, zone)
}
