package api_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/domaintest"
	"github.com/channelledger/channelledger/domain/statement"
)

func everyHealthRoute(t *testing.T, w *world) {
	t.Helper()
	w.banks("1", "2026-02-20", "2026-03-01")
	for _, path := range []string{"/v1/books/health", "/v1/books/health/late", "/v1/books/health/open-payments"} {
		w.auditor().get(path + "?wait_for=" + w.end().String()).is(200)
		w.auditor().get(path + "?effective_at=2026-03-02&known_at=2026-03-02").is(200)
		w.desk().get(path).problem(403, "role")
	}
}

// banks takes a statement with a line of 10 euros out for each day, and resolves the last one.
func (w *world) banks(number string, days ...string) {
	w.t.Helper()
	do := func(n int, c statement.Command) {
		header := domain.Header{CommandID: domain.CommandID("bank "+number, fmt.Sprint(n)), Actor: domaintest.Importer()}
		_, err := w.ledger.Statements.Do(w.t.Context(), statement.IDOf(iban, number), header, c)
		require.NoError(w.t, err)
	}
	euros := func(n int) domain.Money { return domain.Must(domain.NewMoney(int64(n)*100, "EUR")) }
	var lines []statement.Line
	for i, day := range days {
		lines = append(lines, statement.Line{
			Number: i + 1, Outgoing: true, Amount: euros(10), BookedOn: domain.Must(domain.ParseDate(day)), Identity: fmt.Sprintf("%032x", i),
		})
	}
	do(1, statement.Import{
		BankAccount: iban, Currency: "EUR", Format: statement.Camt053, SHA256: strings.Repeat("0a", 32), InFile: 1, Number: number,
		From: lines[0].BookedOn, To: lines[len(lines)-1].BookedOn, Opening: euros(1000), Closing: euros(1000 - 10*len(lines)),
		LineCount: len(lines), In: euros(0), Out: euros(10 * len(lines)), KnownIn: euros(0), KnownOut: euros(0),
	})
	do(2, statement.RecordLines{Lines: lines})
	do(3, statement.ResolveLine{Line: len(lines), Account: "expense:bank_charges", Resolution: "fee"})
}

// Each number says what it is a part of, and where the rest is listed; Prometheus is told the same.
func TestBookHealth(t *testing.T) {
	w := newWorld(t)
	w.banks("1", "2026-01-20", "2026-02-20", "2026-03-01")
	read := w.auditor().get("/v1/books/health?wait_for=" + w.end().String()).is(200)
	require.Len(t, read.list("data"), 1)
	account := read.list("data")[0].(object)
	require.Equal(t, iban, account["bank_account"])
	require.Equal(t, "2026-03-01", account["covered_until"])
	completeness, timeliness, clearing := account["completeness"].(object), account["timeliness"].(object), account["clearing"].(object)
	require.Equal(t, []any{"1", "3", "0.3333"}, []any{completeness["part"], completeness["whole"], completeness["ratio"]})
	require.Equal(t, []any{"1", "3", "0.3333"}, []any{timeliness["part"], timeliness["whole"], timeliness["ratio"]})
	require.Equal(t, []any{"0.00", "0.00", nil}, []any{clearing["part"], clearing["whole"], clearing["ratio"]})
	require.Len(t, w.auditor().get(timeliness["rest"].(string)).is(200).list("data"), 2)
	require.Empty(t, w.auditor().get(clearing["rest"].(string)).is(200).list("data"))
	require.Empty(t, w.auditor().get("/v1/books/health?known_at=2026-03-01").is(200).list("data"))

	scraped := string(w.as("").get("/metrics").is(200).body)
	require.Contains(t, scraped, `channelledger_books_completeness{bank_account="`+iban+`",currency="EUR"} 0.3333`)
	require.NotContains(t, scraped, "channelledger_books_clearing{", "nothing was sent")

	// What is unmatched for more than 30 days at the month's end stands in the way of closing it.
	w.finance().post(february+"/cut", object{}).is(201)
	checks := w.finance().get(february + "/checks").is(200)
	require.Contains(t, string(checks.body), `"name":"unmatched_lines"`)
	for _, c := range checks.list("data", "checks") {
		if c := c.(object); c["name"] == "unmatched_lines" {
			require.Equal(t, "failed", c["result"])
			require.Len(t, c["findings"], 1)
		}
	}
}
