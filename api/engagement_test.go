package api_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The vendor goes for what it protects: the desk and the partner concerned see it, and nobody else.
func TestBreachesAreSeenByWhomTheyConcern(t *testing.T) {
	w := newWorld(t)
	north, south := w.partner("north"), w.partner("south")
	deal := north.registers("acme", "GTX", "10.00")
	home := w.desk().post(deal+"/approve", object{}).is(200).text("data", "account_id")
	opened := w.desk().post("/v1/accounts/"+home+"/opportunities", object{"products": []string{"GTX"}}).is(200)
	list := "/v1/breaches?by=opened&account_id=" + home + "&wait_for=" + opened.position()
	seen := w.desk().get(list).is(200).list("data")
	require.Len(t, seen, 1)
	require.Equal(t, strings.TrimPrefix(deal, "/v1/deals/"), seen[0].(object)["deal_id"])
	require.Len(t, north.people().get(list).is(200).list("data"), 1)
	require.Empty(t, south.people().get(list).is(200).list("data"))
	require.Len(t, w.desk().get("/v1/deals?breached=true").is(200).list("data"), 1)
	require.Empty(t, w.desk().get("/v1/deals?breached=false").is(200).list("data"))
	w.desk().get("/v1/breaches?deal_id=x").problem(422, "invalid_field")
}

// What the customer wrote is the vendor's to know; the partner learns from its finding that it did.
func TestAPreferenceIsTheVendorsToKnow(t *testing.T) {
	w := newWorld(t)
	north, south := w.partner("north"), w.partner("south")
	deal := north.registers("acme", "GTX", "10.00")
	home := w.desk().get(deal).is(200).text("data", "account_id")
	recorded := w.desk().post("/v1/accounts/"+home+"/preference", object{"partner_id": south.id, "document_sha256": strings.Repeat("1e", 32)}).is(200)
	read := "/v1/accounts/" + home + "?wait_for=" + recorded.position()
	require.NotEmpty(t, w.desk().get(read).is(200).list("data", "preference", "entries"))
	require.NotContains(t, string(north.people().get(read).is(200).body), south.id)
	w.desk().post(deal+"/approve", object{}).problem(409, "conflict")
}

func TestInfluenceDrillsDown(t *testing.T) {
	w := newWorld(t)
	north, south := w.partner("north"), w.partner("south")
	deal := north.registers("acme", "GTX", "10.00")
	north.registers("globex", "GTX", "10.00")
	influence := object{"partner_id": south.id, "role": "co_sell", "note": "joint visit"}
	recorded := w.desk().post(deal+"/influences", influence).is(200)
	list := "/v1/deals?influenced_by=" + south.id + "&wait_for="
	found := w.auditor().get(list + recorded.position()).is(200).list("data")
	require.Len(t, found, 1)
	require.Equal(t, strings.TrimPrefix(deal, "/v1/deals/"), found[0].(object)["id"])
	revoked := w.desk().post(deal+"/influences/revoke", object{"partner_id": south.id, "role": "co_sell", "reason": "another deal's"}).is(200)
	require.Empty(t, w.auditor().get(list+revoked.position()).is(200).list("data"))
}

// A partner that is deactivated over the API takes its deals along, and a read that waits for the command sees it.
func TestADeactivatedPartnersDealsEnd(t *testing.T) {
	w := newWorld(t)
	north := w.partner("north")
	waiting, protected := north.registers("acme", "GTX", "10.00"), north.registers("globex", "GTX", "10.00")
	w.desk().post(protected+"/approve", object{}).is(200)
	left := w.ops().post("/v1/partners/"+north.id+"/deactivate", object{"reason": "moved away"}).is(200)
	wait := "?wait_for=" + left.position()
	require.Equal(t, "withdrawn", w.desk().get(waiting+wait).is(200).text("data", "status"))
	shown := w.desk().get(protected + wait).is(200)
	require.Equal(t, "approved", shown.text("data", "status"))
	require.Equal(t, "partner_deactivated", shown.text("data", "shortened", "reason"))
}
