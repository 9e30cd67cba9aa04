package esdb_test

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/eventstore"
	"github.com/channelledger/channelledger/eventstore/esdb"
	"github.com/channelledger/channelledger/eventstore/esdbtest"
	"github.com/channelledger/channelledger/eventstore/storetest"
)

// TestRealServer runs the conformance suite against the server at ESDB_URL (make test-esdb), in streams of its own, which it
// leaves there.
func TestRealServer(t *testing.T) {
	text := os.Getenv("ESDB_URL")
	if text == "" {
		t.Skip("ESDB_URL names no server")
	}
	cfg, err := esdb.ParseConfig(text)
	require.NoError(t, err)
	report, err := esdb.Check(limited(t), cfg)
	require.NoError(t, err)
	t.Logf("%s\n%s", cfg, report)
	s := openAs(t, cfg)
	storetest.Run(t, func(t *testing.T) eventstore.Store {
		t.Helper()
		return esdbtest.NewCorner(t, s)
	})
}
