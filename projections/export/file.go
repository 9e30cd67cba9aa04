package export

import (
	"bytes"
	"fmt"
	"io"
	"strings"
)

// Format is what a file is written as.
type Format string

// The formats.
const (
	CSV       Format = "csv"
	XLSX      Format = "xlsx"
	Hledger   Format = "hledger"
	Beancount Format = "beancount"
)

// Formats lists every format.
func Formats() []Format { return []Format{CSV, XLSX, Hledger, Beancount} }

// MediaType is what a browser is told.
func (f Format) MediaType() string {
	switch f {
	case CSV:
		return "text/csv; charset=utf-8"
	case XLSX:
		return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	default:
		return "text/plain; charset=utf-8"
	}
}

// Extension is how a file's name ends, without the dot: what hledger and beancount go by.
func (f Format) Extension() string { return string(f) }

// About says what a file is made from. Each is one line.
type About struct {
	What     string // what is listed, as in journal
	Position string // the log's, that the rows are as of
	Query    string // as in a URL: by=posted&from=2026-01-01
}

// Header stands at the beginning of a text file, each line a comment of its format, and on a sheet of its own in XLSX.
type Header struct {
	About
	Rows   int64  // data rows; of a journal the lines of its entries
	SHA256 string // hex: of all behind the header's last line; of an XLSX file that of the same rows as CSV
}

// version is the layout of files: columns, names of accounts, the header itself.
const version = "1"

// fields are the header's lines; SHA256 is the last.
func (h Header) fields() [][2]string {
	return [][2]string{
		{"channelledger export", version}, {"what", h.What}, {"position", h.Position}, {"query", h.Query},
		{"rows", fmt.Sprint(h.Rows)}, {"sha256", h.SHA256},
	}
}

// File is an export, ready to be sent. Whoever made it closes it.
type File struct {
	Header
	Format Format
	top    []byte // what stands before the spool
	body   *spool
}

// Size is the file's, in bytes.
func (f *File) Size() int64 { return int64(len(f.top)) + f.body.size }

// WriteTo writes the file, from its beginning each time.
func (f *File) WriteTo(w io.Writer) (n int64, err error) {
	top, err := w.Write(f.top)
	if err != nil {
		return int64(top), err
	}
	body, err := f.body.copyTo(w)
	return int64(top) + body, err
}

// Close deletes the temporary file.
func (f *File) Close() error { return f.body.discard() }

// comments are the header of a plain-text journal.
func (h Header) comments() []byte {
	var b bytes.Buffer
	for _, field := range h.fields() {
		fmt.Fprintf(&b, "; %s: %s\n", field[0], oneLine(field[1]))
	}
	return b.Bytes()
}

// oneLine keeps a value from ending its comment.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
