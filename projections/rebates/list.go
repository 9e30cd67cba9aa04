package rebates

import (
	"context"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain/policy"
	"github.com/channelledger/channelledger/domain/rebate"
	"github.com/channelledger/channelledger/projections"
	"github.com/channelledger/channelledger/projections/listing"
)

// Query says which agreements are wanted: those that have, in every field given, one of the values. Sorts are period_from
// and opened_at; the latest period first by default.
type Query struct {
	Scope uuid.UUID // only this partner's, whatever else is asked for; zero: all

	ID       []uuid.UUID
	Partner  []uuid.UUID
	Status   []rebate.Status
	Scheme   []string
	Basis    []policy.Basis
	Currency []string
	Period   listing.Period // agreements whose period has a moment in common with it

	listing.Request
}

// Get is one agreement; nil where there is none.
func Get(ctx context.Context, q projections.Querier, id uuid.UUID) (*rebate.Agreement, error) {
	return projections.One[rebate.Agreement](ctx, q, "agreements", id.String())
}

// List is a page of agreements.
// Errors: a Rejection of kind Invalid that names sort, cursor, limit or the filter.
func List(ctx context.Context, q projections.Querier, query Query) (listing.Page[rebate.Agreement], error) {
	table := listing.Table{Name: "agreements", Sorts: []string{"-period_from", "opened_at"}}
	return listing.Fetch[rebate.Agreement](ctx, q, table, query.where(), query.Request, nil)
}

func (q Query) where() (w listing.Where) {
	w.Is("partner", q.Scope)
	listing.IDsAs(&w, "id", "key", q.ID)
	listing.IDsAs(&w, "partner_id", "partner", q.Partner)
	listing.In(&w, "status", q.Status)
	listing.In(&w, "scheme", q.Scheme)
	listing.In(&w, "basis", q.Basis)
	listing.In(&w, "currency", q.Currency)
	if !q.Period.From.IsZero() {
		w.That("period_until > ?", listing.Moment(q.Period.From))
	}
	if !q.Period.Until.IsZero() {
		w.That("period_from < ?", listing.Moment(q.Period.Until))
	}
	return w
}

// SaleQuery says which sales are wanted, as Query. They come by the moment they were sold at.
type SaleQuery struct {
	Scope uuid.UUID // only this partner's, whatever else is asked for; zero: all

	ID        []uuid.UUID
	Agreement []uuid.UUID
	Partner   []uuid.UUID
	Deal      []uuid.UUID
	Source    []policy.Basis
	SourceRef []string
	Product   []string
	Line      []string
	Sold      listing.Period

	listing.Request
}

// GetSale is one sale of an agreement; nil where there is none.
func GetSale(ctx context.Context, q projections.Querier, agreement, sale uuid.UUID) (*Sale, error) {
	return projections.One[Sale](ctx, q, "sales", agreement.String()+"/"+sale.String())
}

// SalesCalled are the sales of one id: mostly one. Two partners that report the same reference under one scheme, or one that
// reports it for two periods, have sales of one id in two agreements.
func SalesCalled(ctx context.Context, q projections.Querier, id uuid.UUID) ([]Sale, error) {
	return projections.All[Sale](ctx, q, "SELECT doc FROM sales WHERE id = ? ORDER BY key LIMIT 10", id.String())
}

// Sales is a page of sales.
// Errors: as of List.
func Sales(ctx context.Context, q projections.Querier, query SaleQuery) (listing.Page[Sale], error) {
	table := listing.Table{Name: "sales", Sorts: []string{"sold_at"}}
	return listing.Fetch[Sale](ctx, q, table, query.where(), query.Request, nil)
}

func (q SaleQuery) where() (w listing.Where) {
	w.Is("partner", q.Scope)
	listing.IDs(&w, "id", q.ID)
	listing.IDsAs(&w, "agreement_id", "agreement", q.Agreement)
	listing.IDsAs(&w, "partner_id", "partner", q.Partner)
	listing.IDsAs(&w, "deal_id", "deal", q.Deal)
	listing.In(&w, "source", q.Source)
	listing.In(&w, "source_ref", q.SourceRef)
	listing.In(&w, "product", q.Product)
	listing.In(&w, "line", q.Line)
	w.Within("sold_at", q.Sold)
	return w
}

// SpiffQuery says which SPIFFs are wanted, as Query. They come by the moment they were earned at.
type SpiffQuery struct {
	Scope uuid.UUID // only this partner's, whatever else is asked for; zero: all

	ID        []uuid.UUID
	Agreement []uuid.UUID
	Partner   []uuid.UUID
	Seller    []uuid.UUID
	Earned    listing.Period

	listing.Request
}

// Spiffs is a page of SPIFFs.
// Errors: as of List.
func Spiffs(ctx context.Context, q projections.Querier, query SpiffQuery) (listing.Page[Spiff], error) {
	table := listing.Table{Name: "spiffs", Sorts: []string{"earned_at"}}
	return listing.Fetch[Spiff](ctx, q, table, query.where(), query.Request, nil)
}

func (q SpiffQuery) where() (w listing.Where) {
	w.Is("partner", q.Scope)
	listing.IDs(&w, "id", q.ID)
	listing.IDsAs(&w, "agreement_id", "agreement", q.Agreement)
	listing.IDsAs(&w, "partner_id", "partner", q.Partner)
	listing.IDsAs(&w, "seller_id", "seller", q.Seller)
	w.Within("earned_at", q.Earned)
	return w
}
