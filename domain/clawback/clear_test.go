package clawback_test

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/clawback"
	"github.com/channelledger/channelledger/domain/domaintest"
)

var (
	statement = domain.DeriveID("statement")
	match     = domain.DeriveID("match")
)

// shows is a line of the bank that shows a payment.
func shows(amount string) clawback.Clear {
	return clawback.Clear{
		ClawbackID: id, StatementID: statement, MatchID: match, BankAccount: bank, Amount: eur(amount), Reference: "B-1",
	}
}

func cleared(amount string) clawback.Cleared {
	return clawback.Cleared{
		ClawbackID: id, PartnerID: north, BankAccount: bank, StatementID: statement, MatchID: match, Amount: eur(amount),
	}
}

func unclears(amount string) clawback.ClearingUndone {
	c := cleared(amount)
	return clawback.ClearingUndone{
		ClawbackID: c.ClawbackID, PartnerID: c.PartnerID, BankAccount: c.BankAccount, StatementID: c.StatementID, MatchID: c.MatchID,
		Amount: c.Amount, Reason: "wrong",
	}
}

// recovers is what the n-th command, a match, recovers.
func recovers(n int, amount string) clawback.Recovered {
	return clawback.Recovered{
		ClawbackID: id, RecoveryID: clawback.RecoveryID(domaintest.NthCommand(n), id), PartnerID: north, By: clawback.ByPayment,
		Amount: eur(amount), BankAccount: bank, Reference: "B-1", MatchID: match,
	}
}

// The line tells of the payment; without the match nothing is left of it.
func TestALineRecovers(t *testing.T) {
	t.Parallel()
	undo := clawback.UndoClearing{MatchID: match, Reason: "wrong"}
	o := start(t).When(owing, shows("60.00")).Then(recovers(1, "60.00"), cleared("60.00"))
	o = o.When(owing, shows("60.00")).Then()
	require.Equal(t, eur("0.00"), o.State().Unseen(bank))
	differs := shows("59.00")
	o = o.When(owing, differs).ThenRejected(conflict, "clearing_differs", "match_id")
	other := shows("40.01")
	other.MatchID = statement
	o = o.When(owing, other).ThenRejected(conflict, "more_than_owed", "amount")
	o = o.When(owing, undo).Then(unclears("60.00"), clawback.RecoveryUndone{
		ClawbackID: id, PartnerID: north, Recovery: recovers(1, "60.00"), Reason: "wrong",
	})
	require.Equal(t, eur("0.00"), o.State().Recovered)
	require.True(t, o.State().Recoveries[0].Undone.Taken())
	o = o.When(owing, undo).Then()
	o = o.When(owing, shows("60.00")).ThenRejected(conflict, "clearing_undone", "match_id")
	o = o.When(owing, clawback.UndoClearing{MatchID: statement, Reason: "x"}).ThenRejected(domain.KindNotFound, "clearing_unknown", "match_id")
	other.Amount = eur("100.00")
	o.When(owing, other).Outcome().When(owing, clawback.UndoClearing{MatchID: statement}).ThenRejected(invalid, "invalid_field", "reason")
}

// What somebody had recorded isn't recovered twice: the line clears it, and recovers what it shows beyond. Undoing the match
// leaves what was recorded by hand.
func TestALineShowsWhatWasRecorded(t *testing.T) {
	t.Parallel()
	start(t).When(owing, paid).Outcome().When(owing, shows("60.00")).Then(cleared("60.00"))
	elsewhere := shows("60.00")
	elsewhere.BankAccount = "NO9386011117947"
	o := start(t).When(owing, paid).Outcome().When(owing, elsewhere).ThenRejected(conflict, "more_than_owed", "amount")
	o = o.When(owing, shows("70.00")).Then(recovers(3, "10.00"), cleared("70.00"))
	o = o.When(owing, clawback.UndoClearing{MatchID: match, Reason: "wrong"}).Then(unclears("70.00"), clawback.RecoveryUndone{
		ClawbackID: id, PartnerID: north, Recovery: recovers(3, "10.00"), Reason: "wrong",
	})
	require.Equal(t, []domain.Money{eur("60.00"), eur("60.00")}, []domain.Money{o.State().Recovered, o.State().Unseen(bank)})
}

func TestClearIsRefused(t *testing.T) {
	t.Parallel()
	for field, spoil := range map[string]func(*clawback.Clear){
		"clawback_id":  func(c *clawback.Clear) { c.ClawbackID = uuid.Nil },
		"statement_id": func(c *clawback.Clear) { c.StatementID = uuid.Nil },
		"match_id":     func(c *clawback.Clear) { c.MatchID = uuid.Nil },
		"bank_account": func(c *clawback.Clear) { c.BankAccount = "" },
		"amount":       func(c *clawback.Clear) { c.Amount = eur("0.00") },
		"reference":    func(c *clawback.Clear) { c.Reference = "" },
	} {
		c := shows("60.00")
		spoil(&c)
		start(t).When(owing, c).ThenRejected(invalid, "invalid_field", field)
	}
	dollars := shows("1.00")
	dollars.Amount = domain.Must(domain.ParseMoney("1.00", "USD"))
	start(t).When(owing, dollars).ThenRejected(invalid, "invalid_field", "amount")
	start(t).When(owing, paid).Outcome().When(owing, dollars).ThenRejected(invalid, "invalid_field", "amount")
	start(t).When(clawback.Facts{}, shows("60.00")).ThenRejected(domain.KindNotFound, "clawback_unknown", "clawback_id")
	early := domaintest.Effective(domaintest.Epoch.Add(-time.Hour))
	start(t).When(owing, shows("60.00"), early).ThenRejected(conflict, "out_of_order", "effective_at")
	start(t).When(owing, paid).Outcome().When(owing, shows("60.00"), early).ThenRejected(conflict, "out_of_order", "effective_at")
	start(t).When(owing, shows("60.00"), domaintest.By(domaintest.Treasurer())).Then(recovers(1, "60.00"), cleared("60.00"))
	start(t).When(owing, shows("60.00"), domaintest.By(domaintest.Desk())).ThenRejected(domain.KindForbidden, "role", "")
}

// Whatever is recorded, matched and undone in whatever order: no more than is owed is recovered, no line shows what nobody
// paid, and where every match is undone, what is left is what was recorded by hand.
func TestMatchesAndRecoveries(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		o, byHand := start(t).When(owing, paid).Outcome(), eur("60.00")
		var matches []uuid.UUID
		for n := range rapid.IntRange(1, 30).Draw(rt, "steps") {
			amount := domain.Must(domain.NewMoney(rapid.Int64Range(1, 5000).Draw(rt, "amount"), "EUR"))
			switch rapid.IntRange(0, 2).Draw(rt, "step") {
			case 0:
				c := paid
				c.Amount = amount
				if o = o.When(owing, c).Outcome(); o.Err() == nil {
					byHand = domain.Must(byHand.Add(amount))
				}
			case 1:
				c := shows("1.00")
				c.Amount, c.MatchID = amount, domain.DeriveID("match", time.Duration(n).String())
				if o = o.When(owing, c).Outcome(); o.Err() == nil {
					matches = append(matches, c.MatchID)
				}
			default:
				if len(matches) > 0 {
					o = o.When(owing, clawback.UndoClearing{MatchID: rapid.SampledFrom(matches).Draw(rt, "match"), Reason: "x"}).Outcome()
				}
			}
			require.LessOrEqual(rt, o.State().Recovered.Minor(), owing.Debt.Amount.Minor())
			require.GreaterOrEqual(rt, o.State().Unseen(bank).Minor(), int64(0))
		}
		for _, m := range matches {
			o = o.When(owing, clawback.UndoClearing{MatchID: m, Reason: "x"}).Outcome()
		}
		require.Equal(rt, []domain.Money{byHand, byHand}, []domain.Money{o.State().Recovered, o.State().Unseen(bank)})
	})
}
