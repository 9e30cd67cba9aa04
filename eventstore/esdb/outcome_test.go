package esdb_test

import (
	"context"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/eventstore"
	"github.com/channelledger/channelledger/eventstore/embedded"
	"github.com/channelledger/channelledger/eventstore/esdb"
	"github.com/channelledger/channelledger/eventstore/esdbtest"
)

func TestAnUnknownOutcomeIsFoundOut(t *testing.T) {
	for name, faults := range map[string][]esdbtest.Fault{
		"cut before":            {esdbtest.CutBefore},
		"cut in the middle":     {esdbtest.CutDuring},
		"cut before the answer": {esdbtest.CutAfter},
		"aborted, but recorded": {esdbtest.CommitTimeout},
		"not ready":             {esdbtest.Unavailable, esdbtest.Unavailable, esdbtest.Unavailable},
		"not the leader":        {esdbtest.NotLeader},
		"one after the other":   {esdbtest.CutBefore, esdbtest.NotLeader, esdbtest.CutDuring, esdbtest.Unavailable, esdbtest.CutAfter},
	} {
		t.Run(name, func(t *testing.T) {
			server := serve(t)
			s := open(t, server)
			server.NextAppends(faults...)
			first, err := s.Append(limited(t), "deal-1", eventstore.NoStream, events("a", "b", "c"))
			require.NoError(t, err)
			require.Zero(t, server.Pending())
			require.Equal(t, eventstore.Revision(2), first.Revision)

			server.NextAppends(faults...)
			second, err := s.Append(limited(t), "deal-1", 2, events("d"))
			require.NoError(t, err)
			require.Equal(t, eventstore.Revision(3), second.Revision)
			require.Equal(t, idsOf(events("a", "b", "c", "d")), ids(t, s, "deal-1"))

			log := past(t, s, eventstore.Position{}, eventstore.Filter{})
			require.Equal(t, first.Position, log[2].Position)
			require.Equal(t, second.Position, log[3].Position)
		})
	}
}

func TestALookUpThatFailsIsRepeatedToo(t *testing.T) {
	server := serve(t)
	s := open(t, server)
	server.NextAppends(esdbtest.CutAfter, esdbtest.CutBefore)
	server.NextReads(esdbtest.CutBefore, esdbtest.Unavailable)
	appended, err := s.Append(limited(t), "deal-1", eventstore.NoStream, events("a", "b"))
	require.NoError(t, err)
	require.Equal(t, eventstore.Revision(1), appended.Revision)
	require.Equal(t, idsOf(events("a", "b")), ids(t, s, "deal-1"))
}

// rival is a log on which somebody else is faster: before the first append to the stream is recorded, theirs is, and the
// connection is gone.
type rival struct {
	*embedded.Store
	stream string
	theirs []eventstore.Proposed
	once   sync.Once
}

func (r *rival) Append(ctx context.Context, stream string, expected eventstore.Revision, list []eventstore.Proposed) (a eventstore.Appended, err error) {
	if stream == r.stream {
		r.once.Do(func() {
			if _, err = r.Store.Append(ctx, stream, expected, r.theirs); err == nil {
				err = eventstore.ErrUnavailable
			}
		})
	}
	if err != nil {
		return a, err
	}
	return r.Store.Append(ctx, stream, expected, list)
}

func TestOtherEventsBehindAnUnknownOutcomeAreAConflict(t *testing.T) {
	for name, theirs := range map[string][]eventstore.Proposed{
		"others":                 events("x", "y", "z", "u"),
		"one is ours":            events("a", "y"),
		"the first of ours only": events("a"),
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t, esdbtest.Start(t, &rival{Store: newLog(t), stream: "deal-1", theirs: theirs}))
			_, err := s.Append(limited(t), "deal-1", eventstore.NoStream, events("a", "b"))
			var conflict *eventstore.ConflictError
			require.ErrorAs(t, err, &conflict)
			require.Equal(t, eventstore.ConflictError{
				Stream: "deal-1", Expected: eventstore.NoStream, Current: eventstore.Revision(len(theirs) - 1),
			}, *conflict)
			require.Equal(t, idsOf(theirs), ids(t, s, "deal-1"))
		})
	}
}

func TestARefusalIsNoOutage(t *testing.T) {
	server := serve(t)
	s := open(t, server)
	for range 10 {
		server.NextAppends(esdbtest.TooLarge)
	}
	_, err := s.Append(limited(t), "deal-1", eventstore.NoStream, events("a", "b", "c", "d"))
	require.Error(t, err)
	require.NotErrorIs(t, err, eventstore.ErrUnavailable, "it would be repeated for ever")

	server = serve(t)
	s = open(t, server)
	server.NextAppends(esdbtest.AccessDenied, esdbtest.Unauthenticated)
	_, err = s.Append(limited(t), "deal-1", eventstore.NoStream, events("a"))
	require.ErrorIs(t, err, esdb.ErrAccessDenied)
	_, err = s.Append(limited(t), "deal-1", eventstore.NoStream, events("a"))
	require.ErrorIs(t, err, esdb.ErrUnauthenticated)
	require.Empty(t, ids(t, s, "deal-1"))
}

func TestWhatIsTheServersIsRefused(t *testing.T) {
	s := open(t, serve(t))
	system := event("a")
	system.Type = "$metadata"
	for stream, e := range map[string]eventstore.Proposed{"$$deal-1": event("a"), "channelledger": event("a"), "deal-1": system} {
		_, err := s.Append(limited(t), stream, eventstore.NoStream, []eventstore.Proposed{e})
		require.ErrorIs(t, err, eventstore.ErrInvalid, stream)
	}
}

func TestACallEndsWithItsContextAndLeavesTheOutcomeOpen(t *testing.T) {
	server := serve(t)
	ctx, cancel := context.WithCancel(limited(t))
	defer cancel()
	s := openAs(t, esdb.Config{URL: server.URL(), Logger: onLog("connection to the event log is replaced", cancel)})
	defer server.NotReady()()
	_, err := s.Append(ctx, "deal-1", eventstore.NoStream, events("a"))
	require.ErrorIs(t, err, eventstore.ErrUnavailable)
	require.ErrorIs(t, err, context.Canceled)
}
