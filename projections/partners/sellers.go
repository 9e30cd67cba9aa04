package partners

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain/partner"
	"github.com/channelledger/channelledger/projections"
	"github.com/channelledger/channelledger/projections/listing"
)

// Seller is a person who sells for a partner, or did, and how things stand with the person at the moment asked for.
type Seller struct {
	PartnerID uuid.UUID `json:"partner_id"`
	partner.Seller
	Sells bool           `json:"sells"` // for the partner, then
	Held  []partner.Held `json:"held"`  // certificates, then
}

// SellerQuery says which sellers are wanted: those that have, in every field given, one of the values. They come by name.
type SellerQuery struct {
	Scope uuid.UUID // only this partner's people, whatever else is asked for; zero: everybody's

	At      time.Time // when membership and certificates are asked for
	ID      []uuid.UUID
	Partner []uuid.UUID
	Text    string // somewhere in the name, capitals or not
	Sells   *bool  // whether the person sells for the partner at that moment

	Certification  []string  // holds one of these at that moment
	ExpiringBefore time.Time // one of those, or any, ends before this moment as far as is known then; zero: whenever

	listing.Request
}

// Sellers is a page of the people who sell for partners, or did. A person who sold for several partners is listed for each.
// Errors: a Rejection of kind Invalid that names sort, cursor, limit or the filter.
func Sellers(ctx context.Context, q projections.Querier, query SellerQuery) (page listing.Page[Seller], err error) {
	table := listing.Table{Name: "sellers", Sorts: []string{"name"}}
	found, err := listing.Fetch(ctx, q, table, query.where(), query.Request, query.keep())
	if err != nil {
		return page, err
	}
	page.Next = found.Next
	for _, row := range found.Items {
		page.Items = append(page.Items, row.at(query.At))
	}
	return page, nil
}

func (r *sellerRow) at(t time.Time) Seller {
	sells, _ := r.Member.At(t)
	held := r.HeldAt(t)
	if held == nil {
		held = []partner.Held{}
	}
	return Seller{PartnerID: r.PartnerID, Seller: r.Seller, Sells: sells, Held: held}
}

func (q SellerQuery) where() (w listing.Where) {
	w.Is("partner", q.Scope)
	listing.IDsAs(&w, "id", "seller", q.ID)
	listing.IDs(&w, "partner", q.Partner)
	w.Contains("name", q.Text)
	w.Bind(q.Sells, q.Certification, q.ExpiringBefore)
	return w
}

// keep asks the domain: no column can hold what changes with time alone.
func (q SellerQuery) keep() func(*sellerRow) bool {
	if q.Sells == nil && len(q.Certification) == 0 && q.ExpiringBefore.IsZero() {
		return nil
	}
	return func(r *sellerRow) bool {
		s := r.at(q.At)
		return isWanted(q.Sells, s.Sells) && q.wantsOneOf(s.Held)
	}
}

func (q SellerQuery) wantsOneOf(held []partner.Held) bool {
	if len(q.Certification) == 0 && q.ExpiringBefore.IsZero() {
		return true
	}
	return slices.ContainsFunc(held, func(h partner.Held) bool {
		ends := q.ExpiringBefore.IsZero() || !h.Until.IsZero() && h.Until.Before(q.ExpiringBefore)
		return ends && isOneOf(q.Certification, h.Certification)
	})
}
