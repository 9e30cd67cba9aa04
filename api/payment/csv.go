package payment

import (
	"encoding/csv"
	"fmt"
	"io"
	"strings"
)

// writeCSV writes RFC 4180: lines end in CRLF, the first names the columns. It is for banks that read no ISO 20022, and for
// people: nothing in it starts a formula.
func writeCSV(w io.Writer, b Batch) error {
	total, err := b.total()
	if err != nil {
		return err
	}
	to := csv.NewWriter(w)
	to.UseCRLF = true
	rows := [][]string{{
		"message_id", "number", "end_to_end_id", "execution_on", "debtor_name", "debtor_iban", "debtor_bic",
		"creditor_name", "creditor_account", "creditor_bic", "amount", "currency", "remittance", "batch_total",
	}}
	for i, t := range b.Transfers {
		rows = append(rows, []string{
			b.MessageID, fmt.Sprint(i + 1), t.EndToEndID, b.ExecutionOn.String(), harmless(b.Debtor.Name), b.Debtor.IBAN, b.Debtor.BIC,
			harmless(t.Name), harmless(t.Account), t.BIC, t.Amount.Decimal(), t.Amount.Currency(), harmless(t.Remittance), total.Decimal(),
		})
	}
	return to.WriteAll(rows) // flushes
}

// harmless is a text that a spreadsheet doesn't take for a formula: an apostrophe goes before what would begin one, also
// behind what some spreadsheets split a line at (OWASP, CSV injection).
func harmless(text string) string {
	var safe strings.Builder
	begins := true
	for _, r := range text {
		if begins && strings.ContainsRune("=+-@\t\r\n＝＋－＠", r) {
			safe.WriteByte('\'')
		}
		begins = strings.ContainsRune(";\t\r\n", r) || begins && r == ' '
		safe.WriteRune(r)
	}
	return safe.String()
}
