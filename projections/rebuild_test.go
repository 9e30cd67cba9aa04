package projections_test

import (
	"context"
	"iter"
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
)

// testLimit bounds what should take no time; testTick is how often it is looked at.
const (
	testLimit = time.Minute
	testTick  = time.Millisecond
)

func TestRebuildUnderReadersAndWriters(t *testing.T) {
	t.Parallel()
	log := projectionstest.NewLog("log")
	rng := rand.New(rand.NewPCG(1, 2))
	for range 500 {
		add(t, log, toy.Random(rng, 20))
	}
	p := start(t, t.TempDir(), log, nil, named("one", 1))
	p.waitFor(t, "one", add(t, log, opened(1)))

	ctx := t.Context()
	var group sync.WaitGroup
	var reads, writes atomic.Int64
	var enough atomic.Bool
	for range 64 {
		reader := p.reader(t, "one")
		group.Go(func() {
			var seen eventstore.Position
			for !enough.Load() {
				at, err := readOnce(ctx, reader)
				if err != nil {
					t.Errorf("a read failed: %v", err)
					return
				}
				assert.GreaterOrEqual(t, at.Compare(seen), 0, "a read never goes back behind an earlier one")
				seen = at
				reads.Add(1)
			}
		})
	}
	for w := range 8 {
		group.Go(func() {
			for n := int64(1); !enough.Load(); n++ {
				if _, err := toy.Append(ctx, log, day, moved(100+w, n)); err != nil {
					t.Errorf("a write failed: %v", err)
					return
				}
				writes.Add(1)
			}
		})
	}
	for range 3 {
		was, read := writes.Load(), reads.Load()
		require.NoError(t, p.Rebuild(t.Context(), "one", nil))
		require.Eventually(t, func() bool { return writes.Load() > was && reads.Load() > read+64 }, testLimit, testTick)
	}
	enough.Store(true)
	group.Wait()
	live := add(t, log, opened(2))
	p.waitFor(t, "one", live)
	sum := checksum(t, p, "one")
	require.NoError(t, p.Rebuild(t.Context(), "one", nil))
	assert.Equal(t, sum, checksum(t, p, "one"))
}

// readOnce asks two questions of one snapshot, which must not contradict each other.
func readOnce(ctx context.Context, reader projections.Reader) (at eventstore.Position, err error) {
	err = reader.Read(ctx, func(q projections.Querier) error {
		at = q.Position()
		rows, err := projections.All[toy.Account](ctx, q, "SELECT doc FROM accounts WHERE owner = ? ORDER BY key", "o")
		if err != nil {
			return err
		}
		var n int
		if err := q.QueryRowContext(ctx, "SELECT count(*) FROM accounts WHERE owner = 'o'").Scan(&n); err != nil {
			return err
		}
		if n != len(rows) {
			return assert.AnError
		}
		return nil
	})
	return at, err
}

func TestACancelledRebuildLeavesWhatWasThere(t *testing.T) {
	t.Parallel()
	log, dir := projectionstest.NewLog("log"), t.TempDir()
	p := start(t, dir, log, nil, named("one", 1))
	at := add(t, log, opened(1), moved(1, 5))
	p.waitFor(t, "one", at)
	ctx, cancel := context.WithCancel(t.Context())
	err := p.Rebuild(ctx, "one", func(progress projections.Progress) {
		assert.EqualValues(t, 2, progress.Events)
		assert.InDelta(t, 1, progress.Fraction, 0.01)
		cancel()
	})
	require.ErrorIs(t, err, context.Canceled)
	assert.EqualValues(t, 5, balance(t, p.reader(t, "one"), 1))
	p.waitFor(t, "one", add(t, log, moved(1, 6)))
	require.Eventually(t, func() bool { return len(builds(t, dir, "one")) == 1 }, testLimit, testTick)
	require.NoError(t, p.Rebuild(t.Context(), "one", nil))
	assert.EqualValues(t, 11, balance(t, p.reader(t, "one"), 1))
	assert.False(t, p.status(t, "one").Rebuilding)
}

func TestOneRebuildAtATime(t *testing.T) {
	t.Parallel()
	log := projectionstest.NewLog("log")
	p := start(t, t.TempDir(), log, nil, named("one", 1))
	p.waitFor(t, "one", add(t, log, opened(1)))
	require.NoError(t, p.Rebuild(t.Context(), "one", func(projections.Progress) {
		require.ErrorIs(t, p.Rebuild(t.Context(), "one", nil), projections.ErrRebuilding)
		assert.True(t, p.status(t, "one").Rebuilding)
	}))
	require.Error(t, p.Rebuild(t.Context(), "no such", nil))
}

func TestTheEndOfRunEndsARebuild(t *testing.T) {
	t.Parallel()
	log, dir := projectionstest.NewLog("log"), t.TempDir()
	p := start(t, dir, log, nil, named("one", 1))
	p.waitFor(t, "one", add(t, log, opened(1)))
	err := p.Rebuild(t.Context(), "one", func(projections.Progress) { p.stop() })
	require.Error(t, err)
	p = start(t, dir, log, nil, named("one", 1))
	p.waitFor(t, "one", eventstore.Position{})
	assert.Len(t, builds(t, dir, "one"), 1, "what it left is swept")
}

func TestARebuildRepairsAHaltedProjection(t *testing.T) {
	t.Parallel()
	log := projectionstest.NewLog("log")
	var repaired atomic.Bool
	def := named("one", 1)
	apply := def.Apply
	def.Apply = func(tables toy.Tables, e domain.Event, env domain.Envelope) error {
		if m, ok := e.(toy.Moved); ok && repaired.Load() {
			m.Tag = "harmless"
			e = m
		}
		return apply(tables, e, env)
	}
	p := start(t, t.TempDir(), log, nil, def)
	p.waitFor(t, "one", add(t, log, opened(1)))
	at := add(t, log, toy.Moved{Account: toy.ID(1), Amount: 5, Tag: "poison"})
	requireHalt(t, p.WaitFor(t.Context(), "one", at))
	repaired.Store(true)
	require.NoError(t, p.Rebuild(t.Context(), "one", nil))
	p.waitFor(t, "one", at)
	assert.Equal(t, projections.Live, p.status(t, "one").State)
	p.waitFor(t, "one", add(t, log, moved(1, 6)))
	assert.EqualValues(t, 11, balance(t, p.reader(t, "one"), 1))
}

func TestARebuildCanBeCalledOffWhileItJoins(t *testing.T) {
	t.Parallel()
	log, dir := projectionstest.NewLog("log"), t.TempDir()
	p := start(t, dir, log, nil, named("one", 1))
	p.waitFor(t, "one", add(t, log, opened(1)))
	ctx, cancel := context.WithCancel(t.Context())
	result := make(chan error)
	rebuild := func() {
		result <- p.Rebuild(ctx, "one", func(projections.Progress) { log.Fail(eventstore.ErrUnavailable) })
	}
	go rebuild()
	requireState(t, p, "one", projections.Failed) // so it can join, but not take over
	cancel()
	require.ErrorIs(t, <-result, context.Canceled)
	log.Fail(nil)
	p.waitFor(t, "one", add(t, log, moved(1, 5)))
	require.Eventually(t, func() bool { return len(builds(t, dir, "one")) == 1 }, testLimit, testTick)

	ctx = t.Context()
	go rebuild()
	requireState(t, p, "one", projections.Failed)
	p.stop()
	require.Error(t, <-result, "the end of Run ends it too")
}

// recording notes from where a log was followed without a type filter: by the live feed.
type recording struct {
	*projectionstest.Log
	mu   sync.Mutex
	from []eventstore.Position
}

func (r *recording) Follow(ctx context.Context, after eventstore.Position, f eventstore.Filter) iter.Seq2[eventstore.Message, error] {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(f.Types) == 0 {
		r.from = append(r.from, after)
	}
	return r.Log.Follow(ctx, after, f)
}

func TestAReadModelOfRareEventsDoesNotScanTheLogAtEachStart(t *testing.T) {
	t.Parallel()
	log, dir := &recording{Log: projectionstest.NewLog("log")}, t.TempDir()
	at := add(t, log.Log, opened(1))
	for range 208 { // the log says so right at its end
		at = add(t, log.Log, toy.Noise{Text: "nobody takes it"})
	}
	p := start(t, dir, log, nil, opensOnly("rare"))
	p.waitFor(t, "rare", at)
	p.stop()
	log.mu.Lock()
	defer log.mu.Unlock()
	require.NotEmpty(t, log.from)
	for _, from := range log.from {
		assert.Greater(t, from.Commit, uint64(150), "the replay had passed over the rest")
	}
	log.from = nil
	log.mu.Unlock()
	p = start(t, dir, log, nil, opensOnly("rare"))
	p.waitFor(t, "rare", add(t, log.Log, opened(2)))
	log.mu.Lock()
	for _, from := range log.from {
		assert.Greater(t, from.Commit, uint64(150), "the checkpoint had moved")
	}
}
