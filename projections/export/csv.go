package export

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"strings"
)

// csvRows writes RFC 4180: lines end in CRLF, every line has as many fields, the first names the columns.
type csvRows struct {
	*csv.Writer
	fields []string
}

func newCSVRows(w io.Writer, names []string) (*csvRows, error) {
	to := csv.NewWriter(w)
	to.UseCRLF = true
	return &csvRows{Writer: to, fields: make([]string, len(names))}, to.Write(names)
}

func (c *csvRows) row(cells []cell) error {
	for i, of := range cells {
		c.fields[i] = of.text
		if of.kind == isText {
			c.fields[i] = harmless(of.text)
		}
	}
	return c.Write(c.fields)
}

// The characters that make spreadsheet programs take what follows for a formula (OWASP, CSV injection), the full-width ones
// included; and those behind which some of them begin a new cell.
const (
	beginsFormula = "=+-@＝＋－＠"
	beginsText    = "\t\r\n" // at the beginning of a text they do the same
	beginsCell    = ";\t\r\n"
)

// harmless puts an apostrophe before what a spreadsheet program would calculate, also in the middle of a text: where the
// list separator is a semicolon, a cell may begin there.
func harmless(text string) string {
	var b strings.Builder
	begins := true
	for i, r := range text {
		if begins && strings.ContainsRune(beginsFormula, r) || i == 0 && strings.ContainsRune(beginsText, r) {
			b.WriteByte('\'')
		}
		begins = strings.ContainsRune(beginsCell, r) || begins && r == ' '
		b.WriteRune(r)
	}
	return b.String()
}

// csvFile is a CSV file in the making.
type csvFile struct {
	*csvRows
	body *spool
}

func newCSV(names []string) (sink, error) {
	body, err := newSpool()
	if err != nil {
		return nil, err
	}
	rows, err := newCSVRows(body, names)
	if err != nil {
		return nil, errors.Join(err, body.discard())
	}
	return &csvFile{rows, body}, nil
}

func (c *csvFile) discard() error { return c.body.discard() }

func (c *csvFile) finish(about About, rows int64) (*File, error) {
	c.Flush()
	if err := c.Error(); err != nil {
		return nil, err
	}
	if err := c.body.end(); err != nil {
		return nil, err
	}
	sum, err := c.body.sum(nil)
	if err != nil {
		return nil, err
	}
	header := Header{about, rows, sum}
	top, err := header.records(len(c.fields))
	return &File{Header: header, Format: CSV, top: top, body: c.body}, err
}

// records are the header of a CSV file: lines with as many fields as all others, which a reader that knows comments passes
// over because they begin with #.
func (h Header) records(width int) ([]byte, error) {
	var b bytes.Buffer
	to := csv.NewWriter(&b)
	to.UseCRLF = true
	for _, field := range h.fields() {
		record := make([]string, max(2, width))
		record[0], record[1] = "# "+field[0], harmless(oneLine(field[1]))
		if err := to.Write(record); err != nil {
			return nil, err
		}
	}
	to.Flush()
	return b.Bytes(), to.Error()
}
