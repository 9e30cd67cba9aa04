package period_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/period"
)

func TestParseMonth(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]period.Month{
		"2026-10": {2026, time.October}, "0001-01": {1, time.January}, "9999-12": {9999, time.December},
	} {
		m, err := period.ParseMonth(text)
		require.NoError(t, err)
		assert.Equal(t, want, m)
		assert.Equal(t, text, m.String())
	}
	for _, text := range []string{"", "2026", "2026-13", "2026-1", "2026-10-01", "0000-01", "-001-01", "10000-01", "2026-10 "} {
		_, err := period.ParseMonth(text)
		require.Error(t, err, text)
	}
	assert.Equal(t, domain.DeriveID("period", "2026-10"), period.IDOf(month("2026-10")))
}

func TestMonthInAZone(t *testing.T) {
	t.Parallel()
	berlin, err := time.LoadLocation("Europe/Berlin")
	require.NoError(t, err)
	from, until := month("2026-10").In(berlin)
	assert.Equal(t, time.Date(2026, 9, 30, 22, 0, 0, 0, time.UTC), from)
	assert.Equal(t, time.Date(2026, 10, 31, 23, 0, 0, 0, time.UTC), until)
	assert.Equal(t, "2026-02-28", month("2026-02").Last().String())
	assert.Equal(t, "2028-02-29", month("2028-02").Last().String())
	assert.Equal(t, month("2027-01"), month("2026-12").Next())
	assert.Equal(t, month("2025-12"), month("2026-01").Add(-1))
}

// At each place in the log one month is the first that takes entries; nothing posts before it, and what takes effect in an
// open month posts on its own day.
func TestCalendarProperty(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		var calendar period.Calendar
		at := rapid.Custom(func(r *rapid.T) time.Time {
			return time.Date(2026, 1, 1, rapid.IntRange(0, 24*800).Draw(r, "hour"), 0, 0, 0, time.UTC)
		})
		for range rapid.IntRange(0, 12).Draw(r, "events") {
			m := period.MonthOf(domain.DateOf(at.Draw(r, "month"), time.UTC))
			before := calendar.Open
			if rapid.Bool().Draw(r, "cut") {
				calendar.Apply(period.Cut{Month: m})
				require.True(r, calendar.Open == before && before.Compare(m) > 0 || calendar.Open == m.Next())
			} else {
				calendar.Apply(period.Reopened{Month: m})
				require.True(r, calendar.Open == before && before.Compare(m) <= 0 || calendar.Open == m)
			}
			moment := at.Draw(r, "moment")
			day, posted := domain.DateOf(moment, time.UTC), calendar.PostingDate(moment, time.UTC)
			require.GreaterOrEqual(r, posted.Compare(day), 0, "nothing posts before it took effect")
			require.GreaterOrEqual(r, period.MonthOf(posted).Compare(calendar.Open), 0, "nothing posts in a month that is shut")
			require.True(r, posted == day || posted == calendar.Open.First(), "on its day, or the first open one")
		}
	})
}

func TestPostingDate(t *testing.T) {
	t.Parallel()
	var c period.Calendar
	posted := func(day string) string {
		return c.PostingDate(domain.Must(domain.ParseDate(day)).In(time.UTC), time.UTC).String()
	}
	assert.Equal(t, "2026-09-15", posted("2026-09-15"), "no books were cut yet")
	c.Apply(period.Cut{Month: month("2026-10")})
	assert.Equal(t, "2026-11-01", posted("2026-10-15"))
	assert.Equal(t, "2026-11-01", posted("2026-09-15"), "the first cut shuts all before it")
	assert.Equal(t, "2026-11-02", posted("2026-11-02"))
	c.Apply(period.Closed{Month: month("2026-10")})
	c.Apply(period.Cut{Month: month("2026-11")})
	assert.Equal(t, "2026-12-01", posted("2026-10-15"))
	c.Apply(period.Reopened{Month: month("2026-11")})
	assert.Equal(t, "2026-11-01", posted("2026-10-15"))
	c.Apply(period.Reopened{Month: month("2026-10")})
	assert.Equal(t, "2026-10-15", posted("2026-10-15"))
	assert.Equal(t, "2026-10-01", posted("2026-09-15"), "what lies before the reopened month stays shut")

	zone, err := time.LoadLocation("Pacific/Auckland")
	require.NoError(t, err)
	midnight := month("2026-11").First().In(zone)
	c.Apply(period.Cut{Month: month("2026-10")})
	assert.Equal(t, "2026-11-01", c.PostingDate(midnight, zone).String())
	assert.Equal(t, "2026-11-01", c.PostingDate(midnight.Add(-time.Second), zone).String(), "October in the program's zone")
	assert.Equal(t, "2026-12-05", c.PostingDate(midnight.AddDate(0, 1, 4), zone).String())
}

func month(text string) period.Month { return domain.Must(period.ParseMonth(text)) }
