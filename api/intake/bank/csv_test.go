package bank

import (
	"bytes"
	"os"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
)

const exampleMapping = "../../../docs/examples/bank.mapping.yaml"

func mappingFile(tb testing.TB, path string) *Mapping {
	tb.Helper()
	f, err := os.Open(path)
	require.NoError(tb, err)
	defer func() { require.NoError(tb, f.Close()) }()
	m, err := ParseMapping(f)
	require.NoError(tb, err)
	return m
}

func TestCSVSamples(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		mapping string
		given   Given
	}{
		"example":      {exampleMapping, Given{Number: "2026-10"}},
		"newest-first": {"testdata/newest-first.mapping.yaml", Given{Number: "2026-10"}},
		"accounts":     {"testdata/accounts.mapping.yaml", Given{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile("testdata/" + name + ".csv")
			require.NoError(t, err)
			read := CSV(mappingFile(t, c.mapping), c.given, Limits{})
			items, err := collect(read(t.Context(), iotest.OneByteReader(bytes.NewReader(text))))
			require.NoError(t, err)
			golden(t, "testdata/"+name+".csv.want", shown(items))
			again, err := collect(read(t.Context(), bytes.NewReader(bytes.ReplaceAll(text, []byte("\n"), []byte("\r\n")))))
			require.NoError(t, err)
			require.Equal(t, strings.Count(shown(items), "\n"), strings.Count(shown(again), "\n"))
		})
	}
}

// rows is a small file for small mistakes: opening 100, 30 out, 5 in.
const rows = `opening,100.00
day,value,amount,currency,balance,ref,text
2026-10-01,2026-10-02,-30.00,EUR,70.00,R-1,first
2026-10-03,,5.00,EUR,75.00,R-2,second
closing,75.00
`

const rowsMapping = `account: DE89370400440532013000
currency: EUR
dates: [YYYY-MM-DD]
columns: {booked_on: day, value_on: value, amount: amount, currency: currency, balance: balance, reference: ref}
text: [text]
labels: {opening: opening, closing: closing}
`

func rowsReader(tb testing.TB, mapping string, given Given) Reader {
	tb.Helper()
	m, err := ParseMapping(strings.NewReader(mapping))
	require.NoError(tb, err)
	return CSV(m, given, Limits{})
}

func TestCSVRefuses(t *testing.T) {
	t.Parallel()
	given := Given{Number: "1"}
	swap := func(old, with string) string {
		if !strings.Contains(rows, old) {
			panic("the sample has no " + old)
		}
		return strings.Replace(rows, old, with, 1)
	}
	_, err := readText(t, rowsReader(t, rowsMapping, given), rows)
	require.NoError(t, err)
	for name, c := range map[string]struct {
		text string
		code string
		line int
		path string
		says string
	}{
		"empty":                 {"", CodeNothing, 1, "", "empty"},
		"only blanks":           {"\n\n", CodeNothing, 1, "", "empty"},
		"no header":             {"opening,100.00\n2026-10-01,2026-10-02,-30.00\n", CodeFormat, 1, "", `"day" is missing here`},
		"a column missing":      {swap("amount", "amuont"), CodeFormat, 2, "", `"amount" is missing here, nearest to it is "amuont"`},
		"a column twice":        {swap("text", "amount"), CodeFormat, 2, "", `"text" is missing`},
		"a wanted one twice":    {swap("ref,text", "ref,text,text"), CodeTwice, 2, "", `"text" is there twice`},
		"another currency":      {swap("-30.00,EUR", "-30.00,USD"), CodeCurrency, 3, "currency", "the mapping says EUR"},
		"one in between":        {swap("5.00,EUR", "5.00,USD"), CodeCurrency, 4, "currency", "the account's currency is EUR"},
		"in the cell":           {swap("-30.00,EUR", "-30.00 USD,EUR"), CodeCurrency, 3, "amount", "the account's currency is EUR"},
		"in the opening":        {swap("100.00", "100.00 USD"), CodeCurrency, 1, "", "the account's currency is EUR"},
		"no amount":             {swap("-30.00", ""), CodeMissing, 3, "amount", "want an amount"},
		"words":                 {swap("-30.00", "thirty"), CodeAmount, 3, "amount", "want a number as the mapping writes it"},
		"a comma":               {swap("-30.00", `"-30,00"`), CodeAmount, 3, "amount", "nothing between thousands"},
		"two signs":             {swap("-30.00", "--30.00"), CodeAmount, 3, "amount", "want a number"},
		"three decimals":        {swap("-30.00", "-30.001"), CodeAmount, 3, "amount", "at most 2 decimals"},
		"more than there is":    {swap("-30.00", "-99999999999999999999"), CodeAmount, 3, "amount", "out of range"},
		"a formula":             {swap("-30.00", "=1+1"), CodeAmount, 3, "amount", "want a number"},
		"not a number":          {swap("-30.00", "NaN"), CodeAmount, 3, "amount", "want a number"},
		"an exponent":           {swap("-30.00", "1e3"), CodeAmount, 3, "amount", "want a number"},
		"no day":                {swap("2026-10-01", ""), CodeMissing, 3, "day", "want a day"},
		"a day of another":      {swap("2026-10-01", "01.10.2026"), CodeDate, 3, "day", "YYYY-MM-DD"},
		"a day of antiquity":    {swap("2026-10-01", "0026-10-01"), CodeDate, 3, "day", "1970"},
		"a day of the future":   {swap("2026-10-01", "2999-10-01"), CodeDate, 3, "day", "2199"},
		"a balance that's off":  {swap("75.00,R", "74.00,R"), CodeRunning, 4, "balance", "the balance is 74.00 EUR, but the row before leaves 70.00 EUR and this one makes 5.00 EUR of it"},
		"an opening that's off": {swap("100.00", "101.00"), CodeRunning, 5, "", "the opening balance is 101.00 EUR, but the rows make it 100.00 EUR"},
		"a closing that's off":  {swap("closing,75", "closing,76"), CodeRunning, 5, "", "the closing balance is 76.00 EUR, but the rows make it 75.00 EUR"},
		"an opening twice":      {swap("opening,100.00", "opening,100.00\nopening,99.00"), CodeTwice, 2, "", "100.00"},
		"too few columns":       {swap(",R-2,second", ""), CodeFormat, 4, "", "the row has 5 columns, and the header 7"},
		"a quote never closed":  {swap("second", `"second`), CodeFormat, 4, "", `no CSV: extraneous or missing " in quoted-field`},
		"a quote in between":    {swap("second", `sec"ond`), CodeFormat, 4, "", `no CSV: bare "`},
		"Latin-1":               {swap("second", "M\xfcller"), CodeEncoding, 4, "text", "encoding: windows-1252"},
		"UTF-16":                {"\xff\xfed\x00a\x00", CodeEncoding, 1, "", "UTF-16"},
		"a NUL":                 {swap("second", "sec\x00ond"), CodeFormat, 4, "text", "NUL"},
		"a text without end":    {swap("second", strings.Repeat("x", maxText+1)), CodeText, 4, "text", "4096"},
		"a row without end":     {swap("second", strings.Repeat("x", 2<<20)), CodeTooLarge, 4, "", "more than 1048576 bytes"},
		"columns without end":   {strings.Repeat(",", 2000), CodeTooLarge, 1, "", "more than 1000 columns"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := readText(t, rowsReader(t, rowsMapping, given), c.text)
			requireFault(t, err, c.code, c.path, c.says)
			var fault *Error
			require.ErrorAs(t, err, &fault)
			require.Equal(t, c.line, fault.At.Line, err)
		})
	}
}

func TestCSVRefusesDirections(t *testing.T) {
	t.Parallel()
	words := `
account: "1"
currency: EUR
dates: [YYYY-MM-DD]
columns: {booked_on: day, amount: amount, direction: way}
words: {out: [D], in: [C]}
`
	sides := `
account: "1"
currency: EUR
dates: [YYYY-MM-DD]
columns: {booked_on: day, debit: out, credit: in}
`
	money := func(amount string) domain.Money { return domain.Must(domain.ParseMoney(amount, "EUR")) }
	given := Given{Number: "1", Opening: money("100.00"), Closing: money("95.00")}
	for _, c := range []struct{ mapping, text, code, path, says string }{
		{words, "day,amount,way\n2026-10-01,5.00,D\n", "", "", ""},
		{words, "day,amount,way\n2026-10-01,-5.00,d \n", "", "", ""},
		{words, "day,amount,way\n2026-10-01,-5.00,C\n", CodeSign, "amount", "says that it came in"},
		{words, "day,amount,way\n2026-10-01,5.00,X\n", CodeSign, "way", "neither under words.out nor words.in"},
		{words, "day,amount,way\n2026-10-01,5.00,\n", CodeSign, "way", "neither"},
		{words, "day,amount,way\n2026-10-01,5.00,C\n", CodeBalances, "", "= 105.00 EUR, but the closing balance is 95.00 EUR"},
		{sides, "day,out,in\n2026-10-01,5.00,\n", "", "", ""},
		{sides, "day,out,in\n2026-10-01,-5.00,0.00\n", "", "", ""},
		{sides, "day,out,in\n2026-10-01,5.00,10.00\n", CodeSign, "out", "want one of them"},
		{sides, "day,out,in\n2026-10-01,,-5.00\n", CodeSign, "in", "a credit came in"},
		{sides, "day,out,in\n2026-10-01,,\n", CodeMissing, "out", "want a debit or a credit"},
		{sides, "out,day,in\n,2026-10-01,\n", CodeMissing, "out", "want a debit or a credit"},
	} {
		items, err := readText(t, rowsReader(t, c.mapping, given), c.text)
		if c.code == "" {
			require.NoError(t, err)
			continue
		}
		requireFault(t, err, c.code, c.path, c.says)
		if c.code == CodeBalances {
			require.IsType(t, End{}, items[len(items)-1])
		}
	}
}

func TestCSVWantsItsStatement(t *testing.T) {
	t.Parallel()
	const text = "day,amount,acc,no,cur,open,close,from,to\n"
	const base = "dates: [YYYY-MM-DD]\ncolumns: {booked_on: day, amount: amount, account: acc, number: no, currency: cur, opening: open, closing: close, from: from, to: to}\n"
	money := func(amount, currency string) domain.Money { return domain.Must(domain.ParseMoney(amount, currency)) }
	for _, c := range []struct {
		given            Given
		rows, code, says string
	}{
		{Given{}, "2026-10-01,5,1,7,EUR,0,5,,\n", "", ""},
		{Given{}, "", CodeNothing, "no lines"},
		{Given{}, "2026-10-01,5,,7,EUR,0,5,,\n", CodeAccount, "want an account number"},
		{Given{}, "2026-10-01,5,DE98370400440532013000,7,EUR,0,5,,\n", CodeAccount, "check digits"},
		{Given{Account: "2"}, "2026-10-01,5,1,7,EUR,0,5,,\n", CodeAccount, `no statement in the file is of account "2"`},
		{Given{Number: "8", Closing: money("9", "EUR")}, "2026-10-01,5,1,7,EUR,0,5,,\n2026-10-01,5,1,8,EUR,5,,,\n", CodeBalances, "= 10.00 EUR, but the closing balance is 9.00 EUR"},
		{Given{Number: "8", Closing: money("10", "EUR")}, "2026-10-01,5,1,7,EUR,0,5,,\n2026-10-01,5,1,8,EUR,5,,,\n", "", ""},
		{Given{}, "2026-10-01,5,1,,EUR,0,5,,\n", CodeMissing, "no number"},
		{Given{Number: "8"}, "2026-10-01,5,1,7,EUR,0,5,,\n", CodeAccount, `number "8" as given`},
		{Given{}, "2026-10-01,5,1,7,EURO,0,5,,\n", CodeCurrency, "ISO 4217"},
		{Given{}, "2026-10-01,5,1,7,,0,5,,\n", CodeCurrency, "ISO 4217"},
		{Given{}, "2026-10-01,5,1,7,EUR,,5,,\n", CodeMissing, "opening balance"},
		{Given{}, "2026-10-01,5,1,7,EUR,0,,,\n", CodeMissing, "closing balance"},
		{Given{Closing: money("5", "EUR")}, "2026-10-01,5,1,7,EUR,0,,,\n", "", ""},
		{Given{Closing: money("6", "EUR")}, "2026-10-01,5,1,7,EUR,0,5,,\n", CodeTwice, "the file says 5.00 EUR, and 6.00 EUR was given"},
		{Given{Closing: money("5", "USD")}, "2026-10-01,5,1,7,EUR,0,,,\n", CodeCurrency, "the account's currency is EUR"},
		{Given{}, "2026-10-01,5,1,7,EUR,0,6,,\n2026-10-01,1,1,7,EUR,0,7,,\n", CodeTwice, `"7": the statement's first row says "6"`},
		{Given{}, "2026-10-01,5,1,7,EUR,0,5,,\n2026-10-01,5,1,8,EUR,5,10,,\n2026-10-01,5,1,7,EUR,0,5,,\n", CodeTwice, "want the rows of each together"},
		{Given{}, "2026-10-01,5,1,7,EUR,0,5,2026-11-01,2026-10-31\n", CodeDate, "after the last"},
		{Given{}, "2026-10-01,5,1,7,EUR,0,5,2024-01-01,2024-01-31\n", CodeDate, "366 days away"},
		{Given{}, "2026-10-01,5,1,7,EUR,0,5,soon,2024-01-31\n", CodeDate, "no day written as"},
	} {
		_, err := readText(t, rowsReader(t, base, c.given), text+c.rows)
		if c.code == "" {
			require.NoError(t, err, c.rows)
			continue
		}
		var fault *Error
		require.ErrorAs(t, err, &fault, c.rows)
		require.Equal(t, c.code, fault.Code, err)
		require.ErrorContains(t, err, c.says)
	}
	m := strings.Replace(rowsMapping, "account: DE89370400440532013000\n", "", 1)
	_, err := readText(t, rowsReader(t, m, Given{Number: "1", Account: "DE89 3704 0044 0532 0130 00"}), rows)
	require.NoError(t, err)
	_, err = readText(t, rowsReader(t, rowsMapping, Given{Number: "1", Account: "DE02120300000000202051"}), rows)
	require.ErrorContains(t, err, "the file is of account DE89370400440532013000, not of DE02120300000000202051")
	october := Given{Number: "1", From: domain.Date{Year: 2026, Month: 10, Day: 1}, To: domain.Date{Year: 2026, Month: 10, Day: 31}}
	const quiet = "opening,5\nday,value,amount,currency,balance,ref,text\nclosing,5\n"
	items, err := readText(t, rowsReader(t, rowsMapping, october), quiet)
	require.NoError(t, err)
	require.Len(t, items, 2, "a month without movements is a statement")
	_, err = readText(t, rowsReader(t, rowsMapping, Given{Number: "1"}), quiet)
	require.ErrorContains(t, err, "doesn't say its days")
}

func TestCSVStopsAtItsLimits(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		file   endless
		limits Limits
		says   string
		most   int64
	}{
		"one cell":   {endless{start: rows + "2026", more: strings.Repeat("x", 1000)}, Limits{}, "more than 1048576 bytes", 2 << 20},
		"one quote":  {endless{start: rows + `"`, more: "line\n"}, Limits{}, "more than 1048576 bytes", 2 << 20},
		"no header":  {endless{start: "x\n", more: "x\n"}, Limits{}, "no row has all columns", 1 << 20},
		"lines":      {endless{start: rows, more: "2026-10-03,,0.01,EUR,,R-2,second\n"}, Limits{Lines: 100}, "", 1 << 20},
		"the file":   {endless{start: rows, more: "\n,,,\n"}, Limits{Bytes: 1 << 20}, "file has more than 1048576 bytes", 2 << 20},
		"blank line": {endless{start: rows, more: "\n"}, Limits{}, "more than 1048576 bytes", 2 << 20},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m, err := ParseMapping(strings.NewReader(strings.Replace(rowsMapping, "balance: balance, ", "", 1)))
			require.NoError(t, err)
			_, err = collect(CSV(m, Given{Number: "1"}, c.limits)(t.Context(), &c.file))
			var fault *Error
			require.ErrorAs(t, err, &fault)
			require.ErrorContains(t, err, c.says)
			require.LessOrEqual(t, c.file.read, c.most)
		})
	}
}

// Each line is a change to the example, and what is said of it.
func TestParseMappingRefuses(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(exampleMapping)
	require.NoError(t, err)
	for _, c := range []struct{ old, new, want string }{
		{"\ncurrency: EUR", "\ncurrency: EURO", "currency: want an ISO 4217 code"},
		{"\ncurrency: EUR", "\n", "currency"},
		{"\ncurrency: EUR", "\ncurency: EUR", "nearest is currency"},
		{"\ncurrency: EUR", "\naccount: DE98370400440532013000\ncurrency: EUR", "account: the IBAN's check digits"},
		{"\ncurrency: EUR", "\naccount: \"17\"\ncurrency: EUR", "account: want it here or in the file, not both"},
		{`decimal: ","`, `decimal: ";"`, `decimal: want "." or ","`},
		{`grouping: "."`, `grouping: ","`, "grouping: want another sign"},
		{`grouping: "."`, `grouping: "_"`, "grouping: want one of"},
		{`delimiter: ";"`, `delimiter: "::"`, "delimiter: want one of"},
		{"encoding: utf-8", "encoding: ebcdic", "encoding: want utf-8"},
		{"# order: newest_first", "order: random", "order: want oldest_first or newest_first"},
		{"booked_on: Buchungstag", "# ", "columns: want the key booked_on"},
		{"booked_on: Buchungstag", "bookedon: Buchungstag", "nearest is booked_on"},
		{"  # debit: Soll", "  debit: Soll", "want both debit and credit"},
		{"amount: Betrag", "# ", "columns: want amount, or debit and credit"},
		{"amount: Betrag", "debit: a\n  credit: b", "columns.direction: want it with amount"},
		{"direction: S/H", "# ", "words.out: want it with columns.direction, and only so"},
		{"in: [H, Haben]", "in: [s]", "is under words.out too"},
		{"in: [H, Haben]", "# ", "words.in: want it with columns.direction"},
		{"# state: Status", "state: Status", "words.booked: want it with columns.state"},
		{"  account: Konto\n  from", "  acount: Konto\n  from", "nearest is account"},
		{"  account: Konto\n  from", "  booked_on: Konto\n  from", "labels.booked_on: unknown"},
		{"# from: Von", "from: Von", "labels.from: from is under columns already"},
	} {
		require.Contains(t, string(text), c.old)
		_, err := ParseMapping(strings.NewReader(strings.Replace(string(text), c.old, c.new, 1)))
		if c.new == "\n" { // the example has a column for it
			require.NoError(t, err)
			continue
		}
		require.ErrorContains(t, err, c.want, c.new)
	}
}
