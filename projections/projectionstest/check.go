package projectionstest

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/eventstore"
	"github.com/channelledger/channelledger/projections"
	"github.com/channelledger/channelledger/projections/sqlview"
)

// rounds is how many random lives each check tries.
const rounds = 6

// Check takes a log that holds at least one event and asserts, for random batch sizes, restarts and crashes, that the
// rows that came about live are byte for byte those of a rebuild, of a replay, and of a replay bounded by now. The store
// may be any, as embedded.OpenMemory; it is only read.
func Check(t *testing.T, def projections.Definition, codec projections.Decoder, store eventstore.Store) {
	t.Helper()
	events := allEvents(t, store)
	require.NotEmpty(t, events, "a check without events checks nothing")
	for seed := range uint64(rounds) {
		t.Run(fmt.Sprintf("life %d", seed), func(t *testing.T) {
			l := life{
				def: def, dir: t.TempDir(), rng: rand.New(rand.NewPCG(seed, 1)), events: events, log: NewLog(store.Origin()),
			}
			l.source = projections.Source{Store: l.log, Codec: codec}
			l.run(t)
		})
	}
}

func allEvents(t *testing.T, store eventstore.Store) (all []eventstore.Recorded) {
	t.Helper()
	for m, err := range store.Follow(t.Context(), eventstore.Position{}, eventstore.Filter{}) {
		require.NoError(t, err)
		if m.Kind == eventstore.CaughtUp {
			break
		}
		if m.Kind == eventstore.Appeared {
			all = append(all, m.Event)
		}
	}
	return all
}

// life is a read model that lives through crashes while its log grows.
type life struct {
	def    projections.Definition
	dir    string
	rng    *rand.Rand
	events []eventstore.Recorded
	log    *Log
	source projections.Source
}

func (l *life) run(t *testing.T) {
	t.Helper()
	for crashes := 0; l.log.Len() < len(l.events) && crashes < 12; crashes++ {
		l.day(t)
	}
	l.lastDay(t)
}

// limits are small, so that rows are stored, forgotten and loaded again all the time.
func (l *life) limits() projections.Limits {
	return projections.Limits{
		BatchEvents: 1 + l.rng.IntN(20), IdleEvents: 1 + l.rng.IntN(20), BulkRows: 2 + l.rng.IntN(20), CacheRows: 1 + l.rng.IntN(4),
	}
}

// show lets the log grow by a random number of events.
func (l *life) show() eventstore.Position {
	from := l.log.Len()
	to := min(len(l.events), from+l.rng.IntN(1+len(l.events)/4))
	l.log.Add(l.events[from:to]...)
	if to == 0 {
		return eventstore.Position{}
	}
	return l.events[to-1].Position
}

// day ends with a crash at some commit, or when the log of that day was handled, or at once.
func (l *life) day(t *testing.T) {
	t.Helper()
	r := l.start(t, 1+l.rng.IntN(8), l.rng.IntN(2) == 0)
	defer r.stop(t)
	at := l.show()
	if l.rng.IntN(4) == 0 {
		return
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() {
		select {
		case <-r.views.crashed:
			cancel()
		case <-ctx.Done():
		}
	}()
	_ = r.WaitFor(ctx, projections.Everything, at) // or the crash
}

func (l *life) lastDay(t *testing.T) {
	t.Helper()
	l.log.Add(l.events[l.log.Len():]...)
	name, _ := l.def.Named()
	r := l.start(t, -1, false)
	defer r.stop(t)
	last := l.events[len(l.events)-1]
	require.NoError(t, r.WaitFor(t.Context(), name, last.Position))
	reader, err := r.Reader(name)
	require.NoError(t, err)
	live, rows := l.checksum(t, r), l.rows(t, reader)

	require.NoError(t, r.Rebuild(t.Context(), name, nil))
	if rebuilt := l.checksum(t, r); rebuilt != live {
		l.explain(t, "live", rows, "rebuilt", l.rows(t, reader))
	}
	now := projections.Bounds{KnownAt: last.RecordedAt, KnownPosition: last.Position, EffectiveAt: last.RecordedAt.Add(domain.ClockSkew)}
	for what, replay := range map[string]struct {
		bounds projections.Bounds
		limits projections.Limits
	}{
		"replayed":              {limits: l.limits()},
		"replayed in one batch": {}, // rows are changed in place all the while
		"bounded by now":        {bounds: now, limits: l.limits()},
	} {
		if view := l.replay(t, r, replay.bounds, replay.limits); l.sum(t, view) != live {
			l.explain(t, "live", rows, what, l.rows(t, view))
		}
	}
}

func (l *life) replay(t *testing.T, r *running, bounds projections.Bounds, limits projections.Limits) projections.View {
	t.Helper()
	seen := &witness{Decoder: l.source.Codec}
	source := projections.Source{Store: l.source.Store, Codec: seen}
	view, _, err := projections.Replay(t.Context(), source, l.def, bounds, func(s *projections.Schema) (projections.View, error) {
		return r.views.Scratch(t.Context(), s)
	}, limits, nil)
	require.NoError(t, err)
	seen.testify(t)
	return view
}

func (l *life) sum(t *testing.T, view projections.View) string {
	t.Helper()
	sum, err := view.Checksum(t.Context())
	require.NoError(t, err)
	return sum
}

func (l *life) checksum(t *testing.T, r *running) string {
	t.Helper()
	name, _ := l.def.Named()
	sum, err := r.Checksum(t.Context(), name)
	require.NoError(t, err)
	return sum
}

// explain shows which rows differ.
func (l *life) explain(t *testing.T, aName string, a map[string]string, bName string, b map[string]string) {
	t.Helper()
	for _, key := range slices.Sorted(maps.Keys(a)) {
		assert.Equal(t, a[key], b[key], "row %s: %s, %s", key, aName, bName)
		delete(b, key)
	}
	assert.Empty(t, b, "rows that are %s only", bName)
	assert.Fail(t, "the rows are not the same", "%s and %s", aName, bName)
}

// rows are all rows of all tables, by table and key.
func (l *life) rows(t *testing.T, reader projections.Reader) map[string]string {
	t.Helper()
	schema := &projections.Schema{}
	l.def.Bind(schema)
	all := map[string]string{}
	require.NoError(t, reader.Read(t.Context(), func(q projections.Querier) error {
		for _, table := range schema.Tables() {
			if err := readRows(t.Context(), q, table, all); err != nil {
				return err
			}
		}
		return nil
	}))
	return all
}

func readRows(ctx context.Context, q projections.Querier, table projections.AnyTable, all map[string]string) error {
	names := []string{"key", "doc"}
	for _, c := range table.Columns() {
		names = append(names, `"`+c.Name+`"`)
	}
	rows, err := q.QueryContext(ctx, "SELECT "+strings.Join(names, ", ")+" FROM "+table.Name())
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }() // what the read missed is told by Err
	for rows.Next() {
		values, targets := make([]any, len(names)), make([]any, len(names))
		for i := range values {
			targets[i] = &values[i]
		}
		if err := rows.Scan(targets...); err != nil {
			return err
		}
		all[fmt.Sprint(table.Name(), "/", values[0])] = fmt.Sprint(values[1:]...)
	}
	return rows.Err()
}

// running is a process: its runner and its folder.
type running struct {
	*projections.Runner
	views  *mortal
	folder *sqlview.Views
	cancel context.CancelFunc
	done   chan error
}

func (l *life) start(t *testing.T, commits int, behind bool) *running {
	t.Helper()
	folder, err := sqlview.Open(l.dir)
	require.NoError(t, err)
	r := &running{views: newMortal(folder, commits, behind), folder: folder, done: make(chan error, 1)}
	r.Runner, err = projections.NewRunner(projections.Config{
		Source: l.source, Views: r.views, Projections: []projections.Definition{l.def}, Limits: l.limits(),
		Backoff: func(int) time.Duration { return time.Microsecond },
	})
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	r.cancel = cancel
	go func() { r.done <- r.Run(ctx) }()
	return r
}

func (r *running) stop(t *testing.T) {
	t.Helper()
	r.cancel()
	require.ErrorIs(t, <-r.done, context.Canceled)
	require.NoError(t, r.folder.Close())
}
