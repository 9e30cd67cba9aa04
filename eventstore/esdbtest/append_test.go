package esdbtest_test

import (
	"math"
	"sync"
	"testing"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/eventstore"
	"github.com/channelledger/channelledger/eventstore/embedded"
	"github.com/channelledger/channelledger/eventstore/esdbtest"
)

func TestAnEventComesBackByteForByte(t *testing.T) {
	at := time.Date(2026, 3, 1, 12, 0, 0, 123_456_700, time.UTC)
	store, err := embedded.OpenMemory(embedded.Options{Clock: func() time.Time { return at }})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, store.Close()) })
	b := benchOver(t, store)
	sent := []esdb.EventData{event("json"), event("binary"), event("no-json"), event("nothing"), event("größe")}
	sent[1].ContentType = esdb.ContentTypeBinary
	sent[1].Metadata = []byte{0, 255, '\n'}
	sent[2].Data = []byte{0, 255, 1, '\n', '"', 0}
	sent[3].Data, sent[3].Metadata = nil, nil
	sent[4].EventType = " größe/事件-😀"
	const stream = "größe 事件-😀\n\x00/.."
	b.append(stream, esdb.NoStream{}, sent...)
	got := b.read(stream)
	require.Len(t, got, len(sent))
	for i, e := range got {
		require.Equal(t, sent[i].EventID, e.EventID)
		require.Equal(t, sent[i].EventType, e.EventType)
		require.Equal(t, stream, e.StreamID)
		require.Equal(t, uint64(i), e.EventNumber)
		require.Equal(t, string(sent[i].Data), string(e.Data))
		require.Equal(t, string(sent[i].Metadata), string(e.UserMetadata))
		require.Equal(t, at, e.CreatedDate)
		if i == 1 {
			require.Equal(t, "application/octet-stream", e.ContentType)
		} else {
			require.Equal(t, "application/json", e.ContentType)
		}
	}
}

func TestTheStoreHasWhatTheClientSent(t *testing.T) {
	b := newBench(t)
	sent := event("a")
	b.append("deal-1", esdb.NoStream{}, sent)
	for e, err := range b.store.Read(b.ctx, "deal-1", eventstore.NoStream) {
		require.NoError(t, err)
		require.Equal(t, eventstore.Proposed{ID: sent.EventID, Type: sent.EventType, Data: sent.Data, Metadata: sent.Metadata}, e.Proposed)
	}
}

func TestWritersThatExpectAnythingAllGetIn(t *testing.T) {
	b := newBench(t)
	var writers sync.WaitGroup
	for _, e := range many("e", 20) {
		writers.Go(func() {
			_, err := b.try("deal-1", esdb.Any{}, e)
			require.NoError(t, err)
		})
	}
	writers.Wait()
	require.ElementsMatch(t, ids(many("e", 20)), ids(b.read("deal-1")))
}

func TestAnAppendBeyondTheLimitsIsRefused(t *testing.T) {
	b := newBench(t)
	_, err := b.try("deal-1", esdb.NoStream{}, many("e", eventstore.MaxAppendEvents+1)...)
	require.Error(t, err)
	_, err = b.try("deal-1", esdb.Revision(math.MaxUint64), event("e"))
	b.fails(err, esdb.ErrorCodeWrongExpectedVersion)
	_, err = b.tryRead("deal-1")
	b.fails(err, esdb.ErrorCodeResourceNotFound)
}

func TestDeletesAreRefused(t *testing.T) {
	b := newBench(t)
	b.append("deal-1", esdb.NoStream{}, event("e"))
	_, err := b.client.DeleteStream(b.ctx, "deal-1", esdb.DeleteStreamOptions{ExpectedRevision: esdb.Any{}})
	b.fails(err, esdb.ErrorCodeAccessDenied)
	_, err = b.client.TombstoneStream(b.ctx, "deal-1", esdb.TombstoneStreamOptions{ExpectedRevision: esdb.Any{}})
	b.fails(err, esdb.ErrorCodeAccessDenied)
	require.Len(t, b.read("deal-1"), 1)
}

func TestAClientFindsTheServerByGossip(t *testing.T) {
	b := newBench(t)
	b.client = b.connect("esdb+discover://" + b.server.Address() + "?tls=false")
	b.append("deal-1", esdb.NoStream{}, event("e"))
}

func TestVersion(t *testing.T) {
	version, err := newBench(t, esdbtest.Version("24.10.4")).client.GetServerVersion()
	require.NoError(t, err)
	require.Equal(t, esdb.ServerVersion{Major: 24, Minor: 10, Patch: 4}, *version)
}
