package mdf_test

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/domaintest"
	"github.com/channelledger/channelledger/domain/mdf"
)

var quarter = mdf.Period{From: domain.Date{Year: 2026, Month: 4, Day: 1}, To: domain.Date{Year: 2026, Month: 6, Day: 30}}

type budgetOutcome = domaintest.Outcome[*mdf.Budget, mdf.BudgetCommand, mdf.BudgetFacts, mdf.BudgetEvent]

func budgetFacts() mdf.BudgetFacts { return mdf.BudgetFacts{Rules: rules(), Partner: standing()} }

// opened is a budget of 1000 EUR.
func opened(t *testing.T) (budgetOutcome, uuid.UUID) {
	t.Helper()
	id := mdf.BudgetID(domaintest.NthCommand(1))
	s := domaintest.For(t, mdf.BudgetDecider(), domaintest.StreamID(id), on(0), by(domaintest.Finance()))
	return s.When(budgetFacts(), mdf.OpenBudget{Name: "Q2", Period: quarter, Amount: eur("1000.00")}).Then(mdf.BudgetOpened{
		BudgetID: id, Name: "Q2", Period: quarter, Amount: eur("1000.00"), ExpiresAt: expires, Policy: "mdf@1",
	}), id
}

func TestABudgetIsOpenedOnce(t *testing.T) {
	b, _ := opened(t)
	open := mdf.OpenBudget{Name: "Q2", Period: quarter, Amount: eur("1000.00")}
	b.When(budgetFacts(), open).ThenRejected(conflict, "wrong_status", "")
	empty := domaintest.For(t, mdf.BudgetDecider(), by(domaintest.Finance()))
	for field, change := range map[string]func(*mdf.OpenBudget){
		"name":        func(c *mdf.OpenBudget) { c.Name = "" },
		"period.from": func(c *mdf.OpenBudget) { c.Period.From = domain.Date{} },
		"period.to":   func(c *mdf.OpenBudget) { c.Period.To = c.Period.From.AddDays(-1) },
		"amount":      func(c *mdf.OpenBudget) { c.Amount = eur("0") },
	} {
		wrong := open
		change(&wrong)
		empty.When(budgetFacts(), wrong).ThenRejected(invalid, "invalid_field", field)
	}
	open.Period.To = domain.Date{}
	empty.When(budgetFacts(), open).ThenRejected(invalid, "invalid_field", "period.to")
	empty.When(budgetFacts(), mdf.CloseBudget{Reason: "x"}).ThenRejected(missing, "budget_unknown", "")
	b.When(budgetFacts(), mdf.CloseBudget{Reason: "x"}, by(domaintest.Ops())).ThenRejected(forbidden, "role", "")
}

func TestNothingIsAllocatedBeyondTheBudget(t *testing.T) {
	b, id := opened(t)
	to := mdf.FundRef{FundID: mdf.FundID(id, north), BudgetID: id, PartnerID: north}
	b = b.When(budgetFacts(), mdf.Allocate{PartnerID: north, Amount: eur("700.00")}).
		Then(mdf.Allocated{FundRef: to, Amount: eur("700.00"), ExpiresAt: expires})
	b.When(budgetFacts(), mdf.Allocate{PartnerID: north, Amount: eur("300.01")}).ThenRejected(conflict, "budget_short", "amount")
	b.When(budgetFacts(), mdf.Allocate{PartnerID: north, Amount: usd("1")}).ThenRejected(invalid, "invalid_field", "amount")
	b.When(budgetFacts(), mdf.Allocate{Amount: eur("1")}).ThenRejected(invalid, "invalid_field", "partner_id")
	b.When(mdf.BudgetFacts{Rules: rules()}, mdf.Allocate{PartnerID: north, Amount: eur("1")}).ThenRejected(missing, "partner_unknown", "partner_id")
	b.When(budgetFacts(), mdf.Allocate{PartnerID: north, Amount: eur("1")}, domaintest.At(expires)).ThenRejected(conflict, "budget_expired", "")
	b = b.When(budgetFacts(), mdf.IncreaseBudget{Amount: eur("50.00"), Reason: "launch"}).
		Then(mdf.BudgetIncreased{BudgetID: id, Amount: eur("50.00"), Reason: "launch"})
	b.When(budgetFacts(), mdf.IncreaseBudget{Amount: money("899999999999999.99", "EUR"), Reason: "x"}).ThenRejected(invalid, "invalid_field", "amount")
	require.Equal(t, eur("350.00"), b.State().Unallocated)
	partner, ok := mdf.PartnerOf(mdf.Allocate{PartnerID: north})
	require.True(t, ok)
	require.Equal(t, north, partner)
}

func TestWhatComesBack(t *testing.T) {
	b, id := opened(t)
	to := mdf.FundRef{FundID: mdf.FundID(id, north), BudgetID: id, PartnerID: north}
	b = b.When(budgetFacts(), mdf.Allocate{PartnerID: north, Amount: eur("700.00")}).Outcome()
	back := func(cause mdf.ReleaseCause, amount string) mdf.ReleaseAllocation {
		return mdf.ReleaseAllocation{FundRef: to, Amount: eur(amount), Cause: cause, Source: domain.DeriveID("source")}
	}
	scheduler := by(domaintest.Scheduler())
	b.When(budgetFacts(), back(mdf.CauseReleased, "1"), by(domaintest.Importer())).ThenRejected(forbidden, "reactor_only", "")
	b = b.When(budgetFacts(), back(mdf.CauseReleased, "100.00"), scheduler).Outcome()
	require.Equal(t, eur("400.00"), b.State().Unallocated)
	b = b.When(budgetFacts(), back(mdf.CauseExpired, "200.00"), scheduler).Outcome()
	require.Equal(t, eur("400.00"), b.State().Unallocated, "expired money is not used again")
	require.Equal(t, eur("200.00"), b.State().Expired)

	b = b.When(budgetFacts(), mdf.CloseBudget{Reason: "year end"}).
		Then(mdf.BudgetClosed{BudgetID: id, Amount: eur("400.00"), Reason: "year end"})
	b.When(budgetFacts(), mdf.CloseBudget{Reason: "again"}).ThenRejected(conflict, "wrong_status", "")
	b.When(budgetFacts(), mdf.IncreaseBudget{Amount: eur("1"), Reason: "x"}).ThenRejected(conflict, "wrong_status", "")
	closed := b.When(budgetFacts(), back(mdf.CauseReleased, "50.00"), scheduler).Then(
		mdf.AllocationReleased{FundRef: to, Amount: eur("50.00"), Cause: mdf.CauseReleased, Source: domain.DeriveID("source")},
		mdf.BudgetClosed{BudgetID: id, Amount: eur("50.00")},
	).State()
	require.Equal(t, []domain.Money{eur("550.00"), eur("0.00"), eur("550.00")}, []domain.Money{closed.Authority, closed.Unallocated, closed.Allocated})
	require.Equal(t, "year end", closed.Closed.Reason)
}

func TestCarryOverTakesTwo(t *testing.T) {
	b, id := opened(t)
	to := mdf.FundRef{FundID: mdf.FundID(id, north), BudgetID: id, PartnerID: north}
	b = b.When(budgetFacts(), mdf.Allocate{PartnerID: north, Amount: eur("700.00")}).Outcome()
	b = b.When(budgetFacts(), mdf.ReleaseAllocation{FundRef: to, Amount: eur("200.00"), Cause: mdf.CauseExpired, Source: id}, by(domaintest.Scheduler())).Outcome()
	after := domaintest.At(expires.AddDate(0, 0, 1))
	ask := mdf.RequestCarryOver{Amount: eur("200.00"), Until: domain.Date{Year: 2026, Month: 9, Day: 30}, Reason: "fair moved"}
	for field, change := range map[string]func(*mdf.RequestCarryOver){
		"amount": func(c *mdf.RequestCarryOver) { c.Amount = domain.Money{} },
		"until":  func(c *mdf.RequestCarryOver) { c.Until = date(expires) },
		"reason": func(c *mdf.RequestCarryOver) { c.Reason = "" },
	} {
		wrong := ask
		change(&wrong)
		b.When(budgetFacts(), wrong, after).ThenRejected(invalid, "invalid_field", field)
	}
	wrong := ask
	wrong.Amount = eur("200.01")
	b.When(budgetFacts(), wrong, after).ThenRejected(conflict, "expired_short", "amount")
	b = b.When(budgetFacts(), ask, after).Outcome()
	require.NoError(t, b.Err())
	asked := b.Events()[0].(mdf.CarryOverRequested)
	approve := mdf.ApproveCarryOver{CarryOverID: asked.CarryOverID}
	b.When(budgetFacts(), approve, after).ThenRejected(forbidden, "maker_is_checker", "")
	b.When(budgetFacts(), approve, after, by(instead(actor("delegate"), domaintest.Finance().ID))).ThenRejected(forbidden, "maker_is_checker", "")
	other := by(domaintest.Another(domaintest.Finance()))
	b.When(budgetFacts(), mdf.ApproveCarryOver{CarryOverID: id}, after, other).ThenRejected(missing, "carry_over_unknown", "carry_over_id")
	next := time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC)
	b = b.When(budgetFacts(), approve, after, other).Then(mdf.BudgetCarriedOver{
		BudgetID: id, CarryOverID: asked.CarryOverID, Amount: eur("200.00"), ExpiresAt: next,
	})
	b.When(budgetFacts(), approve, after, other).ThenRejected(conflict, "wrong_status", "carry_over_id")
	require.Equal(t, eur("500.00"), b.State().Unallocated)
	require.Equal(t, eur("0.00"), b.State().Expired)
	b.When(budgetFacts(), mdf.Allocate{PartnerID: north, Amount: eur("500.00")}, after).
		Then(mdf.Allocated{FundRef: to, Amount: eur("500.00"), ExpiresAt: next})
}
