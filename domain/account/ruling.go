package account

import (
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
)

func (e DealReassigned) apply(d *Deal, env domain.Envelope) {
	d.PartnerID, d.SellerID, d.Reassigned = e.To, e.ToSeller, stepOf(env, "")
}

func (e CreditSplitSet) apply(d *Deal, _ domain.Envelope) { d.Credit = e.Shares }

func (e DealReinstated) apply(d *Deal, env domain.Envelope) {
	d.Status, d.ProtectedUntil, d.Reinstated = StatusApproved, e.ProtectedUntil, stepOf(env, "")
	d.Closed, d.Shortened = Step{}, Step{}
	if e.From == StatusExpired { // what happened in between is no breach
		d.ProtectedFrom = env.EffectiveAt
	}
}

// ReassignDeal gives a deal to another partner, as a ruling orders.
// Errors: the partner or the seller isn't there; it is the partner's already (same_partner); the deal was rejected or
// withdrawn (wrong_status).
type ReassignDeal struct {
	DealID   uuid.UUID `json:"deal_id"`
	To       uuid.UUID `json:"to"`
	SellerID uuid.UUID `json:"seller_id"` // of that partner
	Ruling   uuid.UUID `json:"ruling"`    // the event that orders it
}

func (ReassignDeal) roles() []domain.Role { return reactorRoles() }

func (c ReassignDeal) dealID() uuid.UUID { return c.DealID }

func (c ReassignDeal) partnerID() uuid.UUID { return c.To }

func (c ReassignDeal) decide(s *State, h domain.Header, f Facts) ([]Event, error) {
	d, err := s.ruledOn(c.DealID, h, "ReassignDeal")
	if err != nil {
		return nil, err
	}
	if err := domain.FirstOf(f.known(c.To), f.seller(c.To, c.SellerID)); err != nil {
		return nil, err
	}
	switch {
	case d.PartnerID == c.To:
		return nil, domain.Refuse("same_partner", "to", "the deal is that partner's already")
	case d.Status == StatusRejected || d.Status == StatusWithdrawn:
		return nil, domain.Refuse("wrong_status", "deal_id", "the deal is %s: nobody has it", d.Status)
	}
	return []Event{DealReassigned{
		DealID: d.ID, From: d.PartnerID, To: c.To, FromSeller: d.SellerID, ToSeller: c.SellerID, Ruling: c.Ruling,
	}}, nil
}

// SplitCredit splits what a deal brings between partners, as a ruling orders; without shares all of it is the deal's
// partner's again.
// Errors: the shares don't sum to 1; a partner is there twice; it is split so already (same_credit).
type SplitCredit struct {
	DealID uuid.UUID     `json:"deal_id"`
	Shares []CreditShare `json:"shares,omitempty"`
	Ruling uuid.UUID     `json:"ruling"` // the event that orders it
}

func (SplitCredit) roles() []domain.Role { return reactorRoles() }

func (c SplitCredit) dealID() uuid.UUID { return c.DealID }

func (c SplitCredit) decide(s *State, h domain.Header, _ Facts) ([]Event, error) {
	d, err := s.ruledOn(c.DealID, h, "SplitCredit")
	if err != nil {
		return nil, err
	}
	if err := c.check(); err != nil {
		return nil, err
	}
	if slices.Equal(c.Shares, d.Credit) {
		return nil, domain.Refuse("same_credit", "shares", "the credit is split so already")
	}
	return []Event{CreditSplitSet{DealID: d.ID, Shares: c.Shares, Replaces: d.Credit, Ruling: c.Ruling}}, nil
}

func (c SplitCredit) check() error {
	var sum domain.Rate
	for i, s := range c.Shares {
		path := fmt.Sprintf("shares[%d]", i)
		if s.PartnerID == uuid.Nil || s.Share.Sign() <= 0 {
			return domain.Invalid(path, "want a partner and a share above 0")
		}
		if slices.ContainsFunc(c.Shares[:i], func(o CreditShare) bool { return o.PartnerID == s.PartnerID }) {
			return domain.Invalid(path+".partner_id", "the partner is there already")
		}
		var err error
		if sum, err = sum.Add(s.Share); err != nil {
			return domain.Invalid(path+".share", "%v", err)
		}
	}
	if len(c.Shares) > 0 && sum != domain.Must(domain.ParseRate("1")) {
		return domain.Invalid("shares", "sum to %s, not to 1", sum)
	}
	return nil
}

// ReinstateDeal protects a deal that expired, or prolongs its protection, as a ruling orders. What the vendor did against it
// from now on is a breach.
// Errors: the deal is neither approved nor expired (wrong_status); the protection would be over already (protection_over);
// another partner is protected on a line meanwhile (line_protected).
type ReinstateDeal struct {
	DealID         uuid.UUID `json:"deal_id"`
	ProtectedUntil time.Time `json:"protected_until"` // exclusive
	Ruling         uuid.UUID `json:"ruling"`          // the event that orders it
}

func (ReinstateDeal) roles() []domain.Role { return reactorRoles() }

func (c ReinstateDeal) dealID() uuid.UUID { return c.DealID }

func (c ReinstateDeal) decide(s *State, h domain.Header, _ Facts) ([]Event, error) {
	d, err := s.ruledOn(c.DealID, h, "ReinstateDeal")
	if err != nil {
		return nil, err
	}
	if err := d.stepFrom(h, StatusApproved, StatusExpired); err != nil {
		return nil, err
	}
	if !c.ProtectedUntil.After(h.EffectiveAt) {
		return nil, domain.Refuse("protection_over", "protected_until", "the protection would have ended %s", stamp(c.ProtectedUntil))
	}
	if rival := s.rivalAfter(d, h.EffectiveAt, h.EffectiveAt); rival != nil {
		return nil, domain.Refuse("line_protected", "deal_id", "deal %s of another partner is protected on the line", rival.ID)
	}
	until := c.ProtectedUntil.UTC()
	reinstated := DealReinstated{DealID: d.ID, From: d.Status, ProtectedUntil: until, Replaces: d.ProtectedUntil, Ruling: c.Ruling}
	return slices.Concat([]Event{reinstated}, s.warnRivals(d, until), s.breachesWithin(d, h.EffectiveAt, until)), nil
}

// UndoReinstatement ends a protection that a ruling gave which was overturned: when it would have ended without it, or now
// where that is later.
// Errors: the deal is not approved any more (wrong_status): what it brought has to be looked at by people; no ruling
// reinstated it (not_reinstated).
type UndoReinstatement struct {
	DealID uuid.UUID `json:"deal_id"`
	Until  time.Time `json:"until"` // when it would have ended
}

func (UndoReinstatement) roles() []domain.Role { return reactorRoles() }

func (c UndoReinstatement) dealID() uuid.UUID { return c.DealID }

func (c UndoReinstatement) decide(s *State, h domain.Header, _ Facts) ([]Event, error) {
	d, err := s.ruledOn(c.DealID, h, "UndoReinstatement")
	if err != nil {
		return nil, err
	}
	switch {
	case d.Status != StatusApproved:
		return nil, domain.Refuse("wrong_status", "deal_id", "the deal is %s: want %s", d.Status, StatusApproved)
	case !d.Reinstated.Taken():
		return nil, domain.Refuse("not_reinstated", "deal_id", "no ruling reinstated the deal")
	}
	until := later(c.Until, h.EffectiveAt)
	if d.ProtectedUntil.Before(until) {
		until = d.ProtectedUntil // over already: this never prolongs
	}
	return []Event{ProtectionShortened{
		DealID: d.ID, ProtectedUntil: until, Because: ShortenedByRuling, Policy: d.Policy,
	}}, nil
}
