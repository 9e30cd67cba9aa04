package projections_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/eventstore"
	"github.com/channelledger/channelledger/projections"
	"github.com/channelledger/channelledger/projections/internal/toy"
	"github.com/channelledger/channelledger/projections/projectionstest"
	"github.com/channelledger/channelledger/projections/sqlview"
)

// counting counts the scratch views that were begun.
type counting struct {
	projections.Views
	begun atomic.Int64
}

func (c *counting) Scratch(ctx context.Context, s *projections.Schema) (projections.View, error) {
	c.begun.Add(1)
	return c.Views.Scratch(ctx, s)
}

// asOf is the service over a log whose end is known.
type asOf struct {
	*projections.AsOf
	views  *counting
	source projections.Source
}

func newAsOf(t *testing.T, log *projectionstest.Log, capacity int, limits ...projections.Limits) asOf {
	t.Helper()
	folder, err := sqlview.Open(t.TempDir())
	require.NoError(t, err)
	a := asOf{views: &counting{Views: folder}, source: projections.Source{Store: log, Codec: toy.Codec()}}
	a.AsOf = projections.NewAsOf(a.source, a.views, func(context.Context) (projections.Head, error) {
		n := uint64(log.Len())
		return projections.Head{Position: position(n), RecordedAt: recorded(n)}, nil
	}, append(limits, projections.Limits{})[0], capacity)
	t.Cleanup(func() {
		a.Close()
		assert.NoError(t, folder.Close())
	})
	return a
}

func position(n uint64) eventstore.Position {
	if n == 0 {
		return eventstore.Position{}
	}
	return eventstore.Position{Origin: "log", Commit: n, Prepare: n}
}

// recorded is when the n-th event of a test log was recorded.
func recorded(n uint64) time.Time { return day.Add(time.Duration(n-1) * time.Second) }

// open asks for the toy read model, or for the one given.
func (a asOf) open(t *testing.T, bounds projections.Bounds, def ...projections.Definition) *projections.Scratch {
	t.Helper()
	s, err := a.Open(t.Context(), append(def, named("one", 1))[0], bounds)
	require.NoError(t, err)
	t.Cleanup(s.Close)
	return s
}

func TestBoundsLeaveOutWhatTheySay(t *testing.T) {
	t.Parallel()
	log := projectionstest.NewLog("log")
	late, err := toy.Append(t.Context(), log, day, opened(1), moved(1, 1), moved(1, 10)) // positions 1 to 3
	require.NoError(t, err)
	_, err = toy.Append(t.Context(), log, day.Add(time.Hour), moved(1, 100)) // 4
	require.NoError(t, err)
	add(t, log, moved(1, 1000)) // 5: recorded behind 4, effective before it
	a := newAsOf(t, log, 10)
	for _, c := range []struct {
		bounds projections.Bounds
		want   int64
	}{
		{projections.Bounds{}, 1111},
		{projections.Bounds{KnownAt: recorded(3)}, 11},
		{projections.Bounds{KnownAt: recorded(3).Add(-time.Nanosecond)}, 1},
		{projections.Bounds{KnownAt: recorded(1).Add(-time.Hour)}, 0},
		{projections.Bounds{KnownAt: recorded(99)}, 1111},
		{projections.Bounds{KnownPosition: late}, 11},
		{projections.Bounds{EffectiveAt: day}, 1011},
		{projections.Bounds{EffectiveAt: day.Add(-time.Hour)}, 0},
		{projections.Bounds{EffectiveAt: day.Add(time.Hour)}, 1111},
		{projections.Bounds{EffectiveAt: day, KnownAt: recorded(4)}, 11},
		{projections.Bounds{EffectiveAt: day, KnownAt: recorded(4), KnownPosition: position(2)}, 1},
	} {
		s := a.open(t, c.bounds)
		assert.Equal(t, c.want, balance(t, s, 1), "%+v", c.bounds)
	}
	assert.Equal(t, position(3), a.open(t, projections.Bounds{KnownAt: recorded(3)}).Watermark)
}

func TestAnAnswerKnownAtEachPositionIsWhatWasLiveThere(t *testing.T) {
	t.Parallel()
	log := projectionstest.NewLog("log")
	rng := rand.New(rand.NewPCG(3, 3))
	views, err := sqlview.Open(t.TempDir())
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, views.Close()) })
	source := projections.Source{Store: log, Codec: toy.Codec()}
	sum := func(bounds projections.Bounds) string {
		open := func(s *projections.Schema) (projections.View, error) { return views.Scratch(t.Context(), s) }
		view, _, err := projections.Replay(t.Context(), source, toy.Projection(), bounds, open, projections.Limits{}, nil)
		require.NoError(t, err)
		defer func() { assert.NoError(t, view.Close()) }()
		sum, err := view.Checksum(t.Context())
		require.NoError(t, err)
		return sum
	}
	var live []string
	for range 15 {
		add(t, log, toy.Random(rng, 4))
		live = append(live, sum(projections.Bounds{}))
	}
	for i, want := range live {
		n := uint64(i + 1)
		assert.Equal(t, want, sum(projections.Bounds{KnownPosition: position(n)}))
		assert.Equal(t, want, sum(projections.Bounds{KnownAt: recorded(n)}))
	}
}

func TestTheSameQuestionIsAnsweredOnce(t *testing.T) {
	t.Parallel()
	log := projectionstest.NewLog("log")
	add(t, log, opened(1), moved(1, 1), moved(1, 10))
	a := newAsOf(t, log, 10)
	var group sync.WaitGroup
	for range 16 {
		group.Go(func() { assert.EqualValues(t, 1, balance(t, a.open(t, projections.Bounds{KnownAt: recorded(2)}), 1)) })
	}
	group.Wait()
	assert.EqualValues(t, 1, a.views.begun.Load())

	effective := projections.Bounds{EffectiveAt: day}
	assert.EqualValues(t, 11, balance(t, a.open(t, effective), 1))
	a.open(t, effective)
	assert.EqualValues(t, 2, a.views.begun.Load())
	add(t, log, moved(1, 100))
	assert.EqualValues(t, 111, balance(t, a.open(t, effective), 1), "not fixed in the past, so it is asked anew")
	a.open(t, projections.Bounds{KnownAt: recorded(2)})
	assert.EqualValues(t, 3, a.views.begun.Load(), "fixed in the past, so it still holds")
}

func TestFewAnswersAreKept(t *testing.T) {
	t.Parallel()
	log := projectionstest.NewLog("log")
	add(t, log, opened(1), moved(1, 1), moved(1, 10), moved(1, 100))
	a := newAsOf(t, log, 2)
	bounds := func(n uint64) projections.Bounds { return projections.Bounds{KnownPosition: position(n)} }
	held := a.open(t, bounds(2))
	for n := range uint64(4) {
		a.open(t, bounds(n+1)).Close()
	}
	assert.EqualValues(t, 1, balance(t, held, 1), "an answer that is still used stays")
	assert.EqualValues(t, 4, a.views.begun.Load(), "the second was there still")
	held.Close()
	held.Close() // harmless
	a.open(t, bounds(2)).Close()
	assert.EqualValues(t, 5, a.views.begun.Load())
}

func TestAnAnswerNobodyWaitsForIsCalledOff(t *testing.T) {
	t.Parallel()
	log := projectionstest.NewLog("log")
	add(t, log, opened(1))
	a := newAsOf(t, log, 2)
	begun, ended := make(chan struct{}), make(chan struct{})
	slow := named("slow", 1)
	slow.Apply = func(toy.Tables, domain.Event, domain.Envelope) error {
		close(begun)
		<-ended
		return nil
	}
	ctx, cancel := context.WithCancel(t.Context())
	result := make(chan error)
	go func() {
		_, err := a.Open(ctx, slow, projections.Bounds{})
		result <- err
	}()
	<-begun
	cancel()
	require.ErrorIs(t, <-result, context.Canceled)
	close(ended)
	a.Close()
	_, err := a.Open(t.Context(), slow, projections.Bounds{})
	require.ErrorIs(t, err, projections.ErrClosed)
}

func TestAnErrorIsNotKept(t *testing.T) {
	t.Parallel()
	log := projectionstest.NewLog("log")
	add(t, log, opened(1))
	a := newAsOf(t, log, 2)
	failing := errors.New("not now")
	broken := named("broken", 1)
	broken.Apply = func(toy.Tables, domain.Event, domain.Envelope) error { return failing }
	_, err := a.Open(t.Context(), broken, projections.Bounds{})
	require.ErrorIs(t, err, failing)
	s, err := a.Open(t.Context(), named("broken", 1), projections.Bounds{})
	require.NoError(t, err)
	s.Close()
}

func TestFewReplaysRunAtOnce(t *testing.T) {
	t.Parallel()
	log := projectionstest.NewLog("log")
	add(t, log, opened(1), opened(2), opened(3), opened(4), opened(5), opened(6))
	a := newAsOf(t, log, 10)
	begun, goOn := make(chan struct{}, 6), make(chan struct{})
	var running atomic.Int64
	slow := named("slow", 1)
	slow.Apply = func(_ toy.Tables, _ domain.Event, env domain.Envelope) error {
		if !env.RecordedAt.Equal(recorded(1)) {
			return nil
		}
		assert.LessOrEqual(t, running.Add(1), int64(2))
		defer running.Add(-1)
		begun <- struct{}{}
		<-goOn
		return nil
	}
	var group sync.WaitGroup
	for n := range uint64(6) {
		group.Go(func() { a.open(t, projections.Bounds{KnownPosition: position(n + 1)}, slow).Close() })
	}
	<-begun
	<-begun
	close(goOn)
	group.Wait()
	assert.EqualValues(t, 6, a.views.begun.Load())
}

// TestTooManyQuestionsAreRefused: of two questions one runs and one waits, a third is refused, the same one joins, and who
// goes away makes room.
func TestTooManyQuestionsAreRefused(t *testing.T) {
	t.Parallel()
	log := projectionstest.NewLog("log")
	add(t, log, opened(1), opened(2), opened(3))
	a := newAsOf(t, log, 10, projections.Limits{Replays: 1, Questions: 2})
	begun, goOn := make(chan struct{}, 3), make(chan struct{})
	release := sync.OnceFunc(func() { close(goOn) })
	t.Cleanup(release)
	slow := named("slow", 1)
	slow.Apply = func(_ toy.Tables, _ domain.Event, env domain.Envelope) error {
		if env.RecordedAt.Equal(recorded(1)) {
			begun <- struct{}{}
			<-goOn
		}
		return nil
	}
	bounds := func(n uint64) projections.Bounds { return projections.Bounds{KnownPosition: position(n)} }
	ask := func(ctx context.Context, n uint64) <-chan error {
		answered := make(chan error, 1)
		go func() {
			s, err := a.Open(ctx, slow, bounds(n))
			if err == nil {
				s.Close()
			}
			answered <- err
		}()
		return answered
	}
	first := ask(t.Context(), 1)
	<-begun
	gone, leave := context.WithCancel(t.Context())
	second := ask(gone, 2)
	waiting := func(n int) func() bool { return func() bool { return a.Waiting() == n } }
	require.Eventually(t, waiting(2), time.Minute, time.Millisecond)
	require.ErrorIs(t, <-ask(t.Context(), 3), projections.ErrBusy)
	joined := ask(t.Context(), 1)
	leave()
	require.ErrorIs(t, <-second, context.Canceled)
	require.Eventually(t, waiting(1), time.Minute, time.Millisecond, "there is room again")
	release()
	require.NoError(t, <-first)
	require.NoError(t, <-joined)
	require.NoError(t, <-ask(t.Context(), 3))
}

func TestAPositionBeyondTheEndIsTheEndAsItIsNow(t *testing.T) {
	t.Parallel()
	log := projectionstest.NewLog("log")
	add(t, log, opened(1), moved(1, 1))
	a := newAsOf(t, log, 10)
	beyond := projections.Bounds{KnownPosition: position(99)}
	assert.EqualValues(t, 1, balance(t, a.open(t, beyond), 1))
	add(t, log, moved(1, 10))
	assert.EqualValues(t, 11, balance(t, a.open(t, beyond), 1))
}
