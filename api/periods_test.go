package api_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/projections"
	"github.com/channelledger/channelledger/projections/journal"
	"github.com/channelledger/channelledger/projections/periods"
)

// february is over when every story begins.
const february = "/v1/periods/2026-02"

// budgetSince is a budget opened on a day, and its path.
func (w *world) budgetSince(day, amount string) string {
	w.t.Helper()
	return w.finance().post("/v1/mdf/budgets", object{
		"name": "since " + day, "period": object{"from": "2026-01-01", "to": "2026-06-30"}, "amount": eur(amount), "effective_at": day + "T10:00:00Z",
	}).is(201).header.Get("Location")
}

func (c caller) increases(budget, day, amount string) answer {
	c.t.Helper()
	return c.post(budget+"/increase", object{"amount": eur(amount), "reason": "more", "effective_at": day + "T10:00:00Z"}).is(200)
}

// closes a month as the checks find it, accepting whatever failed.
func (c caller) closes(month string) answer {
	c.t.Helper()
	checks := c.get(month + "/checks").is(200)
	return c.post(month+"/close", object{
		"version": checks.field("data", "version"), "trial_balance_sha256": checks.text("data", "trial_balance_sha256"),
	}).is(200)
}

func everyPeriodRoute(t *testing.T, w *world) {
	t.Helper()
	finance, auditor := w.finance(), w.auditor()
	w.budgetSince("2026-02-10", "70.00")
	finance.get(february).problem(404, "period_unknown")
	finance.post(february+"/close", object{"version": 1, "trial_balance_sha256": strings.Repeat("0a", 32)}).problem(404, "period_unknown")
	require.Nil(t, auditor.get(february+"/checks?wait_for="+w.end().String()).is(200).field("data", "version"), "as the books are now")
	cut := finance.post(february+"/cut", object{}).is(201)
	require.Equal(t, february, cut.header.Get("Location"))
	finance.post(february+"/cut", object{}).problem(409, "wrong_status")
	finance.post("/v1/periods/2026-03/cut", object{}).problem(409, "month_running")
	finance.post("/v1/periods/2026-13/cut", object{}).problem(422, "invalid_field")
	w.ops().get(february + "?wait_for=" + cut.position()).is(200)
	w.partner("curious").people().get(february).problem(403, "vendor_only")

	checks := auditor.get(february + "/checks").is(200)
	require.EqualValues(t, 1, checks.field("data", "version"))
	body := object{"version": 1, "trial_balance_sha256": strings.Repeat("0a", 32)}
	require.Contains(t, finance.post(february+"/close", body).problem(409, "trial_balance_differs").Detail, checks.text("data", "trial_balance_sha256"))
	body["trial_balance_sha256"] = checks.text("data", "trial_balance_sha256")
	body["accepted"] = []object{{"check": "moon", "reason": "full"}}
	finance.post(february+"/close", body).problem(422, "invalid_field")
	delete(body, "accepted")
	body["books"] = object{}
	finance.post(february+"/close", body).problem(422, "invalid_field")
	delete(body, "books")
	walk(t, []step{
		{finance, february + "/close", body, []string{"status"}, "closed"},
		{finance, february + "/reopen-request", object{"reason": "an invoice came late"}, []string{"status"}, "closed"},
		{w.secondFinance(), february + "/reopen", object{}, []string{"status"}, "reopened"},
	})
	listed := auditor.get("/v1/periods?status=reopened&wait_for=" + w.end().String()).is(200).list("data")
	require.Len(t, listed, 1)
	require.Len(t, listed[0].(object)["versions"], 1)
	one := auditor.get(february).is(200)
	auditor.get(february, with("If-None-Match", one.header.Get("ETag"))).is(304)
	require.Empty(t, auditor.get("/v1/periods?known_at="+cut.text("data", "from")).is(200).list("data"))
	auditor.get(february+"?effective_at=2026-01-01").problem(404, "period_unknown")
	everyTrialBalance(t, auditor, body["trial_balance_sha256"])
}

func everyTrialBalance(t *testing.T, auditor caller, closed any) {
	t.Helper()
	trial := auditor.get(february + "/trial-balance?version=1").is(200)
	require.Equal(t, closed, trial.text("data", "sha256"))
	require.Equal(t, closed, trial.text("data", "closed_sha256"))
	require.Len(t, trial.list("data", "balances"), 2)
	require.Nil(t, auditor.get(february+"/trial-balance").is(200).field("data", "version"), "no cut of it holds")
	file := auditor.get(february + "/trial-balance.csv?version=1").is(200)
	require.Equal(t, closed, periods.SHA256(file.body))
	require.Regexp(t, "^book,account,party,currency,debit,credit\r\nbudgetary,budget:authority,budget:[0-9a-f-]{36},EUR,,70.00\r\n"+
		"budgetary,budget:unallocated,budget:[0-9a-f-]{36},EUR,70.00,\r\n$", string(file.body))
	auditor.get(february+"/trial-balance?version=2").problem(404, "version_unknown")
	auditor.get(february+"/trial-balance?version=1&known_at=2026-01-01").problem(422, "invalid_field")
	auditor.get("/v1/periods/feb/trial-balance").problem(422, "invalid_field")
}

// Clients post while a month is cut and closed: what it was closed with is what anybody computes from the log later, in this
// process or another, by version or by the cut's place in the log.
func TestTheBooksOfAClosedMonthNeverChange(t *testing.T) {
	const clients, each = 16, 6
	w := newWorld(t)
	budgets := make([]string, clients)
	for i := range budgets {
		budgets[i] = w.budgetSince("2026-02-01", "1000.00")
	}
	var posting sync.WaitGroup
	for i, budget := range budgets {
		posting.Go(func() {
			for n := range each {
				w.as(fmt.Sprint("clerk-", i), domain.Finance).increases(budget, fmt.Sprintf("2026-02-%02d", 10+n), fmt.Sprintf("%d.%02d", n+1, i))
			}
		})
	}
	cut := w.finance().post(february+"/cut", object{}).is(201)
	closed := w.finance().closes(february)
	hash := closed.field("data", "versions").([]any)[0].(object)["trial_balance_sha256"]
	posting.Wait()

	later := newWorldOn(t, w)
	for name, file := range map[string]answer{
		"by version":       w.auditor().get(february + "/trial-balance.csv?version=1").is(200),
		"by the cut":       w.auditor().get(february + "/trial-balance.csv?known_at=" + cut.position()).is(200),
		"while it holds":   w.auditor().get(february + "/trial-balance.csv").is(200),
		"another process":  later.auditor().get(february + "/trial-balance.csv?version=1").is(200),
		"with its own eye": later.auditor().get(february + "/trial-balance.csv?known_at=" + cut.position()).is(200),
	} {
		require.Equal(t, hash, periods.SHA256(file.body), name)
	}
	require.NoError(t, w.caughtUp())
	authority := domain.Must(domain.ParseMoney("0", "EUR"))
	for _, b := range w.trial(journal.ByPosted, "2026-03-31") {
		if b.Account.Name == journal.BudgetAuthority {
			authority = domain.Must(authority.Sub(b.Closing))
		}
	}
	require.Equal(t, "16343.20 EUR", authority.String(), "what came behind the cut stands in March, and nothing is lost")
}

// trial is the trial balance as it is now, of all parties together.
func (w *world) trial(by journal.Basis, day string) []journal.Balance {
	w.t.Helper()
	reader, err := w.runner.Reader(journal.Name)
	require.NoError(w.t, err)
	var trial journal.TrialBalance
	require.NoError(w.t, reader.Read(w.t.Context(), func(q projections.Querier) (err error) {
		trial, err = journal.Trial(w.t.Context(), q, journal.BalanceQuery{By: by, Days: journal.Days{To: domain.Must(domain.ParseDate(day))}})
		return err
	}))
	return trial.Balances
}

// authority is what the budgets had by the end of a day.
func (w *world) authority(by journal.Basis, day string) string {
	w.t.Helper()
	require.NoError(w.t, w.caughtUp())
	for _, b := range w.trial(by, day) {
		if b.Account.Name == journal.BudgetAuthority {
			return b.Closing.Neg().Decimal()
		}
	}
	return ""
}

// A late fact stands in the first open month by posting date, and on its own day by effective date. Once the month is open again,
// what comes late posts in it; what was posted before stays where it is.
func TestALateFactByEitherDate(t *testing.T) {
	w := newWorld(t)
	finance := w.finance()
	budget := w.budgetSince("2026-02-10", "100.00")
	finance.post(february+"/cut", object{}).is(201)
	finance.closes(february)
	file := finance.get(february + "/trial-balance.csv?version=1").is(200).body

	finance.increases(budget, "2026-02-20", "10.00")
	require.Equal(t, "100.00", w.authority(journal.ByPosted, "2026-02-28"))
	require.Equal(t, "110.00", w.authority(journal.ByPosted, "2026-03-01"))
	require.Equal(t, "100.00", w.authority(journal.ByEffective, "2026-02-19"))
	require.Equal(t, "110.00", w.authority(journal.ByEffective, "2026-02-20"))

	finance.post(february+"/reopen-request", object{"reason": "an invoice came late"}).is(200)
	finance.post(february+"/reopen", object{}).problem(403, "maker_is_checker")
	w.secondFinance().post(february+"/reopen", object{}).is(200)
	finance.increases(budget, "2026-02-21", "1.00")
	require.Equal(t, "100.00", w.authority(journal.ByPosted, "2026-02-20"))
	require.Equal(t, "101.00", w.authority(journal.ByPosted, "2026-02-28"))
	require.Equal(t, "111.00", w.authority(journal.ByPosted, "2026-03-01"))
	require.Equal(t, "111.00", w.authority(journal.ByEffective, "2026-02-21"))

	finance.post(february+"/cut", object{}).is(201)
	again := finance.closes(february)
	require.Len(t, again.list("data", "versions"), 2)
	require.Equal(t, file, finance.get(february+"/trial-balance.csv?version=1").is(200).body)
	second := finance.get(february + "/trial-balance.csv?version=2").is(200).body
	require.Contains(t, string(second), ",101.00\r\n")
	require.NotContains(t, string(file), "101.00")
}

// A check that fails stands in the way until somebody accepts it by name, and says why; the period keeps both.
func TestAFailingCheckIsAcceptedByName(t *testing.T) {
	w := newWorld(t)
	w.shy.Store(true)
	w.as("import-1", domain.ServiceRole).post("/v1/partners", object{"legal_name": "Poison", "kind": "reseller", "country": "DE"}).is(201)
	w.ops().get("/v1/reactors?wait_for=" + w.end().String()).is(200)
	finance := w.finance()
	finance.post(february+"/cut", object{}).is(201)
	checks := finance.get(february + "/checks").is(200)
	require.Equal(t, false, checks.field("data", "passed"))
	require.Contains(t, string(checks.body), `"link":"/v1/reactors"`)
	body := object{"version": 1, "trial_balance_sha256": checks.text("data", "trial_balance_sha256")}
	require.Contains(t, finance.post(february+"/close", body).problem(409, "check_failed").Detail, "parked_reactors")
	body["accepted"] = []object{{"check": "parked_reactors", "reason": "moved no money"}}
	closed := finance.post(february+"/close", body).is(200)
	version := closed.list("data", "versions")[0].(object)
	require.Equal(t, []any{object{"check": "parked_reactors", "reason": "moved no money"}}, version["accepted"])
}
