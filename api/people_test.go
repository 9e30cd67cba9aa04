package api_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/eventstore"
)

// Whatever a partner's people read, whole things, lists and timelines, names nobody of the vendor's or of another partner's who
// took a step: every route is tried.
func TestAPartnerReadsOfNobodyElsesPeople(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	north, south := w.partner("north"), w.partner("south")
	north.contested(south)
	north.isOwedARebate()
	everyFundRoute(t, w, north)
	w.mayBePaid(north)
	w.paysAll()
	withdrawn(t, w, north)
	require.NoError(t, w.caughtUp())

	others := w.peopleBut(north.id)
	require.Greater(t, len(others), 5)
	admin, read := north.admin(), 0
	for _, path := range w.readsOf(admin) {
		a := admin.get(path)
		if a.status != 200 {
			continue
		}
		read++
		for _, id := range others {
			require.NotContains(t, string(a.body), fmt.Sprintf("%q", id), path)
		}
	}
	require.Greater(t, read, 40)
	deal := north.admin().get("/v1/deals?status=approved").is(200).list("data")[0].(object)
	require.Equal(t, north.people().id, deal["submitted"].(object)["by"], "of its own people it sees who")
	require.NotContains(t, string(encoded(t, deal)), "they came along", "a note of the vendor's")
	require.Contains(t, string(encoded(t, w.desk().get("/v1/deals/"+deal["id"].(string)).is(200).field("data"))), "desk-1")
}

// contested is a deal of which there is all that others' people do to it.
func (a ally) contested(rival ally) {
	a.t.Helper()
	deal := a.registers("contested", "GTX", "10.00")
	rival.registers("contested", "GTX", "10.00")
	a.desk().post(deal+"/return", object{"reason": "name the customer's buyer"}).is(200)
	a.people().post(deal+"/resubmit", object{}).is(200)
	a.desk().post(deal+"/approve", object{}).is(200)
	a.desk().post(deal+"/influences", object{"partner_id": rival.id, "role": "co_sell", "note": "they came along"}).is(200)
}

// peopleBut are the actors of everything that was recorded, but the partner's own.
func (w *world) peopleBut(partner string) (ids []string) {
	w.t.Helper()
	seen := map[string]bool{}
	for m, err := range w.store.Follow(w.t.Context(), eventstore.Position{}, eventstore.Filter{}) {
		require.NoError(w.t, err)
		if m.Kind == eventstore.CaughtUp {
			break
		}
		if _, env, err := w.ledger.Codec.Decode(m.Event); err == nil && env.Actor.PartnerID.String() != partner {
			seen[env.Actor.ID] = true
		}
	}
	return slices.Sorted(maps.Keys(seen))
}

// readsOf are all that can be read: each collection, and each thing that the caller finds in it.
func (w *world) readsOf(who caller) (paths []string) {
	w.t.Helper()
	ids := map[string][]string{}
	described := who.get("/openapi.json").is(200).field("paths").(object)
	for path, methods := range described {
		_, reads := methods.(object)["get"]
		if !reads || !strings.HasPrefix(path, "/v1/") || strings.HasSuffix(path, "/stream") || path == "/v1/events" {
			continue
		}
		collection, rest, one := strings.Cut(path, "/{")
		_, rest, _ = strings.Cut(rest, "}")
		switch {
		case !one:
			paths = append(paths, path+"?limit=100", path)
		case !strings.Contains(rest, "{"):
			if ids[collection] == nil {
				ids[collection] = who.idsIn(collection)
			}
			for _, id := range ids[collection] {
				paths = append(paths, collection+"/"+id+rest)
			}
		}
	}
	return paths
}

func (c caller) idsIn(collection string) (ids []string) {
	c.t.Helper()
	a := c.get(collection + "?limit=100")
	if a.status != 200 {
		return []string{}
	}
	things, _ := a.field("data").([]any)
	for _, thing := range things {
		if id, ok := thing.(object)["id"].(string); ok {
			ids = append(ids, id)
		}
	}
	return ids
}
