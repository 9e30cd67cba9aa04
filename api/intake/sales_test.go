package intake

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"os"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/domaintest"
	"github.com/channelledger/channelledger/domain/partner"
	"github.com/channelledger/channelledger/domain/rebate"
	"github.com/channelledger/channelledger/eventstore"
	"github.com/channelledger/channelledger/eventstore/ledger"
)

var (
	northID = uuid.MustParse("1b4e28ba-2fa1-51d2-883f-0016d3cca427")
	southID = uuid.MustParse("6b0c0e2e-6b7e-5d52-8d1e-0d8a5c2f7a11")
)

const salesMapping = `system: sell-out
scheme: standard
source: won_deals
currency: EUR
dates: [YYYY-MM-DD]
reference: [invoice, line]
columns: {sold_on: date, product: sku, amount: net, currency: cur, partner: reseller, reverses: credits}
partners: {NORTH: 1b4e28ba-2fa1-51d2-883f-0016d3cca427, SOUTH: 6b0c0e2e-6b7e-5d52-8d1e-0d8a5c2f7a11}
fx: {USD: {rate: "0.5", source: ECB}}
`

const salesHeader = "invoice,line,date,reseller,sku,net,cur,credits"

// salesWorld is a ledger with two partners since the year's beginning.
type salesWorld struct {
	*ledger.Ledger
	t testing.TB
}

func newSalesWorld(tb testing.TB) salesWorld {
	tb.Helper()
	w := salesWorld{openLedger(tb), tb}
	for _, id := range []uuid.UUID{northID, southID} {
		for n, c := range []partner.Command{
			partner.Apply{LegalName: "P", Kind: partner.Reseller, Country: "DE"},
			partner.Approve{Reason: "imported history"},
			partner.SignAgreement{Kind: "reseller", ValidFrom: domain.Date{Year: 2025, Month: 1, Day: 1}},
			partner.Onboard{},
		} {
			_, err := w.Partners.Do(tb.Context(), id, domain.Header{
				CommandID: domain.DeriveID(id.String(), fmt.Sprint(n)), Actor: domaintest.Importer(),
				EffectiveAt: now.AddDate(-1, 0, 0),
			}, c)
			require.NoError(tb, err)
		}
	}
	return w
}

// opens an agreement of the partner for the first month.
func (w salesWorld) opens(partner uuid.UUID) uuid.UUID {
	w.t.Helper()
	c := rebate.OpenAgreement{PartnerID: partner, Scheme: "standard", Period: rebate.Period{
		FirstDay: domain.Date{Year: 2026, Month: 1, Day: 1}, LastDay: domain.Date{Year: 2026, Month: 1, Day: 31},
	}}
	_, err := w.Rebates.Do(w.t.Context(), c.ID(), domain.Header{CommandID: c.ID(), Actor: domaintest.Importer()}, c)
	require.NoError(w.t, err)
	return c.ID()
}

func (w salesWorld) imports(rows ...string) (SalesSummary, [][]string) {
	w.t.Helper()
	mapping, err := ParseSalesMapping(strings.NewReader(salesMapping))
	require.NoError(w.t, err)
	return w.importsFile(mapping, salesHeader+"\n"+strings.Join(rows, "\n"))
}

func (w salesWorld) importsFile(mapping SalesMapping, text string) (SalesSummary, [][]string) {
	w.t.Helper()
	var rejects bytes.Buffer
	summary, err := ImportSales(w.t.Context(), w.Ledger, SalesOptions{
		Mapping: mapping, Files: []SalesFile{{"sales.csv", strings.NewReader(text)}}, OnBehalfOf: "ada", Rejects: &rejects, Clock: clock,
	})
	require.NoError(w.t, err)
	reader := csv.NewReader(&rejects)
	reader.FieldsPerRecord = -1 // a row that is too short stays so
	lines, err := reader.ReadAll()
	require.NoError(w.t, err)
	return summary, lines[1:]
}

func (w salesWorld) total(id uuid.UUID) (total string) {
	w.t.Helper()
	require.NoError(w.t, w.Rebates.View(w.t.Context(), id, func(s *rebate.State, _ domain.Source) error {
		total = s.Agreement.Total().Decimal()
		return nil
	}))
	return total
}

func (w salesWorld) events() (n int) {
	w.t.Helper()
	for m, err := range w.Store.Follow(w.t.Context(), eventstore.Position{}, eventstore.Filter{}) {
		require.NoError(w.t, err)
		if m.Kind == eventstore.CaughtUp {
			return n
		}
		n++
	}
	return n
}

func TestSalesAreImportedOnce(t *testing.T) {
	w := newSalesWorld(t)
	north, south := w.opens(northID), w.opens(southID)
	rows := []string{
		"INV-1,1,2026-01-02,NORTH,GTX,12000.00,EUR,",
		"INV-1,2,2026-01-02,NORTH,GTX,8000.00,,",
		"INV-1,1x,2026-01-03,SOUTH,GTX,40000.00,USD,",
		"CN-1,1,2026-01-09,NORTH,GTX,-1000.00,EUR,INV-1/1",
	}
	summary, rejects := w.imports(rows...)
	require.Empty(t, rejects)
	require.Equal(t, "4 rows read\n3 sales recorded, worth EUR 20 000.00 and USD 40 000.00\n1 reversal recorded, worth EUR 1 000.00\n"+
		"0 rows known before\n0 quarantined\n8 events appended\n", summary.String())
	require.Equal(t, "180.00", w.total(north))
	require.Equal(t, "200.00", w.total(south))

	before := w.events()
	again, _ := w.imports(rows...)
	require.Equal(t, []int{4, 4, 0, 0}, []int{again.Rows, again.Known, again.Appended, again.Quarantined})
	require.Equal(t, before, w.events())
}

func TestWhatCannotBeRecordedStaysWithItsReason(t *testing.T) {
	w := newSalesWorld(t)
	w.opens(northID)
	summary, rejects := w.imports(
		"INV-1,1,2026-01-02,NORTH,GTX,12000.00,EUR,",
		",1,2026-01-02,NORTH,GTX,1,EUR,",
		"INV-2,1,,NORTH,GTX,1,EUR,",
		"INV-2,2,02.01.2026,NORTH,GTX,1,EUR,",
		"INV-2,3,2026-01-16,NORTH,GTX,1,EUR,",
		"INV-2,4,2026-01-02,NORHT,GTX,1,EUR,",
		"INV-2,5,2026-01-02,NORTH,,1,EUR,",
		"INV-2,6,2026-01-02,NORTH,GTX,1.000,EUR,",
		"INV-2,7,2026-01-02,NORTH,GTX,-1,EUR,",
		"INV-2,8,2026-01-02,NORTH,GTX,1,GBP,",
		"INV-2,9,2025-12-31,NORTH,GTX,1,EUR,",
		"INV-2,10,2026-01-02,SOUTH,GTX,1,EUR,",
		"CN-1,1,2026-01-09,NORTH,GTX,1,EUR,INV-9/1",
		"CN-1,2,2026-01-09,NORTH,GTX,12000.01,EUR,INV-1/1",
		"CN-1,3,2026-01-01,NORTH,GTX,1,EUR,INV-1/1",
		"INV-3,1,2026-01-02,NORTH",
		"INV-1,1,2026-01-02,NORTH,GTX,12000.01,EUR,",
	)
	var told []string
	for _, r := range rejects {
		told = append(told, strings.Join(r[1:4], " "))
	}
	require.Equal(t, []string{
		"3 invoice missing", "4 date missing", "5 date unreadable", "6 date unreadable", "7 reseller unknown", "8 sku missing",
		"9 net unreadable", "10 net unreadable", "11 cur refused", "12 date unknown", "13 date unknown", "14 credits unknown",
		"15 net refused", "16 date refused", "17  malformed", "18  changed",
	}, told)
	require.Contains(t, rejects[4][4], `nearest is "NORTH"`)
	require.Equal(t, []int{17, 1, 16}, []int{summary.Rows, summary.Sales, summary.Quarantined})
	require.Contains(t, summary.String(), "2 unreadable: net")

	w.opens(southID) // what was missing is there now: the rejects file is imported as it is
	var text strings.Builder
	out := csv.NewWriter(&text)
	require.NoError(t, out.Write(append(append([]string{}, rejectColumns...), strings.Split(salesHeader, ",")...)))
	require.NoError(t, out.Write(rejects[10]))
	out.Flush()
	mapping, err := ParseSalesMapping(strings.NewReader(salesMapping))
	require.NoError(t, err)
	summary, rejects = w.importsFile(mapping, text.String())
	require.Empty(t, rejects)
	require.Equal(t, 1, summary.Sales)
}

func TestTheExampleMappingIsRead(t *testing.T) {
	file, err := os.Open("../../docs/examples/sales.mapping.yaml")
	require.NoError(t, err)
	defer func() { _ = file.Close() }()
	m, err := ParseSalesMapping(file)
	require.NoError(t, err)
	require.Equal(t, []string{"invoice", "line", "net", "cur", "reseller", "sku", "credits", "date"}, m.columns())
}

func TestSalesMappingsNameTheirMistake(t *testing.T) {
	for want, change := range map[string][2]string{
		"line 1, system":          {"system: sell-out", "system: Sell Out"},
		"line 2, scheme":          {"scheme: standard", "scheme: Best One"},
		"line 3, source":          {"won_deals", "gossip"},
		"line 4, currency":        {"EUR", "Euro"},
		"columns.netto: unknown":  {"amount: net,", "netto: net,"},
		"columns: want the key":   {"product: sku, ", ""},
		"partner: want the":       {"partner: reseller, ", ""},
		"partners: want the id":   {"partners:", "product_lines:"},
		"fx.USD.rate":             {`"0.5"`, `"-1"`},
		"fx.US":                   {"USD:", "US:"},
		"delimiter: want one of":  {"currency: EUR", "currency: EUR\ndelimiter: x"},
		"partners: want it with":  {"partner: reseller, reverses: credits}", "reverses: credits}\npartner: 1b4e28ba-2fa1-51d2-883f-0016d3cca427"},
		"want the key reference":  {"reference: [invoice, line]\n", ""},
		"fx.USD: want the key so": {", source: ECB", ""},
	} {
		text := strings.Replace(salesMapping, change[0], change[1], 1)
		if want == "partners: want the id" {
			text = strings.Split(salesMapping, "partners:")[0]
		}
		_, err := ParseSalesMapping(strings.NewReader(text))
		require.ErrorContains(t, err, want)
	}
}

func TestAFileMustHaveTheMappingsColumns(t *testing.T) {
	w := newSalesWorld(t)
	mapping, err := ParseSalesMapping(strings.NewReader(salesMapping))
	require.NoError(t, err)
	for text, want := range map[string]string{
		"": "is empty", "invoice,lin": `no column "line": nearest is "lin"`, "\xff\xfea": "UTF-16", "a,a": `column "a" twice`,
	} {
		_, err := ImportSales(t.Context(), w.Ledger, SalesOptions{Mapping: mapping, Files: []SalesFile{{"s.csv", strings.NewReader(text)}}})
		require.ErrorContains(t, err, want, text)
	}
	_, err = ImportSales(t.Context(), w.Ledger, SalesOptions{Mapping: mapping, Files: []SalesFile{{
		"s.csv", iotest.TimeoutReader(iotest.OneByteReader(strings.NewReader(salesHeader))),
	}}})
	require.ErrorIs(t, err, iotest.ErrTimeout)
}

// Rows come out of a stream as they do out of the whole file, in pieces of any size.
func TestAStreamHasTheRowsOfTheFile(t *testing.T) {
	cell := rapid.SampledFrom([]string{"", "a", "b c", `say "x"`, "two\nlines", "two\r\nlines", "ü,;", `"`, " padded "})
	rapid.Check(t, func(t *rapid.T) {
		rows := rapid.SliceOfN(rapid.SliceOfN(cell, 2, 2), 0, 8).Draw(t, "rows")
		var text bytes.Buffer
		out := csv.NewWriter(&text)
		out.UseCRLF = rapid.Bool().Draw(t, "crlf")
		require.NoError(t, out.Write([]string{"one", "two"}))
		require.NoError(t, out.WriteAll(rows))
		if rapid.Bool().Draw(t, "an unclosed quote") {
			text.WriteString("\"x,y\n1,2\n")
		}
		whole, err := readTable(File{Name: "f", Data: text.Bytes()}, ',')
		require.NoError(t, err)
		stream, table, err := openStream("f", iotest.OneByteReader(bytes.NewReader(text.Bytes())), ',')
		require.NoError(t, err)
		require.Equal(t, whole.header, table.header)
		var got []record
		for {
			r, ok, err := stream.next()
			require.NoError(t, err)
			if !ok {
				break
			}
			if r.wrong == "" && len(r.cells) != 2 {
				r.wrong = fmt.Sprintf("has %d columns, and the header 2", len(r.cells))
			}
			got = append(got, r)
		}
		require.Equal(t, whole.rows, got)
	})
}

// BenchmarkImportSales records a file of sales in one agreement, over a log in memory.
func BenchmarkImportSales(b *testing.B) {
	w := newSalesWorld(b)
	w.opens(northID)
	var text strings.Builder
	for n := range b.N {
		fmt.Fprintf(&text, "INV-%d,1,2026-01-02,NORTH,GTX,10.00,EUR,\n", n)
	}
	b.ResetTimer()
	w.imports(text.String())
}
