package periods_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/domaintest"
	"github.com/channelledger/channelledger/domain/period"
	"github.com/channelledger/channelledger/eventstore"
	"github.com/channelledger/channelledger/eventstore/embedded"
	"github.com/channelledger/channelledger/eventstore/ledger"
	"github.com/channelledger/channelledger/projections"
	"github.com/channelledger/channelledger/projections/journal"
	"github.com/channelledger/channelledger/projections/listing"
	"github.com/channelledger/channelledger/projections/listing/histories"
	"github.com/channelledger/channelledger/projections/periods"
	"github.com/channelledger/channelledger/projections/projectionstest"
)

var checked = period.Books{TrialBalanceSHA256: periods.SHA256(nil), Checks: []period.Check{{Name: "balanced", Result: period.Passed}}}

// closed is a ledger with three months cut and closed, the last reopened and cut once more.
func closed(t *testing.T) *ledger.Ledger {
	t.Helper()
	store, err := embedded.OpenMemory(embedded.Options{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, store.Close()) })
	now := domaintest.Epoch
	l, err := ledger.Open(store, eventstore.NewMemoryKeyring(), func() time.Time { return now })
	require.NoError(t, err)
	require.NoError(t, l.Bootstrap(t.Context(), "", now))
	n := 0
	do := func(m period.Month, who domain.Actor, c period.Command) {
		n++
		_, err := l.Periods.Do(t.Context(), period.IDOf(m), domain.Header{CommandID: domain.CommandID("test", fmt.Sprint(n)), Actor: who}, c)
		require.NoError(t, err)
	}
	finance, other := domaintest.Finance(), domaintest.Another(domaintest.Finance())
	m := month("2025-09")
	for range 3 {
		do(m, finance, period.CutPeriod{Month: m})
		do(m, finance, period.ClosePeriod{Version: 1, TrialBalanceSHA256: checked.TrialBalanceSHA256, Books: checked})
		m = m.Next()
	}
	last := m.Add(-1)
	do(last, finance, period.RequestReopening{Reason: "late"})
	do(last, other, period.ReopenPeriod{})
	do(last, finance, period.CutPeriod{Month: last})
	return l
}

func month(text string) period.Month { return domain.Must(period.ParseMonth(text)) }

func TestTheSameHoweverItCameAbout(t *testing.T) {
	t.Parallel()
	l := closed(t)
	projectionstest.Check(t, periods.Projection(), l.Codec, l.Store)
}

func TestRowsAreTheAggregates(t *testing.T) {
	t.Parallel()
	l := closed(t)
	view := projectionstest.View(t, projections.Source{Store: l.Store, Codec: l.Codec}, periods.Projection(), projections.Bounds{})
	list := func(q periods.Query) []period.Period {
		return histories.Ask(t, view, func(from projections.Querier) (listing.Page[period.Period], error) {
			return periods.List(t.Context(), from, q)
		}).Items
	}
	all := list(periods.Query{})
	require.Len(t, all, 3)
	require.Equal(t, month("2025-11"), all[0].Month, "the latest first")
	require.Equal(t, period.StatusCut, all[0].Status)
	require.Len(t, all[0].Versions, 2)
	require.Len(t, list(periods.Query{Status: []period.Status{period.StatusClosed}}), 2)
	for _, p := range all {
		want, _, err := l.Periods.Fold(t.Context(), period.IDOf(p.Month))
		require.NoError(t, err)
		require.Equal(t, *want, p)
		got := histories.Ask(t, view, func(q projections.Querier) (*period.Period, error) {
			return periods.Get(t.Context(), q, period.IDOf(p.Month))
		})
		require.Equal(t, want, got)
	}
}

// These bytes are what months are closed with: they can't be written in another way, ever.
func TestCSV(t *testing.T) {
	t.Parallel()
	north, south := domain.DeriveID("north"), domain.DeriveID("south")
	yen := domain.Must(domain.ParseMoney("-1250", "JPY"))
	balances := []journal.Balance{
		{Book: journal.Budgetary, Account: journal.OfFund(journal.FundAvailable, north), Closing: domain.Must(domain.ParseMoney("1234.50", "EUR"))},
		{Book: journal.Financial, Account: journal.OfBank(journal.AssetBank, `a "quoted", one`), Closing: yen},
		{Book: journal.Financial, Account: journal.OfPartner(journal.LiabilityMDFPayable, south), Closing: domain.Must(domain.ParseMoney("0.00", "EUR"))},
	}
	file := periods.CSV(balances)
	require.Equal(t, "book,account,party,currency,debit,credit\r\n"+
		"budgetary,fund:available,fund:"+north.String()+",EUR,1234.50,\r\n"+
		"financial,asset:bank,\"bank:a \"\"quoted\"\", one\",JPY,,1250\r\n", string(file))
	require.Equal(t, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", periods.SHA256(nil))
}
