package export_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/projections"
	"github.com/channelledger/channelledger/projections/export"
	"github.com/channelledger/channelledger/projections/journal"
	"github.com/channelledger/channelledger/projections/listing/histories"
)

// TestOtherProgramsAddUpTheSame: over random histories hledger, as strict as it can be, gets the balances that the trial
// balance shows, account by account and currency by currency, by either date, whole or from some day on; beancount takes the
// same books.
func TestOtherProgramsAddUpTheSame(t *testing.T) {
	t.Parallel()
	many, exchanging := uint64(200), 0
	if testing.Short() {
		many = 20
	}
	for seed := range many {
		h := histories.New(seed).RunBooks(150).RunRebates(40)
		books := export.Books{By: journal.Bases()[seed%2]}
		if seed%3 == 0 {
			books.Days.From = domain.DateOf(h.Events[h.IntN(len(h.Events))].Envelope.EffectiveAt, h.Now.Location())
		}
		reader := h.View(t, journal.Projection(nil), projections.Bounds{})
		if exchanges(trial(t, reader, books)) {
			exchanging++
		}
		sameInHledger(t, reader, books)
		if seed%25 == 0 {
			_, err := tool(t, "bean-check", "-C", saved(t, content(t, written(t, reader, books, export.Beancount)), "beancount"))
			require.NoError(t, err, "seed %d", seed)
		}
	}
	require.Greater(t, exchanging, int(many/10), "histories with two currencies that meet")
}

// exchanges reports whether currencies meet in the books.
func exchanges(balances []journal.Balance) bool {
	currencies := map[string]bool{}
	for _, b := range balances {
		if b.Account.Name == journal.EquityFX {
			currencies[b.Closing.Currency()] = true
		}
	}
	return len(currencies) > 1
}

func written(t *testing.T, reader projections.Reader, books export.Books, format export.Format) *export.File {
	t.Helper()
	request := export.Request{What: export.OfJournal, Format: format, Books: books}
	file, err := request.Make(t.Context(), export.Models{Reader: func(string) (projections.Reader, error) { return reader, nil }})
	return made(t, file, err)
}

func trial(t *testing.T, reader projections.Reader, books export.Books) []journal.Balance {
	t.Helper()
	return histories.Ask(t, reader, func(q projections.Querier) (journal.TrialBalance, error) {
		return journal.Trial(t.Context(), q, journal.BalanceQuery{By: books.By, Days: books.Days, Parties: true})
	}).Balances
}

func sameInHledger(t *testing.T, reader projections.Reader, books export.Books) {
	t.Helper()
	want := map[string]domain.Totals{}
	for _, b := range trial(t, reader, books) {
		if b.Closing.Sign() != 0 {
			name := export.HledgerName(b.Account)
			totals := want[name]
			require.NoError(t, totals.Add(b.Closing))
			want[name] = totals
		}
	}
	file := written(t, reader, books, export.Hledger)
	checkHash(t, file)
	require.Equal(t, want, hledgerBalances(t, saved(t, content(t, file), "hledger")))
}
