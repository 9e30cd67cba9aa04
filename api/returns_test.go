package api_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// broughtBack is a claim of 120.00 that was paid and confirmed by a line of the bank, which another line of the same statement
// brought back, as far as its reference says. It is the statement's path, and the match of the other line.
func (w *world) broughtBack() (north sent, payout, statement, match string) {
	w.t.Helper()
	north = w.partner("north").isOwedAClaim("120.00")
	w.mayBePaid(north.ally)
	payout = w.paysAll()
	statement = "/v1/statements/" + w.finance().reconciles(bankFile("1", "1000.00", north.line("0.00"), "+"+north.line("0.00")))
	w.eventually("the claim is paid no more", func() bool { return w.claimOf(north)["status"] == "approved" })
	for _, m := range w.now(statement + "/matches").list("data") {
		if m := m.(object); m["outgoing"] == false {
			match = m["match_id"].(string)
		}
	}
	require.Equal(w.t, []string{"120.00", "0.00"}, w.stands(north))
	return north, payout, statement, match
}

func (w *world) claimOf(s sent) object {
	w.t.Helper()
	return w.now("/v1/mdf/claims?partner_id=" + s.id).list("data")[0].(object)
}

// stands is what of a payable is open, and sent.
func (w *world) stands(s sent) (amounts []string) {
	w.t.Helper()
	read := w.now("/v1/payables/" + s.payable)
	for _, field := range []string{"open", "sent"} {
		amounts = append(amounts, read.text("data", field, "amount", "amount"))
	}
	return amounts
}

// The line was another's: nothing came back. The payable, the claim, the payment and the books are as they were.
func TestAnUndoneMatchReturnsNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	north, payout, statement, match := w.broughtBack()
	w.balances(map[string]string{"liability:mdf_payable": "-120.00", "asset:cash_clearing": "0.00", "asset:bank_suspense": "0.00"})
	w.finance().post(statement+"/matches/"+match+"/undo", object{"reason": "a refund of the printer's"}).is(200)
	w.eventually("the claim is paid", func() bool { return w.claimOf(north)["status"] == "paid" })
	require.Equal(t, []string{"0.00", "120.00"}, w.stands(north))
	require.Equal(t, "paid", w.now("/v1/payables/"+north.payable).text("data", "status"))
	item := w.now("/v1/payout-items?payout_id=" + payout).list("data")[0].(object)
	require.Equal(t, "confirmed", item["status"])
	require.Nil(t, item["returned"])
	w.balances(map[string]string{
		"liability:mdf_payable": "0.00", "asset:cash_clearing": "0.00", "asset:bank_suspense": "-120.00", "asset:bank": "1000.00",
	})
	w.finance().post(statement+"/lines/2/resolve", object{"account": "income:refunds", "resolution": "the printer's"}).is(200)
	w.balances(map[string]string{"asset:bank_suspense": "0.00", "asset:cash_clearing": "0.00"})
}

// What a payout has would be paid twice: it comes first. What was paid again is to come back, and the line that brings it is
// matched with it.
func TestAReturnThatWasBuiltOn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	north, payout, statement, match := w.broughtBack()
	w.clock.pass(24 * hour)
	again := w.prepares()
	undo := func() answer {
		return w.finance().post(statement+"/matches/"+match+"/undo", object{"reason": "another's"})
	}
	undo().problem(409, "payable_claimed")
	w.treasury().post(again+"/abandon", object{"reason": "wait"}).is(200)
	w.owing(w.claimOf(north)["id"].(string), "120.00")
	w.clock.pass(24 * hour)
	w.paysAll()
	require.Equal(t, []string{"0.00", "120.00"}, w.stands(north))
	undo().is(200)
	w.eventually("the clearing is undone", func() bool {
		for _, c := range w.now("/v1/payables/"+north.payable).list("data", "clearings") {
			if c.(object)["match_id"] == match {
				return c.(object)["undone"] != nil
			}
		}
		return false
	})
	require.Equal(t, []string{"0.00", "120.00"}, w.stands(north), "it was paid again: the partner has it twice")
	w.balances(map[string]string{"liability:mdf_payable": "0.00", "asset:cash_clearing": "0.00", "asset:bank_suspense": "-120.00"})
	second := "/v1/statements/" + w.finance().reconciles(bankFile("2", "1000.00", north.line("0.00"), "+"+north.line("0.00")))
	first := object{"payable_id": north.payable, "payout_id": payout, "amount": eur("120.00")}
	w.finance().post(second+"/confirm", object{"matches": []object{{"lines": []int{2}, "to": []object{first}}}}).is(200)
	require.EqualValues(t, 0, w.now(second).field("data", "unmatched"))
	require.Equal(t, []string{"0.00", "120.00"}, w.stands(north))
	w.balances(map[string]string{"liability:mdf_payable": "0.00", "asset:cash_clearing": "0.00", "asset:bank_suspense": "-120.00"})
}

// An abandoned payout lets go what it had, and nothing that didn't come back is left to pay.
func TestAPayoutThatHadAReturn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	north, _, statement, match := w.broughtBack()
	w.clock.pass(24 * hour)
	again := w.prepares()
	w.treasury().post(again+"/abandon", object{"reason": "look at the statement"}).is(200)
	w.owing(w.claimOf(north)["id"].(string), "120.00")
	w.waits()
	w.eventually("nothing has the payable", func() bool {
		return w.finance().post(statement+"/matches/"+match+"/undo", object{"reason": "another's"}).status == 200
	})
	w.eventually("the claim is paid", func() bool { return w.claimOf(north)["status"] == "paid" })
	require.Equal(t, []string{"0.00", "120.00"}, w.stands(north))
	w.balances(map[string]string{"liability:mdf_payable": "0.00", "asset:cash_clearing": "0.00"})
}
