package bank

import (
	"context"
	"encoding/csv"
	"errors"
	"io"
	"iter"
	"strings"
	"unicode/utf8"

	"github.com/channelledger/channelledger/api/intake"
)

// Bounds of a CSV beside Limits.
const (
	maxColumns  = 1000
	maxPreamble = 200 // rows before the header
)

// CSV reads a bank's CSV (RFC 4180) by a mapping. Rows of one account and number are one statement; where no column says
// either, the file is one. What stands above the header and below the rows is looked at for the mapping's labels.
func CSV(m *Mapping, given Given, limits Limits) Reader {
	return func(ctx context.Context, r io.Reader) iter.Seq2[Item, error] {
		return func(yield func(Item, error) bool) {
			s := newSource(ctx, r, limits.orDefault())
			s.charset = m.charset
			c := &csvFile{Mapping: m, given: given, source: s, limits: s.limits, yield: yield, done: map[string]bool{}}
			if err := c.read(); err != nil && !errors.Is(err, errStopped) {
				yield(nil, err)
			}
		}
	}
}

// csvFile reads one file.
type csvFile struct {
	*Mapping
	given  Given
	met    bool // there was a statement that it was given of
	source *source
	limits Limits
	yield  func(Item, error) bool
	rows   *csv.Reader
	cells  []string // of the row
	line   int      // that the row begins on
	header []string
	index  map[string]int
	labels map[Field]cell // what was found beside them
	open   *csvStatement
	key    string          // of the statement that is open
	done   map[string]bool // keys of those that are closed
}

// cell is a text and its place.
type cell struct {
	text string
	at   Position
}

// read goes from the first row to the file's end.
func (c *csvFile) read() error {
	c.rows = csv.NewReader(c.source)
	c.rows.Comma, _ = intake.Delimiter(c.Delimiter) // checked
	c.rows.FieldsPerRecord, c.rows.ReuseRecord = -1, true
	c.labels = map[Field]cell{}
	if err := c.findHeader(); err != nil {
		return err
	}
	for {
		more, err := c.next()
		if err != nil {
			return err
		}
		if !more {
			return c.finish()
		}
		if err := c.row(); err != nil {
			return err
		}
	}
}

// next reads a row; false at the file's end. Errors: *Error, those of the file and the context.
func (c *csvFile) next() (bool, error) {
	c.source.begin()
	cells, err := c.rows.Read()
	var known *Error
	var parse *csv.ParseError
	switch {
	case errors.Is(err, io.EOF):
		c.cells = nil
		return false, nil
	case errors.As(err, &known):
		if known.At.Line == 0 {
			known.At.Line = c.line + 1
		}
		return false, known
	case errors.As(err, &parse):
		return false, wrong(CodeFormat, Position{Line: parse.StartLine, Column: parse.Column}, "no CSV: %v", parse.Err)
	case err != nil:
		return false, err
	}
	c.cells = cells
	c.line, _ = c.rows.FieldPos(0)
	return true, c.checkCells()
}

func (c *csvFile) checkCells() error {
	for i, text := range c.cells {
		switch {
		case i >= maxColumns:
			return wrong(CodeTooLarge, Position{Line: c.line}, "the row has more than %d columns", maxColumns)
		case len(text) > maxText:
			return wrong(CodeText, c.at(i), "the cell has more than %d bytes", maxText)
		case !utf8.ValidString(text):
			return wrong(CodeEncoding, c.at(i), "bytes that are no UTF-8: say the file's encoding in the mapping, as in encoding: windows-1252")
		case strings.IndexByte(text, 0) >= 0:
			return wrong(CodeFormat, c.at(i), "the cell holds a NUL: this is no text")
		}
	}
	return nil
}

// at is the place of a cell.
func (c *csvFile) at(i int) Position {
	p := Position{Line: c.line}
	if i < len(c.cells) {
		p.Line, p.Column = c.rows.FieldPos(i)
	}
	if i < len(c.header) {
		p.Path = c.header[i]
	}
	return p
}

// findHeader reads up to the row that has all columns of the mapping; before it, labels are looked for.
func (c *csvFile) findHeader() error {
	nearest, most := wrong(CodeNothing, Position{Line: 1}, "the file is empty"), -1
	for range maxPreamble {
		more, err := c.next()
		if err != nil {
			return err
		}
		if !more {
			break
		}
		found, missing := c.columnsFound()
		if missing == "" {
			return c.setHeader()
		}
		if found > most {
			most = found
			nearest = wrong(CodeFormat, Position{Line: c.line}, "no row has all columns of the mapping: %q is missing here, nearest to it is %.40q",
				missing, intake.Nearest(trimmed(c.cells), missing))
		}
		if err := c.findLabels(); err != nil {
			return err
		}
	}
	return nearest
}

// columnsFound counts the mapping's columns that the row has, and names the first that it hasn't.
func (c *csvFile) columnsFound() (found int, missing string) {
	has := map[string]bool{}
	for _, name := range c.cells {
		has[strings.TrimSpace(name)] = true
	}
	for _, name := range c.columns() {
		switch {
		case has[name]:
			found++
		case missing == "":
			missing = name
		}
	}
	return found, missing
}

// columns are those that the file must have.
func (m *Mapping) columns() (names []string) {
	for _, f := range append(lineFields(), statementFields()...) {
		if name := m.Columns[f]; name != "" {
			names = append(names, name)
		}
	}
	return append(names, m.Text...)
}

func (c *csvFile) setHeader() error {
	wanted := map[string]bool{}
	for _, name := range c.columns() {
		wanted[name] = true
	}
	header, index := trimmed(c.cells), map[string]int{}
	for i, name := range header {
		if _, twice := index[name]; twice && wanted[name] {
			return wrong(CodeTwice, c.at(i), "the column %.40q is there twice", name)
		}
		index[name] = i
	}
	c.header, c.index = header, index
	return nil
}

// findLabels takes what stands beside the mapping's labels: the next cell of the row with something in it.
func (c *csvFile) findLabels() error {
	for _, field := range statementFields() {
		label := c.Labels[field]
		for i, text := range c.cells {
			if label == "" || plainLabel(text) != plainLabel(label) {
				continue
			}
			value := c.behind(i)
			if before, twice := c.labels[field]; twice && before.text != value.text {
				return wrong(CodeTwice, value.at, "%.40q is there twice: %.40q and %.40q", label, before.text, value.text)
			}
			c.labels[field] = value
			break
		}
	}
	return nil
}

func (c *csvFile) behind(i int) cell {
	for j := i + 1; j < len(c.cells); j++ {
		if text := strings.TrimSpace(c.cells[j]); text != "" {
			return cell{text: text, at: c.at(j)}
		}
	}
	return cell{at: c.at(i)}
}

// isLabelled reports a row with one of the labels in its first cell: it is no line.
func (c *csvFile) isLabelled() bool {
	for _, label := range c.Labels {
		if plainLabel(c.cells[0]) == plainLabel(label) {
			return true
		}
	}
	return false
}

func plainLabel(text string) string {
	return strings.ToLower(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(text), ":")))
}

func trimmed(cells []string) []string {
	out := make([]string, len(cells))
	for i, text := range cells {
		out[i] = strings.TrimSpace(text)
	}
	return out
}
