package api_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
)

func TestACommandIsAnsweredWithTheNewState(t *testing.T) {
	w := newWorld(t)
	north := w.partner("north")
	made := north.people().post("/v1/deals", north.registration("acme", "GTX", "1250.00"), with("Idempotency-Key", "k1")).is(201)
	require.Equal(t, "/v1/deals/"+made.text("data", "id"), made.header.Get("Location"))
	require.Equal(t, "submitted", made.text("data", "status"))
	require.Equal(t, "k1", made.header.Get("Idempotency-Key"))
	require.Equal(t, made.position(), made.text("as_of", "position"))
	require.Equal(t, made.text("as_of", "known_at"), made.text("as_of", "effective_at"))
	require.NotEmpty(t, made.header.Get("X-Request-Id"))

	approved := w.desk().post(made.header.Get("Location")+"/approve", "").is(200)
	require.Equal(t, "approved", approved.text("data", "status"))
	require.Empty(t, approved.header.Get("Location"))
	require.NotEmpty(t, approved.header.Get("Idempotency-Key"), "the server makes one")
	require.NotEqual(t, made.header.Get("ETag"), approved.header.Get("ETag"))
}

func TestARepeatedCommandIsAnsweredLikeTheFirst(t *testing.T) {
	w := newWorld(t)
	north := w.partner("north")
	body := north.registration("acme", "GTX", "1250.00")
	first := north.people().post("/v1/deals", body, with("Idempotency-Key", "k1")).is(201)
	deal := first.header.Get("Location")
	w.desk().post(deal+"/approve", object{}).is(200) // what comes later isn't in the answer to a repeated command
	before := w.events()

	again := north.people().post("/v1/deals", body, with("Idempotency-Key", "k1")).is(201)
	require.Equal(t, "true", again.header.Get("Idempotency-Replayed"))
	require.Empty(t, first.header.Get("Idempotency-Replayed"))
	require.JSONEq(t, string(first.body), string(again.body))
	for _, name := range []string{"ETag", "Location", "Ledger-Position", "Idempotency-Key"} {
		require.Equal(t, first.header.Get(name), again.header.Get(name), name)
	}
	require.Equal(t, before, w.events(), "nothing was recorded")

	spaced := strings.NewReplacer(":", " : ", ",", " , ").Replace(string(encoded(t, body)))
	north.people().post("/v1/deals", spaced, with("Idempotency-Key", "k1")).is(201)
	require.Equal(t, before, w.events(), "white space makes no other request")
}

func TestAKeyIsForOneRequestOnly(t *testing.T) {
	w := newWorld(t)
	north := w.partner("north")
	key := with("Idempotency-Key", "k1")
	made := north.people().post("/v1/deals", north.registration("acme", "GTX", "1250.00"), key).is(201)
	before := w.events()

	t.Run("another body on the same stream", func(*testing.T) {
		north.people().post("/v1/deals", north.registration("acme", "GTX", "99.00"), key).problem(422, "idempotency_key_reused")
	})
	t.Run("another stream", func(*testing.T) {
		north.people().post("/v1/deals", north.registration("globex", "GTX", "1250.00"), key).problem(422, "idempotency_key_reused")
	})
	t.Run("another route", func(*testing.T) {
		north.people().post(made.header.Get("Location")+"/withdraw", object{}, key).problem(422, "idempotency_key_reused")
	})
	t.Run("found by the read model of keys", func(t *testing.T) {
		later := newWorldOn(t, w)
		north := ally{world: later, id: north.id, seller: north.seller}
		require.NoError(t, later.caughtUp())
		north.people().post("/v1/deals", north.registration("globex", "GTX", "1250.00"), key).problem(422, "idempotency_key_reused")
	})
	require.Equal(t, before, w.events())

	other := w.as("somebody-else", domain.PartnerSeller).of(north.id)
	other.post("/v1/deals", north.registration("globex", "GTX", "1250.00"), key).is(201) // a key is its caller's own
}

func TestTheKeyOfARefusedCommandIsFree(t *testing.T) {
	w := newWorld(t)
	north := w.partner("north")
	key := with("Idempotency-Key", "k1")
	wrong := north.registration("acme", "GTX", "1250.00")
	wrong["kind"] = "odd"
	north.people().post("/v1/deals", wrong, key).problem(422, "invalid_field")
	north.people().post("/v1/deals", north.registration("acme", "GTX", "1250.00"), key).is(201)
}

func TestOneKeyInManyRequestsAtOnce(t *testing.T) {
	w := newWorld(t)
	north := w.partner("north")
	before := w.events()
	body := north.registration("acme", "GTX", "1250.00")
	answers := make([]answer, 16)
	var group sync.WaitGroup
	for i := range answers {
		group.Go(func() { answers[i] = north.people().post("/v1/deals", body, with("Idempotency-Key", "k1")) })
	}
	group.Wait()
	fresh := 0
	for _, a := range answers {
		a.is(201)
		require.JSONEq(t, string(answers[0].body), string(a.body))
		if a.header.Get("Idempotency-Replayed") == "" {
			fresh++
		}
	}
	require.Equal(t, 1, fresh)
	require.Equal(t, before+2, w.events(), "the account, and one deal")
}

func TestIfMatch(t *testing.T) {
	w := newWorld(t)
	north := w.partner("north")
	deal := north.registers("acme", "GTX", "1250.00")
	other := north.registers("acme", "MG", "10.00") // an event of the account's stream, but none of the deal
	etag := w.desk().get(deal + "?wait_for=" + w.desk().get("/v1/streams/"+w.streamOf(other)).position()).is(200).header.Get("ETag")

	w.desk().post(deal+"/approve", object{}, with("If-Match", `"4711"`)).problem(412, "changed_meanwhile")
	approved := w.desk().post(deal+"/approve", object{}, with("If-Match", etag), with("Idempotency-Key", "a")).is(200)
	w.desk().post(deal+"/approve", object{}, with("If-Match", etag), with("Idempotency-Key", "a")).is(200) // known comes first
	w.desk().post(deal+"/stage", object{"stage": "proposal"}, with("If-Match", etag)).problem(412, "changed_meanwhile")
	w.desk().post(deal+"/stage", object{"stage": "proposal"}, with("If-Match", `"0", `+approved.header.Get("ETag"))).is(200)
	w.desk().post(deal+"/stage", object{"stage": "negotiation"}, with("If-Match", "*")).is(200)
	north.people().post("/v1/deals", north.registration("globex", "GTX", "1.00"), with("If-Match", "*")).problem(412, "changed_meanwhile")
}

func TestAPartnersTagTellsThatItsAgreementRanOut(t *testing.T) {
	w := newWorld(t)
	north := w.partner("north")
	path := "/v1/partners/" + north.id
	active := w.ops().get(path + "?wait_for=" + w.end().String()).is(200).header.Get("ETag")
	require.Regexp(t, `^"\d+"$`, active)
	then := w.ops().get(path+"?standing_at=2025-01-01", with("If-None-Match", active)).is(200).header.Get("ETag")
	require.Regexp(t, `^"\d+\.not_onboarded"$`, then)
	w.ops().post(path+"/kind", object{"to": "msp"}, with("If-Match", then)).is(200)
	w.ops().post(path+"/kind", object{"to": "var"}, with("If-Match", then)).problem(412, "changed_meanwhile")
}

func TestOneKeyForManyThingsAtOnce(t *testing.T) {
	w := newWorld(t)
	north := w.partner("north")
	answers := make([]answer, 16)
	var group sync.WaitGroup
	for i := range answers {
		group.Go(func() {
			body := north.registration("customer"+strings.Repeat("x", i), "GTX", "1250.00")
			answers[i] = north.people().post("/v1/deals", body, with("Idempotency-Key", "k1"))
		})
	}
	group.Wait()
	made := 0
	for _, a := range answers {
		if a.status == 201 {
			made++
			continue
		}
		a.problem(422, "idempotency_key_reused")
	}
	require.Equal(t, 1, made)
}

func TestWhatWasJustCreatedIsNever404(t *testing.T) {
	w := newWorld(t)
	north := w.partner("north")
	first := north.registers("acme", "GTX", "10.00")
	other := newWorldOn(t, w, building{}) // another process, that has never seen the deal and only begins to read
	other.desk().post(first+"/return", object{"reason": "which site?"}).is(200)
	for i := range 20 {
		deal := north.registers("customer"+strings.Repeat("x", i), "GTX", "10.00")
		other.desk().post(deal+"/return", object{"reason": "which site?"}).is(200)
		w.desk().get(deal).is(200)
	}
	w.desk().get("/v1/deals/"+newID()).problem(404, "deal_unknown")
	w.desk().post("/v1/deals/"+newID()+"/approve", object{}).problem(404, "deal_unknown")
	w.ops().post("/v1/partners/"+newID()+"/apply", object{"legal_name": "X", "kind": "var", "country": "DE"}).problem(404, "partner_unknown")
	w.desk().post("/v1/accounts/"+newID()+"/ownership", object{"owner": "house", "reason": "x"}).problem(404, "account_unknown")
	w.ops().post("/v1/programs/"+newID()+"/policies", object{"kind": "catalogue", "body": object{}}).problem(404, "program_unknown")
}

func TestWrongBodiesAreRefusedWithTheField(t *testing.T) {
	w := newWorld(t)
	north := w.partner("north")
	deal := north.registers("acme", "GTX", "1250.00")
	valid := string(encoded(t, north.registration("globex", "GTX", "1250.00")))
	cases := map[string]struct {
		path, body, location string
		status               int
		rule                 string
	}{
		"unknown field":        {"/v1/deals", strings.Replace(valid, `"lines"`, `"colour":1,"lines"`, 1), "body.colour", 422, "invalid_field"},
		"unknown inner field":  {"/v1/deals", strings.Replace(valid, `"product"`, `"colour":1,"product"`, 1), "body.lines[0].colour", 422, "invalid_field"},
		"other capitals":       {"/v1/deals", strings.Replace(valid, `"seller_id"`, `"Seller_ID"`, 1), "body.Seller_ID", 422, "invalid_field"},
		"too many decimals":    {"/v1/deals", strings.Replace(valid, `1250.00`, `1250.001`, 1), "body.lines[0].amount", 422, "invalid_field"},
		"amount is a number":   {"/v1/deals", strings.Replace(valid, `"1250.00"`, `1250`, 1), "body.lines[0].amount", 422, "invalid_field"},
		"unknown currency":     {"/v1/deals", strings.Replace(valid, `EUR`, `XXQ`, 1), "body.lines[0].amount", 422, "invalid_field"},
		"negative amount":      {"/v1/deals", strings.Replace(valid, `1250.00`, `-1.00`, 1), "body.lines[0].amount", 422, "invalid_field"},
		"no uuid":              {"/v1/deals", strings.Replace(valid, north.seller, `me`, 1), "body.seller_id", 422, "invalid_field"},
		"null":                 {"/v1/deals", strings.Replace(valid, `"lines":[`, `"kind":null,"lines":[`, 1), "body.kind", 422, "invalid_field"},
		"a field twice":        {"/v1/deals", strings.Replace(valid, `"lines":[`, `"kind":"new","kind":"new","lines":[`, 1), "body.kind", 422, "invalid_field"},
		"a field is missing":   {"/v1/deals", `{}`, "body.partner_id", 422, "invalid_field"},
		"no object":            {"/v1/deals", `[1]`, "body.", 422, "invalid_field"},
		"no JSON":              {"/v1/deals", `{`, "", 400, "malformed_json"},
		"more behind it":       {"/v1/deals", `{} {}`, "", 400, "malformed_json"},
		"given by the path":    {deal + "/approve", `{"deal_id":"` + newID() + `"}`, "body.deal_id", 422, "invalid_field"},
		"wrong moment":         {deal + "/approve", `{"effective_at":"yesterday"}`, "body.effective_at", 422, "invalid_field"},
		"in the future":        {"/v1/partners/" + north.id + "/suspend", `{"reason":"x","effective_at":"2030-01-01T00:00:00Z"}`, "body.effective_at", 422, "invalid_field"},
		"lone surrogate":       {deal + "/approve", `{"reason":"\ud800"}`, "", 400, "malformed_json"},
		"wrong id in the path": {"/v1/deals/me/approve", `{}`, "path.deal_id", 422, "invalid_field"},
		"policy body":          {"/v1/programs/default/policies", `{"kind":"catalogue","body":{"products":[{"name":"A"},{"name":"a"}]}}`, "body.body.products[1].name", 422, "invalid_field"},
		"version in the path":  {"/v1/programs/default/policies/catalogue/one/retire", `{"reason":"x"}`, "path.version", 422, "invalid_field"},
	}
	before := w.events()
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			all := w.as("all", domain.ServiceRole, domain.PartnerOps, domain.DealDesk)
			p := all.post(c.path, c.body).problem(c.status, c.rule)
			if c.location != "" {
				require.Len(t, p.Errors, 1)
				require.Equal(t, strings.TrimSuffix(c.location, "."), strings.TrimSuffix(p.Errors[0].Location, "."))
				require.NotEmpty(t, p.Errors[0].Message)
			}
		})
	}
	require.Equal(t, before, w.events(), "a refused command leaves nothing")
}

func TestEffectiveAt(t *testing.T) {
	w := newWorld(t)
	north := w.partner("north")
	body := object{"reason": "late", "effective_at": "2026-03-02T10:00:00.5+01:00"}
	w.desk().post("/v1/partners/"+north.id+"/suspend", body).problem(403, "role")
	w.clock.pass(2 * hour)
	suspended := w.ops().post("/v1/partners/"+north.id+"/suspend", body).is(200)
	entries := suspended.list("data", "status", "entries")
	require.Equal(t, "2026-03-02T09:00:00.5Z", entries[len(entries)-1].(object)["from"])
}

func TestRejectionsKeepTheirKind(t *testing.T) {
	w := newWorld(t)
	north, south := w.partner("north"), w.partner("south")
	deal := north.registers("acme", "GTX", "1250.00")
	rival := south.registers("acme", "GTX", "5.00")

	w.auditor().post(deal+"/approve", object{}).problem(403, "role")
	south.people().post(deal+"/withdraw", object{}).problem(403, "own_partner")
	p := w.desk().post(rival+"/approve", object{}).problem(409, "conflict")
	require.Contains(t, p.Detail, "finding")
	w.desk().post(deal+"/win", object{"lines": []object{{"product": "MG", "amount": object{"amount": "1.00", "currency": "EUR"}}}}).problem(409, "wrong_status")
	w.desk().post(deal+"/approve", object{}).is(200)
	w.desk().post(deal+"/win", object{"lines": []object{{"product": "MG", "amount": object{"amount": "1.00", "currency": "EUR"}}}}).problem(404, "product_unknown")
}

func TestAnAccountThatIsLinkedNamesTheOther(t *testing.T) {
	w := newWorld(t)
	north := w.partner("north")
	a := w.desk().post("/v1/accounts", object{"customer": object{"name": "Acme", "domain": "acme.de"}}).is(201)
	b := w.desk().post("/v1/accounts", object{"customer": object{"name": "Acme Inc", "domain": "acme-inc.de"}}).is(201)
	greater, lesser, domainOf := a.text("data", "id"), b.text("data", "id"), "acme"
	if greater < lesser {
		greater, lesser, domainOf = lesser, greater, "acme-inc"
	}
	w.desk().post("/v1/accounts/"+greater+"/links", object{"to": lesser, "reason": "the same firm"}).is(200)
	p := north.people().post("/v1/deals", north.registration(domainOf, "GTX", "1.00")).problem(409, "account_linked")
	require.Contains(t, p.Detail, lesser)
}

func TestMalformedRequests(t *testing.T) {
	w := newWorld(t)
	desk := w.desk()
	path := "/v1/deals/" + newID() + "/approve"
	desk.post(path, "{}", with("Content-Type", "text/plain")).problem(415, "unsupported_media_type")
	desk.post(path, "a=b", with("Content-Type", "application/x-www-form-urlencoded")).problem(415, "unsupported_media_type")
	desk.post(path, "{}", with("Content-Type", "application/json; charset=latin1")).problem(415, "unsupported_media_type")
	desk.post(path, `{"reason":"`+strings.Repeat("x", 1<<20)+`"}`).problem(413, "too_large")
	desk.post(path, "{}", with("Idempotency-Key", strings.Repeat("k", 256))).problem(422, "invalid_field")
	desk.post(path+"?x=1", "{}").problem(422, "invalid_field")
	desk.get("/v1/nothing").problem(404, "no_route")
	refused := desk.send(http.MethodDelete, "/v1/deals", nil)
	refused.problem(405, "method_not_allowed")
	require.Contains(t, refused.header.Get("Allow"), "GET")
	sane := desk.get("/v1/nothing", with("X-Request-Id", "mine-1"))
	require.Equal(t, "mine-1", sane.problem(404, "no_route").RequestID)
	odd := desk.get("/v1/nothing", with("X-Request-Id", "no spaces please"))
	require.NotEqual(t, "no spaces please", odd.problem(404, "no_route").RequestID)
}
