package journal

import (
	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/projections/listing"
)

// Basis is the date that the books are asked by.
type Basis string

// The bases.
const (
	ByPosted    Basis = "posted"    // as the months were closed: what came late stands in the month that was open then
	ByEffective Basis = "effective" // as things were, whenever they became known
)

// Bases lists both.
func Bases() []Basis { return []Basis{ByPosted, ByEffective} }

// orPosted is the basis asked for; none is by posting date.
// Errors: a Rejection of kind Invalid that names by.
func (b Basis) orPosted() (Basis, error) {
	if b == "" {
		return ByPosted, nil
	}
	return b, domain.AdmitOneOf("by", b, Bases()...)
}

// column is where entries and lines hold the day.
func (b Basis) column() string { return string(b) + "_on" }

// Days are from a first to a last day, both included; a zero one leaves that side open.
type Days struct {
	From domain.Date
	To   domain.Date
}

// within wants a day of these in a column.
func (d Days) within(w *listing.Where, column string) {
	if !d.From.IsZero() {
		w.That(column+" >= ?", d.From.String())
	}
	if !d.To.IsZero() {
		w.That(column+" <= ?", d.To.String())
	}
	w.Refuse(d.check())
}

func (d Days) check() error {
	if !d.From.IsZero() && !d.To.IsZero() && d.To.Compare(d.From) < 0 {
		return domain.Invalid("to", "%s is before the first day, %s", d.To, d.From)
	}
	return nil
}

// Books lists both books.
func Books() []Book { return []Book{Budgetary, Financial} }
