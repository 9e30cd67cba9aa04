package projectionstest

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/projections"
	"github.com/channelledger/channelledger/projections/sqlview"
)

// View is what a read model makes of a log, within the bounds. It lives as long as the test.
func View(t *testing.T, source projections.Source, def projections.Definition, bounds projections.Bounds) projections.Reader {
	t.Helper()
	views, err := sqlview.Open(t.TempDir())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, views.Close()) })
	view, _, err := projections.Replay(t.Context(), source, def, bounds, func(s *projections.Schema) (projections.View, error) {
		return views.Scratch(t.Context(), s)
	}, projections.Limits{}, nil)
	require.NoError(t, err)
	return view
}
