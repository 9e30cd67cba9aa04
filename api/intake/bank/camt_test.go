package bank

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/channelledger/channelledger/domain"
)

func TestCamtSamples(t *testing.T) {
	t.Parallel()
	samples, err := filepath.Glob("testdata/*.xml")
	require.NoError(t, err)
	require.NotEmpty(t, samples)
	for _, sample := range samples {
		t.Run(filepath.Base(sample), func(t *testing.T) {
			t.Parallel()
			file, err := os.Open(sample)
			require.NoError(t, err)
			defer func() { require.NoError(t, file.Close()) }()
			items, err := collect(Camt053(Limits{})(t.Context(), iotest.OneByteReader(file)))
			require.NoError(t, err)
			golden(t, strings.TrimSuffix(sample, ".xml")+".want", shown(items))
		})
	}
}

// Our own samples are what the schema says. It is the ISO's and not in this repository: CAMT053_XSD names a copy of
// camt.053.001.08.xsd.
func TestCamtSamplesAreValid(t *testing.T) {
	t.Parallel()
	schema := os.Getenv("CAMT053_XSD")
	if _, err := exec.LookPath("xmllint"); schema == "" || err != nil {
		t.Skip("want xmllint, and CAMT053_XSD=path/of/camt.053.001.08.xsd")
	}
	samples, err := filepath.Glob("testdata/*.camt.053.001.08.xml")
	require.NoError(t, err)
	for _, sample := range samples {
		out, err := exec.CommandContext(t.Context(), "xmllint", "--noout", "--schema", schema, sample).CombinedOutput()
		require.NoError(t, err, string(out))
	}
	path := filepath.Join(t.TempDir(), "written.xml")
	require.NoError(t, os.WriteFile(path, []byte(message(2, "")), 0o600))
	out, err := exec.CommandContext(t.Context(), "xmllint", "--noout", "--schema", schema, path).CombinedOutput()
	require.NoError(t, err, string(out))
}

// message is a file of one statement with so many lines of 1.00 out, and more entries as they are given.
func message(lines int, more string) string {
	var b strings.Builder
	for i := range lines {
		b.WriteString(debit(i + 1))
	}
	return fmt.Sprintf(`<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt>
<GrpHdr><MsgId>M</MsgId><CreDtTm>2026-10-31T20:00:00</CreDtTm></GrpHdr>
<Stmt><Id>S-1</Id><CreDtTm>2026-10-31T20:00:00</CreDtTm>
<FrToDt><FrDtTm>2026-10-01T00:00:00</FrDtTm><ToDtTm>2026-10-31T23:59:59</ToDtTm></FrToDt>
<Acct><Id><IBAN>DE89370400440532013000</IBAN></Id><Ccy>EUR</Ccy></Acct>
<Bal><Tp><CdOrPrtry><Cd>OPBD</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">1000000.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-10-01</Dt></Dt></Bal>
<Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">%d.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-10-31</Dt></Dt></Bal>
%s%s</Stmt></BkToCstmrStmt></Document>
`, 1_000_000-lines, b.String(), more)
}

func debit(n int) string {
	return fmt.Sprintf(`<Ntry><Amt Ccy="EUR">1.00</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>
<BookgDt><Dt>2026-10-07</Dt></BookgDt><ValDt><Dt>2026-10-07</Dt></ValDt><AcctSvcrRef>REF-%d</AcctSvcrRef>
<BkTxCd><Prtry><Cd>NTRF</Cd></Prtry></BkTxCd><NtryDtls><TxDtls><Refs><EndToEndId>%032x</EndToEndId></Refs>
<RltdPties><Cdtr><Pty><Nm>Partner %d</Nm></Pty></Cdtr><CdtrAcct><Id><IBAN>DE02120300000000202051</IBAN></Id></CdtrAcct></RltdPties>
<RmtInf><Ustrd>MDF claim %d</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>
`, n, n, n, n)
}

func TestCamtStopsWhenAsked(t *testing.T) {
	t.Parallel()
	n := 0
	for item, err := range Camt053(Limits{})(t.Context(), strings.NewReader(message(10, ""))) {
		require.NoError(t, err)
		if _, is := item.(Line); is {
			if n++; n == 3 {
				break
			}
		}
	}
	require.Equal(t, 3, n)
}

func TestPick(t *testing.T) {
	t.Parallel()
	pick := func(inFile int, numbers ...int) ([]Line, error) {
		return Pick(t.Context(), Camt053(Limits{}), strings.NewReader(message(10, "")), inFile, numbers...)
	}
	lines, err := pick(1, 7, 2, 7)
	require.NoError(t, err)
	require.Len(t, lines, 2)
	require.Equal(t, "REF-2", lines[0].Reference)
	require.Equal(t, "REF-7", lines[1].Reference)

	lines, err = pick(1)
	require.NoError(t, err)
	require.Empty(t, lines)
	_, err = pick(1, 11)
	require.ErrorContains(t, err, "statement 1 of the file has no line 11")
	_, err = pick(2, 1)
	require.ErrorContains(t, err, "statement 2 of the file has no line 1")
}

// The same movement has the same identity in another file, whatever stands around it there; another has another.
func TestIdentity(t *testing.T) {
	t.Parallel()
	identities := func(text string) (got []string) {
		items, err := readText(t, Camt053(Limits{}), text)
		require.NoError(t, err)
		for _, item := range items {
			if l, is := item.(Line); is {
				require.Len(t, l.Identity, 32)
				got = append(got, l.Identity)
			}
		}
		return got
	}
	three := identities(message(3, ""))
	require.Equal(t, three, identities(strings.Replace(message(3, ""), "<Id>S-1</Id>", "<Id>S-1-again</Id>", 1)))
	require.Equal(t, three[:2], identities(message(2, "")))

	unnamed := strings.NewReplacer("<AcctSvcrRef>REF-1</AcctSvcrRef>", "")
	twice := strings.Replace(message(2, ""), debit(2), debit(1), 1)
	same := identities(unnamed.Replace(twice))
	require.NotEqual(t, same[0], same[1], "two that nothing tells apart are two")
	require.Equal(t, same, identities(unnamed.Replace(twice)))

	reversed := strings.Replace(message(2, ""), "999998.00", "1000000.00", 1)
	reversed = strings.Replace(reversed, debit(2), strings.Replace(debit(1), "DBIT", "CRDT", 1), 1)
	both := identities(reversed)
	require.NotEqual(t, both[0], both[1], "a reversal with the same reference is another")
}

// A batch becomes a line for each payment exactly where their amounts, each in its direction, add up to what was booked; and
// whatever it becomes, that is what the lines come to.
func TestBatches(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var payments strings.Builder
		var sum int64
		moving := 0
		n := rapid.IntRange(2, 6).Draw(t, "payments")
		for i := range n {
			cents := rapid.Int64Range(0, 300).Draw(t, "cents")
			sign := "DBIT"
			if rapid.IntRange(0, 4).Draw(t, "against") == 0 && i > 0 {
				sign, sum = "CRDT", sum+cents
			} else {
				sum -= cents
			}
			if cents > 0 {
				moving++
			}
			fmt.Fprintf(&payments, `<TxDtls><Amt Ccy="EUR">%s</Amt><CdtDbtInd>%s</CdtDbtInd></TxDtls>`, euros(cents).Decimal(), sign)
		}
		if sum >= 0 {
			return // all of it would contradict the entry
		}
		off := rapid.SampledFrom([]int64{0, 0, 1}).Draw(t, "off")
		booked := euros(-sum + off)
		entry := fmt.Sprintf(`<Ntry><Amt Ccy="EUR">%s</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts>BOOK</Sts><BookgDt><Dt>2026-10-07</Dt></BookgDt>`+
			`<NtryDtls>%s</NtryDtls></Ntry>`, booked.Decimal(), payments.String())
		closing := domain.Must(euros(100_000_000).Sub(booked)).Decimal()
		text := message(0, entry)
		at := strings.LastIndex(text, "1000000.00")
		items, err := collect(Camt053(Limits{})(t.Context(), strings.NewReader(text[:at]+closing+text[at+len("1000000.00"):])))
		require.NoError(t, err)
		end, is := items[len(items)-1].(End)
		require.True(t, is)
		require.Equal(t, booked, domain.Must(end.Out.Sub(end.In)))
		if off == 0 {
			require.Equal(t, moving, end.Lines)
		} else {
			require.Equal(t, 1, end.Lines)
		}
	})
}
