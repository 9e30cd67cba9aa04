package domain

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestParseDate(t *testing.T) {
	d, err := ParseDate("2024-02-29")
	require.NoError(t, err)
	require.Equal(t, Date{2024, time.February, 29}, d)
	for _, text := range []string{"", "2023-02-29", "2026-13-01", "2026-1-1", "26-01-01", "2026-01-01T00:00:00Z", "01.02.2026"} {
		_, err := ParseDate(text)
		require.ErrorContains(t, err, "want a day as yyyy-mm-dd", text)
	}
}

func TestADayStartsInItsZone(t *testing.T) {
	berlin := time.FixedZone("CET", 3600)
	d := Date{2026, time.March, 1}
	require.True(t, d.In(berlin).Equal(time.Date(2026, time.February, 28, 23, 0, 0, 0, time.UTC)))
	require.Equal(t, d, DateOf(d.In(berlin), berlin))
	require.Equal(t, Date{2026, time.February, 28}, DateOf(d.In(berlin), time.UTC))
}

func TestDateAddDays(t *testing.T) {
	require.Equal(t, "2024-03-01", Must(ParseDate("2024-02-28")).AddDays(2).String())
	require.Equal(t, "2025-12-31", Must(ParseDate("2026-01-01")).AddDays(-1).String())
}

func TestDateJSON(t *testing.T) {
	type body struct {
		Day  Date `json:"day"`
		None Date `json:"none"`
	}
	in := body{Day: Date{2026, time.July, 4}}
	data := requireJSON(t, `{"day":"2026-07-04","none":""}`, in)
	var out body
	require.NoError(t, json.Unmarshal(data, &out))
	require.Equal(t, in, out)
	require.Error(t, json.Unmarshal([]byte(`{"day":"tomorrow"}`), &out))
}

func TestDatesAreOrderedAndReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := Date{1900, time.January, 1}.AddDays(rapid.IntRange(0, 100_000).Draw(t, "day"))
		n := rapid.IntRange(-50_000, 50_000).Draw(t, "n")
		later := d.AddDays(n)
		require.Equal(t, d, Must(ParseDate(d.String())))
		require.Equal(t, d, later.AddDays(-n))
		require.Equal(t, Must(NewMoney(int64(n), "EUR")).Sign(), later.Compare(d))
		require.False(t, d.IsZero())
	})
}

func TestADayStartsWhereTheZoneSkipsMidnight(t *testing.T) {
	for _, c := range []struct{ zone, day, start string }{
		{"America/Sao_Paulo", "2017-10-15", "2017-10-15T01:00:00-02:00"},
		{"Pacific/Apia", "2011-12-30", "2011-12-31T00:00:00+14:00"},
		{"Europe/Berlin", "2026-03-29", "2026-03-29T00:00:00+01:00"},
	} {
		zone, err := time.LoadLocation(c.zone)
		require.NoError(t, err)
		day, err := ParseDate(c.day)
		require.NoError(t, err)
		require.Equal(t, c.start, day.In(zone).Format(time.RFC3339))
	}
}
