package policy

import "time"

// AddDays is the moment n calendar days after t, before it for a negative n, at the same time of day in the zone: a day
// over which the clocks change has 23 or 25 hours. A time of day that the clocks skip is moved by what they skip.
func AddDays(t time.Time, n int, zone *time.Location) time.Time {
	return t.In(zone).AddDate(0, 0, n).UTC()
}

// AddBusinessDays is the moment n business days after t, before it for a negative n, at the same time of day in the zone.
// Business days are Monday to Friday; public holidays are none of the program's rules. From a weekend, the first
// business day after it is the next Monday. Zero business days after t is t.
func AddBusinessDays(t time.Time, n int, zone *time.Location) time.Time {
	step := 1
	if n < 0 {
		step, n = -1, -n
	}
	days, weekday := 0, t.In(zone).Weekday()
	for n > 0 {
		days += step
		weekday = (weekday + time.Weekday(step) + 7) % 7
		if weekday != time.Saturday && weekday != time.Sunday {
			n--
		}
	}
	return AddDays(t, days, zone)
}
