package dispute

import (
	"fmt"
	"slices"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
)

// RemediesOf are the remedies that a command orders or offers, as they were given.
func RemediesOf(c Command) []Remedy {
	switch c := c.(type) {
	case IssueRuling:
		return c.Remedies
	case RuleOnAppeal:
		return c.Remedies
	case ProposeSettlement:
		return c.Terms
	}
	return nil
}

// Named are the things in its stream that a remedy is about: a deal, a claim, a claw-back, findings.
func (r Remedy) Named() (ids []uuid.UUID) {
	for _, id := range append([]uuid.UUID{r.DealID, r.ClaimID, r.ClawbackID}, r.FindingIDs...) {
		if id != uuid.Nil {
			ids = append(ids, id)
		}
	}
	return ids
}

// checkKnown refuses what nobody could ever carry out, because there is no such thing: a ruling can't be corrected, and a
// remedy that waits for what never comes keeps the case open.
func (r Remedy) checkKnown(path string, f Facts) error {
	type field struct {
		name, noun string
		id         uuid.UUID
	}
	fields := []field{{"deal_id", "deal", r.DealID}, {"claim_id", "claim", r.ClaimID}, {"clawback_id", "claw-back", r.ClawbackID}}
	for i, id := range r.FindingIDs {
		fields = append(fields, field{fmt.Sprintf("finding_ids[%d]", i), "finding", id})
	}
	for _, x := range fields {
		if slices.Contains(f.Unknown, x.id) {
			return domain.NotFound("thing_unknown", path+"."+x.name, "%s has no %s %s", r.Stream, x.noun, x.id)
		}
	}
	tiers := f.Rules.Tiering.Body
	switch {
	case slices.Contains(f.Unknown, r.SellerID):
		return domain.NotFound("seller_unknown", path+".seller_id", "partner %s has no seller %s", r.PartnerID, r.SellerID)
	case r.Tier != "" && tiers.Rank(r.Tier) < 0:
		return domain.NotFound("tier_unknown", path+".tier", "want one of the tiers %v", tiers.Names())
	}
	return nil
}
