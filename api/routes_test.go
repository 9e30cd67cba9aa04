package api_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain/policy"
)

// TestEveryRoute goes through every route once: the table names what is sent and what status the thing has then.
func TestEveryRoute(t *testing.T) {
	w := newWorld(t)
	north, south := w.partner("north"), w.partner("south")
	everyDisputeRoute(t, w, w.partner("claimant"), w.partner("respondent"))
	everyPartnerRoute(t, w, north)
	everyAccountRoute(t, w, north)
	everyDealRoute(t, w, north, south)
	everyProgramRoute(t, w)
	everyDelegationRoute(t, w)
	everyRebateRoute(t, w, w.partner("rebated")) // without deals, which reactors would count
	everyFundRoute(t, w, w.partner("marketing"))
	everyPayoutRoute(t, w, w.partner("paid"))
	everyClawbackRoute(t, w, w.partner("owing"))
	everyStatementRoute(t, w)
	everyPeriodRoute(t, w)
	everyHealthRoute(t, w)
	everyBook(t, w)
	everyRead(t, w, north)
	everyTimeline(t, w)
	everyReactorRoute(t, w)
	demandAllServed(t, w)
}

// step is one request of a story.
type step struct {
	who   caller
	path  string
	body  object
	field []string // of a field of the answer
	want  any
}

func walk(t *testing.T, steps []step) {
	t.Helper()
	for _, s := range steps {
		a := s.who.post(s.path, s.body)
		require.Contains(t, []int{200, 201}, a.status, "%s: %s", s.path, a.body)
		if s.field != nil {
			require.Equal(t, s.want, a.field(append([]string{"data"}, s.field...)...), "%s: %s", s.path, a.body)
		}
		require.NotEmpty(t, a.position())
		require.Regexp(t, `^"\d+"$`, a.header.Get("ETag"))
	}
}

func everyPartnerRoute(t *testing.T, w *world, north ally) {
	t.Helper()
	ops, importer := w.ops(), w.as("import-1", "service")
	document := ops.stores("a contract")
	declined := "/v1/partners/" + importer.post("/v1/partners", object{"legal_name": "Nope", "kind": "var"}).is(201).text("data", "id")
	id := importer.post("/v1/partners", object{"legal_name": "Later", "kind": "var", "effective_at": "2026-02-01T00:00:00Z"}).is(201).text("data", "id")
	p, above := "/v1/partners/"+id, "/v1/partners/"+w.partner("above").id
	agreement, seller := newID(), newID()
	walk(t, []step{
		{ops, declined + "/decline", object{"reason": "no fit"}, []string{"reason"}, "no fit"},
		{importer, declined + "/apply", object{"legal_name": "Nope again", "kind": "msp"}, []string{"legal_name"}, "Nope again"},
		{ops, p + "/approve", object{}, nil, nil},
		{ops, p + "/agreements", object{
			"agreement_id": agreement, "kind": "var", "document_sha256": document, "valid_from": "2026-01-01", "valid_to": "2026-12-31",
		}, nil, nil},
		{ops, p + "/agreements/" + agreement + "/renew", object{"document_sha256": document, "valid_to": "2027-12-31"}, nil, nil},
		{ops, p + "/onboarding-steps", object{"step": "sales_training"}, nil, nil},
		{ops, p + "/onboard", object{}, nil, nil},
		{ops, p + "/kind", object{"to": "msp"}, nil, nil},
		{ops, p + "/sellers", object{"seller_id": seller, "name": "Bo"}, nil, nil},
		{ops, p + "/sellers/" + seller + "/trainings", object{"course": "product_basics"}, nil, nil},
		{ops, p + "/sellers/" + seller + "/certifications", object{"certification": "sales", "valid_to": "2026-12-31"}, nil, nil},
		{ops, p + "/sellers/" + seller + "/remove", object{}, nil, nil},
		{ops, p + "/tier", object{"to": "gold", "reason": "as agreed"}, nil, nil},
		{ops, p + "/tier/grace", object{"to": "silver", "failing": []string{"revenue"}}, nil, nil},
		{ops, p + "/tier/grace/lift", object{}, nil, nil},
		{ops, p + "/tier/waivers", object{"valid_to": "2026-12-31", "reason": "merger"}, nil, nil},
		{ops, p + "/territories", object{"territory": "DACH", "countries": []string{"DE", "AT"}}, nil, nil},
		{ops, p + "/territories/remove", object{"territory": "dach"}, nil, nil},
		{ops, above + "/kind", object{"to": "distributor"}, nil, nil},
		{ops, p + "/parent", object{"parent_id": strings.TrimPrefix(above, "/v1/partners/")}, nil, nil},
		{ops, p + "/parent/remove", object{}, nil, nil},
		{ops, p + "/suspend", object{"reason": "audit"}, []string{"reason"}, "audit"},
		{ops, p + "/reinstate", object{"reason": "all fine"}, []string{"reason"}, "all fine"},
		{ops, p + "/agreements/" + agreement + "/terminate", object{"reason": "moved away"}, nil, nil},
		{ops, p + "/deactivate", object{"reason": "moved away"}, []string{"reason"}, "moved away"},
		{north.admin(), "/v1/partners/" + north.id + "/sellers", object{"name": "Cy"}, nil, nil},
		{ops, "/v1/partners/" + north.id + "/payees/" + north.paidTo("EUR") + "/revoke", object{"reason": "closed"}, nil, nil},
	})
}

func everyAccountRoute(t *testing.T, w *world, north ally) {
	t.Helper()
	desk := w.desk()
	a := desk.post("/v1/accounts", object{"customer": object{"name": "Direct GmbH", "domain": "direct.de"}}).is(201)
	b := desk.post("/v1/accounts", object{"customer": object{"name": "Direct AG", "country": "DE", "tax_id": "DE123"}}).is(201)
	require.Empty(t, desk.post("/v1/accounts", object{"customer": object{"name": "Direct GmbH", "domain": "direct.de"}}).is(200).header.Get("Location"))
	greater, lesser := a.text("data", "id"), b.text("data", "id")
	if greater < lesser {
		greater, lesser = lesser, greater
	}
	path := "/v1/accounts/" + lesser
	opened := desk.post(path+"/opportunities", object{"products": []string{"Own"}, "reference": "OPP-1"}).is(200)
	opportunities, ok := opened.field("data", "opportunities").(object)
	require.True(t, ok)
	require.Len(t, opportunities, 1)
	for id := range opportunities {
		desk.post(path+"/opportunities/"+id+"/close", object{"outcome": "lost"}).is(200)
		desk.post(path+"/opportunities/"+id+"/close", object{"outcome": "lost"}).problem(409, "wrong_status")
	}
	walk(t, []step{
		{desk, path + "/ownership", object{"owner": "channel", "reason": "as agreed"}, nil, nil},
		{desk, path + "/preference", object{"partner_id": north.id, "document_sha256": strings.Repeat("1e", 32)}, nil, nil},
		{desk, path + "/preference/withdraw", object{"reason": "they are content again"}, nil, nil},
		{desk, "/v1/accounts/" + greater + "/links", object{"to": lesser, "reason": "one firm"}, []string{"linked_to"}, lesser},
	})
}

func everyDealRoute(t *testing.T, w *world, north, south ally) {
	t.Helper()
	desk, second, seller := w.desk(), w.as("desk-2", "deal_desk"), north.people()
	eur := func(product, amount string) []object {
		return []object{{"product": product, "amount": object{"amount": amount, "currency": "EUR"}}}
	}
	won := north.registers("winner", "GTX", "1250.00")
	returned := north.registers("returning", "GTX", "10.00")
	rejected := north.registers("refused", "GTX", "10.00")
	withdrawn := north.registers("gone", "GTX", "10.00")
	lost := north.registers("loser", "GTX", "10.00")
	first := north.registers("contested", "GTX", "10.00")
	rival := south.people().post("/v1/deals", south.registration("contested", "GTX", "20.00")).is(201)
	findings := rival.list("data", "findings")
	require.Len(t, findings, 1)
	finding := findings[0].(object)
	require.Equal(t, strings.TrimPrefix(first, "/v1/deals/"), finding["with"].(object)["deal_id"])
	referred := south.registers("referred", "GTX", "10.00")
	late := north.people().post("/v1/deals", north.registration("referred", "GTX", "20.00")).is(201)
	conflict := []any{late.list("data", "findings")[0].(object)["id"]}
	status := []string{"status"}
	walk(t, []step{
		{desk, won + "/approve", object{}, status, "approved"},
		{desk, won + "/stage", object{"stage": "proposal"}, status, "approved"},
		{desk, won + "/amount", object{"lines": eur("GTX", "1300.00"), "reason": "one more"}, status, "approved"},
		{seller, won + "/request-extension", object{"evidence": "met them twice"}, status, "approved"},
		{desk, won + "/grant-extension", object{}, []string{"extension", "status"}, "granted"},
		{seller, won + "/report-win", object{"lines": eur("GTX", "1300.00"), "order_reference": "PO-1"}, status, "approved"},
		{desk, won + "/win", object{"lines": eur("GTX", "1300.00"), "order_reference": "PO-1"}, status, "won"},
		{desk, won + "/reverse-win", object{"amount": object{"amount": "300", "currency": "EUR"}, "reason": "returned"},
			[]string{"win", "reversed", "amount"}, "300.00"},
		{desk, won + "/influences", object{"partner_id": south.id, "role": "technical"}, status, "won"},
		{desk, won + "/influences/revoke", object{"partner_id": south.id, "role": "technical", "reason": "another deal's"}, status, "won"},
		{desk, won + "/links", object{"system": "crm", "reference": "R-1"}, status, "won"},
		{desk, returned + "/return", object{"reason": "which site?"}, status, "returned"},
		{seller, returned + "/resubmit", object{"note": "Berlin"}, status, "submitted"},
		{desk, rejected + "/reject", object{"reason": "no project"}, status, "rejected"},
		{seller, withdrawn + "/withdraw", object{}, status, "withdrawn"},
		{desk, lost + "/approve", object{}, status, "approved"},
		{seller, lost + "/request-extension", object{"evidence": "met them"}, status, "approved"},
		{desk, lost + "/decline-extension", object{"reason": "no activity"}, []string{"extension", "status"}, "declined"},
		{desk, lost + "/lose", object{"reason": "price"}, status, "lost"},
		{second, lost + "/reopen", object{"reason": "entered wrongly"}, status, "approved"},
		{desk, rival.header.Get("Location") + "/override", object{"finding_ids": []any{finding["id"]}, "reason": "both were told"}, status, "submitted"},
		{desk, rival.header.Get("Location") + "/approve", object{}, status, "approved"},
		{desk, referred + "/approve", object{}, status, "approved"},
		{desk, late.header.Get("Location") + "/refer", object{"finding_ids": conflict, "reason": "both are right"}, status, "submitted"},
	})
}

func everyProgramRoute(t *testing.T, w *world) {
	t.Helper()
	ops, program := w.ops(), "/v1/programs/default"
	made := ops.post(program+"/policies", object{
		"kind": "catalogue", "effective_from": "2026-04-01", "body": object{"products": []object{{"name": "GTX Pro", "line": "GTX"}}},
	}).is(201)
	require.Equal(t, program+"/policies/catalogue/2", made.header.Get("Location"))
	body := ops.get(made.header.Get("Location")).is(200)
	require.Equal(t, "GTX Pro", body.list("data", "body", "products")[0].(object)["name"])
	ops.get(made.header.Get("Location"), with("If-None-Match", body.header.Get("ETag"))).is(304)

	require.Len(t, ops.get(program+"/policies?kind=catalogue").is(200).list("data"), 2)
	require.Len(t, ops.get(program+"/policies").is(200).list("data"), len(policy.Kinds())+1)
	require.InDelta(t, 1, ops.get(program + "/policies?kind=catalogue&in_force_at=now").is(200).list("data")[0].(object)["version"], 0)
	require.InDelta(t, 2, ops.get(program + "/policies?kind=catalogue&in_force_at=2026-04-01").is(200).list("data")[0].(object)["version"], 0)

	read := ops.get(program).is(200)
	require.Equal(t, made.header.Get("ETag"), read.header.Get("ETag"))
	require.Equal(t, read.header.Get("ETag"), ops.get("/v1/programs/"+read.text("data", "id")).is(200).header.Get("ETag"))
	retired := ops.post(made.header.Get("Location")+"/retire", object{"reason": "wrong name"}, with("If-Match", read.header.Get("ETag"))).is(200)
	require.NotEqual(t, read.header.Get("ETag"), retired.header.Get("ETag"))
	require.NotEmpty(t, ops.get(made.header.Get("Location")).is(200).text("data", "retired_at"))
	ops.get(program+"/policies/catalogue/9").problem(404, "policy_unknown")
	ops.get("/v1/programs/"+newID()).problem(404, "program_unknown")
}

func everyReactorRoute(t *testing.T, w *world) {
	t.Helper()
	path, source := w.poisons()
	retried := w.ops().post(path, object{"reason": "a newer program"}).is(200)
	require.Empty(t, retried.list("data", "parked"))
	parked := func() any {
		return w.auditor().get("/v1/reactors?wait_for=" + w.end().String()).is(200).list("data")
	}
	require.Contains(t, string(encoded(t, parked())), source, "it still can't")
}

func everyRead(t *testing.T, w *world, north ally) {
	t.Helper()
	auditor := w.auditor()
	wait := "wait_for=" + w.end().String()
	auditor.get("/v1/files/" + w.ops().stores("a contract")).is(200)
	for _, path := range []string{"/v1/deals", "/v1/partners", "/v1/accounts", "/v1/conflicts"} {
		listed := auditor.get(path + "?limit=3&" + wait).is(200)
		require.NotEmpty(t, listed.list("data"), path)
		for _, item := range listed.list("data") {
			one := auditor.get(fmt.Sprintf("%s/%s", path, item.(object)["id"])).is(200)
			require.NotEmpty(t, one.text("as_of", "position"))
			auditor.get(fmt.Sprintf("%s/%s", path, item.(object)["id"]), with("If-None-Match", `"x", W/`+one.header.Get("ETag"))).is(304)
		}
		auditor.get(path + "/" + newID()).is(404)
		auditor.get(path+"/me").problem(422, "invalid_field")
	}
	for _, by := range []string{"status", "stage", "partner", "seller", "product", "month", "kind"} {
		require.NotEmpty(t, auditor.get("/v1/pipeline?group_by="+by).is(200).list("data"), by)
	}
	auditor.get("/v1/breaches").is(200)
	require.NotEmpty(t, auditor.get("/v1/sellers").is(200).list("data"))
	require.NotEmpty(t, auditor.get("/v1/exports/trial-balance.csv").is(200).body)
	auditor.get("/v1/pipeline?group_by=moon").problem(422, "invalid_field")
	for _, m := range auditor.get("/v1/metrics").is(200).list("data") {
		metric := fmt.Sprintf("/v1/metrics/%s?version=%v", m.(object)["name"], m.(object)["version"])
		require.NotNil(t, auditor.get(metric).is(200).field("data", "total"), metric)
		auditor.get(strings.Replace(metric, "?", "/drilldown?limit=2&", 1)).is(200)
	}
	stream := auditor.get("/v1/streams/partner-" + north.id).is(200)
	require.Equal(t, "partner.applied.v1", stream.list("data")[0].(object)["type"])
	auditor.get("/v1/events?limit=1").is(200)
	watching := auditor.stream(t, "/v1/pipeline/stream?after=start")
	watching.change()
	watching.close()
	require.Eventually(t, func() bool { // it is counted once it has ended
		return strings.Contains(string(auditor.get("/metrics").body), `route="/v1/pipeline/stream"`)
	}, time.Minute, time.Millisecond)
	nobody := w.as("")
	require.Equal(t, "ok", nobody.get("/healthz").is(200).text("status"))
	require.Equal(t, true, nobody.get("/readyz").is(200).field("ready"))
}

// demandAllServed looks into the metrics whether every operation of the description was answered well at least once.
func demandAllServed(t *testing.T, w *world) {
	t.Helper()
	served := map[string]bool{}
	series := regexp.MustCompile(`request_duration_seconds_count\{method="(\w+)",route="([^"]+)",status="2\d\d"\}`)
	for _, m := range series.FindAllStringSubmatch(string(w.as("").get("/metrics").is(200).body), -1) {
		served[m[1]+" "+regexp.MustCompile(`:(\w+)`).ReplaceAllString(m[2], "{$1}")] = true
	}
	var spec struct {
		Paths map[string]map[string]json.RawMessage
	}
	require.NoError(t, json.Unmarshal(w.as("").get("/openapi.json").is(200).body, &spec))
	require.NotEmpty(t, spec.Paths)
	for path, methods := range spec.Paths {
		for method := range methods {
			require.True(t, served[strings.ToUpper(method)+" "+path], "%s %s was never answered with 2xx", method, path)
		}
	}
}
