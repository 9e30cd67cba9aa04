package main

import (
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/domaintest"
	"github.com/channelledger/channelledger/domain/partner"
	"github.com/channelledger/channelledger/domain/rebate"
)

// withAgreement is a ledger whose partner has an agreement on what it won in the first quarter of 2025.
func withAgreement(t *testing.T) (data string, partnerID, agreement uuid.UUID) {
	t.Helper()
	data = filepath.Join(t.TempDir(), "data")
	a, err := openApp(t.Context(), place{dir: data}, true, newLog(nil, io.Discard))
	require.NoError(t, err)
	partnerID = domain.DeriveID("partner", "north")
	first := domain.Date{Year: 2025, Month: 1, Day: 1}
	opening := rebate.OpenAgreement{PartnerID: partnerID, Scheme: "standard", Period: rebate.Period{FirstDay: first, LastDay: first.AddDays(89)}}
	for n, c := range []any{
		partner.Apply{LegalName: "North", Kind: partner.Reseller, Country: "DE"}, partner.Approve{Reason: "imported history"},
		partner.SignAgreement{Kind: "reseller", ValidFrom: first}, partner.Onboard{}, opening,
	} {
		stream := domain.StreamName(partner.Category, partnerID)
		if _, ok := c.(rebate.OpenAgreement); ok {
			stream = domain.StreamName(rebate.Category, opening.ID())
		}
		_, err := a.ledger.Dispatch(t.Context(), stream, domain.Header{
			CommandID: domain.DeriveID("test", string(rune('a'+n))), Actor: domaintest.Importer(), EffectiveAt: first.In(time.UTC),
		}, c)
		require.NoError(t, err, "%T", c)
	}
	require.NoError(t, a.close())
	return data, partnerID, opening.ID()
}

func TestSalesAreImportedAndTheRebateExplained(t *testing.T) {
	data, partnerID, agreement := withAgreement(t)
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		return path
	}
	mapping := write("mapping.yaml", "system: wins\nscheme: standard\nsource: won_deals\ncurrency: EUR\ndates: [YYYY-MM-DD]\n"+
		"reference: [ref]\ncolumns: {sold_on: day, product: sku, amount: net, reverses: credits}\npartner: "+partnerID.String()+"\n")
	sales := write("sales.csv", "ref,day,sku,net,credits\nA,2025-01-10,GTX,8000,\nB,2025-02-01,GTX,30000,\nC,2025-02-02,GTX,40000,\n"+
		"R,2025-03-01,GTX,-29000,B\nD,2025-04-01,GTX,1,\n")
	rejects := filepath.Join(dir, "rejects.csv")
	args := []string{"import", "sales", "--data", data, "--mapping", mapping, "--rejects", rejects, sales}
	summary := must(t, args...)
	for _, line := range []string{
		"5 rows read", "3 sales recorded, worth EUR 78 000.00", "1 reversal recorded, worth EUR 29 000.00", "1 quarantined", "8 events appended",
	} {
		require.Contains(t, summary, line)
	}
	require.Contains(t, must(t, args...), "\n0 events appended")
	left, err := os.ReadFile(rejects)
	require.NoError(t, err)
	require.Contains(t, string(left), "sales.csv,6,day,unknown,")

	text := must(t, "rebate", "explain", "--data", data, agreement.String())
	for _, line := range []string{
		"1. 2025-01-01 00:00 opened", "scheme standard of rebate@1: incremental on won_deals, in EUR", "from 10000.00 EUR: 2 %",
		"2. 2025-01-10 00:00 sale A GTX: +8000.00 EUR", "band from 10000.00 EUR: 2 % of 28000.00 EUR = 560.00",
		"unrounded 2200.00, rounded 2200.00 EUR", "5. 2025-03-01 00:00 reversal R: -29000.00 EUR", "moves -1420.00 EUR",
		"total 780.00 EUR   [rebate-" + agreement.String() + "@8 ",
	} {
		require.Contains(t, text, line)
	}
	var last rebate.ExplainedStep
	lines := strings.Split(strings.TrimSpace(must(t, "rebate", "explain", "--data", data, "--json", "rebate-"+agreement.String())), "\n")
	require.Len(t, lines, 5)
	require.NoError(t, json.Unmarshal([]byte(lines[4]), &last))
	require.Equal(t, "reversal", last.What)
	require.Equal(t, "780.00", last.Total.Decimal())

	_, _, err = call(t, "rebate", "explain", "--data", data, partnerID.String())
	require.ErrorContains(t, err, "there is no agreement")
	_, _, err = call(t, "rebate", "explain", "--data", data, "north")
	require.ErrorContains(t, err, "want the id of an agreement")
}
