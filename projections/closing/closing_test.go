package closing_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/period"
	"github.com/channelledger/channelledger/domain/rebate"
	"github.com/channelledger/channelledger/projections"
	"github.com/channelledger/channelledger/projections/closing"
	"github.com/channelledger/channelledger/projections/journal"
	"github.com/channelledger/channelledger/projections/listing/histories"
	"github.com/channelledger/channelledger/projections/rebates"
)

var partner = domain.DeriveID("north")

func money(amount, currency string) domain.Money {
	return domain.Must(domain.ParseMoney(amount, currency))
}

func balance(account journal.Account, closing domain.Money) journal.Balance {
	return journal.Balance{Book: journal.Financial, Account: account, Closing: closing}
}

// nobody answers as a ledger without agreements.
func nobody(context.Context, string, func(projections.Querier) error) error { return nil }

// results are those of the books, by the check's name.
func results(t *testing.T, books closing.Books) map[string]closing.Result {
	t.Helper()
	if books.Ask == nil {
		books.Ask = nobody
	}
	all, err := closing.Run(t.Context(), books)
	require.NoError(t, err)
	byName := map[string]closing.Result{}
	for _, r := range all {
		require.NotContains(t, byName, r.Name)
		byName[r.Name] = r
	}
	return byName
}

func TestNothingStandsInTheWay(t *testing.T) {
	t.Parallel()
	fx := journal.OfPartner(journal.EquityFX, partner)
	for name, r := range results(t, closing.Books{
		Balances: []journal.Balance{
			balance(journal.OfBank(journal.AssetBankSuspense, "DE02"), money("0", "EUR")), balance(fx, money("0", "USD")),
		},
		Models: []projections.Status{{Name: "journal", State: projections.Live}, {Name: "mdf", State: projections.CatchingUp}},
		Parked: map[string]int{"scheduler": 0},
	}) {
		assert.Equal(t, period.Passed, r.Result, name)
		assert.Empty(t, r.Findings, name)
		assert.NotEmpty(t, r.Title, name)
	}
}

func TestWhatIsOpen(t *testing.T) {
	t.Parallel()
	suspense, clearing := journal.OfBank(journal.AssetBankSuspense, "DE02"), journal.OfBank(journal.AssetCashClearing, "DE02")
	got := results(t, closing.Books{Balances: []journal.Balance{
		balance(suspense, money("12.00", "EUR")), balance(clearing, money("-7.00", "EUR")), balance(clearing, money("-5.00", "USD")),
	}})
	require.Len(t, got["open_suspense"].Findings, 1)
	assert.Equal(t, &suspense, got["open_suspense"].Findings[0].Account)
	assert.Equal(t, money("12.00", "EUR"), got["open_suspense"].Findings[0].Amount)
	assert.Equal(t, period.Failed, got["open_suspense"].Result)
	assert.Len(t, got["open_clearing"].Findings, 2)
	assert.Equal(t, period.Failed, got["balanced"].Result)
	assert.Equal(t, []domain.Money{money("5.00", "EUR"), money("-5.00", "USD")},
		[]domain.Money{got["balanced"].Findings[0].Amount, got["balanced"].Findings[1].Amount})
}

// The vector of the posting table: EUR 1 234.56 owed out of a USD fund.
func TestOpenFX(t *testing.T) {
	t.Parallel()
	fx, owed := journal.OfPartner(journal.EquityFX, partner), journal.OfPartner(journal.LiabilityMDFPayable, partner)
	pair := []journal.Balance{balance(fx, money("-1337.89", "USD")), balance(fx, money("1234.56", "EUR"))}
	exposed := results(t, closing.Books{Balances: append(pair, balance(owed, money("-1234.56", "EUR")))})["open_fx"]
	assert.Equal(t, period.Warned, exposed.Result)
	assert.Len(t, exposed.Findings, 2)

	forgotten := results(t, closing.Books{Balances: []journal.Balance{
		balance(fx, money("7.11", "USD")), balance(owed, money("0", "EUR")),
		balance(journal.OfPartner(journal.LiabilityMDFPayable, domain.DeriveID("south")), money("-5", "EUR")),
	}})["open_fx"]
	assert.Equal(t, period.Failed, forgotten.Result)
}

func TestWhatStopped(t *testing.T) {
	t.Parallel()
	got := results(t, closing.Books{
		Models: []projections.Status{{Name: "journal", State: projections.Halted}, {Name: "mdf", State: projections.Failed}},
		Halted: "out of disk", Parked: map[string]int{"scheduler": 2},
	})
	assert.Len(t, got["halted_read_models"].Findings, 2)
	assert.Len(t, got["parked_reactors"].Findings, 2)
	assert.Equal(t, "scheduler", got["parked_reactors"].Findings[1].Reactor)
	assert.Contains(t, closing.Recorded([]closing.Result{got["parked_reactors"]}), period.Check{Name: "parked_reactors", Result: period.Failed, Found: 2})
}

// The scheme's bands start at 100 and at 1000.
func TestRebateBands(t *testing.T) {
	t.Parallel()
	for amount, near := range map[string]bool{
		"89.99": false, "90.00": true, "99.99": true, "100.00": false, "899.99": false, "900.00": true, "1000.00": false, "5000.00": false,
	} {
		h := histories.New(0)
		opening := histories.Opening(h.Partners[0], h.Now)
		require.True(t, h.Rebate(opening.ID(), h.Header(), opening))
		sale := rebate.RecordSale{Source: histories.Scheme.Basis, SourceRef: "INV-1", Product: "GTX", Amount: money(amount, "EUR")}
		require.True(t, h.Rebate(opening.ID(), h.Header(), sale))
		view := h.View(t, rebates.Projection(), projections.Bounds{})
		books := closing.Books{
			Month: period.MonthOf(domain.DateOf(h.Now, time.UTC)),
			Ask: func(ctx context.Context, name string, query func(projections.Querier) error) error {
				if name != rebates.Name {
					return nil
				}
				return view.Read(ctx, query)
			},
		}
		got := results(t, books)["rebate_bands"]
		if !near {
			assert.Equal(t, period.Passed, got.Result, amount)
			continue
		}
		assert.Equal(t, period.Warned, got.Result, amount)
		require.Len(t, got.Findings, 1, amount)
		assert.Equal(t, opening.ID(), got.Findings[0].Entity)
		books.Month = books.Month.Add(-12)
		assert.Equal(t, period.Passed, results(t, books)["rebate_bands"].Result, "its period doesn't reach into that month")
	}
}

// A check that can't be made is no check that passed.
func TestACheckThatCannotBeMade(t *testing.T) {
	t.Parallel()
	broken := errors.New("out of disk")
	_, err := closing.Run(t.Context(), closing.Books{
		Ask: func(context.Context, string, func(projections.Querier) error) error { return broken },
	})
	require.ErrorIs(t, err, broken)
}
