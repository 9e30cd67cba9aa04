package partners

import (
	"fmt"
	"slices"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/partner"
	"github.com/channelledger/channelledger/projections"
	"github.com/channelledger/channelledger/projections/listing"
)

// Name is what the projection is called.
const Name = "partners"

// Projection is the directory.
func Projection() projections.Projection[*tables] {
	return projections.Projection[*tables]{
		Name:    Name,
		Version: 4,
		Types:   listing.TypeNames(partner.Types(), listing.Every),
		Open:    open,
		Apply:   apply,
	}
}

func apply(t *tables, e domain.Event, env domain.Envelope) error {
	event, ok := e.(partner.Event)
	if !ok {
		return fmt.Errorf("%T is no event of a partner", e)
	}
	_, id, err := domain.ParseStream(env.Stream)
	if err != nil {
		return err
	}
	p, err := t.partners.Get(id.String())
	if err != nil {
		return err
	}
	if p == nil {
		p = &partner.Partner{}
	}
	p.Apply(event, env)
	if e, ok := e.(partner.SellerEvent); ok {
		t.putSeller(p, e.Seller())
	}
	t.partners.Put(id.String(), p)
	return nil
}

// putSeller keeps the partner's seller as a row of its own.
func (t *tables) putSeller(p *partner.Partner, id uuid.UUID) {
	at := slices.IndexFunc(p.Sellers, func(s partner.Seller) bool { return s.ID == id })
	if at >= 0 { // else the answer is bounded, and the seller was added later
		t.sellers.Put(p.ID.String()+"/"+id.String(), &sellerRow{PartnerID: p.ID, Seller: p.Sellers[at]})
	}
}

// tables are the read model's.
type tables struct {
	partners *projections.Table[partner.Partner]
	sellers  *projections.Table[sellerRow]
}

// sellerRow is a person who sells for a partner, or did.
type sellerRow struct {
	PartnerID uuid.UUID `json:"partner_id"`
	partner.Seller
}

func open(s *projections.Schema) *tables {
	text := projections.Text[partner.Partner]
	return &tables{
		partners: projections.NewTable(s, "partners",
			projections.Flag("known", (*partner.Partner).Exists),
			text("name", func(p *partner.Partner) string { return listing.Fold(p.LegalName) }),
			text("kind", func(p *partner.Partner) string { return string(p.Kind.Latest()) }),
			text("country", func(p *partner.Partner) string { return p.Country }),
			text("domain", func(p *partner.Partner) string { return p.Domain }),
			text("status", func(p *partner.Partner) string { return string(p.Status.Latest()) }),
			projections.Int("applied_at", func(p *partner.Partner) int64 { return listing.Moment(firstApplied(p)) }),
		).
			IndexOn("name", "key").
			IndexOn("applied_at", "key"),
		sellers: projections.NewTable(s, "sellers",
			projections.Text("partner", func(s *sellerRow) string { return s.PartnerID.String() }),
			projections.Text("seller", func(s *sellerRow) string { return s.ID.String() }).Indexed(),
			projections.Text("name", func(s *sellerRow) string { return listing.Fold(string(s.Name)) }),
		).
			IndexOn("partner", "name", "key").
			IndexOn("name", "key"),
	}
}
