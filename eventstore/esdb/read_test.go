package esdb_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/eventstore"
	"github.com/channelledger/channelledger/eventstore/esdb"
	"github.com/channelledger/channelledger/eventstore/esdbtest"
)

func TestAReadGoesOnWhereItWasCut(t *testing.T) {
	server := serve(t)
	s := open(t, server)
	list := events("a", "b", "c", "d", "e", "f")
	_, err := s.Append(limited(t), "deal-1", eventstore.NoStream, list)
	require.NoError(t, err)
	server.NextReads(esdbtest.CutDuring, esdbtest.CutBefore, esdbtest.CutDuring, esdbtest.Unavailable, esdbtest.NotLeader)
	require.Equal(t, idsOf(list), ids(t, s, "deal-1"))
	require.Zero(t, server.Pending())
}

func TestAReadIsNeverShort(t *testing.T) {
	server := serve(t)
	appendMany(t, open(t, server), "deal-1", 5)
	s := openHasty(t, server)

	release := server.HoldReads()
	require.ErrorIs(t, firstError(s.Read(limited(t), "deal-1", eventstore.NoStream)), eventstore.ErrUnavailable)
	release()

	var faults []esdbtest.Fault
	for range 200 {
		faults = append(faults, esdbtest.CutBefore)
	}
	server.NextReads(faults...)
	require.ErrorIs(t, firstError(s.Read(limited(t), "deal-1", eventstore.NoStream)), eventstore.ErrUnavailable)
}

func TestHiddenEventsAreAnError(t *testing.T) {
	now := time.Now()
	for _, metadata := range []string{`{"$maxCount":2}`, `{"$tb":3}`} {
		log := newLog(t)
		s := open(t, esdbtest.Start(t, log, esdbtest.Clock(func() time.Time { return now })))
		appendMany(t, s, "deal-1", 5)
		setMetadata(t, log, "deal-1", eventstore.NoStream, metadata)
		require.ErrorIs(t, firstError(s.Read(limited(t), "deal-1", eventstore.NoStream)), esdb.ErrTruncated, metadata)
	}
}

func TestADeletedStreamIsAnError(t *testing.T) {
	server := serve(t)
	s := open(t, server)
	appendMany(t, s, "deal-1", 2)
	require.NoError(t, server.Tombstone(limited(t), "deal-1"))
	require.ErrorIs(t, firstError(s.Read(limited(t), "deal-1", eventstore.NoStream)), esdb.ErrDeleted)
	_, err := s.Append(limited(t), "deal-1", 1, events("x"))
	require.ErrorIs(t, err, esdb.ErrDeleted)
}

// setMetadata sets a stream's metadata as the server's tools do.
func setMetadata(t *testing.T, log eventstore.Store, stream string, expected eventstore.Revision, json string) {
	t.Helper()
	e := event(fmt.Sprintf("metadata of %s: %s, %d", stream, json, expected))
	e.Type, e.Data = "$metadata", []byte(json)
	_, err := log.Append(limited(t), "$$"+stream, expected, []eventstore.Proposed{e})
	require.NoError(t, err)
}
