package api_test

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/api"
	"github.com/channelledger/channelledger/domain"
)

var nextLink = regexp.MustCompile(`^<([^>]+)>; rel="next"$`)

// pages follows the links from a list's first page to its last.
func (c caller) pages(path string) (items []object) {
	c.t.Helper()
	for path != "" {
		page := c.get(path).is(200)
		for _, item := range page.list("data") {
			items = append(items, item.(object))
		}
		link := page.header.Get("Link")
		path = ""
		if link != "" {
			m := nextLink.FindStringSubmatch(link)
			require.NotNil(c.t, m, link)
			require.Contains(c.t, m[1], page.text("next"))
			path = m[1]
		}
	}
	return items
}

func TestPagesVisitAll(t *testing.T) {
	w := newWorld(t)
	north, south := w.partner("north"), w.partner("south")
	made := map[string]bool{}
	for i := range 7 {
		made[strings.TrimPrefix(north.registers(fmt.Sprintf("customer%d", i), "GTX", fmt.Sprintf("%d.00", i)), "/v1/deals/")] = true
		made[strings.TrimPrefix(south.registers(fmt.Sprintf("customer%d", i), "GTX", "5.00"), "/v1/deals/")] = true
	}
	require.NoError(t, w.caughtUp())
	desk := w.desk()
	for _, sort := range []string{"", "amount", "-amount", "submitted_at", "protected_until"} {
		seen := map[string]bool{}
		all := desk.pages("/v1/deals?limit=3&sort=" + sort)
		for _, d := range all {
			seen[d["id"].(string)] = true
		}
		require.Equal(t, made, seen, sort)
		require.Len(t, all, len(made), "each once")
	}
	require.Len(t, desk.pages("/v1/conflicts?limit=2"), 7)
	require.Len(t, desk.pages("/v1/accounts?limit=2&sort=-name"), 7)
	require.Len(t, desk.pages("/v1/partners?limit=1"), 2)
	require.Len(t, w.auditor().pages("/v1/streams/partner-"+north.id+"?limit=2"), 5)

	require.Len(t, desk.pages("/v1/deals?partner_id="+north.id), 7)
	require.Len(t, desk.pages("/v1/deals?currency=EUR&amount_min=3.00&amount_max=4.00&partner_id="+north.id), 2)
	require.Len(t, desk.pages("/v1/deals?status=submitted,won&product=GTX&kind=new&source=partner&month=2026-03"), 14)
	require.Empty(t, desk.pages("/v1/deals?status=won"))
	require.Len(t, desk.pages("/v1/deals?submitted_from=2026-03-02&submitted_until=2026-03-03"), 14)
	require.Len(t, desk.pages("/v1/partners?active=true&q=NORTH"), 1)
	require.Len(t, desk.pages("/v1/accounts?domain=customer1.de&linked=false"), 1)

	for query, location := range map[string]string{
		"limit=0": "query.limit", "limit=501": "query.limit", "sort=colour": "query.sort", "cursor=x": "query.cursor",
		"status=odd": "query.status[0]", "partner_id=x": "query.partner_id", "amount_min=1": "query.amount_min",
		"submitted_from=x": "query.submitted_from", "colour=1": "query.colour", "effective_at=x": "query.effective_at",
		"currency=EUR&amount_min=x": "query.amount_min",
	} {
		p := desk.get("/v1/deals?"+query).problem(422, "invalid_field")
		require.Equal(t, location, p.Errors[0].Location, query)
	}
}

func TestRolesDecideWhatIsRead(t *testing.T) {
	w := newWorld(t)
	north, south := w.partner("north"), w.partner("south")
	own := north.registers("acme", "GTX", "10.00")
	other := south.registers("acme", "GTX", "20.00")
	require.NoError(t, w.caughtUp())

	paths := []string{"/v1/deals", "/v1/partners", "/v1/accounts", "/v1/conflicts", "/v1/pipeline", own, "/v1/programs/default",
		"/v1/streams/partner-" + north.id, "/v1/events"}
	for _, path := range paths {
		t.Run(path, func(*testing.T) {
			w.as("").get(path).problem(401, "unauthenticated")
			w.as("nobody-1").get(path).problem(403, "role")
			w.as("odd", "king").get(path).problem(400, "invalid_header")
			for _, role := range domain.Roles()[2:] {
				w.as("somebody-1", role).get(path).is(200)
			}
			w.as("lost", domain.PartnerAdmin).get(path).is(403) // of a partner, but of which?
		})
	}

	t.Run("a partner's people see their own", func(t *testing.T) {
		for _, mine := range []caller{north.people(), north.admin(), w.as("both", domain.DealDesk, domain.PartnerSeller).of(north.id)} {
			require.Len(t, mine.pages("/v1/deals"), 1)
			require.Empty(t, mine.pages("/v1/deals?partner_id="+south.id))
			require.Len(t, mine.pages("/v1/partners"), 1)
			require.Empty(t, mine.pages("/v1/conflicts"), "the finding is against the other")
			require.Len(t, south.people().pages("/v1/conflicts"), 1)
			mine.get(own).is(200)
			mine.get(other).problem(404, "deal_unknown")
			mine.get("/v1/partners/"+south.id).problem(404, "partner_unknown")
			mine.get("/v1/conflicts/"+south.people().pages("/v1/conflicts")[0]["id"].(string)).problem(404, "finding_unknown")
			for _, path := range paths[6:] {
				mine.get(path).problem(403, "vendor_only")
			}
			groups := mine.get("/v1/pipeline?group_by=partner").is(200).list("data")
			require.Len(t, groups, 1)
			require.Equal(t, north.id, groups[0].(object)["value"])
		}
	})
	t.Run("of an account they know who the customer is", func(t *testing.T) {
		w.desk().post("/v1/accounts", object{"customer": object{"name": "Hidden", "domain": "hidden.de"}}).is(201)
		require.NoError(t, w.caughtUp())
		accounts := north.people().pages("/v1/accounts")
		require.Len(t, accounts, 1)
		require.Equal(t, "acme", accounts[0]["name"])
		require.NotContains(t, accounts[0], "identified")
		north.people().get("/v1/accounts?owner=house").problem(403, "vendor_only")
		hidden := w.desk().pages("/v1/accounts?q=hidden")[0]["id"].(string)
		north.people().get("/v1/accounts/"+hidden).problem(404, "account_unknown")
	})
	t.Run("names are for few", func(t *testing.T) {
		name := func(c caller) any {
			return c.get("/v1/partners/"+north.id).is(200).list("data", "sellers")[0].(object)["name"]
		}
		for _, c := range []caller{w.ops(), w.auditor(), w.as("s", domain.ServiceRole), north.people()} {
			require.Equal(t, "Ada north", name(c), c.roles)
		}
		for _, c := range []caller{w.desk(), w.as("f", domain.Finance)} {
			require.Equal(t, "[sealed]", name(c), c.roles)
			require.NotContains(t, string(c.get("/v1/partners").body), "Ada")
			require.NotContains(t, string(c.get("/v1/streams/partner-"+north.id).is(200).body), "Ada")
			require.NotContains(t, string(c.get("/v1/events").is(200).body), "Ada")
		}
		require.Contains(t, string(w.auditor().get("/v1/streams/partner-"+north.id).is(200).body), "Ada")
		require.Contains(t, string(w.auditor().get("/v1/events").is(200).body), "Ada")
	})
}

func TestDevAuthenticatorMakesNoReactor(t *testing.T) {
	w := newWorld(t)
	for _, id := range []string{"reactor:scheduler", "channelledger", "import:crm", "a b", strings.Repeat("x", 201), "ä"} {
		w.as(id, domain.Auditor).get("/v1/deals").problem(400, "invalid_header")
	}
	for host, status := range map[string]int{
		"localhost": 200, "localhost:8080": 200, "127.0.0.1": 200, "[::1]:80": 200, "::1": 200, "evil.example": 421, "127.0.0.1.evil.example:80": 421,
	} {
		a := w.auditor().get("/v1/deals", func(r *http.Request) { r.Host = host })
		require.Equal(t, status, a.status, host)
	}
	w.auditor().of("me").get("/v1/deals").problem(400, "invalid_header")
	request := w.as("someone", domain.ServiceRole, domain.DealDesk).request(http.MethodGet, "/", nil)
	actor, err := api.DevAuthenticator{}.Authenticate(request)
	require.NoError(t, err)
	require.Equal(t, domain.Service, actor.Kind)
	actor, err = api.DevAuthenticator{}.Authenticate(w.desk().request(http.MethodGet, "/", nil))
	require.NoError(t, err)
	require.Equal(t, domain.User, actor.Kind)
}

func TestWaitFor(t *testing.T) {
	w := newWorld(t)
	north := w.partner("north")
	for i := range 10 {
		made := north.people().post("/v1/deals", north.registration(fmt.Sprintf("customer%d", i), "GTX", "1.00")).is(201)
		require.Len(t, w.desk().get("/v1/deals?limit=500&wait_for="+made.position()).is(200).list("data"), i+1)
	}
	origin := w.store.Origin()
	for _, path := range []string{"/v1/deals", "/v1/partners", "/v1/accounts", "/v1/conflicts", "/v1/pipeline", "/v1/programs/default",
		"/v1/streams/partner-" + north.id, "/v1/events"} {
		w.auditor().get(path + "?wait_for=start").is(200)
		w.auditor().get(path+"?wait_for=another.7").problem(400, "foreign_position")
		w.auditor().get(path+"?wait_for=seven").problem(400, "invalid_position")
	}
	slow := newWorldOn(t, w, option(func(c *api.Config) { c.Limits.WaitFor = 20 * time.Millisecond }))
	p := slow.auditor().get("/v1/deals?wait_for="+origin+".999999").problem(504, "not_there_yet")
	require.Equal(t, origin+".999999", p.Waiting.For)
	require.Equal(t, w.end().String(), p.Waiting.Position)
	slow.auditor().get("/v1/programs/default?wait_for="+origin+".999999").problem(504, "not_there_yet")
}

func TestWhileReadModelsAreBuilt(t *testing.T) {
	w := newWorld(t, paused{}, option(func(c *api.Config) { c.Limits.WaitFor = 20 * time.Millisecond }))
	p := w.desk().get("/v1/deals").problem(503, "read_model_building")
	require.Equal(t, "pipeline", p.Progress.Projection)
	p = w.desk().get("/v1/pipeline?wait_for="+w.end().String()).problem(504, "not_there_yet")
	require.Equal(t, "start", p.Waiting.Position)
	refused := w.desk().post("/v1/deals/"+newID()+"/approve", object{})
	refused.problem(503, "read_model_building")
	require.NotEmpty(t, refused.header.Get("Retry-After"))
	ready := w.as("").get("/readyz").is(503)
	require.Equal(t, false, ready.field("ready"))
	require.Equal(t, "building", ready.list("projections")[0].(object)["state"])
	w.as("").get("/healthz").is(200)

	north := w.partner("north") // commands need no read model, but for where a deal stands
	deal := north.registers("acme", "GTX", "10.00")
	w.desk().post(deal+"/approve", object{}, with("Idempotency-Key", "k")).is(200)
	w.idle()
	require.NoError(t, w.caughtUp())
	w.desk().get(deal).is(200)
	require.Eventually(t, func() bool { return w.as("").get("/readyz").status == 200 }, time.Minute, time.Millisecond)
}

func TestAsOf(t *testing.T) {
	w := newWorld(t)
	north := w.partner("north")
	deal := north.registers("acme", "GTX", "10.00")
	registered := w.clock.now()
	w.clock.pass(24 * hour)
	w.desk().post(deal+"/approve", object{}).is(200)
	approved := w.clock.now()
	w.clock.pass(24 * hour)
	backdated := approved.Add(time.Hour).Format(time.RFC3339)
	importer := w.as("import-1", domain.ServiceRole)
	won := importer.post(deal+"/win", object{
		"lines": []object{{"product": "GTX", "amount": object{"amount": "10.00", "currency": "EUR"}}}, "effective_at": backdated,
	}).is(200)
	wait := "&wait_for=" + won.position()

	status := func(query string) string {
		return w.desk().get(deal+"?"+query+wait).is(200).text("data", "status")
	}
	at := func(t time.Time) string { return t.Format(time.RFC3339Nano) }
	require.Equal(t, "won", status(""))
	require.Equal(t, "submitted", status("effective_at="+at(registered)))
	require.Equal(t, "approved", status("effective_at="+at(approved)))
	require.Equal(t, "won", status("effective_at="+backdated))
	require.Equal(t, "approved", status("known_at="+at(approved.Add(2*time.Hour))), "the win was recorded a day later")
	require.Equal(t, "won", status("effective_at=2026-03-20"), "beyond now is now")
	w.desk().get(deal+"?effective_at=2026-03-01"+wait).problem(404, "deal_unknown")

	live, bounded := w.desk().get("/v1/pipeline?group_by=month"+wait), w.desk().get("/v1/pipeline?group_by=month&effective_at="+at(w.clock.now())+wait)
	require.Equal(t, live.field("data"), bounded.field("data"), "bounded by now equals live")
	past := w.desk().get("/v1/pipeline?effective_at=" + at(approved) + wait).is(200)
	require.Equal(t, at(approved), past.text("as_of", "effective_at"))
	require.Equal(t, "approved", past.list("data")[0].(object)["value"])
	require.Equal(t, won.position(), past.text("as_of", "position"))
	known := w.desk().get("/v1/deals?known_at=" + at(registered) + wait).is(200)
	require.Equal(t, "submitted", known.list("data")[0].(object)["status"])
	require.Empty(t, known.header.Get("ETag"))
	require.Len(t, north.people().pages("/v1/deals?effective_at="+at(approved)), 1)
}
