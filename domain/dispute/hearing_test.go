package dispute_test

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/dispute"
	"github.com/channelledger/channelledger/domain/domaintest"
	"github.com/channelledger/channelledger/domain/policy"
)

func TestOpen(t *testing.T) {
	t.Parallel()
	s := newStory(t)
	self := dispute.EventRef{Stream: stream, EventID: domain.EventID(domaintest.NthCommand(1), stream, 0)}
	s.wants(opening(), []dispute.Event{dispute.Opened{
		DisputeID: caseID, Kind: dispute.KindDealOwnership, Subject: *subject(), Claimant: party(south),
		Respondents: []dispute.Party{party(north)}, RemedySought: "the deal", Statement: "we were first",
		ExcludedActors: []dispute.Excluded{
			{Actor: domaintest.Desk().ID, BecauseOf: ref("approved", 3)}, {Actor: domaintest.Admin(south).ID, BecauseOf: self},
		},
		ExcludedPartners: []uuid.UUID{south, north, parent}, Policy: "dispute@1", Terms: policy.DefaultDispute(),
		Level: "channel_manager", ResponseDue: responseDue, RulingDue: rulingDue,
	}})
	s.refuses(opening(), conflict, "dispute_exists", "")
}

// The channel manager doesn't judge the own house.
func TestAgainstTheVendorTheFirstLevelIsPartnerOperations(t *testing.T) {
	t.Parallel()
	s := newStory(t)
	c := opening()
	c.Respondents = nil
	s.do(c)
	assert.Equal(t, []dispute.Party{vendor}, s.state.Respondents)
	assert.Equal(t, "partner_operations", s.state.Level)

	s = newStory(t)
	c.Kind, c.Respondents = dispute.KindDealExpiry, []dispute.Party{party(north)}
	s.do(c)
	assert.Equal(t, []dispute.Party{party(north), vendor}, s.state.Respondents, "the vendor answers for its own doing")
	assert.Equal(t, "partner_operations", s.state.Level)
}

func TestTheVendorOpensForOthersAndForItself(t *testing.T) {
	t.Parallel()
	s := newStory(t)
	c := opening()
	c.Claimant = party(south)
	s.do(c, by(domaintest.Desk()))
	assert.Equal(t, party(south), s.state.Claimant)

	s = newStory(t)
	s.do(opening(), by(domaintest.Ops()))
	assert.Equal(t, vendor, s.state.Claimant)
	assert.Equal(t, "partner_operations", s.state.Level)
}

func TestOpenIsRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change      func(*dispute.Open, *dispute.Facts)
		kind        domain.RejectionKind
		rule, field string
	}{
		"an unknown kind":    {func(c *dispute.Open, _ *dispute.Facts) { c.Kind = "taste" }, invalid, "invalid_field", "kind"},
		"nothing sought":     {func(c *dispute.Open, _ *dispute.Facts) { c.RemedySought = "" }, invalid, "invalid_field", "remedy_sought"},
		"no statement":       {func(c *dispute.Open, _ *dispute.Facts) { c.Statement = "" }, invalid, "invalid_field", "statement"},
		"no such event":      {func(_ *dispute.Open, f *dispute.Facts) { f.Subject = nil }, missing, "event_unknown", "event_id"},
		"about no deal":      {func(_ *dispute.Open, f *dispute.Facts) { f.Subject.DealID = uuid.Nil }, conflict, "kind_of_event", "kind"},
		"about no denial":    {func(c *dispute.Open, _ *dispute.Facts) { c.Kind = dispute.KindMDFDenial }, conflict, "kind_of_event", "kind"},
		"about no rebate":    {func(c *dispute.Open, _ *dispute.Facts) { c.Kind = dispute.KindRebateAmount }, conflict, "kind_of_event", "kind"},
		"about no tier":      {func(c *dispute.Open, _ *dispute.Facts) { c.Kind = dispute.KindTierDecision }, conflict, "kind_of_event", "kind"},
		"about no claw-back": {func(c *dispute.Open, _ *dispute.Facts) { c.Kind = dispute.KindClawback }, conflict, "kind_of_event", "kind"},
		"an unknown stream": {
			func(c *dispute.Open, _ *dispute.Facts) { c.Streams = []string{"rebate-1"} }, missing, "stream_unknown", "streams[0]",
		},
		"its own stream again": {
			func(c *dispute.Open, _ *dispute.Facts) { c.Streams = []string{account} }, invalid, "invalid_field", "streams[0]",
		},
		"an unknown partner": {
			func(_ *dispute.Open, f *dispute.Facts) { delete(f.Partners, north) }, missing, "partner_unknown", "respondents[0].partner_id",
		},
		"itself": {
			func(c *dispute.Open, _ *dispute.Facts) { c.Respondents = []dispute.Party{party(south)} }, invalid, "invalid_field", "respondents[0]",
		},
		"nobody in particular": {
			func(c *dispute.Open, _ *dispute.Facts) { c.Respondents = []dispute.Party{{}} }, invalid, "invalid_field", "respondents[0]",
		},
		"for another partner": {
			func(c *dispute.Open, _ *dispute.Facts) { c.Claimant = party(north) }, forbidden, "own_partner", "",
		},
		"too late": {
			func(_ *dispute.Open, f *dispute.Facts) { f.Subject.RecordedAt = day0.AddDate(0, 0, -31) }, conflict, "too_late", "event_id",
		},
		"too late, and no say in that": {
			func(c *dispute.Open, f *dispute.Facts) {
				c.LateReason, f.Subject.RecordedAt = "we slept", day0.AddDate(0, 0, -31)
			}, conflict, "too_late", "event_id",
		},
		"in time, with a reason why it is late": {
			func(c *dispute.Open, _ *dispute.Facts) { c.LateReason = "we slept" }, invalid, "invalid_field", "late_reason",
		},
		"more people had a hand in it than can be kept apart": {
			func(_ *dispute.Open, f *dispute.Facts) { f.Involved = make([]dispute.Excluded, dispute.MaxExcluded) }, conflict, "too_many", "stream",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStory(t)
			command := opening()
			c.change(&command, &s.facts)
			s.refuses(command, c.kind, c.rule, c.field)
		})
	}
}

func TestOpenRunsToTheEndOfTheThirtiethDay(t *testing.T) {
	t.Parallel()
	recorded := day0.AddDate(0, 0, -30)
	s := newStory(t)
	s.facts.Subject.RecordedAt = recorded
	s.do(opening(), at(day0.Truncate(24*time.Hour).Add(24*time.Hour-time.Second)))

	s = newStory(t)
	s.facts.Subject.RecordedAt = recorded
	c := opening()
	c.Claimant = party(south)
	s.refuses(c, conflict, "too_late", "late_reason", on(1), by(domaintest.Ops()))
	c.LateReason = "the letter was lost in our house"
	admitted := newStory(t)
	admitted.facts = s.facts
	admitted.do(c, on(1), by(domaintest.Ops()))
	assert.Equal(t, c.LateReason, admitted.state.LateReason)
}

func TestAcknowledge(t *testing.T) {
	t.Parallel()
	s := opened(t)
	s.wants(dispute.Acknowledge{Note: "taken in"}, []dispute.Event{dispute.Acknowledged{Note: "taken in"}})
	s.refuses(dispute.Acknowledge{}, conflict, "acknowledged", "")
	s.refuses(dispute.Acknowledge{}, forbidden, "role", "", by(domaintest.Admin(north)))
}

func TestFileResponse(t *testing.T) {
	t.Parallel()
	s := opened(t)
	answer := dispute.FileResponse{Statement: "no, we were"}
	s.refuses(answer, forbidden, "not_a_respondent", "", by(domaintest.Admin(south)))
	s.refuses(answer, forbidden, "own_partner", "", by(domaintest.Admin(parent)))
	s.refuses(answer, forbidden, "not_a_party", "", by(domaintest.Finance()))
	s.refuses(dispute.FileResponse{}, invalid, "invalid_field", "statement")
	s.wants(answer, []dispute.Event{dispute.ResponseFiled{By: party(north), Statement: "no, we were"}})
	assert.Zero(t, s.state.ResponseDue, "nothing is awaited any more")
	s.refuses(answer, conflict, "response_filed", "")
}

func TestSubmitEvidence(t *testing.T) {
	t.Parallel()
	s := opened(t)
	paper := dispute.SubmitEvidence{Name: "offer.pdf", SHA256: sha, Size: 12}
	s.refuses(dispute.SubmitEvidence{Name: "a", SHA256: "ABC", Size: 1}, invalid, "invalid_field", "sha256")
	for field, c := range map[string]dispute.SubmitEvidence{
		"name":           {SHA256: sha, Size: 12},
		"size":           {Name: "a", SHA256: sha},
		"sha256":         {Name: "a"},
		"visibility":     {Name: "a", SHA256: sha, Size: 1, Visibility: "everybody"},
		"sealing_reason": {Name: "a", SHA256: sha, Size: 1, Visibility: dispute.VisibleToAdjudicator},
		"event_refs[1]":  {Name: "a", EventRefs: []dispute.EventRef{ref("approved", 3), ref("approved", 3)}},
	} {
		s.refuses(c, invalid, "invalid_field", field)
	}
	s.refuses(dispute.SubmitEvidence{Name: "a", Size: 1}, invalid, "invalid_field", "size")
	open := paper
	open.SealingReason = "why"
	s.refuses(open, invalid, "invalid_field", "sealing_reason")
	s.refuses(dispute.SubmitEvidence{Name: "a", EventRefs: []dispute.EventRef{ref("dream", 1)}}, missing, "event_unknown", "event_refs[0]")
	s.refuses(paper, forbidden, "not_a_party", "", by(domaintest.Ops()))
	s.facts.DocumentStored = false
	s.refuses(paper, missing, "document_unknown", "sha256")
	s.facts.DocumentStored = true
	s.wants(paper, s.withID(dispute.EvidenceSubmitted{
		By: party(south), Name: "offer.pdf", SHA256: sha, Size: 12, Visibility: dispute.VisibleToParties,
	}))
	s.do(dispute.SubmitEvidence{Name: "the register", EventRefs: []dispute.EventRef{ref("registered", 1)}}, by(domaintest.Seller(north)))
	require.Len(t, s.state.Evidence, 2)
}

// withID gives the evidence the id that the next command makes.
func (s *story) withID(e dispute.EvidenceSubmitted) []dispute.Event {
	e.EvidenceID = domain.EntityID(domaintest.NthCommand(s.commands+1), stream, "evidence")
	return []dispute.Event{e}
}

func secret() dispute.SubmitEvidence {
	return dispute.SubmitEvidence{
		Name: "prices.xlsx", SHA256: sha, Size: 12, Visibility: dispute.VisibleToAdjudicator, SealingReason: "our prices",
	}
}

func TestSealing(t *testing.T) {
	t.Parallel()
	s := heard(t)
	s.do(secret())
	id := s.created("evidence")
	grant := dispute.GrantSealing{EvidenceID: id, Reason: "prices", Summary: "an offer of 3 March"}
	s.refuses(grant, forbidden, "role", "", by(domaintest.Admin(south)))
	s.refuses(grant, forbidden, "not_the_adjudicator", "", by(judge("judge-2")))
	s.refuses(dispute.GrantSealing{EvidenceID: id, Summary: "x"}, invalid, "invalid_field", "reason")
	s.refuses(dispute.GrantSealing{EvidenceID: id, Reason: "x"}, invalid, "invalid_field", "summary")
	s.refuses(dispute.GrantSealing{EvidenceID: deal, Reason: "x", Summary: "x"}, missing, "evidence_unknown", "evidence_id")
	s.wants(grant, []dispute.Event{dispute.SealingGranted(grant)})
	s.refuses(grant, conflict, "no_sealing_asked", "evidence_id")
}

func TestARulingRestsOnlyOnWhatTheLosingSideSaw(t *testing.T) {
	t.Parallel()
	s := heard(t)
	s.do(secret())
	id := s.created("evidence")
	c := ruling(dispute.OutcomeUpheld)
	c.RestsOn = []uuid.UUID{id}
	s.refuses(c, conflict, "evidence_unseen", "rests_on[0]")
	c.Outcome = dispute.OutcomePartlyUpheld
	s.refuses(c, conflict, "evidence_unseen", "rests_on[0]")
	c.RestsOn = []uuid.UUID{deal}
	s.refuses(c, missing, "evidence_unknown", "rests_on[0]")
	c.RestsOn = []uuid.UUID{id, id}
	c.Outcome = dispute.OutcomeDenied
	s.refuses(c, invalid, "invalid_field", "rests_on[1]")
	s.do(dispute.GrantSealing{EvidenceID: id, Reason: "prices", Summary: "an offer of 3 March"})
	c.RestsOn, c.Outcome = []uuid.UUID{id}, dispute.OutcomeUpheld
	s.do(c)
	assert.Equal(t, c.RestsOn, s.state.Ruling.RestsOn)

	own := heard(t)
	own.do(secret())
	c.RestsOn, c.Outcome = []uuid.UUID{own.created("evidence")}, dispute.OutcomeDenied
	own.do(c) // the side that loses submitted it
}

func TestEvidenceThatIsNotSealedIsSetAside(t *testing.T) {
	t.Parallel()
	s := heard(t)
	s.do(secret())
	id := s.created("evidence")
	s.refuses(dispute.RefuseSealing{EvidenceID: id}, invalid, "invalid_field", "reason")
	s.do(dispute.RefuseSealing{EvidenceID: id, Reason: "no secret in it"})
	for _, outcome := range dispute.Rulings() {
		c := ruling(outcome)
		c.RestsOn = []uuid.UUID{id}
		s.refuses(c, conflict, "evidence_set_aside", "rests_on[0]")
	}
	seen, withheld := s.state.ForParty(party(north))
	assert.Equal(t, dispute.Withheld, seen.Evidence[0].Name, "it stays closed to the other side")
	assert.Equal(t, 5, withheld, "name, document, size, and both reasons")
}

func TestViewpoints(t *testing.T) {
	t.Parallel()
	s := heard(t)
	s.do(dispute.SubmitEvidence{
		Name: "prices.xlsx", SHA256: sha, Size: 12, Note: "see page 2", Visibility: dispute.VisibleToAdjudicator,
		SealingReason: "our prices", EventRefs: []dispute.EventRef{ref("registered", 1)},
	})
	s.do(dispute.GrantSealing{EvidenceID: s.created("evidence"), Reason: "prices", Summary: "an offer of 3 March"})
	whole := *s.state
	own, withheld := s.state.ForParty(party(south))
	assert.Zero(t, withheld)
	assert.Equal(t, s.state.Evidence, own.Evidence, "who submitted it sees all of it")
	rival, withheld := s.state.ForParty(party(north))
	assert.Equal(t, 7, withheld)
	x := rival.Evidence[0]
	assert.Equal(t, "an offer of 3 March", x.Summary)
	assert.Equal(t, dispute.Withheld, x.SHA256)
	assert.Zero(t, x.Size)
	assert.Empty(t, x.EventRefs)
	assert.Empty(t, rival.ExcludedActors)
	assert.Empty(t, rival.Evidence[0].Submitted.By, "who of the other side's people did it is the other side's")
	assert.NotEmpty(t, own.Evidence[0].Submitted.By)
	vendors, withheld := s.state.ForParty(dispute.Party{Vendor: true})
	assert.Equal(t, 7, withheld)
	assert.NotEmpty(t, vendors.Evidence[0].Submitted.By)
	assert.Equal(t, whole, *s.state, "a viewpoint changes nothing")
}

// Whoever judges sees every paper, and so does the vendor's auditor; everybody else what the own side does.
func TestWhoSeesAll(t *testing.T) {
	t.Parallel()
	s := heard(t)
	s.do(secret())
	id := s.created("evidence")
	auditor := domain.Actor{ID: "audra", Roles: []domain.Role{domain.Auditor}}
	for _, x := range []struct {
		who  domain.Actor
		sees bool
	}{
		{domain.Actor{ID: s.state.Adjudicator, Roles: []domain.Role{domain.Adjudicator}}, true}, {auditor, true},
		{domain.Actor{ID: "judge-9", Roles: []domain.Role{domain.Adjudicator}}, false},
		{domain.Actor{ID: "audra", Roles: auditor.Roles, PartnerID: north}, false},
		{domain.Actor{ID: "u-2", PartnerID: south}, true}, {domain.Actor{ID: "desk-9", Roles: []domain.Role{domain.DealDesk}}, false},
	} {
		seen, _ := s.state.For(x.who)
		assert.Equal(t, x.sees, seen.Evidence[0].Name != dispute.Withheld, x.who)
	}
	by, ok := s.state.PaperBy(dispute.SealingGranted{EvidenceID: id})
	assert.True(t, ok)
	assert.Equal(t, party(south), by)
	_, ok = s.state.PaperBy(dispute.EvidenceSubmitted{EvidenceID: id, Visibility: dispute.VisibleToParties})
	assert.False(t, ok, "an open paper is nobody's secret")
	decided, less := dispute.WithoutContent(dispute.SealingGranted{EvidenceID: id, Reason: "prices", Summary: "an offer"})
	assert.True(t, less)
	assert.Equal(t, dispute.SealingGranted{EvidenceID: id, Reason: dispute.Withheld, Summary: "an offer"}, decided)
	decided, less = dispute.WithoutContent(dispute.SealingRefused{EvidenceID: id, Reason: "no prices"})
	assert.True(t, less)
	assert.Equal(t, dispute.SealingRefused{EvidenceID: id, Reason: dispute.Withheld}, decided)
}
