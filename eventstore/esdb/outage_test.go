package esdb_test

import (
	"context"
	"runtime"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/eventstore"
	"github.com/channelledger/channelledger/eventstore/esdb"
	"github.com/channelledger/channelledger/eventstore/esdbtest"
)

// hasty is the configuration of a test in which something is given up and nothing has to succeed.
func hasty(server *esdbtest.Server) esdb.Config {
	return esdb.Config{URL: server.URL() + "&maxDiscoverAttempts=1&discoveryInterval=1", Timeout: 200 * time.Millisecond}
}

// openHasty opens a log that gives up soon. On a slow machine it gives up what would have succeeded, too: see until.
func openHasty(t *testing.T, server *esdbtest.Server) *esdb.Store {
	t.Helper()
	cfg := hasty(server)
	timeout := cfg.Timeout
	cfg.Timeout = patience
	s, err := esdb.Impatient(openAs(t, cfg), timeout)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

func TestADeadClientIsReplaced(t *testing.T) {
	server := serve(t)
	s := openHasty(t, server)
	for round := range 3 {
		up := server.Down()
		list := events(t.Name() + strconv.Itoa(round))
		expected := eventstore.Revision(round - 1)
		errs := make([]error, 16) // of a client without supervision, three of four callers hang for ever
		var calls sync.WaitGroup
		for i := range errs {
			calls.Go(func() { _, errs[i] = s.Append(limited(t), "deal-1", expected, list) })
		}
		calls.Wait()
		for _, err := range errs {
			require.ErrorIs(t, err, eventstore.ErrUnavailable)
		}
		up()
		until(t, func(ctx context.Context) error {
			_, err := s.Append(ctx, "deal-1", expected, list)
			return err
		})
	}
	require.Len(t, ids(t, open(t, server), "deal-1"), 3)
}

func TestAnOutageEndsReadAndFollowWithAnError(t *testing.T) {
	server := serve(t)
	appendMany(t, open(t, server), "deal-1", 1)
	s := openHasty(t, server)
	read := func(ctx context.Context) error { return firstError(s.Read(ctx, "deal-1", eventstore.NoStream)) }
	until(t, read)
	up := server.Down()
	require.ErrorIs(t, read(limited(t)), eventstore.ErrUnavailable)
	require.ErrorIs(t, firstError(s.Follow(limited(t), eventstore.Position{}, eventstore.Filter{})), eventstore.ErrUnavailable)
	up()
	until(t, read)
}

func TestGoroutinesDoNotGrowOverReconnects(t *testing.T) {
	const reconnects = 200
	server := serve(t)
	s := open(t, server)
	last := eventstore.NoStream
	reconnect := func() {
		require.Positive(t, server.Cut())
		appended, err := s.Append(limited(t), "deal-1", last, events(t.Name()+time.Duration(last).String()))
		require.NoError(t, err)
		last = appended.Revision
	}
	following := make(chan error, 1)
	seen := make(chan eventstore.Revision, reconnects+10)
	go func() {
		for m, err := range s.Follow(limited(t), eventstore.Position{}, eventstore.Filter{}) {
			if err != nil {
				following <- err
				return
			}
			if m.Kind == eventstore.Appeared {
				seen <- m.Event.Revision
			}
		}
	}()
	await := func() {
		select {
		case revision := <-seen:
			require.Equal(t, last, revision)
		case err := <-following:
			require.NoError(t, err)
		}
	}
	for range 5 {
		reconnect()
		await()
	}
	before := runtime.NumGoroutine()
	for range reconnects {
		reconnect()
		await()
	}
	require.Eventually(t, func() bool { return runtime.NumGoroutine() <= before+20 }, patience, 10*time.Millisecond,
		"%d goroutines before, %d after", before, runtime.NumGoroutine())
	t.Logf("%d goroutines before, %d after %d reconnects", before, runtime.NumGoroutine(), reconnects)
}

func TestCloseEndsEverything(t *testing.T) {
	server := serve(t)
	s := openAs(t, esdb.Config{URL: server.URL()})
	ended := make(chan error, 1)
	live := make(chan struct{}, 100)
	go func() {
		ended <- firstError(func(yield func(eventstore.Message, error) bool) {
			s.Follow(limited(t), eventstore.Position{}, eventstore.Filter{})(func(m eventstore.Message, err error) bool {
				if m.Kind == eventstore.CaughtUp {
					live <- struct{}{}
				}
				return yield(m, err)
			})
		})
	}()
	<-live
	require.NoError(t, s.Close())
	require.ErrorIs(t, <-ended, esdb.ErrClosed)
	_, err := s.Append(limited(t), "deal-1", eventstore.NoStream, events("a"))
	require.ErrorIs(t, err, esdb.ErrClosed)
	require.ErrorIs(t, firstError(s.Read(limited(t), "deal-1", eventstore.NoStream)), esdb.ErrClosed)
	require.NoError(t, s.Close())
}
