package api_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
)

func at(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

// question is a bounded read.
func question(knownAt, effectiveAt string) string {
	return "?" + url.Values{"known_at": {knownAt}, "effective_at": {effectiveAt}}.Encode()
}

// TestWhoHeldTheAccountWhenAnotherRegistered: north is protected when south registers; that the account was the vendor's own
// by then is recorded a day later.
func TestWhoHeldTheAccountWhenAnotherRegistered(t *testing.T) {
	w := newWorld(t)
	north, south := w.partner("north"), w.partner("south")
	deal := north.registers("acme", "GTX", "10.00")
	approved := w.desk().post(deal+"/approve", object{}).is(200)
	account := "/v1/accounts/" + approved.text("data", "account_id")
	before := w.clock.now()
	w.clock.pass(hour)
	rival := south.people().post("/v1/deals", south.registration("acme", "GTX", "20.00")).is(201)
	moment := rival.text("as_of", "known_at")
	w.clock.pass(24 * hour)
	owned := w.ops().post(account+"/ownership", object{"owner": "house", "reason": "key account", "effective_at": at(before)}).is(200)
	preferred := w.as("import-1", domain.ServiceRole).post(account+"/preference", object{"partner_id": south.id, "effective_at": at(before)}).is(200)
	w.desk().post(deal+"/lose", object{"reason": "price"}).is(200)

	asKnownThen := w.auditor().get(account + question(moment, moment)).is(200)
	require.Equal(t, rival.position(), asKnownThen.text("as_of", "position"), "the last that was known of it")
	require.Equal(t, moment, asKnownThen.text("as_of", "known_at"))
	require.Equal(t, moment, asKnownThen.text("data", "held", "at"))
	require.Equal(t, object{"owner": "channel", "reason": ""}, asKnownThen.field("data", "held", "owner"))
	require.NotContains(t, asKnownThen.field("data", "held"), "preference")
	line := asKnownThen.list("data", "held", "lines")[0].(object)
	require.Equal(t, "GTX", line["line"])
	protected, pending := line["protected"].([]any)[0].(object), line["pending"].([]any)[0].(object)
	require.Equal(t, north.id, protected["partner_id"])
	require.Equal(t, "approved", protected["status"])
	require.Equal(t, south.id, pending["partner_id"])
	require.Equal(t, approved.field("data", "approved"), protected["approved"], "the event behind it")
	require.Equal(t, rival.field("data", "submitted"), pending["submitted"])
	require.Empty(t, asKnownThen.header.Get("ETag"))

	byPosition := w.auditor().get(account + question(rival.position(), "")).is(200)
	require.Equal(t, asKnownThen.field("data"), byPosition.field("data"), "the same moment, named by its position")
	require.Equal(t, rival.position(), byPosition.text("as_of", "position"))

	asKnownNow := w.auditor().get(account + question("", moment)).is(200)
	require.Equal(t, "house", asKnownNow.text("data", "held", "owner", "owner"))
	require.Equal(t, at(before), asKnownNow.text("data", "held", "owner", "set", "at"))
	require.Equal(t, south.id, asKnownNow.text("data", "held", "preference", "partner_id"))
	require.Equal(t, preferred.field("data", "event_id"), asKnownNow.field("data", "held", "preference", "recorded", "event_id"))
	require.Equal(t, w.end().String(), asKnownNow.text("as_of", "position"))
	require.Equal(t, line, asKnownNow.list("data", "held", "lines")[0])
	require.Equal(t, owned.field("data", "event_id"), asKnownNow.field("data", "held", "owner", "set", "event_id"))

	now := w.auditor().get(account + question("", at(w.clock.now()))).is(200)
	require.NotContains(t, now.list("data", "held", "lines")[0], "protected", "it is lost by now")
	require.NotContains(t, w.auditor().get(account).is(200).field("data"), "held", "what depends on time alone has no ETag")
	require.NotContains(t, south.people().get(account+question(moment, moment)).is(200).field("data"), "held", "who else is there is the vendor's")
	south.people().get(account+question(at(before), "")).problem(404, "account_unknown")
	w.auditor().get(account+question("2026-01-01", "")).problem(404, "account_unknown")
}

// TestALateFactChangesAnswersFromItsMomentOn: a fact effective e, recorded r, for what is dated: an owner, a kind and a tier. Known
// before r nothing changes; known from r on the answers from e to the next such fact change.
func TestALateFactChangesAnswersFromItsMomentOn(t *testing.T) {
	w := newWorld(t)
	north := w.partner("north")
	made := w.desk().post("/v1/accounts", object{"customer": object{"name": "Acme", "domain": "acme.de"}}).is(201)
	account, partner := "/v1/accounts/"+made.text("data", "id"), "/v1/partners/"+north.id
	w.clock.pass(hour)
	first := w.clock.now()
	w.clock.pass(hour)
	e := w.clock.now()
	w.clock.pass(hour)
	next := w.clock.now()
	w.ops().post(account+"/ownership", object{"owner": "direct", "reason": "moved", "effective_at": at(next)}).is(200)
	w.ops().post(partner+"/kind", object{"to": "msp", "effective_at": at(next)}).is(200)
	w.ops().post(partner+"/tier", object{"to": "gold", "reason": "grown", "effective_at": at(next)}).is(200)
	known := w.clock.now()
	w.clock.pass(24 * hour)
	w.ops().post(account+"/ownership", object{"owner": "house", "reason": "found late", "effective_at": at(e)}).is(200)
	w.ops().post(partner+"/tier", object{"to": "silver", "reason": "found late", "effective_at": at(e)}).is(200)
	late := w.ops().post(partner+"/kind", object{"to": "var", "effective_at": at(e)}).is(200)
	require.NoError(t, w.caughtUp())

	kind := func(p object) string { return p["standing"].(object)["kind"].(string) }
	tier := map[string]string{"reseller": "registered", "var": "silver", "msp": "gold"} // changed together
	for _, c := range []struct{ knownAt, effectiveAt, owner, kind string }{
		{at(known), at(first), "channel", "reseller"},
		{at(known), at(e), "channel", "reseller"},
		{at(known), at(next), "direct", "msp"},
		{at(known), "", "direct", "msp"},
		{"", at(first), "channel", "reseller"},
		{"", at(e.Add(-time.Microsecond)), "channel", "reseller"},
		{"", at(e), "house", "var"},
		{"", at(next.Add(-time.Microsecond)), "house", "var"},
		{"", at(next), "direct", "msp"},
		{late.position(), at(e), "house", "var"},
	} {
		ask := question(c.knownAt, c.effectiveAt)
		require.Equal(t, c.owner, w.auditor().get(account+ask).is(200).text("data", "held", "owner", "owner"), "%+v", c)
		require.Equal(t, c.kind, kind(w.auditor().get(partner+ask).is(200).field("data").(object)), "%+v", c)
		require.Equal(t, tier[c.kind], w.auditor().get(partner+ask).text("data", "standing", "tier"), "%+v", c)
		for _, one := range tier {
			require.Len(t, w.auditor().get("/v1/partners"+ask+"&tier="+one).is(200).list("data"), map[bool]int{true: 1}[one == tier[c.kind]], "%+v", c)
		}
		listed := w.auditor().get("/v1/partners" + ask).is(200)
		require.Equal(t, c.kind, kind(listed.list("data")[0].(object)), "%+v", c)
		owned := w.auditor().get("/v1/accounts" + ask + "&owner=" + c.owner).is(200).list("data")
		require.Len(t, owned, 1, "%+v", c)
	}
	live, bounded := w.auditor().get("/v1/partners"), w.auditor().get("/v1/partners"+question("", at(w.clock.now())))
	require.Equal(t, live.field("data"), bounded.field("data"), "bounded by now equals live")
	live, bounded = w.auditor().get("/v1/accounts"), w.auditor().get("/v1/accounts"+question(at(w.clock.now()), ""))
	require.Equal(t, live.field("data"), bounded.field("data"))
}

func TestWrongBounds(t *testing.T) {
	w := newWorld(t)
	north := w.partner("north")
	for _, path := range []string{"/v1/deals", "/v1/pipeline", "/v1/accounts", "/v1/partners", "/v1/partners/" + north.id, "/v1/accounts/" + newID()} {
		for query, location := range map[string]string{
			"known_at=x": "query.known_at", "known_at=start": "query.known_at", "effective_at=x": "query.effective_at",
			"effective_at=" + w.end().String(): "query.effective_at", "known_at=2026-13-01T00:00:00.5Z": "query.known_at",
		} {
			require.Equal(t, location, w.auditor().get(path+"?"+query).problem(422, "invalid_field").Errors[0].Location)
		}
		w.auditor().get(path+"?known_at=another.7").problem(400, "foreign_position")
	}
	gone := w.as("somebody", domain.Finance).get("/v1/partners/" + north.id + question("", "2026-01-01"))
	gone.problem(404, "partner_unknown")
	sealed := w.as("somebody", domain.Finance).get("/v1/partners/" + north.id + question("", at(w.clock.now()))).is(200)
	require.NotContains(t, string(sealed.body), "Ada", "names are for few, then as now")
	north.people().get("/v1/partners" + question("", at(w.clock.now()))).is(200)
}

// Where known_at is a position, things that change with time alone are looked at when that position's event was recorded.
func TestAPositionIsAMoment(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	north := w.partner("north")
	certificates := "/v1/partners/" + north.id + "/sellers/" + north.seller + "/certifications"
	w.ops().post(certificates, object{"certification": "gtx", "valid_to": "2026-03-20"}).is(200)
	w.clock.pass(10 * days)
	north.registers("acme", "GTX", "1.00") // nothing of the partner's own stream: its position is a moment all the same
	then, moment := w.end().String(), at(w.clock.now())
	w.clock.pass(100 * days)
	(&trial{world: w}).wake()
	for path, told := range map[string]func(answer) any{
		"/v1/sellers?partner_id=" + north.id:         func(a answer) any { return a.list("data")[0].(object)["held"] },
		"/v1/partners/" + north.id + "?":             func(a answer) any { return a.field("data", "standing") },
		"/v1/partners?active=true":                   func(a answer) any { return a.field("data") },
		"/v1/metrics/active_seller_rate?":            func(a answer) any { return a.field("data", "window", "from").(string)[:10] },
		"/v1/accounts/" + accountOf(w, "acme") + "?": func(a answer) any { return a.text("data", "held", "at")[:10] },
	} {
		byPosition := told(w.auditor().get(path + "&known_at=" + then).is(200))
		require.Equal(t, told(w.auditor().get(path+"&known_at="+moment).is(200)), byPosition, path)
		require.NotEmpty(t, byPosition, path)
	}
	held := func(query string) []any {
		return w.auditor().get("/v1/sellers?partner_id=" + north.id + query).is(200).list("data")[0].(object)["held"].([]any)
	}
	require.Len(t, held("&known_at="+then), 1)
	require.Empty(t, held(""), "it ended since")
	w.auditor().get("/v1/partners?known_at=" + strings.Split(then, ".")[0] + ".99999999").is(200)
}

// accountOf is the account of the one deal of a customer.
func accountOf(w *world, customer string) string {
	w.t.Helper()
	return w.auditor().get("/v1/accounts?q=" + customer).is(200).list("data")[0].(object)["id"].(string)
}
