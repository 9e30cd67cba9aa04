package projections_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/projections"
	"github.com/channelledger/channelledger/projections/internal/toy"
	"github.com/channelledger/channelledger/projections/projectionstest"
	"github.com/channelledger/channelledger/projections/sqlview"
)

// slowView stores once it is let to, or else fails when the context ends.
type slowView struct {
	projections.View
	let <-chan struct{}
}

func (v slowView) Commit(ctx context.Context, next projections.Checkpoint) error {
	select {
	case <-v.let:
		return v.View.Commit(ctx, next)
	case <-ctx.Done():
		return ctx.Err()
	}
}

// slowReplay replays five accounts, two events a batch, into a view that stores once the second batch is being folded.
func slowReplay(t *testing.T, apply func(event int) error) func(context.Context) (projections.View, error) {
	t.Helper()
	log := projectionstest.NewLog("log")
	for i := range 5 {
		add(t, log, opened(i), moved(i, 5))
	}
	views, err := sqlview.Open(t.TempDir())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, views.Close()) })
	def, events, let := named("one", 1), 0, make(chan struct{})
	inner := def.Apply
	def.Apply = func(tables toy.Tables, e domain.Event, env domain.Envelope) error {
		if events++; events == 3 {
			close(let)
		}
		if err := apply(events); err != nil {
			return err
		}
		return inner(tables, e, env)
	}
	source := projections.Source{Store: log, Codec: toy.Codec()}
	return func(ctx context.Context) (projections.View, error) {
		open := func(s *projections.Schema) (projections.View, error) {
			view, err := views.Scratch(ctx, s)
			return slowView{view, let}, err
		}
		view, _, err := projections.Replay(ctx, source, def, projections.Bounds{}, open, projections.Limits{BulkRows: 2}, nil)
		return view, err
	}
}

func TestEventsAreFoldedWhileABatchIsStored(t *testing.T) {
	t.Parallel()
	view, err := slowReplay(t, func(int) error { return nil })(t.Context())
	require.NoError(t, err)
	for i := range 5 {
		assert.EqualValues(t, 5, balance(t, view, i))
	}
}

func TestAReplayThatFailsWaitsForWhatIsBeingStored(t *testing.T) {
	t.Parallel()
	_, err := slowReplay(t, func(event int) error {
		if event == 4 {
			return assert.AnError
		}
		return nil
	})(t.Context())
	requireHalt(t, err)

	ctx, cancel := context.WithCancel(t.Context())
	_, err = slowReplay(t, func(event int) error {
		if event == 2 {
			cancel() // nobody lets the first batch be stored yet
		}
		return nil
	})(ctx)
	require.ErrorIs(t, err, context.Canceled)
}
