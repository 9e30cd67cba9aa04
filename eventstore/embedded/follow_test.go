package embedded

import (
	"fmt"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/eventstore"
)

// TestFollowLosesNothingBehindALongGap lets a filter hold back more than is looked at at a time.
func TestFollowLosesNothingBehindALongGap(t *testing.T) {
	const gap = pageScan + eventstore.MaxAppendEvents
	s, err := OpenMemory(Options{})
	require.NoError(t, err)
	for i := 0; i < gap; i += eventstore.MaxAppendEvents {
		_, err := s.Append(t.Context(), "other-1", eventstore.Revision(i-1), together(fmt.Sprint(i), eventstore.MaxAppendEvents))
		require.NoError(t, err)
	}
	last := mustAppend(t, s, "deal-1", eventstore.NoStream, "a").Position

	var kinds []eventstore.MessageKind
	for m, err := range s.Follow(t.Context(), eventstore.Position{}, eventstore.Filter{Categories: []string{"deal"}}) {
		require.NoError(t, err)
		if kinds = append(kinds, m.Kind); m.Kind == eventstore.CaughtUp {
			require.Equal(t, last, m.Position)
			break
		}
	}
	require.Equal(t, []eventstore.MessageKind{eventstore.Checkpoint, eventstore.Appeared, eventstore.CaughtUp}, kinds)
	require.NoError(t, s.Close())
}

// TestFollowMovesPastEachHiddenEvent as soon as it is there: readers wait for positions that their filter may hide.
func TestFollowMovesPastEachHiddenEvent(t *testing.T) {
	s := openOn(t, vfs.NewMem())
	var kinds []eventstore.MessageKind
	n := 0
	for m, err := range s.Follow(t.Context(), eventstore.Position{}, eventstore.Filter{Types: []string{"none"}}) {
		require.NoError(t, err)
		require.EqualValues(t, n, m.Position.Commit)
		kinds = append(kinds, m.Kind)
		if m.Kind != eventstore.CaughtUp {
			continue
		}
		if n == 3 {
			break
		}
		mustAppend(t, s, "deal-1", eventstore.Revision(n-1), fmt.Sprint(n))
		n++
	}
	const caughtUp, checkpoint = eventstore.CaughtUp, eventstore.Checkpoint
	require.Equal(t, []eventstore.MessageKind{caughtUp, checkpoint, caughtUp, checkpoint, caughtUp, checkpoint, caughtUp}, kinds)
	require.NoError(t, s.Close())
}

// TestReadsAreTheirOwnersToChange: what one reader does to its bytes, no other sees.
func TestReadsAreTheirOwnersToChange(t *testing.T) {
	s := openOn(t, vfs.NewMem())
	mustAppend(t, s, "deal-1", eventstore.NoStream, "a")
	e := wholeLog(t, s)[0]
	metadata := string(e.Metadata)
	e.Data = append(e.Data, "more than there was"...)
	clear(e.Data)
	require.Equal(t, metadata, string(e.Metadata))
	require.Equal(t, "a", string(wholeLog(t, s)[0].Data))
	require.NoError(t, s.Close())
}
