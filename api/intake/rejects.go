package intake

import (
	"cmp"
	"encoding/csv"
	"io"
	"slices"
	"strconv"
)

// Reason says what sort of mistake keeps a row out.
type Reason string

// The reasons.
const (
	Malformed  Reason = "malformed"  // the row is no CSV, or not as wide as the header
	Missing    Reason = "missing"    // a needed column is empty
	Unreadable Reason = "unreadable" // a column holds something else than it should
	Unknown    Reason = "unknown"    // a name that isn't listed; the nearest that is stands beside it
	Duplicate  Reason = "duplicate"  // the record is there twice
	Changed    Reason = "changed"    // the ledger has it otherwise, and the mapping doesn't let it be revised
	Refused    Reason = "refused"    // a rule of the ledger is against it
)

// Reject is a row that was set aside. Nothing of it is lost, and nothing else waits for it.
type Reject struct {
	File   string `json:"file"`
	Line   int    `json:"line"`
	Column string `json:"column,omitempty"` // of the file; empty where it is no single one
	Reason Reason `json:"reason"`
	Detail string `json:"detail"`

	table *table
	cells []string
}

// fault is what is wrong with a row.
type fault struct {
	column string
	reason Reason
	detail string
}

func (r *row) reject(f fault) *Reject {
	return &Reject{
		File: r.table.name, Line: r.record.line, Column: f.column, Reason: f.reason, Detail: f.detail,
		table: r.table, cells: r.record.cells,
	}
}

// The columns that a rejects file has before those of the rows. The mapping doesn't name them, so the file, once it is put
// right, is imported as it is.
var rejectColumns = []string{"rejected_file", "rejected_line", "rejected_column", "rejected_reason", "rejected_detail"}

// writeRejects writes the rows that were set aside as CSV, in the order of the files: each whole, behind where it stood and
// what is wrong with it. Rows of files with other columns are put under one header; a row that is too short or too long
// stays so, and one that is no CSV stands whole in the first column, to be put right by hand.
func writeRejects(to io.Writer, comma rune, tables []*table, rejects []*Reject) error {
	w, err := newRejectWriter(to, comma, tables)
	if err != nil {
		return err
	}
	return w.write(rejects)
}

// rejectWriter writes the rows of some files that were set aside, as they come.
type rejectWriter struct {
	to      *csv.Writer
	columns []string
}

func newRejectWriter(to io.Writer, comma rune, tables []*table) (*rejectWriter, error) {
	w := &rejectWriter{to: csv.NewWriter(to), columns: originalColumns(tables)}
	w.to.Comma = comma
	return w, w.to.Write(append(slices.Clone(rejectColumns), w.columns...))
}

func (w *rejectWriter) write(rejects []*Reject) error {
	for _, r := range rejects {
		found := []string{r.File, strconv.Itoa(r.Line), r.Column, string(r.Reason), r.Detail}
		if err := w.to.Write(append(found, r.original(w.columns)...)); err != nil {
			return err
		}
	}
	w.to.Flush()
	return w.to.Error()
}

// originalColumns are those of all files, each once, in the order they come, but for those of an earlier rejects file.
func originalColumns(tables []*table) (columns []string) {
	for _, t := range tables {
		for _, column := range t.header {
			if !slices.Contains(columns, column) && !slices.Contains(rejectColumns, column) {
				columns = append(columns, column)
			}
		}
	}
	return columns
}

// original is the row under the columns given.
func (r *Reject) original(columns []string) []string {
	if len(r.cells) == 1 && len(r.table.header) > 1 {
		return r.cells
	}
	cells := make([]string, len(columns))
	width := 0
	for i, cell := range r.cells {
		if i >= len(r.table.header) {
			cells, width = append(cells, cell), len(cells)+1
			continue
		}
		if at := slices.Index(columns, r.table.header[i]); at >= 0 {
			cells[at], width = cell, max(width, at+1)
		}
	}
	if len(r.cells) < len(r.table.header) {
		cells = cells[:width]
	}
	return cells
}

// Count is how many rows were set aside for one reason in one column.
type Count struct {
	Reason Reason `json:"reason"`
	Column string `json:"column,omitempty"`
	Rows   int    `json:"rows"`
}

// countRejects counts by reason and column, the most frequent first.
func countRejects(rejects []*Reject) []Count {
	sums := map[Count]int{}
	for _, r := range rejects {
		sums[Count{Reason: r.Reason, Column: r.Column}]++
	}
	return sortedCounts(sums)
}

// sortedCounts are counts by reason and column, the most frequent first.
func sortedCounts(sums map[Count]int) []Count {
	counts := make([]Count, 0, len(sums))
	for c, n := range sums {
		c.Rows = n
		counts = append(counts, c)
	}
	slices.SortFunc(counts, func(a, b Count) int {
		return cmp.Or(cmp.Compare(b.Rows, a.Rows), cmp.Compare(a.Reason, b.Reason), cmp.Compare(a.Column, b.Column))
	})
	return counts
}
