package projections

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
)

type row struct {
	Name  string               `json:"name"`
	Tags  map[string][]int     `json:"tags,omitempty"`
	Lines []line               `json:"lines,omitempty"`
	Next  *row                 `json:"next,omitempty"`
	Owner domain.Dated[string] `json:"owner"`
	On    domain.Date          `json:"on"`
	At    time.Time            `json:"at,omitzero"`
	Fixed [2]*int              `json:"fixed"`
}

type line struct {
	SKU   string   `json:"sku"`
	Notes []string `json:"notes,omitempty"`
}

func fullRow() *row {
	one, two := 1, 2
	r := &row{
		Name: "a", Tags: map[string][]int{"x": {1, 2}}, Lines: []line{{SKU: "s", Notes: []string{"n"}}},
		Next: &row{Name: "b", Lines: []line{{SKU: "t"}}}, On: domain.Date{Year: 2020, Month: 2, Day: 29},
		At: time.Date(2020, 1, 2, 3, 4, 5, 6, time.UTC), Fixed: [2]*int{&one, &two},
	}
	r.Owner.Set(r.At, "owner")
	return r
}

func spoil(r *row) {
	r.Name = "spoilt"
	r.Tags["x"][0], r.Tags["y"] = 99, nil
	r.Lines[0].SKU, r.Lines[0].Notes[0] = "spoilt", "spoilt"
	r.Next.Name, r.Next.Lines[0].SKU = "spoilt", "spoilt"
	r.Owner.Entries[0].Value = "spoilt"
	*r.Fixed[1] = 99
}

// stored is a backing made of what was flushed.
type stored struct {
	docs  map[string][]byte
	loads int
	err   error
}

func (s *stored) Load(_, key string) ([]byte, error) {
	s.loads++
	return s.docs[key], s.err
}

func (s *stored) flush(t *testing.T, table AnyTable, cacheRows int) {
	t.Helper()
	table.handOver()
	for c, err := range table.Changes() {
		require.NoError(t, err)
		s.docs[c.Key] = []byte(c.Doc)
	}
	table.settle(cacheRows)
}

func newRows(t *testing.T) (*Table[row], *stored) {
	t.Helper()
	s := &Schema{}
	table := NewTable(s, "rows", Text("name", func(r *row) string { return r.Name }))
	require.NoError(t, s.Err())
	backing := &stored{docs: map[string][]byte{}}
	table.attach(backing, true)
	return table, backing
}

func get(t *testing.T, table *Table[row], key string) *row {
	t.Helper()
	r, err := table.Get(key)
	require.NoError(t, err)
	return r
}

func TestWhatGetReturnsIsTheCallersOwn(t *testing.T) {
	t.Parallel()
	table, backing := newRows(t)
	table.Put("k", fullRow())
	spoil(get(t, table, "k"))
	assert.Equal(t, fullRow(), get(t, table, "k"), "changed in this batch without Put")
	backing.flush(t, table, 10)
	spoil(get(t, table, "k"))
	assert.Equal(t, fullRow(), get(t, table, "k"), "changed in the cache without Put")
	assert.Zero(t, table.Pending())
}

func TestRowsSurviveBeingStoredAndLoaded(t *testing.T) {
	t.Parallel()
	table, backing := newRows(t)
	table.Put("k", fullRow())
	backing.flush(t, table, 0)
	table.trim(0)
	table.cache = generations[row]{}
	table.whole = false
	assert.Equal(t, fullRow(), get(t, table, "k"))
	assert.Equal(t, 1, backing.loads)
	assert.Nil(t, get(t, table, "no such"))
}

func TestUndoTakesBackOneEvent(t *testing.T) {
	t.Parallel()
	table, _ := newRows(t)
	table.begin()
	table.Put("a", &row{Name: "first"})
	table.Put("b", &row{Name: "first"})
	table.begin()
	table.Put("a", &row{Name: "second"})
	table.Put("a", &row{Name: "third"})
	table.Delete("b")
	table.Put("c", &row{Name: "new"})
	table.undo()
	assert.Equal(t, "first", get(t, table, "a").Name)
	assert.Equal(t, "first", get(t, table, "b").Name)
	assert.Nil(t, get(t, table, "c"))
	assert.Equal(t, 2, table.Pending())
}

func TestDeletedRowsAreGoneAndStayGone(t *testing.T) {
	t.Parallel()
	table, backing := newRows(t)
	table.Put("a", &row{Name: "there"})
	backing.flush(t, table, 10)
	table.Delete("a")
	assert.Nil(t, get(t, table, "a"))
	for c, err := range table.Changes() {
		require.NoError(t, err)
		assert.Equal(t, Change{Key: "a"}, c)
	}
	backing.flush(t, table, 10)
	assert.Nil(t, get(t, table, "a"))
}

func TestAnEmptyBuildLoadsNothingUntilRowsWereDropped(t *testing.T) {
	t.Parallel()
	table, backing := newRows(t)
	for i := range 30 {
		key := fmt.Sprint(i)
		assert.Nil(t, get(t, table, key))
		table.Put(key, &row{Name: key})
	}
	backing.flush(t, table, 100)
	assert.NotNil(t, get(t, table, "7"))
	assert.Nil(t, get(t, table, "no such"))
	assert.Zero(t, backing.loads)
	for i := range 30 {
		table.Put(fmt.Sprint(i), &row{Name: "again"})
		backing.flush(t, table, 3)
		assert.LessOrEqual(t, len(table.cache.young)+len(table.cache.old), 60, "memory is bounded")
	}
	assert.NotNil(t, get(t, table, "7"))
	assert.Equal(t, 1, backing.loads)
	assert.NotNil(t, get(t, table, "7"), "from the cache this time")
	assert.Equal(t, 1, backing.loads)
}

func TestABulkLoadLooksForWhatItDroppedOnly(t *testing.T) {
	t.Parallel()
	table, backing := newRows(t)
	table.inBulk(true)
	for i := range 30 {
		table.Put(fmt.Sprint(i), &row{Name: fmt.Sprint(i)})
	}
	table.Delete("5")
	backing.flush(t, table, 3) // thirty are more than twice three
	assert.Nil(t, get(t, table, "no such"))
	assert.Zero(t, backing.loads)
	assert.Equal(t, "7", get(t, table, "7").Name)
	assert.Nil(t, get(t, table, "5"))
	assert.Equal(t, 1, backing.loads)
	table.inBulk(false)
	assert.Nil(t, get(t, table, "no other"))
	assert.Equal(t, 2, backing.loads, "live, it asks for what it doesn't know")
}

func TestABatchThatLeavesIsReadAndNotChanged(t *testing.T) {
	t.Parallel()
	for _, bulk := range []bool{false, true} {
		table, backing := newRows(t)
		table.inBulk(bulk)
		table.Put("a", &row{Name: "a", Lines: []line{{SKU: "first"}}})
		table.Put("b", &row{Name: "b"})
		require.NoError(t, table.Update("a", func(r *row) { r.Lines[0].SKU = "second" }))
		table.handOver()
		require.NoError(t, table.Update("a", func(r *row) { r.Lines[0].SKU = "third" }))
		assert.Equal(t, "b", get(t, table, "b").Name)
		assert.Equal(t, 1, table.Pending())
		for c, err := range table.Changes() {
			require.NoError(t, err)
			assert.NotContains(t, c.Doc, "third")
		}
		table.takeBack()
		assert.Equal(t, 2, table.Pending())
		assert.Equal(t, "third", get(t, table, "a").Lines[0].SKU, "newer than what is taken back")
		backing.flush(t, table, 10)
		assert.Contains(t, string(backing.docs["a"]), "third")
		assert.Contains(t, string(backing.docs["b"]), "b")
	}
}

func TestEditSavesTheCopyInABulkLoadOnly(t *testing.T) {
	t.Parallel()
	table, _ := newRows(t)
	edit := func() *row {
		r, err := table.Edit("a")
		require.NoError(t, err)
		return r
	}
	table.Put("a", &row{Name: "there"})
	mine := table.pending["a"]
	assert.NotSame(t, mine, edit())
	table.inBulk(true)
	assert.Same(t, mine, edit())
	assert.NotSame(t, mine, get(t, table, "a"), "Get never does")
	table.handOver()
	assert.NotSame(t, mine, edit(), "the view may be reading it")
}

func TestAFilterForgetsNothing(t *testing.T) {
	t.Parallel()
	var none *dropped
	assert.False(t, none.mayHave("k"))
	d := newDropped()
	for i := range 10_000 {
		d.add(fmt.Sprint("k", i))
	}
	wrong := 0
	for i := range 10_000 {
		require.True(t, d.mayHave(fmt.Sprint("k", i)))
		if d.mayHave(fmt.Sprint("other", i)) {
			wrong++
		}
	}
	assert.Less(t, wrong, 10)
}

func TestChangesComeInKeyOrderAndAlike(t *testing.T) {
	t.Parallel()
	table, _ := newRows(t)
	for i := range 3000 { // several parts, encoded side by side
		table.Put(fmt.Sprintf("k%04d", (i*7919)%3000), &row{Name: "<&>", Tags: map[string][]int{"b": nil, "a": {i % 3}}})
	}
	read := func() (keys, docs []string) {
		for c, err := range table.Changes() {
			require.NoError(t, err)
			assert.Equal(t, []any{"<&>"}, c.Columns)
			keys, docs = append(keys, c.Key), append(docs, c.Doc)
		}
		return keys, docs
	}
	keys, docs := read()
	assert.Len(t, keys, 3000)
	assert.True(t, slices.IsSorted(keys))
	assert.Contains(t, docs[0], `"name":"<&>"`, "no HTML escapes")
	again, same := read()
	assert.Equal(t, keys, again)
	assert.Equal(t, docs, same)
}

type refuses struct{ Bad bool }

var errRefused = errors.New("refused")

func (r refuses) MarshalJSON() ([]byte, error) {
	if r.Bad {
		return nil, errRefused
	}
	return json.Marshal(struct{}{})
}

func TestARowThatCannotBeEncodedEndsTheChanges(t *testing.T) {
	t.Parallel()
	table := NewTable[refuses](&Schema{}, "rows")
	for i := range 2000 {
		table.Put(fmt.Sprintf("k%04d", i), &refuses{Bad: i == 700})
	}
	n := 0
	var failed error
	for _, err := range table.Changes() {
		if failed = err; err == nil {
			n++
		}
	}
	require.ErrorIs(t, failed, errRefused)
	assert.Equal(t, 700, n)
	for range table.Changes() {
		break // whoever stops early leaves nobody behind
	}
}

func TestLoadErrorsAreTold(t *testing.T) {
	t.Parallel()
	table, backing := newRows(t)
	table.attach(backing, false)
	backing.err = errRefused
	_, err := table.Get("k")
	require.ErrorIs(t, err, ErrStorage)
	require.ErrorIs(t, table.Update("k", func(*row) {}), errRefused)
	backing.err, backing.docs["k"] = nil, []byte("[")
	_, err = table.Get("k")
	require.Error(t, err)
	assert.NotErrorIs(t, err, ErrStorage, "trying again would not help")
}

func TestWrongDeclarationsAreTold(t *testing.T) {
	t.Parallel()
	name := func(r *row) string { return r.Name }
	for what, declare := range map[string]func(*Schema){
		"a name with a blank":    func(s *Schema) { NewTable[row](s, "my rows") },
		"a name of the view":     func(s *Schema) { NewTable[row](s, "_checkpoint") },
		"two tables of one name": func(s *Schema) { NewTable[row](s, "rows"); NewTable[row](s, "rows") },
		"a column called doc":    func(s *Schema) { NewTable(s, "rows", Text("doc", name)) },
		"a column twice":         func(s *Schema) { NewTable(s, "rows", Text("a", name), Text("a", name)) },
		"an index on nothing":    func(s *Schema) { NewTable(s, "rows", Text("a", name)).IndexOn("a", "b") },
	} {
		s := &Schema{}
		declare(s)
		require.Error(t, s.Err(), what)
	}
}

func TestColumnsOfEveryKind(t *testing.T) {
	t.Parallel()
	at := time.Date(2020, 1, 1, 0, 0, 0, 1000, time.UTC)
	table := NewTable(&Schema{}, "rows",
		Int("int", func(*row) int64 { return 7 }),
		Flag("on", func(*row) bool { return true }), Flag("off", func(*row) bool { return false }),
		Time("at", func(r *row) time.Time { return r.At }), Time("never", func(*row) time.Time { return time.Time{} }),
		OptionalText("text", func(*row) (string, bool) { return "x", true }), OptionalText("none", func(*row) (string, bool) { return "x", false }),
		OptionalInt("number", func(*row) (int64, bool) { return 1, true }), OptionalInt("nothing", func(*row) (int64, bool) { return 1, false }),
	)
	table.Put("k", &row{At: at})
	for c, err := range table.Changes() {
		require.NoError(t, err)
		assert.Equal(t, []any{int64(7), int64(1), int64(0), at.UnixMicro(), nil, "x", nil, int64(1), nil}, c.Columns)
	}
}
