package api_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// premium is a SPIFF of 50.00: the path of its agreement, and its id, once it is payable.
func (a ally) premium() (agreement, spiff string) {
	a.t.Helper()
	agreement, _ = a.sells("1.00")
	a.finance().post(agreement+"/spiffs", object{
		"seller_id": a.seller, "amount": eur("50.00"), "treatment": "expense", "reference": "spring contest",
	}).is(200)
	spiff = a.now("/v1/rebates/spiffs?seller_id=" + a.seller).list("data")[0].(object)["id"].(string)
	a.owing(spiff, "50.00")
	return agreement, spiff
}

// What was paid and is reversed the partner owes, as it owes what is clawed back: it is offset, or paid, and then nothing is left
// in the liability.
func TestAPaidSpiffIsReversed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	north := w.partner("north")
	agreement, spiff := north.premium()
	reverse := func(amount string) answer {
		return w.finance().post(agreement+"/spiffs/"+spiff+"/reverse", object{"amount": eur(amount), "reason": "returned", "note": "the deal"})
	}
	reverse("5.00").is(200)
	w.owing(spiff, "45.00")
	require.Nil(t, w.now(agreement).field("data").(object)["spiffs_owed_back"])
	w.balances(map[string]string{"liability:spiff_payable": "-45.00", "expense:spiff": "45.00"})

	w.mayBePaid(north)
	path := w.prepares()
	reverse("20.00").problem(409, "payable_claimed")
	w.treasury().post(path+"/abandon", object{"reason": "wait"}).is(200)
	w.owing(spiff, "45.00")
	w.clock.pass(24 * hour)
	w.paysAll()
	w.balances(map[string]string{"liability:spiff_payable": "0.00"})
	owed := reverse("20.00").is(200).list("data", "spiffs_owed_back")
	require.Len(t, owed, 1)
	require.Equal(t, eur("20.00"), owed[0].(object)["amount"])
	id := owed[0].(object)["id"].(string)
	w.balances(map[string]string{"liability:spiff_payable": "0.00", "receivable:clawback": "20.00", "expense:spiff": "25.00"})
	require.Equal(t, []string{"20.00", "0.00", "20.00"}, w.owed(id))

	w.finance().post("/v1/clawbacks/"+id+"/recover", object{"by": "write_off", "amount": eur("5.00"), "reference": "agreed"}).is(200)
	w.finance().reconciles(bankFile("1", "1000.00", "+15.00:"+hexOf(id)))
	require.Equal(t, []string{"20.00", "20.00", "0.00"}, w.owed(id))
	w.balances(map[string]string{"receivable:clawback": "0.00", "liability:spiff_payable": "0.00"})
	reverse("25.01").problem(409, "reversal_above_spiff")
}
