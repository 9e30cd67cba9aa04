package account_test

import (
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"

	"github.com/channelledger/channelledger/domain/account"
	"github.com/channelledger/channelledger/domain/domaintest"
)

// opens lets the vendor open an opportunity of its own on GTX.
func (s *story) opens(options ...domaintest.Option) uuid.UUID {
	s.t.Helper()
	opened := s.do(account.OpenDirectOpportunity{AccountID: acme, Products: []string{"GTX"}}, options...)
	return opened[0].(account.DirectOpportunityOpened).OpportunityID
}

func (s *story) winsDirectly(opportunity uuid.UUID, options ...domaintest.Option) []account.Event {
	s.t.Helper()
	return s.do(account.CloseDirectOpportunity{
		AccountID: acme, OpportunityID: opportunity, Outcome: account.OutcomeWon, Amount: money("9"),
	}, options...)
}

// breaches are those among events.
func breaches(events []account.Event) (found []account.ProtectionBreached) {
	for _, e := range events {
		if b, ok := e.(account.ProtectionBreached); ok {
			found = append(found, b)
		}
	}
	return found
}

var importer = domaintest.By(domaintest.Importer())

func approve(deal uuid.UUID) account.ApproveDeal {
	return account.ApproveDeal{DealID: deal, Reason: "imported history"}
}

func TestApprovedAfterTheOpeningOnlyTheWinBreaches(t *testing.T) {
	s := newStory(t)
	deal := s.registers(north, gtx)
	opportunity := s.opens(on(1))
	assert.Empty(t, breaches(s.do(account.ApproveDeal{DealID: deal}, on(2))), "it was not protected then")
	won := breaches(s.winsDirectly(opportunity, on(3)))
	assert.Equal(t, []account.ProtectionBreached{{DealID: deal, OpportunityID: opportunity, By: account.BreachByWinning}}, won)
}

// What the vendor did while an approval was in effect, and not yet recorded, becomes a breach with it, as of when it was done.
func TestAnApprovalRecordedLateFindsWhatBreachedIt(t *testing.T) {
	s := newStory(t)
	deal := s.registers(north, gtx, importer)
	before := s.opens(on(1), since(1))
	after := s.opens(on(4))
	s.winsDirectly(before, on(5))
	found := breaches(s.do(approve(deal), on(9), since(2), importer))
	assert.Equal(t, []account.ProtectionBreached{
		{DealID: deal, OpportunityID: before, By: account.BreachByWinning, At: day(5)},
		{DealID: deal, OpportunityID: after, By: account.BreachByOpening, At: day(4)},
	}, found)
	assert.Equal(t, day(5), s.deal(deal).Breaches[0].Step.At)
	assert.Equal(t, day(9), s.deal(deal).Breaches[0].Step.RecordedAt)
}

func TestAnUndecidedExtensionProtectsFromTheVendor(t *testing.T) {
	s := newStory(t)
	deal := s.approved(north, on(0))
	s.do(account.RequestExtension{DealID: deal, Evidence: "met them"}, on(179))
	found := breaches(s.do(account.OpenDirectOpportunity{AccountID: acme, Products: []string{"GTX"}}, on(200)))
	assert.Len(t, found, 1, "beyond the old end")
}

// A request in time that is recorded late: the protection went on meanwhile.
func TestAnExtensionRecordedLateFindsWhatBreachedIt(t *testing.T) {
	s := newStory(t)
	deal := s.approved(north, on(0))
	inTime := s.opens(on(178))
	beyond := s.opens(on(190))
	assert.Len(t, s.deal(deal).Breaches, 1)
	found := breaches(s.do(account.RequestExtension{DealID: deal, Evidence: "met them"}, on(191), since(170), importer))
	assert.Equal(t, []account.ProtectionBreached{{DealID: deal, OpportunityID: beyond, By: account.BreachByOpening, At: day(190)}}, found)
	assert.Equal(t, inTime, s.deal(deal).Breaches[0].OpportunityID, "found before, and not again")
}

// Between the loss and the reopening nothing was protected; behind it everything is, again.
func TestReopenedItIsProtectedFromThenOn(t *testing.T) {
	s := newStory(t)
	deal := s.approved(north, on(0))
	s.do(account.LoseDeal{DealID: deal, Reason: "price"}, on(10))
	meanwhile := s.opens(on(11))
	assert.Empty(t, s.deal(deal).Breaches)
	later := s.opens(on(20))
	found := breaches(s.do(account.ReopenDeal{DealID: deal, Reason: "they came back"}, on(21), since(15), importer))
	assert.Equal(t, []account.ProtectionBreached{{DealID: deal, OpportunityID: later, By: account.BreachByOpening, At: day(20)}}, found)
	assert.Len(t, breaches(s.winsDirectly(meanwhile, on(30))), 1)
}

func TestAnOpeningRecordedLateBreachesWhatWasProtectedThen(t *testing.T) {
	s := newStory(t)
	deal := s.approved(north, on(5))
	s.do(account.LoseDeal{DealID: deal, Reason: "price"}, on(10))
	open := account.OpenDirectOpportunity{AccountID: acme, Products: []string{"GTX"}}
	assert.Len(t, breaches(s.do(open, on(20), since(7))), 1, "while it was protected")
	assert.Empty(t, breaches(s.do(open, on(20), since(4))), "before")
	assert.Empty(t, breaches(s.do(open, on(20), since(12))), "after")
	assert.Empty(t, breaches(s.do(account.OpenDirectOpportunity{AccountID: acme, Products: []string{"MG"}}, on(20), since(7))), "elsewhere")
}
