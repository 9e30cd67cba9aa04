package metrics_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain/partner"
	"github.com/channelledger/channelledger/projections"
	"github.com/channelledger/channelledger/projections/listing/histories"
	"github.com/channelledger/channelledger/projections/metrics"
)

// A metric's history is its answer to each period.
func TestHistory(t *testing.T) {
	t.Parallel()
	h := told(1)
	view := h.View(t, metrics.Projection(), projections.Bounds{})
	for _, m := range metrics.All() {
		told := history(t, view, m, h.Now, berlin)
		require.GreaterOrEqual(t, len(told), 4)
		require.Equal(t, metrics.QuarterOf(h.Now, berlin).Name, told[len(told)-1].Window.Name, "the running quarter too")
		for _, a := range told {
			asked := histories.Ask(t, view, func(q projections.Querier) (metrics.Answer, error) {
				return metrics.Ask(t.Context(), q, metrics.Question{Metric: m, Period: a.Window.Name, At: h.Now, Zone: berlin})
			})
			require.Equal(t, asked, a, m.ID())
		}
	}
}

func history(t *testing.T, view projections.Reader, m metrics.Metric, at time.Time, zone *time.Location) []metrics.Answer {
	t.Helper()
	return histories.Ask(t, view, func(q projections.Querier) ([]metrics.Answer, error) {
		return metrics.History(t.Context(), q, m, at, zone)
	})
}

func TestALongHistoryIsToldByYears(t *testing.T) {
	t.Parallel()
	h := histories.New(0)
	m := find(t, "activation_rate")
	require.Empty(t, history(t, h.View(t, metrics.Projection(), projections.Bounds{}), m, h.Now, time.UTC), "nothing happened yet")
	header := h.Header()
	header.EffectiveAt = h.Now.AddDate(-20, 0, 0)
	require.True(t, h.Partner(h.Partners[0], header, partner.Apply{LegalName: "Old", Kind: partner.OEM, Country: "DE"}))
	told := history(t, h.View(t, metrics.Projection(), projections.Bounds{}), m, h.Now, time.UTC)
	require.Len(t, told, 21)
	require.Equal(t, "2004", told[0].Window.Name)
}
