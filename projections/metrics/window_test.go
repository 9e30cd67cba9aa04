package metrics

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
)

func at(text string) time.Time { return domain.Must(time.Parse(time.RFC3339, text)) }

func TestWindows(t *testing.T) {
	t.Parallel()
	berlin := domain.Must(time.LoadLocation("Europe/Berlin"))
	for _, c := range []struct {
		span                         Span
		period, at                   string
		zone                         *time.Location
		name, after, through, seenAt string
	}{
		{TrailingYear, "", "2018-01-01T00:00:00Z", time.UTC, "trailing_12_months", "2017-01-01T00:00:00Z", "2018-01-01T00:00:00Z", "2018-01-01T00:00:00Z"},
		{TrailingYear, "", "2024-02-29T10:00:00Z", time.UTC, "trailing_12_months", "2023-02-28T10:00:00Z", "2024-02-29T10:00:00Z", "2024-02-29T10:00:00Z"},
		{TrailingYear, "", "2024-03-31T01:30:00Z", berlin, "trailing_12_months", "2023-03-31T01:30:00Z", "2024-03-31T01:30:00Z", "2024-03-31T01:30:00Z"},
		{TrailingYear, "2017", "2020-06-01T00:00:00Z", time.UTC, "2017", "2016-12-31T23:59:59.999999999Z", "2017-12-31T23:59:59.999999999Z", "2017-12-31T23:59:59.999999999Z"},
		{YearOrPeriod, "2017-Q4", "2020-06-01T00:00:00Z", berlin, "2017-Q4", "2017-09-30T21:59:59.999999999Z", "2017-12-31T22:59:59.999999999Z", "2020-06-01T00:00:00Z"},
		{YearOrPeriod, "2020-06", "2020-06-03T00:00:00Z", time.UTC, "2020-06", "2020-05-31T23:59:59.999999999Z", "2020-06-03T00:00:00Z", "2020-06-03T00:00:00Z"},
		{Quarter, "", "2018-01-01T00:00:00Z", time.UTC, "2017-Q4", "2017-09-30T23:59:59.999999999Z", "2017-12-31T23:59:59.999999999Z", "2018-01-01T00:00:00Z"},
		{Quarter, "", "2017-12-31T23:59:59.999999999Z", time.UTC, "2017-Q3", "2017-06-30T23:59:59.999999999Z", "2017-09-30T23:59:59.999999999Z", "2017-12-31T23:59:59.999999999Z"},
		{Quarter, "", "2017-12-31T23:30:00Z", berlin, "2017-Q4", "2017-09-30T21:59:59.999999999Z", "2017-12-31T22:59:59.999999999Z", "2017-12-31T23:30:00Z"},
		{Ever, "", "2018-01-01T00:00:00Z", time.UTC, "ever", "0001-01-01T00:00:00Z", "2018-01-01T00:00:00Z", "2018-01-01T00:00:00Z"},
		{Moment, "2017-10", "2018-01-01T00:00:00Z", time.UTC, "2017-10", "0001-01-01T00:00:00Z", "2017-10-31T23:59:59.999999999Z", "2017-10-31T23:59:59.999999999Z"},
		{Moment, "2018", "2018-01-01T00:00:00Z", time.UTC, "2018", "0001-01-01T00:00:00Z", "2018-01-01T00:00:00Z", "2018-01-01T00:00:00Z"},
	} {
		w, err := c.span.window(c.period, at(c.at), c.zone)
		require.NoError(t, err)
		require.Equal(t, c.name, w.Name)
		for what, pair := range map[string][2]any{
			"after":   {at(c.after), w.After.UTC()},
			"through": {at(c.through), w.Through.UTC()},
			"at":      {at(c.seenAt), w.At.UTC()},
		} {
			require.Equal(t, pair[0], pair[1], "%s of %+v", what, c)
		}
		require.False(t, w.Holds(w.After))
		require.True(t, w.Holds(w.Through))
	}
}

func TestPeriodsThatAreNone(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"2017-Q5", "2017-13", "2017-1", "17", "0999", "2017-q4", "2017-10-01", " 2017", "2017\n", "next", "2018-02", "2019"} {
		for _, span := range []Span{Moment, TrailingYear, YearOrPeriod, Quarter, Ever} {
			_, err := span.window(text, at("2018-01-31T23:59:59Z"), time.UTC)
			require.Equal(t, "period", domain.AsRejection(err).Field, "%q", text)
			require.Equal(t, domain.KindInvalid, domain.AsRejection(err).Kind)
		}
	}
}
