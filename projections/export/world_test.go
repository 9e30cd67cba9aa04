package export_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/projections/export"
	"github.com/channelledger/channelledger/projections/journal"
)

var about = export.About{What: "journal", Position: "emb-1a2b3c4d.4711", Query: "by=posted&from=2026-01-01"}

func money(amount, currency string) domain.Money {
	return domain.Must(domain.ParseMoney(amount, currency))
}

// fxEntry is a claim of EUR 1 234.56 at 1.0837 into a USD fund.
func fxEntry() journal.Entry {
	fund, partner := domain.DeriveID("fund"), domain.DeriveID("partner")
	at := time.Date(2026, time.January, 31, 23, 30, 0, 0, time.UTC)
	return journal.Entry{
		Event: domain.DeriveID("event"), Type: "mdf.claim_approved.v1", Stream: "mdf_fund-" + fund.String(), Revision: 12,
		Book: journal.Financial, RecordedAt: at.Add(time.Hour), EffectiveAt: at, EffectiveOn: domain.DateOf(at, time.UTC),
		PostedOn: domain.Date{Year: 2026, Month: 2, Day: 1},
		Lines: []journal.Line{
			{Account: journal.OfFund(journal.ContraRevenueMDF, fund), Amount: money("1337.89", "USD")},
			{Account: journal.OfPartner(journal.EquityFX, partner), Amount: money("1234.56", "EUR")},
			{Account: journal.OfPartner(journal.EquityFX, partner), Amount: money("-1337.89", "USD")},
			{Account: journal.OfPartner(journal.LiabilityMDFPayable, partner), Amount: money("-1234.56", "EUR")},
		},
	}
}

// yenEntry is of another book, day and number of decimals.
func yenEntry() journal.Entry {
	budget := domain.DeriveID("budget")
	at := time.Date(2025, time.December, 1, 0, 0, 0, 0, time.UTC)
	return journal.Entry{
		Event: domain.DeriveID("event", "2"), Type: "mdf.budget_opened.v1", Stream: "mdf_budget-" + budget.String(),
		Book: journal.Budgetary, RecordedAt: at, EffectiveAt: at, EffectiveOn: domain.DateOf(at, time.UTC),
		PostedOn: domain.DateOf(at, time.UTC),
		Lines: []journal.Line{
			{Account: journal.OfBudget(journal.BudgetUnallocated, budget), Amount: money("500000", "JPY")},
			{Account: journal.OfBudget(journal.BudgetAuthority, budget), Amount: money("-500000", "JPY")},
		},
	}
}

// these yields values one after the other.
func these[T any](values ...T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for _, v := range values {
			if !yield(v, nil) {
				return
			}
		}
	}
}

func content(t *testing.T, file *export.File) string {
	t.Helper()
	var b bytes.Buffer
	n, err := file.WriteTo(&b)
	require.NoError(t, err)
	require.Equal(t, file.Size(), n)
	require.Len(t, b.Bytes(), int(n))
	return b.String()
}

func made(t *testing.T, file *export.File, err error) *export.File {
	t.Helper()
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, file.Close()) })
	return file
}

func journalFile(t *testing.T, format export.Format, entries ...journal.Entry) *export.File {
	t.Helper()
	file, err := export.Journal(format, about, journal.ByPosted, these(entries...))
	return made(t, file, err)
}

// checkHash is what a reader does: whatever stands behind the line with the hash has it.
func checkHash(t *testing.T, file *export.File) {
	t.Helper()
	head, body, found := strings.Cut(content(t, file), "sha256")
	require.True(t, found)
	require.Contains(t, head, file.Position)
	line, body, _ := strings.Cut(body, "\n")
	require.Contains(t, line, file.SHA256)
	sum := sha256.Sum256([]byte(body))
	require.Equal(t, file.SHA256, hex.EncodeToString(sum[:]))
	require.Contains(t, head, fmt.Sprint(file.Rows))
}

// golden compares with a file of testdata; UPDATE_GOLDEN=1 writes it.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if os.Getenv("UPDATE_GOLDEN") != "" {
		require.NoError(t, os.WriteFile(path, []byte(got), 0o600))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, string(want), got)
}
