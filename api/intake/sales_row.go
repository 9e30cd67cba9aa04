package intake

import (
	"fmt"
	"strings"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/rebate"
)

// saleRow is one row of a file of sales, and why it was set aside.
type saleRow struct {
	table  *table
	record record

	reference string
	reverses  string // the reference of the sale that it takes back
	partner   uuid.UUID
	soldOn    domain.Date
	product   string
	line      string
	amount    domain.Money // above 0
	rejected  *Reject
}

// set keeps the first thing that is wrong with the row.
func (r *saleRow) set(f fault) {
	if r.rejected == nil {
		r.rejected = (&row{table: r.table, record: r.record}).reject(f)
	}
}

// content is what makes the row another one where it changes.
func (r *saleRow) content() []string {
	return []string{r.reverses, r.partner.String(), r.soldOn.String(), r.product, r.line, r.amount.String()}
}

// read makes a row of a record, set aside for the first field that is wrong.
func (i *salesImporter) read(t *table, rec record) *saleRow {
	r := &saleRow{table: t, record: rec}
	switch {
	case rec.wrong != "":
		r.set(fault{"", Malformed, rec.wrong})
		return r
	case len(rec.cells) != len(t.header):
		r.set(fault{"", Malformed, fmt.Sprintf("has %d columns, and the header %d", len(rec.cells), len(t.header))})
		return r
	}
	i.readReference(r)
	i.readPartner(r)
	i.readDay(r)
	r.product, r.line, r.reverses = i.cell(r, SaleProduct), i.cell(r, SaleLine), i.cell(r, Reverses)
	if r.product == "" && r.reverses == "" {
		r.set(fault{i.Mapping.Columns[SaleProduct], Missing, "is empty: want product"})
	}
	i.readAmount(r)
	return r
}

func (i *salesImporter) cell(r *saleRow, f SalesField) string {
	return r.table.cell(r.record, i.Mapping.Columns[f])
}

// unambiguous keeps "a/b" and "c" another reference than "a" and "b/c".
var unambiguous = strings.NewReplacer(`\`, `\\`, "/", `\/`)

// readReference joins the columns that name the row, as in INV-1/2; one column alone is taken as it is.
func (i *salesImporter) readReference(r *saleRow) {
	parts := make([]string, len(i.Mapping.Reference))
	for n, column := range i.Mapping.Reference {
		if parts[n] = r.table.cell(r.record, column); parts[n] == "" {
			r.set(fault{column, Missing, "is empty: want what names the sale"})
		}
		if len(parts) > 1 {
			parts[n] = unambiguous.Replace(parts[n])
		}
	}
	r.reference = strings.Join(parts, "/")
	if err := domain.AdmitText("", r.reference, rebate.MaxReference); err != nil {
		r.set(fault{strings.Join(i.Mapping.Reference, "+"), Unreadable, err.Error()})
	}
}

func (i *salesImporter) readPartner(r *saleRow) {
	column := i.Mapping.Columns[SalePartner]
	if column == "" {
		r.partner = i.Mapping.Partner
		return
	}
	name := i.cell(r, SalePartner)
	var known bool
	switch r.partner, known = i.Mapping.Partners[name]; {
	case name == "":
		r.set(fault{column, Missing, "is empty: want partner"})
	case !known:
		r.set(*unknown(column, name, "one of the mapping's partners", i.partners))
	}
}

func (i *salesImporter) readDay(r *saleRow) {
	column, text := i.Mapping.Columns[SoldOn], i.cell(r, SoldOn)
	if text == "" {
		r.set(fault{column, Missing, "is empty: want sold_on"})
		return
	}
	day, err := ParseDay(text, i.Mapping.Dates)
	switch {
	case err != nil:
		r.set(fault{column, Unreadable, err.Error()})
	case day.Compare(i.today) > 0:
		r.set(fault{column, Unreadable, fmt.Sprintf("%s is in the future: want what has happened", day)})
	}
	r.soldOn = day
}

// readAmount takes an amount above 0; of a row that takes a sale back, also one below.
func (i *salesImporter) readAmount(r *saleRow) {
	column, text := i.Mapping.Columns[SaleAmount], i.cell(r, SaleAmount)
	currency := i.cell(r, SaleCurrency)
	if currency == "" {
		currency = i.Mapping.Currency
	}
	if text == "" {
		r.set(fault{column, Missing, "is empty: want amount"})
		return
	}
	amount, err := domain.ParseMoney(text, currency)
	switch {
	case err != nil:
		r.set(fault{column, Unreadable, err.Error()})
	case amount.Sign() == 0:
		r.set(fault{column, Unreadable, "want more than 0"})
	case amount.Sign() < 0 && r.reverses == "":
		r.set(fault{column, Unreadable, fmt.Sprintf("%s is below 0: a row that takes a sale back names it under reverses", amount)})
	}
	r.amount = amount.Abs()
}
