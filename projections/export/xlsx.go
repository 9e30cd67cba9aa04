package export

import (
	"archive/zip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"
)

const (
	aboutSheet = "About"
	columnWide = 20 // characters
	// exactDigits is how many digits every spreadsheet program keeps of a number; a longer one is written as text.
	exactDigits = 15
)

// xlsxFile is a workbook in the making: a sheet of rows under a frozen header, further ones where the format's 1 048 576 rows
// don't do, and a sheet that says what it is. Its hash is that of the same rows as CSV.
type xlsxFile struct {
	name   string
	names  []string
	book   *excelize.File
	sheet  *excelize.StreamWriter
	sheets int
	used   int // rows of the sheet
	limit  int // rows that a sheet takes
	styles map[string]int
	hash   hash.Hash
	rows   *csvRows // into the hash
	values []any
}

func newXLSX(name string, names []string) (sink, error) {
	x := &xlsxFile{
		name: name, names: names, book: excelize.NewFile(), styles: map[string]int{}, hash: sha256.New(),
		values: make([]any, len(names)), limit: excelize.TotalRows,
	}
	var err error
	if x.rows, err = newCSVRows(x.hash, names); err == nil {
		err = x.nextSheet()
	}
	if err != nil {
		return nil, errors.Join(err, x.discard())
	}
	return x, nil
}

func (x *xlsxFile) discard() error { return x.book.Close() }

// nextSheet ends the sheet, if there is one, and begins another.
func (x *xlsxFile) nextSheet() error {
	x.sheets++
	name := x.name
	if x.sheets > 1 {
		name = fmt.Sprintf("%s %d", x.name, x.sheets)
		if err := x.sheet.Flush(); err != nil {
			return err
		}
		if _, err := x.book.NewSheet(name); err != nil {
			return err
		}
	} else if err := x.book.SetSheetName("Sheet1", name); err != nil {
		return err
	}
	sheet, err := x.book.NewStreamWriter(name)
	if err != nil {
		return err
	}
	x.sheet, x.used = sheet, 0
	return x.head()
}

// head writes the names of the columns, which stay in sight.
func (x *xlsxFile) head() error {
	if err := x.sheet.SetColWidth(1, len(x.names), columnWide); err != nil {
		return err
	}
	panes := excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}
	if err := x.sheet.SetPanes(&panes); err != nil {
		return err
	}
	bold, err := x.book.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}})
	if err != nil {
		return err
	}
	for i, name := range x.names {
		x.values[i] = excelize.Cell{StyleID: bold, Value: name}
	}
	return x.write()
}

func (x *xlsxFile) write() error {
	x.used++
	return x.sheet.SetRow("A"+strconv.Itoa(x.used), x.values)
}

func (x *xlsxFile) row(cells []cell) (err error) {
	if err := x.rows.row(cells); err != nil {
		return err
	}
	if x.used == x.limit {
		if err := x.nextSheet(); err != nil {
			return err
		}
	}
	for i, of := range cells {
		if x.values[i], err = x.value(of); err != nil {
			return err
		}
	}
	return x.write()
}

// value is a cell as the workbook holds it: a text stays one, whatever it begins with.
func (x *xlsxFile) value(of cell) (any, error) {
	switch {
	case of.text == "":
		return nil, nil
	case of.kind == isDay:
		return x.styled("yyyy-mm-dd", of.moment)
	case of.kind == isMoment:
		return x.styled("yyyy-mm-dd hh:mm:ss.000", of.moment)
	case of.kind == isNumber && digits(of.text) <= exactDigits:
		number, err := strconv.ParseFloat(of.text, 64) // up to 15 digits it is written out as it was read
		if err != nil {
			return nil, err
		}
		return x.styled(numberFormat(of.text), number)
	default:
		return of.text, nil
	}
}

func digits(number string) int {
	return len(number) - strings.Count(number, "-") - strings.Count(number, ".")
}

// numberFormat shows as many decimals as the number has, which are its currency's.
func numberFormat(number string) string {
	_, decimals, _ := strings.Cut(number, ".")
	if decimals == "" {
		return "0"
	}
	return "0." + strings.Repeat("0", len(decimals))
}

func (x *xlsxFile) styled(format string, value any) (excelize.Cell, error) {
	style, ok := x.styles[format]
	if !ok {
		var err error
		if style, err = x.book.NewStyle(&excelize.Style{CustomNumFmt: &format}); err != nil {
			return excelize.Cell{}, err
		}
		x.styles[format] = style
	}
	return excelize.Cell{StyleID: style, Value: value}, nil
}

func (x *xlsxFile) finish(about About, rows int64) (*File, error) {
	x.rows.Flush()
	if err := errors.Join(x.rows.Error(), x.sheet.Flush()); err != nil {
		return nil, err
	}
	header := Header{about, rows, hex.EncodeToString(x.hash.Sum(nil))}
	if err := x.describe(header); err != nil {
		return nil, err
	}
	body, err := newSpool()
	if err != nil {
		return nil, err
	}
	if err := errors.Join(x.save(body), x.book.Close()); err != nil {
		return nil, errors.Join(err, body.discard())
	}
	return &File{Header: header, Format: XLSX, body: body}, nil
}

// describe adds the sheet that says what the others are.
func (x *xlsxFile) describe(h Header) error {
	if _, err := x.book.NewSheet(aboutSheet); err != nil {
		return err
	}
	for i, field := range h.fields() {
		if err := x.book.SetSheetRow(aboutSheet, "A"+strconv.Itoa(i+1), &[]any{field[0], field[1]}); err != nil {
			return err
		}
	}
	return x.book.SetColWidth(aboutSheet, "A", "B", columnWide)
}

// save writes the workbook straight to the spool: excelize by itself would hold all of it in memory.
func (x *xlsxFile) save(to *spool) error {
	x.book.SetZipWriter(func(io.Writer) excelize.ZipWriter { return zip.NewWriter(to) })
	if _, err := x.book.WriteTo(io.Discard); err != nil {
		return err
	}
	return to.end()
}
