package account_test

import (
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"

	"github.com/channelledger/channelledger/domain/account"
	"github.com/channelledger/channelledger/domain/domaintest"
)

// windDown is what the reactor orders when the deal's partner left on a day.
func windDown(deal uuid.UUID, left int) account.WindDownDeal {
	return account.WindDownDeal{DealID: deal, LeftAt: day(left)}
}

func shortened(deal uuid.UUID, until int) []account.Event {
	return []account.Event{account.ProtectionShortened{
		DealID: deal, ProtectedUntil: day(until), Because: account.ShortenedByDeactivation, Policy: "deal_registration@1",
	}}
}

func TestWhatWaitsIsWithdrawnWhenThePartnerLeaves(t *testing.T) {
	s := newStory(t)
	submitted, returned := s.registers(north, gtx), s.registers(north, gtx)
	s.do(account.ReturnDeal{DealID: returned, Reason: "which site?"}, on(1))
	for _, deal := range []uuid.UUID{submitted, returned} {
		s.wants(windDown(deal, 2), []account.Event{account.DealWithdrawn{DealID: deal, Reason: "the partner left the program"}}, on(2))
		s.wants(windDown(deal, 2), nil, on(3))
		assert.Equal(t, account.StatusWithdrawn, s.deal(deal).Status)
	}
}

func TestAProtectionEndsThirtyDaysAfterThePartnerLeft(t *testing.T) {
	s := newStory(t)
	deal := s.approved(north, on(0))
	s.wants(windDown(deal, 10), shortened(deal, 40), on(10))
	s.wants(windDown(deal, 10), nil, on(10))
	assert.Equal(t, string(account.ShortenedByDeactivation), s.deal(deal).Shortened.Reason)
	assert.True(t, s.deal(deal).ProtectedAt(day(39)))
	assert.False(t, s.deal(deal).ProtectedAt(day(40)))
	s.wants(account.ExpireDeal{DealID: deal}, []account.Event{account.DealExpired{DealID: deal}}, on(40))
	rival := s.registers(south, gtx, on(40))
	s.do(account.ApproveDeal{DealID: rival}, on(40))
}

func TestAProtectionThatEndsEarlierAnyhowStays(t *testing.T) {
	s := newStory(t)
	deal := s.approved(north, on(0))
	s.wants(windDown(deal, 160), nil, on(160))
	assert.Equal(t, day(180), s.deal(deal).ProtectedUntil)
}

func TestThePolicySaysHowLongAProtectionOutlivesThePartner(t *testing.T) {
	s := newStory(t)
	s.facts = func(partner uuid.UUID) account.Facts {
		f := facts(partner)
		f.Rules.DealRegistration.Body.WindDownDays = 7
		return f
	}
	deal := s.approved(north, on(0))
	s.wants(windDown(deal, 10), shortened(deal, 17), on(10))
}

// Learned of late, a protection isn't taken back: it ends when the ledger learns of it, where nothing else was decided since.
func TestADeactivationRecordedLate(t *testing.T) {
	s := newStory(t)
	deal := s.approved(north, on(50))
	s.wants(windDown(deal, 10), nil, on(60), since(10))
	s.wants(windDown(deal, 10), shortened(deal, 50), on(60), since(50))
}

func TestAnUndecidedExtensionLapsesWhenThePartnerLeaves(t *testing.T) {
	s := newStory(t)
	deal := s.approved(north, on(0))
	s.do(account.RequestExtension{DealID: deal, Evidence: "met them"}, on(170))
	s.wants(windDown(deal, 172), shortened(deal, 180), on(172))
	assert.Equal(t, account.ExtensionLapsed, s.deal(deal).Extension.Status)
	s.refuses(account.GrantExtension{DealID: deal}, conflict, "no_extension_pending", "deal_id", on(173))

	s = newStory(t)
	deal = s.approved(north, on(0))
	s.do(account.RequestExtension{DealID: deal, Evidence: "met them"}, on(170))
	s.wants(windDown(deal, 190), shortened(deal, 190), on(190))
}

// A partner that came back may ask again; the order of its leaving, given once more, takes nothing from that.
func TestWhatWasDecidedSinceStays(t *testing.T) {
	s := newStory(t)
	deal := s.approved(north, on(0))
	s.do(windDown(deal, 10), on(10))
	s.do(account.RequestExtension{DealID: deal, Evidence: "back again"}, on(20))
	s.wants(windDown(deal, 10), nil, on(21), since(10), domaintest.By(domaintest.Scheduler()))
	s.do(account.GrantExtension{DealID: deal}, on(22))
	s.wants(windDown(deal, 10), nil, on(23), since(10), domaintest.By(domaintest.Scheduler()))
	assert.Equal(t, day(130), s.deal(deal).ProtectedUntil)
}

func TestOfAClosedDealNothingEnds(t *testing.T) {
	s := newStory(t)
	deal := s.approved(north, on(0))
	s.do(account.WinDeal{DealID: deal, Lines: amounts(gtx...)}, on(5))
	s.wants(windDown(deal, 10), nil, on(10))
	s.refuses(windDown(north, 10), missing, "deal_unknown", "deal_id", on(10))
	s.refuses(windDown(deal, 10), forbidden, "role", "", on(10), domaintest.By(domaintest.Desk()))
}

// Suspended, or without an agreement: nothing new, and what is protected stays so.
func TestASuspendedPartnersProtectionsRun(t *testing.T) {
	s := newStory(t)
	deal := s.approved(north, on(0))
	asked := s.approved(north, on(0))
	s.do(account.RequestExtension{DealID: asked, Evidence: "met them"}, on(1))
	s.facts = func(partner uuid.UUID) account.Facts {
		f := facts(partner)
		f.Partner.Active, f.Partner.Reason = false, "suspended"
		return f
	}
	s.refuses(account.RequestExtension{DealID: deal, Evidence: "met them"}, conflict, "partner_not_active", "partner_id", on(2))
	s.refuses(account.GrantExtension{DealID: asked}, conflict, "partner_not_active", "partner_id", on(2))
	s.refuses(register(north, gtx...), conflict, "partner_not_active", "partner_id", on(2))
	s.do(account.DeclineExtension{DealID: asked, Reason: "suspended"}, on(2))
	s.do(account.WinDeal{DealID: deal, Lines: amounts(gtx...)}, on(3))
	assert.True(t, s.deal(deal).Win.Protected)
}
