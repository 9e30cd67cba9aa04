package statements_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/domaintest"
	"github.com/channelledger/channelledger/domain/payable"
	"github.com/channelledger/channelledger/domain/statement"
	"github.com/channelledger/channelledger/eventstore"
	"github.com/channelledger/channelledger/eventstore/embedded"
	"github.com/channelledger/channelledger/eventstore/ledger"
	"github.com/channelledger/channelledger/projections"
	"github.com/channelledger/channelledger/projections/listing"
	"github.com/channelledger/channelledger/projections/listing/histories"
	"github.com/channelledger/channelledger/projections/projectionstest"
	"github.com/channelledger/channelledger/projections/sqlview"
	"github.com/channelledger/channelledger/projections/statements"
)

const account = "DE89370400440532013000"

// world is a real ledger with payments and a bank's statements.
type world struct {
	*rand.Rand
	t        *testing.T
	l        *ledger.Ledger
	now      time.Time
	keys     int
	payables []uuid.UUID
	ids      []uuid.UUID // statements
	balance  domain.Money
	identity int
}

var payout = domain.DeriveID("payout")

func eur(minor int) domain.Money { return domain.Must(domain.NewMoney(int64(minor), "EUR")) }

func newWorld(t *testing.T, seed uint64) *world {
	t.Helper()
	w := &world{Rand: rand.New(rand.NewPCG(seed, 0)), t: t, now: domaintest.Epoch, balance: eur(1_000_000)}
	store, err := embedded.OpenMemory(embedded.Options{Clock: func() time.Time { return w.now }})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, store.Close()) })
	w.l, err = ledger.Open(store, eventstore.NewMemoryKeyring(), func() time.Time { return w.now })
	require.NoError(t, err)
	require.NoError(t, w.l.Bootstrap(t.Context(), "", w.now))
	return w
}

func (w *world) header() domain.Header {
	w.keys++
	return domain.Header{CommandID: domain.CommandID("world", fmt.Sprint(w.keys)), Actor: domaintest.Importer()}
}

// tries gives a command; whether it is taken doesn't matter.
func (w *world) tries(category string, id uuid.UUID, c any) {
	_, err := w.l.Dispatch(w.t.Context(), domain.StreamName(category, id), w.header(), c)
	if err != nil {
		require.NotNil(w.t, domain.AsRejection(err), "%v", err)
	}
}

func (w *world) sends() {
	event := domain.DeriveID("approval", fmt.Sprint(len(w.payables)))
	id := payable.IDOf(event)
	w.payables = append(w.payables, id)
	amount := eur(100 * (1 + w.IntN(9)))
	w.tries(payable.Category, id, payable.Raise{
		PartnerID: domain.DeriveID("north"), Amount: amount, Due: domain.DateOf(w.now, time.UTC),
		Source: payable.Source{Kind: payable.KindClaim, Stream: "mdf_fund-x", ID: event, EventID: event},
	})
	w.tries(payable.Category, id, payable.Claim{PayoutID: payout})
	w.tries(payable.Category, id, payable.Send{PayoutID: payout, BankAccount: account, PayeeID: domain.DeriveID("payee"), Paid: amount})
}

// imports a statement of some lines out, which goes on from the last, mostly.
func (w *world) imports() {
	number, day := fmt.Sprint(len(w.ids)+1), domain.DateOf(w.now, time.UTC)
	id := statement.IDOf(account, number)
	w.ids = append(w.ids, id)
	var lines []statement.Line
	out := eur(0)
	for n := range w.IntN(6) {
		w.identity++
		amount := eur(100 * (1 + w.IntN(9)))
		out = domain.Must(out.Add(amount))
		lines = append(lines, statement.Line{
			Number: n + 1, Outgoing: true, Amount: amount, BookedOn: day.AddDays(-w.IntN(40)), Identity: fmt.Sprintf("%032x", w.identity),
			Reference: fmt.Sprint("R", w.identity),
		})
	}
	c := statement.Import{
		BankAccount: account, Currency: "EUR", Format: statement.Camt053, SHA256: fmt.Sprintf("%064d", len(w.ids)), InFile: 1, Number: number,
		From: day, To: day, Opening: w.balance, Closing: domain.Must(w.balance.Sub(out)), LineCount: len(lines), In: eur(0), Out: out,
		KnownIn: eur(0), KnownOut: eur(0),
	}
	if w.IntN(5) == 0 {
		c.Opening = eur(1)
	} else if w.balance = c.Closing; len(lines) > 0 && w.IntN(5) == 0 { // the first line was in another statement
		c.Known, c.KnownOut, c.Opening = []int{1}, lines[0].Amount, domain.Must(c.Opening.Add(lines[0].Amount))
		c.Closing = domain.Must(c.Opening.Sub(out))
		w.balance = c.Closing
	}
	w.tries(statement.Category, id, c)
	if len(lines) > 0 {
		w.tries(statement.Category, id, statement.RecordLines{Lines: lines})
	}
}

func (w *world) matches() {
	id := w.ids[w.IntN(len(w.ids))]
	s, _, err := w.l.Statements.Fold(w.t.Context(), id)
	require.NoError(w.t, err)
	line := 1 + w.IntN(6)
	switch w.IntN(6) {
	case 0:
		w.tries(statement.Category, id, statement.ResolveLine{Line: line, Account: "expense:bank_charges", Resolution: "fee"})
	case 1:
		w.tries(statement.Category, id, statement.UndoResolution{Line: line, Reason: "wrong"})
	case 2:
		w.tries(statement.Category, id, statement.AssignLine{Line: line, Owner: fmt.Sprint("finance-", w.IntN(3))})
	case 3:
		match := s.MatchOf(line)
		w.tries(statement.Category, id, statement.UndoMatch{MatchID: match, Reason: "wrong"})
		for _, p := range w.payables {
			w.tries(payable.Category, p, payable.UndoClearing{PayoutID: payout, MatchID: match, Reason: "wrong"})
		}
	case 4:
		w.tries(statement.Category, id, statement.Reconcile{})
	default:
		w.match(s, line)
	}
}

func (w *world) match(s *statement.Statement, line int) {
	amount, out, err := s.Money([]int{line})
	if err != nil || len(w.payables) == 0 {
		return
	}
	p := w.payables[w.IntN(len(w.payables))]
	m := statement.Match{
		Lines: []int{line}, Outgoing: out, Amount: amount, Rule: "end_to_end", Score: statement.ByRule,
		To: []statement.Side{{PayableID: p, PayoutID: payout, PartnerID: domain.DeriveID("north"), Amount: amount}},
	}
	m.MatchID = s.MatchID(m, 0)
	w.tries(payable.Category, p, payable.Clear{PayoutID: payout, StatementID: s.ID, MatchID: m.MatchID, Amount: amount})
	w.tries(statement.Category, s.ID, statement.MatchLines{Matches: []statement.Match{m}})
	if w.IntN(4) == 0 {
		w.tries(payable.Category, p, payable.Return{PayoutID: payout, Reason: "failed"})
	}
}

func (w *world) run(steps int) *world {
	w.sends()
	w.imports()
	for range steps {
		w.now = w.now.Add(time.Duration(1+w.IntN(20)) * time.Hour)
		switch w.IntN(6) {
		case 0:
			w.sends()
		case 1:
			w.imports()
		default:
			w.matches()
		}
	}
	return w
}

func (w *world) view(bounds projections.Bounds) projections.Reader {
	w.t.Helper()
	views, err := sqlview.Open(w.t.TempDir())
	require.NoError(w.t, err)
	w.t.Cleanup(func() { require.NoError(w.t, views.Close()) })
	source := projections.Source{Store: w.l.Store, Codec: w.l.Codec}
	scratch := func(s *projections.Schema) (projections.View, error) { return views.Scratch(w.t.Context(), s) }
	view, _, err := projections.Replay(w.t.Context(), source, statements.Projection(), bounds, scratch, projections.Limits{}, nil)
	require.NoError(w.t, err)
	return view
}

func TestTheSameHoweverItCameAbout(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1).run(250)
	projectionstest.Check(t, statements.Projection(), w.l.Codec, w.l.Store)
}

// The rows are the aggregates: summaries as they are folded, lines as they stand, and payments as their payables have them.
func TestRowsAreTheAggregates(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 2).run(250)
	r := w.view(projections.Bounds{})
	seen := map[statement.LineStatus]int{}
	for _, id := range w.ids {
		s, _, err := w.l.Statements.Fold(t.Context(), id)
		require.NoError(t, err)
		row := histories.Ask(t, r, func(q projections.Querier) (*statement.Summary, error) { return statements.Get(t.Context(), q, id) })
		require.Equal(t, s.Summary, *row)
		for n := 1; n <= s.Recorded; n++ {
			line := histories.Ask(t, r, func(q projections.Querier) (*statements.Line, error) {
				return statements.GetLine(t.Context(), q, id, n)
			})
			require.Equal(t, s.LineStatus(n), line.Status)
			require.Equal(t, s.MatchOf(n), line.MatchID)
			require.Equal(t, n, line.Number)
			seen[line.Status]++
		}
	}
	require.Len(t, seen, len(statement.LineStatuses()), "%v", seen)
	payments := histories.Ask(t, r, func(q projections.Querier) ([]statements.Payment, error) {
		return statements.PaymentsOf(t.Context(), q, w.payables)
	})
	require.Len(t, payments, len(w.payables))
	for _, p := range payments {
		own, _, err := w.l.Payables.Fold(t.Context(), p.PayableID)
		require.NoError(t, err)
		out, in := own.Payments[0].Uncleared()
		require.Equal(t, []domain.Money{out, in}, []domain.Money{p.Out(), p.In()})
	}
}

// At every bound it folds, and what is effective by then is there.
func TestEveryBoundFolds(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 3).run(150)
	for day := range 8 {
		at := domaintest.Epoch.AddDate(0, 0, 8*day)
		for _, bounds := range []projections.Bounds{{KnownAt: at}, {EffectiveAt: at}} {
			r := w.view(bounds)
			page := histories.Ask(t, r, func(q projections.Querier) (listing.Page[statement.Summary], error) {
				return statements.List(t.Context(), q, statements.Query{BankAccount: []string{account}})
			})
			for _, s := range page.Items {
				require.GreaterOrEqual(t, s.Unmatched, 0)
				require.Equal(t, s.LineCount-s.Skipped, s.Matched+s.Resolved+s.Unmatched)
			}
		}
	}
}

func TestLists(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 4).run(200)
	r := w.view(projections.Bounds{})
	lines := func(q statements.LineQuery) []statements.Line {
		return histories.Ask(t, r, func(qr projections.Querier) (listing.Page[statements.Line], error) {
			q.Limit = 500
			return statements.Lines(t.Context(), qr, q)
		}).Items
	}
	unmatched := lines(statements.LineQuery{Status: []statement.LineStatus{statement.LineUnmatched}})
	require.NotEmpty(t, unmatched)
	today := domain.DateOf(w.now, time.UTC)
	count, total := map[statements.Bucket]int{}, eur(0)
	for i, l := range unmatched {
		count[statements.BucketOf(l.BookedOn, today)]++
		total = domain.Must(total.Add(l.Amount))
		require.True(t, i == 0 || unmatched[i-1].BookedOn.Compare(l.BookedOn) <= 0, "the oldest first")
	}
	ageing := histories.Ask(t, r, func(q projections.Querier) ([]statements.Ageing, error) {
		return statements.Unmatched(t.Context(), q, account, today)
	})
	require.Greater(t, len(ageing), 1)
	for _, a := range ageing {
		require.Equal(t, count[a.Bucket], a.Lines)
		total = domain.Must(total.Sub(a.Amount))
		require.True(t, a.Outgoing)
	}
	require.Zero(t, total.Minor())
	require.Empty(t, histories.Ask(t, r, func(q projections.Querier) ([]statements.Ageing, error) {
		return statements.Unmatched(t.Context(), q, "another", today)
	}))
	first := unmatched[0]
	require.Len(t, lines(statements.LineQuery{Reference: []string{first.Reference}, Statement: []uuid.UUID{first.StatementID}}), 1)
	require.Empty(t, lines(statements.LineQuery{Owner: []string{"nobody"}}))
	require.Empty(t, lines(statements.LineQuery{Currency: []string{"USD"}}))
	for _, l := range lines(statements.LineQuery{From: first.BookedOn, To: first.BookedOn}) {
		require.Equal(t, first.BookedOn, l.BookedOn)
	}
	matches := histories.Ask(t, r, func(q projections.Querier) (listing.Page[statements.Match], error) {
		return statements.Matches(t.Context(), q, statements.MatchQuery{Rule: []string{"end_to_end"}})
	}).Items
	require.NotEmpty(t, matches)
	open := histories.Ask(t, r, func(q projections.Querier) (listing.Page[statements.Payment], error) {
		return statements.Payments(t.Context(), q, statements.PaymentQuery{OpenOnly: true, BankAccount: []string{account}})
	}).Items
	var paged []statements.Payment
	for behind := ""; ; {
		page := histories.Ask(t, r, func(q projections.Querier) (some []statements.Payment, err error) {
			some, behind, err = statements.OpenPayments(t.Context(), q, account, "EUR", behind, 3)
			return some, err
		})
		if paged = append(paged, page...); behind == "" {
			break
		}
	}
	require.ElementsMatch(t, open, paged)
}
