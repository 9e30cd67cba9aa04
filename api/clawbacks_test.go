package api_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
)

// owesBack is the id of a claw-back of all that was paid for a claim: 50.00.
func (m marketing) owesBack() string {
	m.t.Helper()
	return m.owesBackOf("50.00", "100.00")
}

// owesBackOf is the id of a claw-back of 50.00 of what was paid for a claim.
func (m marketing) owesBackOf(paid, net string) string {
	m.t.Helper()
	claim := "/v1/mdf/claims/" + m.files(m.request(paid), net)
	m.finance().post(claim+"/approve", object{"approved": eur(paid)}).is(200)
	m.as("import-1", domain.ServiceRole).post(claim+"/pay", object{"reference": "SEPA 7"}).is(200)
	back := m.finance().post(claim+"/claw-back", object{"amount": eur("50.00"), "reason": "no stand"}).is(200)
	return back.list("data", "clawbacks")[0].(object)["clawback_id"].(string)
}

func everyClawbackRoute(t *testing.T, w *world, north ally) {
	t.Helper()
	id := north.markets(w.budget("1000.00"), "500.00").owesBack()
	path, finance := "/v1/clawbacks/"+id, w.finance()
	payable := north.owes("100.00")
	walk(t, []step{
		{finance, path + "/recover", object{
			"by": "payment", "amount": eur("10.00"), "bank_account": "NO9386011117947", "reference": "SEPA 9",
		}, []string{"recovered", "amount"}, "10.00"},
		{finance, path + "/recover", object{
			"by": "offset", "amount": eur("30.00"), "payable_id": payable, "reference": "agreed",
		}, []string{"recovered", "amount"}, "40.00"},
	})
	finance.post(path+"/recover", object{"by": "write_off", "amount": eur("10.01"), "reference": "x"}).problem(409, "more_than_owed")
	finance.post("/v1/clawbacks/"+newID()+"/recover", object{"by": "write_off", "amount": eur("1.00"), "reference": "x"}).problem(404, "clawback_unknown")

	read := north.admin().get(path + "?wait_for=" + w.end().String()).is(200)
	for field, want := range map[string]string{"owed": "50.00", "recovered": "40.00", "pending": "0.00", "left": "10.00"} {
		require.Equal(t, want, read.text("data", field, "amount"), field)
	}
	require.Len(t, read.list("data", "recoveries"), 2)
	w.partner("stranger").admin().get(path).problem(404, "clawback_unknown")
	w.waits()
	require.Equal(t, "70.00", w.auditor().get("/v1/payables/"+payable+"?wait_for="+w.end().String()).is(200).text("data", "open", "amount", "amount"))
}
