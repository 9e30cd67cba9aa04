package payment_test

import (
	"bytes"
	"encoding/csv"
	"encoding/xml"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/channelledger/channelledger/api/payment"
	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/payout"
)

func money(amount, currency string) domain.Money {
	return domain.Must(domain.ParseMoney(amount, currency))
}

func batch(transfers ...payment.Transfer) payment.Batch {
	return payment.Batch{
		MessageID: strings.Repeat("0f", 16), CreatedAt: time.Date(2026, 3, 2, 10, 30, 0, 999, time.FixedZone("CET", 3600)),
		ExecutionOn: domain.Must(domain.ParseDate("2026-03-04")), Currency: transfers[0].Amount.Currency(), Transfers: transfers,
		Debtor: payout.Debtor{Name: "Vendor Söhne & Co. SE", IBAN: "DE89370400440532013000", BIC: "DEUTDEFF"},
	}
}

func transfer(amount, currency string) payment.Transfer {
	return payment.Transfer{
		EndToEndID: strings.Repeat("a1", 16), Amount: money(amount, currency), Name: "Łukasz Müller-Ångström", Account: "FR1420041010050500013M02606",
		BIC: "PSSTFRPPLIL", Remittance: "MDF claim 1",
	}
}

// abroad has no IBAN and no BIC.
func abroad(amount, currency string) payment.Transfer {
	t := transfer(amount, currency)
	t.Account, t.BIC = "00 123-456", ""
	return t
}

func written(t require.TestingT, format payout.Format, b payment.Batch) string {
	var out bytes.Buffer
	require.NoError(t, payment.Write(&out, format, b))
	return out.String()
}

// requireValid holds a file against the schema: xmllint is in Debian's libxml2-utils.
func requireValid(t *testing.T, file string) {
	t.Helper()
	xmllint, err := exec.LookPath("xmllint")
	if err != nil {
		t.Skip("xmllint isn't installed (Debian: libxml2-utils): the file isn't held against its schema")
	}
	schemas := []string{"testdata/pain.001.001.09.profile.xsd"}
	if official := os.Getenv("PAIN001_XSD"); official != "" {
		schemas = append(schemas, official)
	}
	path := filepath.Join(t.TempDir(), "payout.xml")
	require.NoError(t, os.WriteFile(path, []byte(file), 0o600))
	for _, schema := range schemas {
		out, err := exec.CommandContext(t.Context(), xmllint, "--noout", "--nonet", "--schema", schema, path).CombinedOutput()
		require.NoError(t, err, "%s", out)
	}
}

// The golden files are what was written on the day that they were frozen: a payout of those days must still give the same.
func TestTheSameBytesForEver(t *testing.T) {
	t.Parallel()
	for name, b := range map[string]payment.Batch{
		"sepa":    batch(transfer("1234.56", "EUR"), transfer("0.01", "EUR")),
		"generic": batch(transfer("1234.56", "EUR"), abroad("65.44", "EUR")),
		"yen":     batch(abroad("1234", "JPY")),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, format := range payout.Formats() {
				path := filepath.Join("testdata", name+filepath.Ext(payment.FileName(format, "x")))
				got := written(t, format, b)
				if os.Getenv("UPDATE_FIXTURES") != "" {
					require.NoError(t, os.WriteFile(path, []byte(got), 0o600))
				}
				want, err := os.ReadFile(path)
				require.NoError(t, err)
				require.Equal(t, string(want), got)
			}
			requireValid(t, written(t, payout.Pain001, b))
		})
	}
}

func TestEurosWithinSEPAGoAsSEPACreditTransfers(t *testing.T) {
	t.Parallel()
	require.Contains(t, written(t, payout.Pain001, batch(transfer("1.00", "EUR"))), "<Cd>SEPA</Cd>")
	turkish := transfer("1.00", "EUR")
	turkish.Account = "TR330006100519786457841326"
	for name, b := range map[string]payment.Batch{
		"another currency": batch(transfer("1.00", "USD")),
		"no IBAN":          batch(transfer("1.00", "EUR"), abroad("1.00", "EUR")),
		"out of reach":     batch(turkish),
	} {
		file := written(t, payout.Pain001, b)
		require.NotContains(t, file, "SEPA", name)
		require.Contains(t, file, "<ChrgBr>SHAR</ChrgBr>", name)
		requireValid(t, file)
	}
}

func TestWhatCannotBeWritten(t *testing.T) {
	t.Parallel()
	for name, b := range map[string]payment.Batch{
		"too much for SEPA":                batch(transfer("1000000000.00", "EUR")),
		"nothing":                          batch(transfer("0.00", "EUR")),
		"another currency":                 batch(transfer("1.00", "EUR"), transfer("1.00", "USD")),
		"no account":                       func() payment.Batch { x := transfer("1.00", "EUR"); x.Account = ""; return batch(x) }(),
		"an account that isn't written so": func() payment.Batch { x := abroad("1.00", "EUR"); x.Account = "Nº 12"; return batch(x) }(),
		"too long an account":              func() payment.Batch { x := abroad("1.00", "EUR"); x.Account = strings.Repeat("1", 35); return batch(x) }(),
		"too long an id":                   func() payment.Batch { x := transfer("1.00", "EUR"); x.EndToEndID += "0000"; return batch(x) }(),
		"no name for itself":               func() payment.Batch { b := batch(transfer("1.00", "EUR")); b.MessageID = ""; return b }(),
	} {
		require.Equal(t, domain.KindInvalid, domain.AsRejection(payment.Write(&bytes.Buffer{}, payout.Pain001, b)).Kind, name)
	}
	require.Equal(t, "format", domain.AsRejection(payment.Write(&bytes.Buffer{}, "mt101", batch(transfer("1.00", "EUR")))).Field)
}

func TestNamesInTheLettersOfBanks(t *testing.T) {
	t.Parallel()
	long := transfer("1.00", "EUR")
	for name, want := range map[string]string{
		"Łukasz Müller-Ångström":       "Lukasz Mueller-Angstroem",
		"Straße & Söhne_KG":            "Strasse + Soehne-KG",
		"Müller":                       "Mueller", // with a combining mark
		"Γιώργος Παπαδόπουλος":         "Giorgos Papadopoulos",
		"Стоян Живков":                 "Stoyan Zhivkov",
		"  two\n lines\t":              "two lines",
		"株式会社":                         "....",
		"=cmd|' /C calc'!A0":           ".cmd.' /C calc'.A0",
		strings.Repeat("ä", 40):        strings.Repeat("ae", 35),
		"İstanbul Çiğ Köfte":           "Istanbul Cig Koefte",
		"O’Neil “Ltd” – 50 % <b>&amp;": "O'Neil 'Ltd' - 50 . .b.+amp.",
		"":                             ".",
	} {
		long.Name = name
		require.Contains(t, written(t, payout.Pain001, batch(long)), "<Nm>"+xmlText(t, want)+"</Nm>", name)
	}
}

func xmlText(t *testing.T, text string) string {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, xml.EscapeText(&b, []byte(text)))
	return b.String()
}

// Whatever somebody is called, the file is well formed, in the banks' letters, and says what is paid.
func TestWhateverSomebodyIsCalled(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		x := transfer("12.34", "EUR")
		x.Name, x.Remittance = rapid.String().Draw(t, "name"), rapid.String().Draw(t, "remittance")
		file := written(t, payout.Pain001, batch(x))
		var doc struct {
			Names []string `xml:"CstmrCdtTrfInitn>PmtInf>CdtTrfTxInf>Cdtr>Nm"`
			Texts []string `xml:"CstmrCdtTrfInitn>PmtInf>CdtTrfTxInf>RmtInf>Ustrd"`
		}
		require.NoError(t, xml.Unmarshal([]byte(file), &doc))
		require.Len(t, doc.Names, 1)
		require.Regexp(t, `^[-a-zA-Z0-9/?:().,'+ ]{1,70}$`, doc.Names[0])
		require.Regexp(t, `^[-a-zA-Z0-9/?:().,'+ ]{1,140}$`, doc.Texts[0])

		rows, err := csv.NewReader(strings.NewReader(written(t, payout.CSV, batch(x)))).ReadAll()
		require.NoError(t, err)
		require.Len(t, rows, 2)
		require.Len(t, rows[1], len(rows[0]))
		require.NotContains(t, "=+-@\t\r", rows[1][7][:min(1, len(rows[1][7]))]+"x")
	})
}

func TestAFormulaIsAText(t *testing.T) {
	t.Parallel()
	x := transfer("12.34", "EUR")
	x.Name, x.Remittance = `=HYPERLINK("http://evil")`, "a;+1"
	file := written(t, payout.CSV, batch(x))
	require.Contains(t, file, `"'=HYPERLINK(""http://evil"")"`)
	require.Contains(t, file, "a;'+1")
	require.Equal(t, 2, strings.Count(file, "\r\n"))
	require.Equal(t, []string{"text/csv; charset=utf-8", "application/xml"}, []string{payment.MediaType(payout.CSV), payment.MediaType(payout.Pain001)})
}
