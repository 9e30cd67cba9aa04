package metrics

import (
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/partner"
	"github.com/channelledger/channelledger/projections"
)

// partnerRow is the domain's own partner, without its people, and what it doesn't keep for every moment.
type partnerRow struct {
	Partner partner.Partner      `json:"partner"`
	Country domain.Dated[string] `json:"country"` // each application says it anew
	Events  []ref                `json:"events"`  // in recorded order
}

// sellerRow is a person who sells for a partner, or did: an id, never a name.
type sellerRow struct {
	PartnerID uuid.UUID          `json:"partner"`
	SellerID  uuid.UUID          `json:"seller"`
	Member    domain.Dated[bool] `json:"member"`
	Events    []ref              `json:"events"`            // that say so, in recorded order
	Learned   []ref              `json:"learned,omitempty"` // trainings and certifications
}

func (t *tables) applyPartner(e partner.Event, env domain.Envelope) error {
	_, id, err := domain.ParseStream(env.Stream)
	if err != nil {
		return err
	}
	switch e := e.(type) {
	case partner.SellerAdded:
		return t.applySeller(id, e.SellerID, func(s *sellerRow) { s.joins(true, env) })
	case partner.SellerRemoved:
		return t.applySeller(id, e.SellerID, func(s *sellerRow) { s.joins(false, env) })
	case partner.TrainingCompleted:
		return t.applySeller(id, e.SellerID, func(s *sellerRow) { s.Learned = append(s.Learned, refOf(env)) })
	case partner.CertificationEarned:
		return t.applySeller(id, e.SellerID, func(s *sellerRow) { s.Learned = append(s.Learned, refOf(env)) })
	}
	return t.partners.Update(id.String(), func(p *partnerRow) {
		p.Partner.Apply(e, env)
		p.Events = append(p.Events, refOf(env))
		if e, ok := e.(partner.Applied); ok {
			p.Country.Set(env.EffectiveAt, e.Country)
		}
	})
}

func (t *tables) applySeller(partnerID, sellerID uuid.UUID, change func(*sellerRow)) error {
	return t.sellers.Update(partnerID.String()+"/"+sellerID.String(), func(s *sellerRow) {
		s.PartnerID, s.SellerID = partnerID, sellerID
		change(s)
	})
}

func (s *sellerRow) joins(member bool, env domain.Envelope) {
	s.Member.Set(env.EffectiveAt, member)
	s.Events = append(s.Events, refOf(env))
}

func newPartners(s *projections.Schema) *projections.Table[partnerRow] {
	return projections.NewTable[partnerRow](s, "partners")
}

func newSellers(s *projections.Schema) *projections.Table[sellerRow] {
	return projections.NewTable[sellerRow](s, "sellers")
}

// Partner is a partner as seen from a moment: by all that had taken effect until then.
type Partner struct {
	ID  uuid.UUID
	row *partnerRow
	at  time.Time
}

// InProgram reports whether the partner was in the program at a moment not later than the one it is seen from: let in, not
// deactivated since, with an agreement in force. A suspended one is in.
func (p *Partner) InProgram(moment time.Time) bool {
	status, _ := p.row.Partner.Status.At(moment)
	switch status {
	case partner.StatusApproved, partner.StatusOnboarded, partner.StatusSuspended:
	default: // a partner that was deactivated and applies again is out until it is let in
		return false
	}
	for _, a := range p.agreements() {
		if a.InForceAt(moment) {
			return true
		}
	}
	return false
}

// agreements are those signed by the moment that the partner is seen from.
func (p *Partner) agreements() (signed []partner.Agreement) {
	for _, a := range p.row.Partner.Agreements {
		if !a.SignedAt.After(p.at) {
			signed = append(signed, a)
		}
	}
	return signed
}

// SignedAt is when the partner first signed an agreement; false where it hasn't.
func (p *Partner) SignedAt() (first time.Time, ok bool) {
	for _, a := range p.agreements() {
		if !ok || a.SignedAt.Before(first) {
			first, ok = a.SignedAt, true
		}
	}
	return first, ok
}

// TierAt is the partner's tier at a moment; empty where it was on none.
func (p *Partner) TierAt(moment time.Time) string {
	tier, _ := p.row.Partner.Tier.At(moment)
	return tier
}

// changes are the moments at which the partner may have come into the program.
func (p *Partner) changes() (all []time.Time) {
	for _, e := range p.row.Partner.Status.Entries {
		all = append(all, e.From)
	}
	for _, a := range p.row.Partner.Agreements {
		all = append(all, a.From)
	}
	return all
}

// group is the partner's value in a grouping, at a moment.
func (p *Partner) group(by GroupBy, moment time.Time) string {
	switch by {
	case ByPartner:
		return p.ID.String()
	case ByKind:
		kind, _ := p.row.Partner.Kind.At(moment)
		return string(kind)
	case ByCountry:
		country, _ := p.row.Country.At(moment)
		return country
	case ByTier:
		return p.TierAt(moment)
	}
	return ""
}

// Seller is a person who sold for a partner, as seen from a moment.
type Seller struct {
	PartnerID, SellerID uuid.UUID

	row *sellerRow
}

// BelongedTo reports whether the person belonged, at any moment of the window, to the partner while that was in the program.
// Both change at few moments only, so those and the first one of the window are all there is to look at.
func (s *Seller) BelongedTo(p *Partner, w Window) bool {
	moments := append(p.changes(), w.After.Add(1))
	for _, e := range s.row.Member.Entries {
		moments = append(moments, e.From)
	}
	for _, m := range moments {
		if member, _ := s.row.Member.At(m); w.Holds(m) && member && p.InProgram(m) {
			return true
		}
	}
	return false
}

// until are the events that had taken effect by a moment.
func until(events []ref, moment time.Time) (some []ref) {
	for _, e := range events {
		if !e.At.After(moment) {
			some = append(some, e)
		}
	}
	return some
}
