package export

import (
	"bytes"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/projections/journal"
)

// hledger writes what hledger check --strict takes (hledger's manual, journal format).
type hledger struct{}

func (hledger) declare(w *bytes.Buffer, b *books) {
	w.WriteString("\ndecimal-mark .\n")
	for _, of := range b.currencies {
		fmt.Fprintf(w, "commodity %s %s\n", sample(of), of.Currency())
	}
	for _, a := range b.accounts() {
		fmt.Fprintf(w, "account %s\n", b.names.known[a])
	}
}

// sample shows how many decimals a currency has. hledger wants a decimal mark also where there are none.
func sample(nought domain.Money) string {
	_, decimals, _ := strings.Cut(nought.Decimal(), ".")
	return "1000." + decimals
}

func (hledger) entry(w *bytes.Buffer, day domain.Date, e journal.Entry, names []string) {
	fmt.Fprintf(w, "\n%s %s\n", day, e.Type)
	fmt.Fprintf(w, "    ; book:%s, posted:%s", e.Book, e.PostedOn)
	if e.Event != uuid.Nil {
		fmt.Fprintf(w, ", effective:%s, recorded:%s\n", stamp(e.EffectiveAt), stamp(e.RecordedAt))
		fmt.Fprintf(w, "    ; event:%s, stream:%s, revision:%d", e.Event, e.Stream, e.Revision)
	}
	w.WriteByte('\n')
	for i, l := range e.Lines {
		fmt.Fprintf(w, "    %s  %s %s\n", names[i], l.Amount.Decimal(), l.Amount.Currency())
	}
}

// assert is a transaction that moves nothing: it stands behind all others of the last day.
func (hledger) assert(w *bytes.Buffer, last domain.Date, name string, balance domain.Totals) {
	fmt.Fprintf(w, "\n%s balance\n", last)
	for _, of := range balance {
		nought := domain.Must(of.Sub(of))
		fmt.Fprintf(w, "    %s  %s %s = %s %s\n", name, nought.Decimal(), of.Currency(), of.Decimal(), of.Currency())
	}
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }
