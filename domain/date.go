package domain

import (
	"cmp"
	"fmt"
	"time"
)

// Date is a calendar day. In time it is the start of that day in the program's zone.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// DateOf is the day that t falls on in the zone.
func DateOf(t time.Time, zone *time.Location) Date {
	y, m, d := t.In(zone).Date()
	return Date{y, m, d}
}

// ParseDate reads yyyy-mm-dd (ISO 8601) and refuses days that no calendar has.
func ParseDate(s string) (Date, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return Date{}, fmt.Errorf("date %q: want a day as yyyy-mm-dd", s)
	}
	return DateOf(t, time.UTC), nil
}

// In is the moment the day starts in the zone: midnight, or later where the zone skips midnight that day (São Paulo until
// 2018) or the whole day (Apia, 2011-12-30).
func (d Date) In(zone *time.Location) time.Time {
	start := time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, zone)
	if DateOf(start, zone).Compare(d) < 0 {
		_, start = start.ZoneBounds()
	}
	return start
}

// AddDays is the day n calendar days later, or earlier for a negative n.
func (d Date) AddDays(n int) Date { return DateOf(d.In(time.UTC).AddDate(0, 0, n), time.UTC) }

// IsZero reports whether no day is given.
func (d Date) IsZero() bool { return d == Date{} }

// Compare orders days: -1, 0 or 1.
func (d Date) Compare(other Date) int {
	return cmp.Or(cmp.Compare(d.Year, other.Year), cmp.Compare(d.Month, other.Month), cmp.Compare(d.Day, other.Day))
}

// String is yyyy-mm-dd.
func (d Date) String() string { return fmt.Sprintf("%04d-%02d-%02d", d.Year, d.Month, d.Day) }

// MarshalText writes yyyy-mm-dd; no day is the empty text.
func (d Date) MarshalText() ([]byte, error) {
	if d.IsZero() {
		return nil, nil
	}
	return []byte(d.String()), nil
}

// UnmarshalText reads yyyy-mm-dd, or the empty text as no day.
func (d *Date) UnmarshalText(text []byte) (err error) {
	if len(text) == 0 {
		*d = Date{}
		return nil
	}
	*d, err = ParseDate(string(text))
	return err
}
