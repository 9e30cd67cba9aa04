package dispute

import (
	"slices"
	"time"

	"github.com/channelledger/channelledger/domain"
)

func (e Opened) apply(c *Case, env domain.Envelope) {
	*c = Case{
		ID: e.DisputeID, Kind: e.Kind, Status: StatusOpen, Subject: e.Subject, Streams: e.Streams, Claimant: e.Claimant,
		Respondents: e.Respondents, RemedySought: e.RemedySought, Statement: e.Statement, LateReason: e.LateReason,
		ExcludedActors: e.ExcludedActors, ExcludedPartners: e.ExcludedPartners, Policy: e.Policy, Terms: e.Terms,
		Level: e.Level, ResponseDue: e.ResponseDue, RulingDue: e.RulingDue, Opened: domain.StepOf(env, ""),
	}
}

func (e Acknowledged) apply(c *Case, env domain.Envelope) {
	c.Acknowledged = domain.StepOf(env, e.Note)
}

func (e ResponseFiled) apply(c *Case, env domain.Envelope) {
	c.Responses = append(c.Responses, Response{ResponseFiled: e, Step: domain.StepOf(env, "")})
	if len(c.Unanswered()) == 0 {
		c.ResponseDue = time.Time{}
	}
}

func (e EvidenceSubmitted) apply(c *Case, env domain.Envelope) {
	sealing := Sealing("")
	if e.Visibility == VisibleToAdjudicator {
		sealing = SealingIsAsked
	}
	c.Evidence = append(c.Evidence, Evidence{EvidenceSubmitted: e, Sealing: sealing, Submitted: domain.StepOf(env, "")})
}

func (e SealingGranted) apply(c *Case, env domain.Envelope) {
	if x := c.evidence(e.EvidenceID); x != nil {
		x.Sealing, x.Summary, x.Decided = SealingIsGranted, e.Summary, domain.StepOf(env, e.Reason)
	}
}

func (e SealingRefused) apply(c *Case, env domain.Envelope) {
	if x := c.evidence(e.EvidenceID); x != nil {
		x.Sealing, x.Decided = SealingIsRefused, domain.StepOf(env, e.Reason)
	}
}

func (e AdjudicatorAssigned) apply(c *Case, env domain.Envelope) {
	c.Adjudicator = e.Adjudicator
	c.Assignments = append(c.Assignments, Assignment{
		Level: e.Level, Adjudicator: e.Adjudicator, Appeal: c.Status == StatusAppealed, Step: domain.StepOf(env, e.Reason),
	})
}

func (e Escalated) apply(c *Case, _ domain.Envelope) {
	c.Level, c.Adjudicator, c.RulingDue = e.To, "", e.RulingDue
	c.Escalations++
}

func (e DeadlineMissed) apply(c *Case, env domain.Envelope) {
	c.Missed = append(c.Missed, MissedDeadline{DeadlineMissed: e, Step: domain.StepOf(env, "")})
	switch e.Which {
	case DeadlineResponse:
		c.ResponseDue = time.Time{}
	case DeadlineRuling, DeadlineAppeal:
		c.RulingDue = time.Time{}
	}
}

func (e RulingIssued) apply(c *Case, env domain.Envelope) {
	c.Status, c.Outcome, c.AppealUntil = StatusRuled, e.Outcome, e.AppealUntil
	c.ResponseDue, c.RulingDue = time.Time{}, time.Time{}
	c.Ruling = &Ruling{Decision: e.Decision, Level: e.Level, Step: domain.StepOf(env, "")}
	c.order(e.Remedies)
}

func (e Appealed) apply(c *Case, env domain.Envelope) {
	c.Status, c.Level, c.Adjudicator = StatusAppealed, e.Level, ""
	c.RulingDue, c.AppealUntil = e.RulingDue, time.Time{}
	c.Appeal = &Appeal{Appealed: e, Filed: domain.StepOf(env, "")}
}

func (e AppealWaived) apply(c *Case, _ domain.Envelope) { c.Waived = append(c.Waived, e.By) }

func (e AppealRuled) apply(c *Case, env domain.Envelope) {
	c.RulingDue = time.Time{}
	if c.Appeal != nil {
		c.Appeal.Confirms = e.Confirms
		c.Appeal.Ruling = &Ruling{Decision: e.Decision, Level: e.Level, Step: domain.StepOf(env, "")}
	}
	if !e.Confirms {
		c.Outcome = e.Outcome
		c.order(e.Remedies)
	}
}

func (e SettlementProposed) apply(c *Case, env domain.Envelope) {
	c.Settlement = &Settlement{SettlementProposed: e, Proposed: domain.StepOf(env, "")}
}

func (e SettlementAccepted) apply(c *Case, _ domain.Envelope) {
	if c.Settlement != nil && c.Settlement.SettlementID == e.SettlementID {
		c.Settlement.Accepted = append(c.Settlement.Accepted, e.By)
	}
}

// A withdrawal says what was given up; the event that makes the case final, behind it, says what follows.
func (e Withdrawn) apply(*Case, domain.Envelope) {}

func (e BecameFinal) apply(c *Case, env domain.Envelope) {
	c.Status, c.Outcome, c.Final, c.FinalBecause = StatusFinal, e.Outcome, domain.StepOf(env, ""), e.Because
	c.ResponseDue, c.RulingDue, c.AppealUntil = time.Time{}, time.Time{}, time.Time{}
	if e.Because == FinalBySettlement && c.Settlement != nil {
		c.order(c.Settlement.Terms)
	}
}

func (e RemedyApplied) apply(c *Case, env domain.Envelope) {
	r := c.Remedy(e.RemedyID)
	if r == nil {
		return
	}
	carried := &Carried{Event: e.Event, Note: e.Note, Step: domain.StepOf(env, "")}
	r.Missing, r.RetryAt = "", time.Time{}
	if e.Undone {
		r.Status, r.Undone = RemedyIsUndone, carried
		return
	}
	r.Status, r.Applied = RemedyIsApplied, carried
}

func (e RemedyParked) apply(c *Case, _ domain.Envelope) {
	if r := c.Remedy(e.RemedyID); r != nil {
		r.Status, r.Missing, r.RetryAt, r.Attempts = RemedyIsParked, e.Missing, e.RetryAt, e.Attempt
	}
}

func (e RemedyRetried) apply(c *Case, env domain.Envelope) {
	if r := c.Remedy(e.RemedyID); r != nil {
		r.RetryAt = env.EffectiveAt
	}
}

func (e Closed) apply(c *Case, env domain.Envelope) {
	c.Status, c.Closed = StatusClosed, domain.StepOf(env, e.Reason)
}

// order lets these remedies stand, and no others.
func (c *Case) order(remedies []Remedy) {
	c.Remedies = slices.Clone(c.Remedies)
	for i := range c.Remedies {
		c.Remedies[i].Stands = false
	}
	for _, r := range remedies {
		c.Remedies = append(c.Remedies, RemedyInProgress{Remedy: r, Status: RemedyIsOrdered, Stands: true})
	}
}
