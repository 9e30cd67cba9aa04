package reconcile_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/api/intake/bank"
	"github.com/channelledger/channelledger/api/intake/reconcile"
	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/domaintest"
	"github.com/channelledger/channelledger/domain/payable"
	"github.com/channelledger/channelledger/domain/statement"
)

// A month's statement: a payment by its reference, one short-paid, one by its partner, one that came back, one that nobody
// knows.
func TestAStatement(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.applies("North GmbH")
	for n, amount := range []string{"100", "200", "300", "400"} {
		w.sends(n, "North GmbH", amount)
	}
	sha := w.stores(
		booked{"100", e2e(0), "", ""}, booked{"150", e2e(1), "", ""}, booked{"300", "", "", "NORTH GMBH"}, booked{"400", e2e(3), "", ""},
		booked{"-400", e2e(3), "", ""}, booked{"7", "", "", "Somebody"},
	)
	r, err := w.runs(sha, false)
	require.NoError(t, err)
	require.Equal(t, reconcile.Imported, r.Outcome)
	require.Equal(t, []reconcile.RuleCount{{Rule: "end_to_end", Matches: 3, Lines: 3, Amount: eur("900")}}, r.Matched)
	require.Len(t, r.Suggested, 2)
	require.Equal(t, []int{2, 3, 6}, []int{r.Left[0].Line, r.Left[1].Line, r.Left[2].Line})
	require.Equal(t, 1, r.Unmatched)
	require.Empty(t, r.Refusals)

	require.Equal(t, payable.StatusPaid, w.payable(0).Status)
	require.Equal(t, "S1L1", w.payable(0).Payments[0].Reference)
	require.Equal(t, eur("400"), w.payable(3).Open.Amount, "it came back, and is payable again")
	require.Equal(t, eur("400"), w.payable(3).Payments[0].ClearedIn)

	suggested, err := w.Suggest(t.Context(), r.ID)
	require.NoError(t, err)
	require.Len(t, suggested.Suggested, 2)
	short := suggested.Suggested[0]
	require.Equal(t, eur("50"), short.To[0].Short)
	refused, at, err := w.Confirm(t.Context(), r.ID, domaintest.Treasurer(), confirmations(suggested))
	require.NoError(t, err)
	require.Empty(t, refused)
	require.NotZero(t, at)
	require.Equal(t, eur("50"), w.payable(1).Open.Amount, "what is short is payable again")
	require.Equal(t, payable.StatusPaid, w.payable(2).Status)

	_, err = w.l.Statements.Do(t.Context(), r.ID, domain.Header{CommandID: domain.DeriveID("resolve"), Actor: domaintest.Finance()},
		statement.ResolveLine{Line: 6, Account: "expense:bank_charges", Resolution: "fee"})
	require.NoError(t, err)
	_, err = w.runs(sha, false)
	require.Equal(t, "file_imported", domain.AsRejection(err).Rule)
	r, err = w.runs(sha, true)
	require.NoError(t, err)
	require.Equal(t, reconcile.Known, r.Outcome)
	require.Equal(t, 6, r.Before)
	require.True(t, r.Reconciled)
	require.Equal(t, statement.StatusReconciled, w.statement(r.ID).Status)
}

func confirmations(s reconcile.Suggestions) (all []reconcile.Confirmation) {
	for _, x := range s.Suggested {
		c := reconcile.Confirmation{Lines: x.Lines, Rule: x.Rule, Variance: x.Variance, Overpaid: x.Overpaid, Reason: x.Reason}
		for _, side := range x.To {
			c.To = append(c.To, reconcile.ConfirmedSide{PayableID: side.PayableID, PayoutID: side.PayoutID, Amount: side.Amount, Short: side.Short})
		}
		all = append(all, c)
	}
	return all
}

// A batch that the bank booked as one, and the same lines in a later file.
func TestABatchAndAFileThatOverlaps(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for n, amount := range []string{"10", "20", "30"} {
		w.sends(n, "North GmbH", amount)
	}
	ref := strings.ReplaceAll(payout.String(), "-", "")
	r, err := w.runs(w.stores(booked{"60", "", ref, ""}), false)
	require.NoError(t, err)
	require.Equal(t, "reference", r.Matched[0].Rule)
	require.True(t, r.Reconciled)
	require.Len(t, w.payable(2).Clearings, 1)

	again, _ := camt(1, eur("100000"), []booked{{"60", "", ref, ""}})
	stored, err := w.files.Put(t.Context(), strings.NewReader(strings.Replace(again, "ST-1", "ST-9", 1)), 1<<20)
	require.NoError(t, err)
	r, err = w.runs(stored.SHA256, false)
	require.Equal(t, "nothing_new", domain.AsRejection(err).Rule)
	require.Equal(t, reconcile.Refused, r.Outcome)

	w.closing = eur("50")
	r, err = w.runs(w.stores(booked{"5", "", "", ""}), false)
	require.NoError(t, err)
	require.Equal(t, reconcile.Parked, r.Outcome)
	require.Equal(t, []domain.Money{eur("99940"), eur("50")}, []domain.Money{r.Parked.Expected, r.Parked.Found})
}

// Whoever is stopped goes on where it stopped, and does nothing twice.
func TestARunGoesOn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var lines []booked
	for n := range 1200 {
		w.sends(n, "North GmbH", "1")
		lines = append(lines, booked{"1", e2e(n), "", ""})
	}
	sha := w.stores(lines...)
	stop := errors.New("stop")
	for _, step := range []string{"record", "match"} {
		ctx, cancel := context.WithCancelCause(t.Context())
		_, err := w.Run(ctx, reconcile.Options{
			SHA256: sha, Actor: domaintest.Finance(), Resume: true,
			Progress: func(now string, done, _ int) {
				if now == step && done >= 500 {
					cancel(stop)
				}
			},
		})
		require.Error(t, err, step)
	}
	r, err := w.runs(sha, true)
	require.NoError(t, err)
	require.True(t, r.Reconciled)
	for n := range 1200 {
		require.Len(t, w.payable(n).Clearings, 1)
	}
}

// Two run the same at once: each line is settled once.
func TestRunsAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var lines []booked
	for n := range 300 {
		w.sends(n, "North GmbH", "1")
		lines = append(lines, booked{"1", e2e(n), "", ""})
	}
	sha := w.stores(lines...)
	done := make(chan error, 3)
	for range cap(done) {
		go func() {
			_, err := w.Run(t.Context(), reconcile.Options{SHA256: sha, Actor: domaintest.Finance(), Resume: true})
			done <- err
		}()
	}
	for range cap(done) {
		require.NoError(t, <-done)
	}
	id := statement.IDOf(bankAccount, "ST-1")
	require.Equal(t, 300, w.statement(id).Matched)
	for n := range 300 {
		require.Len(t, w.payable(n).Clearings, 1)
	}
}

// A match that was undone is begun anew, under another id.
func TestUndoAndMatchAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.sends(0, "North GmbH", "10")
	sha := w.stores(booked{"10", e2e(0), "", ""})
	r, err := w.runs(sha, false)
	require.NoError(t, err)
	first := w.statement(r.ID).MatchOf(1)
	header := domain.Header{CommandID: domain.DeriveID("undo"), Actor: domaintest.Finance()}
	_, err = w.l.Statements.Do(t.Context(), r.ID, header, statement.UndoMatch{MatchID: first, Reason: "wrong"})
	require.NoError(t, err)
	_, err = w.l.Payables.Do(t.Context(), payableID(0), header, payable.UndoClearing{PayoutID: payout, MatchID: first, Reason: "wrong"})
	require.NoError(t, err)
	r, err = w.runs(sha, true)
	require.NoError(t, err)
	require.True(t, r.Reconciled)
	require.NotEqual(t, first, w.statement(r.ID).MatchOf(1))
	require.Equal(t, eur("10"), w.payable(0).Payments[0].ClearedOut)
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.sends(0, "North GmbH", "10")
	_, err := w.Run(t.Context(), reconcile.Options{SHA256: strings.Repeat("0", 64), Actor: domaintest.Finance()})
	require.Equal(t, "document_unknown", domain.AsRejection(err).Rule)
	stored, err := w.files.Put(t.Context(), strings.NewReader("<nothing/>"), 100)
	require.NoError(t, err)
	_, err = w.Run(t.Context(), reconcile.Options{SHA256: stored.SHA256, Actor: domaintest.Finance()})
	require.Equal(t, bank.CodeFormat, domain.AsRejection(err).Rule)
	_, err = w.Suggest(t.Context(), uuid.New())
	require.Equal(t, "statement_unknown", domain.AsRejection(err).Rule)

	r, err := w.runs(w.stores(booked{"10", "", "", ""}), false)
	require.NoError(t, err)
	good := reconcile.Confirmation{
		Lines: []int{1}, To: []reconcile.ConfirmedSide{{PayableID: payableID(0), PayoutID: payout, Amount: eur("10")}},
	}
	confirm := func(change func(c *reconcile.Confirmation)) (refused []reconcile.Refusal, rule string) {
		c := good
		c.To = append([]reconcile.ConfirmedSide{}, good.To...)
		change(&c)
		refused, _, err := w.Confirm(t.Context(), r.ID, domaintest.Finance(), []reconcile.Confirmation{c})
		if x := domain.AsRejection(err); x != nil {
			return refused, x.Rule
		}
		require.NoError(t, err)
		return refused, ""
	}
	_, rule := confirm(func(c *reconcile.Confirmation) { c.Lines = []int{2} })
	require.Equal(t, "line_unknown", rule)
	_, rule = confirm(func(c *reconcile.Confirmation) { c.To[0].PayableID = payableID(7) })
	require.Equal(t, "payable_unknown", rule)
	_, rule = confirm(func(c *reconcile.Confirmation) { c.To[0].Amount = eur("9") })
	require.Equal(t, "invalid_field", rule)
	refused, rule := confirm(func(c *reconcile.Confirmation) { c.To[0].PayoutID = uuid.New() })
	require.Empty(t, rule)
	require.Equal(t, "payment_unknown", refused[0].Rule)
	require.Equal(t, 1, w.statement(r.ID).Unmatched)
	refused, rule = confirm(func(*reconcile.Confirmation) {})
	require.Empty(t, rule)
	require.Empty(t, refused)
	_, rule = confirm(func(*reconcile.Confirmation) {})
	require.Equal(t, "line_settled", rule)
}

// Payments that left and came back on one statement are cleared in that order, however many there are at once.
func TestWhatCameBackLeftBefore(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.applies("North GmbH")
	const payments = 40
	var lines []booked
	for n := range payments {
		w.sends(n, "North GmbH", "10")
		lines = append(lines, booked{"-10", e2e(n), "", ""}, booked{"10", e2e(n), "", ""})
	}
	r, err := w.runs(w.stores(lines...), false)
	require.NoError(t, err)
	require.Empty(t, r.Refusals)
	require.Equal(t, []reconcile.RuleCount{{Rule: "end_to_end", Matches: 2 * payments, Lines: 2 * payments, Amount: eur("800")}}, r.Matched)
	require.True(t, r.Reconciled)
}
