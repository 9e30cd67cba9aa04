package bank

import (
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
)

// Each is a file with one thing wrong, made of a right one: what it is called, where it is, and that nothing else is given.
func TestCamtRefuses(t *testing.T) {
	t.Parallel()
	good := message(2, "")
	swap := func(old, with string) string {
		if !strings.Contains(good, old) {
			panic("the sample has no " + old)
		}
		return strings.Replace(good, old, with, 1)
	}
	entry := func(inside string) string { return swap("<Ntry>", "<Ntry>"+inside) }
	for name, c := range map[string]struct {
		text string
		code string
		path string
		says string
	}{
		"empty":             {"", CodeNothing, "", "empty"},
		"blank":             {" \n\n ", CodeNothing, "", "empty"},
		"no XML":            {"date;amount\n2026-10-01;5\n", CodeXML, "", "want XML"},
		"JSON":              {`{"statement": 1}`, CodeXML, "", "want XML"},
		"no statement":      {`<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt/></Document>`, CodeNothing, "", "no statement"},
		"another message":   {strings.ReplaceAll(good, "camt.053", "camt.054"), CodeFormat, "", "camt.054"},
		"first version":     {strings.ReplaceAll(good, "053.001.08", "053.001.01"), CodeFormat, "", "camt.053.001.02 or later"},
		"no namespace":      {strings.ReplaceAll(good, ` xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"`, ""), CodeFormat, "", "want Document of"},
		"a web page":        {"<!DOCTYPE html><html></html>", CodeDoctype, "", "DTD"},
		"an entity bomb":    {bomb + good[strings.Index(good, "<Document"):], CodeDoctype, "", "DTD"},
		"an outside entity": {`<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]>` + good[strings.Index(good, "<Document"):], CodeDoctype, "", "DTD"},
		"an outside DTD":    {`<!DOCTYPE Document SYSTEM "http://example.com/x.dtd">` + good[strings.Index(good, "<Document"):], CodeDoctype, "", "DTD"},
		"an unknown entity": {swap("Partner 1", "&lol9;"), CodeDoctype, "Stmt[1]/Ntry[1]/NtryDtls/TxDtls[1]/RltdPties/Cdtr/Pty/Nm", "entity"},
		"a DTD inside":      {entry("<!DOCTYPE x>"), CodeDoctype, "Stmt[1]/Ntry[1]", "DTD"},

		"cut in a tag":          {good[:strings.Index(good, "</BookgDt>")+3], CodeXML, "Stmt[1]/Ntry[1]/BookgDt", "cut off"},
		"cut between entries":   {good[:strings.Index(good, "</Ntry>")+len("</Ntry>")], CodeXML, "Stmt[1]", "cut off"},
		"cut before the end":    {strings.TrimSuffix(strings.TrimSpace(good), "</Document>"), CodeXML, "", "cut off"},
		"tags crossed":          {swap("</ValDt><AcctSvcrRef>", "</AcctSvcrRef></ValDt>"), CodeXML, "Stmt[1]/Ntry[1]/ValDt", "no well-formed XML"},
		"a second document":     {good + good[strings.Index(good, "<Document"):], CodeXML, "", "another Document"},
		"text behind":           {good + "and more", CodeXML, "", "behind the document"},
		"text between":          {entry("surprise"), CodeXML, "Stmt[1]/Ntry[1]", "surprise"},
		"elements in an amount": {swap(">1.00<", "><b>1.00</b><"), CodeXML, "Stmt[1]/Ntry[1]/Amt", "element b"},
		"a zero byte":           {swap("Partner 1", "Part\x00ner"), CodeXML, "Stmt[1]/Ntry[1]/NtryDtls/TxDtls[1]/RltdPties/Cdtr/Pty/Nm", "U+0000"},
		"XML 1.1":               {swap(`version="1.0"`, `version="1.1"`), CodeXML, "", "1.1"},

		"Latin-1 as UTF-8": {swap("Partner 1", "M\xfcller"), CodeEncoding, "Stmt[1]/Ntry[1]/NtryDtls/TxDtls[1]/RltdPties/Cdtr/Pty/Nm", "no UTF-8"},
		"UTF-16":           {"\xff\xfe<\x00?\x00x\x00", CodeEncoding, "", "UTF-16"},
		"UTF-16 unmarked":  {"\x00<\x00?\x00x", CodeEncoding, "", "UTF-16"},
		"EBCDIC":           {swap(`"UTF-8"`, `"IBM037"`), CodeEncoding, "", "IBM037"},
		"an invented one":  {swap(`"UTF-8"`, `"klingon"`), CodeEncoding, "", "klingon"},
		"no sign of it":    {strings.Replace(swap(`"UTF-8"`, `"windows-1252"`), "Partner 1", "\x81", 1), CodeEncoding, "Stmt[1]/Ntry[1]/NtryDtls/TxDtls[1]/RltdPties/Cdtr/Pty/Nm", "0x81"},

		"another currency":       {swap(`Ccy="EUR">1.00`, `Ccy="USD">1.00`), CodeCurrency, "Stmt[1]/Ntry[1]/Amt", `"USD": the account's currency is EUR`},
		"no currency":            {swap(` Ccy="EUR">1.00`, `>1.00`), CodeCurrency, "Stmt[1]/Ntry[1]/Amt", "EUR"},
		"a balance of another":   {swap(`Ccy="EUR">1000000`, `Ccy="USD">1000000`), CodeCurrency, "Stmt[1]/Bal/Amt", "USD"},
		"an invented currency":   {strings.ReplaceAll(good, "EUR", "EUX"), CodeCurrency, "Stmt[1]/Bal", "EUX"},
		"a minus":                {swap(">1.00<", ">-1.00<"), CodeSign, "Stmt[1]/Ntry[1]/Amt", "no sign"},
		"a direction of its own": {swap("DBIT", "OUT"), CodeSign, "Stmt[1]/Ntry[1]", `"OUT"`},
		"no direction":           {swap("<CdtDbtInd>DBIT</CdtDbtInd>", ""), CodeMissing, "Stmt[1]/Ntry[1]", "CdtDbtInd"},
		"payments against it":    {swap("</Refs>", `</Refs><Amt Ccy="EUR">1.00</Amt><CdtDbtInd>CRDT</CdtDbtInd>`), CodeSign, "Stmt[1]/Ntry[1]/NtryDtls/TxDtls[1]", "CRDT"},
		"three decimals":         {swap(">1.00<", ">1.001<"), CodeAmount, "Stmt[1]/Ntry[1]/Amt", "at most 2 decimals"},
		"a comma":                {swap(">1.00<", ">1,00<"), CodeAmount, "Stmt[1]/Ntry[1]/Amt", "decimal string"},
		"an exponent":            {swap(">1.00<", ">1e3<"), CodeAmount, "Stmt[1]/Ntry[1]/Amt", "decimal string"},
		"no amount":              {swap(">1.00<", "><"), CodeMissing, "Stmt[1]/Ntry[1]", "Amt"},
		"words":                  {swap(">1.00<", ">NaN<"), CodeAmount, "Stmt[1]/Ntry[1]/Amt", "NaN"},
		"more than there is":     {swap(">1.00<", ">99999999999999999999<"), CodeAmount, "Stmt[1]/Ntry[1]/Amt", "out of range"},
		"sums out of range":      {message(2, strings.Repeat(strings.ReplaceAll(debit(9), "1.00", "92233720368547758.07"), 2)), CodeAmount, "Stmt[1]/Ntry[3]", "out of range"},
		"two amounts":            {entry(`<Amt Ccy="EUR">1.00</Amt>`), CodeTwice, "Stmt[1]/Ntry[1]/Amt[2]", "twice"},
		"two ids":                {swap("<Id>S-1</Id>", "<Id>S-1</Id><Id>S-2</Id>"), CodeTwice, "Stmt[1]/Id[2]", "S-2"},
		"two accounts":           {swap("</Acct>", "</Acct><Acct><Id><IBAN>DE02120300000000202051</IBAN></Id></Acct>"), CodeTwice, "Stmt[1]/Acct[2]", "one account"},
		"two closing balances":   {swap("OPBD", "CLBD"), CodeTwice, "Stmt[1]/Bal[2]", "CLBD"},

		"no opening balance":     {swap("OPBD", "CLAV"), CodeMissing, "Stmt[1]/Ntry[1]", "OPBD"},
		"no closing balance":     {swap("CLBD", "CLAV"), CodeMissing, "Stmt[1]/Ntry[1]", "CLBD"},
		"a balance too late":     {message(2, `<Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp></Bal>`), CodeFormat, "Stmt[1]/Bal", "before"},
		"no account":             {swap("<IBAN>DE89370400440532013000</IBAN>", ""), CodeAccount, "Stmt[1]/Acct/Id", "want an account number"},
		"a wrong IBAN":           {swap("DE89", "DE98"), CodeAccount, "Stmt[1]/Acct/Id", "check digits"},
		"no id":                  {swap("<Id>S-1</Id>", ""), CodeMissing, "Stmt[1]/Ntry[1]", "Id"},
		"no status":              {swap("<Sts><Cd>BOOK</Cd></Sts>", ""), CodeMissing, "Stmt[1]/Ntry[1]", "Sts"},
		"a status of its own":    {swap("BOOK", "MAYBE"), CodeStatus, "Stmt[1]/Ntry[1]", "MAYBE"},
		"no day":                 {swap("<BookgDt><Dt>2026-10-07</Dt></BookgDt><ValDt><Dt>2026-10-07</Dt></ValDt>", ""), CodeMissing, "Stmt[1]/Ntry[1]", "BookgDt"},
		"a day of no calendar":   {swap("2026-10-07", "2026-02-30"), CodeDate, "Stmt[1]/Ntry[1]/BookgDt/Dt", "2026-02-30"},
		"a day of antiquity":     {swap("2026-10-07", "0001-01-01"), CodeDate, "Stmt[1]/Ntry[1]/BookgDt/Dt", "1970"},
		"a day far away":         {swap("2026-10-07", "2062-10-07"), CodeDate, "Stmt[1]/Ntry[1]", "366 days away"},
		"days the wrong way":     {swap("2026-10-01T00", "2026-11-01T00"), CodeDate, "Stmt[1]/Ntry[1]", "after the last"},
		"a day with a tail":      {swap("2026-10-07<", "2026-10-07 or so<"), CodeDate, "Stmt[1]/Ntry[1]/BookgDt/Dt", "or so"},
		"a name without end":     {swap("Partner 1", strings.Repeat("x", maxText+1)), CodeText, "Stmt[1]/Ntry[1]/NtryDtls/TxDtls[1]/RltdPties/Cdtr/Pty/Nm", "4096"},
		"remittance without end": {swap("<Ustrd>", strings.Repeat("<Ustrd>"+strings.Repeat("y", 4000)+"</Ustrd>", 5)+"<Ustrd>"), CodeText, "Stmt[1]/Ntry[1]/NtryDtls/TxDtls[1]/RmtInf/Ustrd[5]", "16384"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := readText(t, Camt053(Limits{}), c.text)
			requireFault(t, err, c.code, c.path, c.says)
		})
	}
}

// requireFault demands an error of the code at the path, that a person can find and an API can map.
func requireFault(t *testing.T, err error, code, path, says string) {
	t.Helper()
	var fault *Error
	require.ErrorAs(t, err, &fault)
	require.Equal(t, code, fault.Code, err)
	require.Equal(t, path, fault.At.Path, err)
	require.ErrorContains(t, err, says)
	require.Positive(t, fault.At.Line)
	rejection := domain.AsRejection(err)
	require.NotNil(t, rejection)
	require.Equal(t, code, rejection.Rule)
	require.Equal(t, domain.KindInvalid, rejection.Kind)
}

// bomb is the billion laughs: were its entities expanded, it would be 3 GB.
const bomb = `<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol"><!ELEMENT lolz (#PCDATA)>
<!ENTITY lol1 "&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;"><!ENTITY lol2 "&lol1;&lol1;&lol1;&lol1;&lol1;&lol1;&lol1;">]>`

func TestCamtBalancesShowBothFigures(t *testing.T) {
	t.Parallel()
	items, err := readText(t, Camt053(Limits{}), strings.Replace(message(2, ""), "999998.00", "999997.50", 1))
	requireFault(t, err, CodeBalances, "Stmt[1]", "= 999998.00 EUR, but the closing balance is 999997.50 EUR")
	end, is := items[len(items)-1].(End)
	require.True(t, is)
	require.Equal(t, "999998.00 EUR", end.Computed.String())
	require.Equal(t, "999997.50 EUR", end.Closing.String())

	sample, err := os.ReadFile("testdata/three-accounts.camt.053.001.08.xml")
	require.NoError(t, err)
	text, ends := strings.Replace(string(sample), ">900000<", ">900001<", 1), 0
	for item, err := range Camt053(Limits{})(t.Context(), strings.NewReader(text)) {
		if end, is := item.(End); is {
			ends++
			require.Equal(t, end.InFile == 2, err != nil, "only the second is wrong, and the third is read")
		}
	}
	require.Equal(t, 3, ends)
}

// endless is a file that begins as it should and goes on for ever with the same.
type endless struct {
	start, more string
	read        int64
}

func (e *endless) Read(p []byte) (int, error) {
	if e.start == "" {
		e.start = e.more
	}
	n := copy(p, e.start)
	e.start = e.start[n:]
	e.read += int64(n)
	return n, nil
}

// What has no end is stopped at a limit, and nothing far beyond it is read: a line of a gigabyte costs a megabyte.
func TestCamtStopsAtItsLimits(t *testing.T) {
	t.Parallel()
	good := message(1, "")
	head, inside := good[:strings.Index(good, "<Ntry>")], good[:strings.Index(good, "Partner 1")]
	for name, c := range map[string]struct {
		file   endless
		limits Limits
		code   string
		says   string
		most   int64
	}{
		"one text":       {endless{start: inside, more: strings.Repeat("x", 1000)}, Limits{}, CodeText, "more than 4096 bytes", 2 << 20},
		"one tag":        {endless{start: inside + "<a b='", more: strings.Repeat("x", 1000)}, Limits{}, CodeTooLarge, "more than 1048576 bytes", 2 << 20},
		"attributes":     {endless{start: inside + "<a", more: " b='c'"}, Limits{}, CodeTooLarge, "more than 1048576 bytes", 2 << 20},
		"a name":         {endless{start: inside + "<", more: "abc"}, Limits{}, CodeTooLarge, "more than 1048576 bytes", 2 << 20},
		"a comment":      {endless{start: inside + "<!--", more: "abc "}, Limits{}, CodeTooLarge, "more than 1048576 bytes", 2 << 20},
		"an instruction": {endless{start: inside + "<?x ", more: "abc "}, Limits{}, CodeTooLarge, "more than 1048576 bytes", 2 << 20},
		"a DTD":          {endless{start: "<!DOCTYPE x [", more: "<!ENTITY a 'b'>"}, Limits{}, CodeTooLarge, "more than 1048576 bytes", 2 << 20},
		"a CDATA":        {endless{start: inside + "<![CDATA[", more: "abc "}, Limits{}, CodeTooLarge, "more than 1048576 bytes", 2 << 20},
		"blanks":         {endless{start: head, more: strings.Repeat(" ", 1000)}, Limits{}, CodeTooLarge, "more than 1048576 bytes", 2 << 20},
		"small comments": {endless{start: inside, more: "<!-- -->"}, Limits{Bytes: 3 << 20}, CodeTooLarge, "file has more than 3145728 bytes", 4 << 20},
		"small texts":    {endless{start: inside, more: "a<!-- -->"}, Limits{}, CodeText, "more than 4096 bytes", 1 << 20},
		"a deep nest":    {endless{start: head, more: "<a>"}, Limits{}, CodeTooLarge, "64 deep", 1 << 20},
		"a deep entry":   {endless{start: head + "<Ntry><NtryDtls><TxDtls>", more: "<a>"}, Limits{}, CodeTooLarge, "64 deep", 1 << 20},
		"lines":          {endless{start: head, more: debit(1)}, Limits{Lines: 1000}, CodeTooLarge, "more than 1000 lines", 2 << 20},
		"statements": {endless{start: good[:strings.Index(good, "<Stmt>")], more: good[strings.Index(good, "<Stmt>"):strings.Index(good, "</BkTo")]},
			Limits{Statements: 100}, CodeTooLarge, "more than 100 statements", 2 << 20},
		"other balances": {endless{start: head, more: good[strings.Index(good, "<Bal>"):strings.Index(good, "<Bal>")+len("<Bal>")] + "</Bal>"},
			Limits{Bytes: 3 << 20}, CodeTooLarge, "file has more", 4 << 20},
		"entries of nought": {endless{start: head, more: strings.Replace(debit(1), "1.00", "0.00", 1)}, Limits{Bytes: 3 << 20}, CodeTooLarge, "file has more", 4 << 20},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := collect(Camt053(c.limits)(t.Context(), &c.file))
			var fault *Error
			require.ErrorAs(t, err, &fault)
			require.Equal(t, c.code, fault.Code, err)
			require.ErrorContains(t, err, c.says)
			require.LessOrEqual(t, c.file.read, c.most)
		})
	}
}

// An entry of more payments than are held stays one line, and is read on.
func TestCamtBatchOfTooMany(t *testing.T) {
	t.Parallel()
	one := `<TxDtls><Refs><PmtInfId>P-1</PmtInfId></Refs><Amt Ccy="EUR">1.00</Amt></TxDtls>`
	batch := func(n int) string {
		text := strings.Replace(message(1, ""), "1000000.00", "1020000.00", 1)
		text = strings.Replace(text, ">1.00<", ">20001.00<", 1)
		at := strings.Index(text, "<TxDtls>")
		return text[:at] + strings.Repeat(one, n) + text[strings.Index(text, "</NtryDtls>"):]
	}
	items, err := readText(t, Camt053(Limits{}), batch(maxPayments+1))
	require.NoError(t, err)
	require.Len(t, items, 3)
	line, is := items[1].(Line)
	require.True(t, is)
	require.Equal(t, "20001.00 EUR", line.Amount.String())
	require.Equal(t, "P-1", line.Payment.PaymentID)
}

func TestCamtHandsOnErrors(t *testing.T) {
	t.Parallel()
	broken := errors.New("the disk is gone")
	_, err := collect(Camt053(Limits{})(t.Context(), io.MultiReader(strings.NewReader(message(1, "")[:700]), failing{broken})))
	require.ErrorIs(t, err, broken)

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = collect(Camt053(Limits{})(ctx, strings.NewReader(message(1, ""))))
	require.ErrorIs(t, err, context.Canceled)
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }
