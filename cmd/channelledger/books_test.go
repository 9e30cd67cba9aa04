package main

import (
	"encoding/json"
	"io"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/domaintest"
	"github.com/channelledger/channelledger/domain/mdf"
	"github.com/channelledger/channelledger/projections/journal"
)

// withBudget is a ledger with a budget that was opened in January and increased in February 2025.
func withBudget(t *testing.T) (data string) {
	t.Helper()
	data = filepath.Join(t.TempDir(), "data")
	a, err := openApp(t.Context(), place{dir: data}, true, newLog(nil, io.Discard))
	require.NoError(t, err)
	first := domain.Date{Year: 2025, Month: time.January, Day: 10}
	open := domain.DeriveID("test", "open")
	stream := domain.StreamName(mdf.BudgetCategory, mdf.BudgetID(open))
	for n, c := range []any{
		mdf.OpenBudget{Name: "H1", Period: mdf.Period{From: first, To: first.AddDays(170)}, Amount: euros("1000.00")},
		mdf.IncreaseBudget{Amount: euros("250.00"), Reason: "launch"},
	} {
		header := domain.Header{CommandID: open, Actor: domaintest.Importer(), EffectiveAt: first.AddDays(30 * n).In(time.UTC)}
		if n > 0 {
			header.CommandID = domain.DeriveID("test", "increase")
		}
		_, err := a.ledger.Dispatch(t.Context(), stream, header, c)
		require.NoError(t, err, "%T", c)
	}
	require.NoError(t, a.close())
	return data
}

func euros(amount string) domain.Money { return domain.Must(domain.ParseMoney(amount, "EUR")) }

func TestTheBooksOnTheCommandLine(t *testing.T) {
	data := withBudget(t)
	text := must(t, "balance", "--data", data, "--from", "2025-02-01", "--to", "2025-02-28")
	require.Contains(t, text, "by posted date, from 2025-02-01, to 2025-02-28, log ")
	require.Regexp(t, `budget:unallocated +EUR +1000.00 +250.00 +0.00 +1250.00`, text)
	require.Regexp(t, `budgetary +total +EUR +0.00 +250.00 +250.00 +0.00`, text)

	text = must(t, "balance", "--data", data, "budget:authority")
	require.Regexp(t, `2025-01-10 +mdf.budget_opened.v1 +1000.00 +-1000.00 EUR`, text)
	require.Regexp(t, `closing +-1250.00 EUR`, text)

	text = must(t, "journal", "--data", data, "--by", "effective", "--to", "2025-01-31")
	require.Contains(t, text, "\n1 entry\n")
	require.Regexp(t, `budget:unallocated +budget:[0-9a-f-]+ +1000.00 +EUR`, text)

	var entries []journal.Entry
	for line := range strings.Lines(must(t, "journal", "--data", data, "--json")) {
		var e journal.Entry
		require.NoError(t, json.Unmarshal([]byte(line), &e))
		entries = append(entries, e)
	}
	require.Len(t, entries, 2)
	require.Equal(t, euros("250.00"), entries[1].Lines[0].Amount)
	require.Contains(t, must(t, "journal", "--data", data, "--effective-at", "2025-01-31"), "\n1 entry\n")
	require.Contains(t, must(t, "journal", "--data", data, "--known-at", "2025-01-31"), "\n0 entries\n")

	for flag, wrong := range map[string]string{"--from": "yesterday", "--known-at": "yesterday", "--by": "mood"} {
		_, _, err := call(t, "journal", "--data", data, flag, wrong)
		require.ErrorContains(t, err, flag)
	}
	_, _, err := call(t, "balance", "--data", data, "asset:gold")
	require.ErrorContains(t, err, "nothing ever moved in asset:gold")
	_, _, err = call(t, "balance", "--data", data, "--parties", "budget:authority")
	require.ErrorContains(t, err, "of an account")
}
