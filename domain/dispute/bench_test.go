package dispute_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/dispute"
	"github.com/channelledger/channelledger/domain/domaintest"
)

func delegation(from, to string) domain.Delegation {
	return domain.Delegation{ID: domain.DeriveID("delegation", from, to), From: from, To: to}
}

// excludedBy are the ways in which somebody comes to have no place on the bench, by what the facts say of them.
func excludedBy(id string) map[string]func(*dispute.Facts) {
	desk, answered := domaintest.Desk().ID, domaintest.Admin(north).ID
	between := func(from, to string) func(*dispute.Facts) {
		return func(f *dispute.Facts) {
			f.Delegations = []domain.Delegation{delegation("eve", "mallory"), delegation(from, to)}
		}
	}
	return map[string]func(*dispute.Facts){
		"a hand since the opening":            func(f *dispute.Facts) { f.Hands = []dispute.Excluded{{Actor: id, BecauseOf: ref("won", 7)}} },
		"a delegate of who approved":          between(desk, id),
		"who approved is the delegate":        between(id, desk),
		"a delegate of who spoke for a party": between(answered, id),
		"a delegate of a hand since the opening": func(f *dispute.Facts) {
			f.Hands = []dispute.Excluded{{Actor: "carol", BecauseOf: ref("won", 7)}}
			f.Delegations = []domain.Delegation{delegation("carol", id)}
		},
	}
}

func TestNoneOfThemIsAssigned(t *testing.T) {
	t.Parallel()
	for name, change := range excludedBy("judge-1") {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := opened(t)
			s.do(dispute.FileResponse{Statement: "no, we were"})
			change(&s.facts)
			s.refuses(dispute.AssignAdjudicator{Adjudicator: "judge-1"}, conflict, "adjudicator_excluded", "adjudicator")
			s.do(dispute.AssignAdjudicator{Adjudicator: "judge-2"})
		})
	}
}

// Whoever was free when they were assigned may not be so any more when they judge.
func TestNoneOfThemJudges(t *testing.T) {
	t.Parallel()
	for name, change := range excludedBy("judge-1") {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := heard(t)
			s.do(secret())
			id, free := s.created("evidence"), s.facts
			change(&s.facts)
			for _, c := range []dispute.Command{
				dispute.GrantSealing{EvidenceID: id, Reason: "prices", Summary: "an offer"},
				dispute.RefuseSealing{EvidenceID: id, Reason: "no secret in it"},
				ruling(dispute.OutcomeUpheld),
			} {
				s.refuses(c, forbidden, "adjudicator_excluded", "")
			}
			up := dispute.Escalate{Reason: "the channel manager knows both"}
			s.refuses(up, forbidden, "adjudicator_excluded", "", by(judge("judge-1")))
			s.do(dispute.AssignAdjudicator{Adjudicator: "judge-2"})
			s.do(ruling(dispute.OutcomeUpheld))

			over := heard(t)
			change(&over.facts)
			over.do(up) // the office takes the case further
			over = heard(t)
			over.facts = free
			over.do(ruling(dispute.OutcomeUpheld)) // and once the delegation is over, nothing is in the way
		})
	}
}

func TestNoneOfThemRulesOnTheAppeal(t *testing.T) {
	t.Parallel()
	for name, change := range excludedBy("judge-2") {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := appealed(t)
			change(&s.facts)
			s.refuses(appealRuling(true, dispute.OutcomeUpheld), forbidden, "adjudicator_excluded", "")
		})
	}
	s := appealed(t)
	s.facts.Delegations = []domain.Delegation{delegation("judge-1", "judge-2")}
	s.refuses(appealRuling(true, dispute.OutcomeUpheld), forbidden, "adjudicator_heard_before", "")
	s.refuses(dispute.AssignAdjudicator{Adjudicator: "judge-2"}, conflict, "adjudicator_heard_before", "adjudicator")
}

// Each way to speak for a side counts, also what another offer took the place of.
func TestWhoeverSpokeForASideIsNotAssigned(t *testing.T) {
	t.Parallel()
	assign := func(id string) dispute.AssignAdjudicator { return dispute.AssignAdjudicator{Adjudicator: id} }
	someone := func(id string) domain.Actor {
		a := domaintest.Admin(south)
		a.ID, a.OnBehalfOf = id, "who sent "+id
		return a
	}
	s := ruled(t, dispute.OutcomeDenied)
	s.do(dispute.ProposeSettlement{Text: "we share"}, by(someone("first")))
	s.do(dispute.ProposeSettlement{Text: "we share otherwise"}, by(someone("second")))
	s.do(dispute.WaiveAppeal{}, by(domaintest.Another(domaintest.Admin(north))))
	s.do(dispute.FileAppeal{Grounds: "we were first"}, by(someone("third")))
	s.do(dispute.SubmitEvidence{Name: "a", SHA256: sha, Size: 1}, by(someone("fourth")))
	for _, id := range []string{"first", "who sent first", "second", "third", "fourth", domaintest.Another(domaintest.Admin(north)).ID} {
		s.refuses(assign(id), conflict, "adjudicator_excluded", "adjudicator")
	}
	s.do(assign("judge-2"))
}

// Whom a delegate acts for judges with them: neither has a hand in the case, nor anybody between whom and them a delegation is.
func TestWhomADelegateActsForJudgesToo(t *testing.T) {
	t.Parallel()
	s := heard(t)
	a := judge("judge-1")
	a.OnBehalfOf = "carol"
	s.facts.Delegations = []domain.Delegation{delegation("carol", "judge-1"), delegation("carol", domaintest.Desk().ID)}
	s.refuses(ruling(dispute.OutcomeUpheld), forbidden, "adjudicator_excluded", "", by(a))
	s.facts.Delegations = s.facts.Delegations[:1]
	s.do(ruling(dispute.OutcomeUpheld), by(a))
}

func TestARefusalNamesTheDelegation(t *testing.T) {
	t.Parallel()
	s := opened(t)
	s.facts.Delegations = []domain.Delegation{delegation(domaintest.Desk().ID, "judge-1")}
	err := s.when(dispute.AssignAdjudicator{Adjudicator: "judge-1"}).Outcome().Err()
	require.ErrorContains(t, err, s.facts.Delegations[0].ID.String())
	require.ErrorContains(t, err, account+"@3", "and what the other had a hand in")
}

func TestJudgesOf(t *testing.T) {
	t.Parallel()
	a, office := judge("judge-1"), domaintest.Ops()
	a.OnBehalfOf = "carol"
	both := []string{"judge-1", "carol"}
	assert.Equal(t, []string{"judge-2"}, dispute.JudgesOf(dispute.AssignAdjudicator{Adjudicator: "judge-2"}, office))
	assert.Equal(t, both, dispute.JudgesOf(dispute.Escalate{}, a))
	assert.Empty(t, dispute.JudgesOf(dispute.Escalate{}, office), "the office doesn't judge")
	for _, c := range []dispute.Command{dispute.GrantSealing{}, dispute.RefuseSealing{}, dispute.IssueRuling{}, dispute.RuleOnAppeal{}} {
		assert.Equal(t, both, dispute.JudgesOf(c, a), "%T", c)
	}
	assert.Empty(t, dispute.JudgesOf(dispute.Acknowledge{}, a))
}
