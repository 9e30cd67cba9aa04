package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const prospects = `name,domain,country,tax_id,product_line
Acme Logistik,acme-logistik.de,DE,,Core Router
Acme Logistik,acme-logistik.de,DE,,Services
Hooli B.V.,hooli.example,NL,,
Somebody Else,somebody-else.de,DE,,
Nowhere,,,,
Half,
`

// checkedLine is a line of the answer, as far as the test is about it.
type checkedLine struct {
	Line         int
	Name         string
	Known        bool
	Error, Field string
	Meets        []struct {
		Rule, Score string
		Blocks      bool
		With        struct {
			DealID    string `json:"deal_id"`
			AccountID string `json:"account_id"`
			Owner     string
		}
	}
	Alike []struct {
		Name, Rule, Score string
		Live              int
	}
}

func checkedLines(t *testing.T, stdout string) (lines []checkedLine) {
	t.Helper()
	for text := range strings.Lines(stdout) {
		var l checkedLine
		require.NoError(t, json.Unmarshal([]byte(text), &l))
		lines = append(lines, l)
	}
	return lines
}

// TestConflictsAreCheckedBesideARunningLedger and by a process of its own alike, and nothing is recorded.
func TestConflictsAreCheckedBesideARunningLedger(t *testing.T) {
	folder := t.TempDir()
	data, list := filepath.Join(folder, "data"), filepath.Join(folder, "prospects.csv")
	require.NoError(t, os.WriteFile(list, []byte(prospects), 0o600))
	s := serve(t, data, "--demo")
	beside, _, err := call(t, "conflicts", "check", "--json", "--data", data, list)
	require.EqualError(t, err, "2 of 6 customers could not be checked")
	requireProspects(t, checkedLines(t, beside))

	text, _, err := call(t, "conflicts", "check", "--data", data, list)
	require.Error(t, err)
	require.Regexp(t, `(?m)^2 +Acme Logistik +similar_name +0\.9\d+ +yes +deal \S+ +other_name Acme Logistics GmbH, state pending`, text)
	require.Regexp(t, `(?m)^5 +Somebody Else +- .* nothing stands against it$`, text)
	require.Regexp(t, `(?m)^6 +Nowhere .* not checked: country: needed`, text)
	require.Regexp(t, `(?m)^7 .* not checked: has 2 columns, and the header 5$`, text)
	s.end()

	before := must(t, "events", "--data", data)
	alone, _, err := call(t, "conflicts", "check", "--json", "--data", data, list)
	require.Error(t, err)
	require.Equal(t, beside, alone)
	require.Equal(t, before, must(t, "events", "--data", data), "checking records nothing")
}

func requireProspects(t *testing.T, lines []checkedLine) {
	t.Helper()
	require.Len(t, lines, 6)
	alike := lines[0]
	require.Equal(t, 2, alike.Line)
	require.False(t, alike.Known)
	require.NotEmpty(t, alike.Meets)
	require.Equal(t, "similar_name", alike.Meets[0].Rule)
	require.True(t, alike.Meets[0].Blocks)
	require.NotEmpty(t, alike.Meets[0].With.DealID)
	require.NotEmpty(t, alike.Meets[0].With.AccountID)
	require.Empty(t, lines[1].Meets, "nobody is on that product line")
	require.Contains(t, fmt.Sprint(lines[1].Alike), "Acme Logistics GmbH")
	require.True(t, lines[2].Known)
	require.Equal(t, "owned_account", lines[2].Meets[len(lines[2].Meets)-1].Rule)
	require.Empty(t, lines[3].Meets)
	require.Equal(t, "country", lines[4].Field)
	require.Equal(t, 7, lines[5].Line)
}

func TestNamesByThemselvesTakeTheCountryOfAll(t *testing.T) {
	folder := t.TempDir()
	data, list := filepath.Join(folder, "data"), filepath.Join(folder, "names.txt")
	require.NoError(t, os.WriteFile(list, []byte("ACME LOGISTICS\n\nGlobex\n"), 0o600))
	serve(t, data, "--demo").end()
	lines := checkedLines(t, must(t, "conflicts", "check", "--json", "--country", "DE", "--data", data, list))
	require.Len(t, lines, 2)
	require.True(t, lines[0].Known, "the demo's customer has no other identity than its name")
	require.Equal(t, "live_registration", lines[0].Meets[0].Rule)
	require.Equal(t, 3, lines[1].Line)
	require.Empty(t, lines[1].Alike, "Globex is Swiss")
	_, _, err := call(t, "conflicts", "check", "--data", data, list+".not")
	require.ErrorIs(t, err, os.ErrNotExist)
}
