package api_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/api"
	"github.com/channelledger/channelledger/domain"
)

const delegations = "/v1/programs/default/delegations"

// delegates lets another act for the caller from today until so many days from now, and is the delegation's path.
func (c caller) delegates(to caller, days int) string {
	c.t.Helper()
	return c.post(delegations, object{"from": c.id, "to": to.id, "end": c.today(days), "reason": "on leave"}).is(201).header.Get("Location")
}

func (c caller) revokes(delegation string) {
	c.t.Helper()
	c.post(delegation+"/revoke", object{"reason": "back early"}).is(200)
}

func everyDelegationRoute(t *testing.T, w *world) {
	t.Helper()
	finance, desk := w.finance(), w.desk()
	made := finance.post(delegations, object{"from": finance.id, "to": desk.id, "end": w.today(3), "reason": "an operation"}).is(201)
	path := made.header.Get("Location")
	require.Equal(t, made.header.Get("ETag"), w.ops().get("/v1/programs/default").is(200).header.Get("ETag"))
	read := finance.get(path).is(200)
	require.Equal(t, []any{finance.id, desk.id, w.today(0), w.today(3), true}, []any{
		read.field("data", "from"), read.field("data", "to"), read.field("data", "start"), read.field("data", "end"), read.field("data", "in_force"),
	})
	finance.get(path, with("If-None-Match", read.header.Get("ETag"))).is(304)
	for who, want := range map[caller]string{
		finance: "an operation", desk: "an operation", w.ops(): "an operation", w.auditor(): "an operation", w.treasury(): "[sealed]",
	} {
		require.Equal(t, want, who.get(path).is(200).text("data", "reason"), who.id)
		require.Equal(t, want == "[sealed]", !strings.Contains(string(who.get(delegations).is(200).body), "an operation"), who.id)
	}
	require.NotContains(t, string(w.treasury().get("/v1/streams/program-"+w.ops().get("/v1/programs/default").text("data", "id")+"?limit=500").body),
		"an operation")
	listed := func(query string) int { return len(w.auditor().get(delegations + query).is(200).list("data")) }
	require.Equal(t, []int{1, 1, 0, 1, 0, 1, 0}, []int{
		listed(""), listed("?actor=" + desk.id), listed("?actor=ops-1"), listed("?in_force_at=now"), listed("?in_force_at=2026-01-01"),
		listed("?actor=" + finance.id + "&in_force_at=" + w.today(3)), listed("?in_force_at=" + w.today(4)),
	})
	finance.post(path+"/revoke", object{"reason": "well again"}, with("If-Match", made.header.Get("ETag"))).is(200)
	require.Equal(t, 0, listed("?in_force_at=now"))
	over := desk.get(path, with("If-None-Match", read.header.Get("ETag"))).is(200)
	require.Equal(t, "well again", over.text("data", "revoked_because"))
	require.Equal(t, finance.id, over.text("data", "revoked", "by"))
	finance.get(delegations+"/"+newID()).problem(404, "delegation_unknown")
	w.partner("nosy").admin().get(delegations).problem(403, "vendor_only")
}

func TestDelegations(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	everyDelegationRoute(t, w)
	desk := w.desk()
	body := object{"from": desk.id, "to": "desk-2", "start": w.today(1), "end": w.today(3), "reason": "away"}
	w.finance().post(delegations, body).problem(403, "own_delegation")
	w.as(desk.id, domain.DealDesk).of(newID()).post(delegations, body).problem(403, "vendor_only")
	w.ops().post(delegations, body).is(201)
	require.Equal(t, "body.to", desk.post(delegations, body).problem(409, "delegation_exists").Errors[0].Location)
}

// checks is a decision that one prepares and another has to take.
type checks struct {
	maker, checker caller
	path           string
	body           object
}

// everyCheck is one in each aggregate that asks for two people.
func everyCheck(w *world, north ally) map[string]checks {
	ops, second := w.ops(), w.as("ops-2", domain.PartnerOps)
	treasurer := w.treasury()
	applicant := ops.post("/v1/partners", object{"legal_name": "Applicant", "kind": "reseller", "country": "DE"}).is(201).header.Get("Location")

	lost := north.approved("lost", "10.00")
	w.desk().post(lost+"/lose", object{"reason": "no budget"}).is(200)

	m := north.markets(w.budget("5000.00"), "2000.00")
	claim := "/v1/mdf/claims/" + m.claim("10.00")
	w.finance().post(claim+"/deny", object{"reason": "no picture"}).is(200)

	rebate, _ := w.partner("rebated").sells("60000.00")
	w.clock.pass(24 * hour)
	w.finance().post(rebate+"/close", object{}).is(200)

	w.finance().post(february+"/cut", object{}).is(201)
	w.finance().post(february+"/reopen-request", object{"reason": "a late invoice"}).is(200)

	w.mayBePaid(north)
	north.owes("100.00")
	return map[string]checks{
		"partner": {ops, second, applicant + "/approve", object{}},
		"account": {w.desk(), w.as("desk-2", domain.DealDesk), lost + "/reopen", object{"reason": "they have one"}},
		"mdf":     {w.finance(), w.secondFinance(), claim + "/reopen", object{"reason": "here it is"}},
		"rebate":  {w.finance(), w.secondFinance(), rebate + "/approve", object{}},
		"period":  {w.finance(), w.secondFinance(), february + "/reopen", object{}},
		"payout":  {treasurer, w.as("treasurer-2", domain.Treasury), w.prepares() + "/approve", object{}},
	}
}

// Whoever is joined by a delegation with the maker doesn't check, in whichever aggregate, until it is revoked.
func TestMakerIsNotCheckerThroughADelegation(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for name, c := range everyCheck(w, w.partner("north")) {
		t.Run(name, func(t *testing.T) {
			there := c.maker.delegates(c.checker, 7)
			refused := c.checker.post(c.path, c.body).problem(403, "maker_is_checker")
			require.Contains(t, refused.Detail, strings.TrimPrefix(there, delegations+"/"), "it names the delegation")
			back := c.checker.delegates(c.maker, 7)
			c.checker.revokes(there)
			c.checker.post(c.path, c.body).problem(403, "maker_is_checker") // the other way round
			w.ops().revokes(back)
			done := c.checker.post(c.path, c.body).is(200)
			require.NotEmpty(t, done.position())
		})
	}
}

// The delegate checks again on the day behind the last one, not before.
func TestADelegationHoldsToTheEndOfItsLastDay(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	m := w.partner("north").markets(w.budget("5000.00"), "2000.00")
	claim := "/v1/mdf/claims/" + m.claim("10.00")
	w.finance().post(claim+"/deny", object{"reason": "no picture"}).is(200)
	w.finance().delegates(w.secondFinance(), 1)
	reopens := func() answer { return w.secondFinance().post(claim+"/reopen", object{"reason": "here it is"}) }
	w.clock.pass(24*hour + 14*hour) // 23 o'clock
	reopens().problem(403, "maker_is_checker")
	backdated := object{"reason": "here it is", "effective_at": "2026-03-02T10:00:00Z"}
	w.secondFinance().post(claim+"/reopen", backdated).problem(403, "maker_is_checker") // whenever it is said to be
	w.clock.pass(2 * hour)
	reopens().is(200)
}

func onBehalfOf(id string) func(*http.Request) { return with("X-On-Behalf-Of", id) }

// actorOf is who recorded the last event of a type in a stream.
func (w *world) actorOf(stream, name string) (actor object) {
	w.t.Helper()
	for _, e := range w.auditor().get("/v1/streams/" + stream + "?limit=500").is(200).list("data") {
		if e := e.(object); e["type"] == name {
			actor = e["metadata"].(object)["actor"].(object)
		}
	}
	require.NotNil(w.t, actor, "%s has no %s", stream, name)
	return actor
}

// On whose behalf somebody acts is recorded only where it is true.
func TestActingOnBehalfOfSomebody(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	north, desk, second := w.partner("north"), w.desk(), w.as("desk-2", domain.DealDesk)
	deal, other := north.registers("acme", "GTX", "10.00"), north.registers("globex", "GTX", "10.00")
	second.post(deal+"/approve", object{}, onBehalfOf(desk.id)).problem(403, "no_delegation")
	second.delegates(desk, 1)
	second.post(deal+"/approve", object{}, onBehalfOf(desk.id)).problem(403, "no_delegation") // the other way round
	desk.delegates(second, 1)

	approves := func(path string) answer {
		return second.post(path+"/approve", object{}, onBehalfOf(desk.id), with("Idempotency-Key", "for the desk"))
	}
	approves(deal).is(200)
	actor := w.actorOf(w.streamOf(deal), "deal.approved.v1")
	require.Equal(t, object{"id": second.id, "kind": "user", "roles": []any{"deal_desk"}, "on_behalf_of": desk.id}, actor)
	second.post("/v1/mdf/budgets", object{}, onBehalfOf(desk.id)).is(422) // it gives no roles, nor takes any
	require.NotContains(t, string(encoded(t, actor)), "elegations")

	w.clock.pass(3 * 24 * hour)
	require.Equal(t, "true", approves(deal).header.Get("Idempotency-Replayed"), "what was done is done")
	second.post(other+"/approve", object{}, onBehalfOf(desk.id)).problem(403, "no_delegation")
	second.post(delegations, object{"from": second.id, "to": "desk-3", "end": w.today(1), "reason": "x"}, onBehalfOf(desk.id)).
		problem(403, "no_delegation")
	second.post("/v1/files", "a text", onBehalfOf(desk.id), with("Content-Type", "application/octet-stream")).problem(403, "no_delegation")
}

func TestWhoMayBeNamedOnBehalfOf(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, id := range []string{"desk-1", "reactor:scheduler", "channelledger", "import:crm", "a b", strings.Repeat("x", 201)} {
		w.desk().get("/v1/deals", onBehalfOf(id)).problem(400, "invalid_header")
	}
	w.as("erp", domain.ServiceRole).get("/v1/deals", onBehalfOf("desk-1")).problem(400, "invalid_header")
	actor, err := api.DevAuthenticator{}.Authenticate(w.desk().request(http.MethodGet, "/", nil, onBehalfOf("desk-2")))
	require.NoError(t, err)
	require.Equal(t, "desk-2", actor.OnBehalfOf)
}

// What a reactor clears on behalf of whoever reconciles, it doesn't on behalf of who isn't.
func TestReconcilingOnBehalfOfSomebody(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	sha256 := w.finance().stores(bankFile("1", "100.00", "5.00"))
	again := object{"sha256": sha256, "resume": true}
	path := "/v1/statements/" + w.finance().post("/v1/statements", again).is(200).list("data", "statements")[0].(object)["id"].(string)
	match := object{"matches": []object{{"lines": []int{1}, "to": []object{{"payable_id": newID(), "payout_id": newID(), "amount": eur("5.00")}}}}}
	before := w.events()
	for path, body := range map[string]object{"/v1/statements": again, path + "/match": {}, path + "/confirm": match} {
		w.finance().post(path, body, onBehalfOf("treasurer-1")).problem(403, "no_delegation")
	}
	require.Equal(t, before, w.events())
	w.finance().post(path+"/confirm", match).problem(404, "payable_unknown")
}

// contested is a dispute that is answered, about a deal that the desk approved.
func contested(w *world) *trial {
	north, south := w.partner("north"), w.partner("south")
	deal := north.approved("acme", "10.00")
	x := south.disputes("deal_ownership", w.eventOf(w.streamOf(deal), "deal.approved.v1"), north)
	x.does(north.admin(), "response", object{"statement": "no, we were"})
	return x
}

// Neither is a delegate of who decided assigned to the case, nor does one judge it.
func TestADelegateOfWhoDecidedCantJudge(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	x, judge := contested(w), w.as("judge-1", domain.Adjudicator)
	assign := object{"adjudicator": judge.id}
	there := w.desk().delegates(judge, 1)
	refused := w.ops().post(x.path+"/adjudicator", assign).problem(409, "adjudicator_excluded")
	require.Contains(t, refused.Detail, strings.TrimPrefix(there, delegations+"/"))
	w.desk().revokes(there)
	x.judge(judge.id)
	back := judge.delegates(w.desk(), 1)
	require.Contains(t, judge.post(x.path+"/ruling", x.verdict("denied")).problem(403, "adjudicator_excluded").Detail,
		strings.TrimPrefix(back, delegations+"/"))
	judge.post(x.path+"/escalate", object{"reason": "I can't"}).problem(403, "adjudicator_excluded")
	w.clock.pass(2 * 24 * hour)
	x.does(judge, "ruling", x.verdict("denied"))
}

// Whoever takes a hand in the disputed deal while the case is heard doesn't judge it any more.
func TestAHandSinceTheOpeningExcludes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	x := contested(w)
	both := w.as("judge-1", domain.Adjudicator, domain.DealDesk)
	x.judge(both.id)
	account := "/v1/accounts/" + strings.TrimPrefix(x.subject["stream"].(string), "account-")
	both.post(account+"/ownership", object{"owner": "channel", "reason": "as agreed"}).is(200)
	both.post(x.path+"/ruling", x.verdict("denied")).problem(403, "adjudicator_excluded")
	w.ops().post(x.path+"/adjudicator", object{"adjudicator": both.id}).problem(409, "adjudicator_excluded")
	late := w.as("desk-9", domain.DealDesk)
	late.post(account+"/opportunities", object{"products": []string{"Own"}, "reference": "OPP-1"}).is(200)
	w.ops().post(x.path+"/adjudicator", object{"adjudicator": late.id}).problem(409, "adjudicator_excluded")
	x.does(x.judge("judge-2"), "ruling", x.verdict("denied"))
}
