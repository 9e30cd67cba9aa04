package intake

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestReadTable(t *testing.T) {
	text := "\xef\xbb\xbfid, name ,note\r\n" +
		"1,Ann,\"two\nlines, \"\"quoted\"\"\"\r\n" +
		"\r\n" +
		"2,Bob\r\n" +
		"3,5\" disk,x\n" +
		"4,\"never closed,x\n" +
		"5,Eve,y\n" +
		"6,Zo\xeb,z\n" +
		"7," + strings.Repeat("x", MaxCell+1) + ",z\n" +
		"8,a\x00b,z\n" +
		"9,a,b,c\n" +
		"10,last,one"
	got, err := readTable(File{Name: "f.csv", Data: []byte(text)}, ',')
	require.NoError(t, err)
	require.Equal(t, []string{"id", "name", "note"}, got.header)
	type row struct {
		line  int
		first string
		wrong string
	}
	var rows []row
	for _, r := range got.rows {
		rows = append(rows, row{r.line, r.cells[0], r.wrong})
	}
	require.Equal(t, []row{
		{2, "1", ""},
		{5, "2", "has 2 columns, and the header 3"},
		{6, `3,5" disk,x`, `is no CSV: bare " in non-quoted-field`},
		{7, `4,"never closed,x`, `is no CSV: extraneous or missing " in quoted-field`},
		{8, "5", ""},
		{9, "6", "column 2 is not UTF-8: save the file as CSV in UTF-8"},
		{10, "7", "column 2 has 65537 bytes: want at most 65536"},
		{11, "8", "column 2 holds a NUL"},
		{12, "9", "has 4 columns, and the header 3"},
		{13, "10", ""},
	}, rows)
	require.Equal(t, "two\nlines, \"quoted\"", got.cell(got.rows[0], "note"))
	require.Equal(t, "Ann", got.cell(got.rows[0], "name"), "white space around a header is no part of it")
	require.Empty(t, got.cell(got.rows[1], "note"))
	require.Empty(t, got.cell(got.rows[0], "none"))
}

func TestReadTableRefusesFiles(t *testing.T) {
	for text, want := range map[string]string{
		"":                             "f.csv is empty: want a header",
		"\xff\xfea\x00":                "f.csv is UTF-16",
		"a\x00b\x00\n":                 "f.csv is no text",
		"a,b,a\n":                      `f.csv has the column "a" twice`,
		"a,\"b\n":                      "f.csv line 1, the header: is no CSV",
		"a,\xe4\n":                     "the header: column 2 is not UTF-8",
		strings.Repeat("a,", 1001):     "has 1002 columns: want at most 1000",
		strings.Repeat("\n", 3) + "\"": "line 4, the header: is no CSV",
	} {
		_, err := readTable(File{Name: "f.csv", Data: []byte(text)}, ',')
		require.ErrorContains(t, err, want)
	}
	semicolons, err := readTable(File{Name: "f.csv", Data: []byte("acount;b\n")}, ';')
	require.NoError(t, err)
	require.NoError(t, semicolons.want("b"))
	require.ErrorContains(t, semicolons.want("b", "account"), `f.csv has no column "account": nearest is "acount"`)
}

// Whatever the bytes: nothing is lost, each row says where it stands, and rows come in the order of their lines.
func FuzzReadTable(f *testing.F) {
	f.Add("a,b\n1,2\n\"x\n\"\"y\",3\r\n\r\n4,5\"\n", ",")
	f.Add("a;b\n\"\n\"\"\n1;2", ";")
	f.Fuzz(func(t *testing.T, text, comma string) {
		delimiter, ok := delimiters[comma]
		if !ok {
			delimiter = ','
		}
		got, err := readTable(File{Name: "f", Data: []byte(text)}, delimiter)
		if err != nil {
			return
		}
		lines := strings.Split(text, "\n")
		last := 1
		for _, r := range got.rows {
			require.Greater(t, r.line, last-1)
			require.LessOrEqual(t, r.line, len(lines))
			require.NotEmpty(t, r.cells)
			if strings.HasPrefix(r.wrong, "is no CSV") {
				require.Equal(t, strings.TrimSuffix(lines[r.line-1], "\r"), r.cells[0])
			}
			for _, column := range got.header {
				_ = got.cell(r, column)
			}
			last = r.line + 1
		}
	})
}
