package projections_test

import (
	"context"
	"os"
	"path/filepath"
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

func TestReadModelsFollowTheLog(t *testing.T) {
	t.Parallel()
	log := projectionstest.NewLog("log")
	p := start(t, t.TempDir(), log, nil, named("one", 1), named("two", 1))
	at := add(t, log, opened(1), moved(1, 5), moved(1, 6))
	p.waitFor(t, projections.Everything, at)
	assert.EqualValues(t, 11, balance(t, p.reader(t, "one"), 1))
	assert.EqualValues(t, 11, balance(t, p.reader(t, "two"), 1))

	at = add(t, log, toy.Noise{Text: "nobody takes it"})
	p.waitFor(t, projections.Everything, at)
	s := p.status(t, "one")
	assert.Equal(t, projections.Live, s.State)
	assert.Equal(t, at, s.Position, "the position moves with every event")
	assert.Equal(t, at, s.Head)
	require.NoError(t, p.reader(t, "one").Read(t.Context(), func(q projections.Querier) error {
		assert.Equal(t, at, q.Position())
		return nil
	}))
	head, err := p.Latest(t.Context())
	require.NoError(t, err)
	assert.Equal(t, at, head.Position)
}

func TestRestartGoesOnWhereItStopped(t *testing.T) {
	t.Parallel()
	log, dir := projectionstest.NewLog("log"), t.TempDir()
	p := start(t, dir, log, nil, named("one", 1))
	p.waitFor(t, "one", add(t, log, opened(1), moved(1, 5)))
	p.stop()
	at := add(t, log, moved(1, 6))
	one, fed := counted(named("one", 1))
	p = start(t, dir, log, nil, one, named("new", 1))
	p.waitFor(t, projections.Everything, at)
	assert.EqualValues(t, 1, fed.Load(), "who is ahead isn't fed again for who is behind")
	assert.EqualValues(t, 11, balance(t, p.reader(t, "one"), 1))
	assert.EqualValues(t, 11, balance(t, p.reader(t, "new"), 1))
	assert.Empty(t, p.status(t, "one").Reason)
}

// counted counts the events that a read model applies.
func counted(def projections.Projection[toy.Tables]) (projections.Projection[toy.Tables], *atomic.Int64) {
	n, apply := new(atomic.Int64), def.Apply
	def.Apply = func(tables toy.Tables, e domain.Event, env domain.Envelope) error {
		n.Add(1)
		return apply(tables, e, env)
	}
	return def, n
}

func TestAttemptsComeFurtherAndFurtherApart(t *testing.T) {
	t.Parallel()
	log := projectionstest.NewLog("log")
	log.Fail(eventstore.ErrUnavailable)
	pauses := make(chan time.Duration)
	p := start(t, t.TempDir(), log, func(c *projections.Config) {
		c.Backoff = nil
		c.After = func(d time.Duration) <-chan time.Time {
			pauses <- d
			over := make(chan time.Time)
			close(over)
			return over
		}
	}, named("one", 1))
	for attempt := range 10 {
		want := min(100*time.Millisecond<<attempt, 30*time.Second)
		assert.Equal(t, want, <-pauses)
	}
	log.Fail(nil)
	at := add(t, log, opened(1))
	go func() {
		for range pauses { // of attempts that were under way
		}
	}()
	p.waitFor(t, "one", at)
	p.stop()
	close(pauses)
}

func TestWaitForSaysWhatItWaitedFor(t *testing.T) {
	t.Parallel()
	log := projectionstest.NewLog("log")
	p := start(t, t.TempDir(), log, nil, named("one", 1))
	at := add(t, log, opened(1))
	p.waitFor(t, "one", at)
	require.Error(t, p.WaitFor(t.Context(), "no such", at))
	require.ErrorIs(t, p.WaitFor(t.Context(), "one", eventstore.Position{Origin: "other", Commit: 1, Prepare: 1}), eventstore.ErrForeignPosition)

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err := p.WaitFor(ctx, "one", eventstore.Position{Origin: "log", Commit: 9, Prepare: 9})
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorContains(t, err, "is at log.1")
}

func TestAnEventThatCannotBeAppliedHaltsItsProjectionOnly(t *testing.T) {
	t.Parallel()
	for what, poison := range map[string]toy.Moved{
		"poisoned": {Account: toy.ID(1), Amount: 100, Tag: "poison"}, "panic": {Account: toy.ID(1), Amount: 100, Tag: "panic"},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			log, dir := projectionstest.NewLog("log"), t.TempDir()
			careful, careless := opensOnly("careful"), named("careless", 1)
			p := start(t, dir, log, nil, careful, careless)
			before := add(t, log, opened(1), moved(1, 5))
			p.waitFor(t, projections.Everything, before)

			at := add(t, log, poison, opened(2))
			p.waitFor(t, "careful", at)
			halted := haltOf(t, p.WaitFor(t.Context(), "careless", at))
			assert.Equal(t, domain.StreamName("toy", toy.ID(1)), halted.Stream)
			assert.EqualValues(t, 2, halted.Revision)
			s := p.status(t, "careless")
			assert.Equal(t, projections.Halted, s.State)
			assert.Equal(t, before, s.Position, "right before the event")
			assert.Equal(t, halted, s.Halt)
			assert.Contains(t, s.Reason, what)
			assert.EqualValues(t, 2, s.Lag)
			assert.EqualValues(t, 5, balance(t, p.reader(t, "careless"), 1), "what came before is still read")
			assert.EqualValues(t, 5, sumOfMonth(t, p.reader(t, "careless")), "nothing of the event itself")
			assert.Equal(t, projections.Live, p.status(t, "careful").State)

			p.stop()
			p = start(t, dir, log, nil, careful, careless) // it is not skipped by a restart either
			p.waitFor(t, "careful", at)
			requireHalt(t, p.WaitFor(t.Context(), "careless", at))
			assert.Equal(t, before, p.status(t, "careless").Position)
			requireHalt(t, p.Rebuild(t.Context(), "careless", nil))
			assert.EqualValues(t, 5, balance(t, p.reader(t, "careless"), 1))
		})
	}
}

// sumOfMonth reads the row that Apply changes before it meets the poison.
func sumOfMonth(t *testing.T, from projections.Reader) (sum int64) {
	t.Helper()
	require.NoError(t, from.Read(t.Context(), func(q projections.Querier) error {
		return q.QueryRowContext(t.Context(), "SELECT sum FROM months").Scan(&sum)
	}))
	return sum
}

// opensOnly is a read model that takes one type, and so meets no poison.
func opensOnly(name string) projections.Projection[toy.Tables] {
	p := named(name, 1)
	p.Types = []string{toy.Opened{}.EventType()}
	return p
}

func haltOf(t *testing.T, err error) *projections.HaltError {
	t.Helper()
	var halted *projections.HaltError
	require.ErrorAs(t, err, &halted)
	return halted
}

func requireHalt(t *testing.T, err error) {
	t.Helper()
	_ = haltOf(t, err)
}

func TestAFirstBuildThatHaltsIsNeverRead(t *testing.T) {
	t.Parallel()
	log := projectionstest.NewLog("log")
	at := add(t, log, opened(1), toy.Moved{Account: toy.ID(1), Tag: "poison"})
	p := start(t, t.TempDir(), log, nil, named("one", 1))
	requireHalt(t, p.WaitFor(t.Context(), "one", at))
	err := p.reader(t, "one").Read(t.Context(), func(projections.Querier) error { return nil })
	require.ErrorIs(t, err, projections.ErrBuilding)
	require.ErrorContains(t, err, "poison")
}

func TestAnEventThatCannotBeDecodedHalts(t *testing.T) {
	t.Parallel()
	log := projectionstest.NewLog("log")
	p := start(t, t.TempDir(), log, nil, named("one", 1), opensOnly("two"))
	p.waitFor(t, projections.Everything, add(t, log, opened(1)))
	proposed, err := toy.Propose(toy.Codec(), "broken", day, moved(1, 5))
	require.NoError(t, err)
	proposed.Data = []byte("{")
	broken, err := log.Append(t.Context(), domain.StreamName("toy", toy.ID(1)), 0, []eventstore.Proposed{proposed})
	require.NoError(t, err)
	p.waitFor(t, "two", broken.Position)
	requireHalt(t, p.WaitFor(t.Context(), "one", broken.Position))
}

func TestAnotherLogIsNoticed(t *testing.T) {
	t.Parallel()
	whole := projectionstest.NewLog("log")
	add(t, whole, opened(1), moved(1, 1), moved(1, 2), toy.Noise{Text: "x"}, moved(1, 4))
	other := projectionstest.NewLog("other")
	add(t, other, opened(1), moved(1, 7), moved(1, 8), moved(1, 9), moved(1, 10))
	shorter := func(keep int, then ...domain.Event) *projectionstest.Log {
		log := projectionstest.NewLog("log")
		add(t, log, opened(1), moved(1, 1), moved(1, 2), toy.Noise{Text: "x"}, moved(1, 4))
		log.Truncate(keep)
		add(t, log, append([]domain.Event{opened(2)}, then...)...)
		return log
	}
	for what, log := range map[string]*projectionstest.Log{
		"of another origin": other, "shortened": shorter(2), "shortened, and as long again": shorter(3, moved(1, 3)),
		"shortened, and longer again": shorter(4, moved(1, 3), moved(1, 5), moved(1, 6)),
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			p := start(t, dir, whole, nil, named("one", 1))
			p.waitFor(t, "one", eventstore.Position{Origin: "log", Commit: 5, Prepare: 5})
			p.stop()

			p = start(t, dir, log, nil, named("one", 1))
			p.waitFor(t, "one", eventstore.Position{Origin: log.Origin(), Commit: uint64(log.Len()), Prepare: uint64(log.Len())})
			assert.Contains(t, p.status(t, "one").Reason, "the log is another one, or was shortened")
			fresh := start(t, t.TempDir(), log, nil, named("one", 1))
			fresh.waitFor(t, "one", p.status(t, "one").Position)
			assert.Equal(t, checksum(t, fresh, "one"), checksum(t, p, "one"))
		})
	}
}

func TestALogReplacedWhileItWasAwayIsNoticed(t *testing.T) {
	t.Parallel()
	log := projectionstest.NewLog("log")
	p := start(t, t.TempDir(), log, nil, named("one", 1), named("two", 1))
	p.waitFor(t, projections.Everything, add(t, log, opened(1), moved(1, 5), moved(1, 6)))
	log.Fail(eventstore.ErrUnavailable)
	requireState(t, p, "one", projections.Failed)
	log.Truncate(1)
	log.Fail(nil)
	p.waitFor(t, projections.Everything, add(t, log, moved(1, 7)))
	require.Eventually(t, func() bool { return p.status(t, "two").Position == position(2) }, testLimit, testTick)
	p.waitFor(t, projections.Everything, position(2))
	assert.EqualValues(t, 7, balance(t, p.reader(t, "one"), 1))
	assert.EqualValues(t, 7, balance(t, p.reader(t, "two"), 1))
	assert.Contains(t, p.status(t, "one").Reason, "shortened")
}

func checksum(t *testing.T, p process, name string) string {
	t.Helper()
	sum, err := p.Checksum(t.Context(), name)
	require.NoError(t, err)
	return sum
}

func TestALogThatIsAwayIsWaitedFor(t *testing.T) {
	t.Parallel()
	log := projectionstest.NewLog("log")
	p := start(t, t.TempDir(), log, nil, named("one", 1))
	p.waitFor(t, "one", add(t, log, opened(1)))
	log.Fail(eventstore.ErrUnavailable)
	requireState(t, p, "one", projections.Failed)
	assert.Contains(t, p.status(t, "one").Reason, "unavailable")
	assert.EqualValues(t, 0, balance(t, p.reader(t, "one"), 1), "reads go on")
	log.Fail(nil)
	p.waitFor(t, "one", add(t, log, moved(1, 5)))
	assert.Equal(t, projections.Live, p.status(t, "one").State)

	away := projectionstest.NewLog("log")
	away.Fail(eventstore.ErrUnavailable)
	p = start(t, t.TempDir(), away, nil, named("one", 1))
	requireState(t, p, "one", projections.Failed)
	away.Fail(nil)
	p.waitFor(t, "one", add(t, away, opened(1)))
}

// requireState returns when a projection is in a state; the test's own time limit bounds it.
func requireState(t *testing.T, p process, name string, want projections.State) {
	t.Helper()
	require.Eventually(t, func() bool { return p.status(t, name).State == want }, testLimit, testTick)
}

func TestStorageThatFailsIsTriedAgain(t *testing.T) {
	t.Parallel()
	log := projectionstest.NewLog("log")
	views := &flaky{failed: make(chan struct{}, 1)}
	p := start(t, t.TempDir(), log, func(c *projections.Config) { views.Views, c.Views = c.Views, views }, named("one", 1))
	p.waitFor(t, "one", add(t, log, opened(1), moved(1, 1)))
	views.failing.Store(true)
	at := add(t, log, moved(1, 2), moved(1, 3))
	<-views.failed
	requireState(t, p, "one", projections.Failed)
	assert.EqualValues(t, 1, balance(t, p.reader(t, "one"), 1))
	views.failing.Store(false)
	p.waitFor(t, "one", at)
	assert.EqualValues(t, 6, balance(t, p.reader(t, "one"), 1), "each event once")
}

func TestASecondProcessStops(t *testing.T) {
	t.Parallel()
	log, dir := projectionstest.NewLog("log"), t.TempDir()
	first := start(t, dir, log, nil, named("one", 1))
	first.waitFor(t, "one", add(t, log, opened(1)))
	second := start(t, dir, log, nil, named("one", 1))
	second.waitFor(t, "one", eventstore.Position{})
	at := add(t, log, moved(1, 5)) // one of them stores it, and the other one finds its checkpoint moved
	errs := []error{first.WaitFor(t.Context(), "one", at), second.WaitFor(t.Context(), "one", at)}
	loser := second
	if errs[1] == nil {
		errs[0], errs[1], loser = errs[1], errs[0], first
	}
	require.NoError(t, errs[0])
	require.ErrorIs(t, errs[1], projections.ErrCheckpointMoved)
	assert.Equal(t, projections.Failed, loser.status(t, "one").State)
	assert.EqualValues(t, 5, balance(t, first.reader(t, "one"), 1), "applied once")
}

func TestANewVersionIsBuiltBesideTheRest(t *testing.T) {
	t.Parallel()
	log, dir := projectionstest.NewLog("log"), t.TempDir()
	p := start(t, dir, log, nil, named("bumped", 1), named("same", 1))
	p.waitFor(t, projections.Everything, add(t, log, opened(1), moved(1, 5)))
	p.stop()

	gate := make(chan struct{})
	bumped := named("bumped", 2)
	apply := bumped.Apply
	bumped.Apply = func(tables toy.Tables, e domain.Event, env domain.Envelope) error {
		<-gate
		return apply(tables, e, env)
	}
	p = start(t, dir, log, nil, bumped, named("same", 1))
	at := add(t, log, moved(1, 6))
	p.waitFor(t, "same", at)
	err := p.reader(t, "bumped").Read(t.Context(), func(projections.Querier) error { return nil })
	var building *projections.BuildingError
	require.ErrorAs(t, err, &building)
	require.ErrorIs(t, err, projections.ErrBuilding)
	assert.Equal(t, 2, building.Version)
	assert.Equal(t, projections.Building, p.status(t, "bumped").State)
	require.ErrorIs(t, p.Rebuild(t.Context(), "bumped", nil), projections.ErrBuilding)
	close(gate)
	p.waitFor(t, "bumped", at)
	assert.EqualValues(t, 11, balance(t, p.reader(t, "bumped"), 1))
	assert.Equal(t, []string{"v2-000001.db"}, builds(t, dir, "bumped"), "the old version's build is gone")
}

// builds are the files of builds in a folder.
func builds(t *testing.T, dir, name string) (files []string) {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(dir, name, "*.db"))
	require.NoError(t, err)
	for _, path := range found {
		files = append(files, filepath.Base(path))
	}
	return files
}

func TestTwoProjectionsOfOneNameAreRefused(t *testing.T) {
	t.Parallel()
	_, err := projections.NewRunner(projections.Config{Projections: []projections.Definition{named("one", 1), named("one", 2)}})
	require.Error(t, err)
	wrong := named("one", 1)
	wrong.Open = func(s *projections.Schema) toy.Tables {
		projections.NewTable[toy.Account](s, "NOT A NAME")
		return toy.Tables{}
	}
	_, err = projections.NewRunner(projections.Config{Projections: []projections.Definition{wrong}})
	require.Error(t, err)
}

func TestADamagedBuildIsMadeAnew(t *testing.T) {
	t.Parallel()
	log, dir := projectionstest.NewLog("log"), t.TempDir()
	p := start(t, dir, log, nil, named("one", 1))
	at := add(t, log, opened(1), moved(1, 5))
	p.waitFor(t, "one", at)
	p.stop()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "one", builds(t, dir, "one")[0]), []byte("not a database, by any means"), 0o600))
	p = start(t, dir, log, nil, named("one", 1))
	p.waitFor(t, "one", at)
	assert.EqualValues(t, 5, balance(t, p.reader(t, "one"), 1))
}
