package intake

import (
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const exampleMapping = "../../docs/examples/crm-opportunities.mapping.yaml"

func example(tb testing.TB) Mapping {
	tb.Helper()
	f, err := os.Open(exampleMapping)
	require.NoError(tb, err)
	m, err := ParseMapping(f)
	require.NoError(tb, err)
	require.NoError(tb, f.Close())
	return m
}

func TestTheExampleIsAMapping(t *testing.T) {
	m := example(t)
	require.Equal(t, "maven-crm", m.System)
	require.Equal(t, "M/D/YYYY", m.Dates[0].String())
	require.Equal(t, "NO", m.Countries["Norway"])
	require.Equal(t, Stage{Status: Open, Stage: "qualified"}, m.Stages["Engaging"])
	require.Equal(t, Join{By: "account", File: "accounts.csv", Key: "account", Value: "office_location"}, m.Deals.Joins[Country])
	require.Equal(t, ',', m.comma())
}

// Each line is a change to the example, and what is said of it.
func TestParseMappingRefuses(t *testing.T) {
	text, err := os.ReadFile(exampleMapping)
	require.NoError(t, err)
	before, _, _ := strings.Cut(string(text), "\nsystem:")
	line := strings.Count(before, "\n") + 2
	lines := strings.NewReplacer("{system}", strconv.Itoa(line), "{again}", strconv.Itoa(line+1))
	for _, c := range []struct{ old, new, want string }{
		{"system: maven-crm", "system: Maven CRM", "line {system}, system: want a short name"},
		{"system: maven-crm", "system:", "line {system}, system: want a text"},
		{"system: maven-crm", "systems: maven-crm", "line {system}, systems: unknown: want one of countries, currency, dates"},
		{"system: maven-crm", "systems: maven-crm", "nearest is system"},
		{"system: maven-crm\n", "", "want the key system"},
		{"system: maven-crm", "system: a\nsystem: b", "line {again}, system: is there twice"},
		{"system: maven-crm", "system: &a maven-crm", "anchors"},
		{"currency: USD", "currency: DOLLAR", `currency: want an ISO 4217 code, as in EUR, not "DOLLAR"`},
		{"currency: USD", "currency: [USD]", "currency: want a text"},
		{"[M/D/YYYY]", "[M/D/YY]", `dates[0]: layout "M/D/YY": want year, month and day once each`},
		{"[M/D/YYYY]", "[M/D/YYYY hh:mm]", "dates[0]: layout"},
		{"[M/D/YYYY]", "[]", "dates: want a list"},
		{"[M/D/YYYY]", "M/D/YYYY", "dates: want a list"},
		{`delimiter: ","`, `delimiter: "::"`, "delimiter: want one of"},
		{"programme_start: 2016-10-20", "programme_start: 10/1/2016", "programme_start: date"},
		{"    account: account ", "    acount: account ", "deals.columns.acount: unknown: want one of account"},
		{"    account: account ", "    acount: account ", "nearest is account"},
		{"    account: account ", "    # ", "deals.columns: want account, here or under deals.joins"},
		{"    seller: sales_agent", "    seller: sales_agent\n    partner: x", "deals.joins.partner: partner is under deals.columns already"},
		{"value: manager}", "}", "deals.joins.partner: want the key value"},
		{"file: sales_teams.csv, key", "file: a/b.csv, key", "deals.joins.partner.file: want the name of a file"},
		{"file: sales_teams.csv, key", "file: sales_pipeline.csv, key", "want another file"},
		{"status: won", "status: one", `stages.Won.status: want one of open, won, lost, not "one"`},
		{"status: won", "status: won, stage: qualified", "stages.Won.stage: want it for an open one only"},
		{"stage: qualified", "stage: hot", "stages.Engaging.stage: want one of"},
		{"Belgium: BE", "Belgium: be", "countries.Belgium: want a code of ISO 3166-1"},
		{"kind: reseller", "kind: shop", "partners.kind: want one of"},
		{"  agreement: reseller", "  agreement: A 1", "partners.agreement: want a short name"},
		{"# revise: [amount, closed_on]", "revise: [amount, partner]", "revise[1]: unknown: want one of amount, closed_on"},
		{"# revise: [amount, closed_on]", "---\na: b", "want one YAML document"},
		{"stages:", "stages: [", "mapping: "},
	} {
		changed := strings.Replace(string(text), c.old, c.new, 1)
		require.NotEqual(t, string(text), changed, c.old)
		_, err := ParseMapping(strings.NewReader(changed))
		require.ErrorContains(t, err, lines.Replace(c.want), c.new)
	}
	for text, want := range map[string]string{
		"":                            "is empty",
		"- a":                         "want keys and values",
		"? [a]\n: b":                  "want a text as key",
		strings.Repeat(" ", 2<<20):    "at most 1048576 bytes",
		"system: \"a\xff\"":           "mapping: ",
		strings.Repeat("[", 20000):    "mapping: ",
		"deals: {columns: {record: }": "mapping: ",
	} {
		_, err := ParseMapping(strings.NewReader(text))
		require.ErrorContains(t, err, want)
	}
}

func FuzzParseMapping(f *testing.F) {
	text, err := os.ReadFile(exampleMapping)
	require.NoError(f, err)
	f.Add(string(text))
	f.Add("system: a\ncurrency: USD\ndates: [D.M.YYYY]\nstages: {a: {status: open}}")
	f.Add("a: &a [*a]")
	f.Fuzz(func(t *testing.T, text string) {
		if m, err := ParseMapping(strings.NewReader(text)); err == nil {
			require.NotEmpty(t, m.System)
			require.NotEmpty(t, m.Dates)
			for _, f := range neededFields() {
				require.NotEmpty(t, m.column(f))
			}
		}
	})
}
