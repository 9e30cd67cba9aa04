package dispute

import (
	"fmt"
	"slices"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
)

// Verdict is what an adjudicator decides, as it comes in.
type Verdict struct {
	Outcome   Outcome     `json:"outcome"`
	Remedies  []Remedy    `json:"remedies,omitempty"`
	Rationale string      `json:"rationale"`
	Cites     []EventRef  `json:"cites"`              // at least one; of the case, or shown in evidence
	RestsOn   []uuid.UUID `json:"rests_on,omitempty"` // evidence; the losing side has seen each, in full or as a summary
	Policy    string      `json:"policy"`             // kind@version, in force at the disputed moment
}

// decision checks the verdict, and adds the agreements in force at the disputed moment.
func (v Verdict) decision(s *State, h domain.Header, f Facts) (d Decision, err error) {
	if err := domain.FirstOf(
		domain.AdmitOneOf("outcome", v.Outcome, Rulings()...),
		domain.AdmitText("rationale", v.Rationale, MaxText),
		v.checkCites(s, f),
		v.checkPolicy(f),
		v.checkEvidence(s),
	); err != nil {
		return d, err
	}
	if v.Outcome == OutcomeDenied && len(v.Remedies) > 0 {
		return d, domain.Invalid("remedies", "a dispute that is denied has none")
	}
	remedies, err := s.ordered(h, f, "remedies", v.Remedies)
	if err != nil {
		return d, err
	}
	return Decision{
		Outcome: v.Outcome, Remedies: remedies, Rationale: v.Rationale, Cites: v.Cites, RestsOn: slices.Concat(v.RestsOn),
		Policy: v.Policy, Agreements: slices.Concat(f.Agreements),
	}, nil
}

func (v Verdict) checkCites(s *State, f Facts) error {
	if len(v.Cites) == 0 {
		return domain.Invalid("cites", "a ruling cites at least one event")
	}
	if err := f.checkEvents("cites", v.Cites); err != nil {
		return err
	}
	for i, ref := range v.Cites {
		if !s.onRecord(ref, v.Outcome) {
			return domain.Refuse("not_on_record", fmt.Sprintf("cites[%d]", i),
				"%s@%d is no part of the case: the losing side has to see it in evidence first", ref.Stream, ref.Revision)
		}
	}
	return nil
}

// onRecord holds that nobody loses by a stream that they never looked into: an event may be cited of what is contested, of
// the case itself, of the program and of the parties' standing, which everybody in the case is told of, and whatever a piece of
// evidence shows that the losers saw.
func (c *Case) onRecord(ref EventRef, o Outcome) bool {
	category, id, _ := domain.ParseStream(ref.Stream)
	switch {
	case ref.Stream == c.Subject.Stream, slices.Contains(c.Streams, ref.Stream), category == Category && id == c.ID, category == "program",
		category == "partner" && c.IsParty(id):
		return true
	}
	return slices.ContainsFunc(c.Evidence, func(e Evidence) bool {
		unseen := func(loser Party) bool { return !e.SeenBy(loser) }
		return slices.Contains(e.EventRefs, ref) && e.Sealing != SealingIsRefused && !slices.ContainsFunc(c.losers(o), unseen)
	})
}

func (v Verdict) checkPolicy(f Facts) error {
	if slices.Contains(f.Policies, v.Policy) {
		return nil
	}
	return domain.Refuse("policy_not_in_force", "policy", "want a policy that was in force at the disputed moment: %v", f.Policies)
}

// checkEvidence holds that nobody loses by what they never saw.
func (v Verdict) checkEvidence(s *State) error {
	for i, id := range v.RestsOn {
		path := fmt.Sprintf("rests_on[%d]", i)
		x := s.evidence(id)
		switch {
		case x == nil:
			return domain.NotFound("evidence_unknown", path, "the case has no evidence %s", id)
		case slices.Contains(v.RestsOn[:i], id):
			return domain.Invalid(path, "the evidence is there already")
		case x.Sealing == SealingIsRefused:
			return domain.Refuse("evidence_set_aside", path, "the evidence was set aside")
		}
		for _, loser := range s.losers(v.Outcome) {
			if !x.SeenBy(loser) {
				return domain.Refuse("evidence_unseen", path, "the losing side saw neither the evidence nor a summary: decide on its sealing first")
			}
		}
	}
	return nil
}

// IssueRuling decides the case. It may be appealed; what it orders waits until that time is over, but for what is at once.
// Errors: the actor doesn't hear the case; a field is wrong; it cites nothing, an event that isn't there, or one that is no part
// of the case (not_on_record); it rests on evidence that the losing side never saw (evidence_unseen) or that was set aside; the
// policy wasn't in force then.
type IssueRuling Verdict

func (IssueRuling) roles() []domain.Role { return judgeRoles() }

func (IssueRuling) in() []Status { return []Status{StatusOpen} }

func (c IssueRuling) decide(s *State, h domain.Header, f Facts) ([]Event, error) {
	if err := s.hears(h, f, "IssueRuling"); err != nil {
		return nil, err
	}
	if len(s.Unanswered()) > 0 && !s.ResponseDue.IsZero() && h.Now.Before(s.ResponseDue) {
		return nil, domain.Refuse("response_awaited", "", "not every respondent has answered, and the time for it runs until %s", stamp(s.ResponseDue))
	}
	d, err := Verdict(c).decision(s, h, f)
	if err != nil {
		return nil, err
	}
	return []Event{RulingIssued{Decision: d, Level: s.Level, AppealUntil: s.Terms.AppealUntil(h.Now, f.zone())}}, nil
}

// FileAppeal asks the appeal's level to decide again, once. Only a party that lost something may.
// Errors: the time is over (appeal_too_late); the party waived it (appeal_waived) or lost nothing (nothing_lost).
type FileAppeal struct {
	Grounds string `json:"grounds"`
}

func (FileAppeal) roles() []domain.Role { return bindingRoles() }

func (FileAppeal) in() []Status { return []Status{StatusRuled} }

func (c FileAppeal) decide(s *State, h domain.Header, f Facts) ([]Event, error) {
	by, err := s.party(h, "FileAppeal")
	if err != nil {
		return nil, err
	}
	switch {
	case slices.Contains(s.Waived, by):
		return nil, domain.Refuse("appeal_waived", "", "the party waived its appeal")
	case !slices.Contains(s.losers(s.Ruling.Outcome), by):
		return nil, domain.Refuse("nothing_lost", "", "the case was %s: the party lost nothing", s.Ruling.Outcome)
	case !h.Now.Before(s.AppealUntil):
		return nil, domain.Refuse("appeal_too_late", "", "an appeal could be filed until %s", stamp(s.AppealUntil))
	}
	if err := domain.AdmitText("grounds", c.Grounds, MaxText); err != nil {
		return nil, err
	}
	return []Event{Appealed{
		By: by, Grounds: c.Grounds, Level: s.Terms.AppealLevel(), RulingDue: s.Terms.RulingDue(h.Now, f.zone()),
	}}, nil
}

// WaiveAppeal takes the ruling as it is. Once every party did, it is final.
// Errors: the party waived already.
type WaiveAppeal struct{}

func (WaiveAppeal) roles() []domain.Role { return bindingRoles() }

func (WaiveAppeal) in() []Status { return []Status{StatusRuled} }

func (WaiveAppeal) decide(s *State, h domain.Header, _ Facts) ([]Event, error) {
	by, err := s.party(h, "WaiveAppeal")
	if err != nil {
		return nil, err
	}
	if slices.Contains(s.Waived, by) {
		return nil, domain.Refuse("appeal_waived", "", "the party waived already")
	}
	events := []Event{AppealWaived{By: by}}
	if len(s.Waived)+1 == len(s.Parties()) {
		events = append(events, s.final(s.Outcome, FinalByWaiver, nil, false))
	}
	return events, nil
}

// EndAppealWindow makes the ruling final that nobody appealed. The scheduler gives it, effective when the time ended; where
// no time ends then, nothing is recorded.
type EndAppealWindow struct{}

func (EndAppealWindow) roles() []domain.Role { return reactorRoles() }

func (EndAppealWindow) in() []Status { return []Status{StatusRuled} }

func (EndAppealWindow) scheduled() {}

func (EndAppealWindow) decide(s *State, h domain.Header, _ Facts) ([]Event, error) {
	if !h.EffectiveAt.Equal(s.AppealUntil) {
		return nil, nil
	}
	return []Event{s.final(s.Outcome, FinalByTime, nil, false)}, nil
}

// RuleOnAppeal decides the appeal, and with it the case. Confirming, it repeats the ruling's outcome and orders nothing: the
// ruling's own remedies stand. Otherwise its remedies take their place, and what was carried out is taken back.
// Errors: as of IssueRuling; it confirms with another outcome or with remedies.
type RuleOnAppeal struct {
	Confirms  bool        `json:"confirms,omitempty"`
	Outcome   Outcome     `json:"outcome"`
	Remedies  []Remedy    `json:"remedies,omitempty"`
	Rationale string      `json:"rationale"`
	Cites     []EventRef  `json:"cites"` // as of Verdict, like the rest
	RestsOn   []uuid.UUID `json:"rests_on,omitempty"`
	Policy    string      `json:"policy"`
}

func (c RuleOnAppeal) verdict() Verdict {
	return Verdict{
		Outcome: c.Outcome, Remedies: c.Remedies, Rationale: c.Rationale, Cites: c.Cites, RestsOn: c.RestsOn, Policy: c.Policy,
	}
}

func (RuleOnAppeal) roles() []domain.Role { return judgeRoles() }

func (RuleOnAppeal) in() []Status { return []Status{StatusAppealed} }

func (c RuleOnAppeal) decide(s *State, h domain.Header, f Facts) ([]Event, error) {
	if err := s.hears(h, f, "RuleOnAppeal"); err != nil {
		return nil, err
	}
	d, err := c.verdict().decision(s, h, f)
	switch {
	case err != nil:
		return nil, err
	case c.Confirms && d.Outcome != s.Ruling.Outcome:
		return nil, domain.Invalid("outcome", "the ruling that it confirms is %s", s.Ruling.Outcome)
	case c.Confirms && len(d.Remedies) > 0:
		return nil, domain.Invalid("remedies", "those of the ruling stand: leave them out")
	}
	return []Event{
		AppealRuled{Decision: d, Confirms: c.Confirms, Level: s.Level},
		s.final(d.Outcome, FinalByAppeal, d.Remedies, !c.Confirms),
	}, nil
}

// final is the event that makes the case final. With replaced, further remedies take the place of those that stand.
func (c *Case) final(outcome Outcome, because FinalReason, further []Remedy, replaced bool) BecameFinal {
	e := BecameFinal{Outcome: outcome, Because: because}
	for _, r := range c.Remedies {
		stands := r.Stands && !replaced
		switch {
		case stands && r.Applied == nil:
			e.CarryOut = append(e.CarryOut, r.RemedyID)
		case !stands && r.carried():
			e.TakeBack = append(e.TakeBack, r.RemedyID)
		}
	}
	for _, r := range further {
		e.CarryOut = append(e.CarryOut, r.RemedyID)
	}
	return e
}
