package main

import (
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/api/intake/reconcile"
	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/domaintest"
	"github.com/channelledger/channelledger/domain/payable"
)

// A file is reconciled twice: what matched and what didn't is told, and the second time nothing is done again.
func TestReconcile(t *testing.T) {
	dir := t.TempDir()
	data := filepath.Join(dir, "data")
	a, err := openApp(t.Context(), place{dir: data}, true, newLog(nil, io.Discard))
	require.NoError(t, err)
	event := domain.DeriveID("approval")
	id, payout := payable.IDOf(event), domain.DeriveID("payout")
	paid := domain.Must(domain.ParseMoney("100", "EUR"))
	for n, c := range []payable.Command{
		payable.Raise{
			PartnerID: domain.DeriveID("partner"), Amount: paid, Due: domain.Date{Year: 2026, Month: 3, Day: 1},
			Source: payable.Source{Kind: payable.KindClaim, Stream: "mdf_fund-x", ID: event, EventID: event},
		},
		payable.Claim{PayoutID: payout},
		payable.Send{PayoutID: payout, BankAccount: "DE89370400440532013000", PayeeID: domain.DeriveID("payee"), Paid: paid},
	} {
		_, err := a.ledger.Payables.Do(t.Context(), id, domain.Header{
			CommandID: domain.DeriveID("test", string(rune('a'+n))), Actor: domaintest.Importer(),
		}, c)
		require.NoError(t, err)
	}
	require.NoError(t, a.close())

	csv := filepath.Join(dir, "day.csv")
	require.NoError(t, os.WriteFile(csv, []byte("day,amount,reference,e2e\n2026-03-02,-100.00,B1,"+strings.ReplaceAll(id.String(), "-", "")+
		"\n2026-03-02,-7.50,B2,\n"), 0o600))
	mapping := filepath.Join(dir, "mapping.yaml")
	require.NoError(t, os.WriteFile(mapping, []byte("currency: EUR\ndates: [YYYY-MM-DD]\n"+
		"columns: {booked_on: day, amount: amount, reference: reference, end_to_end_id: e2e}\n"), 0o600))
	args := []string{
		"reconcile", "--data", data, "--mapping", mapping, "--account", "DE89370400440532013000", "--number", "7", "--from", "2026-03-01",
		"--to", "2026-03-31", "--opening", "1000.00 EUR", "--closing", "892.50 EUR", csv,
	}
	var out, errs strings.Builder
	require.NoError(t, run(t.Context(), args, nil, nil, &out, &errs), errs.String())
	require.Contains(t, out.String(), "statement 7 of DE89370400440532013000: imported, 2 lines")
	require.Regexp(t, `matched +end_to_end +1 lines +100.00 EUR`, out.String())
	require.Regexp(t, `line 2 +2026-03-02 +out 7.50 EUR +unknown`, out.String())

	out.Reset()
	require.NoError(t, run(t.Context(), append(args, "--json"), nil, nil, &out, &errs))
	var report reconcile.Report
	require.NoError(t, json.Unmarshal([]byte(out.String()), &report))
	require.Equal(t, reconcile.Known, report.Statements[0].Outcome)
	require.Equal(t, 1, report.Statements[0].Before)
	require.Empty(t, report.Statements[0].Matched)

	fails := func(args ...string) error {
		return run(t.Context(), append([]string{"reconcile", "--data", data}, args...), nil, nil, &out, &errs)
	}
	require.ErrorContains(t, fails("--opening", "much", csv), "--opening")
	require.ErrorContains(t, fails(csv), "XML")
}

// What a partner pays because of a claw-back comes in by its id, and is told like any other match.
func TestReconcileRecovers(t *testing.T) {
	dir := t.TempDir()
	data := filepath.Join(dir, "data")
	serve(t, data, "--demo", "--demo-date", "2026-06-30").end()
	a, err := openApp(t.Context(), place{dir: data}, true, newLog(nil, io.Discard))
	require.NoError(t, err)
	open, err := a.ledger.OpenDebts(t.Context(), "DE89370400440532013000", "EUR")
	require.NoError(t, err)
	require.NotEmpty(t, open)
	require.NoError(t, a.close())
	paid := open[0].Amount.Decimal()

	csv, mapping := filepath.Join(dir, "day.csv"), filepath.Join(dir, "mapping.yaml")
	require.NoError(t, os.WriteFile(csv, []byte("day,amount,reference,e2e\n2026-06-30,"+paid+",B1,"+open[0].ID.String()+"\n"), 0o600))
	require.NoError(t, os.WriteFile(mapping, []byte("currency: EUR\ndates: [YYYY-MM-DD]\n"+
		"columns: {booked_on: day, amount: amount, reference: reference, end_to_end_id: e2e}\n"), 0o600))
	var out, errs strings.Builder
	require.NoError(t, run(t.Context(), []string{
		"reconcile", "--data", data, "--mapping", mapping, "--account", "DE89370400440532013000", "--number", "1", "--from", "2026-06-30",
		"--to", "2026-06-30", "--opening", "0.00 EUR", "--closing", paid + " EUR", csv,
	}, nil, nil, &out, &errs), errs.String())
	require.Regexp(t, `matched +end_to_end +1 lines +`+paid+` EUR`, out.String())

	a, err = openApp(t.Context(), place{dir: data}, true, newLog(nil, io.Discard))
	require.NoError(t, err)
	owed, err := a.ledger.ReceivableOf(t.Context(), open[0].ID)
	require.NoError(t, err)
	require.Zero(t, owed.Left(owed.Facts).Sign())
	require.NoError(t, a.close())
}
