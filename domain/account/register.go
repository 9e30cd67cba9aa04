package account

import (
	"math"
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
)

func (e DealRegistered) apply(d *Deal, env domain.Envelope) {
	_, account, _ := domain.ParseStream(env.Stream)
	*d = Deal{
		ID: e.DealID, AccountID: account, PartnerID: e.PartnerID, SellerID: e.SellerID, ViaPartnerID: e.ViaPartnerID,
		Kind: e.Kind, Route: e.Route, Source: e.Source, Status: StatusSubmitted, ExpectedClose: e.ExpectedClose,
		Place: env.Revision, PlacedAt: env.EffectiveAt, RankedAt: env.RecordedAt, ReviewDue: e.ReviewDue, MDFRequestID: e.MDFRequestID, Submitted: stepOf(env, ""),
	}
	for _, l := range e.Lines {
		own := DealLine{Product: l.Product, Line: l.Line}
		own.Amount.Set(env.EffectiveAt, l.Amount)
		d.Lines = append(d.Lines, own)
	}
}

// RegisterDeal asks for protection on the product lines of the products named. The account is given by its id where it is
// known, or by the customer, who becomes known with it.
type RegisterDeal struct {
	AccountID     uuid.UUID    `json:"account_id,omitzero"`
	Customer      Customer     `json:"customer,omitzero"`
	PartnerID     uuid.UUID    `json:"partner_id"`
	SellerID      uuid.UUID    `json:"seller_id"`
	Kind          Kind         `json:"kind,omitempty"`          // new by default
	Route         Route        `json:"route,omitempty"`         // resale by default
	ViaPartnerID  uuid.UUID    `json:"via_partner_id,omitzero"` // the distributor, for the route distribution only
	Lines         []LineAmount `json:"lines"`                   // 1 to 100 products, each once, in one currency
	ExpectedClose domain.Date  `json:"expected_close,omitzero"` // a day
	Source        Source       `json:"source,omitempty"`        // partner by default
	MDFRequestID  uuid.UUID    `json:"mdf_request_id,omitzero"` // the funded activity of the partner that it came of
}

func (RegisterDeal) roles() []domain.Role { return partnerRoles() }

func (c RegisterDeal) partnerID() uuid.UUID { return c.PartnerID }

func (c RegisterDeal) accountID() (uuid.UUID, error) {
	if c.Customer == (Customer{}) && c.AccountID != uuid.Nil {
		return c.AccountID, nil
	}
	return customerID(c.Customer)
}

func (c RegisterDeal) decide(s *State, h domain.Header, f Facts) ([]Event, error) {
	account, events, err := s.identify(c.AccountID, c.Customer)
	if err != nil {
		return nil, err
	}
	if err := firstOf(s.notLinked(), c.checkParties(f), c.checkWords()); err != nil {
		return nil, err
	}
	lines, err := registeredLines(c.Lines, f.catalogue())
	if err != nil {
		return nil, err
	}
	registered := c.registered(domain.EntityID(h.CommandID, domain.StreamName(Category, account), "deal"), lines)
	registered.ReviewDue = f.businessDays(h.EffectiveAt, f.registration().ReviewBusinessDays)
	claim := registered.claim(h.EffectiveAt)
	claim.Customer = c.Customer.Profile()
	claim.Customer.AccountID = account
	return append(append(events, registered), claim.record(nil, claim.findings(s, f, h.EffectiveAt))...), nil
}

func (c RegisterDeal) checkParties(f Facts) error {
	return firstOf(
		givenID("partner_id", c.PartnerID),
		givenID("seller_id", c.SellerID),
		f.partner(c.PartnerID),
		f.seller(c.PartnerID, c.SellerID),
	)
}

func (c RegisterDeal) checkWords() error {
	if err := firstOf(
		oneOf("kind", c.Kind, "", KindNew, KindExpansion, KindRenewal),
		oneOf("route", c.Route, "", RouteResale, RouteReferral, RouteDistribution),
		oneOf("source", c.Source, "", SourcePartner, SourceVendorReferred),
	); err != nil {
		return err
	}
	distributed := c.Route == RouteDistribution
	switch {
	case distributed && c.ViaPartnerID == uuid.Nil:
		return domain.Invalid("via_partner_id", "the route distribution names its distributor")
	case !distributed && c.ViaPartnerID != uuid.Nil:
		return domain.Invalid("via_partner_id", "only the route distribution has a distributor")
	case c.ViaPartnerID != uuid.Nil && c.ViaPartnerID == c.PartnerID:
		return domain.Invalid("via_partner_id", "the distributor is another partner")
	}
	return nil
}

func (c RegisterDeal) registered(id uuid.UUID, lines []Line) DealRegistered {
	return DealRegistered{
		DealID: id, PartnerID: c.PartnerID, SellerID: c.SellerID, ViaPartnerID: c.ViaPartnerID,
		Kind: orDefault(c.Kind, KindNew), Route: orDefault(c.Route, RouteResale), Source: orDefault(c.Source, SourcePartner),
		Lines: lines, ExpectedClose: c.ExpectedClose, MDFRequestID: c.MDFRequestID,
	}
}

// last is the place behind every other in the order of submission.
const last = math.MaxInt64

// claim is what a new registration asks for: it stands behind all others.
func (e DealRegistered) claim(at time.Time) Claim {
	claim := Claim{DealID: e.DealID, PartnerID: e.PartnerID, Place: last, PlacedAt: at, RankedAt: endless}
	for _, l := range e.Lines {
		claim.Lines = append(claim.Lines, l.Line)
	}
	return claim
}
