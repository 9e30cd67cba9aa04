package account_test

import (
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/account"
	"github.com/channelledger/channelledger/domain/domaintest"
)

var (
	disputed = domain.DeriveID("dispute")
	ruling   = domain.DeriveID("ruling")
)

func rate(s string) domain.Rate { return domain.Must(domain.ParseRate(s)) }

func TestAHoldKeepsTheProtectionAndRivalsOut(t *testing.T) {
	s := newStory(t)
	deal := s.approved(north, on(0))
	hold, lift := account.PlaceHold{DealID: deal, DisputeID: disputed}, account.LiftHold{DealID: deal, DisputeID: disputed}
	s.refuses(hold, forbidden, "role", "", domaintest.By(domaintest.Desk()))
	s.refuses(hold, forbidden, "reactor_only", "", domaintest.By(domaintest.Importer()))
	s.wants(lift, nil)
	s.wants(hold, []account.Event{account.HoldPlaced(hold)}, on(100))
	s.wants(hold, nil, on(100))
	s.wants(account.ExpireDeal{DealID: deal}, nil, on(180))
	assert.True(t, s.deal(deal).ProtectedAt(day(200)), "it doesn't end while it is held")
	rival := s.registers(south, gtx, on(200))
	s.overrideAll(rival, on(200))
	s.refuses(account.ApproveDeal{DealID: rival}, conflict, "line_held", "deal_id", on(200))

	s.wants(lift, []account.Event{
		account.HoldLifted{DealID: deal, DisputeID: disputed, ProtectedUntil: day(201)},
	}, on(201))
	s.wants(lift, nil, on(201))
	s.wants(account.ExpireDeal{DealID: deal}, []account.Event{account.DealExpired{DealID: deal}}, on(201))
	s.do(account.ApproveDeal{DealID: rival}, on(201))
}

func TestTwoDisputesHoldADealUntilBothAreOver(t *testing.T) {
	s := newStory(t)
	deal, other := s.approved(north, on(0)), domain.DeriveID("another dispute")
	s.do(account.PlaceHold{DealID: deal, DisputeID: disputed}, on(1))
	s.do(account.PlaceHold{DealID: deal, DisputeID: other}, on(2))
	lift := account.LiftHold{DealID: deal, DisputeID: disputed}
	s.wants(lift, []account.Event{account.HoldLifted{DealID: deal, DisputeID: disputed}}, on(3))
	assert.True(t, s.deal(deal).Held())
	s.wants(account.LiftHold{DealID: deal, DisputeID: other}, []account.Event{
		account.HoldLifted{DealID: deal, DisputeID: other, ProtectedUntil: day(180)},
	}, on(4))
	assert.Equal(t, day(180), s.deal(deal).ProtectedUntil, "it ends as it would have")
}

func TestReassignDeal(t *testing.T) {
	s := newStory(t)
	deal := s.approved(north, on(0))
	c := account.ReassignDeal{DealID: deal, To: south, SellerID: southSeller, Ruling: ruling}
	s.refuses(c, forbidden, "reactor_only", "", domaintest.By(domaintest.Importer()))
	wrong := c
	wrong.SellerID = northSeller
	s.refuses(wrong, missing, "seller_unknown", "seller_id")
	wrong = c
	wrong.To = domain.DeriveID("nobody")
	s.refuses(wrong, missing, "partner_unknown", "partner_id")
	s.wants(c, []account.Event{account.DealReassigned{
		DealID: deal, From: north, To: south, FromSeller: northSeller, ToSeller: southSeller, Ruling: ruling,
	}}, on(1))
	assert.Equal(t, south, s.deal(deal).PartnerID)
	s.refuses(c, conflict, "same_partner", "to")

	back := account.ReassignDeal{DealID: deal, To: north, SellerID: northSeller, Ruling: ruling}
	s.do(back, on(2))
	s.do(account.WithdrawDeal{DealID: deal}, on(3))
	s.refuses(c, conflict, "wrong_status", "deal_id", on(4))
}

func TestSplitCredit(t *testing.T) {
	s := newStory(t)
	deal := s.approved(north, on(0))
	shares := []account.CreditShare{{PartnerID: north, Share: rate("0.4")}, {PartnerID: south, Share: rate("0.6")}}
	c := account.SplitCredit{DealID: deal, Shares: shares, Ruling: ruling}
	s.refuses(c, forbidden, "reactor_only", "", domaintest.By(domaintest.Importer()))
	for field, wrong := range map[string][]account.CreditShare{
		"shares":               shares[:1],
		"shares[0]":            {{PartnerID: north}},
		"shares[1].partner_id": {shares[0], shares[0]},
	} {
		s.refuses(account.SplitCredit{DealID: deal, Shares: wrong}, invalid, "invalid_field", field)
	}
	s.wants(c, []account.Event{account.CreditSplitSet{DealID: deal, Shares: shares, Ruling: ruling}})
	s.refuses(c, conflict, "same_credit", "shares")
	s.refuses(influence(deal, south, account.InfluenceCoSell), conflict, "own_credit", "partner_id")
	s.wants(account.SplitCredit{DealID: deal, Ruling: ruling}, []account.Event{
		account.CreditSplitSet{DealID: deal, Replaces: shares, Ruling: ruling},
	})
	assert.Empty(t, s.deal(deal).Credit)
	s.do(influence(deal, south, account.InfluenceCoSell))
}

func TestReinstateDeal(t *testing.T) {
	s := newStory(t)
	deal := s.approved(north, on(0))
	s.refuses(account.UndoReinstatement{DealID: deal, Until: day(1)}, conflict, "not_reinstated", "deal_id", on(1))
	s.do(account.ExpireDeal{DealID: deal}, on(180))
	c := account.ReinstateDeal{DealID: deal, ProtectedUntil: day(300), Ruling: ruling}
	s.refuses(c, forbidden, "reactor_only", "", domaintest.By(domaintest.Importer()), on(190))
	s.refuses(c, conflict, "protection_over", "protected_until", on(300))
	rival := s.registers(south, gtx, on(190))
	o := s.do(c, on(191))
	assert.Equal(t, account.DealReinstated{
		DealID: deal, From: account.StatusExpired, ProtectedUntil: day(300), Replaces: day(180), Ruling: ruling,
	}, o[0])
	assert.Len(t, o, 2, "the rival's registration is warned")
	assert.Equal(t, account.StatusApproved, s.deal(deal).Status)
	assert.True(t, s.deal(deal).ProtectedAt(day(299)))
	s.refuses(account.ApproveDeal{DealID: rival}, conflict, "conflict", "deal_id", on(192))

	undo := account.UndoReinstatement{DealID: deal, Until: day(180)}
	s.refuses(undo, forbidden, "reactor_only", "", domaintest.By(domaintest.Importer()), on(193))
	s.wants(undo, []account.Event{account.ProtectionShortened{
		DealID: deal, ProtectedUntil: day(193), Because: account.ShortenedByRuling, Policy: "deal_registration@1",
	}}, on(193))
	s.do(account.ExpireDeal{DealID: deal}, on(193))
	s.refuses(undo, conflict, "wrong_status", "deal_id", on(194))
	s.overrideAll(rival, on(194))
	s.do(account.ApproveDeal{DealID: rival}, on(194))
	s.do(account.PlaceHold{DealID: uuid.UUID(deal), DisputeID: disputed}, on(195))
}

func TestAnotherIsProtectedMeanwhile(t *testing.T) {
	s := newStory(t)
	deal := s.approved(north, on(0))
	s.do(account.ExpireDeal{DealID: deal}, on(180))
	s.approved(south, on(190))
	c := account.ReinstateDeal{DealID: deal, ProtectedUntil: day(300), Ruling: ruling}
	s.refuses(c, conflict, "line_protected", "deal_id", on(191))
}
