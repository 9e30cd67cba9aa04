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

// An account's id derives from who the customer is: of a rival's customer on another account a timeline doesn't tell it.
func TestATimelineDoesNotTellWhoseAccountARivalIsOn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	north, south := w.partner("North"), w.partner("South")
	first := pathOf(north.registersAs("nordwind"))
	require.NoError(t, w.caughtUp())
	second := pathOf(south.registersAs("suedlicht"))
	own, other := w.streamOf(second), w.streamOf(first)
	_, account, _ := strings.Cut(other, "-")
	path := second + "/timeline?limit=1000&wait_for=" + w.end().String()

	require.Contains(t, string(w.desk().get(path).is(200).body), other)
	for _, a := range []answer{south.admin().get(path).is(200), w.desk().get(path + "&viewpoint=" + south.id).is(200)} {
		require.NotContains(t, string(a.body), account)
		streams := map[any]int{}
		for _, e := range a.list("data", "entries") {
			streams[e.(object)["stream"]]++
			if e.(object)["stream"] == "[withheld: rival]" {
				require.InDelta(t, -1, e.(object)["revision"], 0)
			}
		}
		require.NotZero(t, streams[own])
		require.NotZero(t, streams["[withheld: rival]"])
	}
	entriesAreToldOrCounted(t, south.admin(), path, len(w.auditor().get(path).is(200).list("data", "entries")))
}

// Who of its people is to have a deal is for that partner; whose it was before, for that one.
func TestARulingTellsNobodyTheOthersSellers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	north, south := w.partner("north"), w.partner("south")
	deal := north.approved("acme", "10.00")
	stream := w.streamOf(deal)
	w.desk().post(deal+"/win", object{"lines": []object{{"product": "GTX", "amount": eur("10.00")}}}).is(200)
	x := south.disputes("deal_ownership", w.eventOf(stream, "deal.approved.v1"), north)
	x.does(south.admin(), "settlement", object{"text": "it is ours", "terms": []object{south.reassignment(deal, stream)}})
	x.does(north.admin(), "response", object{"statement": "no, ours"})
	x.does(x.judge("judge-1"), "ruling", x.verdict("upheld", south.reassignment(deal, stream)))
	for _, side := range []ally{north, south} {
		x.does(side.admin(), "appeal/waive", object{})
	}
	x.becomes("closed")
	after := "?wait_for=" + w.end().String()
	for _, path := range []string{x.path + after, x.path + "/timeline" + after, deal + "/timeline" + after} {
		ofNorth, ofSouth := string(north.admin().get(path).body), string(south.admin().get(path).is(200).body)
		require.NotContains(t, ofNorth, south.seller, path)
		require.NotContains(t, ofSouth, north.seller, path)
		require.Contains(t, ofSouth, south.seller, path)
		require.Contains(t, string(w.desk().get(path).is(200).body), south.seller, path)
	}
	for _, side := range []ally{north, south} {
		for _, path := range []string{x.path, deal} {
			told := path + "/timeline" + after
			entriesAreToldOrCounted(t, side.admin(), told, len(w.auditor().get(told).is(200).list("data", "entries")))
		}
	}
	read := south.admin().get(deal).is(200)
	require.NotContains(t, string(read.body), north.seller)
	require.Equal(t, south.seller, read.text("data", "seller_id"))
	answered := north.admin().post(x.path+"/appeal/waive", object{})
	require.NotContains(t, string(answered.body), south.seller)
}
