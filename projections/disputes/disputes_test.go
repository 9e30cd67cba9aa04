package disputes_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/dispute"
	"github.com/channelledger/channelledger/domain/domaintest"
	"github.com/channelledger/channelledger/domain/partner"
	"github.com/channelledger/channelledger/domain/policy"
	"github.com/channelledger/channelledger/domain/program"
	"github.com/channelledger/channelledger/eventstore"
	"github.com/channelledger/channelledger/eventstore/embedded"
	"github.com/channelledger/channelledger/eventstore/ledger"
	"github.com/channelledger/channelledger/projections"
	"github.com/channelledger/channelledger/projections/disputes"
	"github.com/channelledger/channelledger/projections/listing"
	"github.com/channelledger/channelledger/projections/listing/histories"
	"github.com/channelledger/channelledger/projections/projectionstest"
	"github.com/channelledger/channelledger/projections/sqlview"
)

// world is a real ledger in which one partner disputes its tiers.
type world struct {
	t     *testing.T
	l     *ledger.Ledger
	now   time.Time
	keys  int
	north uuid.UUID
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, now: domaintest.Epoch, north: domain.DeriveID("partner", "north")}
	store, err := embedded.OpenMemory(embedded.Options{Clock: func() time.Time { return w.now }})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, store.Close()) })
	w.l, err = ledger.Open(store, eventstore.NewMemoryKeyring(), func() time.Time { return w.now })
	require.NoError(t, err)
	require.NoError(t, w.l.Bootstrap(t.Context(), "", w.now))
	for _, c := range []partner.Command{
		partner.Apply{LegalName: "North", Kind: partner.Reseller, Country: "DE"}, partner.Approve{Reason: "imported history"}, partner.Onboard{},
	} {
		if _, onboards := c.(partner.Onboard); onboards {
			w.gives(partner.Category, w.north, domaintest.Importer(), partner.SignAgreement{Kind: "reseller", ValidFrom: domain.DateOf(w.now, time.UTC)})
		}
		w.gives(partner.Category, w.north, domaintest.Importer(), c)
	}
	return w
}

func (w *world) gives(category string, id uuid.UUID, by domain.Actor, command any) {
	w.t.Helper()
	w.keys++
	w.now = w.now.Add(time.Hour)
	header := domain.Header{CommandID: domain.CommandID("world", fmt.Sprint(w.keys)), Actor: by}
	_, err := w.l.Dispatch(w.t.Context(), domain.StreamName(category, id), header, command)
	require.NoError(w.t, err, "%T", command)
}

// disputes a new tier, and is the case.
func (w *world) disputes(tier string) uuid.UUID {
	w.t.Helper()
	w.gives(partner.Category, w.north, domaintest.Ops(), partner.ChangeTier{To: tier, Reason: "evaluated"})
	ref := w.last(domain.StreamName(partner.Category, w.north))
	id := dispute.IDOf(domain.CommandID("world", fmt.Sprint(w.keys+1)))
	w.gives(dispute.Category, id, domaintest.Admin(w.north), dispute.Open{
		Kind: dispute.KindTierDecision, Stream: ref.Stream, EventID: ref.EventID, RemedySought: "gold", Statement: "we are gold",
	})
	return id
}

func (w *world) last(stream string) (ref dispute.EventRef) {
	w.t.Helper()
	for r, err := range w.l.Store.Read(w.t.Context(), stream, eventstore.NoStream) {
		require.NoError(w.t, err)
		ref = dispute.EventRef{Stream: stream, Revision: int64(r.Revision), EventID: r.ID}
	}
	return ref
}

// rules on a case, and has the ruling overturned where it says so.
func (w *world) rules(id uuid.UUID, outcome dispute.Outcome, overturned bool) {
	w.t.Helper()
	give := func(by domain.Actor, c dispute.Command) { w.t.Helper(); w.gives(dispute.Category, id, by, c) }
	cites := []dispute.EventRef{w.last(domain.StreamName(partner.Category, w.north))}
	give(domaintest.Finance(), dispute.FileResponse{Statement: "no"})
	give(domaintest.Ops(), dispute.AssignAdjudicator{Adjudicator: domaintest.Adjudicator().ID})
	give(domaintest.Adjudicator(), dispute.IssueRuling{Outcome: outcome, Rationale: "r", Cites: cites, Policy: "tiering@1"})
	if !overturned {
		return
	}
	other := domaintest.Another(domaintest.Adjudicator())
	give(domaintest.Admin(w.north), dispute.FileAppeal{Grounds: "g"})
	give(domaintest.Ops(), dispute.AssignAdjudicator{Adjudicator: other.ID})
	give(other, dispute.RuleOnAppeal{Outcome: dispute.OutcomeUpheld, Rationale: "r", Cites: cites, Policy: "tiering@1"})
}

func (w *world) story() (open, ruled, overturned uuid.UUID) {
	w.t.Helper()
	ruled, overturned, open = w.disputes("silver"), w.disputes("gold"), w.disputes("platinum")
	w.rules(ruled, dispute.OutcomeDenied, false)
	w.rules(overturned, dispute.OutcomeDenied, true)
	w.gives(program.Category, program.DefaultID, domaintest.Ops(), program.Publish{
		Kind: policy.KindTiering, Body: []byte(`{"tiers":[{"name":"gold"}],"grace_days":10}`), BecauseOf: []uuid.UUID{overturned},
	})
	return open, ruled, overturned
}

func (w *world) view() projections.Reader {
	w.t.Helper()
	views, err := sqlview.Open(w.t.TempDir())
	require.NoError(w.t, err)
	w.t.Cleanup(func() { require.NoError(w.t, views.Close()) })
	source := projections.Source{Store: w.l.Store, Codec: w.l.Codec}
	view, _, err := projections.Replay(w.t.Context(), source, disputes.Projection(), projections.Bounds{},
		func(s *projections.Schema) (projections.View, error) { return views.Scratch(w.t.Context(), s) }, projections.Limits{}, nil)
	require.NoError(w.t, err)
	return view
}

func TestTheSameHoweverItCameAbout(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.story()
	projectionstest.Check(t, disputes.Projection(), w.l.Codec, w.l.Store)
}

func TestLists(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	open, ruled, overturned := w.story()
	r := w.view()
	list := func(q disputes.Query) (ids []uuid.UUID) {
		t.Helper()
		for _, c := range histories.Ask(t, r, func(from projections.Querier) (listing.Page[dispute.Case], error) {
			return disputes.List(t.Context(), from, q)
		}).Items {
			ids = append(ids, c.ID)
		}
		return ids
	}
	require.Equal(t, []uuid.UUID{open, overturned, ruled}, list(disputes.Query{}), "the last opened first")
	require.Equal(t, []uuid.UUID{ruled}, list(disputes.Query{Status: []dispute.Status{dispute.StatusRuled}}))
	require.Equal(t, []uuid.UUID{overturned}, list(disputes.Query{Outcome: []dispute.Outcome{dispute.OutcomeUpheld}}))
	require.Len(t, list(disputes.Query{Scope: w.north, Partner: []uuid.UUID{w.north}}), 3)
	require.Empty(t, list(disputes.Query{Scope: open}), "no party")
}

func TestHistory(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, _, overturned := w.story()
	r := w.view()
	told := func(by disputes.GroupBy) []disputes.Group {
		t.Helper()
		return histories.Ask(t, r, func(from projections.Querier) ([]disputes.Group, error) {
			return disputes.History(t.Context(), from, disputes.Question{By: by, At: w.now, Zone: time.UTC})
		})
	}
	for _, by := range disputes.Groups() {
		groups := told(by)
		require.Len(t, groups, 1, by)
		g := groups[0]
		require.Equal(t, 1, g.Overturned, by)
		require.Equal(t, 1, g.Appealed, by)
		require.Equal(t, map[dispute.Outcome]int{dispute.OutcomeUpheld: 1}, g.Outcomes, by)
		require.Equal(t, overturned, g.Last, by)
	}
	rule := told(disputes.ByRule)[0]
	require.Equal(t, "tiering", rule.Value)
	require.Equal(t, []uuid.UUID{overturned}, rule.Changed[0].BecauseOf)
	require.Equal(t, 2, rule.Changed[0].Version)
}
