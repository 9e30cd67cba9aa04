package account_test

import (
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/account"
	"github.com/channelledger/channelledger/domain/domaintest"
	"github.com/channelledger/channelledger/domain/policy"
)

// theFinding is the only one that a deal has.
func (s *story) theFinding(deal uuid.UUID) account.Finding {
	s.t.Helper()
	require.Len(s.t, s.deal(deal).Findings, 1)
	return s.deal(deal).Findings[0]
}

func (s *story) override(deal uuid.UUID) account.OverrideConflicts {
	return account.OverrideConflicts{DealID: deal, FindingIDs: []uuid.UUID{s.theFinding(deal).ID}, Reason: "agreed"}
}

func TestLaterRegistrationOnTheLineWaitsForTheEarlierOne(t *testing.T) {
	s := newStory(t)
	first := s.registers(north, gtx)
	second := s.registers(south, []string{"GTX Pro", "1.00", "MG Special", "1.00"}, on(1))
	assert.Empty(t, s.deal(first).Findings)
	f := s.theFinding(second)
	assert.Equal(t, policy.RuleLiveRegistration, f.Rule)
	assert.Equal(t, account.With{DealID: first}, f.With)
	assert.Equal(t, "1", f.Score)
	assert.Equal(t, map[string]string{
		"state": "pending", "lines": "GTX", "partner_id": north.String(), "submitted_at": "2026-03-02T09:00:00Z",
	}, f.Evidence)

	s.refuses(account.ApproveDeal{DealID: second}, conflict, "conflict", "deal_id", on(1))
	s.do(account.ApproveDeal{DealID: first}, on(2))
	s.refuses(account.ApproveDeal{DealID: second}, conflict, "conflict", "deal_id", on(2))
	s.do(account.LoseDeal{DealID: first, Reason: "price"}, on(3))
	s.do(account.ApproveDeal{DealID: second}, on(3))
	assert.True(t, s.deal(second).ProtectedAt(day(3)))
	assert.False(t, s.deal(first).ProtectedAt(day(3)))
	assert.True(t, s.deal(first).ProtectedAt(day(2)))
}

func TestNoConflict(t *testing.T) {
	s := newStory(t)
	s.approved(north, on(0))
	assert.Empty(t, s.deal(s.registers(north, gtx)).Findings, "with the partner's own")
	assert.Empty(t, s.deal(s.registers(south, []string{"MG Special", "1.00"})).Findings, "on another line")
}

func TestRejectedAndWithdrawnFreeTheLine(t *testing.T) {
	s := newStory(t)
	a, b, c := s.registers(north, gtx), s.registers(north, gtx), s.registers(south, gtx)
	assert.Len(t, s.deal(c).Findings, 2)
	s.do(account.RejectDeal{DealID: a, Reason: "no project"})
	s.refuses(account.ApproveDeal{DealID: c}, conflict, "conflict", "deal_id")
	s.do(account.WithdrawDeal{DealID: b})
	s.do(account.ApproveDeal{DealID: c})
}

func TestExpiryCountsBeforeItIsRecorded(t *testing.T) {
	s := newStory(t)
	first := s.approved(north, on(0))
	end := s.deal(first).ProtectedUntil
	assert.Equal(t, day(180), end)
	inTime := s.registers(south, gtx, on(179))
	assert.Equal(t, "protected", s.theFinding(inTime).Evidence["state"])
	assert.Equal(t, "2026-08-29T09:00:00Z", s.theFinding(inTime).Evidence["protected_until"])
	s.refuses(account.ApproveDeal{DealID: inTime}, conflict, "conflict", "deal_id", on(179))
	s.do(account.ApproveDeal{DealID: inTime}, on(180))
	assert.Equal(t, account.StatusApproved, s.deal(first).Status, "nobody recorded the expiry")
}

func TestOverride(t *testing.T) {
	s := newStory(t)
	first := s.approved(north, on(0))
	second := s.registers(south, gtx, on(1))
	c := s.override(second)
	s.wants(c, []account.Event{account.ConflictOverridden{
		DealID: c.DealID, FindingIDs: c.FindingIDs, Reason: c.Reason,
	}}, on(1))
	assert.Equal(t, "desk-1", s.theFinding(second).Override.By)
	assert.Equal(t, "agreed", s.theFinding(second).Override.Reason)
	s.do(account.ApproveDeal{DealID: second}, on(2))
	assert.True(t, s.deal(first).ProtectedAt(day(2)))
	assert.True(t, s.deal(second).ProtectedAt(day(2)))
}

func TestOverridesThatAreRefused(t *testing.T) {
	s := newStory(t)
	first := s.approved(north, on(0))
	second := s.registers(south, gtx, on(1))
	c := s.override(second)
	with := func(change func(*account.OverrideConflicts)) account.OverrideConflicts {
		changed := c
		change(&changed)
		return changed
	}
	s.refuses(with(func(c *account.OverrideConflicts) { c.Reason = "" }), invalid, "invalid_field", "reason", on(1))
	s.refuses(with(func(c *account.OverrideConflicts) { c.FindingIDs = nil }), invalid, "invalid_field", "finding_ids", on(1))
	s.refuses(with(func(c *account.OverrideConflicts) { c.FindingIDs = []uuid.UUID{c.FindingIDs[0], c.FindingIDs[0]} }),
		invalid, "invalid_field", "finding_ids[1]", on(1))
	s.refuses(with(func(c *account.OverrideConflicts) { c.FindingIDs = []uuid.UUID{north} }), missing, "finding_unknown", "finding_ids[0]", on(1))
	s.refuses(with(func(c *account.OverrideConflicts) { c.DealID = first }), conflict, "wrong_status", "deal_id", on(1))
	s.refuses(with(func(c *account.OverrideConflicts) { c.DealID = north }), missing, "deal_unknown", "deal_id", on(1))
	s.refuses(c, conflict, "out_of_order", "effective_at", on(1), since(0), domaintest.By(domaintest.Importer()))
	s.do(c, on(1))
	s.refuses(c, conflict, "finding_overridden", "finding_ids[0]", on(1))
}

// An override of the earlier registration makes the later one protected, and the earlier one has to be overridden in turn.
func TestEarlierOneLearnsOfTheOverride(t *testing.T) {
	s := newStory(t)
	first, second := s.registers(north, gtx), s.registers(south, gtx)
	s.overrideAll(second)
	events := s.do(account.ApproveDeal{DealID: second})
	require.Len(t, events, 2)
	assert.Equal(t, account.With{DealID: second}, s.theFinding(first).With)
	assert.Equal(t, "protected", s.theFinding(first).Evidence["state"])
	s.refuses(account.ApproveDeal{DealID: first}, conflict, "conflict", "deal_id")
	s.overrideAll(first)
	s.do(account.ApproveDeal{DealID: first})
}

// What an approval collides with and nobody recorded can be overridden by the ids that the refusal names.
func TestOverrideRecordsWhatWasNotFoundAtFirst(t *testing.T) {
	s := newStory(t)
	s.do(account.IdentifyAccount{Customer: customer})
	s.do(account.SetOwnership{AccountID: acme, Owner: account.OwnerHouse, Reason: "strategic"}, on(2))
	deal := s.registers(north, gtx, on(3), since(1), domaintest.By(domaintest.Importer()))
	assert.Empty(t, s.deal(deal).Findings, "it was no house account then")
	refusal := s.when(account.ApproveDeal{DealID: deal}, on(3)).Outcome().Err()
	id := domain.DeriveID("finding", deal.String(), "owned_account", uuid.Nil.String(), uuid.Nil.String(), "house")
	require.ErrorContains(t, refusal, id.String())
	events := s.do(account.OverrideConflicts{DealID: deal, FindingIDs: []uuid.UUID{id}, Reason: "agreed"}, on(3))
	assert.Len(t, events, 2)
	s.do(account.ApproveDeal{DealID: deal}, on(3))
}

func TestOwnedAccount(t *testing.T) {
	s := newStory(t)
	waiting := s.registers(north, gtx)
	set := account.SetOwnership{AccountID: acme, Owner: account.OwnerDirect, Rep: "rep-7", Reason: "named account"}
	assert.Len(t, s.do(set, on(1)), 2)
	assert.Equal(t, account.With{Owner: account.OwnerDirect}, s.theFinding(waiting).With)
	assert.Equal(t, map[string]string{"owner": "direct", "rep": "rep-7"}, s.theFinding(waiting).Evidence)
	s.refuses(account.ApproveDeal{DealID: waiting}, conflict, "conflict", "deal_id", on(1))
	s.wants(set, nil, on(2))

	later := s.registers(south, []string{"MG Special", "1.00"}, on(2))
	assert.Equal(t, policy.RuleOwnedAccount, s.theFinding(later).Rule)
	set.Owner = account.OwnerChannel
	assert.Len(t, s.do(set, on(3)), 1)
	s.do(account.ApproveDeal{DealID: later}, on(3))
}

func TestOwnershipRecordedLate(t *testing.T) {
	s := newStory(t)
	deal := s.registers(north, gtx)
	s.do(account.SetOwnership{AccountID: acme, Owner: account.OwnerChannel, Reason: "partners only"}, on(5))
	s.do(account.SetOwnership{AccountID: acme, Owner: account.OwnerDirect, Reason: "until then"}, on(6), since(1))
	assert.Empty(t, s.deal(deal).Findings, "the later owner holds")
	assert.Equal(t, account.OwnerChannel, s.state.Account.Ownership.Latest().Owner)
}

func TestDirectOpportunityOpenedEarlier(t *testing.T) {
	s := newStory(t)
	s.do(account.IdentifyAccount{Customer: customer})
	open := account.OpenDirectOpportunity{AccountID: acme, Products: []string{"GTX Pro", "GTX Basic"}, Reference: "OPP-1", Rep: "rep-7"}
	opened := s.do(open)[0].(account.DirectOpportunityOpened)
	assert.Equal(t, []string{"GTX"}, opened.Lines)
	deal := s.registers(north, gtx, on(1))
	f := s.theFinding(deal)
	assert.Equal(t, policy.RuleDirectOpportunity, f.Rule)
	assert.Equal(t, account.With{OpportunityID: opened.OpportunityID}, f.With)
	assert.Equal(t, map[string]string{"lines": "GTX", "opened_at": "2026-03-02T09:00:00Z", "reference": "OPP-1"}, f.Evidence)
	s.refuses(account.ApproveDeal{DealID: deal}, conflict, "conflict", "deal_id", on(1))
	s.do(account.CloseDirectOpportunity{AccountID: acme, OpportunityID: opened.OpportunityID, Outcome: account.OutcomeLost}, on(2))
	s.do(account.ApproveDeal{DealID: deal}, on(2))
}

func TestDirectOpportunityRecordedLate(t *testing.T) {
	s := newStory(t)
	deal := s.registers(north, gtx, on(1))
	open := account.OpenDirectOpportunity{AccountID: acme, Products: []string{"GTX Pro"}}
	assert.Len(t, s.do(open, on(2)), 1, "opened later than the registration")
	assert.Len(t, s.do(open, on(2), since(0)), 2, "opened earlier, recorded later")
	assert.Equal(t, policy.RuleDirectOpportunity, s.theFinding(deal).Rule)
}

func TestDirectOpportunityBreachesProtection(t *testing.T) {
	s := newStory(t)
	deal := s.approved(north, on(0))
	open := account.OpenDirectOpportunity{AccountID: acme, Products: []string{"GTX", "MG Special"}}
	events := s.do(open, on(1))
	opportunity := events[0].(account.DirectOpportunityOpened).OpportunityID
	assert.Equal(t, account.ProtectionBreached{DealID: deal, OpportunityID: opportunity, By: account.BreachByOpening}, events[1])
	s.wants(
		account.CloseDirectOpportunity{AccountID: acme, OpportunityID: opportunity, Outcome: account.OutcomeWon, Amount: money("9")},
		[]account.Event{
			account.DirectOpportunityClosed{OpportunityID: opportunity, Outcome: account.OutcomeWon, Amount: money("9")},
			account.ProtectionBreached{DealID: deal, OpportunityID: opportunity, By: account.BreachByWinning},
		}, on(2))
	assert.Len(t, s.deal(deal).Breaches, 2)
	assert.Len(t, s.do(open, on(180)), 1, "the protection is over")
}

func TestDirectOpportunitiesThatAreRefused(t *testing.T) {
	s := newStory(t)
	s.refuses(account.OpenDirectOpportunity{AccountID: acme, Products: []string{"GTX"}}, missing, "account_unknown", "account_id")
	s.do(account.IdentifyAccount{Customer: customer})
	s.refuses(account.OpenDirectOpportunity{AccountID: acme}, invalid, "invalid_field", "products")
	s.refuses(account.OpenDirectOpportunity{AccountID: acme, Products: []string{"GTX", ""}}, invalid, "invalid_field", "products[1]")
	opened := s.do(account.OpenDirectOpportunity{AccountID: acme, Products: []string{"GTX"}}, on(1))[0].(account.DirectOpportunityOpened)
	closing := account.CloseDirectOpportunity{AccountID: acme, OpportunityID: opened.OpportunityID, Outcome: account.OutcomeLost}
	wrong := closing
	wrong.Outcome = "gone"
	s.refuses(wrong, invalid, "invalid_field", "outcome", on(1))
	wrong.Outcome = account.OutcomeWon
	s.refuses(wrong, invalid, "invalid_field", "amount", on(1))
	wrong.Outcome, wrong.Amount = account.OutcomeLost, money("1")
	s.refuses(wrong, invalid, "invalid_field", "amount", on(1))
	wrong = closing
	wrong.OpportunityID = north
	s.refuses(wrong, missing, "opportunity_unknown", "opportunity_id", on(1))
	s.refuses(closing, conflict, "out_of_order", "effective_at", on(2), since(0))
	s.do(closing, on(1))
	s.refuses(closing, conflict, "wrong_status", "opportunity_id", on(1))
}

func TestSetOwnershipRefused(t *testing.T) {
	s := newStory(t)
	set := account.SetOwnership{AccountID: acme, Owner: account.OwnerHouse, Reason: "x"}
	s.refuses(set, missing, "account_unknown", "account_id")
	s.do(account.IdentifyAccount{Customer: customer})
	set.Owner = "me"
	s.refuses(set, invalid, "invalid_field", "owner")
	set.Owner, set.Reason = account.OwnerHouse, ""
	s.refuses(set, invalid, "invalid_field", "reason")
}

func TestCoolOff(t *testing.T) {
	s := newStory(t)
	first := s.approved(north, on(0))
	s.do(account.ExpireDeal{DealID: first}, on(180))
	again := s.registers(north, gtx, on(209))
	assert.Equal(t, account.RuleCoolOff, s.theFinding(again).Rule)
	assert.Equal(t, account.With{DealID: first}, s.theFinding(again).With)
	assert.Equal(t, map[string]string{"lines": "GTX", "expired_at": "2026-08-29T09:00:00Z"}, s.theFinding(again).Evidence)
	s.refuses(account.ApproveDeal{DealID: again}, conflict, "conflict", "deal_id", on(215))
	assert.Empty(t, s.deal(s.registers(north, gtx, on(210))).Findings, "30 days later")
	s.overrideAll(again, on(215))
	s.do(account.ApproveDeal{DealID: again}, on(215))
}

func TestCoolOffIsForTheSamePartnerAndUnsoldDealsOnly(t *testing.T) {
	s := newStory(t)
	s.approved(north, on(0))
	assert.Len(t, s.deal(s.registers(north, gtx, on(181))).Findings, 1, "the expiry isn't recorded yet")

	s = newStory(t)
	first := s.approved(north, on(0))
	assert.Empty(t, s.deal(s.registers(south, []string{"GTX Pro", "1.00"}, on(181))).Findings, "others at once")
	s.do(account.WinDeal{DealID: first, Lines: amounts(gtx...)}, on(182))
	for _, f := range s.deal(s.registers(north, gtx, on(183))).Findings {
		assert.NotEqual(t, account.RuleCoolOff, f.Rule)
	}
}

func TestPolicyMayMakeARuleAWarning(t *testing.T) {
	s := newStory(t)
	s.facts = func(p uuid.UUID) account.Facts {
		f := facts(p)
		f.Rules.Conflict.Body.Blocking = []policy.ConflictRule{policy.RuleLiveRegistration}
		return f
	}
	s.do(account.IdentifyAccount{Customer: customer})
	s.do(account.SetOwnership{AccountID: acme, Owner: account.OwnerHouse, Reason: "strategic"})
	deal := s.registers(north, gtx)
	assert.Len(t, s.deal(deal).Findings, 1)
	s.do(account.ApproveDeal{DealID: deal})
}

func TestLinkAlias(t *testing.T) {
	lesser, greater := uuid.UUID{1}, uuid.UUID{255}
	s := newStory(t)
	link := account.LinkAlias{AccountID: acme, To: lesser, Reason: "one company"}
	s.refuses(link, missing, "account_unknown", "account_id")
	deal := s.registers(north, gtx)
	s.refuses(account.LinkAlias{AccountID: acme, To: greater, Reason: "x"}, conflict, "link_direction", "to")
	s.refuses(account.LinkAlias{AccountID: acme, To: acme, Reason: "x"}, invalid, "invalid_field", "to")
	s.refuses(account.LinkAlias{AccountID: acme, Reason: "x"}, invalid, "invalid_field", "to")
	s.refuses(account.LinkAlias{AccountID: acme, To: lesser}, invalid, "invalid_field", "reason")
	s.do(link)
	s.wants(link, nil)
	s.refuses(account.LinkAlias{AccountID: acme, To: uuid.UUID{2}, Reason: "x"}, conflict, "account_linked", "account_id")
	s.refuses(register(north, gtx...), conflict, "account_linked", "account_id")
	s.refuses(account.SetOwnership{AccountID: acme, Owner: account.OwnerHouse, Reason: "x"}, conflict, "account_linked", "account_id")
	s.refuses(account.OpenDirectOpportunity{AccountID: acme, Products: []string{"GTX"}}, conflict, "account_linked", "account_id")
	s.do(account.ApproveDeal{DealID: deal})
	assert.Equal(t, lesser, s.state.Account.LinkedTo)
}

func TestLinkCRM(t *testing.T) {
	s := newStory(t)
	deal, other := s.registers(north, gtx, on(1)), s.registers(north, gtx, on(1))
	link := account.LinkCRM{DealID: deal, System: "crm", Reference: "1C1I7A6R"}
	s.wants(link, []account.Event{account.CRMLinked(link)}, on(1))
	s.wants(link, nil, on(1))
	assert.Equal(t, []account.CRMLink{{System: "crm", Reference: "1C1I7A6R"}}, s.deal(deal).CRM)
	link.DealID = other
	s.refuses(link, conflict, "crm_reference_taken", "reference", on(1))
	s.refuses(account.LinkCRM{DealID: deal, System: "", Reference: "1"}, invalid, "invalid_field", "system", on(1))
	s.refuses(account.LinkCRM{DealID: deal, System: "crm"}, invalid, "invalid_field", "reference", on(1))
	s.refuses(account.LinkCRM{DealID: deal, System: "crm", Reference: "2"}, conflict, "out_of_order", "effective_at", on(1), since(0))
	s.refuses(account.LinkCRM{DealID: north, System: "crm", Reference: "2"}, missing, "deal_unknown", "deal_id", on(1))
}
