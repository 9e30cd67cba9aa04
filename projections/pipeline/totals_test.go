package pipeline

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/account"
	"github.com/channelledger/channelledger/projections"
	"github.com/channelledger/channelledger/projections/listing/histories"
)

// TestTotalsAreThoseOfARecount holds the totals, after every event, to what all deals add up to.
func TestTotalsAreThoseOfARecount(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		h := histories.New(rapid.Uint64().Draw(t, "seed")).Run(rapid.IntRange(1, 150).Draw(t, "commands"))
		tables := open(&projections.Schema{}, time.UTC)
		for _, r := range h.Events {
			if !aboutDeal(r.Event) {
				continue
			}
			require.NoError(t, apply(tables, r.Event, r.Envelope))
			require.Equal(t, recount(t, tables), rowsOf(t, tables.totals), "behind %s@%d", r.Envelope.Stream, r.Envelope.Revision)
		}
	})
}

// recount adds up every deal anew.
func recount(t *rapid.T, tables *tables) map[string]total {
	all := map[string]total{}
	for _, d := range rowsOf(t, tables.deals) {
		require.NotContains(t, all, "00000000-0000-0000-0000-000000000000")
		for _, c := range contributions(nil, &d) {
			sum := all[c.key()]
			sum.cell = c.cell
			sum.Deals++
			sum.Amount = domain.Must(sum.Amount.Add(c.amount))
			sum.Won = domain.Must(sum.Won.Add(c.won))
			all[c.key()] = sum
		}
	}
	return all
}

func rowsOf[R any](t *rapid.T, table *projections.Table[R]) map[string]R {
	rows := map[string]R{}
	for change, err := range table.Changes() {
		require.NoError(t, err)
		if change.Doc != "" {
			var row R
			require.NoError(t, json.Unmarshal([]byte(change.Doc), &row))
			rows[change.Key] = row
		}
	}
	return rows
}

// TestLinesAddUpToTheWin holds what is shown by product to the deal's own figure.
func TestLinesAddUpToTheWin(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		lines := rapid.SliceOfN(rapid.Int64Range(0, account.MaxLineAmount), 1, 100).Draw(t, "lines")
		d := &account.Deal{ID: histories.New(0).Partners[0], Win: &account.Win{}}
		for _, minor := range lines {
			l := account.DealLine{Won: domain.Must(domain.NewMoney(minor, "EUR"))}
			l.Amount.Set(histories.Begin, l.Won)
			d.Lines = append(d.Lines, l)
			d.Win.Amount = domain.Must(d.Win.Amount.Add(l.Won))
		}
		reversed := rapid.Int64Range(0, d.Win.Amount.Minor()).Draw(t, "reversed")
		d.Win.Reversed = domain.Must(domain.NewMoney(reversed, "EUR"))
		var sum domain.Money
		for _, c := range contributions(nil, &deal{Deal: *d}) {
			if c.Dimension == byProduct {
				require.GreaterOrEqual(t, c.won.Minor(), int64(0))
				require.LessOrEqual(t, c.won.Minor(), c.amount.Minor())
				sum = domain.Must(sum.Add(c.won))
			}
		}
		require.Equal(t, won(d), sum)
	})
}

func TestTotalsOutOfRangeStopTheProjection(t *testing.T) {
	t.Parallel()
	tables := open(&projections.Schema{}, time.UTC)
	huge := account.Line{Product: "GTX", Line: "GTX", Amount: domain.Must(domain.NewMoney(account.MaxLineAmount, "EUR"))}
	var err error
	deals := 0
	for ; err == nil && deals < 200; deals++ {
		e := account.DealRegistered{DealID: domain.DeriveID(string(rune(deals))), Lines: []account.Line{huge}}
		err = apply(tables, e, domain.Envelope{
			EventID: e.DealID, Stream: domain.StreamName(account.Category, e.DealID), Metadata: domain.Metadata{EffectiveAt: histories.Begin},
		})
	}
	require.Equal(t, domain.RuleAmountOverflow, domain.AsRejection(err).Rule)
	require.Equal(t, 103, deals, "2^63 minor units are 102 times the largest line, and a bit")
}
