package esdb

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/eventstore"
	"github.com/channelledger/channelledger/eventstore/embedded"
	"github.com/channelledger/channelledger/eventstore/esdbtest"
)

func supervised(t *testing.T) *supervisor {
	t.Helper()
	log, err := embedded.OpenMemory(embedded.Options{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, log.Close()) })
	s, err := newSupervisor(Config{URL: esdbtest.Start(t, log).URL()})
	require.NoError(t, err)
	t.Cleanup(s.shutDown)
	return s
}

// use is a call that tells which client it got.
func use(t *testing.T, s *supervisor) *conn {
	t.Helper()
	c, err := call(t.Context(), s, func(_ context.Context, c *conn) (*conn, error) { return c, nil })
	require.NoError(t, err)
	return c
}

func TestACallThatHangsIsAbandonedWithItsClient(t *testing.T) {
	s := supervised(t)
	first := use(t, s)
	require.Same(t, first, use(t, s))

	release := make(chan struct{})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	_, err := call(ctx, s, func(context.Context, *conn) (int, error) { cancel(); <-release; return 1, nil })
	require.ErrorIs(t, err, eventstore.ErrUnavailable)
	require.ErrorIs(t, err, context.Canceled)

	second := use(t, s)
	require.NotSame(t, first, second)
	_, err = first.GetServerVersion()
	require.NoError(t, err, "it isn't closed under a call")
	close(release)
	require.Eventually(t, func() bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		return first.calls == 0
	}, 5*time.Minute, time.Millisecond)
	_, err = first.GetServerVersion()
	require.Error(t, err, "it is closed when the call has returned")
}

func TestAReceiverThatHangsIsAbandoned(t *testing.T) {
	s := supervised(t)
	first := use(t, s)
	release := make(chan struct{})
	defer close(release)
	in := receive(t.Context(), s, func(_ context.Context, _ *conn, put put[int]) error {
		put(1, 0)
		<-release
		return nil
	})
	items, err := in.take(t.Context(), 5*time.Minute)
	require.NoError(t, err)
	require.Equal(t, []int{1}, items)
	_, err = in.take(t.Context(), time.Millisecond)
	require.ErrorIs(t, err, eventstore.ErrUnavailable)
	in.close()
	require.NotSame(t, first, use(t, s))
}

func TestACallThatPanicsIsAnErrorAndItsClientReplaced(t *testing.T) {
	s := supervised(t)
	first := use(t, s)
	_, err := call(t.Context(), s, func(context.Context, *conn) (int, error) { panic("send on closed channel") })
	require.ErrorIs(t, err, ErrClientPanic)
	require.ErrorContains(t, err, "send on closed channel")
	require.NotSame(t, first, use(t, s))
}

func TestAnInflowKeepsOrderAndIsBounded(t *testing.T) {
	const n = 10 * maxQueued
	in := receive(t.Context(), supervised(t), func(_ context.Context, _ *conn, put put[int]) error {
		for i := range n {
			put(i, 1000)
		}
		return nil
	})
	defer in.close()
	next := 0
	for {
		items, err := in.take(t.Context(), 5*time.Minute)
		if err != nil {
			require.ErrorIs(t, err, errEnd)
			break
		}
		require.LessOrEqual(t, len(items), maxQueued)
		for _, i := range items {
			require.Equal(t, next, i)
			next++
		}
	}
	require.Equal(t, n, next)
}

func TestWhoWaitsTooLongIsToldWhatIsWrong(t *testing.T) {
	s := supervised(t)
	late := fmt.Errorf("%w: nothing came", eventstore.ErrUnavailable)
	require.Equal(t, late, s.explain(late))
	s.retire(use(t, s), errors.New("the certificate is no good"))
	told := s.explain(late)
	require.ErrorIs(t, told, eventstore.ErrUnavailable)
	require.ErrorContains(t, told, "nothing came: there is no connection: the certificate is no good")
	require.Equal(t, told, s.explain(told), "once")
	use(t, s)
	require.Equal(t, late, s.explain(late), "there is one again")
}

func TestBackoffGrowsToItsLimit(t *testing.T) {
	for n := range 100 {
		wait := backoff(n, lastDial)
		require.Positive(t, wait)
		require.LessOrEqual(t, wait, lastDial*3/2)
	}
	require.Greater(t, backoff(60, lastDial), lastDial/3)
}
