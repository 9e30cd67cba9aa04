package api_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const days = 24 * hour

// A case is as old as the answer is of: now, what was known then, or what had taken effect.
func TestACaseIsAsOldAsTheAnswer(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	north, south := w.partner("north"), w.partner("south")
	south.disputes("deal_ownership", w.eventOf(w.streamOf(north.approved("acme", "10.00")), "deal.approved.v1"), north)
	opened := w.end().String()
	at := w.clock.now()
	w.clock.pass(10 * days)
	(&trial{world: w}).wake()
	on := func(n int) string { return at.Add(time.Duration(n)*days + time.Hour).UTC().Format(time.RFC3339) }
	for query, want := range map[string]float64{
		"": 10, "&known_at=" + on(3): 3, "&effective_at=" + on(4): 4, "&known_at=" + on(5) + "&effective_at=" + on(2): 2,
		"&known_at=" + opened: 0,
	} {
		listed := w.now("/v1/disputes?limit=5" + query).list("data")
		require.Len(t, listed, 1)
		require.InDelta(t, want, listed[0].(object)["age_days"], 0, query)
	}
}

// Nobody answers, nobody rules: what is due, what is overdue, and how it was known before.
func TestDisputesByWhatIsDue(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	north, south := w.partner("north"), w.partner("south")
	x := south.disputes("deal_ownership", w.eventOf(w.streamOf(north.approved("acme", "10.00")), "deal.approved.v1"), north)
	opened := w.clock.now()
	open := w.now(x.path)
	group := func(query string) object {
		t.Helper()
		groups := w.now("/v1/disputes/history?group_by=level" + query).list("data")
		require.Len(t, groups, 1)
		return groups[0].(object)
	}
	listed := func(query string) []any { t.Helper(); return w.now("/v1/disputes?sort=due" + query).list("data") }
	require.Equal(t, open.text("data", "response_due"), listed("")[0].(object)["due"])
	require.Len(t, listed("&due_before=2026-03-20"), 1)
	require.Empty(t, listed("&due_before=2026-03-03"))
	require.Empty(t, listed("&overdue=true"))
	require.InDelta(t, 0, group("")["due_within_7_days"], 0, "5 business days end after that")
	w.clock.pass(days)
	require.InDelta(t, 1, group("")["due_within_7_days"], 0, "the response")

	for range 6 { // up to the last level, and beyond its time
		w.clock.pass(20 * days)
		x.wake()
		require.NoError(t, w.caughtUp())
	}
	w.eventually("the last level misses its time", func() bool { return w.now(x.path).field("data", "ruling_due") == nil })
	row := listed("&overdue=true")[0].(object)
	require.Equal(t, true, row["overdue"])
	require.NotEmpty(t, row["due"], "the ruling is owed still")
	require.Empty(t, listed("&overdue=false"))
	now := group("")
	require.InDelta(t, 1, now["overdue"], 0)
	require.InDelta(t, 1, now["deadlines_missed"].(object)["response"], 0)
	require.Greater(t, now["deadlines_missed"].(object)["ruling"], now["escalations"], "above the last level is none")
	require.Equal(t, object{"days": "61+", "cases": 1.0}, now["open_ages"].([]any)[4])

	then := "&known_at=" + opened.Add(3*days).UTC().Format(time.RFC3339)
	require.Empty(t, listed("&overdue=true"+then))
	before := group(then)
	require.Equal(t, "channel_manager", before["value"])
	require.Equal(t, object{"days": "0-7", "cases": 1.0}, before["open_ages"].([]any)[0])
	require.InDelta(t, 3, before["oldest_open"].(object)["age_days"], 1)
	require.InDelta(t, 0, before["overdue"], 0)
}

func TestWhoAsksWhatBecameOfDisputes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	north := w.partner("north")
	overturned(t, w, north)
	stranger := w.partner("stranger")
	end := "&wait_for=" + w.end().String()
	history := "/v1/disputes/history?group_by="
	judged := w.auditor().get(history + "adjudicator" + end).is(200).list("data")
	require.Len(t, judged, 1)
	group := judged[0].(object)
	require.Equal(t, []any{"judge-1", 1.0, 1.0, 1.0, "1"}, []any{
		group["value"], group["ruled"], group["appealed"], group["overturned"], group["overturn_rate"],
	})
	require.Equal(t, object{"cases": 1.0, "median_days": "0", "p90_days": "0"}, group["opened_to_ruled"])
	north.admin().get(history+"adjudicator"+end).problem(403, "vendor_only")
	require.Len(t, north.admin().get(history+"level"+end).is(200).list("data"), 1)
	require.Empty(t, stranger.admin().get(history+"level"+end).is(200).list("data"))
	for query, field := range map[string]string{"due_before=soon": "due_before", "overdue=maybe": "overdue", "sort=age": "sort"} {
		require.Equal(t, "query."+field, w.auditor().get("/v1/disputes?"+query).problem(422, "invalid_field").Errors[0].Location)
	}
	w.auditor().get(history+"colour").problem(422, "invalid_field")
}
