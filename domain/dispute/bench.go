package dispute

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
)

// AssignAdjudicator says who hears the case, or the appeal. Nobody does who had a hand in what is contested; an appeal is
// heard by somebody who heard nothing of the case before, and after an escalation by somebody else than the last. Whoever
// has a delegation of such a person, or gave them one, doesn't either while it is in force.
// Errors: the adjudicator hears the case already (same_adjudicator), is excluded (adjudicator_excluded) or heard the case
// before (adjudicator_heard_before).
type AssignAdjudicator struct {
	Adjudicator string `json:"adjudicator"` // an actor's id
	Reason      string `json:"reason,omitempty"`
}

func (AssignAdjudicator) roles() []domain.Role { return officeRoles() }

func (AssignAdjudicator) in() []Status { return []Status{StatusOpen, StatusAppealed} }

func (c AssignAdjudicator) decide(s *State, _ domain.Header, f Facts) ([]Event, error) {
	if err := domain.FirstOf(
		domain.AdmitText("adjudicator", c.Adjudicator, MaxName),
		domain.AdmitOptionalText("reason", c.Reason, MaxReason),
		s.mayJudge("adjudicator", f, c.Adjudicator),
	); err != nil {
		return nil, err
	}
	switch {
	case s.Adjudicator == c.Adjudicator:
		return nil, domain.Refuse("same_adjudicator", "adjudicator", "%s hears the case already", c.Adjudicator)
	case len(s.Assignments) >= MaxAssignments:
		return nil, domain.Refuse("too_many", "", "at most %d assignments", MaxAssignments)
	}
	return []Event{AdjudicatorAssigned{Level: s.Level, Adjudicator: c.Adjudicator, Reason: c.Reason}}, nil
}

// mayJudge refuses whoever may not hear the case, and whoever is joined with such a person by a delegation in force now.
func (c *Case) mayJudge(field string, f Facts, actors ...string) error {
	for _, id := range actors {
		if err := c.mayHear(field, f, id); err != nil {
			return err
		}
	}
	for _, d := range f.Delegations {
		if !d.Involves(actors...) {
			continue
		}
		for _, id := range []string{d.From, d.To} {
			if r := domain.AsRejection(c.mayHear(field, f, id)); r != nil {
				return domain.Refuse(r.Rule, field, "by %s: %s", d, r.Detail)
			}
		}
	}
	return nil
}

// mayHear refuses whoever had a hand in what is contested, before the case was opened or since, spoke for a party in the
// case, or heard the case below.
func (c *Case) mayHear(field string, f Facts, actor string) error {
	if actor == "" {
		return nil
	}
	if because, had := c.hadAHand(actor, f); had {
		return domain.Refuse("adjudicator_excluded", field, "%s had a hand in it: %s@%d", actor, because.Stream, because.Revision)
	}
	if c.spoke(actor) {
		return domain.Refuse("adjudicator_excluded", field, "%s spoke for a party in the case", actor)
	}
	for _, before := range c.Assignments {
		below := before.Level != c.Level || before.Appeal != (c.Status == StatusAppealed)
		if below && before.Adjudicator == actor {
			return domain.Refuse("adjudicator_heard_before", field, "%s heard the case as %s", actor, before.Level)
		}
	}
	return nil
}

// hadAHand reports whether the actor recorded anything in the disputed streams, or opened the case, and what.
func (c *Case) hadAHand(actor string, f Facts) (because EventRef, had bool) {
	for _, known := range [][]Excluded{c.ExcludedActors, f.Hands} {
		if at := slices.IndexFunc(known, func(x Excluded) bool { return x.Actor == actor }); at >= 0 {
			return known[at].BecauseOf, true
		}
	}
	return because, false
}

// heardFrom notes who speaks for a party: they answer, show evidence, offer or take a settlement, appeal or don't.
func (c *Case) heardFrom(e Event, a domain.Actor) {
	switch e.(type) {
	case ResponseFiled, EvidenceSubmitted, SettlementProposed, SettlementAccepted, Appealed, AppealWaived, Withdrawn:
	default:
		return
	}
	for _, id := range a.Hands() {
		if !c.spoke(id) {
			c.spoken = append(c.spoken, id)
		}
	}
}

// spoke reports whether the actor spoke for a party in the case.
func (c *Case) spoke(actor string) bool { return slices.Contains(c.spoken, actor) }

// hears refuses everybody but the adjudicator of the case as it is now: a party's people, and whoever mayn't judge by now,
// also through whom they act for.
func (c *Case) hears(h domain.Header, f Facts, action string) error {
	a := h.Actor
	switch {
	case a.Kind == domain.Reactor:
		return domain.Forbid("adjudicator_only", "%s: people judge, no reactor does", action)
	case a.PartnerID != uuid.Nil && c.IsParty(a.PartnerID):
		return domain.Forbid("party_cannot_judge", "%s: a party can't judge its own case", action)
	case a.PartnerID != uuid.Nil && slices.Contains(c.ExcludedPartners, a.PartnerID):
		return domain.Forbid("party_cannot_judge", "%s: a partner above or below a party can't judge the case", action)
	case a.ID != c.Adjudicator:
		return domain.Forbid("not_the_adjudicator", "%s: another hears the case", action)
	}
	if r := domain.AsRejection(c.mayJudge("", f, a.Hands()...)); r != nil {
		return domain.Forbid(r.Rule, "%s: %s", action, r.Detail)
	}
	return nil
}

// Escalate takes the case to the next level before its time: where the level can't judge it. The time for the ruling begins
// anew.
// Errors: no level is above (top_level).
type Escalate struct {
	Reason string `json:"reason"`
}

func (Escalate) roles() []domain.Role { return append(officeRoles(), domain.Adjudicator) }

func (Escalate) in() []Status { return []Status{StatusOpen} }

func (c Escalate) decide(s *State, h domain.Header, f Facts) ([]Event, error) {
	if err := domain.AdmitText("reason", c.Reason, MaxReason); err != nil {
		return nil, err
	}
	if !h.Actor.Is(officeRoles()...) {
		if err := s.hears(h, f, "Escalate"); err != nil {
			return nil, err
		}
	}
	if s.Terms.Above(s.Level) == "" {
		return nil, domain.Refuse("top_level", "", "no level is above %s", s.Level)
	}
	return []Event{s.escalated(h, f, c.Reason)}, nil
}

func (c *Case) escalated(h domain.Header, f Facts, reason string) Escalated {
	return Escalated{From: c.Level, To: c.Terms.Above(c.Level), Reason: reason, RulingDue: c.Terms.RulingDue(h.Now, f.zone())}
}

// MissDeadline records that something due wasn't there. The scheduler gives it, effective when it was due. Without a
// response the case goes on without; without a ruling it goes one level up, as long as there is one. Where nothing of the
// sort was due then, nothing is recorded.
type MissDeadline struct {
	Which Deadline `json:"which"`
}

func (MissDeadline) roles() []domain.Role { return reactorRoles() }

func (MissDeadline) in() []Status { return []Status{StatusOpen, StatusAppealed} }

func (MissDeadline) scheduled() {}

func (c MissDeadline) decide(s *State, h domain.Header, f Facts) ([]Event, error) {
	due := func(at time.Time) bool { return !at.IsZero() && h.EffectiveAt.Equal(at) }
	switch {
	case c.Which == DeadlineResponse && s.Status == StatusOpen && due(s.ResponseDue):
		return []Event{DeadlineMissed{Which: c.Which, Due: s.ResponseDue, Parties: s.Unanswered()}}, nil
	case c.Which == DeadlineRuling && s.Status == StatusOpen && due(s.RulingDue):
		missed := DeadlineMissed{Which: c.Which, Due: s.RulingDue, Level: s.Level}
		if s.Terms.Above(s.Level) == "" {
			return []Event{missed}, nil
		}
		return []Event{missed, s.escalated(h, f, "no ruling by "+stamp(s.RulingDue))}, nil
	case c.Which == DeadlineAppeal && s.Status == StatusAppealed && due(s.RulingDue):
		return []Event{DeadlineMissed{Which: c.Which, Due: s.RulingDue, Level: s.Level}}, nil
	}
	return nil, nil
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }
