package export_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"

	"github.com/channelledger/channelledger/projections/export"
)

func open(t *testing.T, file *export.File) *excelize.File {
	t.Helper()
	book, err := excelize.OpenReader(strings.NewReader(content(t, file)))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, book.Close()) })
	return book
}

func raw(t *testing.T, book *excelize.File, sheet string) [][]string {
	t.Helper()
	rows, err := book.GetRows(sheet, excelize.Options{RawCellValue: true})
	require.NoError(t, err)
	return rows
}

func TestTheJournalAsXLSX(t *testing.T) {
	t.Parallel()
	file := journalFile(t, export.XLSX, fxEntry(), yenEntry())
	book := open(t, file)
	require.Equal(t, []string{"journal", "About"}, book.GetSheetList())
	shown, err := book.GetRows("journal")
	require.NoError(t, err)
	require.Len(t, shown, 1+6)
	require.Equal(t, []string{"2026-02-01", "2026-01-31", "2026-01-31 23:30:00.000", "2026-02-01 00:30:00.000"}, shown[1][:4])
	require.Equal(t, "1337.89", shown[1][8])
	require.Equal(t, "500000", shown[5][8])

	kind, err := book.GetCellType("journal", "I2")
	require.NoError(t, err)
	require.Contains(t, []excelize.CellType{excelize.CellTypeNumber, excelize.CellTypeUnset}, kind, "a number, as cells are by default")
	require.Equal(t, "46054", raw(t, book, "journal")[1][0], "a date is the number of its day")
	panes, err := book.GetPanes("journal")
	require.NoError(t, err)
	require.True(t, panes.Freeze)
	require.Equal(t, 1, panes.YSplit)
}

func TestAWorkbookSaysWhatItIs(t *testing.T) {
	t.Parallel()
	file := journalFile(t, export.XLSX, fxEntry())
	asCSV := journalFile(t, export.CSV, fxEntry())
	require.Equal(t, asCSV.SHA256, file.SHA256, "the hash is that of the rows as CSV")
	require.Equal(t, [][]string{
		{"channelledger export", "1"}, {"what", "journal"}, {"position", about.Position}, {"query", about.Query},
		{"rows", "4"}, {"sha256", asCSV.SHA256},
	}, raw(t, open(t, file), "About"))
	require.Equal(t, content(t, file), content(t, journalFile(t, export.XLSX, fxEntry())), "the same rows, the same bytes")
}

func TestAWorkbookHoldsTextsAsTexts(t *testing.T) {
	t.Parallel()
	long := money("12345678901234567.89", "EUR")
	file, err := export.Write(export.XLSX, about, notes, these(note{"=1+1", money("-0.10", "EUR")}, note{"\t@x", long}, note{}))
	book := open(t, made(t, file, err))
	require.Equal(t, [][]string{{"text", "amount"}, {"=1+1", "-0.1"}, {"\t@x", long.Decimal()}}, raw(t, book, "journal"))
	for _, cell := range []string{"A2", "A3", "B2", "B3"} {
		formula, err := book.GetCellFormula("journal", cell)
		require.NoError(t, err)
		require.Empty(t, formula)
	}
	shown, err := book.GetRows("journal")
	require.NoError(t, err)
	require.Equal(t, "-0.10", shown[1][1], "with the currency's decimals")
}
