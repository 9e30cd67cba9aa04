package domain

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func day(n int) time.Time { return time.Date(2026, time.January, n, 0, 0, 0, 0, time.UTC) }

func TestDatedWithoutEntries(t *testing.T) {
	var d Dated[string]
	_, ok := d.At(day(1))
	require.False(t, ok)
	require.Empty(t, d.Latest())
	require.True(t, d.Since().IsZero())
}

func TestDatedTellsWhatHeldWhen(t *testing.T) {
	var d Dated[string]
	d.Set(day(10), "gold")
	d.Set(day(5), "silver") // recorded late
	d.Set(day(10), "platinum")
	for moment, want := range map[time.Time]string{
		day(5): "silver", day(9): "silver", day(10).Add(-1): "silver", day(10): "platinum", day(31): "platinum",
	} {
		got, ok := d.At(moment)
		require.True(t, ok)
		require.Equal(t, want, got, moment)
	}
	_, ok := d.At(day(5).Add(-1))
	require.False(t, ok)
	require.Equal(t, "platinum", d.Latest())
	require.Equal(t, day(10), d.Since())
}

// The model keeps entries as recorded, and sorts when asked.
func TestDatedFollowsItsModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var d Dated[int]
		var recorded []DatedEntry[int]
		for i, n := range rapid.SliceOf(rapid.IntRange(1, 8)).Draw(t, "days") {
			d.Set(day(n), i)
			recorded = append(recorded, DatedEntry[int]{day(n), i})
		}
		moment := day(rapid.IntRange(0, 9).Draw(t, "moment"))
		held := slices.DeleteFunc(byTime(recorded), func(e DatedEntry[int]) bool { return e.From.After(moment) })
		got, ok := d.At(moment)
		require.Equal(t, len(held) > 0, ok)
		if ok {
			require.Equal(t, held[len(held)-1].Value, got)
		}
		require.Equal(t, byTime(recorded), d.Entries)
		if len(recorded) > 0 {
			last := byTime(recorded)[len(recorded)-1]
			require.Equal(t, last.From, d.Since())
			require.Equal(t, last.Value, d.Latest())
		}
	})
}

func byTime(entries []DatedEntry[int]) []DatedEntry[int] {
	sorted := slices.Clone(entries)
	slices.SortStableFunc(sorted, func(a, b DatedEntry[int]) int { return a.From.Compare(b.From) })
	return sorted
}
