package api_test

import (
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
	judge := x.judge("judge-1")
	hash := south.admin().stores("an offer")
	paper := x.does(south.admin(), "evidence", object{
		"name": "offer.pdf", "sha256": hash, "size": 77123, "note": "see page 3", "visibility": "adjudicator", "sealing_reason": "our discounts",
	}).list("data", "evidence")[0].(object)["evidence_id"].(string)
	secrets := []string{"offer.pdf", hash, "77123", "see page 3", "our discounts", "named to the judge"}
	path := x.path + "/timeline?wait_for="
	holds := func(who caller, viewpoint string, sees bool) {
		t.Helper()
		told := who.get(path + w.end().String() + viewpoint).is(200)
		for _, secret := range secrets[:4] {
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
	}
	all := func() {
		t.Helper()
		holds(north.admin(), "", false)
		holds(w.auditor(), "&viewpoint="+north.id, false)
		holds(w.desk(), "", false)
		holds(w.desk(), "&viewpoint="+south.id, false)
		holds(south.admin(), "", true)
		holds(judge, "", true)
		holds(w.auditor(), "", true)
	}
	all()
	x.does(judge, "evidence/"+paper+"/seal", object{"reason": "named to the judge", "summary": "an offer of 1 March"})
	all()
	require.Contains(t, string(north.admin().get(path+w.end().String()).is(200).body), "an offer of 1 March")
	w.partner("stranger").admin().get(path+w.end().String()).problem(404, "dispute_unknown")
}
