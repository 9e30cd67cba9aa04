package period

import (
	"cmp"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
)

// Month is a calendar month; in time it is its days in the program's zone. The zero value is no month.
type Month struct {
	Year  int // 1 to 9999
	Month time.Month
}

// MonthOf is the month that a day lies in.
func MonthOf(d domain.Date) Month { return Month{d.Year, d.Month} }

// ParseMonth reads yyyy-mm (ISO 8601).
func ParseMonth(text string) (Month, error) {
	t, err := time.Parse("2006-01", text)
	if err != nil || t.Year() < 1 {
		return Month{}, fmt.Errorf("month %.20q: want yyyy-mm, as in 2026-10", text)
	}
	return Month{t.Year(), t.Month()}, nil
}

// IDOf is the id of a month's stream.
func IDOf(m Month) uuid.UUID { return domain.DeriveID(Category, m.String()) }

// IsZero reports whether no month is given.
func (m Month) IsZero() bool { return m == Month{} }

// Compare orders months: -1, 0 or 1. No month comes before every other.
func (m Month) Compare(other Month) int {
	return cmp.Or(cmp.Compare(m.Year, other.Year), cmp.Compare(m.Month, other.Month))
}

// Add is the month n later, or earlier for a negative n.
func (m Month) Add(n int) Month {
	return MonthOf(domain.DateOf(time.Date(m.Year, m.Month+time.Month(n), 1, 0, 0, 0, 0, time.UTC), time.UTC))
}

// Next is the month behind it.
func (m Month) Next() Month { return m.Add(1) }

// First is its first day.
func (m Month) First() domain.Date { return domain.Date{Year: m.Year, Month: m.Month, Day: 1} }

// Last is its last day.
func (m Month) Last() domain.Date { return m.Next().First().AddDays(-1) }

// In is when it starts in the zone, and when it ends, exclusive: both in UTC.
func (m Month) In(zone *time.Location) (from, until time.Time) {
	return m.First().In(zone).UTC(), m.Next().First().In(zone).UTC()
}

// String is yyyy-mm.
func (m Month) String() string { return fmt.Sprintf("%04d-%02d", m.Year, m.Month) }

// MarshalText writes yyyy-mm; no month is the empty text.
func (m Month) MarshalText() ([]byte, error) {
	if m.IsZero() {
		return nil, nil
	}
	return []byte(m.String()), nil
}

// UnmarshalText reads yyyy-mm, or the empty text as no month.
func (m *Month) UnmarshalText(text []byte) (err error) {
	if len(text) == 0 {
		*m = Month{}
		return nil
	}
	*m, err = ParseMonth(string(text))
	return err
}
