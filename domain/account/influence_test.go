package account_test

import (
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/account"
	"github.com/channelledger/channelledger/domain/domaintest"
)

func influence(deal, partner uuid.UUID, role account.InfluenceRole) account.RecordInfluence {
	return account.RecordInfluence{DealID: deal, PartnerID: partner, Role: role, Note: "ran the pilot"}
}

func revoke(deal, partner uuid.UUID, role account.InfluenceRole) account.RevokeInfluence {
	return account.RevokeInfluence{DealID: deal, PartnerID: partner, Role: role, Reason: "another deal's"}
}

func TestInfluence(t *testing.T) {
	s := newStory(t)
	deal := s.approved(north, on(0))
	c := influence(deal, south, account.InfluenceTechnical)
	s.wants(c, []account.Event{account.InfluenceRecorded(c)}, on(1))
	s.refuses(c, conflict, "influence_recorded", "role", on(1))
	s.do(account.WinDeal{DealID: deal, Lines: amounts(gtx...)}, on(2))
	s.do(influence(deal, south, account.InfluenceDelivery), on(3))
	s.do(influence(deal, west, account.InfluenceReferral), on(3))
	assert.Equal(t, []uuid.UUID{south, west}, s.deal(deal).Influencers(), "each once")

	s.refuses(revoke(deal, south, account.InfluenceTechnical), conflict, "out_of_order", "effective_at", on(4), since(0))
	s.wants(revoke(deal, south, account.InfluenceTechnical), []account.Event{
		account.InfluenceRevoked(revoke(deal, south, account.InfluenceTechnical)),
	}, on(4))
	assert.Equal(t, []uuid.UUID{south, west}, s.deal(deal).Influencers(), "it delivered all the same")
	s.do(revoke(deal, south, account.InfluenceDelivery), on(4))
	assert.Equal(t, []uuid.UUID{west}, s.deal(deal).Influencers())
	s.refuses(revoke(deal, south, account.InfluenceDelivery), missing, "influence_unknown", "partner_id", on(5))
	s.do(influence(deal, south, account.InfluenceTechnical), on(5))
	assert.Len(t, s.deal(deal).Influences, 4, "nothing is forgotten")
	assert.Equal(t, "another deal's", s.deal(deal).Influences[0].Revoked.Reason)
}

func TestInfluenceThatIsRefused(t *testing.T) {
	s := newStory(t)
	deal, gone := s.registers(north, gtx, on(1)), s.registers(north, gtx, on(1))
	s.do(account.WithdrawDeal{DealID: gone}, on(1))
	role := account.InfluenceCoSell
	s.refuses(influence(north, south, role), missing, "deal_unknown", "deal_id", on(1))
	s.refuses(influence(deal, uuid.Nil, role), invalid, "invalid_field", "partner_id", on(1))
	s.refuses(influence(deal, south, "cheered"), invalid, "invalid_field", "role", on(1))
	s.refuses(influence(deal, domain.DeriveID("nobody"), role), missing, "partner_unknown", "partner_id", on(1))
	s.refuses(influence(deal, north, role), conflict, "own_deal", "partner_id", on(1))
	s.refuses(influence(gone, south, role), conflict, "wrong_status", "deal_id", on(1))
	s.refuses(influence(deal, south, role), conflict, "out_of_order", "effective_at", on(1), since(0))
	s.refuses(influence(deal, south, role), forbidden, "role", "", on(1), domaintest.By(domaintest.Seller(south)))
	c := revoke(deal, south, role)
	c.Reason = ""
	s.refuses(c, invalid, "invalid_field", "reason", on(1))
	c.DealID = north
	s.refuses(c, missing, "deal_unknown", "deal_id", on(1))
}

func TestInfluenceIsBounded(t *testing.T) {
	s := newStory(t)
	deal := s.registers(north, gtx)
	for range account.MaxInfluences {
		s.do(influence(deal, south, account.InfluenceCoSell))
		s.do(revoke(deal, south, account.InfluenceCoSell))
	}
	s.refuses(influence(deal, west, account.InfluenceCoSell), conflict, "too_many", "deal_id")
}
