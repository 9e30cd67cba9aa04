package api_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
)

// eventOf is the last event of a type in a stream, as disputes name it.
func (w *world) eventOf(stream, name string) (found object) {
	w.t.Helper()
	for _, e := range w.auditor().get("/v1/streams/" + stream + "?limit=500").is(200).list("data") {
		if e := e.(object); e["type"] == name {
			found = object{"stream": stream, "revision": e["revision"], "event_id": e["id"]}
		}
	}
	require.NotNil(w.t, found, "%s has no %s", stream, name)
	return found
}

// trial is one dispute.
type trial struct {
	*world
	path    string
	subject object
}

// disputes an event, of the partner's own against the vendor, or against others.
func (a ally) disputes(kind string, subject object, against ...ally) *trial {
	a.t.Helper()
	body := object{
		"kind": kind, "stream": subject["stream"], "event_id": subject["event_id"], "remedy_sought": "what is ours", "statement": "we are right",
	}
	var respondents []object
	for _, other := range against {
		respondents = append(respondents, object{"partner_id": other.id})
	}
	if respondents != nil {
		body["respondents"] = respondents
	}
	opened := a.admin().post("/v1/disputes", body).is(201)
	return &trial{world: a.world, path: opened.header.Get("Location"), subject: subject}
}

// does gives a command on the dispute.
func (x *trial) does(who caller, action string, body object) answer {
	x.t.Helper()
	return who.post(x.path+"/"+action, body).is(200)
}

func (x *trial) judge(name string) caller {
	x.t.Helper()
	x.does(x.ops(), "adjudicator", object{"adjudicator": name})
	return x.as(name, domain.Adjudicator)
}

func (x *trial) verdict(outcome string, remedies ...object) object {
	body := object{"outcome": outcome, "rationale": "the ledger shows it", "cites": []object{x.subject}, "policy": "dispute@1"}
	if len(remedies) > 0 {
		body["remedies"] = remedies
	}
	return body
}

// becomes waits until the reactors brought the dispute to a status.
func (x *trial) becomes(status string) answer {
	x.t.Helper()
	var a answer
	require.Eventually(x.t, func() bool {
		a = x.auditor().get(x.path + "?wait_for=" + x.end().String()).is(200)
		return a.text("data", "status") == status
	}, time.Minute, time.Millisecond, "it stays %s", a.body)
	return a
}

// wake lets the reactors see that time has passed.
func (x *trial) wake() {
	x.t.Helper()
	x.desk().post("/v1/accounts", object{"customer": object{"name": "Wake", "domain": "wake" + newID() + ".de"}}).is(201)
}

// remedy is one of the dispute's, by now.
func (x *trial) remedy(at int) object {
	x.t.Helper()
	return x.auditor().get(x.path+"?wait_for="+x.end().String()).is(200).list("data", "remedies")[at].(object)
}

func (a ally) approved(customer, amount string) string {
	a.t.Helper()
	deal := a.registers(customer, "GTX", amount)
	a.desk().post(deal+"/approve", object{}).is(200)
	return deal
}

func (a ally) reassignment(deal, stream string) object {
	return object{
		"kind": "reassign", "stream": stream, "deal_id": strings.TrimPrefix(deal, "/v1/deals/"), "partner_id": a.id, "seller_id": a.seller,
	}
}

// An upheld ruling waits for the appeal that nobody files, then the deal is the other's.
func upheld(t *testing.T, w *world, north, south ally) {
	t.Helper()
	deal := north.approved("upheld", "10.00")
	stream := w.streamOf(deal)
	x := south.disputes("deal_ownership", w.eventOf(stream, "deal.approved.v1"), north)
	x.does(w.ops(), "acknowledge", object{"note": "taken in"})
	x.does(north.people(), "response", object{"statement": "no, we were"})
	judge := x.judge("judge-1")
	paper := object{"name": "offer.pdf", "sha256": south.admin().stores("an offer"), "size": 8, "visibility": "adjudicator", "sealing_reason": "prices"}
	evidence := x.does(south.admin(), "evidence", paper).list("data", "evidence")[0].(object)["evidence_id"].(string)
	x.does(judge, "evidence/"+evidence+"/seal", object{"reason": "prices", "summary": "an offer of 1 March"})
	other := object{"name": "notes", "event_refs": []object{x.subject}, "visibility": "adjudicator", "sealing_reason": "ours"}
	aside := x.does(north.admin(), "evidence", other).list("data", "evidence")[1].(object)["evidence_id"].(string)
	x.does(judge, "evidence/"+aside+"/refuse-sealing", object{"reason": "no secret"})
	seenBy(t, x, north, south, judge)

	north.admin().post(x.path+"/ruling", x.verdict("denied")).problem(403, "role")
	w.as("judge-2", domain.Adjudicator).post(x.path+"/ruling", x.verdict("denied")).problem(403, "not_the_adjudicator")
	verdict := x.verdict("upheld", south.reassignment(deal, stream))
	verdict["rests_on"] = []string{evidence}
	x.does(judge, "ruling", verdict)
	require.Equal(t, north.id, w.desk().get(deal).is(200).text("data", "partner_id"), "it waits for the appeal")
	for _, side := range []ally{north, south} {
		x.does(side.admin(), "appeal/waive", object{})
	}
	x.becomes("closed")
	require.Equal(t, south.id, w.desk().get(deal+"?wait_for="+w.end().String()).is(200).text("data", "partner_id"))
	north.admin().post(x.path+"/evidence", paper).problem(409, "dispute_closed")
}

// seenBy holds who sees what of two sealed papers.
func seenBy(t *testing.T, x *trial, north, south ally, judge caller) {
	t.Helper()
	read := func(who caller) answer { return who.get(x.path + "?wait_for=" + x.end().String()).is(200) }
	name := func(a answer, at int) any { return a.list("data", "evidence")[at].(object)["name"] }
	for who, want := range map[caller][]any{
		north.admin(): {"[withheld: sealed]", "notes"}, south.admin(): {"offer.pdf", "[withheld: sealed]"},
		judge: {"offer.pdf", "notes"}, x.desk(): {"[withheld: sealed]", "[withheld: sealed]"},
	} {
		a := read(who)
		require.Equal(t, want, []any{name(a, 0), name(a, 1)}, who.id)
	}
	require.InDelta(t, 5, read(north.admin()).field("data", "withheld"), 0)
	require.InDelta(t, 0, read(judge).field("data", "withheld"), 0)
	x.partner("stranger").admin().get(x.path).problem(404, "dispute_unknown")
}

// A denied claim is partly approved: the fund pays, once the time for an appeal is over.
func partlyUpheld(t *testing.T, w *world, m marketing) {
	t.Helper()
	claim := m.files(m.request("100.00"), "200.00")
	w.finance().post("/v1/mdf/claims/"+claim+"/deny", object{"reason": "no stand in the picture"}).is(200)
	fund := "mdf_fund-" + m.fund
	x := m.disputes("mdf_denial", w.eventOf(fund, "mdf.claim_denied.v1"))
	x.does(w.finance(), "response", object{"statement": "there is none"})
	judge := x.judge("judge-1")
	x.does(judge, "ruling", x.verdict("partly_upheld", object{"kind": "approve_claim", "stream": fund, "claim_id": claim, "amount": eur("60.00")}))
	w.clock.pass(16 * 24 * hour)
	x.wake()
	closed := x.becomes("closed")
	require.Equal(t, "appeal_window_ended", closed.text("data", "final_because"))
	after := "?wait_for=" + w.end().String()
	require.Equal(t, "approved", w.finance().get("/v1/mdf/claims/"+claim+after).is(200).text("data", "status"))
	require.Equal(t, "60.00", w.finance().get("/v1/mdf/funds/"+m.fund+after).is(200).text("data", "spent", "amount"))
}

// A denied dispute changes nothing.
func denied(t *testing.T, w *world, north ally) {
	t.Helper()
	x := north.disputes("pricing", w.eventOf(w.streamOf(north.approved("denied", "10.00")), "deal.approved.v1"))
	x.does(w.desk(), "response", object{"statement": "it is as agreed"})
	x.does(x.judge("judge-1"), "ruling", x.verdict("denied"))
	north.admin().post(x.path+"/appeal", object{}).problem(422, "invalid_field")
	x.does(north.admin(), "appeal/waive", object{})
	x.does(w.ops(), "appeal/waive", object{})
	require.Equal(t, "denied", x.becomes("closed").text("data", "outcome"))
	w.ops().post(x.path+"/acknowledge", object{}).problem(409, "dispute_closed")
}

// A tier that was set at once is taken back when the appeal overturns the ruling.
func overturned(t *testing.T, w *world, north ally) {
	t.Helper()
	w.ops().post("/v1/partners/"+north.id+"/tier", object{"to": "silver", "reason": "as agreed"}).is(200)
	stream := "partner-" + north.id
	x := north.disputes("tier_decision", w.eventOf(stream, "partner.tier_changed.v1"))
	x.does(w.as("ops-3", domain.PartnerOps), "response", object{"statement": "silver it is"})
	judge := x.judge("judge-1")
	x.does(judge, "ruling", x.verdict("upheld", object{"kind": "set_tier", "stream": stream, "tier": "gold", "at_once": true}))
	tier := func() string {
		return w.ops().get("/v1/partners/"+north.id+"?wait_for="+w.end().String()).is(200).text("data", "standing", "tier")
	}
	require.Eventually(t, func() bool { return x.remedy(0)["status"] == "applied" }, time.Minute, time.Millisecond)
	require.Equal(t, "gold", tier())
	x.does(w.as("ops-3", domain.PartnerOps), "appeal", object{"grounds": "the revenue was counted twice"})
	w.ops().post(x.path+"/adjudicator", object{"adjudicator": "judge-1"}).problem(409, "adjudicator_heard_before")
	verdict := x.verdict("denied")
	x.does(x.judge("judge-2"), "appeal/ruling", verdict)
	x.becomes("closed")
	require.Equal(t, "undone", x.remedy(0)["status"])
	require.Equal(t, "silver", tier())
}

// Two partners agree to share a deal's credit.
func settled(t *testing.T, w *world, north, south ally) {
	t.Helper()
	deal := north.approved("settled", "10.00")
	stream := w.streamOf(deal)
	x := south.disputes("deal_ownership", w.eventOf(stream, "deal.approved.v1"), north)
	offer := x.does(south.admin(), "settlement", object{"text": "we share", "terms": []object{{
		"kind": "split_credit", "stream": stream, "deal_id": strings.TrimPrefix(deal, "/v1/deals/"),
		"shares": []object{{"partner_id": north.id, "share": "0.4"}, {"partner_id": south.id, "share": "0.6"}},
	}}})
	x.does(north.admin(), "settlement/"+offer.text("data", "settlement", "settlement_id")+"/accept", object{})
	require.Equal(t, "settled", x.becomes("closed").text("data", "outcome"))
	require.Len(t, w.desk().get(deal+"?wait_for="+w.end().String()).is(200).list("data", "credit"), 2)
}

// A dispute is given up.
func withdrawn(t *testing.T, w *world, north ally) {
	t.Helper()
	x := north.disputes("deal_expiry", w.eventOf(w.streamOf(north.approved("withdrawn", "10.00")), "deal.approved.v1"))
	x.does(w.ops(), "escalate", object{"reason": "operations know the partner"})
	x.does(north.admin(), "withdraw", object{"reason": "not worth it"})
	require.Equal(t, "withdrawn", x.becomes("closed").text("data", "outcome"))
}

// A rebate can't be adjusted before its close: the remedy is parked, tried again, and at last done by hand.
func parked(t *testing.T, w *world, north ally) {
	t.Helper()
	agreement := north.opens()
	stream := "rebate-" + strings.TrimPrefix(agreement, "/v1/rebates/agreements/")
	x := north.disputes("rebate_amount", w.eventOf(stream, "rebate.agreement_opened.v1"))
	x.does(w.as("finance-9", domain.Finance), "response", object{"statement": "it is right"})
	x.does(x.judge("judge-1"), "ruling", x.verdict("upheld", object{"kind": "adjust_amount", "stream": stream, "amount": eur("5.00"), "at_once": true}))
	require.Eventually(t, func() bool { return x.remedy(0)["status"] == "parked" }, time.Minute, time.Millisecond)
	require.Contains(t, x.remedy(0)["missing"], "the agreement is open")
	remedy := "remedies/" + x.remedy(0)["remedy_id"].(string)
	x.does(w.as("finance-9", domain.Finance), remedy+"/retry", object{"reason": "have another look"})
	require.Eventually(t, func() bool { return x.remedy(0)["attempts"] == float64(2) }, time.Minute, time.Millisecond)
	x.does(w.as("finance-9", domain.Finance), remedy+"/record", object{"event": x.subject, "note": "paid with the next one"})
	require.Equal(t, "applied", x.remedy(0)["status"])
}

// Nobody rules in time: the case goes up a level.
func escalated(t *testing.T, w *world, north, south ally) {
	t.Helper()
	x := south.disputes("deal_ownership", w.eventOf(w.streamOf(north.approved("escalated", "10.00")), "deal.approved.v1"), north)
	require.Equal(t, "channel_manager", w.auditor().get(x.path+"?wait_for="+w.end().String()).is(200).text("data", "level"))
	w.clock.pass(25 * 24 * hour)
	x.wake()
	require.Eventually(t, func() bool {
		return w.auditor().get(x.path+"?wait_for="+w.end().String()).is(200).text("data", "level") == "partner_operations"
	}, time.Minute, time.Millisecond)
	require.Len(t, w.auditor().get(x.path).is(200).list("data", "missed"), 2, "the response and the ruling")
}

// TestDisputes goes the seven ways that a dispute may go, and a remedy that has to wait.
func TestDisputes(t *testing.T) {
	w := newWorld(t)
	everyDispute(t, w, w.partner("north"), w.partner("south"))
	after := "&wait_for=" + w.end().String()
	listed := w.auditor().get("/v1/disputes?limit=50" + after).is(200).list("data")
	require.Len(t, listed, 8)
	require.Eventually(t, func() bool { // all but the one that is still heard
		return len(w.auditor().get("/v1/disputes?status=closed&wait_for="+w.end().String()).is(200).list("data")) == 7
	}, time.Minute, time.Millisecond)
	require.Len(t, w.auditor().get("/v1/disputes?kind=deal_ownership"+after).is(200).list("data"), 3)
	w.auditor().get("/v1/disputes?status=asleep").problem(422, "invalid_field")
	history := w.auditor().get("/v1/disputes/history?group_by=kind" + after).is(200).list("data")
	require.Len(t, history, 6)
	w.ops().post("/v1/programs/default/policies", object{
		"kind": "dispute", "because_of": []any{listed[0].(object)["id"]}, "body": object{
			"open_days": 40, "response_business_days": 5, "ruling_business_days": 10, "appeal_days": 15,
			"levels": []string{"a", "b"}, "vendor_level": "b", "holidays": []string{"2026-05-01"},
		},
	}).is(201)
	for _, g := range w.auditor().get("/v1/disputes/history?group_by=rule&wait_for=" + w.end().String()).is(200).list("data") {
		require.Equal(t, "dispute", g.(object)["value"])
		require.Len(t, g.(object)["changed"], 1)
	}
}

// everyDispute goes every way, the ones that take time last.
func everyDispute(t *testing.T, w *world, north, south ally) {
	t.Helper()
	everyDisputeRoute(t, w, north, south)
	partlyUpheld(t, w, north.markets(w.budget("5000.00"), "2000.00"))
	escalated(t, w, north, south)
}

// everyDisputeRoute gives every command on disputes once.
func everyDisputeRoute(t *testing.T, w *world, north, south ally) {
	t.Helper()
	upheld(t, w, north, south)
	denied(t, w, north)
	overturned(t, w, north)
	settled(t, w, north, south)
	withdrawn(t, w, north)
	parked(t, w, north)
	w.auditor().get("/v1/disputes?wait_for=" + w.end().String()).is(200)
	w.auditor().get("/v1/disputes/history").is(200)
}
