package accounts

import (
	"context"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain/account"
	"github.com/channelledger/channelledger/projections"
	"github.com/channelledger/channelledger/projections/listing"
)

// Query says which accounts are wanted: those that have, in every field given, one of the values. Sorts are name and
// identified_at; name by default.
type Query struct {
	Scope uuid.UUID // only accounts on which this partner registered a deal, whatever else is asked for; zero: all

	ID      []uuid.UUID
	Text    string // somewhere in the name, capitals or not
	Domain  []string
	Country []string
	TaxID   []string
	Owner   []account.Owner // as of the last change recorded
	Partner []uuid.UUID     // that registered a deal on the account
	Linked  *bool           // whether another record of the customer takes the registrations

	listing.Request
}

// Get is one account; nil where there is none.
func Get(ctx context.Context, q projections.Querier, id uuid.UUID) (*account.Account, error) {
	a, err := projections.One[account.Account](ctx, q, "accounts", id.String())
	if a == nil || err != nil || a.ID == uuid.Nil {
		return nil, err
	}
	return a, nil
}

// List is a page of accounts.
// Errors: a Rejection of kind Invalid that names sort, cursor, limit or the filter.
func List(ctx context.Context, q projections.Querier, query Query) (listing.Page[account.Account], error) {
	table := listing.Table{Name: "accounts", Sorts: []string{"name", "identified_at"}}
	return listing.Fetch[account.Account](ctx, q, table, query.where(), query.Request, nil)
}

// RegisteredBy reports whether the partner has registered a deal on the account, and so may see it.
func RegisteredBy(ctx context.Context, q projections.Querier, id, partner uuid.UUID) (bool, error) {
	r, err := projections.One[registrant](ctx, q, "registrants", id.String()+"/"+partner.String())
	return r != nil, err
}

// registered finds the accounts of a partner.
const registered = "EXISTS (SELECT 1 FROM registrants WHERE account = accounts.key AND partner IN ("

func (q Query) where() (w listing.Where) {
	w.That("known = 1")
	if q.Scope != uuid.Nil {
		w.That(registered+"?))", q.Scope.String())
	}
	listing.IDsAs(&w, "id", "key", q.ID)
	w.Contains("name", q.Text)
	listing.In(&w, "domain", folded(q.Domain))
	listing.In(&w, "country", q.Country)
	listing.In(&w, "tax_id", q.TaxID)
	listing.In(&w, "owner", q.Owner)
	listing.AnyOf(&w, "partner", registered, "))", listing.Texts(q.Partner))
	if q.Linked != nil {
		w.That("linked = ?", *q.Linked)
	}
	return w
}

func folded(domains []string) (all []string) {
	for _, d := range domains {
		all = append(all, listing.Fold(d))
	}
	return all
}
