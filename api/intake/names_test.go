package intake

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain/account"
)

func namesIn(t *testing.T, text string) []Named {
	t.Helper()
	names, err := ReadNames(File{Name: "list.csv", Data: []byte(text)})
	require.NoError(t, err)
	return names
}

func TestOneNameALine(t *testing.T) {
	require.Equal(t, []Named{
		{Line: 1, Customer: account.Customer{Name: "Smith, Brown & Partners"}},
		{Line: 3, Customer: account.Customer{Name: `"Quoted" Ltd`}},
		{Line: 4, Wrong: "column 1 holds a NUL", Customer: account.Customer{Name: "a\x00b"}},
	}, namesIn(t, "Smith, Brown & Partners\r\n  \n\"Quoted\" Ltd\na\x00b"))
	require.Empty(t, namesIn(t, ""))
}

func TestNamesOfATable(t *testing.T) {
	acme := account.Customer{Name: "Acme, Inc.", Domain: "acme.example", Country: "US", TaxID: "12-3456789"}
	for comma, text := range map[string]string{
		"comma":     "\xef\xbb\xbfName,DOMAIN,country,tax_id,product_line,notes\n\"Acme, Inc.\",acme.example,US,12-3456789,Core Router; Access Switch,x\n",
		"semicolon": "name;domain;country;tax_id;product_line\nAcme, Inc.;acme.example;US;12-3456789;\"Core Router; Access Switch\"\n",
	} {
		require.Equal(t, []Named{{Line: 2, Customer: acme, Products: []string{"Core Router", "Access Switch"}}}, namesIn(t, text), comma)
	}
}

func TestBadRowsKeepTheirLine(t *testing.T) {
	names := namesIn(t, "name,country\nAcme,DE\nGlobex\n\"Initech,ES\nHooli,NL\n")
	require.Len(t, names, 4)
	require.Equal(t, 3, names[1].Line)
	require.Equal(t, "has 1 columns, and the header 2", names[1].Wrong)
	require.Equal(t, 4, names[2].Line)
	require.Contains(t, names[2].Wrong, "is no CSV")
	require.Equal(t, "Hooli", names[3].Customer.Name)
}

func TestListsOfNamesAreBounded(t *testing.T) {
	_, err := ReadNames(File{Name: "list", Data: []byte(strings.Repeat("a\n", MaxNames+1))})
	require.ErrorContains(t, err, "list has 100001 rows: want at most 100000")
	_, err = ReadNames(File{Name: "list", Data: make([]byte, MaxNamesFile+1)})
	require.ErrorContains(t, err, "split it")
	_, err = ReadNames(File{Name: "list", Data: []byte("\xff\xfea")})
	require.ErrorContains(t, err, "UTF-16")
	_, err = ReadNames(File{Name: "list", Data: []byte("name,name\na,b\n")})
	require.ErrorContains(t, err, "twice")
}

func FuzzReadNames(f *testing.F) {
	for _, text := range []string{"name,country\nAcme,DE\n", "Acme\nGlobex", "name;x\n\"a;b\n", "\"name\"\n\"\n"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		names, err := ReadNames(File{Name: "list", Data: []byte(text)})
		if err != nil {
			return
		}
		for _, n := range names {
			require.Positive(t, n.Line)
			require.LessOrEqual(t, n.Line, strings.Count(text, "\n")+1)
		}
	})
}
