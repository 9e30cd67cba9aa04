package esdbtest_test

import (
	"testing"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/eventstore"
	"github.com/channelledger/channelledger/eventstore/esdbtest"
)

func (b *bench) set(stream string, change func(*esdb.StreamMetadata)) {
	b.Helper()
	var m esdb.StreamMetadata
	change(&m)
	_, err := b.client.SetStreamMetadata(b.ctx, stream, esdb.AppendToStreamOptions{ExpectedRevision: esdb.Any{}}, m)
	require.NoError(b, err)
}

func (b *bench) metadata(stream string) *esdb.StreamMetadata {
	b.Helper()
	m, err := b.client.GetStreamMetadata(b.ctx, stream, esdb.ReadStreamOptions{From: esdb.End{}, Direction: esdb.Backwards})
	require.NoError(b, err)
	return m
}

func TestMetadataCanBeReadAndHides(t *testing.T) {
	now := time.Now()
	b := newBench(t, esdbtest.Clock(func() time.Time { return now.Add(time.Hour) }))
	list := many("e", 5)
	b.append("deal-1", esdb.NoStream{}, list...)
	for _, limit := range []struct {
		name  string
		set   func(*esdb.StreamMetadata)
		shown []esdb.EventData
	}{
		{"$maxCount", func(m *esdb.StreamMetadata) { m.SetMaxCount(2) }, list[3:]},
		{"$tb", func(m *esdb.StreamMetadata) { m.SetTruncateBefore(4) }, list[4:]},
		{"$maxAge", func(m *esdb.StreamMetadata) { m.SetMaxAge(time.Minute) }, nil},
		{"a longer $maxAge", func(m *esdb.StreamMetadata) { m.SetMaxAge(2 * time.Hour) }, list},
		{"$acl", func(m *esdb.StreamMetadata) {
			acl := esdb.Acl{}
			acl.AddDeleteRoles("nobody")
			m.SetAcl(acl)
		}, list},
	} {
		b.set("deal-1", limit.set)
		var want esdb.StreamMetadata
		limit.set(&want)
		require.Equal(t, want, *b.metadata("deal-1"), limit.name)
		require.Equal(t, ids(limit.shown), ids(b.read("deal-1")), limit.name)
	}
	held := 0
	for _, err := range b.store.Read(b.ctx, "deal-1", eventstore.NoStream) {
		require.NoError(t, err)
		held++
	}
	require.Equal(t, len(list), held, "nothing leaves the store")
	require.Len(t, b.all(esdb.Start{}, esdb.Forwards, 100), len(list)+5, "$all shows everything")
}

func TestSettingsAreAStreamLikeOthers(t *testing.T) {
	b := newBench(t)
	settings := event("settings")
	settings.EventType, settings.Data = "update-default-acl", []byte(`{"$userStreamAcl":{"$w":["ledger"]}}`)
	b.append("$settings", esdb.Any{}, settings)
	require.JSONEq(t, string(settings.Data), string(b.read("$settings")[0].Data))
}

// A follower of our categories must not meet what the server keeps beside them.
func TestMetadataStreamsAreOfNoCategoryOfOurs(t *testing.T) {
	b := newBench(t)
	b.append("deal-1", esdb.NoStream{}, event("a"))
	b.set("deal-1", func(m *esdb.StreamMetadata) { m.AddCustomProperty("owner", "test") })
	b.append("deal-1", esdb.Revision(0), event("b"))
	var got []string
	for m, err := range b.store.Follow(b.ctx, eventstore.Position{}, eventstore.Filter{Categories: []string{"deal"}}) {
		require.NoError(t, err)
		if m.Kind == eventstore.CaughtUp {
			break
		}
		if m.Kind == eventstore.Appeared {
			got = append(got, m.Event.Stream)
		}
	}
	require.Equal(t, []string{"deal-1", "deal-1"}, got)
}

func TestATombstonedStreamIsGoneForTheClientOnly(t *testing.T) {
	b := newBench(t)
	b.append("deal-1", esdb.NoStream{}, event("a"))
	require.NoError(t, b.server.Tombstone(b.ctx, "deal-1"))
	_, err := b.tryRead("deal-1")
	b.fails(err, esdb.ErrorCodeStreamDeleted)
	_, err = b.try("deal-1", esdb.Any{}, event("b"))
	b.fails(err, esdb.ErrorCodeStreamDeleted)
	_, err = b.client.SubscribeToStream(b.ctx, "deal-1", esdb.SubscribeToStreamOptions{From: esdb.Start{}})
	b.fails(err, esdb.ErrorCodeStreamDeleted)
	list := b.all(esdb.Start{}, esdb.Forwards, 100)
	require.Len(t, list, 2)
	require.Equal(t, "$streamDeleted", list[1].EventType)
}
