package projections

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
)

// ErrStorage marks an error of the view's storage (a full disk), as opposed to an event that can't be applied: the runner
// tries again instead of halting.
var ErrStorage = errors.New("read model storage")

// Table is a keyed set of rows, written behind: Get, Put and Delete work in memory, and the view stores what changed in
// key order, in the transaction that moves the checkpoint. A row is kept as JSON, so that it may hold any domain type with
// marshalers of its own, beside the columns that queries use.
//
// Get hands out a copy. So a change without Put is no change, and the runner can take back what a failed event did. Edit and
// Update save the copy where nothing is ever taken back: while a build is filled for the first time. A table belongs to one
// goroutine, the one that calls Apply; the view reads the batch that was handed over, which nothing changes any more.
type Table[R any] struct {
	name    string
	columns []Column[R]
	indexes [][]string
	schema  *Schema
	copy    copier[R]

	pending map[string]*R // changed since the last batch was handed over; nil row: deleted
	leaving map[string]*R // that batch, until it is stored; nil: there is none
	before  []undoStep[R] // what the event at hand overwrote in pending
	cache   generations[R]
	backing Backing
	bulk    bool     // the build is filled for the first time: an event that fails spoils it, and nothing is kept to undo one
	whole   bool     // every row there is stands in memory, or was dropped: nothing else to load
	dropped *dropped // in bulk: the rows that no longer stand in memory; nil: none
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

// Edit is Get for a caller that Puts the row, or Deletes it, wherever it changed it. While a build is filled for the first time
// it is the table's own row that is handed out, once it was changed in this batch: so what is put into it must be the row's
// alone, and no part of another row.
// Errors: those of Get.
func (t *Table[R]) Edit(key string) (*R, error) {
	if row, ok := t.pending[key]; ok && t.bulk {
		return row, nil
	}
	return t.Get(key)
}

// Put sets the row with that key. The row is the table's from then on: to change it again, Get it again.
func (t *Table[R]) Put(key string, row *R) { t.set(key, row) }

// Delete removes the row with that key, if it is there.
func (t *Table[R]) Delete(key string) { t.set(key, nil) }

// Update changes the row with that key, or a new empty one where there is none, and puts it.
// Errors: those of Get.
func (t *Table[R]) Update(key string, change func(*R)) error {
	row, err := t.Edit(key)
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

// Pending counts the rows changed since the last batch was handed over.
func (t *Table[R]) Pending() int { return len(t.pending) }

func (t *Table[R]) set(key string, row *R) {
	if !t.bulk {
		old, had := t.pending[key]
		t.before = append(t.before, undoStep[R]{key: key, row: old, had: had})
	}
	t.pending[key] = row
}

// find is the row itself: in this batch, in the one before it, in the cache, or in the backing.
func (t *Table[R]) find(key string) (*R, error) {
	if row, ok := t.pending[key]; ok {
		return row, nil
	}
	if row, ok := t.leaving[key]; ok {
		return row, nil
	}
	if row, ok := t.cache.get(key); ok || t.whole && !t.dropped.mayHave(key) {
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
