package api_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/projections/metrics"
)

// wins registers, approves and wins a deal; the win takes effect when given.
func (a ally) wins(customer, amount string, effective time.Time) answer {
	a.t.Helper()
	deal := a.registers(customer, "GTX", amount)
	a.desk().post(deal+"/approve", object{}).is(200)
	a.clock.pass(48 * hour)
	return a.as("import-1", domain.ServiceRole).post(deal+"/win", object{
		"lines":        []object{{"product": "GTX", "amount": object{"amount": amount, "currency": "EUR"}}},
		"effective_at": effective.Format(time.RFC3339Nano),
	}).is(200)
}

func TestMetricsAreAsked(t *testing.T) {
	w := newWorld(t)
	north, _ := w.partner("north"), w.partner("south")
	before := w.clock.now()
	w.clock.pass(24 * hour)
	won := north.wins("acme", "1250.00", w.clock.now().Add(24*hour))
	wait := "&wait_for=" + won.position()

	rate := func(query string) string {
		a := w.desk().get("/v1/metrics/activation_rate?" + query + wait).is(200)
		total := a.list("data", "total")[0].(object)
		return fmt.Sprint(total["numerator"], " of ", total["denominator"])
	}
	require.Equal(t, "1 of 2", rate(""))
	require.Equal(t, "0 of 2", rate("effective_at="+before.Format(time.RFC3339Nano)))
	require.Equal(t, "0 of 2", rate("effective_at="+day0.Add(25*hour).Format(time.RFC3339)), "the win took effect a day later")
	require.Equal(t, "1 of 2", rate("effective_at="+day0.Add(49*hour).Format(time.RFC3339)), "though it was recorded later still")
	require.Equal(t, "0 of 2", rate("known_at="+day0.Add(50*hour).Format(time.RFC3339)), "then nobody knew of it")
	require.Equal(t, "1 of 2", rate("effective_at=2030-01-01"), "beyond now is now")
	require.Equal(t, "1 of 2", rate("period=2026"))

	byPartner := w.desk().get("/v1/metrics/sourced_revenue?group_by=partner&period=2026-Q1" + wait).is(200)
	require.Equal(t, "2026-Q1", byPartner.text("data", "window", "name"))
	require.Equal(t, "2026-01-01T00:00:00Z", byPartner.text("data", "window", "from"))
	require.Equal(t, []any{object{
		"value": north.id, "values": []any{object{"currency": "EUR", "numerator": "1250.00", "denominator": "1250.00", "ratio": "1"}},
	}}, byPartner.list("data", "groups"))
	require.NotEmpty(t, byPartner.text("as_of", "position"))

	past := w.desk().get("/v1/metrics/activation_rate?known_at=" + day0.Add(50*hour).Format(time.RFC3339) + wait).is(200)
	require.Equal(t, past.text("as_of", "known_at"), past.text("as_of", "effective_at"), "what was known then is seen from then")
}

func TestMetricsDrillDown(t *testing.T) {
	w := newWorld(t)
	north, south := w.partner("north"), w.partner("south")
	won := north.wins("acme", "10.00", w.clock.now().Add(24*hour))
	path := "/v1/metrics/activation_rate/drilldown?group_by=partner&wait_for=" + won.position()
	lines := w.desk().get(path + "&group=" + north.id).is(200).list("data")
	require.Len(t, lines, 2, "the partner, and its deal")
	for _, line := range lines {
		for _, e := range line.(object)["events"].([]any) {
			event := e.(object)
			page := w.auditor().get(fmt.Sprintf("/v1/streams/%s?after=%d&limit=1", event["stream"], int(event["revision"].(float64))-1)).is(200)
			require.Equal(t, event["event_id"], page.list("data")[0].(object)["id"])
		}
	}
	first := w.desk().get(path + "&limit=1").is(200)
	second := w.desk().get(path + "&limit=2&cursor=" + first.text("next")).is(200)
	require.Len(t, second.list("data"), 2)
	require.Nil(t, second.field("next"))
	require.Len(t, south.people().get("/v1/metrics/activation_rate/drilldown").is(200).list("data"), 1, "its own only")
	w.desk().get("/v1/metrics/activation_rate/drilldown?group=x").problem(422, "invalid_field")
	w.desk().get("/v1/metrics/activation_rate/drilldown?version=2&cursor="+first.text("next")).problem(422, "invalid_field")
}

func TestMetricsThatCannotBeAsked(t *testing.T) {
	w := newWorld(t)
	for path, want := range map[string]string{
		"activation_rate?period=2017-Q5":        "query.period",
		"activation_rate?period=2999":           "query.period",
		"activation_rate?group_by=moon":         "query.group_by",
		"activation_rate?effective_at=tomorrow": "query.effective_at",
		"activation_rate?known_at=then":         "query.known_at",
		"activation_rate?version=0":             "query.version",
	} {
		require.Equal(t, want, w.desk().get("/v1/metrics/"+path).problem(422, "invalid_field").Errors[0].Location, path)
	}
	require.Equal(t, "path.name", w.desk().get("/v1/metrics/happiness").problem(404, "metric_unknown").Errors[0].Location)
	require.Equal(t, "query.version", w.desk().get("/v1/metrics/activation_rate?version=9").problem(404, "metric_unknown").Errors[0].Location)
}

// The vendor's people see every metric, whatever their role; a partner's people their own partner's share of those that show
// nothing of others.
func TestRolesDecideWhichMetricsAreRead(t *testing.T) {
	w := newWorld(t)
	north := w.partner("north")
	require.NoError(t, w.caughtUp())
	for _, m := range metrics.All() {
		for _, path := range []string{"", "/drilldown"} {
			path = fmt.Sprintf("/v1/metrics/%s%s?version=%d", m.Name, path, m.Version)
			w.as("").get(path).problem(401, "unauthenticated")
			w.as("nobody-1").get(path).problem(403, "role")
			w.as("lost", domain.PartnerAdmin).get(path).problem(403, "own_partner")
			for _, role := range domain.Roles() {
				a := w.as("somebody-1", role)
				if role == domain.PartnerSeller || role == domain.PartnerAdmin {
					a = a.of(north.id)
					if m.VendorOnly {
						a.get(path).problem(403, "vendor_only")
						continue
					}
				}
				a.get(path).is(200)
			}
		}
	}
	w.as("nobody-1").get("/v1/metrics").problem(403, "role")
	require.Len(t, north.people().get("/v1/metrics").is(200).list("data"), len(metrics.All()))
}
