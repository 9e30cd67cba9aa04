package sqlview

import (
	"fmt"
	"strings"

	"github.com/channelledger/channelledger/projections"
)

// The view's own tables. No read model can have one with a leading underscore.
const ownTables = `
CREATE TABLE _checkpoint (
	id       INTEGER PRIMARY KEY CHECK (id = 1),
	origin   TEXT    NOT NULL, -- the log that the positions are of
	position TEXT    NOT NULL,
	event    TEXT    NOT NULL,
	before   TEXT    NOT NULL,
	count    INTEGER NOT NULL
) STRICT;
INSERT INTO _checkpoint VALUES (1, '', 'start', '00000000-0000-0000-0000-000000000000', 'start', 0);
CREATE TABLE _build (tables TEXT NOT NULL) STRICT;
`

// createTables is the DDL of what a read model declared. Rows lie in the key's own tree, so that loading in key order
// appends and a checksum reads in file order. The document comes last: a long one goes on in pages of its own, and whoever
// reads a column behind it, as making an index does, has to go through them.
func createTables(s *projections.Schema) string {
	var b strings.Builder
	for _, t := range s.Tables() {
		fmt.Fprintf(&b, "CREATE TABLE %s (key TEXT NOT NULL PRIMARY KEY", t.Name())
		for _, c := range t.Columns() {
			fmt.Fprintf(&b, ", %s %s", quoted(c.Name), sqlType(c.Kind))
		}
		b.WriteString(", doc TEXT NOT NULL) STRICT, WITHOUT ROWID;\n")
	}
	return b.String()
}

// createIndexes is the DDL of the declared indexes, run behind the bulk load.
func createIndexes(s *projections.Schema) string {
	var b strings.Builder
	for _, t := range s.Tables() {
		for i, columns := range t.Indexes() {
			names := make([]string, len(columns))
			for j, c := range columns {
				names[j] = quoted(c)
			}
			fmt.Fprintf(&b, "CREATE INDEX %s__%d ON %s (%s);\n", t.Name(), i, t.Name(), strings.Join(names, ", "))
		}
	}
	return b.String()
}

func sqlType(k projections.Kind) string {
	if k == projections.KindInteger {
		return "INTEGER"
	}
	return "TEXT"
}

// upsert is the statement that stores n rows of a table.
func upsert(t projections.AnyTable, n int) string {
	names, sets := []string{"key", "doc"}, []string{"doc = excluded.doc"}
	for _, c := range t.Columns() {
		names = append(names, quoted(c.Name))
		sets = append(sets, quoted(c.Name)+" = excluded."+quoted(c.Name))
	}
	row := "(?" + strings.Repeat(", ?", len(names)-1) + ")"
	return fmt.Sprintf("INSERT INTO %s (%s) VALUES %s ON CONFLICT (key) DO UPDATE SET %s", t.Name(),
		strings.Join(names, ", "), row+strings.Repeat(", "+row, n-1), strings.Join(sets, ", "))
}

// quoted lets a column be called like a keyword (group, order).
func quoted(name string) string { return `"` + name + `"` }
