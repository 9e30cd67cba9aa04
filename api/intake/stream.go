package intake

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
)

// maxRow bounds a row of a file that is read as a stream, in bytes.
const maxRow = 1 << 20

// rowStream reads the rows of a CSV file of any size one by one (RFC 4180). A row that is no CSV costs its first line: a
// quote that is never closed doesn't swallow the rest of the file.
type rowStream struct {
	from    *bufio.Reader
	comma   rune
	line    int      // of the next line
	pending [][]byte // lines that were read and given back
}

// openStream starts behind the byte order mark.
// Errors: those of r; the file is in another encoding than UTF-8.
func openStream(name string, r io.Reader, comma rune) (*rowStream, *table, error) {
	s := &rowStream{from: bufio.NewReaderSize(r, 64<<10), comma: comma, line: 1}
	start, err := s.from.Peek(3)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, nil, err
	}
	if _, err := textOf(File{Name: name, Data: start}); err != nil {
		return nil, nil, err
	}
	if bytes.HasPrefix(start, []byte("\xef\xbb\xbf")) {
		_, _ = s.from.Discard(3) // peeked
	}
	t := &table{name: name}
	header, ok, err := s.next()
	switch {
	case err != nil:
		return nil, nil, err
	case !ok:
		return nil, nil, fmt.Errorf("%s is empty: want a header", name)
	case header.wrong != "":
		return nil, nil, fmt.Errorf("%s line %d, the header: %s", name, header.line, header.wrong)
	}
	return s, t, t.setHeader(header.cells)
}

// next is the next row; false at the file's end. Errors: those of the reader.
func (s *rowStream) next() (record, bool, error) {
	for {
		lines, err := s.take()
		if err != nil || len(lines) == 0 {
			return record{}, false, err
		}
		if len(lines) == 1 && len(bytes.TrimRight(lines[0], "\r\n")) == 0 {
			s.line++
			continue // as the reader of whole files does
		}
		return s.parse(lines), true, nil
	}
}

// take reads lines until their quotes are even: that is a row, unless it is none.
func (s *rowStream) take() (lines [][]byte, err error) {
	quotes, size := 0, 0
	for {
		line, err := s.readLine()
		if err != nil {
			return nil, err
		}
		if len(line) == 0 {
			return lines, nil
		}
		lines = append(lines, line)
		quotes += bytes.Count(line, []byte(`"`))
		if size += len(line); quotes%2 == 0 || size > maxRow {
			return lines, nil
		}
	}
}

// readLine is the next line with its end; empty at the file's end.
func (s *rowStream) readLine() ([]byte, error) {
	if len(s.pending) > 0 {
		line := s.pending[0]
		s.pending = s.pending[1:]
		return line, nil
	}
	var line []byte
	for {
		part, err := s.from.ReadSlice('\n')
		line = append(line, part...)
		switch {
		case err == nil || errors.Is(err, io.EOF):
			return line, nil
		case !errors.Is(err, bufio.ErrBufferFull):
			return nil, err
		case len(line) > maxRow:
			return nil, fmt.Errorf("line %d has more than %d bytes", s.line, maxRow)
		}
	}
}

// parse makes a row of its lines. What is no row is its first line as one cell; the others are read again.
func (s *rowStream) parse(lines [][]byte) record {
	at := s.line
	reader := csv.NewReader(bytes.NewReader(bytes.Join(lines, nil)))
	reader.Comma, reader.FieldsPerRecord = s.comma, -1
	cells, err := reader.Read()
	if err == nil {
		s.line += len(lines)
		return record{line: at, cells: cells, wrong: wrongCells(cells)}
	}
	if parse, ok := errors.AsType[*csv.ParseError](err); ok {
		err = parse.Err
	}
	s.line++
	s.pending = append(append([][]byte{}, lines[1:]...), s.pending...)
	return record{line: at, cells: []string{strings.TrimRight(string(lines[0]), "\r\n")}, wrong: "is no CSV: " + err.Error()}
}
