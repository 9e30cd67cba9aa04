package payouts

import (
	"context"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain/payout"
	"github.com/channelledger/channelledger/projections"
	"github.com/channelledger/channelledger/projections/listing"
)

// Query says which payouts are wanted: those that have, in every field given, one of the values. Sorts are opened_at and
// execution_on; the latest opened first by default.
type Query struct {
	ID       []uuid.UUID
	Status   []payout.Status
	Currency []string
	Debtor   []string // IBANs
	Partner  []uuid.UUID
	Payable  []uuid.UUID
	Opened   listing.Period

	listing.Request
}

// Get is one payout; nil where there is none.
func Get(ctx context.Context, q projections.Querier, id uuid.UUID) (*WithCounts, error) {
	p, err := projections.One[WithCounts](ctx, q, "payouts", id.String())
	if p == nil || err != nil || !p.Exists() {
		return nil, err
	}
	return p, nil
}

// List is a page of payouts.
// Errors: a Rejection of kind Invalid that names sort, cursor, limit or the filter.
func List(ctx context.Context, q projections.Querier, query Query) (listing.Page[WithCounts], error) {
	table := listing.Table{Name: "payouts", Sorts: []string{"-opened_at", "execution_on"}}
	return listing.Fetch[WithCounts](ctx, q, table, query.where(), query.Request, nil)
}

func (q Query) where() (w listing.Where) {
	w.That("currency <> ''") // its opening took effect later than what is asked for
	listing.IDsAs(&w, "id", "key", q.ID)
	listing.In(&w, "status", q.Status)
	listing.In(&w, "currency", q.Currency)
	listing.In(&w, "debtor", q.Debtor)
	const pays = "EXISTS (SELECT 1 FROM items WHERE items.payout = payouts.key AND items."
	listing.AnyOf(&w, "partner_id", pays+"partner IN (", "))", listing.Texts(q.Partner))
	listing.AnyOf(&w, "payable_id", pays+"payable IN (", "))", listing.Texts(q.Payable))
	w.Within("opened_at", q.Opened)
	return w
}

// ItemQuery says which items are wanted, as Query. Sorts are execution_on, the latest first by default, and number.
type ItemQuery struct {
	Scope uuid.UUID // only this partner's, whatever else is asked for; zero: all

	Payout  []uuid.UUID
	Payable []uuid.UUID
	Partner []uuid.UUID
	Kind    []string
	Status  []ItemStatus

	listing.Request
}

// Items is a page of items.
// Errors: as of List.
func Items(ctx context.Context, q projections.Querier, query ItemQuery) (listing.Page[Payment], error) {
	table := listing.Table{Name: "items", Sorts: []string{"-execution_on", "number"}}
	return listing.Fetch[Payment](ctx, q, table, query.where(), query.Request, nil)
}

func (q ItemQuery) where() (w listing.Where) {
	w.Is("partner", q.Scope)
	listing.IDsAs(&w, "payout_id", "payout", q.Payout)
	listing.IDsAs(&w, "payable_id", "payable", q.Payable)
	listing.IDsAs(&w, "partner_id", "partner", q.Partner)
	listing.In(&w, "kind", q.Kind)
	listing.In(&w, "status", q.Status)
	return w
}
