package api_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain/dispute"
	"github.com/channelledger/channelledger/eventstore"
)

// isReplayed asks for a dispute as it was known at each of its events, and holds the answers against its events folded by hand:
// for the auditor, and for each party.
func isReplayed(t *testing.T, w *world, path string) (events int) {
	t.Helper()
	byHand := dispute.Decider().Initial()
	stream := "dispute-" + strings.TrimPrefix(path, "/v1/disputes/")
	for r, err := range w.store.Read(t.Context(), stream, eventstore.NoStream) {
		require.NoError(t, err)
		e, env, err := w.ledger.Codec.Decode(r)
		require.NoError(t, err)
		own, ok := e.(dispute.Event)
		require.True(t, ok)
		byHand.Apply(own, env)
		events++

		at := path + "/timeline?limit=1000&known_at=" + r.Position.String()
		told := w.auditor().get(at).is(200)
		require.JSONEq(t, string(encoded(t, byHand)), string(encoded(t, told.field("data", "state"))), "%s@%d", stream, r.Revision)
		entries := told.list("data", "entries")
		require.Equal(t, r.ID.String(), entries[len(entries)-1].(object)["event_id"])
		for _, p := range byHand.Parties() {
			if p.PartnerID == uuid.Nil {
				continue
			}
			want, _ := byHand.ForParty(p)
			seen := w.auditor().get(at + "&viewpoint=" + p.PartnerID.String()).is(200)
			require.JSONEq(t, string(encoded(t, want)), string(encoded(t, seen.field("data", "state"))), "%s@%d", stream, r.Revision)
		}
	}
	return events
}

func TestADisputeIsReplayedAtEachOfItsEvents(t *testing.T) {
	w := newWorld(t)
	everyDispute(t, w, w.partner("north"), w.partner("south"))
	for _, d := range w.auditor().get("/v1/disputes?limit=50&wait_for=" + w.end().String()).is(200).list("data") {
		require.Positive(t, isReplayed(t, w, "/v1/disputes/"+d.(object)["id"].(string)))
	}
}

// Whatever people do in a case, and whatever of it is refused: its replay is its events.
func TestRandomDisputesAreReplayed(t *testing.T) {
	w := newWorld(t)
	north, south := w.partner("north"), w.partner("south")
	recorded := 0
	for seed := range uint64(6) {
		draw := rand.New(rand.NewPCG(seed, 8))
		deal := north.approved("case"+newID(), "10.00")
		stream := w.streamOf(deal)
		x := south.disputes("deal_ownership", w.eventOf(stream, "deal.approved.v1"), north)
		sides := []ally{north, south}
		for range 25 {
			x.anything(draw, sides[draw.IntN(2)], south.reassignment(deal, stream))
		}
		recorded += isReplayed(t, w, x.path)
	}
	require.Greater(t, recorded, 6*5, "most of what was drawn is refused")
}

// anything tries what somebody might: of a party, the adjudicator, or partner operations.
func (x *trial) anything(draw *rand.Rand, of ally, remedy object) {
	judge := x.as("judge-1", "adjudicator")
	paper := object{"name": "notes", "event_refs": []object{x.subject}, "visibility": "parties"}
	if draw.IntN(2) == 0 {
		paper["visibility"], paper["sealing_reason"] = "adjudicator", "prices"
	}
	evidence := newID()
	if seen, ok := x.auditor().get(x.path).is(200).field("data", "evidence").([]any); ok && len(seen) > 0 {
		evidence = seen[draw.IntN(len(seen))].(object)["evidence_id"].(string)
	}
	outcomes := []string{"upheld", "partly_upheld", "denied"}
	verdict := x.verdict(outcomes[draw.IntN(3)])
	if verdict["outcome"] != "denied" {
		verdict["remedies"] = []object{remedy}
	}
	tries := []struct {
		who    caller
		action string
		body   object
	}{
		{x.ops(), "acknowledge", object{"note": "in"}},
		{x.ops(), "adjudicator", object{"adjudicator": "judge-1"}},
		{of.people(), "response", object{"statement": "no"}},
		{of.admin(), "evidence", paper},
		{judge, "evidence/" + evidence + "/seal", object{"reason": "prices", "summary": "an offer"}},
		{judge, "evidence/" + evidence + "/refuse-sealing", object{"reason": "no secret"}},
		{judge, "ruling", verdict},
		{of.admin(), "appeal", object{"grounds": "they err"}},
		{of.admin(), "appeal/waive", object{}},
		{of.admin(), "settlement", object{"text": "half and half"}},
		{of.admin(), "withdraw", object{"reason": "enough"}},
	}
	try := tries[draw.IntN(len(tries)-draw.IntN(2))] // giving up comes last, and less often
	a := try.who.post(x.path+"/"+try.action, try.body)
	require.Less(x.t, a.status, 500, "%s: %s", try.action, a.body)
}
