package api_test

import (
	"fmt"
	"path"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func inEuros(amount string) object { return object{"amount": amount, "currency": "EUR"} }

// opens an agreement of the partner for the days of the story, and is its path.
func (a ally) opens() string {
	a.t.Helper()
	return a.ops().post("/v1/rebates/agreements", object{
		"partner_id": a.id, "scheme": "standard", "period": object{"first_day": "2026-03-01", "last_day": "2026-03-02"},
	}).is(201).header.Get("Location")
}

func soldFor(ref, amount string) object {
	return object{"source": "won_deals", "source_ref": ref, "product": "GTX", "amount": inEuros(amount)}
}

// sells something in an agreement of its own: the agreement's path, and the sale.
func (a ally) sells(amount string) (agreement, sale string) {
	a.t.Helper()
	agreement = a.opens()
	return agreement, path.Base(a.ops().post(agreement+"/sales", soldFor("INV-1", amount)).is(201).header.Get("Location"))
}

func everyRebateRoute(t *testing.T, w *world, north ally) {
	t.Helper()
	finance, second, importer := w.as("finance-1", "finance"), w.as("finance-2", "finance"), w.as("import-1", "service")
	agreement, sale := north.sells("60000.00")
	spiffs := finance.post(agreement+"/spiffs", object{
		"seller_id": north.seller, "amount": inEuros("50.00"), "treatment": "expense", "reference": "spring contest",
	}).is(200)
	require.Equal(t, inEuros("50.00"), spiffs.field("data", "spiffs_earned"))
	require.NoError(t, w.caughtUp())
	spiff := w.auditor().get("/v1/rebates/spiffs?seller_id=" + north.seller).is(200).list("data")[0].(object)["id"].(string)
	back := func(amount string) object { return object{"amount": inEuros(amount), "reason": "returned"} }
	walk(t, []step{
		{finance, agreement + "/spiffs/" + spiff + "/reverse", back("20.00"), []string{"spiffs_earned", "amount"}, "30.00"},
		{w.ops(), agreement + "/sales/" + sale + "/reverse", back("1000.00"), []string{"accrued", "amount"}, "1250.00"},
		{w.ops(), "/v1/rebates/sales/" + sale + "/reverse", back("1000.00"), []string{"reversed", "amount"}, "2000.00"},
	})
	w.clock.pass(24 * hour)
	walk(t, []step{
		{finance, agreement + "/close", object{}, []string{"status"}, "closed"},
		{second, agreement + "/approve", object{}, []string{"status"}, "approved"},
		{importer, agreement + "/payments", object{"amount": inEuros("1000.00"), "reference": "SEPA-1"}, []string{"payable", "amount"}, "200.00"},
	})
	proposed := func(delta string) string {
		made := finance.post(agreement+"/adjust", object{"delta": inEuros(delta), "reason": "a promotion"}).is(200).list("data", "adjustments")
		return agreement + "/adjustments/" + made[len(made)-1].(object)["id"].(string)
	}
	walk(t, []step{
		{second, proposed("10.00") + "/approve", object{}, []string{"manual_adjusted", "amount"}, "10.00"},
		{second, proposed("99.00") + "/decline", object{"reason": "no proof"}, []string{"manual_adjusted", "amount"}, "10.00"},
		{finance, agreement + "/claw-back", object{"amount": inEuros("300.00"), "reason": "outside the territory"}, []string{"receivable", "amount"}, "90.00"},
	})
	clawback := w.auditor().get(agreement+"?wait_for="+w.end().String()).is(200).list("data", "clawbacks")[0].(object)["id"].(string)
	walk(t, []step{
		{second, agreement + "/clawbacks/" + clawback + "/reverse", object{"reason": "it was inside"}, []string{"receivable", "amount"}, "0.00"},
	})
	require.NoError(t, w.caughtUp())
	require.Equal(t, "INV-1", w.auditor().get(agreement+"/sales/"+sale).is(200).text("data", "source_ref"))
	require.Len(t, w.auditor().get("/v1/rebates/sales?source_ref=INV-1").is(200).list("data"), 1)
	require.Len(t, w.auditor().get("/v1/rebates/agreements?partner_id="+north.id+"&status=approved").is(200).list("data"), 1)
	require.Len(t, w.auditor().get("/v1/partners/"+north.id+"/incentives?kind=rebate").is(200).list("data", "accounts"), 1)
}

// A partner's statement: opening, each movement with its balance and event, closing; page by page.
func TestAPartnersStatement(t *testing.T) {
	w := newWorld(t)
	north, south := w.partner("north"), w.partner("south")
	agreement, _ := north.sells("12000.00")
	for i := range 3 {
		w.ops().post(agreement+"/sales", soldFor(fmt.Sprint("INV-2/", i), "1000.00")).is(201)
	}
	require.NoError(t, w.caughtUp())
	statement := "/v1/partners/" + north.id + "/incentives"
	read := north.people().get(statement + "?from=2026-03-01&until=2026-03-03&kind=rebate&limit=3").is(200)
	account := read.list("data", "accounts")[0].(object)
	require.Equal(t, inEuros("0.00"), account["opening"])
	require.Equal(t, inEuros("100.00"), account["closing"])
	lines := account["movements"].([]any)
	require.Len(t, lines, 3)
	last := lines[2].(object)
	require.Equal(t, inEuros("80.00"), last["balance"])
	event := last["event"].(object)
	require.Equal(t, strings.Replace(path.Base(agreement), "", "rebate-", 1), event["stream"])
	require.Equal(t, "rebate.accrued.v1", event["type"])
	require.Contains(t, read.header.Get("Link"), "cursor=")
	next := north.people().get(statement + "?from=2026-03-01&until=2026-03-03&kind=rebate&limit=3&cursor=" + read.text("next")).is(200)
	rest := next.list("data", "accounts")[0].(object)["movements"].([]any)
	require.Len(t, rest, 1)
	require.Equal(t, inEuros("100.00"), rest[0].(object)["balance"])

	before := north.people().get(statement + "?until=2026-03-02&kind=rebate").is(200)
	require.Equal(t, inEuros("0.00"), before.list("data", "accounts")[0].(object)["closing"])
	bounded := w.auditor().get(statement + "?effective_at=2026-03-01").is(200)
	require.Empty(t, bounded.list("data", "accounts"), "the agreement wasn't open yet")

	south.people().get(statement).problem(404, "partner_unknown")
	north.people().get(statement+"?from=2026-03-03&until=2026-03-02").problem(422, "invalid_field")
	north.people().get(statement+"?id=x").problem(422, "invalid_field")
}

// What is a partner's is seen by that partner and the vendor.
func TestARebateIsSeenByItsPartner(t *testing.T) {
	w := newWorld(t)
	north, south := w.partner("north"), w.partner("south")
	agreement, sale := north.sells("12000.00")
	require.NoError(t, w.caughtUp())
	for _, path := range []string{agreement, agreement + "/sales/" + sale} {
		north.people().get(path).is(200)
		south.people().get(path).is(404)
	}
	for _, list := range []string{"/v1/rebates/agreements", "/v1/rebates/sales"} {
		require.Len(t, north.people().get(list).is(200).list("data"), 1)
		require.Empty(t, south.people().get(list).is(200).list("data"))
	}
	w.auditor().get(agreement + "?known_at=2026-03-01").is(404)
	require.Empty(t, w.auditor().get(agreement+"?effective_at=2026-03-03").is(200).header.Get("ETag"))
}

// One id in two agreements: who reverses says where.
func TestASaleInTwoAgreementsIsReversedInOne(t *testing.T) {
	w := newWorld(t)
	agreement, sale := w.partner("north").sells("10.00")
	other, same := w.partner("south").sells("10.00")
	require.Equal(t, sale, same)
	back := object{"amount": inEuros("1.00"), "reason": "returned"}
	w.ops().post("/v1/rebates/sales/"+sale+"/reverse", back).problem(409, "sale_ambiguous")
	w.ops().post(agreement+"/sales/"+sale+"/reverse", back).is(200)
	w.ops().post(other+"/sales/"+sale+"/reverse", back).is(200)
	w.ops().post("/v1/rebates/sales/"+newID()+"/reverse", back).problem(404, "sale_unknown")
}
