package intake

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/channelledger/channelledger/domain/account"
)

// Bounds of a list of customers.
const (
	MaxNames     = 100_000  // rows
	MaxNamesFile = 32 << 20 // bytes
)

// The columns of a list of customers; only the first must be there.
const (
	nameColumn    = "name"
	domainColumn  = "domain"
	countryColumn = "country"
	taxIDColumn   = "tax_id"
	lineColumn    = "product_line"
)

// Named is one customer of a list.
type Named struct {
	Line     int // of the file, 1 for its first
	Customer account.Customer
	Products []string // products or product lines; none: whichever
	Wrong    string   // why the row can't be read; empty where it can
}

// ReadNames reads a list of customers: CSV with a header that has the column name, and may have domain, country, tax_id and
// product_line (several apart by semicolons), separated by commas, or by semicolons all over; or else one name a line.
// Empty lines are passed over. What is wrong with one row is noted in it.
// Errors: the file is too large, has too many rows, or is in another encoding than UTF-8.
func ReadNames(f File) ([]Named, error) {
	if len(f.Data) > MaxNamesFile {
		return nil, fmt.Errorf("%s has more than %d bytes: split it", f.Name, MaxNamesFile)
	}
	data, err := textOf(f)
	if err != nil {
		return nil, err
	}
	var names []Named
	if comma, ok := headed(data); ok {
		names, err = namesOfTable(f, comma)
	} else {
		names = namesOfLines(data)
	}
	if err == nil && len(names) > MaxNames {
		err = fmt.Errorf("%s has %d rows: want at most %d", f.Name, len(names), MaxNames)
	}
	return names, err
}

// headed reports whether the first line is a header, and what separates its columns.
func headed(data []byte) (comma rune, ok bool) {
	first, _, _ := bytes.Cut(data, []byte("\n"))
	for _, comma := range []rune{',', ';'} {
		for cell := range strings.SplitSeq(string(first), string(comma)) {
			if column(cell) == nameColumn {
				return comma, true
			}
		}
	}
	return 0, false
}

// column is a name of a column as it is compared.
func column(cell string) string { return strings.ToLower(strings.Trim(strings.TrimSpace(cell), `"`)) }

func namesOfTable(f File, comma rune) (names []Named, err error) {
	t, err := readTable(f, comma)
	if err != nil {
		return nil, err
	}
	for i, cell := range t.header {
		t.index[column(cell)] = i
	}
	for _, r := range t.rows {
		n := Named{Line: r.line, Wrong: r.wrong}
		if n.Wrong == "" {
			n.Customer = account.Customer{
				Name: t.cell(r, nameColumn), Domain: t.cell(r, domainColumn),
				Country: t.cell(r, countryColumn), TaxID: t.cell(r, taxIDColumn),
			}
			n.Products = strings.FieldsFunc(t.cell(r, lineColumn), func(r rune) bool { return r == ';' })
			for i, p := range n.Products {
				n.Products[i] = strings.TrimSpace(p)
			}
		}
		names = append(names, n)
	}
	return names, nil
}

func namesOfLines(data []byte) (names []Named) {
	line := 0
	for text := range bytes.Lines(data) {
		line++
		name := strings.TrimSpace(string(text))
		if name != "" {
			names = append(names, Named{Line: line, Customer: account.Customer{Name: name}, Wrong: wrongCells([]string{name})})
		}
	}
	return names
}
