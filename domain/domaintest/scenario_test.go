package domaintest_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/domaintest"
)

var (
	partner = domain.DeriveID("partner")
	limit   = facts{Limit: 10}
	seller  = domaintest.By(domaintest.Seller(partner))
)

func TestScenario(t *testing.T) {
	state := domaintest.For(t, counter).
		Given(opened{Owner: partner}, domaintest.Past(raised{By: 3}, seller)).
		When(limit, raise(4), seller).
		Then(raised{By: 4}).
		When(limit, raise(4), seller).
		ThenRejected(domain.KindConflict, "limit", "").
		When(limit, raise(0), seller).
		ThenRejected(domain.KindInvalid, "invalid_field", "by").
		When(limit, raise(1)).
		ThenRejected(domain.KindForbidden, "owner", "").
		State()
	require.Equal(t, 7, state.Total)
}

func TestScenarioOnAnEmptyStream(t *testing.T) {
	outcome := domaintest.For(t, counter).When(limit, decide(opened{Owner: partner})).Then(opened{Owner: partner})
	require.Equal(t, partner, outcome.State().Owner)
	require.Equal(t, []counterEvent{opened{Owner: partner}}, outcome.Events())
	require.NoError(t, outcome.Err())
	domaintest.For(t, counter).When(limit, decide()).Then()
	require.Equal(t, 3, domaintest.For(t, counter).Given(raised{By: 3}).State().Total)
	failed := domaintest.For(t, counter).When(limit, failing(errors.New("disk full"))).Outcome()
	require.EqualError(t, failed.Err(), "disk full")
}

func TestScenarioEnvelopesAreDeterministic(t *testing.T) {
	later := domaintest.Epoch.Add(time.Hour)
	cause, whole := domain.DeriveID("cause"), domain.DeriveID("whole")
	basis := domain.Basis{Policies: []string{"conflict@1"}}
	got := domaintest.For(t, counter).
		Given(opened{Owner: partner}, domaintest.Past(raised{By: 3}, seller, domaintest.At(later), domaintest.Effective(domaintest.Epoch))).
		When(limit, decide(raised{By: 1}, raised{By: 2}), domaintest.BecauseOf(cause, whole), domaintest.BasedOn(basis)).
		Then(raised{By: 1}, raised{By: 2}).
		State().Envelopes
	stream := domain.StreamName("counter", domaintest.DefaultStreamID())
	for i, want := range []struct {
		command, index int
		recorded       time.Time
		actor          domain.Actor
	}{
		{1, 0, domaintest.Epoch, domaintest.Ops()},
		{2, 0, later, domaintest.Seller(partner)},
		{3, 0, domaintest.Epoch, domaintest.Ops()},
		{3, 1, domaintest.Epoch, domaintest.Ops()},
	} {
		command := domaintest.NthCommand(want.command)
		require.Equal(t, int64(i), got[i].Revision)
		require.Equal(t, stream, got[i].Stream)
		require.Equal(t, command, got[i].CommandID)
		require.Equal(t, domain.EventID(command, stream, want.index), got[i].EventID)
		require.Equal(t, want.recorded, got[i].RecordedAt)
		require.Equal(t, domaintest.Epoch, got[i].EffectiveAt)
		require.Equal(t, want.actor, got[i].Actor)
	}
	require.Equal(t, "counter.raised.v2", got[3].Type)
	require.Equal(t, basis, got[3].Basis)
	require.Equal(t, cause, got[3].CausationID)
	require.Equal(t, whole, got[3].CorrelationID)
}

func TestScenarioOptionsHoldForEveryStep(t *testing.T) {
	id, command := domain.DeriveID("stream"), domain.DeriveID("command")
	later := domaintest.Epoch.Add(time.Hour)
	got := domaintest.For(t, counter, domaintest.StreamID(id), domaintest.At(later), domaintest.CommandID(command)).
		Given(raised{By: 1}, domaintest.Past(raised{By: 1}, domaintest.At(domaintest.Epoch))).
		State().Envelopes
	stream := domain.StreamName("counter", id)
	require.Equal(t, domain.EventID(command, stream, 0), got[0].EventID)
	require.Equal(t, domain.EventID(command, stream, 1), got[1].EventID, "one command's events are counted on")
	require.Equal(t, []time.Time{later, domaintest.Epoch}, []time.Time{got[0].RecordedAt, got[1].RecordedAt})
}

func TestScenarioFails(t *testing.T) {
	turn := 0
	for want, check := range map[string]func(tb *observed){
		"the decided events": func(tb *observed) { domaintest.For(tb, counter).When(limit, decide(raised{By: 1})).Then(raised{By: 2}) },
		"the command was refused": func(tb *observed) {
			domaintest.For(tb, counter).When(limit, raise(0)).Then()
		},
		"the command was taken": func(tb *observed) {
			domaintest.For(tb, counter).When(limit, decide()).ThenRejected(domain.KindConflict, "limit", "")
		},
		"want a rejection": func(tb *observed) {
			domaintest.For(tb, counter).When(limit, failing(errors.New("x"))).ThenRejected(domain.KindConflict, "limit", "")
		},
		"only the owner raises it": func(tb *observed) {
			domaintest.For(tb, counter).Given(opened{Owner: partner}).When(limit, raise(1)).
				ThenRejected(domain.KindConflict, "limit", "")
		},
		"is no event of category counter": func(tb *observed) { domaintest.For(tb, counter).Given(stranger{}) },
		"not listed in the decider's Types": func(tb *observed) {
			domaintest.For(tb, counter).When(limit, decide(unlisted{}))
		},
		"Decide changed the state": func(tb *observed) {
			domaintest.For(tb, counter).Given(raised{By: 1}).
				When(limit, func(s counterState, _ domain.Header, _ facts) ([]counterEvent, error) {
					s.Envelopes[0].Revision = 99
					return nil, nil
				})
		},
		"its events differ": func(tb *observed) {
			domaintest.For(tb, counter).When(limit, func(counterState, domain.Header, facts) ([]counterEvent, error) {
				turn++
				return []counterEvent{raised{By: turn}}, nil
			})
		},
		"its errors differ": func(tb *observed) {
			domaintest.For(tb, counter).When(limit, func(counterState, domain.Header, facts) ([]counterEvent, error) {
				turn++
				return nil, domain.Refuse("turn", "", "turn %d", turn)
			})
		},
		"Evolve is not deterministic": func(tb *observed) {
			restless := counter
			restless.Evolve = func(s *counterState, _ counterEvent, _ domain.Envelope) *counterState {
				turn++
				s.Total = turn
				return s
			}
			domaintest.For(tb, restless).Given(raised{By: 1}).When(limit, decide())
		},
		"beside the error": func(tb *observed) {
			domaintest.For(tb, counter).When(limit, func(counterState, domain.Header, facts) ([]counterEvent, error) {
				return []counterEvent{raised{By: 1}}, domain.Refuse("half", "", "half done")
			})
		},
		"what is wrong and what would be right": func(tb *observed) {
			domaintest.For(tb, counter).When(limit, failing(domain.Refuse("mute", "", ""))).
				ThenRejected(domain.KindConflict, "mute", "")
		},
		"reads back as another": func(tb *observed) {
			domaintest.For(tb, counter).When(limit, decide(raised{By: 1, note: "gone"})).Then(raised{By: 1, note: "gone"})
		},
	} {
		t.Run(want, func(t *testing.T) {
			failures := failuresOf(t, check)
			require.NotEmpty(t, failures)
			require.Contains(t, failures[0], want)
		})
	}
}

type stranger struct{}

func (stranger) EventType() string { return "stranger.came.v1" }

func TestActors(t *testing.T) {
	for role, actor := range map[domain.Role]domain.Actor{
		domain.PartnerSeller: domaintest.Seller(partner),
		domain.PartnerAdmin:  domaintest.Admin(partner),
		domain.DealDesk:      domaintest.Desk(),
		domain.PartnerOps:    domaintest.Ops(),
		domain.Finance:       domaintest.Finance(),
		domain.Treasury:      domaintest.Treasurer(),
		domain.Adjudicator:   domaintest.Adjudicator(),
		domain.Auditor:       domaintest.Auditor(),
		domain.ServiceRole:   domaintest.Importer(),
	} {
		require.True(t, actor.Is(role))
		require.Equal(t, role == domain.PartnerSeller || role == domain.PartnerAdmin, actor.OfPartner(), role)
		require.NotEqual(t, actor.ID, domaintest.Another(actor).ID)
		require.Equal(t, actor.Roles, domaintest.Another(actor).Roles)
	}
	require.Equal(t, domain.Reactor, domaintest.Scheduler().Kind)
}
