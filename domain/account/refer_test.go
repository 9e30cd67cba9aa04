package account_test

import (
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/account"
	"github.com/channelledger/channelledger/domain/domaintest"
)

func (s *story) refer(deal uuid.UUID) account.ReferConflicts {
	return account.ReferConflicts{DealID: deal, FindingIDs: []uuid.UUID{s.theFinding(deal).ID}, Reason: "both brought the customer"}
}

// contested is north's protected deal, and south's on the same line, whose finding a reviewer left to a dispute: the case is
// open, and holds it.
func contested(t *testing.T) (s *story, second uuid.UUID) {
	t.Helper()
	s = newStory(t)
	s.approved(north, on(0))
	second = s.registers(south, gtx, on(1))
	s.do(s.refer(second), on(1))
	s.do(account.PlaceHold{DealID: second, DisputeID: disputed, Subject: s.theFinding(second).Referred.EventID}, on(1))
	return s, second
}

func (s *story) awaits(deal uuid.UUID) bool {
	f := s.theFinding(deal)
	return s.deal(deal).Awaits(&f)
}

func TestAReferredFindingIsTheCasesToDecide(t *testing.T) {
	s := newStory(t)
	s.approved(north, on(0))
	second := s.registers(south, gtx, on(1))
	c, override := s.refer(second), s.override(second)
	assert.False(t, s.awaits(second))
	s.wants(c, []account.Event{account.ConflictReferred(c)}, on(1))
	f := s.theFinding(second)
	assert.Equal(t, []string{"desk-1", c.Reason}, []string{f.Referred.By, f.Referred.Reason})
	stuck := func() {
		t.Helper()
		assert.True(t, s.awaits(second))
		s.refuses(override, conflict, "finding_referred", "finding_ids[0]", on(1))
		s.refuses(c, conflict, "finding_referred", "finding_ids[0]", on(1))
		s.refuses(account.RejectDeal{DealID: second, Reason: why}, conflict, "finding_referred", "deal_id", on(1))
		s.refuses(account.ApproveDeal{DealID: second}, conflict, "conflict", "deal_id", on(1))
	}
	stuck() // the case isn't open yet
	other, about := domain.DeriveID("another dispute"), f.Referred.EventID
	s.do(account.PlaceHold{DealID: second, DisputeID: disputed, Subject: about}, on(1))
	s.do(account.PlaceHold{DealID: second, DisputeID: other, Subject: domain.DeriveID("something else")}, on(1))
	s.do(account.LiftHold{DealID: second, DisputeID: other}, on(1))
	stuck()
	s.do(account.LiftHold{DealID: second, DisputeID: disputed}, on(1))
	assert.False(t, s.awaits(second))
	s.do(c, on(1)) // again: another case
	stuck()
	s.do(account.PlaceHold{DealID: second, DisputeID: other, Subject: s.theFinding(second).Referred.EventID}, on(1))
	s.do(account.LiftHold{DealID: second, DisputeID: other}, on(1))
	s.do(override, on(1))
	s.do(account.ApproveDeal{DealID: second}, on(1))
}

func TestReferralsThatAreRefused(t *testing.T) {
	s := newStory(t)
	first := s.approved(north, on(0))
	second := s.registers(south, gtx, on(1))
	c := s.refer(second)
	with := func(change func(*account.ReferConflicts)) account.ReferConflicts {
		changed := c
		change(&changed)
		return changed
	}
	s.refuses(c, forbidden, "role", "", on(1), domaintest.By(domaintest.Ops()))
	s.refuses(c, forbidden, "role", "", on(1), domaintest.By(domaintest.Seller(south)))
	s.refuses(c, invalid, "invalid_field", "effective_at", on(2), since(1), domaintest.By(domaintest.Importer()))
	s.refuses(with(func(c *account.ReferConflicts) { c.Reason = "" }), invalid, "invalid_field", "reason", on(1))
	s.refuses(with(func(c *account.ReferConflicts) { c.FindingIDs = nil }), invalid, "invalid_field", "finding_ids", on(1))
	s.refuses(with(func(c *account.ReferConflicts) { c.FindingIDs = make([]uuid.UUID, account.MaxReferred+1) }),
		invalid, "invalid_field", "finding_ids", on(1))
	s.refuses(with(func(c *account.ReferConflicts) { c.FindingIDs = []uuid.UUID{c.FindingIDs[0], c.FindingIDs[0]} }),
		invalid, "invalid_field", "finding_ids[1]", on(1))
	s.refuses(with(func(c *account.ReferConflicts) { c.FindingIDs = []uuid.UUID{north} }), missing, "finding_unknown", "finding_ids[0]", on(1))
	s.refuses(with(func(c *account.ReferConflicts) { c.DealID = first }), conflict, "wrong_status", "deal_id", on(1))
	s.refuses(with(func(c *account.ReferConflicts) { c.DealID = north }), missing, "deal_unknown", "deal_id", on(1))
	s.do(account.PlaceHold{DealID: second, DisputeID: disputed, Subject: s.theFinding(second).Found.EventID}, on(1))
	s.refuses(c, conflict, "finding_disputed", "finding_ids[0]", on(1))
	s.do(account.LiftHold{DealID: second, DisputeID: disputed}, on(1))
	s.do(s.override(second), on(1))
	s.refuses(c, conflict, "finding_overridden", "finding_ids[0]", on(1))
}

// What an approval collides with and nobody recorded can be referred by the ids that the refusal names.
func TestAReferralRecordsWhatWasNotFoundAtFirst(t *testing.T) {
	s := newStory(t)
	s.do(account.IdentifyAccount{Customer: customer})
	s.do(account.SetOwnership{AccountID: acme, Owner: account.OwnerHouse, Reason: "strategic"}, on(2))
	deal := s.registers(north, gtx, on(3), since(1), domaintest.By(domaintest.Importer()))
	id := domain.DeriveID("finding", deal.String(), "owned_account", uuid.Nil.String(), uuid.Nil.String(), "house")
	events := s.do(account.ReferConflicts{DealID: deal, FindingIDs: []uuid.UUID{id}, Reason: why}, on(3))
	require.Len(t, events, 2)
	assert.Equal(t, id, events[0].(account.ConflictFound).FindingID)
	assert.True(t, s.awaits(deal), "it is known before it is referred")
}

// A warning keeps nobody from being approved, unless a reviewer left it to a dispute.
func TestAWarningThatIsReferredBlocks(t *testing.T) {
	s := newStory(t)
	abroad := func(partner uuid.UUID) account.Facts {
		f := facts(partner)
		f.Partner.Countries = []string{"FR"}
		return f
	}
	s.facts = abroad
	deal := s.registers(north, gtx)
	s.do(s.refer(deal))
	s.refuses(account.ApproveDeal{DealID: deal}, conflict, "conflict", "deal_id")
	s.facts = facts // the territory is wider now: nothing stands in the way any more
	s.do(account.ApproveDeal{DealID: deal})
}

func TestALateFindingIsReferredOnAProtectedDeal(t *testing.T) {
	s := meets(t)
	deal := s.approved(north, on(0))
	twin := twinPeer(asIs)
	s.do(account.RecordRival{DealID: deal, Rival: twin.Rivals[0], Matches: []account.Match{account.Linked()}},
		on(1), domaintest.By(domaintest.Scheduler()))
	require.True(t, s.theFinding(deal).Late)
	s.do(s.refer(deal), on(2))
	s.do(account.OverrideByRuling{DealID: deal, FindingIDs: s.override(deal).FindingIDs, Reason: why, Ruling: ruling}, on(3))
	s.do(account.UndoOverride{DealID: deal, FindingIDs: s.override(deal).FindingIDs, Ruling: ruling}, on(4))
	assert.False(t, s.theFinding(deal).Override.Taken(), "the approval was there before")
}

func TestARulingOverridesWhatWasReferred(t *testing.T) {
	s, second := contested(t)
	found := s.theFinding(second).ID
	c := account.OverrideByRuling{DealID: second, FindingIDs: []uuid.UUID{found}, Reason: why, Ruling: ruling}
	undo := account.UndoOverride{DealID: second, FindingIDs: c.FindingIDs, Ruling: ruling}
	s.refuses(c, forbidden, "role", "", on(2), domaintest.By(domaintest.Desk()))
	s.refuses(c, forbidden, "reactor_only", "", on(2), domaintest.By(domaintest.Importer()))
	s.refuses(account.OverrideByRuling{DealID: second, Ruling: ruling}, invalid, "invalid_field", "finding_ids", on(2))
	s.refuses(account.OverrideByRuling{DealID: second, FindingIDs: []uuid.UUID{north}, Ruling: ruling},
		missing, "finding_unknown", "finding_ids[0]", on(2))
	s.refuses(undo, conflict, "not_overridden", "finding_ids[0]", on(2))
	overridden := account.ConflictOverridden{DealID: second, FindingIDs: c.FindingIDs, Reason: why, Ruling: ruling}
	s.wants(c, []account.Event{overridden}, on(2))
	assert.Equal(t, ruling, s.theFinding(second).Ruling)
	s.refuses(c, conflict, "finding_overridden", "finding_ids[0]", on(2))

	s.refuses(undo, forbidden, "reactor_only", "", on(3), domaintest.By(domaintest.Importer()))
	s.refuses(account.UndoOverride{DealID: second, Ruling: ruling}, invalid, "invalid_field", "finding_ids", on(3))
	s.refuses(account.UndoOverride{DealID: second, FindingIDs: c.FindingIDs, Ruling: disputed},
		conflict, "not_overridden", "finding_ids[0]", on(3))
	s.wants(undo, []account.Event{account.ConflictOverrideUndone(undo)}, on(3))
	assert.Zero(t, s.theFinding(second).Ruling)
	s.refuses(account.ApproveDeal{DealID: second}, conflict, "conflict", "deal_id", on(3))

	s.do(c, on(4))
	s.do(account.ApproveDeal{DealID: second}, on(5)) // the case may still be open
	s.refuses(undo, conflict, "approved_since", "deal_id", on(6))
	s.refuses(account.OverrideByRuling{DealID: second, FindingIDs: c.FindingIDs, Ruling: ruling}, conflict, "wrong_status", "deal_id", on(6))
}

func TestADealsPartnerSeesThatItWasReferred(t *testing.T) {
	s, second := contested(t)
	f := s.deal(second).ForPartner().Findings[0]
	assert.Empty(t, f.Referred.By)
	assert.Equal(t, "both brought the customer", f.Referred.Reason, "the case begins with it")
	assert.Equal(t, "desk-1", s.theFinding(second).Referred.By, "nothing is taken from the deal itself")
}
