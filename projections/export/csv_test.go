package export_test

import (
	"encoding/csv"
	"errors"
	"iter"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/projections/export"
	"github.com/channelledger/channelledger/projections/journal"
)

type note struct {
	text   string
	amount domain.Money
}

var notes = export.Table[note]{
	export.Text("text", func(n note) string { return n.text }),
	export.Amount("amount", func(n note) domain.Money { return n.amount }),
}

func TestTheJournalAsCSV(t *testing.T) {
	t.Parallel()
	file := journalFile(t, export.CSV, fxEntry(), yenEntry())
	require.EqualValues(t, 6, file.Rows)
	checkHash(t, file)
	golden(t, "journal.csv", content(t, file))
}

// TestEveryLineOfACSVIsARecord: RFC 4180 wants as many fields in each line, and CRLF; readers that know comments pass over
// the header.
func TestEveryLineOfACSVIsARecord(t *testing.T) {
	t.Parallel()
	text := content(t, journalFile(t, export.CSV, fxEntry()))
	require.Equal(t, strings.Count(text, "\n"), strings.Count(text, "\r\n"))
	all, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	require.NoError(t, err)
	require.Equal(t, "# channelledger export", all[0][0])
	reader := csv.NewReader(strings.NewReader(text))
	reader.Comment = '#'
	rows, err := reader.ReadAll()
	require.NoError(t, err)
	require.Len(t, rows, 1+4)
	require.Equal(t, "posted_on", rows[0][0])
	require.Equal(t, "2026-02-01", rows[1][0])
}

// TestNoTextIsAFormula goes through OWASP's vectors.
func TestNoTextIsAFormula(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"=1+1":                         "'=1+1",
		"+1":                           "'+1",
		"-1":                           "'-1",
		"@SUM(A1)":                     "'@SUM(A1)",
		"\t=1":                         "'\t'=1",
		"\r\n=1":                       "'\r\n'=1",
		"＝1":                           "'＝1",
		"＋1":                           "'＋1",
		" =1":                          " '=1",
		`=HYPERLINK("http://x","y")`:   `'=HYPERLINK("http://x","y")`,
		"a;=cmd|' /C calc'!A0":         "a;'=cmd|' /C calc'!A0",
		"a\n=1":                        "a\n'=1",
		"Müller & Söhne, \"Messebau\"": "Müller & Söhne, \"Messebau\"",
		"a-b+c=d@e":                    "a-b+c=d@e",
		"":                             "",
	} {
		file, err := export.Write(export.CSV, about, notes, these(note{text, money("-5.00", "EUR")}))
		made(t, file, err)
		reader := csv.NewReader(strings.NewReader(content(t, file)))
		reader.Comment = '#'
		rows, err := reader.ReadAll()
		require.NoError(t, err)
		require.Equal(t, []string{strings.ReplaceAll(want, "\r\n", "\n"), "-5.00"}, rows[1], "a number stays one: %q", text)
	}
}

func TestWhateverIsWrittenReadsBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOfN(rapid.RuneFrom([]rune("ab,;\"' #éß\n")), 0, 12, -1).Draw(t, "text")
		amount := domain.Must(domain.NewMoney(rapid.Int64Range(-1e18, 1e18).Draw(t, "minor"), rapid.SampledFrom([]string{"EUR", "JPY", "KWD"}).Draw(t, "currency")))
		file, err := export.Write(export.CSV, about, notes, these(note{"x" + text, amount}, note{}))
		require.NoError(t, err)
		defer func() { require.NoError(t, file.Close()) }()
		var b strings.Builder
		_, err = file.WriteTo(&b)
		require.NoError(t, err)
		reader := csv.NewReader(strings.NewReader(b.String()))
		reader.Comment = '#'
		rows, err := reader.ReadAll()
		require.NoError(t, err)
		require.Equal(t, []string{"x" + text, amount.Decimal()}, rows[1])
		require.Equal(t, []string{"", ""}, rows[2])
	})
}

func TestAnErrorLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	broken := errors.New("broken")
	var fails iter.Seq2[journal.Entry, error] = func(yield func(journal.Entry, error) bool) {
		_ = yield(fxEntry(), nil) && yield(journal.Entry{}, broken)
	}
	for _, format := range export.Formats() {
		_, err := export.Journal(format, about, journal.ByPosted, fails)
		require.ErrorIs(t, err, broken)
		left, err := os.ReadDir(dir)
		require.NoError(t, err)
		require.Empty(t, left)
	}
	_, err := export.Write(export.Hledger, about, notes, these[note]())
	require.ErrorContains(t, err, "want csv or xlsx")
}
