package projections

import (
	"errors"
	"fmt"
	"iter"
	"regexp"
)

// Schema collects the tables of one build of a read model, while Open declares them.
type Schema struct {
	tables []AnyTable
	errs   []error
}

// AnyTable is a table as the view that stores it sees it.
type AnyTable interface {
	Name() string
	Columns() []ColumnInfo             // beside key and doc, in the order of Change.Columns
	Indexes() [][]string               // column names of each index
	Pending() int                      // rows changed since the last batch was handed over
	Changes() iter.Seq2[Change, error] // the rows of that batch, or else those pending, in key order

	begin()               // a new event: what undo takes back starts here
	undo()                // takes back what was done since begin
	handOver()            // what is pending becomes the batch that is stored next
	settle(cacheRows int) // that batch is stored
	takeBack()            // that batch could not be stored: it is pending again
	trim(cacheRows int)   // keeps the rows that are stored and stand in memory few
	discard()             // forgets what isn't stored
	attach(b Backing, empty bool)
	inBulk(on bool) // rows may be changed in place: no event is undone
}

// ColumnInfo describes a column.
type ColumnInfo struct {
	Name string
	Kind Kind
}

// Change is a row to store, or to remove.
type Change struct {
	Key     string
	Doc     string // JSON; empty: the row is gone
	Columns []any  // string, int64 or nil each
}

// Backing loads the JSON of a row that isn't in memory; nil where there is none.
type Backing interface {
	Load(table, key string) ([]byte, error)
}

// sqlName is what tables and columns may be called: it needs no quoting anywhere.
var sqlName = regexp.MustCompile(`^[a-z][a-z0-9_]{0,62}$`)

// Tables lists what was declared, in that order.
func (s *Schema) Tables() []AnyTable { return s.tables }

// Err says what is wrong with the declarations, or nil.
func (s *Schema) Err() error { return errors.Join(s.errs...) }

// Pending counts the rows changed since the last flush, over all tables.
func (s *Schema) Pending() (n int) {
	for _, t := range s.tables {
		n += t.Pending()
	}
	return n
}

func (s *Schema) fail(format string, args ...any) {
	s.errs = append(s.errs, fmt.Errorf(format, args...))
}

// add takes a table in and checks its names.
func (s *Schema) add(t AnyTable) {
	seen := map[string]bool{"key": true, "doc": true}
	if !sqlName.MatchString(t.Name()) {
		s.fail("table %q: want lower-case letters, digits and underscores", t.Name())
	}
	for _, other := range s.tables {
		if other.Name() == t.Name() {
			s.fail("table %s is declared twice", t.Name())
		}
	}
	for _, c := range t.Columns() {
		if !sqlName.MatchString(c.Name) || seen[c.Name] {
			s.fail("table %s, column %q: want a name of its own in lower-case letters, digits and underscores", t.Name(), c.Name)
		}
		seen[c.Name] = true
	}
	s.tables = append(s.tables, t)
}

func (s *Schema) each(do func(AnyTable)) {
	for _, t := range s.tables {
		do(t)
	}
}

func (s *Schema) begin() {
	for _, t := range s.tables {
		t.begin()
	}
}

func (s *Schema) undo() {
	for _, t := range s.tables {
		t.undo()
	}
}
