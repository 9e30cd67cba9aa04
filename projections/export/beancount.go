package export

import (
	"bytes"
	"fmt"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/projections/journal"
)

// beancount writes what bean-check takes (beancount's language syntax, versions 2 and 3).
type beancount struct{}

// declare opens everything on the first day.
func (beancount) declare(w *bytes.Buffer, b *books) {
	w.WriteString("\noption \"title\" \"Channelledger\"\n")
	for _, of := range b.currencies {
		fmt.Fprintf(w, "option \"operating_currency\" %q\n", of.Currency())
	}
	for _, of := range b.currencies {
		fmt.Fprintf(w, "%s commodity %s\n", b.first, of.Currency())
	}
	for _, a := range b.accounts() {
		fmt.Fprintf(w, "%s open %s\n", b.first, b.names.known[a])
	}
}

func (beancount) entry(w *bytes.Buffer, day domain.Date, e journal.Entry, names []string) {
	fmt.Fprintf(w, "\n%s * %q\n", day, e.Type)
	fmt.Fprintf(w, "  book: %q\n  posted: %s\n", e.Book, e.PostedOn)
	if e.Event != uuid.Nil {
		fmt.Fprintf(w, "  effective: %q\n  recorded: %q\n", stamp(e.EffectiveAt), stamp(e.RecordedAt))
		fmt.Fprintf(w, "  event: %q\n  stream: %q\n  revision: %d\n", e.Event, e.Stream, e.Revision)
	}
	for i, l := range e.Lines {
		fmt.Fprintf(w, "  %s  %s %s\n", names[i], l.Amount.Decimal(), l.Amount.Currency())
	}
}

// assert is of the morning after: beancount compares before the day's transactions, and by itself tolerates a unit of the
// last decimal.
func (beancount) assert(w *bytes.Buffer, last domain.Date, name string, balance domain.Totals) {
	for _, of := range balance {
		fmt.Fprintf(w, "%s balance %s  %s ~ 0 %s\n", last.AddDays(1), name, of.Decimal(), of.Currency())
	}
}
