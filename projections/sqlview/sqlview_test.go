package sqlview_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/eventstore"
	"github.com/channelledger/channelledger/projections"
	"github.com/channelledger/channelledger/projections/sqlview"
)

type row struct {
	Text  string `json:"text"`
	Group int64  `json:"group"`
}

// declare makes the schema of the tests: one column is called like a keyword, and may be NULL.
func declare(names ...string) (*projections.Schema, *projections.Table[row]) {
	s := &projections.Schema{}
	var first *projections.Table[row]
	for _, name := range append([]string{"rows"}, names...) {
		t := projections.NewTable(s, name,
			projections.Text("text", func(r *row) string { return r.Text }).Indexed(),
			projections.OptionalInt("group", func(r *row) (int64, bool) { return r.Group, r.Group != 0 }),
		).IndexOn("group", "key")
		if first == nil {
			first = t
		}
	}
	return s, first
}

func openViews(t *testing.T, dir string) *sqlview.Views {
	t.Helper()
	views, err := sqlview.Open(dir)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, views.Close()) })
	return views
}

func checkpoint(n uint64) projections.Checkpoint {
	at := eventstore.Position{Origin: "log", Commit: n, Prepare: n + 7}
	c := projections.Checkpoint{Position: at, Event: uuid.UUID{byte(n)}, Count: n}
	if n > 1 {
		c.Before = eventstore.Position{Origin: "log", Commit: n - 1, Prepare: n - 1}
	}
	return c
}

// create makes a ready build with the rows given, and makes it the current one.
func create(t *testing.T, views *sqlview.Views, rows map[string]row) projections.View {
	t.Helper()
	s, table := declare()
	view, err := views.Create(t.Context(), "one", 1, s)
	require.NoError(t, err)
	for key, r := range rows {
		table.Put(key, &r)
	}
	require.NoError(t, view.Commit(t.Context(), checkpoint(1)))
	require.NoError(t, view.Ready(t.Context()))
	require.NoError(t, views.Switch(t.Context(), "one", view))
	return view
}

func current(t *testing.T, views *sqlview.Views) (projections.View, *projections.Table[row]) {
	t.Helper()
	s, table := declare()
	view, err := views.Current(t.Context(), "one", 1, s)
	require.NoError(t, err)
	return view, table
}

func count(t *testing.T, view projections.View, where string, args ...any) (n int) {
	t.Helper()
	require.NoError(t, view.Read(t.Context(), func(q projections.Querier) error {
		return q.QueryRowContext(t.Context(), "SELECT count(*) FROM rows WHERE "+where, args...).Scan(&n)
	}))
	return n
}

func TestRowsAndCheckpointAreThereAgain(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	views := openViews(t, dir)
	rows := map[string]row{"a": {Text: "x<&>"}, "b'\"\x00ü": {Text: "", Group: 7}}
	for _, n := range []string{"c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n", "o", "p", "q", "r", "s"} {
		rows[n] = row{Text: "many", Group: 1}
	}
	sum, err := create(t, views, rows).Checksum(t.Context())
	require.NoError(t, err)
	require.NoError(t, views.Close())

	view, _ := current(t, openViews(t, dir))
	assert.Equal(t, checkpoint(1), view.Checkpoint())
	again, err := view.Checksum(t.Context())
	require.NoError(t, err)
	assert.Equal(t, sum, again)
	doc, err := view.Load("rows", "b'\"\x00ü")
	require.NoError(t, err)
	assert.JSONEq(t, `{"text":"","group":7}`, string(doc))
	doc, err = view.Load("rows", "no such")
	require.NoError(t, err)
	assert.Nil(t, doc)
	assert.Equal(t, 1, count(t, view, `"group" IS NULL`))
	assert.Equal(t, 17, count(t, view, "text = ?", "many"))
	require.NoError(t, view.Read(t.Context(), func(q projections.Querier) error {
		assert.Equal(t, checkpoint(1).Position, q.Position())
		return nil
	}))
}

func TestChecksumSeesEveryValue(t *testing.T) {
	t.Parallel()
	sums := map[string]bool{}
	for _, rows := range []map[string]row{
		{}, {"a": {}}, {"b": {}}, {"a": {Text: "b"}}, {"ab": {}}, {"a": {Group: 1}}, {"a": {}, "b": {}},
	} {
		sum, err := create(t, openViews(t, t.TempDir()), rows).Checksum(t.Context())
		require.NoError(t, err)
		assert.Len(t, sum, 64)
		assert.False(t, sums[sum], "%v", rows)
		sums[sum] = true
	}
}

func TestCommitReplacesAndRemoves(t *testing.T) {
	t.Parallel()
	views := openViews(t, t.TempDir())
	create(t, views, map[string]row{"a": {Text: "old"}, "b": {Text: "goes"}})
	view, table := current(t, views)
	table.Put("a", &row{Text: "new"})
	table.Delete("b")
	require.NoError(t, view.Commit(t.Context(), checkpoint(2)))
	assert.Equal(t, 1, count(t, view, "text = 'new'"))
	assert.Equal(t, 1, count(t, view, "true"))
	assert.Equal(t, checkpoint(2), view.Checkpoint())
}

func TestTheCheckpointMovesFromWhatWasRead(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	one := openViews(t, dir)
	create(t, one, map[string]row{"a": {Text: "old"}})
	first, mine := current(t, openViews(t, dir))
	second, theirs := current(t, openViews(t, dir))
	mine.Put("a", &row{Text: "first"})
	require.NoError(t, first.Commit(t.Context(), checkpoint(2)))
	theirs.Put("a", &row{Text: "second"})
	require.ErrorIs(t, second.Commit(t.Context(), checkpoint(3)), projections.ErrCheckpointMoved)
	assert.Equal(t, checkpoint(1), second.Checkpoint())
	assert.Equal(t, 1, count(t, second, "text = 'first'"), "nothing of the second was stored")
}

func TestAFailedCommitLeavesEverything(t *testing.T) {
	t.Parallel()
	views := openViews(t, t.TempDir())
	create(t, views, map[string]row{"a": {Text: "old"}})
	view, table := current(t, views)
	table.Put("a", &row{Text: "new"})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.Error(t, view.Commit(ctx, checkpoint(2)))
	assert.Equal(t, 1, count(t, view, "text = 'old'"))
	require.NoError(t, view.Commit(t.Context(), checkpoint(2)))
	assert.Equal(t, 1, count(t, view, "text = 'new'"))
}

func TestABulkLoadThatFailedIsOfNoUse(t *testing.T) {
	t.Parallel()
	views := openViews(t, t.TempDir())
	s, table := declare()
	view, err := views.Create(t.Context(), "one", 1, s)
	require.NoError(t, err)
	require.ErrorIs(t, view.Read(t.Context(), func(projections.Querier) error { return nil }), projections.ErrNoBuild)
	table.Put("a", &row{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.Error(t, view.Commit(ctx, checkpoint(1)))
	require.ErrorIs(t, view.Commit(t.Context(), checkpoint(1)), projections.ErrStorage)
	require.ErrorIs(t, view.Ready(t.Context()), projections.ErrStorage)
	require.NoError(t, view.Remove())
	require.ErrorIs(t, view.Commit(t.Context(), checkpoint(1)), projections.ErrClosed)
}

func TestThereIsNoBuild(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	views := openViews(t, dir)
	s, _ := declare()
	_, err := views.Current(t.Context(), "one", 1, s)
	require.ErrorIs(t, err, projections.ErrNoBuild, "there is none yet")

	create(t, views, nil)
	require.NoError(t, views.Close())
	views = openViews(t, dir)
	s, _ = declare()
	_, err = views.Current(t.Context(), "one", 2, s)
	require.ErrorIs(t, err, projections.ErrNoBuild, "it is of another version")
	s, _ = declare("more")
	_, err = views.Current(t.Context(), "one", 1, s)
	require.ErrorIs(t, err, projections.ErrNoBuild, "it has other tables")

	path := filepath.Join(dir, "one", "v1-000001.db")
	for _, content := range []string{"", "not a database, by any means; but long enough to look like one, perhaps, if one looks at it from far away, and a little more"} {
		require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
		s, _ = declare()
		_, err = views.Current(t.Context(), "one", 1, s)
		require.ErrorIs(t, err, projections.ErrNoBuild, "it is damaged")
	}
	require.NoError(t, os.Remove(path))
	s, _ = declare()
	_, err = views.Current(t.Context(), "one", 1, s)
	require.ErrorIs(t, err, projections.ErrNoBuild, "it is gone")
}

func TestABuildGoesBehindItsLastReader(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	views := openViews(t, dir)
	old := create(t, views, map[string]row{"a": {Text: "old"}})
	require.NoError(t, old.Read(t.Context(), func(q projections.Querier) error {
		create(t, views, map[string]row{"a": {Text: "new"}}) // switched while one reads
		require.NoError(t, old.Remove())
		require.FileExists(t, filepath.Join(dir, "one", "v1-000001.db"))
		r, err := projections.One[row](t.Context(), q, "rows", "a")
		require.NoError(t, err)
		assert.Equal(t, "old", r.Text)
		return nil
	}))
	assert.NoFileExists(t, filepath.Join(dir, "one", "v1-000001.db"))
	assert.FileExists(t, filepath.Join(dir, "one", "v1-000002.db"))
	require.ErrorIs(t, old.Read(t.Context(), func(projections.Querier) error { return nil }), projections.ErrClosed)
	require.NoError(t, old.Close(), "closing again is harmless")
}

func TestReadersSeeOneStateAndDoNotHoldUpTheWriter(t *testing.T) {
	t.Parallel()
	views := openViews(t, t.TempDir())
	create(t, views, map[string]row{"a": {Text: "old"}})
	view, table := current(t, views)
	require.NoError(t, view.Read(t.Context(), func(q projections.Querier) error {
		table.Put("a", &row{Text: "new"})
		require.NoError(t, view.Commit(t.Context(), checkpoint(2)))
		r, err := projections.One[row](t.Context(), q, "rows", "a")
		require.NoError(t, err)
		assert.Equal(t, "old", r.Text)
		assert.Equal(t, checkpoint(1).Position, q.Position())
		_, err = q.QueryContext(t.Context(), "DELETE FROM rows RETURNING key")
		assert.Error(t, err, "readers only read")
		return nil
	}))
	assert.Equal(t, 1, count(t, view, "text = 'new'"))
}

func TestWhatWasBegunIsSwept(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	views := openViews(t, dir)
	create(t, views, nil)
	s, _ := declare()
	_, err := views.Create(t.Context(), "one", 1, s)
	require.NoError(t, err)
	scratch, err := views.Scratch(t.Context(), s)
	require.NoError(t, err)
	require.NoError(t, views.Close())
	_ = scratch

	current(t, openViews(t, dir))
	found, err := filepath.Glob(filepath.Join(dir, "*", "*.db"))
	require.NoError(t, err)
	assert.Equal(t, []string{filepath.Join(dir, "one", "v1-000001.db")}, found)
}

func TestScratchViewsGoWhenClosed(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	views := openViews(t, dir)
	s, table := declare()
	view, err := views.Scratch(t.Context(), s)
	require.NoError(t, err)
	table.Put("a", &row{Text: "x"})
	require.NoError(t, view.Commit(t.Context(), checkpoint(1)))
	require.NoError(t, view.Ready(t.Context()))
	assert.Equal(t, 1, count(t, view, "text = 'x'"))
	require.NoError(t, view.Close())
	left, err := os.ReadDir(filepath.Join(dir, ".scratch"))
	require.NoError(t, err)
	assert.Empty(t, left)
}

func TestATemporaryFolderGoesWithItsViews(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	views, err := sqlview.OpenTemp()
	require.NoError(t, err)
	create(t, views, map[string]row{"a": {}})
	require.NoError(t, views.Close())
	left, err := os.ReadDir(os.Getenv("TMPDIR"))
	require.NoError(t, err)
	assert.Empty(t, left)
}

func TestALongLogIsFoldedBack(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	views := openViews(t, dir)
	views.BoundWAL(100_000)
	create(t, views, nil)
	view, table := current(t, views)
	for n := range uint64(50) {
		table.Put("a", &row{Text: strings.Repeat("x", 10_000), Group: int64(n)})
		require.NoError(t, view.Commit(t.Context(), checkpoint(n+2)))
		info, err := os.Stat(filepath.Join(dir, "one", "v1-000001.db-wal"))
		require.NoError(t, err)
		assert.Less(t, info.Size(), int64(200_000))
	}
	assert.Equal(t, 1, count(t, view, `"group" = 49`))
}

func TestAFileNameIsUsedOnce(t *testing.T) {
	dir := t.TempDir()
	views := openViews(t, dir)
	begin := func() (projections.View, string) {
		s, _ := declare()
		view, err := views.Create(t.Context(), "one", 1, s)
		require.NoError(t, err)
		files, err := filepath.Glob(filepath.Join(dir, "one", "*.db"))
		require.NoError(t, err)
		require.Len(t, files, 1)
		return view, files[0]
	}
	first, name := begin()
	require.NoError(t, first.Remove())
	_, next := begin()
	require.NotEqual(t, name, next, "the files of the one before may still be going")
}
