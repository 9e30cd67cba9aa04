package api_test

import (
	"encoding/csv"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"

	"github.com/channelledger/channelledger/domain"
)

// exported are the rows of a CSV export, behind its header.
func exported(t *testing.T, a answer) [][]string {
	t.Helper()
	reader := csv.NewReader(strings.NewReader(string(a.body)))
	reader.Comment = '#'
	rows, err := reader.ReadAll()
	require.NoError(t, err)
	return rows[1:]
}

func TestTheBooksAreExportedOverHTTP(t *testing.T) {
	t.Parallel()
	w, north, wait := booked(t)
	a := w.finance().get("/v1/exports/journal.csv?" + wait).is(200)
	require.Equal(t, "text/csv; charset=utf-8", a.header.Get("Content-Type"))
	require.Equal(t, `attachment; filename="journal.csv"`, a.header.Get("Content-Disposition"))
	position := a.header.Get("Ledger-Position")
	require.Contains(t, string(a.body), "# position,"+position+",")
	require.Greater(t, len(exported(t, a)), 8)

	again := w.auditor().get("/v1/exports/journal.csv?known_at=" + position).is(200)
	require.Equal(t, exported(t, a), exported(t, again), "the same position, the same rows")
	require.Contains(t, string(again.body), "known_at="+position)
	require.Empty(t, exported(t, w.auditor().get("/v1/exports/journal.csv?effective_at=2026-01-01").is(200)))
	require.Empty(t, exported(t, w.auditor().get("/v1/exports/journal.csv?to=2026-01-01&by=effective").is(200)))

	statement := exported(t, w.finance().get("/v1/exports/statement.csv?account=fund:reserved&party=fund:"+north.fund).is(200))
	require.Len(t, statement, 4, "opening, two lines, closing")
	claims := exported(t, w.finance().get("/v1/exports/claims.csv").is(200))
	require.Len(t, claims, 1)
	require.Contains(t, claims[0], "120.00")
	require.Empty(t, exported(t, w.finance().get("/v1/exports/claims.csv?partner_id="+newID()).is(200)))
	accruals := exported(t, w.finance().get("/v1/exports/accruals.csv").is(200))
	require.Len(t, accruals, 1)
	require.Contains(t, accruals[0], "180.00")
}

func TestEveryExportComesInItsFormats(t *testing.T) {
	t.Parallel()
	w, _, wait := booked(t)
	for what, query := range map[string]string{
		"journal": "book=financial", "trial-balance": "parties=true", "statement": "account=liability:mdf_payable", "claims": "", "accruals": "",
	} {
		text := w.finance().get("/v1/exports/" + what + ".csv?" + query + "&" + wait).is(200)
		book, err := excelize.OpenReader(strings.NewReader(string(w.finance().get("/v1/exports/" + what + ".xlsx?" + query).is(200).body)))
		require.NoError(t, err)
		rows, err := book.GetRows(what)
		require.NoError(t, err)
		require.Len(t, rows, 1+len(exported(t, text)), what)
		require.NoError(t, book.Close())
	}
	for _, format := range []string{"hledger", "beancount"} {
		text := string(w.finance().get("/v1/exports/journal." + format).is(200).body)
		require.True(t, strings.HasPrefix(text, "; channelledger export: 1\n"))
	}
}

func TestExportsThatAreRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	north := w.partner("north")
	for _, role := range domain.Roles() {
		status := w.as("somebody-1", role).get("/v1/exports/trial-balance.csv").status
		switch role {
		case domain.Finance, domain.Treasury, domain.Auditor, domain.ServiceRole:
			require.Equal(t, http.StatusOK, status, role)
		default:
			require.Equal(t, http.StatusForbidden, status, role)
		}
	}
	w.as("somebody-1", domain.Finance).of(north.id).get("/v1/exports/journal.csv").problem(403, "vendor_only")
	for path, rule := range map[string]string{
		"journal.pdf": "", "claims.hledger": "", "journal": "",
		"statement.csv":                               "account",
		"journal.csv?account=asset:bank":              "account",
		"claims.csv?from=2026-01-01":                  "from",
		"statement.csv?account=a&book=financial":      "book",
		"journal.csv?parties=true":                    "parties",
		"journal.csv?partner_id=" + newID():           "partner_id",
		"journal.csv?from=2026-02-01&to=2026-01-01":   "to",
		"journal.csv?known_at=yesterday":              "known_at",
		"trial-balance.csv?by=mood":                   "by",
		"accruals.csv?partner_id=north":               "partner_id",
		"statement.csv?account=asset:bank&from=today": "from",
	} {
		a := w.finance().get("/v1/exports/" + path)
		require.Equal(t, 422, a.status, "%s: %s", path, a.body)
		require.Contains(t, string(a.body), rule, path)
	}
}
