package export

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"
)

// TestRowsGoOnOnAnotherSheet where one takes no more.
func TestRowsGoOnOnAnotherSheet(t *testing.T) {
	t.Parallel()
	to, err := newXLSX("claims", []string{"n"})
	require.NoError(t, err)
	to.(*xlsxFile).limit = 3
	for n := range 5 {
		require.NoError(t, to.row([]cell{{kind: isNumber, text: fmt.Sprint(n)}}))
	}
	file, err := to.finish(About{What: "claims"}, 5)
	require.NoError(t, err)
	var b bytes.Buffer
	_, err = file.WriteTo(&b)
	require.NoError(t, err)
	require.NoError(t, file.Close())
	book, err := excelize.OpenReader(&b)
	require.NoError(t, err)
	require.Equal(t, []string{"claims", "claims 2", "claims 3", "About"}, book.GetSheetList())
	for sheet, want := range map[string][][]string{
		"claims": {{"n"}, {"0"}, {"1"}}, "claims 2": {{"n"}, {"2"}, {"3"}}, "claims 3": {{"n"}, {"4"}},
	} {
		rows, err := book.GetRows(sheet)
		require.NoError(t, err)
		require.Equal(t, want, rows)
	}
	require.NoError(t, book.Close())
}
