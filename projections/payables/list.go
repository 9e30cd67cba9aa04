package payables

import (
	"context"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/payable"
	"github.com/channelledger/channelledger/projections"
	"github.com/channelledger/channelledger/projections/listing"
)

// Query says which payables are wanted: those that have, in every field given, one of the values. Sorts are due and
// raised_at; what is due first by default.
type Query struct {
	Scope uuid.UUID // only this partner's, whatever else is asked for; zero: all

	ID       []uuid.UUID
	Partner  []uuid.UUID
	Source   []uuid.UUID // claims, agreements, SPIFFs
	Payout   []uuid.UUID // that have them now
	Kind     []payable.Kind
	Status   []payable.Status
	Currency []string
	DueFrom  domain.Date // inclusive; zero: however early
	DueUntil domain.Date // inclusive; zero: however late
	Open     *bool       // whether something is still to be paid
	Held     *bool       // whether a dispute holds it

	listing.Request
}

// Get is one payable; nil where there is none.
func Get(ctx context.Context, q projections.Querier, id uuid.UUID) (*payable.Payable, error) {
	return projections.One[payable.Payable](ctx, q, "payables", id.String())
}

// List is a page of payables.
// Errors: a Rejection of kind Invalid that names sort, cursor, limit or the filter.
func List(ctx context.Context, q projections.Querier, query Query) (listing.Page[payable.Payable], error) {
	table := listing.Table{Name: "payables", Sorts: []string{"due", "raised_at"}}
	return listing.Fetch[payable.Payable](ctx, q, table, query.where(), query.Request, nil)
}

func (q Query) where() (w listing.Where) {
	w.Is("partner", q.Scope)
	listing.IDsAs(&w, "id", "key", q.ID)
	listing.IDsAs(&w, "partner_id", "partner", q.Partner)
	listing.IDsAs(&w, "source_id", "source", q.Source)
	listing.IDsAs(&w, "payout_id", "payout", q.Payout)
	listing.In(&w, "kind", q.Kind)
	listing.In(&w, "status", q.Status)
	listing.In(&w, "currency", q.Currency)
	if !q.DueFrom.IsZero() {
		w.That("due >= ?", q.DueFrom.String())
	}
	if !q.DueUntil.IsZero() {
		w.That("due <= ?", q.DueUntil.String())
	}
	if q.Open != nil && *q.Open {
		w.That("open > 0")
	} else if q.Open != nil {
		w.That("open = 0")
	}
	if q.Held != nil {
		w.That("held = ?", *q.Held)
	}
	return w
}
