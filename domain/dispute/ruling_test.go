package dispute_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/dispute"
	"github.com/channelledger/channelledger/domain/domaintest"
)

func TestWhoeverHadAHandInItCantJudge(t *testing.T) {
	t.Parallel()
	s := opened(t)
	assign := func(id string) dispute.AssignAdjudicator { return dispute.AssignAdjudicator{Adjudicator: id} }
	s.refuses(assign(""), invalid, "invalid_field", "adjudicator")
	s.refuses(assign(domaintest.Desk().ID), conflict, "adjudicator_excluded", "adjudicator")       // approved the deal
	s.refuses(assign(domaintest.Admin(south).ID), conflict, "adjudicator_excluded", "adjudicator") // opened the dispute
	s.do(dispute.FileResponse{Statement: "no"}, by(domaintest.Seller(north)))
	s.refuses(assign(domaintest.Seller(north).ID), conflict, "adjudicator_excluded", "adjudicator") // speaks for a party
	s.refuses(assign("judge-1"), forbidden, "role", "", by(domaintest.Admin(north)))
	s.do(assign("judge-1"))
	s.refuses(assign("judge-1"), conflict, "same_adjudicator", "adjudicator")

	c := ruling(dispute.OutcomeUpheld)
	s.refuses(c, forbidden, "role", "", by(domaintest.Admin(south)))
	s.refuses(c, forbidden, "role", "", by(domaintest.Ops()))
	s.refuses(c, forbidden, "adjudicator_only", "", by(domaintest.Scheduler()))
	s.refuses(c, forbidden, "not_the_adjudicator", "", by(judge("judge-2")))
	delegate := judge("judge-1")
	delegate.OnBehalfOf = domaintest.Desk().ID
	s.refuses(c, forbidden, "adjudicator_excluded", "", by(delegate))
	for _, partner := range []uuid.UUID{north, south, parent} {
		of := judge("judge-1")
		of.PartnerID = partner
		s.refuses(c, forbidden, "party_cannot_judge", "", by(of))
	}
	s.do(c)
}

func TestWhoeverHearsTheCaseSpeaksForNobody(t *testing.T) {
	t.Parallel()
	s := newStory(t)
	c := opening()
	c.Respondents = nil
	s.do(c)
	both := domaintest.Ops()
	both.ID, both.Roles = "judge-1", []domain.Role{domain.PartnerOps, domain.Adjudicator}
	s.do(dispute.AssignAdjudicator{Adjudicator: both.ID})
	s.refuses(dispute.FileResponse{Statement: "x"}, forbidden, "adjudicator_is_no_party", "", by(both))
}

// An id doesn't say whose it is: who was to hear the case, and turns out to be of a party, hears nothing and sees no paper.
func TestAPartysPersonNeverHearsTheCase(t *testing.T) {
	t.Parallel()
	s := opened(t)
	s.do(dispute.AssignAdjudicator{Adjudicator: "judge-1"})
	for _, of := range []uuid.UUID{north, south, parent} {
		theirs := judge("judge-1")
		theirs.PartnerID = of
		assert.False(t, s.state.Heard(theirs))
		assert.False(t, s.state.SeesAll(theirs))
	}
	assert.True(t, s.state.SeesAll(judge("judge-1")))
}

func TestARulingNamesWhatItRestsOn(t *testing.T) {
	t.Parallel()
	s := heard(t)
	for field, change := range map[string]func(*dispute.IssueRuling){
		"outcome":   func(c *dispute.IssueRuling) { c.Outcome = dispute.OutcomeSettled },
		"rationale": func(c *dispute.IssueRuling) { c.Rationale = "" },
		"cites":     func(c *dispute.IssueRuling) { c.Cites = nil },
		"cites[1]":  func(c *dispute.IssueRuling) { c.Cites = append(c.Cites, c.Cites[0]) },
	} {
		c := ruling(dispute.OutcomeUpheld)
		change(&c)
		s.refuses(c, invalid, "invalid_field", field)
	}
	c := ruling(dispute.OutcomeUpheld)
	c.Cites = append(c.Cites, ref("dream", 9))
	s.refuses(c, missing, "event_unknown", "cites[1]")
	c = ruling(dispute.OutcomeUpheld)
	c.Policy = "conflict@2"
	s.refuses(c, conflict, "policy_not_in_force", "policy")
	s.refuses(ruling(dispute.OutcomeDenied, reassign()), invalid, "invalid_field", "remedies")

	remedy := reassign()
	remedy.RemedyID = domain.EntityID(domaintest.NthCommand(s.commands+1), stream, "remedy 0")
	s.wants(ruling(dispute.OutcomeUpheld, reassign()), []dispute.Event{dispute.RulingIssued{
		Decision: dispute.Decision{
			Outcome: dispute.OutcomeUpheld, Remedies: []dispute.Remedy{remedy}, Rationale: "the register shows it",
			Cites: []dispute.EventRef{ref("registered", 1)}, Policy: "conflict@1", Agreements: s.facts.Agreements,
		},
		Level: "channel_manager", AppealUntil: time.Date(2026, time.March, 18, 0, 0, 0, 0, time.UTC),
	}})
}

// Nobody loses by what they had no chance to look into: another's stream has to be shown in evidence first, to them.
func TestARulingCitesWhatIsOnRecord(t *testing.T) {
	t.Parallel()
	elsewhere := dispute.EventRef{Stream: domain.StreamName("rebate", parent), Revision: 4, EventID: domain.DeriveID("event", "paid")}
	cites := func(outcome dispute.Outcome, refs ...dispute.EventRef) dispute.IssueRuling {
		c := ruling(outcome)
		c.Cites = append(c.Cites, refs...)
		return c
	}
	s := heard(t)
	s.facts.Found[elsewhere.EventID] = "rebate.paid.v1"
	s.refuses(cites(dispute.OutcomeUpheld, elsewhere), conflict, "not_on_record", "cites[1]")
	s.do(dispute.SubmitEvidence{
		Name: "what they were paid", EventRefs: []dispute.EventRef{elsewhere}, Visibility: dispute.VisibleToAdjudicator, SealingReason: "ours",
	})
	paper := s.created("evidence")
	s.refuses(cites(dispute.OutcomeUpheld, elsewhere), conflict, "not_on_record", "cites[1]") // north saw nothing of it
	s.do(dispute.GrantSealing{EvidenceID: paper, Reason: "prices", Summary: "they were paid on 1 March"})

	for _, ref := range []dispute.EventRef{
		{Stream: stream, Revision: 0, EventID: domain.DeriveID("event", "opened")},
		{Stream: domain.StreamName("partner", north), Revision: 2, EventID: domain.DeriveID("event", "signed")},
		{Stream: domain.StreamName("program", north), Revision: 1, EventID: domain.DeriveID("event", "published")},
	} {
		s.facts.Found[ref.EventID] = "known"
	}
	s.do(cites(dispute.OutcomeUpheld, elsewhere,
		dispute.EventRef{Stream: stream, Revision: 0, EventID: domain.DeriveID("event", "opened")},
		dispute.EventRef{Stream: domain.StreamName("partner", north), Revision: 2, EventID: domain.DeriveID("event", "signed")},
		dispute.EventRef{Stream: domain.StreamName("program", north), Revision: 1, EventID: domain.DeriveID("event", "published")},
	))
}

func TestARulingAwaitsTheResponses(t *testing.T) {
	t.Parallel()
	s := opened(t)
	s.do(dispute.AssignAdjudicator{Adjudicator: "judge-1"})
	s.refuses(ruling(dispute.OutcomeUpheld), conflict, "response_awaited", "")
	s.do(ruling(dispute.OutcomeUpheld), at(responseDue))
}

func TestRemediesAreChecked(t *testing.T) {
	t.Parallel()
	eur := func(s string) domain.Money { return domain.Must(domain.ParseMoney(s, "EUR")) }
	rate := func(s string) domain.Rate { return domain.Must(domain.ParseRate(s)) }
	fund, rebate := "mdf_fund-"+deal.String(), "rebate-"+deal.String()
	split := func(a, b string) dispute.Remedy {
		return dispute.Remedy{Kind: dispute.RemedySplitCredit, Stream: account, DealID: deal, Shares: []dispute.Share{
			{PartnerID: north, Share: rate(a)}, {PartnerID: south, Share: rate(b)},
		}}
	}
	inDollars := func(text, source string) dispute.Remedy {
		return dispute.Remedy{
			Kind: dispute.RemedyApproveClaim, Stream: fund, ClaimID: deal, Amount: eur("10.00"), FX: dispute.FX{Rate: rate(text), Source: source},
		}
	}
	override := func(ids ...uuid.UUID) dispute.Remedy {
		return dispute.Remedy{Kind: dispute.RemedyOverrideConflicts, Stream: account, DealID: deal, FindingIDs: ids}
	}
	s := newStory(t)
	open := opening()
	open.Streams = []string{rebate, fund}
	s.facts.Streams[fund] = true
	s.do(open)
	s.do(dispute.FileResponse{Statement: "no"})
	s.do(dispute.AssignAdjudicator{Adjudicator: "judge-1"})
	for name, c := range map[string]struct {
		remedy dispute.Remedy
		field  string
	}{
		"no kind":             {dispute.Remedy{Stream: account}, "kind"},
		"no stream":           {dispute.Remedy{Kind: dispute.RemedyReassign}, "stream"},
		"another's stream":    {dispute.Remedy{Kind: dispute.RemedySetTier, Stream: account, Tier: "gold"}, "stream"},
		"no deal":             {dispute.Remedy{Kind: dispute.RemedyReassign, Stream: account, PartnerID: south}, "deal_id"},
		"no partner":          {dispute.Remedy{Kind: dispute.RemedyReassign, Stream: account, DealID: deal}, "partner_id"},
		"no seller":           {dispute.Remedy{Kind: dispute.RemedyReassign, Stream: account, DealID: deal, PartnerID: south}, "seller_id"},
		"no end":              {dispute.Remedy{Kind: dispute.RemedyReinstateProtection, Stream: account, DealID: deal}, "protected_until"},
		"shares of 0.9":       {split("0.4", "0.5"), "shares"},
		"a share of nothing":  {split("0", "1"), "shares[0].share"},
		"no claim":            {dispute.Remedy{Kind: dispute.RemedyApproveClaim, Stream: fund}, "claim_id"},
		"no amount":           {dispute.Remedy{Kind: dispute.RemedyApproveClaim, Stream: fund, ClaimID: deal}, "amount"},
		"an amount of 0":      {dispute.Remedy{Kind: dispute.RemedyAdjustAmount, Stream: rebate, Amount: eur("0.00")}, "amount"},
		"less than nothing":   {dispute.Remedy{Kind: dispute.RemedyApproveClaim, Stream: fund, ClaimID: deal, Amount: eur("-1.00")}, "amount"},
		"no claw-back":        {dispute.Remedy{Kind: dispute.RemedyUndoClawback, Stream: rebate}, "clawback_id"},
		"a claim on a rebate": {dispute.Remedy{Kind: dispute.RemedyUndoClawback, Stream: rebate, ClawbackID: deal, ClaimID: deal}, "claim_id"},
		"no tier":             {dispute.Remedy{Kind: dispute.RemedySetTier, Stream: domain.StreamName("partner", south)}, "tier"},
		"no finding":          {override(), "finding_ids"},
		"a finding twice":     {override(deal, deal), "finding_ids[1]"},
		"findings of nothing": {override(uuid.Nil), "finding_ids[0]"},
		"too many findings":   {override(make([]uuid.UUID, dispute.MaxFindings+1)...), "finding_ids"},
		"findings of a tier": {
			dispute.Remedy{Kind: dispute.RemedySetTier, Stream: domain.StreamName("partner", south), Tier: "gold", FindingIDs: []uuid.UUID{deal}},
			"finding_ids",
		},
		"an id of one's own": {
			dispute.Remedy{RemedyID: deal, Kind: dispute.RemedySetTier, Stream: domain.StreamName("partner", south), Tier: "gold"}, "remedy_id",
		},
		"money reserved for nothing": {
			dispute.Remedy{Kind: dispute.RemedyAdjustAmount, Stream: rebate, Amount: eur("1.00"), Reserve: eur("1.00")}, "reserve",
		},
		"tax on a rebate": {
			dispute.Remedy{Kind: dispute.RemedyAdjustAmount, Stream: rebate, Amount: eur("1.00"), InputTax: eur("1.00")}, "input_tax",
		},
		"tax below nought": {
			dispute.Remedy{Kind: dispute.RemedyApproveClaim, Stream: fund, ClaimID: deal, Amount: eur("1.00"), InputTax: eur("-1.00")}, "input_tax",
		},
		"a rate for a rebate": {
			dispute.Remedy{
				Kind: dispute.RemedyAdjustAmount, Stream: rebate, Amount: eur("1.00"), FX: dispute.FX{Rate: rate("1.1"), Source: "ECB"},
			}, "fx",
		},
		"a rate of nought":    {inDollars("0", "ECB"), "fx.rate"},
		"a rate below nought": {inDollars("-1.1", "ECB"), "fx.rate"},
		"a rate from nowhere": {inDollars("1.1", ""), "fx.source"},
		"a rate from afar":    {inDollars("1.1", strings.Repeat("x", dispute.MaxName+1)), "fx.source"},
	} {
		s.t.Run(name, func(*testing.T) {
			s.refuses(ruling(dispute.OutcomeUpheld, c.remedy), invalid, "invalid_field", "remedies[0]."+c.field)
		})
	}
	s.refuses(ruling(dispute.OutcomeUpheld, reassign(), reassign()), invalid, "invalid_field", "remedies[1]")
	s.refuses(ruling(dispute.OutcomeUpheld, override(north), override(south, north)), invalid, "invalid_field", "remedies[1]")
	other := reassign()
	other.Stream = domain.StreamName("account", deal)
	s.refuses(ruling(dispute.OutcomeUpheld, other), conflict, "stream_not_involved", "remedies[0].stream")
	other = reassign()
	other.PartnerID = parent
	s.refuses(ruling(dispute.OutcomeUpheld, other), conflict, "partner_not_party", "remedies[0].partner_id")
	other = split("0.5", "0.5")
	other.Shares[1].PartnerID = parent
	s.refuses(ruling(dispute.OutcomeUpheld, other), conflict, "partner_not_party", "remedies[0].shares[1].partner_id")
	tier := dispute.Remedy{Kind: dispute.RemedySetTier, Stream: domain.StreamName("partner", south), Tier: "platin"}
	s.refuses(ruling(dispute.OutcomeUpheld, tier), missing, "tier_unknown", "remedies[0].tier")
	for field, x := range map[string]struct {
		unknown uuid.UUID
		remedy  dispute.Remedy
	}{
		"deal_id": {deal, reassign()}, "seller_id": {reassign().SellerID, reassign()}, "finding_ids[1]": {south, override(north, south)},
		"claim_id": {deal, dispute.Remedy{Kind: dispute.RemedyApproveClaim, Stream: fund, ClaimID: deal, Amount: eur("10.00")}},
	} {
		s.facts.Unknown = []uuid.UUID{x.unknown}
		rule := "thing_unknown"
		if field == "seller_id" {
			rule = "seller_unknown"
		}
		s.refuses(ruling(dispute.OutcomeUpheld, x.remedy), missing, rule, "remedies[0]."+field)
	}
	s.facts.Unknown = nil
	s.do(ruling(dispute.OutcomeUpheld, split("0.4", "0.6"),
		dispute.Remedy{Kind: dispute.RemedyReinstateProtection, Stream: account, DealID: deal, ProtectedUntil: day0.AddDate(1, 0, 0)},
		dispute.Remedy{Kind: dispute.RemedyApproveClaim, Stream: fund, ClaimID: deal, Amount: eur("10.00"), Reserve: eur("10.00")},
		dispute.Remedy{
			Kind: dispute.RemedyApproveClaim, Stream: fund, ClaimID: north, Amount: eur("10.00"), InputTax: eur("1.90"),
			FX: dispute.FX{Rate: rate("1.0837"), Source: "ECB 2026-03-02"},
		},
		dispute.Remedy{Kind: dispute.RemedyUndoClawback, Stream: fund, ClaimID: deal, ClawbackID: deal},
		dispute.Remedy{Kind: dispute.RemedyAdjustAmount, Stream: rebate, Amount: eur("-10.00")},
		dispute.Remedy{Kind: dispute.RemedySetTier, Stream: domain.StreamName("partner", south), Tier: "gold"},
		override(north), override(south),
	))
}

func TestEscalate(t *testing.T) {
	t.Parallel()
	s := heard(t)
	c := dispute.Escalate{Reason: "the channel manager knows both"}
	s.refuses(dispute.Escalate{}, invalid, "invalid_field", "reason")
	s.refuses(c, forbidden, "not_the_adjudicator", "", by(judge("judge-2")))
	s.do(c, by(judge("judge-1")))
	assert.Equal(t, "partner_operations", s.state.Level)
	assert.Empty(t, s.state.Adjudicator, "another is to hear it")
	s.refuses(dispute.AssignAdjudicator{Adjudicator: "judge-1"}, conflict, "adjudicator_heard_before", "adjudicator")
	s.do(c)
	assert.Equal(t, "appeal_board", s.state.Level)
	s.refuses(c, conflict, "top_level", "")
}

func TestDeadlines(t *testing.T) {
	t.Parallel()
	s := opened(t)
	response, late := dispute.MissDeadline{Which: dispute.DeadlineResponse}, dispute.MissDeadline{Which: dispute.DeadlineRuling}
	s.refuses(response, forbidden, "role", "", by(domaintest.Ops()))
	s.wants(response, nil, at(responseDue.Add(-time.Second)))
	s.wants(late, nil, at(responseDue))
	s.wants(response, []dispute.Event{dispute.DeadlineMissed{
		Which: dispute.DeadlineResponse, Due: responseDue, Parties: []dispute.Party{party(north)},
	}}, at(responseDue))
	s.wants(response, nil, at(responseDue))
	s.do(dispute.FileResponse{Statement: "late"}) // still taken

	next := time.Date(2026, time.April, 8, 0, 0, 0, 0, time.UTC) // ten business days, each to its end
	s.wants(late, []dispute.Event{
		dispute.DeadlineMissed{Which: dispute.DeadlineRuling, Due: rulingDue, Level: "channel_manager"},
		dispute.Escalated{
			From: "channel_manager", To: "partner_operations", Reason: "no ruling by 2026-03-24T00:00:00Z", RulingDue: next,
		},
	}, at(rulingDue))
	s.do(late, at(next))
	assert.Equal(t, "appeal_board", s.state.Level)
	top := s.state.RulingDue
	s.wants(late, []dispute.Event{dispute.DeadlineMissed{Which: dispute.DeadlineRuling, Due: top, Level: "appeal_board"}}, at(top))
	assert.Zero(t, s.state.RulingDue, "nobody is above")
	s.do(dispute.AssignAdjudicator{Adjudicator: "judge-9"})
	s.do(ruling(dispute.OutcomeDenied))
}

func TestTheAppealsDeadline(t *testing.T) {
	t.Parallel()
	s := appealed(t)
	due := s.state.RulingDue
	assert.Equal(t, time.Date(2026, time.March, 17, 0, 0, 0, 0, time.UTC), due)
	c := dispute.MissDeadline{Which: dispute.DeadlineAppeal}
	s.wants(dispute.MissDeadline{Which: dispute.DeadlineRuling}, nil, at(due))
	s.wants(c, []dispute.Event{dispute.DeadlineMissed{Which: dispute.DeadlineAppeal, Due: due, Level: "appeal_board"}}, at(due))
	s.wants(c, nil, at(due))
}

func TestAppeal(t *testing.T) {
	t.Parallel()
	s := ruled(t, dispute.OutcomeUpheld, atOnce(reassign()))
	until := s.state.AppealUntil
	c := dispute.FileAppeal{Grounds: "the clock was wrong"}
	s.refuses(dispute.FileAppeal{}, invalid, "invalid_field", "grounds")
	s.refuses(c, conflict, "nothing_lost", "", by(domaintest.Admin(south)))
	s.refuses(c, forbidden, "role", "", by(domaintest.Seller(north)))
	s.refuses(c, conflict, "appeal_too_late", "", at(until))
	s.wants(c, []dispute.Event{dispute.Appealed{
		By: party(north), Grounds: c.Grounds, Level: "appeal_board", RulingDue: time.Date(2026, time.April, 1, 0, 0, 0, 0, time.UTC),
	}}, at(until.Add(-time.Second)))
	s.refuses(dispute.AssignAdjudicator{Adjudicator: "judge-1"}, conflict, "adjudicator_heard_before", "adjudicator")
	s.do(dispute.AssignAdjudicator{Adjudicator: "judge-2"})
	s.refuses(appealRuling(true, dispute.OutcomeDenied), invalid, "invalid_field", "outcome")
	s.refuses(appealRuling(true, dispute.OutcomeUpheld, reassign()), invalid, "invalid_field", "remedies")
	s.refuses(appealRuling(true, dispute.OutcomeUpheld), forbidden, "not_the_adjudicator", "", by(judge("judge-1")))
	s.do(dispute.SubmitEvidence{Name: "the clock's log", SHA256: sha, Size: 3}, by(domaintest.Admin(north)))
	s.do(appealRuling(true, dispute.OutcomeUpheld))
	assert.Equal(t, dispute.StatusFinal, s.state.Status)
	assert.True(t, s.state.Remedies[0].Stands, "what was confirmed is carried out")
}

func TestAnAppealThatOverturnsTakesBackWhatWasCarriedOut(t *testing.T) {
	t.Parallel()
	s := ruled(t, dispute.OutcomeUpheld, atOnce(reassign()))
	first := s.state.Remedies[0].RemedyID
	s.do(dispute.RecordRemedy{RemedyID: first, Event: ref("approved", 3)})
	s.do(dispute.FileAppeal{Grounds: "the clock was wrong"})
	s.do(dispute.AssignAdjudicator{Adjudicator: "judge-2"})
	back := reassign()
	back.PartnerID = north
	events := s.do(appealRuling(false, dispute.OutcomePartlyUpheld, back))
	second := s.created("remedy 0")
	assert.Equal(t, dispute.BecameFinal{
		Outcome: dispute.OutcomePartlyUpheld, Because: dispute.FinalByAppeal, CarryOut: []uuid.UUID{second}, TakeBack: []uuid.UUID{first},
	}, events[1])
	assert.Equal(t, dispute.OutcomePartlyUpheld, s.state.Outcome)
	assert.Len(t, s.state.Outstanding(), 2)
	s.refuses(dispute.Close{}, conflict, "remedies_outstanding", "")
	s.do(dispute.RecordRemedy{RemedyID: first, Undone: true, Event: ref("approved", 3)})
	s.refuses(dispute.Close{}, conflict, "remedies_outstanding", "")
	s.do(dispute.RecordRemedy{RemedyID: second, Event: ref("approved", 3)})
	assert.Empty(t, s.state.Outstanding())
	s.do(dispute.Close{})
}

func TestWaiveAppeal(t *testing.T) {
	t.Parallel()
	s := ruled(t, dispute.OutcomeUpheld, reassign())
	assert.Empty(t, s.state.Outstanding(), "a remedy waits for the appeal")
	s.wants(dispute.WaiveAppeal{}, []dispute.Event{dispute.AppealWaived{By: party(north)}})
	s.refuses(dispute.WaiveAppeal{}, conflict, "appeal_waived", "")
	s.refuses(dispute.FileAppeal{Grounds: "x"}, conflict, "appeal_waived", "")
	s.wants(dispute.WaiveAppeal{}, []dispute.Event{
		dispute.AppealWaived{By: party(south)},
		dispute.BecameFinal{
			Outcome: dispute.OutcomeUpheld, Because: dispute.FinalByWaiver, CarryOut: []uuid.UUID{s.state.Remedies[0].RemedyID},
		},
	}, by(domaintest.Admin(south)))
	assert.Len(t, s.state.Outstanding(), 1)
}

func TestEndAppealWindow(t *testing.T) {
	t.Parallel()
	s := ruled(t, dispute.OutcomeDenied)
	until := s.state.AppealUntil
	s.wants(dispute.EndAppealWindow{}, nil, at(until.Add(-time.Second)))
	s.wants(dispute.EndAppealWindow{}, []dispute.Event{
		dispute.BecameFinal{Outcome: dispute.OutcomeDenied, Because: dispute.FinalByTime},
	}, at(until))
	s.wants(dispute.EndAppealWindow{}, nil, at(until))
}
