package ledger_test

import (
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/account"
	"github.com/channelledger/channelledger/domain/dispute"
	"github.com/channelledger/channelledger/domain/domaintest"
	"github.com/channelledger/channelledger/domain/partner"
	"github.com/channelledger/channelledger/eventstore"
	"github.com/channelledger/channelledger/eventstore/ledger"
)

// lastOf is the last event of a stream.
func lastOf(t *testing.T, l *ledger.Ledger, stream string) (event domain.Event, env domain.Envelope) {
	t.Helper()
	for recorded, err := range l.Store.Read(t.Context(), stream, eventstore.NoStream) {
		require.NoError(t, err)
		event, env, err = l.Codec.Decode(recorded)
		require.NoError(t, err)
	}
	return event, env
}

func TestACaseKnowsWhoHadAHandInItAndWhatWasInForce(t *testing.T) {
	l := open(t)
	north, seller := onboarded(t, l, "north")
	south, _ := onboarded(t, l, "south")
	child, _ := onboarded(t, l, "child of south")
	_, err := l.Partners.Do(t.Context(), south, by(domaintest.Ops(), "kind"), partner.ChangeKind{To: partner.Distributor})
	require.NoError(t, err)
	_, err = l.Partners.Do(t.Context(), child, by(domaintest.Ops(), "parent"), partner.AssignParent{ParentID: south})
	require.NoError(t, err)
	outcome, err := register(t, l, "deal", registration(north, seller))
	require.NoError(t, err)
	event, env := lastOf(t, l, outcome.Stream)
	registered, ok := event.(account.DealRegistered)
	require.True(t, ok)

	open := dispute.Open{
		Kind: dispute.KindDealOwnership, Stream: outcome.Stream, EventID: env.EventID, Respondents: []dispute.Party{{PartnerID: north}},
		RemedySought: "the deal", Statement: "we were first", Streams: []string{domain.StreamName(partner.Category, north)},
	}
	header := by(domaintest.Admin(south), "open")
	id := dispute.IDOf(header.CommandID)
	wrong := open
	wrong.EventID = uuid.Nil
	_, err = l.Disputes.Do(t.Context(), id, header, wrong)
	require.Equal(t, "event_unknown", domain.AsRejection(err).Rule)
	_, err = l.Disputes.Do(t.Context(), id, header, open)
	require.NoError(t, err)

	opened, env := lastOf(t, l, domain.StreamName(dispute.Category, id))
	e := opened.(dispute.Opened)
	assert.Equal(t, registered.DealID, e.Subject.DealID)
	assert.Equal(t, "deal.registered.v1", e.Subject.Type)
	excluded := []string{}
	for _, x := range e.ExcludedActors {
		excluded = append(excluded, x.Actor)
	}
	assert.Equal(t, []string{"importer-1", "ops-1", "ops-1-other", "admin-1"}, excluded, "each once, and whom they acted for")
	assert.ElementsMatch(t, []uuid.UUID{north, south, child}, e.ExcludedPartners)
	assert.Contains(t, env.Policies, "dispute@1")

	give := func(key string, actor domain.Actor, c dispute.Command) error {
		_, err := l.Disputes.Do(t.Context(), id, by(actor, key), c)
		return err
	}
	require.NoError(t, give("answer", domaintest.Admin(north), dispute.FileResponse{Statement: "no"}))
	require.NoError(t, give("assign", domaintest.Ops(), dispute.AssignAdjudicator{Adjudicator: "adjudicator-1"}))
	verdict := dispute.Verdict{
		Outcome: dispute.OutcomeDenied, Rationale: "the register shows it", Policy: "conflict@1",
		Cites: []dispute.EventRef{{Stream: e.Subject.Stream, Revision: e.Subject.Revision + 1, EventID: e.Subject.EventID}},
	}
	require.Equal(t, "event_unknown", domain.AsRejection(give("x", domaintest.Adjudicator(), dispute.IssueRuling(verdict))).Rule)
	verdict.Cites[0].Revision--
	require.NoError(t, give("rule", domaintest.Adjudicator(), dispute.IssueRuling(verdict)))
	ruled, _ := lastOf(t, l, domain.StreamName(dispute.Category, id))
	assert.Len(t, ruled.(dispute.RulingIssued).Agreements, 2, "one of each party")
}
