package projections

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
)

// ErrStorage marks an error of the view's storage (a full disk), as opposed to an event that can't be applied: the runner
// tries again instead of halting.
var ErrStorage = errors.New("read model storage")

// Table is a keyed set of rows, written behind: Get, Put and Delete work in memory, and the view stores what changed in
// key order, in the transaction that moves the checkpoint. A row is kept as JSON, so that it may hold any domain type with
// marshalers of its own, beside the columns that queries use.
//
// A row in the table is never changed in place: Get hands out a copy. So a change without Put is no change, and the runner
// can take back what a failed event did. A table belongs to one goroutine, the one that calls Apply.
type Table[R any] struct {
	name    string
	columns []Column[R]
	indexes [][]string
	schema  *Schema
	copy    copier[R]

	pending map[string]*R // changed since the last flush; nil: deleted
	before  []undoStep[R] // what the event at hand overwrote in pending
	cache   generations[R]
	backing Backing
	whole   bool // every row there is stands in memory: nothing to load
}

type undoStep[R any] struct {
	key string
	row *R
	had bool
}

// NewTable declares a table of rows of type R, which must survive encoding to JSON and back unchanged: no unexported
// fields, no interfaces. Wrong names are reported by Schema.Err, which every view checks.
func NewTable[R any](s *Schema, name string, columns ...Column[R]) *Table[R] {
	t := &Table[R]{
		name: name, columns: columns, schema: s, copy: newCopier[R](),
		pending: map[string]*R{}, whole: true,
	}
	for _, c := range columns {
		if c.indexed {
			t.indexes = append(t.indexes, []string{c.name})
		}
	}
	s.add(t)
	return t
}

// IndexOn adds an index over several columns, "key" among them, in this order. It returns the table.
func (t *Table[R]) IndexOn(columns ...string) *Table[R] {
	for _, name := range columns {
		if name != "key" && !slices.ContainsFunc(t.columns, func(c Column[R]) bool { return c.name == name }) {
			t.schema.fail("table %s: an index names the column %q, which it doesn't have", t.name, name)
		}
	}
	t.indexes = append(t.indexes, columns)
	return t
}

// Get is a copy of the row with that key, the caller's own to change and Put; nil where there is none. The copy is deep
// through slices, maps, pointers and exported fields; types that hide their fields (time.Time) are taken as values.
// Errors: ErrStorage, or a stored row that is no R.
func (t *Table[R]) Get(key string) (*R, error) {
	row, err := t.find(key)
	if row == nil || err != nil {
		return nil, err
	}
	return t.copy(row), nil
}

// Put sets the row with that key. The row is the table's from then on: to change it again, Get it again.
func (t *Table[R]) Put(key string, row *R) { t.set(key, row) }

// Delete removes the row with that key, if it is there.
func (t *Table[R]) Delete(key string) { t.set(key, nil) }

// Update changes the row with that key, or a new empty one where there is none, and puts it.
// Errors: those of Get.
func (t *Table[R]) Update(key string, change func(*R)) error {
	row, err := t.Get(key)
	if err != nil {
		return err
	}
	if row == nil {
		row = new(R)
	}
	change(row)
	t.Put(key, row)
	return nil
}

// Name is the table's name.
func (t *Table[R]) Name() string { return t.name }

// Columns are the columns beside key and document.
func (t *Table[R]) Columns() []ColumnInfo {
	infos := make([]ColumnInfo, len(t.columns))
	for i, c := range t.columns {
		infos[i] = ColumnInfo{Name: c.name, Kind: c.kind}
	}
	return infos
}

// Indexes are the column names of each index.
func (t *Table[R]) Indexes() [][]string { return t.indexes }

// Pending counts the rows changed since the last flush.
func (t *Table[R]) Pending() int { return len(t.pending) }

// Changes are the rows changed since the last flush, in key order.
func (t *Table[R]) Changes() iter.Seq2[Change, error] {
	keys := slices.Sorted(maps.Keys(t.pending))
	return inOrder(keys, func(key string) (Change, error) { return t.change(key, t.pending[key]) })
}

func (t *Table[R]) change(key string, row *R) (Change, error) {
	if row == nil {
		return Change{Key: key}, nil
	}
	doc, err := encodeRow(row)
	if err != nil {
		return Change{}, fmt.Errorf("table %s, row %q: %w", t.name, key, err)
	}
	values := make([]any, len(t.columns))
	for i, c := range t.columns {
		values[i] = c.value(row)
	}
	return Change{Key: key, Doc: doc, Columns: values}, nil
}

func (t *Table[R]) set(key string, row *R) {
	old, had := t.pending[key]
	t.before = append(t.before, undoStep[R]{key: key, row: old, had: had})
	t.pending[key] = row
}

// find is the row itself: in this batch, in the cache, or in the backing.
func (t *Table[R]) find(key string) (*R, error) {
	if row, ok := t.pending[key]; ok {
		return row, nil
	}
	if row, ok := t.cache.get(key); ok || t.whole {
		return row, nil
	}
	row, err := t.load(key)
	if err == nil {
		t.cache.put(key, row)
	}
	return row, err
}

func (t *Table[R]) load(key string) (*R, error) {
	doc, err := t.backing.Load(t.name, key)
	if err != nil {
		return nil, fmt.Errorf("%w: table %s, row %q: %w", ErrStorage, t.name, key, err)
	}
	if doc == nil {
		return nil, nil
	}
	row := new(R)
	if err := json.Unmarshal(doc, row); err != nil {
		return nil, fmt.Errorf("table %s, row %q: %w", t.name, key, err)
	}
	return row, nil
}

func (t *Table[R]) attach(b Backing, empty bool) { t.backing, t.whole = b, empty }

func (t *Table[R]) begin() { t.before = t.before[:0] }

func (t *Table[R]) undo() {
	for _, step := range slices.Backward(t.before) {
		if step.had {
			t.pending[step.key] = step.row
		} else {
			delete(t.pending, step.key)
		}
	}
	t.before = t.before[:0]
}

func (t *Table[R]) settle(cacheRows int) {
	for key, row := range t.pending {
		t.cache.put(key, row)
	}
	t.pending = map[string]*R{}
	t.before = nil
	t.trim(cacheRows)
}

func (t *Table[R]) trim(cacheRows int) {
	if t.cache.trim(cacheRows) {
		t.whole = false
	}
}

func (t *Table[R]) discard() {
	t.pending = map[string]*R{}
	t.before = nil
}

// encodeRow writes JSON without HTML escapes. Equal rows give equal bytes: struct fields in their order, map keys sorted.
func encodeRow(row any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(row); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}
