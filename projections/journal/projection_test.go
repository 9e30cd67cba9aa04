package journal

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/period"
	"github.com/channelledger/channelledger/projections"
	"github.com/channelledger/channelledger/projections/listing"
	"github.com/channelledger/channelledger/projections/listing/histories"
	"github.com/channelledger/channelledger/projections/projectionstest"
)

func TestTheSameHoweverItCameAbout(t *testing.T) {
	t.Parallel()
	h := histories.New(1).RunBooks(400)
	projectionstest.Check(t, Projection(time.UTC), h.Codec, h.Log)
}

// byDay is a history posted in the test's own way: the sum of each account and currency on each day, by both dates.
type byDay map[Basis]map[Account]map[domain.Date]domain.Totals

func sums(t *testing.T, h *histories.History, known time.Time) byDay {
	t.Helper()
	all := byDay{ByPosted: {}, ByEffective: {}}
	var calendar period.Calendar
	for _, r := range h.Events {
		if !known.IsZero() && r.Envelope.RecordedAt.After(known) {
			break
		}
		calendar.Apply(r.Event)
		postings, err := Post(r.Event)
		require.NoError(t, err)
		on := map[Basis]domain.Date{
			ByPosted:    calendar.PostingDate(r.Envelope.EffectiveAt, time.UTC),
			ByEffective: domain.DateOf(r.Envelope.EffectiveAt, time.UTC),
		}
		for _, p := range postings {
			for _, l := range p.Lines() {
				for by, day := range on {
					if all[by][l.Account] == nil {
						all[by][l.Account] = map[domain.Date]domain.Totals{}
					}
					totals := all[by][l.Account][day]
					require.NoError(t, totals.Add(l.Amount))
					all[by][l.Account][day] = totals
				}
			}
		}
	}
	return all
}

// at is the balance of an account at the end of a day; a party of "" is all of them.
func (s byDay) at(by Basis, a Account, currency string, on domain.Date) (minor int64) {
	for account, days := range s[by] {
		if account.Name != a.Name || a.Party != "" && account.Party != a.Party {
			continue
		}
		for day, totals := range days {
			if day.Compare(on) <= 0 {
				minor += totals.In(currency).Minor()
			}
		}
	}
	return minor
}

// TestTrialBalances: at random days, by both dates, whatever was known: every account is what was posted, and each book zero.
func TestTrialBalances(t *testing.T) {
	t.Parallel()
	h := histories.New(2).RunBooks(500)
	late := false
	for round := range 6 {
		known := h.Events[len(h.Events)/2+h.IntN(len(h.Events)/2)].Envelope.RecordedAt
		if round == 0 {
			known = time.Time{}
		}
		want := sums(t, h, known)
		r := h.View(t, Projection(nil), projections.Bounds{KnownAt: known})
		to := domain.DateOf(histories.Begin, time.UTC).AddDays(h.IntN(400))
		days := Days{From: to.AddDays(-h.IntN(200)), To: to}
		balances := map[Basis]TrialBalance{}
		for _, by := range Bases() {
			for _, parties := range []bool{false, true} {
				trial := ask(t, r, BalanceQuery{By: by, Days: days, Parties: parties})
				requireTrial(t, want, trial)
				balances[by] = trial
			}
		}
		late = late || fmt.Sprint(balances[ByPosted].Balances) != fmt.Sprint(balances[ByEffective].Balances)
	}
	require.True(t, late, "nothing was ever posted later than it took effect")
}

func ask(t *testing.T, r projections.Reader, query BalanceQuery) TrialBalance {
	t.Helper()
	return histories.Ask(t, r, func(q projections.Querier) (TrialBalance, error) { return Trial(t.Context(), q, query) })
}

func requireTrial(t *testing.T, want byDay, trial TrialBalance) {
	t.Helper()
	zero := map[Book]domain.Totals{}
	for _, b := range trial.Balances {
		currency := b.Closing.Currency()
		require.Equal(t, want.at(trial.By, b.Account, currency, trial.Days.From.AddDays(-1)), b.Opening.Minor(), "%v", b)
		require.Equal(t, want.at(trial.By, b.Account, currency, trial.Days.To), b.Closing.Minor(), "%v", b)
		require.Equal(t, b.Closing.Minor()-b.Opening.Minor(), b.Debit.Minor()-b.Credit.Minor(), "%v", b)
		require.GreaterOrEqual(t, min(b.Debit.Minor(), b.Credit.Minor()), int64(0))
		totals := zero[b.Book]
		require.NoError(t, totals.Add(b.Closing))
		zero[b.Book] = totals
	}
	require.Len(t, zero, 2)
	for _, totals := range zero {
		for _, sum := range totals {
			require.Zero(t, sum.Minor())
		}
	}
}

// TestStatements of every account, in small pages: opening and lines give closing, line by line.
func TestStatementsRun(t *testing.T) {
	t.Parallel()
	h := histories.New(3).RunBooks(400)
	r := h.View(t, Projection(nil), projections.Bounds{})
	days := Days{From: domain.DateOf(histories.Begin, time.UTC).AddDays(100), To: domain.DateOf(histories.Begin, time.UTC).AddDays(250)}
	for _, parties := range []bool{false, true} {
		for _, by := range Bases() {
			seen := map[Account]bool{}
			for _, b := range ask(t, r, BalanceQuery{By: by, Days: days, Parties: parties}).Balances {
				if seen[b.Account] {
					continue
				}
				seen[b.Account] = true
				requireStatement(t, r, StatementQuery{By: by, Days: days, Account: b.Account, Request: listing.Request{Limit: 1 + h.IntN(7)}}, b)
			}
		}
	}
}

func requireStatement(t *testing.T, r projections.Reader, query StatementQuery, of Balance) {
	t.Helper()
	var running domain.Totals
	for first := true; first || query.Cursor != ""; first = false {
		s, next := statementOf(t, r, query)
		if first {
			running = s.Opening.Clone()
			require.Equal(t, of.Opening.Minor(), s.Opening.In(of.Opening.Currency()).Minor(), "%v", of)
		}
		for _, l := range s.Lines {
			require.NoError(t, running.Add(l.Amount))
			require.Equal(t, running.In(l.Amount.Currency()), l.Balance)
		}
		if query.Cursor = next; next == "" {
			require.Equal(t, s.Closing, running)
			require.Equal(t, of.Closing, s.Closing.In(of.Closing.Currency()))
		}
	}
}

func statementOf(t *testing.T, r projections.Reader, query StatementQuery) (s *AccountStatement, next string) {
	t.Helper()
	require.NoError(t, r.Read(t.Context(), func(q projections.Querier) (err error) {
		s, next, err = StatementOf(t.Context(), q, query)
		return err
	}))
	require.NotNil(t, s)
	return s, next
}

func TestAnAccountThatNeverMoved(t *testing.T) {
	t.Parallel()
	r := histories.New(4).RunBooks(50).View(t, Projection(nil), projections.Bounds{})
	require.NoError(t, r.Read(t.Context(), func(q projections.Querier) error {
		s, _, err := StatementOf(t.Context(), q, StatementQuery{Account: Account{Name: "asset:gold"}})
		require.NoError(t, err)
		require.Nil(t, s)
		s, _, err = StatementOf(t.Context(), q, StatementQuery{
			Account: Account{Name: BudgetAuthority}, Days: Days{To: domain.Date{Year: 1999, Month: 1, Day: 1}},
		})
		require.NoError(t, err)
		require.Empty(t, s.Lines, "it moved later")
		_, _, err = StatementOf(t.Context(), q, StatementQuery{Account: Account{Name: BudgetAuthority}, By: "mood"})
		require.Equal(t, "by", domain.AsRejection(err).Field)
		return nil
	}))
}

// TestEntries: pages, the stream and the count tell the same journal; every entry balances and drills down to its event.
func TestEntries(t *testing.T) {
	t.Parallel()
	h := histories.New(5).RunBooks(600)
	r := h.View(t, Projection(nil), projections.Bounds{})
	partner := "partner:" + h.Partners[0].String()
	to := domain.DateOf(histories.Begin, time.UTC).AddDays(60)
	for _, f := range []Filter{
		{}, {By: ByEffective}, {Book: []Book{Budgetary}}, {Account: []string{LiabilityMDFPayable}}, {Party: []string{partner}},
		{Account: []string{AssetCashClearing, EquityFX}, Currency: []string{"USD"}}, {Days: Days{To: to}}, {Days: Days{From: to}},
		{By: ByEffective, Days: Days{From: to.AddDays(-30), To: to}, Type: []string{"statement.imported.v1"}},
	} {
		var paged, streamed []Entry
		var count int64
		require.NoError(t, r.Read(t.Context(), func(q projections.Querier) (err error) {
			query := Query{Filter: f, Request: listing.Request{Limit: 7}}
			for more := true; more; more = query.Cursor != "" {
				page, err := Entries(t.Context(), q, query)
				require.NoError(t, err)
				paged, query.Cursor = append(paged, page.Items...), page.Next
			}
			require.NoError(t, Each(t.Context(), q, f, func(e Entry) error {
				streamed = append(streamed, e)
				return nil
			}))
			count, err = Count(t.Context(), q, f)
			return err
		}))
		require.NotEmpty(t, paged, "%+v", f)
		require.Equal(t, paged, streamed)
		require.Len(t, paged, int(count))
		for _, e := range paged {
			requireEntry(t, h, e)
		}
	}
}

func requireEntry(t *testing.T, h *histories.History, e Entry) {
	t.Helper()
	_, err := newPosting(e.Book, e.Lines)
	require.NoError(t, err)
	for _, r := range h.Events {
		if r.Envelope.EventID == e.Event {
			require.Equal(t, []any{r.Envelope.Type, r.Envelope.Stream, r.Envelope.Revision}, []any{e.Type, e.Stream, e.Revision})
			return
		}
	}
	t.Fatalf("no event %s", e.Event)
}
