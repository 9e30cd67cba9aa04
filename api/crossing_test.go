package api_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain/account"
)

// registersAs registers a deal for a customer under one of its names, with its tax id, and is the deal's path.
func (a ally) registersAs(name string, options ...func(object)) answer {
	a.t.Helper()
	body := a.registration(name, "GTX", "100.00")
	body["customer"].(object)["country"] = "DE"
	body["customer"].(object)["tax_id"] = "DE 811 222 333"
	for _, change := range options {
		change(body)
	}
	return a.people().post("/v1/deals", body).is(201)
}

func pathOf(a answer) string { return "/v1/deals/" + a.text("data", "id") }

// findingsOf are the findings against a deal, once everything that follows from the log is there.
func findingsOf(c caller, deal string) (all []object) {
	c.t.Helper()
	for _, f := range c.get("/v1/conflicts?deal_id=" + deal[len("/v1/deals/"):] + "&wait_for=" + c.end().String()).is(200).list("data") {
		all = append(all, f.(object))
	}
	return all
}

func TestFindingsAcrossAccounts(t *testing.T) {
	w := newWorld(t)
	north, south := w.partner("North"), w.partner("South")
	first := pathOf(north.registersAs("nordwind"))
	require.NoError(t, w.caughtUp())
	made := south.registersAs("suedlicht")
	second := pathOf(made)

	desk := findingsOf(w.desk(), second)
	require.Len(t, desk, 1)
	require.Equal(t, "same_tax_id", desk[0]["rule"])
	require.Equal(t, "open", desk[0]["status"])
	evidence := desk[0]["evidence"].(object)
	require.Equal(t, "nordwind", evidence["other_name"])
	require.Equal(t, "DE:811222333", evidence["tax_id"])
	with := desk[0]["with"].(object)
	require.Equal(t, first, "/v1/deals/"+with["deal_id"].(string))
	require.Equal(t, w.desk().get(first).is(200).text("data", "account_id"), with["account_id"])

	other := findingsOf(w.desk(), first)
	require.Len(t, other, 1, "the other half is the reactor's")
	require.Equal(t, "later", other[0]["evidence"].(object)["order"])
	w.desk().post(second+"/approve", object{}).problem(409, "conflict")
	w.desk().post(first+"/approve", object{}).is(200)
	require.Equal(t, "overridden", func() any {
		w.desk().post(second+"/override", object{"finding_ids": []any{desk[0]["id"]}, "reason": "internal: two sites"}).is(200)
		return findingsOf(w.desk(), second)[0]["status"]
	}())

	for name, shown := range map[string]object{
		"conflicts": findingsOf(south.people(), second)[0],
		"conflict":  south.people().get("/v1/conflicts/" + desk[0]["id"].(string)).is(200).field("data").(object),
		"deal":      south.people().get(second).is(200).list("data", "findings")[0].(object),
		"deals":     south.people().get("/v1/deals").is(200).list("data")[0].(object)["findings"].([]any)[0].(object),
		"answer":    made.list("data", "findings")[0].(object),
	} {
		require.Equal(t, object{
			"state": "pending", "lines": "GTX", "partner_id": north.id, "submitted_at": evidence["submitted_at"], "order": "earlier",
			"tax_id": account.Withheld, "other_name": account.Withheld,
		}, shown["evidence"], name)
		require.NotContains(t, shown["with"], "account_id", name)
		require.NotContains(t, fmt.Sprint(shown), "internal", name)
	}
	require.Contains(t, fmt.Sprint(w.desk().get(second).is(200).field("data")), "internal: two sites", "the desk sees its own notes")
}

func TestALinkBringsToLightWhatWasProtectedTwice(t *testing.T) {
	w := newWorld(t)
	north, south := w.partner("North"), w.partner("South")
	a, b := north.registers("nordwind", "GTX", "1.00"), south.registers("suedlicht", "GTX", "1.00")
	w.desk().post(a+"/approve", object{}).is(200)
	w.desk().post(b+"/approve", object{}).is(200)
	from, to := w.desk().get(a).text("data", "account_id"), w.desk().get(b).text("data", "account_id")
	if from < to {
		from, to = to, from
	}
	w.ops().post("/v1/accounts/"+from+"/links", object{"to": to, "reason": "merged"}).is(200)
	for deal, rival := range map[string]string{a: b, b: a} {
		found := findingsOf(w.desk(), deal)
		require.Len(t, found, 1)
		require.Equal(t, "live_registration", found[0]["rule"])
		require.Equal(t, "open", found[0]["status"], "somebody has to decide")
		require.Equal(t, true, found[0]["late"])
		require.Equal(t, rival, "/v1/deals/"+found[0]["with"].(object)["deal_id"].(string))
		require.Equal(t, "approved", w.desk().get(deal).text("data", "status"))
	}
	w.desk().post(b+"/lose", object{"reason": "price"}).is(200)
	require.Equal(t, "moot", findingsOf(w.desk(), a)[0]["status"])
}

// TestTwoRecordsOfOneCustomerRace: partners register one customer under two names and reviewers approve, all at once. Every
// two live deals of different partners on different accounts end with a finding on each.
func TestTwoRecordsOfOneCustomerRace(t *testing.T) {
	w := newWorld(t)
	rounds := 20
	if testing.Short() {
		rounds = 4
	}
	allies := make([]ally, 4)
	for i := range allies {
		allies[i] = w.partner(fmt.Sprintf("partner%d", i))
	}
	for round := range rounds {
		paths := raceAcross(w, allies, round)
		for i, a := range paths {
			found := map[any]bool{}
			for _, f := range findingsOf(w.desk(), a) {
				found[f["with"].(object)["deal_id"]] = true
			}
			for j, b := range paths {
				if i%2 != j%2 { // the other name
					require.True(t, found[b[len("/v1/deals/"):]], "round %d: %s says nothing of %s", round, a, b)
				}
			}
		}
	}
}

func raceAcross(w *world, allies []ally, round int) []string {
	paths, done := make([]string, len(allies)), make(chan bool)
	for i, a := range allies {
		go func() {
			defer func() { done <- true }()
			made := a.registersAs([]string{"nordwind", "suedlicht"}[i%2], func(body object) {
				body["lines"].([]object)[0]["product"] = fmt.Sprint("Product ", round)
			})
			paths[i] = pathOf(made)
			w.as(fmt.Sprint("desk-", i), "deal_desk").post(paths[i]+"/approve", object{}) // may be refused
		}()
	}
	for range allies {
		<-done
	}
	return paths
}
