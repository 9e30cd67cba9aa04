package histories

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/projections"
	"github.com/channelledger/channelledger/projections/projectionstest"
	"github.com/channelledger/channelledger/projections/sqlview"
)

// Source is the history as a log.
func (h *History) Source() projections.Source {
	return projections.Source{Store: h.Log, Codec: h.Codec}
}

// View is what a read model makes of the history, within the bounds.
func (h *History) View(t *testing.T, def projections.Definition, bounds projections.Bounds) projections.Reader {
	t.Helper()
	return projectionstest.View(t, h.Source(), def, bounds)
}

// Live is a read model that follows the history as it goes on, and a wait until it has handled what there is.
func (h *History) Live(t *testing.T, def projections.Definition) (reader projections.Reader, wait func()) {
	t.Helper()
	views, err := sqlview.Open(t.TempDir())
	require.NoError(t, err)
	runner, err := projections.NewRunner(projections.Config{
		Source: h.Source(), Views: views, Projections: []projections.Definition{def},
	})
	require.NoError(t, err)
	done := make(chan error, 1)
	go func() { done <- runner.Run(t.Context()) }()
	t.Cleanup(func() {
		<-done // the test's context has ended
		require.NoError(t, views.Close())
	})
	name, _ := def.Named()
	reader, err = runner.Reader(name)
	require.NoError(t, err)
	return reader, func() {
		require.NoError(t, runner.WaitFor(t.Context(), name, h.position(uint64(len(h.Events)))))
	}
}

// Ask puts a question to one state of the rows.
func Ask[T any](t *testing.T, reader projections.Reader, question func(projections.Querier) (T, error)) T {
	t.Helper()
	answer, err := Try(t, reader, question)
	require.NoError(t, err)
	return answer
}

// Try is Ask for a question that may be refused.
func Try[T any](t *testing.T, reader projections.Reader, question func(projections.Querier) (T, error)) (answer T, err error) {
	t.Helper()
	err = reader.Read(t.Context(), func(q projections.Querier) (err error) {
		answer, err = question(q)
		return err
	})
	return answer, err
}
