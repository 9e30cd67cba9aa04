package policy_test

import (
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/channelledger/channelledger/domain/policy"
)

func TestAddBusinessDays(t *testing.T) {
	for _, c := range []struct {
		name, zone, from string
		n                int
		want             string
	}{
		{"within a week", "UTC", "2026-03-02T10:00:00Z", 3, "2026-03-05T10:00:00Z"},
		{"over a weekend", "UTC", "2026-03-05T10:00:00Z", 3, "2026-03-10T10:00:00Z"},
		{"none is the same moment", "UTC", "2026-03-07T10:00:00Z", 0, "2026-03-07T10:00:00Z"},
		{"from Saturday to Monday", "UTC", "2026-03-07T10:00:00Z", 1, "2026-03-09T10:00:00Z"},
		{"from Sunday to Friday", "UTC", "2026-03-08T10:00:00Z", 5, "2026-03-13T10:00:00Z"},
		{"two weeks", "UTC", "2026-03-04T10:00:00Z", 10, "2026-03-18T10:00:00Z"},
		{"back over a weekend", "UTC", "2026-03-10T10:00:00Z", -3, "2026-03-05T10:00:00Z"},
		{"back from Sunday", "UTC", "2026-03-08T10:00:00Z", -1, "2026-03-06T10:00:00Z"},
		{"the zone's weekday counts: Friday there", "America/Los_Angeles", "2026-03-07T02:00:00Z", 1, "2026-03-10T01:00:00Z"},
		{"clocks go forward: 47 hours", "Europe/Berlin", "2026-03-27T10:00:00+01:00", 1, "2026-03-30T10:00:00+02:00"},
		{"clocks go back", "Europe/Berlin", "2026-10-23T10:00:00+02:00", 1, "2026-10-26T10:00:00+01:00"},
		{"half an hour of summer time", "Australia/Lord_Howe", "2026-04-03T10:00:00+11:00", 1, "2026-04-06T10:00:00+10:30"},
		{"a day that Samoa never had", "Pacific/Apia", "2011-12-29T10:00:00-10:00", 2, "2012-01-02T10:00:00+14:00"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := policy.AddBusinessDays(moment(t, c.from), c.n, zone(t, c.zone))
			assert.Equal(t, moment(t, c.want), got)
		})
	}
}

func TestAddDays(t *testing.T) {
	berlin := zone(t, "Europe/Berlin")
	assert.Equal(t, moment(t, "2026-03-29T12:00:00+02:00"), policy.AddDays(moment(t, "2026-03-28T12:00:00+01:00"), 1, berlin))
	assert.Equal(t, moment(t, "2026-10-24T12:00:00+02:00"), policy.AddDays(moment(t, "2026-10-25T12:00:00+01:00"), -1, berlin))
	assert.Equal(t, moment(t, "2026-07-01T00:00:00Z"), policy.AddDays(moment(t, "2026-01-02T00:00:00Z"), 180, time.UTC))
}

// Whatever the zone and its clocks: a business day is reached, on the same time of day or where that one is skipped.
func TestBusinessDaysProperty(t *testing.T) {
	names := []string{"UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Africa/Casablanca"}
	rapid.Check(t, func(r *rapid.T) {
		in := zone(t, rapid.SampledFrom(names).Draw(r, "zone"))
		from := time.Unix(rapid.Int64Range(1_500_000_000, 2_000_000_000).Draw(r, "from"), 0).UTC()
		n := rapid.IntRange(1, 300).Draw(r, "n")
		to := policy.AddBusinessDays(from, n, in)
		require.True(r, to.After(from))
		require.NotContains(r, []time.Weekday{time.Saturday, time.Sunday}, to.In(in).Weekday())
		again := policy.AddBusinessDays(policy.AddBusinessDays(from, 1, in), n-1, in)
		require.WithinDuration(r, to, again, time.Hour, "n days are one and the rest")
	})
}

func moment(t *testing.T, s string) time.Time {
	t.Helper()
	m, err := time.Parse(time.RFC3339, s)
	require.NoError(t, err)
	return m.UTC()
}

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	require.NoError(t, err)
	return z
}
