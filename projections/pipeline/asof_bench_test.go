package pipeline_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/eventstore"
	"github.com/channelledger/channelledger/projections"
	"github.com/channelledger/channelledger/projections/pipeline"
	"github.com/channelledger/channelledger/projections/sqlview"
)

// BenchmarkAsOf asks the pipeline, by status, as it was: cold, where the log is replayed within the bound, and cached, where
// somebody asked before; beside a plain rebuild of the same log. Cold questions differ by a nanosecond each.
func BenchmarkAsOf(b *testing.B) {
	source := benchLog(b, benchEvents())
	views, err := sqlview.Open(b.TempDir())
	require.NoError(b, err)
	end := endOf(b, source)
	latest := func(context.Context) (projections.Head, error) { return end, nil }
	answers := projections.NewAsOf(source, views, latest, projections.Limits{}, 1)
	b.Run("rebuild", func(b *testing.B) {
		for b.Loop() {
			rebuild(b, source, views, pipeline.Projection(nil))
		}
	})
	all, half := day(1499), day(749) // of 1500 days
	for _, run := range []struct {
		name  string
		bound time.Time
		step  time.Duration
	}{{"cold, everything", all, 1}, {"cold, half of it", half, 1}, {"cached", all, 0}} {
		b.Run(run.name, func(b *testing.B) {
			ask(b, answers, day(0)) // no other run's answer is the one kept
			bounds := run.bound
			if run.step == 0 {
				ask(b, answers, bounds)
			}
			b.ResetTimer()
			for b.Loop() {
				bounds = bounds.Add(run.step)
				ask(b, answers, bounds)
			}
		})
	}
	answers.Close()
	require.NoError(b, views.Close())
}

func ask(b *testing.B, answers *projections.AsOf, effectiveAt time.Time) {
	b.Helper()
	scratch, err := answers.Open(b.Context(), pipeline.Projection(nil), projections.Bounds{EffectiveAt: effectiveAt})
	require.NoError(b, err)
	defer scratch.Close()
	require.NoError(b, scratch.Read(b.Context(), func(q projections.Querier) error {
		groups, err := pipeline.Pipeline(b.Context(), q, pipeline.GroupQuery{By: pipeline.ByStatus})
		require.NotEmpty(b, groups.Groups)
		return err
	}))
}

func endOf(b *testing.B, source projections.Source) (head projections.Head) {
	b.Helper()
	for m, err := range source.Store.Follow(b.Context(), eventstore.Position{}, eventstore.Filter{}) {
		require.NoError(b, err)
		if m.Kind == eventstore.CaughtUp {
			return head
		}
		head = projections.Head{Position: m.Position, RecordedAt: m.Event.RecordedAt}
	}
	return head
}
