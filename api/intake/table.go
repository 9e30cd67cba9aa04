package intake

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// Bounds of a CSV file.
const (
	MaxColumns = 1000
	MaxCell    = 64 << 10 // bytes
)

// table is a CSV file (RFC 4180) with a header. Rows that are none are kept as they are, with what is wrong.
type table struct {
	name   string
	header []string
	index  map[string]int // column → where it stands
	rows   []record
}

// record is one row of a table.
type record struct {
	line  int      // of its first character, 1 for the header's
	cells []string // as in the file; a row that is no CSV is one cell
	wrong string   // why it can't be read; empty where it can
}

// cell is what a row has in a column.
func (t *table) cell(r record, column string) string {
	at, ok := t.index[column]
	if !ok || at >= len(r.cells) {
		return ""
	}
	return strings.TrimSpace(r.cells[at])
}

// readTable reads a file. What is wrong with one row is noted in it.
// Errors: the file has no header, one that is ambiguous, or another encoding than UTF-8.
func readTable(f File, comma rune) (*table, error) {
	t := &table{name: f.Name}
	data, err := textOf(f)
	if err != nil {
		return nil, err
	}
	rows := csvRows{data: data, comma: comma, line: 1}
	rows.restart()
	header, ok := rows.next()
	switch {
	case !ok:
		return nil, fmt.Errorf("%s is empty: want a header", f.Name)
	case header.wrong != "":
		return nil, fmt.Errorf("%s line %d, the header: %s", f.Name, header.line, header.wrong)
	}
	if err := t.setHeader(header.cells); err != nil {
		return nil, err
	}
	for row, ok := rows.next(); ok; row, ok = rows.next() {
		if row.wrong == "" && len(row.cells) != len(t.header) {
			row.wrong = fmt.Sprintf("has %d columns, and the header %d", len(row.cells), len(t.header))
		}
		t.rows = append(t.rows, row)
	}
	return t, nil
}

// textOf is the file without its byte order mark.
func textOf(f File) ([]byte, error) {
	if len(f.Data) > MaxFile {
		return nil, fmt.Errorf("%s has %d bytes: want at most %d", f.Name, len(f.Data), MaxFile)
	}
	for _, mark := range []string{"\xff\xfe", "\xfe\xff"} {
		if bytes.HasPrefix(f.Data, []byte(mark)) {
			return nil, fmt.Errorf("%s is UTF-16: save it as CSV in UTF-8", f.Name)
		}
	}
	data := bytes.TrimPrefix(f.Data, []byte("\xef\xbb\xbf"))
	if first, _, _ := bytes.Cut(data, []byte("\n")); bytes.IndexByte(first, 0) >= 0 {
		return nil, fmt.Errorf("%s is no text: save it as CSV in UTF-8", f.Name)
	}
	return data, nil
}

func (t *table) setHeader(cells []string) error {
	if len(cells) > MaxColumns {
		return fmt.Errorf("%s has %d columns: want at most %d", t.name, len(cells), MaxColumns)
	}
	t.header, t.index = make([]string, len(cells)), map[string]int{}
	for i, cell := range cells {
		name := strings.TrimSpace(cell)
		if _, twice := t.index[name]; twice && name != "" {
			return fmt.Errorf("%s has the column %.100q twice", t.name, name)
		}
		t.header[i], t.index[name] = name, i
	}
	delete(t.index, "")
	return nil
}

// want refuses a table without a column that the mapping names.
func (t *table) want(columns ...string) error {
	for _, column := range columns {
		if _, ok := t.index[column]; !ok {
			return fmt.Errorf("%s has no column %q: nearest is %q", t.name, column, newNames(t.header).nearest(column))
		}
	}
	return nil
}

// csvRows reads rows one by one. Behind a row that is no CSV it goes on with the next line, so that a quote that is never
// closed costs one row and not the rest of the file.
type csvRows struct {
	data   []byte // what is left, from the last restart on
	comma  rune
	line   int // where data starts
	reader *csv.Reader
}

func (c *csvRows) restart() {
	c.reader = csv.NewReader(bytes.NewReader(c.data))
	c.reader.Comma, c.reader.FieldsPerRecord = c.comma, -1
}

func (c *csvRows) next() (record, bool) {
	start := c.reader.InputOffset()
	cells, err := c.reader.Read()
	if errors.Is(err, io.EOF) {
		return record{}, false
	}
	if err != nil {
		return c.skipLine(int(start), err), true
	}
	line, _ := c.reader.FieldPos(0)
	return record{line: c.line + line - 1, cells: cells, wrong: wrongCells(cells)}, true
}

// skipLine gives the row at an offset as one cell, up to the end of its first line, and starts anew behind it.
func (c *csvRows) skipLine(start int, err error) record {
	for empty := emptyLine(c.data[start:]); empty > 0; empty = emptyLine(c.data[start:]) { // the reader passes over them
		start += empty
	}
	line := c.line + bytes.Count(c.data[:start], []byte("\n"))
	text, rest, _ := bytes.Cut(c.data[start:], []byte("\n"))
	if parse, ok := errors.AsType[*csv.ParseError](err); ok {
		err = parse.Err
	}
	c.data, c.line = rest, line+1
	c.restart()
	cells := []string{strings.TrimSuffix(string(text), "\r")}
	return record{line: line, cells: cells, wrong: "is no CSV: " + err.Error()}
}

// emptyLine is how long the line is that the data starts with, if there is nothing on it.
func emptyLine(data []byte) int {
	switch {
	case bytes.HasPrefix(data, []byte("\n")):
		return 1
	case bytes.HasPrefix(data, []byte("\r\n")):
		return 2
	}
	return 0
}

// wrongCells says what is wrong with a row's cells by themselves.
func wrongCells(cells []string) string {
	for i, cell := range cells {
		switch {
		case len(cell) > MaxCell:
			return fmt.Sprintf("column %d has %d bytes: want at most %d", i+1, len(cell), MaxCell)
		case !utf8.ValidString(cell):
			return fmt.Sprintf("column %d is not UTF-8: save the file as CSV in UTF-8", i+1)
		case strings.IndexByte(cell, 0) >= 0:
			return fmt.Sprintf("column %d holds a NUL", i+1)
		}
	}
	return ""
}
