package api_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A paper that only the adjudicator is to see is nobody else's in the timeline either: not the rival's, not that of the vendor's
// people, whosever eyes they ask for, and whatever was decided on it.
func TestASealedPaperIsSealedInTheTimeline(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	north, south := w.partner("north"), w.partner("south")
	deal := north.approved("acme", "10.00")
	x := south.disputes("deal_ownership", w.eventOf(w.streamOf(deal), "deal.approved.v1"), north)
	x.judge("judge-0")
	x.does(w.ops(), "escalate", object{"reason": "too close"})
	judge := x.judge("judge-1")
	hash := south.admin().stores("an offer")
	paper := x.does(south.admin(), "evidence", object{
		"name": "offer.pdf", "sha256": hash, "size": 77123, "note": "see page 3", "visibility": "adjudicator", "sealing_reason": "our discounts",
	}).list("data", "evidence")[0].(object)["evidence_id"].(string)
	x.pointsElsewhere(south)
	secrets := []string{"offer.pdf", hash, "77123", "see page 3", "our discounts", "Elsewhere", "named to the judge"}
	path := x.path + "/timeline?limit=1000&wait_for="
	pages := x.path + "/timeline?limit=4&wait_for="
	holds := func(who caller, viewpoint string, sees bool) {
		t.Helper()
		told := who.get(path + w.end().String() + viewpoint).is(200)
		for _, secret := range secrets[:6] {
			if sees {
				require.Contains(t, string(told.body), secret, who.id+viewpoint)
			}
		}
		for _, secret := range secrets {
			if !sees {
				require.NotContains(t, string(told.body), secret, who.id+viewpoint)
			}
		}
		if !sees {
			require.Contains(t, string(told.body), "[withheld: sealed]", who.id+viewpoint)
		}
		whole := w.auditor().get(path+w.end().String()).is(200).list("data", "entries")
		entriesAreToldOrCounted(t, who, pages+w.end().String()+viewpoint, len(whole))
	}
	all := func() {
		t.Helper()
		holds(north.admin(), "", false)
		holds(w.auditor(), "&viewpoint="+north.id, false)
		holds(w.desk(), "", false)
		holds(w.desk(), "&viewpoint="+south.id, false)
		holds(w.desk(), "&viewpoint="+north.id, false)
		holds(w.as("judge-9", "adjudicator"), "", false)
		holds(south.admin(), "", true)
		holds(judge, "", true)
		holds(judge, "&viewpoint="+north.id, false)
		holds(judge, "&viewpoint="+south.id, true)
		holds(w.as("judge-0", "adjudicator"), "", true)
		holds(w.auditor(), "", true)
	}
	all()
	x.does(judge, "evidence/"+paper+"/seal", object{"reason": "named to the judge", "summary": "an offer of 1 March"})
	all()
	require.Contains(t, string(south.admin().get(path+w.end().String()).is(200).body), "named to the judge", "whose paper it is learns why")
	for _, e := range w.desk().get("/v1/streams/" + strings.Replace(strings.TrimPrefix(x.path, "/v1/"), "disputes/", "dispute-", 1)).is(200).list("data") {
		require.NotContains(t, string(encoded(t, e)), "named to the judge")
	}
	require.Contains(t, string(north.admin().get(path+w.end().String()).is(200).body), "an offer of 1 March")
	w.partner("stranger").admin().get(path+w.end().String()).problem(404, "dispute_unknown")
}

// pointsElsewhere shows the adjudicator alone what happened at another customer.
func (x *trial) pointsElsewhere(by ally) {
	x.t.Helper()
	other := x.eventOf(x.streamOf(by.registers("Elsewhere", "GTX", "5.00")), "account.identified.v1")
	x.does(by.admin(), "evidence", object{
		"name": "another customer", "event_refs": []object{other}, "visibility": "adjudicator", "sealing_reason": "not theirs to know",
	})
}

// entriesAreToldOrCounted goes over every field of all pages: what reads withheld is counted by its rule, once, and what
// isn't told is counted.
func entriesAreToldOrCounted(t *testing.T, who caller, path string, whole int) {
	t.Helper()
	marks, told := object{}, 0
	var withheld object
	for cursor := ""; ; {
		page := who.get(path + "&cursor=" + cursor).is(200)
		withheld = page.field("data", "withheld").(object)
		for _, e := range page.list("data", "entries") {
			told++
			countMarks(e.(object)["data"], marks)
			countMarks(e.(object)["actor"], marks)
			countMarks(e.(object)["stream"], marks)
		}
		if cursor, _ = page.field("next").(string); cursor == "" {
			break
		}
	}
	require.Equal(t, withheld["fields"], marks, who.id+path)
	for _, n := range withheld["entries"].(object) {
		told += int(n.(float64))
	}
	require.Equal(t, whole, told, who.id+path)
}

func countMarks(value any, marks object) {
	switch v := value.(type) {
	case object:
		for _, inner := range v {
			countMarks(inner, marks)
		}
	case []any:
		for _, inner := range v {
			countMarks(inner, marks)
		}
	case string:
		if rule, ok := strings.CutPrefix(v, "[withheld: "); ok {
			rule = strings.TrimSuffix(rule, "]")
			n, _ := marks[rule].(float64)
			marks[rule] = n + 1
		}
	}
}

// Who hears a case reads all of it, also somebody of a partner that is no party; their own partner's people don't.
func TestABoardMemberOfAPartnerReadsTheWholeCase(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	north, south, west := w.partner("north"), w.partner("south"), w.partner("west")
	deal := north.approved("acme", "10.00")
	x := south.disputes("deal_ownership", w.eventOf(w.streamOf(deal), "deal.approved.v1"), north)
	before := x.end()
	x.does(w.ops(), "acknowledge", object{"note": "an odd one"})
	hash := south.admin().stores("an offer")
	x.does(south.admin(), "evidence", object{
		"name": "offer.pdf", "sha256": hash, "size": 8, "visibility": "adjudicator", "sealing_reason": "our discounts",
	})
	member := w.as("board-1", "adjudicator").of(west.id)
	path := x.path + "/timeline?limit=1000&wait_for="
	member.get(path+w.end().String()).problem(404, "dispute_unknown")
	x.judge("board-1")

	told := member.get(path + w.end().String()).is(200)
	whole := w.auditor().get(path + w.end().String()).is(200)
	require.Equal(t, whole.list("data", "entries"), told.list("data", "entries"))
	require.Equal(t, whole.field("data", "state"), told.field("data", "state"))
	for _, text := range []string{"our discounts", "an odd one", north.seller, "desk-1"} {
		require.Contains(t, string(told.body), text)
	}
	require.Contains(t, string(member.get(x.path).is(200).body), "our discounts")
	require.NotContains(t, string(member.get(path+w.end().String()+"&viewpoint="+north.id).is(200).body), "our discounts")
	early := member.get(path + w.end().String() + "&known_at=" + before.String()).is(200)
	require.Equal(t, "open", early.text("data", "state", "status"), "from its beginning")
	west.admin().get(path+w.end().String()).problem(404, "dispute_unknown")
	member.get(deal+"/timeline?wait_for="+w.end().String()).problem(404, "deal_unknown")
}
