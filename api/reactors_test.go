package api_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/partner"
	"github.com/channelledger/channelledger/domain/reactor"
	"github.com/channelledger/channelledger/eventstore"
	"github.com/channelledger/channelledger/eventstore/embedded"
	"github.com/channelledger/channelledger/eventstore/ledger"
	"github.com/channelledger/channelledger/eventstore/react"
	"github.com/channelledger/channelledger/projections/listing/histories"
)

// shy is a reactor that does nothing, and breaks off at partners called Poison while the world wants it to.
type shy struct{ world *world }

func (shy) Name() string                  { return "shy" }
func (shy) Types() []string               { return []string{partner.Applied{}.EventType()} }
func (shy) Next() (time.Time, bool)       { return time.Time{}, false }
func (shy) Due(time.Time) []reactor.Order { return nil }
func (s shy) Observe(e domain.Event, _ domain.Envelope) {
	if e.(partner.Applied).LegalName == "Poison" && s.world.shy.Load() {
		panic("never heard of it")
	}
}

// rules are the ledger's own, and one that can be made to fail.
func (w *world) rules() []reactor.Rule { return append(reactor.All(), shy{w}) }

// poisons appends an event that a reactor can't handle: where it is retried, and its id.
func (w *world) poisons() (path, source string) {
	w.t.Helper()
	w.shy.Store(true)
	applied := w.as("import-1", domain.ServiceRole).post("/v1/partners", object{"legal_name": "Poison", "kind": "var"}).is(201)
	source = applied.text("data", "last_event_id")
	w.auditor().get("/v1/reactors?wait_for=" + w.end().String()).is(200) // it is parked by now
	return "/v1/reactors/shy/parked/" + source + "/retry", source
}

func TestAPoisonedEventIsListedExplainedAndRetried(t *testing.T) {
	w := newWorld(t)
	path, source := w.poisons()
	shy := func() object {
		listed := w.auditor().get("/v1/reactors?wait_for=" + w.end().String()).is(200)
		require.Equal(t, w.end().String(), listed.position())
		for _, r := range listed.list("data") {
			if r.(object)["name"] == "shy" {
				return r.(object)
			}
		}
		return nil
	}
	item := shy()["parked"].([]any)[0].(object)
	require.Equal(t, source, item["source"])
	require.Equal(t, "reactor shy can't handle it: never heard of it", item["reason"])
	require.Equal(t, "partner.applied.v1", item["source_type"])
	require.Equal(t, object{"shy": 1.0}, w.as("").get("/readyz").is(200).field("reactors", "parked"), "the others go on")
	require.True(t, w.metric(`channelledger_reactor_parked{reactor="shy"} 1`))

	w.ops().post("/v1/reactors/nobody/parked/"+source+"/retry", object{"reason": "x"}).problem(404, "reactor_unknown")
	w.ops().post("/v1/reactors/shy/parked/"+newID()+"/retry", object{"reason": "x"}).problem(404, "event_not_parked")
	w.ops().post(path, object{}).problem(422, "invalid_field")
	w.desk().post(path, object{"reason": "x"}).problem(403, "role")
	w.partner("north").people().get("/v1/reactors").problem(403, "vendor_only")

	w.shy.Store(false)
	again := w.ops().post(path, object{"reason": "mended"}, with("Idempotency-Key", "k")).is(200)
	require.Equal(t, "shy", again.text("data", "name"))
	require.Equal(t, "true", w.ops().post(path, object{"reason": "mended"}, with("Idempotency-Key", "k")).is(200).header.Get("Idempotency-Replayed"))
	require.Empty(t, shy()["parked"])
	w.ops().post(path, object{"reason": "x"}).problem(404, "event_not_parked")
}

// TestReactorsThatStartAnewRecordNothing: every reactor's progress is lost, again and again, over a random history with late
// facts; what they recorded the first time is all that they ever record.
func TestReactorsThatStartAnewRecordNothing(t *testing.T) {
	h := histories.New(11).Run(400)
	now := histories.Begin
	store, err := embedded.OpenMemory(embedded.Options{Clock: func() time.Time { return now }})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, store.Close()) })
	l, err := ledger.Open(store, eventstore.NewMemoryKeyring(), func() time.Time { return now })
	require.NoError(t, err)
	require.NoError(t, l.Bootstrap(t.Context(), "", now))
	for m, err := range h.Log.Follow(t.Context(), eventstore.Position{}, eventstore.Filter{}) {
		require.NoError(t, err)
		if m.Kind == eventstore.CaughtUp {
			break
		}
		now = m.Event.RecordedAt
		_, err := store.Append(t.Context(), m.Event.Stream, m.Event.Revision-1, []eventstore.Proposed{m.Event.Proposed})
		require.NoError(t, err)
	}
	end := h.Now
	react := func() (events int) {
		t.Helper()
		runner := react.New(store, l.Codec, l.Dispatch, func() time.Time { return now }, slog.New(slog.DiscardHandler), ledger.Categories(), reactor.All)
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- runner.Run(ctx) }()
		for end := (eventstore.Position{}); end != endOf(t, store); { // what follows from what followed, too
			end = endOf(t, store)
			_, err := runner.WaitFor(ctx, end)
			require.NoError(t, err)
		}
		stop()
		require.NoError(t, <-ended)
		for m, err := range store.Follow(t.Context(), eventstore.Position{}, eventstore.Filter{}) {
			require.NoError(t, err)
			if m.Kind == eventstore.CaughtUp {
				break
			}
			require.NotEqual(t, "reactor.parked.v1", m.Event.Type, "%s", m.Event.Data)
			events++
		}
		return events
	}
	before := len(h.Events)
	for _, days := range []int{0, 1, 30, 200, 2000} { // what falls due later is recorded later, once
		now = end.AddDate(0, 0, days)
		first := react()
		require.GreaterOrEqual(t, first, before)
		require.Equal(t, first, react())
		require.Equal(t, first, react())
		before = first
	}
	require.Greater(t, before, len(h.Events)+6, "reactors had something to do")
}

func endOf(t *testing.T, store eventstore.Store) eventstore.Position {
	t.Helper()
	for m, err := range store.Follow(t.Context(), eventstore.Position{}, eventstore.Filter{}) {
		require.NoError(t, err)
		if m.Kind == eventstore.CaughtUp {
			return m.Position
		}
	}
	return eventstore.Position{}
}
