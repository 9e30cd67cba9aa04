package api_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

// rivals are two partners with a deal on the same customer; the second one's waits with a finding.
func rivals(w *world) (north, south ally, first, second string) {
	north, south = w.partner("Northwind"), w.partner("Southwind")
	first, second = north.registers("acme", "GTX", "1000.00"), south.registers("acme", "GTX", "900.00")
	w.desk().post(first+"/approve", object{"reason": "first"}).is(200)
	return north, south, first, second
}

func TestATimelineTellsTheCase(t *testing.T) {
	w := newWorld(t)
	_, south, first, second := rivals(w)
	path := first + "/timeline"
	a := w.auditor().get(path).is(200)
	require.Equal(t, "approved", a.text("data", "state", "status"))
	entries := a.list("data", "entries")
	types := map[string]int{}
	for i, e := range entries {
		entry := e.(object)
		types[entry["type"].(string)]++
		require.InDelta(t, i+1, entry["number"], 0)
	}
	require.Equal(t, 2, types["deal.registered.v1"], "the rival's registration bears on the case")
	require.Equal(t, 2, types["partner.agreement_signed.v1"])
	require.Positive(t, types["program.policy_published.v1"])
	require.Positive(t, types["deal.conflict_found.v1"])

	pages, next := 0, path+"?limit=3"
	for cursor := ""; ; pages++ {
		page := w.auditor().get(next).is(200)
		for i, e := range page.list("data", "entries") {
			require.Equal(t, entries[3*pages+i], e)
		}
		if cursor, _ = page.field("next").(string); cursor == "" {
			break
		}
		next = path + "?limit=3&cursor=" + cursor
	}
	require.Equal(t, (len(entries)-1)/3, pages)

	before := entries[len(entries)-2].(object)["position"].(string)
	then := w.auditor().get(path + "?known_at=" + before).is(200)
	require.Equal(t, "submitted", then.text("data", "state", "status"))
	require.Len(t, then.list("data", "entries"), len(entries)-1)

	seen := south.people().get(second + "/timeline").is(200)
	require.NotContains(t, string(seen.body), "Northwind")
	require.Contains(t, string(seen.body), "[withheld: rival]")
	byVendor := w.auditor().get(fmt.Sprintf("%s/timeline?viewpoint=%s", second, south.id)).is(200)
	require.Equal(t, seen.field("data"), byVendor.field("data"))
	south.people().get(path).problem(404, "deal_unknown")
	south.people().get(second+"/timeline?viewpoint="+newID()).problem(403, "own_partner")
	nobody := w.auditor().get(path+"?viewpoint="+newID()).problem(404, "partner_unknown")
	require.Equal(t, "query.viewpoint", nobody.Errors[0].Location)
	for _, thing := range []string{first, path} {
		early := w.auditor().get(thing+"?known_at=2020-01-01").problem(404, "deal_unknown")
		require.Contains(t, early.Detail, "known_at", "it is there now")
	}
}

func TestEverythingHasATimeline(t *testing.T) {
	w := newWorld(t)
	north := w.partner("Northwind")
	m := north.markets(w.budget("500.00"), "200.00")
	request := m.request("100.00")
	claim := m.files(request, "50.00")
	south := w.partner("Southwind").people()
	for noun, path := range map[string]string{
		"partner": "/v1/partners/" + north.id, "fund": "/v1/mdf/funds/" + m.fund, "request": "/v1/mdf/requests/" + request,
		"claim": "/v1/mdf/claims/" + claim,
	} {
		a := w.finance().get(path + "/timeline").is(200)
		require.NotEmpty(t, a.list("data", "entries"), path)
		require.NotEmpty(t, a.field("data", "state"), path)
		own := north.admin().get(path + "/timeline").is(200)
		require.NotEmpty(t, own.list("data", "entries"), path)
		require.NotEmpty(t, own.field("data", "state"), path)
		south.get(path+"/timeline").problem(404, noun+"_unknown")
	}
}

// everyTimeline asks for that of the first thing of each sort.
func everyTimeline(t *testing.T, w *world) {
	t.Helper()
	for _, path := range []string{
		"/v1/deals", "/v1/accounts", "/v1/partners", "/v1/mdf/funds", "/v1/mdf/requests", "/v1/mdf/claims", "/v1/rebates/agreements",
		"/v1/disputes",
	} {
		first := w.auditor().get(path + "?limit=1&wait_for=" + w.end().String()).is(200).list("data")[0].(object)
		told := w.auditor().get(path + "/" + first["id"].(string) + "/timeline").is(200)
		require.NotEmpty(t, told.list("data", "entries"), path)
	}
}
