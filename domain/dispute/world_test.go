package dispute_test

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/dispute"
	"github.com/channelledger/channelledger/domain/domaintest"
	"github.com/channelledger/channelledger/domain/policy"
)

// The things that the stories are about: north's deal was approved, and south says that it was first.
var (
	north   = domain.DeriveID("partner", "north")
	south   = domain.DeriveID("partner", "south")
	parent  = domain.DeriveID("partner", "parent of south")
	deal    = domain.DeriveID("deal", "1")
	account = domain.StreamName("account", domain.DeriveID("account", "acme"))
	event   = domain.DeriveID("event", "approved")

	caseID = dispute.IDOf(domaintest.NthCommand(1))
	stream = domain.StreamName(dispute.Category, caseID)
	vendor = dispute.Party{Vendor: true}

	day0 = time.Date(2026, time.March, 2, 9, 0, 0, 0, time.UTC) // a Monday
)

// When things are due, all of a case that opens on day 0.
var (
	responseDue = time.Date(2026, time.March, 10, 0, 0, 0, 0, time.UTC)
	rulingDue   = time.Date(2026, time.March, 24, 0, 0, 0, 0, time.UTC) // ten business days behind Monday the 9th
)

func party(id uuid.UUID) dispute.Party { return dispute.Party{PartnerID: id} }

// on lets a command come on a day.
func on(n int) domaintest.Option { return domaintest.At(day0.AddDate(0, 0, n)) }

func at(t time.Time) domaintest.Option { return domaintest.At(t) }

func by(a domain.Actor) domaintest.Option { return domaintest.By(a) }

func ref(name string, revision int64) dispute.EventRef {
	return dispute.EventRef{Stream: account, Revision: revision, EventID: domain.DeriveID("event", name)}
}

func judge(id string) domain.Actor {
	return domain.Actor{ID: id, Kind: domain.User, Roles: []domain.Role{domain.Adjudicator}}
}

func subject() *dispute.Subject {
	return &dispute.Subject{
		EventRef: ref("approved", 3), Type: "deal.approved.v1", RecordedAt: day0.AddDate(0, 0, -1),
		EffectiveAt: day0.AddDate(0, 0, -1), DealID: deal,
	}
}

func facts() dispute.Facts {
	return dispute.Facts{
		Rules: policy.Rules{
			Zone:    time.UTC,
			Dispute: policy.Versioned[policy.Dispute]{Version: 1, Body: policy.DefaultDispute()},
			Tiering: policy.Versioned[policy.Tiering]{Version: 1, Body: policy.DefaultTiering()},
		},
		Subject: subject(), Related: []uuid.UUID{parent},
		Involved: []dispute.Excluded{{Actor: domaintest.Desk().ID, BecauseOf: ref("approved", 3)}},
		Partners: map[uuid.UUID]bool{north: true, south: true},
		Streams:  map[string]bool{"rebate-" + deal.String(): true},
		Found: map[uuid.UUID]string{
			ref("approved", 3).EventID: "deal.approved.v1", ref("registered", 1).EventID: "deal.registered.v1",
		},
		DocumentStored: true,
		Policies:       []string{"conflict@1", "deal_registration@1"},
		Agreements:     []dispute.AgreementRef{{PartnerID: south, AgreementID: domain.DeriveID("agreement")}},
	}
}

func opening() dispute.Open {
	return dispute.Open{
		Kind: dispute.KindDealOwnership, Stream: account, EventID: event,
		Respondents: []dispute.Party{party(north)}, RemedySought: "the deal", Statement: "we were first",
	}
}

type (
	when    = domaintest.When[*dispute.State, dispute.Command, dispute.Facts, dispute.Event]
	outcome = domaintest.Outcome[*dispute.State, dispute.Command, dispute.Facts, dispute.Event]
)

// story gives one command after another to one case, each by somebody who may.
type story struct {
	t    *testing.T
	then interface {
		When(dispute.Facts, dispute.Command, ...domaintest.Option) when
	}
	facts    dispute.Facts
	state    *dispute.Case
	commands int
}

func newStory(t *testing.T) *story {
	t.Helper()
	return &story{
		t: t, facts: facts(),
		then: domaintest.For(t, dispute.Decider(), domaintest.StreamID(caseID), on(0)).Given(),
	}
}

// opened is a story whose dispute south opened against north.
func opened(t *testing.T) *story {
	t.Helper()
	s := newStory(t)
	s.do(opening())
	return s
}

// heard is one that north answered and that an adjudicator hears.
func heard(t *testing.T) *story {
	t.Helper()
	s := opened(t)
	s.do(dispute.FileResponse{Statement: "no, we were"})
	s.do(dispute.AssignAdjudicator{Adjudicator: "judge-1"})
	return s
}

// ruled is one that the adjudicator decided.
func ruled(t *testing.T, outcome dispute.Outcome, remedies ...dispute.Remedy) *story {
	t.Helper()
	s := heard(t)
	s.do(ruling(outcome, remedies...))
	return s
}

// appealed is one whose ruling for south north appealed, heard by another.
func appealed(t *testing.T, remedies ...dispute.Remedy) *story {
	t.Helper()
	s := ruled(t, dispute.OutcomeUpheld, remedies...)
	s.do(dispute.FileAppeal{Grounds: "the clock was wrong"}, by(domaintest.Admin(north)))
	s.do(dispute.AssignAdjudicator{Adjudicator: "judge-2"})
	return s
}

// final is one whose ruling nobody appealed.
func final(t *testing.T, remedies ...dispute.Remedy) *story {
	t.Helper()
	s := ruled(t, dispute.OutcomeUpheld, remedies...)
	s.do(dispute.WaiveAppeal{}, by(domaintest.Admin(north)))
	s.do(dispute.WaiveAppeal{}, by(domaintest.Admin(south)))
	return s
}

func verdict(outcome dispute.Outcome, remedies ...dispute.Remedy) dispute.Verdict {
	return dispute.Verdict{
		Outcome: outcome, Remedies: remedies, Rationale: "the register shows it", Cites: []dispute.EventRef{ref("registered", 1)},
		Policy: "conflict@1",
	}
}

func ruling(outcome dispute.Outcome, remedies ...dispute.Remedy) dispute.IssueRuling {
	return dispute.IssueRuling(verdict(outcome, remedies...))
}

func appealRuling(confirms bool, outcome dispute.Outcome, remedies ...dispute.Remedy) dispute.RuleOnAppeal {
	v := verdict(outcome, remedies...)
	return dispute.RuleOnAppeal{
		Confirms: confirms, Outcome: v.Outcome, Remedies: v.Remedies, Rationale: v.Rationale, Cites: v.Cites, Policy: v.Policy,
	}
}

func reassign() dispute.Remedy {
	return dispute.Remedy{
		Kind: dispute.RemedyReassign, Stream: account, DealID: deal, PartnerID: south, SellerID: domain.DeriveID("seller"),
	}
}

func atOnce(r dispute.Remedy) dispute.Remedy {
	r.AtOnce = true
	return r
}

// usual is who gives such a command in most stories.
func (s *story) usual(c dispute.Command) domain.Actor {
	switch c.(type) {
	case dispute.Open, dispute.SubmitEvidence, dispute.ProposeSettlement, dispute.Withdraw:
		return domaintest.Admin(south)
	case dispute.FileResponse, dispute.FileAppeal, dispute.WaiveAppeal, dispute.AcceptSettlement:
		return domaintest.Admin(north)
	case dispute.IssueRuling, dispute.RuleOnAppeal, dispute.GrantSealing, dispute.RefuseSealing:
		if s.state != nil && s.state.Adjudicator != "" {
			return judge(s.state.Adjudicator)
		}
		return judge("judge-1")
	case dispute.MissDeadline, dispute.EndAppealWindow, dispute.ParkRemedy, dispute.RecordRemedy, dispute.Close:
		return domaintest.Scheduler()
	default:
		return domaintest.Ops()
	}
}

func (s *story) when(c dispute.Command, options ...domaintest.Option) when {
	s.t.Helper()
	s.commands++
	return s.then.When(s.facts, c, append([]domaintest.Option{by(s.usual(c))}, options...)...)
}

// do gives a command that must be taken, and is what it led to.
func (s *story) do(c dispute.Command, options ...domaintest.Option) []dispute.Event {
	s.t.Helper()
	o := s.when(c, options...).Outcome()
	require.NoError(s.t, o.Err())
	s.took(o)
	return o.Events()
}

// wants gives a command that must lead to exactly these events.
func (s *story) wants(c dispute.Command, events []dispute.Event, options ...domaintest.Option) {
	s.t.Helper()
	s.took(s.when(c, options...).Then(events...))
}

func (s *story) took(o outcome) {
	s.then, s.state = o, o.State()
}

func (s *story) refuses(c dispute.Command, kind domain.RejectionKind, rule, field string, options ...domaintest.Option) {
	s.t.Helper()
	s.then = s.when(c, options...).ThenRejected(kind, rule, field)
}

// created is the id of what the last command made in the case.
func (s *story) created(kind string) uuid.UUID {
	return domain.EntityID(domaintest.NthCommand(s.commands), stream, kind)
}

const (
	invalid   = domain.KindInvalid
	forbidden = domain.KindForbidden
	missing   = domain.KindNotFound
	conflict  = domain.KindConflict
)
