package dispute

import (
	"slices"

	"github.com/google/uuid"
)

// A remedy that gives a deal to a partner names who of its people has it from then on. That is for that partner.

// SellersOfOthers are the people of other partners whom an event of a case names.
func SellersOfOthers(e Event, partner uuid.UUID) (ids []uuid.UUID) {
	var remedies []Remedy
	switch e := e.(type) {
	case RulingIssued:
		remedies = e.Remedies
	case AppealRuled:
		remedies = e.Remedies
	case SettlementProposed:
		remedies = e.Terms
	}
	for _, r := range remedies {
		if r.SellerID != uuid.Nil && r.PartnerID != partner {
			ids = append(ids, r.SellerID)
		}
	}
	return ids
}

// withoutSellers takes out of a copy of the case who of other partners' people remedies name.
func (c *Case) withoutSellers(partner uuid.UUID) {
	without := func(remedies []Remedy) []Remedy {
		remedies = slices.Clone(remedies)
		for i := range remedies {
			remedies[i].withoutSeller(partner)
		}
		return remedies
	}
	ruling := func(r *Ruling) *Ruling {
		if r == nil {
			return nil
		}
		seen := *r
		seen.Remedies = without(r.Remedies)
		return &seen
	}
	c.Ruling = ruling(c.Ruling)
	if c.Appeal != nil {
		c.Appeal.Ruling = ruling(c.Appeal.Ruling)
	}
	if c.Settlement != nil {
		c.Settlement.Terms = without(c.Settlement.Terms)
	}
	for i := range c.Remedies {
		c.Remedies[i].withoutSeller(partner)
	}
}

func (r *Remedy) withoutSeller(partner uuid.UUID) {
	if r.PartnerID != partner {
		r.SellerID = uuid.Nil
	}
}
