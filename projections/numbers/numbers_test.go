package numbers_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/projections/numbers"
)

func TestRanks(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		values      []int64
		median, p90 string
	}{
		{nil, "", ""},
		{[]int64{7}, "7", "7"},
		{[]int64{9, 1}, "1", "9"},
		{[]int64{3, 1, 2}, "2", "3"},
		{[]int64{10, 9, 8, 7, 6, 5, 4, 3, 2, 1}, "5", "9"},
		{[]int64{11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1}, "6", "10"},
	} {
		require.Equal(t, []string{c.median, c.p90}, []string{numbers.RankText(c.values, 50), numbers.RankText(c.values, 90)}, "%v", c.values)
	}
	_, ok := numbers.Rank([]int64{}, 50)
	require.False(t, ok)
}

func TestRatios(t *testing.T) {
	t.Parallel()
	for want, r := range map[string][2]int64{
		"0.0234375": {3, 128}, "0.333333": {1, 3}, "-0.666667": {-2, 3}, "12": {24, 2}, "0.000000000000000001": {1, 1e18}, "": {1, 0},
	} {
		require.Equal(t, want, numbers.Ratio(numbers.Whole(r[0]), numbers.Whole(r[1])))
	}
}

// Days are counted in the zone, over a change of the clock too; backwards there are none.
func TestDaysBetween(t *testing.T) {
	t.Parallel()
	berlin := domain.Must(time.LoadLocation("Europe/Berlin"))
	late := time.Date(2026, time.March, 28, 22, 30, 0, 0, time.UTC) // 23:30 there
	for _, c := range []struct {
		to   time.Time
		zone *time.Location
		want int64
	}{
		{late.Add(time.Hour), berlin, 1}, {late.Add(time.Hour), time.UTC, 0},
		{late.Add(24 * time.Hour), berlin, 2}, {late.Add(-48 * time.Hour), berlin, 0},
	} {
		require.Equal(t, c.want, numbers.DaysBetween(late, c.to, c.zone), "%s in %s", c.to, c.zone)
	}
}
