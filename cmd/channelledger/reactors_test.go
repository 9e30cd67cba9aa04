package main

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/eventstore"
	"github.com/channelledger/channelledger/eventstore/embedded"
)

// TestParkedEventsAreListedAndRetried poisons a log behind its back: the scheduler can't read the event.
func TestParkedEventsAreListedAndRetried(t *testing.T) {
	data := t.TempDir()
	serve(t, data).end()
	poison := eventstore.Proposed{ID: domain.DeriveID("test", "poison"), Type: "deal.approved.v1", Data: []byte(`{"deal_id":7}`), Metadata: []byte(`{}`)}
	store, err := embedded.Open(filepath.Join(data, logFolder), embedded.Options{})
	require.NoError(t, err)
	_, err = store.Append(t.Context(), "account-"+poison.ID.String(), eventstore.NoStream, []eventstore.Proposed{poison})
	require.NoError(t, err)
	require.NoError(t, store.Close())
	require.Contains(t, must(t, "reactors", "--data", data), "nothing is parked")

	s := serve(t, data)
	defer s.end()
	listed := func(attempt string) func() bool {
		return func() bool {
			for line := range strings.Lines(must(t, "reactors", "--data", data)) {
				words := strings.Fields(line)
				if words[0] == "scheduler" && words[1] == poison.ID.String() && words[4] == attempt {
					return strings.Contains(line, "decode account-"+poison.ID.String()+"@0, deal.approved.v1")
				}
			}
			return false
		}
	}
	require.Eventually(t, listed("1"), time.Minute, 10*time.Millisecond)
	require.Contains(t, must(t, "status", "--data", data), "scheduler: 1")
	out := must(t, "reactors", "retry", "scheduler", poison.ID.String(), "--reason", "hoping", "--data", data)
	require.Contains(t, out, "is retried")
	require.Eventually(t, listed("2"), time.Minute, 10*time.Millisecond, "it still can't be read")
	_, _, err = call(t, "reactors", "retry", "scheduler", domain.DeriveID("no", "event").String(), "--reason", "x", "--data", data)
	require.ErrorContains(t, err, "has no parked event")
}
