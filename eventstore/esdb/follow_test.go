package esdb_test

import (
	"context"
	"fmt"
	"iter"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/eventstore"
	"github.com/channelledger/channelledger/eventstore/esdb"
	"github.com/channelledger/channelledger/eventstore/esdbtest"
	"github.com/channelledger/channelledger/eventstore/storetest"
)

// appendMany appends n events to a stream, one by one.
func appendMany(t *testing.T, s eventstore.Store, stream string, n int) {
	t.Helper()
	for i := range n {
		_, err := s.Append(limited(t), stream, eventstore.Revision(i-1), events(fmt.Sprintf("%s %d", stream, i)))
		require.NoError(t, err)
	}
}

func TestFollowGoesOnWhereItWasDropped(t *testing.T) {
	for name, drop := range map[string]func(*esdbtest.Server){
		"by the server":     func(s *esdbtest.Server) { s.DropSubscriptions() },
		"by the connection": func(s *esdbtest.Server) { s.Cut() },
		"again and again": func(s *esdbtest.Server) {
			s.NextReads(esdbtest.TooSlow, esdbtest.CutBefore, esdbtest.CutDuring, esdbtest.Unavailable)
			s.Cut()
		},
	} {
		t.Run(name, func(t *testing.T) {
			server := serve(t)
			s := open(t, server)
			for _, filter := range []eventstore.Filter{{}, {Categories: []string{"deal"}}, {Types: []string{"test.happened.v1"}}} {
				t.Run(fmt.Sprint(filter), func(t *testing.T) {
					next, stop := iter.Pull2(s.Follow(limited(t), eventstore.Position{}, filter))
					defer stop()
					stream := "deal-" + t.Name()
					for i := range 20 {
						_, err := s.Append(limited(t), stream, eventstore.Revision(i-1), events(fmt.Sprintf("%s %d", stream, i)))
						require.NoError(t, err)
						if i%5 == 3 {
							drop(server)
						}
						for e := (eventstore.Recorded{}); e.Stream != stream || e.Revision != eventstore.Revision(i); {
							m, err, ok := next()
							require.True(t, ok)
							require.NoError(t, err)
							e = m.Event
							require.False(t, e.Stream == stream && e.Revision > eventstore.Revision(i))
						}
					}
				})
			}
		})
	}
}

func TestAFollowerThatStallsGetsEverythingOnce(t *testing.T) {
	const n = 4000
	for name, opts := range map[string][]esdbtest.Option{
		"dropped":     {esdbtest.LiveBuffer(16)},
		"fell behind": {esdbtest.LiveBuffer(16), esdbtest.FallBehind(), esdbtest.Version("24.2.0")},
	} {
		t.Run(name, func(t *testing.T) {
			server := serve(t, opts...)
			s := open(t, server)
			writer := open(t, server)
			seen := 0
			for m, err := range s.Follow(limited(t), eventstore.Position{}, eventstore.Filter{}) {
				require.NoError(t, err)
				if m.Kind == eventstore.CaughtUp && seen == 0 { // live: now stall
					for i := range n / 1000 {
						var list []eventstore.Proposed
						for j := range 1000 {
							list = append(list, event(fmt.Sprint(i, j)))
						}
						_, err := writer.Append(limited(t), "deal-1", eventstore.Revision(1000*i-1), list)
						require.NoError(t, err)
					}
				}
				if m.Kind == eventstore.Appeared {
					require.Equal(t, eventstore.Revision(seen), m.Event.Revision)
					seen++
				}
				if seen == n {
					break
				}
			}
		})
	}
}

// TestServersThatDoNotTellTheEnd is about servers of before 23.10.
func TestServersThatDoNotTellTheEnd(t *testing.T) {
	storetest.Run(t, func(t *testing.T) eventstore.Store {
		t.Helper()
		return open(t, serve(t, esdbtest.Version("22.10.5")))
	})
}

func TestTheServersOwnEventsAreNotShown(t *testing.T) {
	log := newLog(t)
	s := open(t, esdbtest.Start(t, log))
	appendMany(t, log, "$$deal-1", 3)
	appendMany(t, s, "deal-1", 2)
	appendMany(t, log, "$stats-1", 5000)
	messages := past(t, s, eventstore.Position{}, eventstore.Filter{})
	require.Equal(t, eventstore.Appeared, messages[0].Kind)
	require.Equal(t, eventstore.Appeared, messages[1].Kind)
	for _, m := range messages[2:] {
		require.NotEqual(t, eventstore.Appeared, m.Kind)
	}
	require.Greater(t, len(messages), 3, "the position moves all the same")
	require.Len(t, past(t, s, messages[len(messages)-1].Position, eventstore.Filter{}), 1)
}

func TestAMissingRightIsNamed(t *testing.T) {
	server := serve(t)
	s := open(t, server)
	defer server.DenyAll()()
	err := firstError(s.Follow(limited(t), eventstore.Position{}, eventstore.Filter{}))
	require.ErrorIs(t, err, esdb.ErrAccessDenied)
	require.ErrorContains(t, err, "$r in the metadata of $all")
}

func TestBreakingOffWhileTheContextEnds(t *testing.T) {
	s := open(t, serve(t))
	appendMany(t, s, "deal-1", 3)
	for range 20 {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		for range s.Follow(ctx, eventstore.Position{}, eventstore.Filter{}) {
			cancel()
			break
		}
		ctx, cancel = context.WithCancel(t.Context())
		defer cancel()
		for range s.Read(ctx, "deal-1", eventstore.NoStream) {
			cancel()
			break
		}
	}
}
