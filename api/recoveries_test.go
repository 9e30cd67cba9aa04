package api_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// owing is a world in which a partner owes 50.00 because of a claw-back.
func owing(t *testing.T) (w *world, id string) {
	t.Helper()
	w = newWorld(t)
	return w, w.partner("north").markets(w.budget("1000.00"), "500.00").owesBack()
}

func hexOf(id string) string { return strings.ReplaceAll(id, "-", "") }

// owed is what the partner owes by now: in all, recovered, and left.
func (w *world) owed(id string) (amounts []string) {
	w.t.Helper()
	read := w.now("/v1/clawbacks/" + id)
	for _, field := range []string{"owed", "recovered", "left"} {
		amounts = append(amounts, read.text("data", field, "amount"))
	}
	return amounts
}

// suggested is what the rules make of the only line of a statement that isn't settled.
func (w *world) suggested(id string) object {
	w.t.Helper()
	all := w.auditor().get("/v1/statements/"+id+"/suggestions").is(200).list("data", "suggested")
	require.Len(w.t, all, 1)
	return all[0].(object)
}

// confirms takes a suggestion as it is.
func (w *world) confirms(id string, suggestion object) {
	w.t.Helper()
	match := object{}
	for _, field := range []string{"lines", "rule", "variance", "overpaid", "reason_code"} {
		if value, ok := suggestion[field]; ok {
			match[field] = value
		}
	}
	var to []object
	for _, side := range suggestion["to"].([]any) {
		to = append(to, object{"clawback_id": side.(object)["clawback_id"], "amount": side.(object)["amount"]})
	}
	match["to"] = to
	require.Empty(w.t, w.treasury().post("/v1/statements/"+id+"/confirm", object{"matches": []object{match}}).is(200).list("data", "refused"))
}

// balances wants accounts to close with amounts, and both books to be nought.
func (w *world) balances(want map[string]string) {
	w.t.Helper()
	for account, amount := range want {
		require.Equal(w.t, amount, w.balance(account), account)
	}
	w.booksAreZero()
}

// The claw-back's id and the exact amount are certain: the line recovers it by itself. Undone, the partner owes it again, and
// the line recovers it anew.
func TestAPartnersPaymentIsMatched(t *testing.T) {
	t.Parallel()
	for name, reference := range map[string]string{"hex": "", "uuid": "-"} {
		w, id := owing(t)
		ref := id
		if reference == "" {
			ref = hexOf(id)
		}
		s := "/v1/statements/" + w.finance().reconciles(bankFile("1", "1000.00", "+50.00:"+ref))
		require.Equal(t, "reconciled", w.now(s).text("data", "status"), name)
		require.Equal(t, []string{"50.00", "50.00", "0.00"}, w.owed(id))
		w.balances(map[string]string{
			"receivable:clawback": "0.00", "asset:cash_clearing": "0.00", "asset:bank_suspense": "0.00", "asset:bank": "1050.00",
		})
		read := w.now("/v1/clawbacks/" + id)
		recovery := read.list("data", "recoveries")[0].(object)
		require.Equal(t, []any{"payment", "B1-1", ourAccount}, []any{recovery["by"], recovery["reference"], recovery["bank_account"]})
		require.Equal(t, recovery["match_id"], read.list("data", "clearings")[0].(object)["match_id"])
		second := w.now("/v1/mdf/claims?limit=1").list("data")[0].(object)
		w.secondFinance().post("/v1/mdf/claims/"+second["id"].(string)+"/clawbacks/"+id+"/reverse", object{"reason": "x"}).
			problem(409, "clawback_recovered")

		w.finance().post(s+"/matches/"+recovery["match_id"].(string)+"/undo", object{"reason": "it was for a licence"}).is(200)
		w.eventually("the recovery is undone", func() bool { return w.owed(id)[1] == "0.00" })
		w.balances(map[string]string{
			"receivable:clawback": "50.00", "asset:cash_clearing": "0.00", "asset:bank_suspense": "-50.00", "asset:bank": "1050.00",
		})
		undone := w.now("/v1/clawbacks/"+id).list("data", "recoveries")[0].(object)["undone"].(object)
		require.Equal(t, "the match was undone: it was for a licence", undone["reason"])

		w.finance().post(s+"/match", object{}).is(200)
		require.Equal(t, []string{"50.00", "50.00", "0.00"}, w.owed(id))
		w.balances(map[string]string{"receivable:clawback": "0.00", "asset:cash_clearing": "0.00", "asset:bank_suspense": "0.00"})
	}
}

// Undone for good, nothing was recovered: the claw-back itself can be undone again.
func TestAnUndoneRecoveryHoldsNothing(t *testing.T) {
	t.Parallel()
	w, id := owing(t)
	s := "/v1/statements/" + w.finance().reconciles(bankFile("1", "1000.00", "+50.00:"+hexOf(id)))
	match := w.now(s + "/matches").list("data")[0].(object)["match_id"].(string)
	w.finance().post(s+"/matches/"+match+"/undo", object{"reason": "wrong"}).is(200)
	w.eventually("the recovery is undone", func() bool { return w.owed(id)[1] == "0.00" })
	claim := w.now("/v1/mdf/claims?limit=1").list("data")[0].(object)["id"].(string)
	w.secondFinance().post("/v1/mdf/claims/"+claim+"/clawbacks/"+id+"/reverse", object{"reason": "there was a stand"}).is(200)
	require.Equal(t, []string{"0.00", "0.00", "0.00"}, w.owed(id))
	w.finance().post(s+"/match", object{}).is(200)
	require.EqualValues(t, 1, w.now(s).field("data", "unmatched"), "there is no debt to pay")
}

// A part is suggested, and leaves the rest owed; what a partner pays above that is to its credit.
func TestAPartAndTooMuch(t *testing.T) {
	t.Parallel()
	w, id := owing(t)
	first := w.finance().reconciles(bankFile("1", "1000.00", "+20.00:"+hexOf(id)))
	require.Equal(t, []string{"50.00", "0.00", "50.00"}, w.owed(id), "nobody confirmed it")
	w.confirms(first, w.suggested(first))
	require.Equal(t, []string{"50.00", "20.00", "30.00"}, w.owed(id))
	w.balances(map[string]string{"receivable:clawback": "30.00", "asset:cash_clearing": "0.00", "asset:bank_suspense": "0.00"})

	second := w.finance().reconciles(bankFile("2", "1020.00", "+37.50:"+hexOf(id)))
	more := w.suggested(second)
	require.Equal(t, eur("7.50"), more["overpaid"])
	w.confirms(second, more)
	require.Equal(t, []string{"50.00", "50.00", "0.00"}, w.owed(id))
	w.balances(map[string]string{
		"receivable:clawback": "0.00", "receivable:overpayment": "-7.50", "asset:cash_clearing": "0.00", "asset:bank_suspense": "0.00",
		"asset:bank": "1057.50",
	})
	w.waits()
	require.Empty(t, w.now("/v1/disputes").list("data"), "a partner that pays too much is no case")
}

// Without a reference the partner, the amount and the day are a suggestion; within tolerance, too.
func TestAPaymentWithoutAReference(t *testing.T) {
	t.Parallel()
	w, id := owing(t)
	file := strings.ReplaceAll(bankFile("1", "1000.00", "+49.80::NORTH"), "2026-03-01", "2026-03-02")
	s := w.finance().reconciles(file)
	near := w.suggested(s)
	require.Equal(t, []any{"tolerance", eur("-0.20")}, []any{near["rule"], near["variance"]})
	w.confirms(s, near)
	require.Equal(t, []string{"50.00", "50.00", "0.00"}, w.owed(id))
	w.balances(map[string]string{"receivable:clawback": "0.00", "asset:cash_clearing": "0.00", "expense:variance": "0.20"})
}

// Two debts of one amount could each be meant: somebody has to say which.
func TestTwoDebtsAreAmbiguous(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	m := w.partner("north").markets(w.budget("1000.00"), "500.00")
	m.owesBack()
	second := m.owesBackOf("60.00", "120.00")
	s := w.finance().reconciles(strings.ReplaceAll(bankFile("1", "1000.00", "+50.00::North"), "2026-03-01", "2026-03-02"))
	suggestions := w.auditor().get("/v1/statements/" + s + "/suggestions").is(200)
	require.Empty(t, suggestions.list("data", "suggested"))
	require.Len(t, suggestions.list("data", "ambiguous")[0].(object)["to"], 2)
	side := object{"clawback_id": second, "amount": eur("50.00")}
	confirm := func(side object) answer {
		return w.finance().post("/v1/statements/"+s+"/confirm", object{"matches": []object{{"lines": []int{1}, "to": []object{side}}}})
	}
	confirm(object{"clawback_id": newID(), "amount": eur("50.00")}).problem(404, "clawback_unknown")
	confirm(object{"clawback_id": second, "payable_id": newID(), "payout_id": newID(), "amount": eur("50.00")}).problem(422, "invalid_field")
	confirm(object{"amount": eur("50.00")}).problem(404, "payable_unknown")
	confirm(side).is(200)
	require.Equal(t, "0.00", w.owed(second)[2])
}

// What somebody recorded by hand is not recovered a second time: the line shows it, and only one does.
func TestALineShowsWhatWasRecordedByHand(t *testing.T) {
	t.Parallel()
	w, id := owing(t)
	w.finance().post("/v1/clawbacks/"+id+"/recover", object{
		"by": "payment", "amount": eur("50.00"), "bank_account": ourAccount, "reference": "the partner's letter",
	}).is(200)
	s := "/v1/statements/" + w.finance().reconciles(bankFile("1", "1000.00", "+50.00:"+hexOf(id), "+50.00:"+hexOf(id)))
	require.EqualValues(t, 2, w.now(s).field("data", "unmatched"), "two lines, and one payment")
	side := object{"clawback_id": id, "amount": eur("50.00")}
	confirm := func(line int) []any {
		return w.finance().post(s+"/confirm", object{"matches": []object{{"lines": []int{line}, "to": []object{side}}}}).is(200).
			list("data", "refused")
	}
	require.Empty(t, confirm(1))
	require.Equal(t, "more_than_owed", confirm(2)[0].(object)["rule"])
	require.Equal(t, []string{"50.00", "50.00", "0.00"}, w.owed(id))
	w.balances(map[string]string{"receivable:clawback": "0.00", "asset:cash_clearing": "0.00", "asset:bank_suspense": "-50.00"})
	match := w.now(s + "/matches").list("data")[0].(object)["match_id"].(string)
	w.finance().post(s+"/matches/"+match+"/undo", object{"reason": "the other line"}).is(200)
	w.eventually("the clearing is undone", func() bool {
		return w.now("/v1/clawbacks/"+id).list("data", "clearings")[0].(object)["undone"] != nil
	})
	require.Equal(t, []string{"50.00", "50.00", "0.00"}, w.owed(id), "what was recorded by hand stays")
	require.Empty(t, confirm(2))
	w.balances(map[string]string{"receivable:clawback": "0.00", "asset:cash_clearing": "0.00", "asset:bank_suspense": "-50.00"})
}
