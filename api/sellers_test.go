package api_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Who needs to renew: the certificates that end within the next weeks, at any moment, as known then.
func TestWhoseCertificatesEndSoon(t *testing.T) {
	w := newWorld(t)
	north, south := w.partner("north"), w.partner("south")
	earn := func(a ally, body object) answer {
		return w.ops().post("/v1/partners/"+a.id+"/sellers/"+a.seller+"/certifications", body)
	}
	earn(north, object{"certification": "sales", "valid_to": "2026-03-31"}).is(200)
	earn(south, object{"certification": "sales", "valid_to": "2026-12-31"}).is(200)
	before := w.clock.now()
	w.clock.pass(20 * 24 * time.Hour)
	ending := func(query string) (sellers []any) {
		for _, s := range w.ops().get("/v1/sellers?wait_for=" + w.end().String() + query).is(200).list("data") {
			sellers = append(sellers, s.(object)["id"])
		}
		return sellers
	}
	require.Equal(t, []any{north.seller}, ending("&expiring_before=2026-05-01"))
	earn(north, object{"certification": "sales", "valid_to": "2027-03-31"}).is(200)
	require.Empty(t, ending("&expiring_before=2026-05-01"))
	require.Equal(t, []any{north.seller}, ending("&expiring_before=2026-05-01&known_at="+at(before)))
	require.Equal(t, []any{north.seller}, ending("&certification=sales&at=2027-01-15"))
	require.Len(t, ending("&certification=sales"), 2)
	require.Equal(t, []any{south.seller}, ending("&partner_id="+south.id))

	own := south.admin().get("/v1/sellers").is(200).list("data")
	require.Len(t, own, 1)
	require.Equal(t, "Ada south", own[0].(object)["name"])
	require.Equal(t, true, own[0].(object)["sells"])
	require.Equal(t, []any{object{"certification": "sales", "until": "2027-01-01T00:00:00Z"}}, own[0].(object)["held"])
	require.Equal(t, "[sealed]", w.desk().get("/v1/sellers").is(200).list("data")[0].(object)["name"])
	w.desk().get("/v1/sellers?q=ada").problem(403, "sealed")
	require.Len(t, w.auditor().get("/v1/sellers?q=ADA").is(200).list("data"), 2)
	w.ops().get("/v1/sellers?partner_id=x").problem(422, "invalid_field")
	w.ops().get("/v1/sellers?expiring_before=soon").problem(422, "invalid_field")
}

// What protects a tier ends by time alone: the ETag tells.
func TestAWaiverShowsInTheETag(t *testing.T) {
	w := newWorld(t)
	north := w.partner("north")
	path := "/v1/partners/" + north.id
	granted := w.ops().post(path+"/tier/waivers", object{"valid_to": "2026-03-05", "reason": "merger"}).is(200)
	waived := w.ops().get(path + "?wait_for=" + granted.position()).is(200)
	require.Equal(t, "merger", waived.text("data", "standing", "tier_waiver", "reason"))
	w.ops().get(path, with("If-None-Match", waived.header.Get("ETag"))).is(304)
	w.clock.pass(10 * 24 * time.Hour)
	over := w.ops().get(path, with("If-None-Match", waived.header.Get("ETag"))).is(200)
	require.NotContains(t, over.field("data", "standing"), "tier_waiver")
	w.ops().post(path+"/suspend", object{"reason": "audit"}, with("If-Match", waived.header.Get("ETag"))).is(200)
}
