package pipeline

import (
	"context"
	"slices"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/account"
	"github.com/channelledger/channelledger/projections"
	"github.com/channelledger/channelledger/projections/listing"
)

// Filter says which deals are wanted: those that have, in every field given, one of the values.
type Filter struct {
	Scope uuid.UUID // only this partner's deals, whatever else is asked for; zero: everybody's

	Status    []account.Status
	Stage     []account.Stage // the empty one: no stage was ever recorded
	Partner   []uuid.UUID
	Seller    []uuid.UUID // who the deal counts for: who closed it once it is won, until then who registered it
	Account   []uuid.UUID
	Product   []string // as the deal was registered with
	Kind      []account.Kind
	Source    []account.Source
	Currency  []string
	Month     []string // yyyy-mm in the program's zone: of the close where won or lost, else of the submission
	Reference []string // of a record in another system

	InfluencedBy []uuid.UUID // a partner whose help with the deal counts
	Breached     *bool       // whether the vendor ever went for what it protects

	AtLeast domain.Money // expected amount, in the currency given
	AtMost  domain.Money

	Submitted      listing.Period
	Closed         listing.Period
	ProtectedUntil listing.Period
}

// Query is a filter and the page wanted. Sorts are submitted_at, approved_at, closed_at, protected_until, review_due,
// expected_close, amount and won; the latest submission comes first by default. Amounts sort by minor units, so filter by
// one currency along with them. Deals that lack a time come before all that have it.
type Query struct {
	Filter
	listing.Request
}

func deals() listing.Table {
	return listing.Table{Name: "deals", Sorts: []string{
		"-submitted_at", "approved_at", "closed_at", "protected_until", "review_due", "expected_close", "amount", "won",
	}}
}

// Get is one deal; nil where there is none.
func Get(ctx context.Context, q projections.Querier, id uuid.UUID) (*account.Deal, error) {
	row, err := projections.One[account.Deal](ctx, q, "deals", id.String())
	return row, err
}

// List is a page of deals.
// Errors: a Rejection of kind Invalid that names sort, cursor, limit or the filter.
func List(ctx context.Context, q projections.Querier, query Query) (listing.Page[account.Deal], error) {
	return listing.Fetch[account.Deal](ctx, q, deals(), query.where(), query.Request, nil)
}

func (f Filter) where() (w listing.Where) {
	w.Is("partner", f.Scope)
	listing.In(&w, "status", f.Status)
	listing.In(&w, "stage", f.Stage)
	listing.IDs(&w, "partner", f.Partner)
	listing.IDs(&w, "seller", f.Seller)
	listing.IDs(&w, "account", f.Account)
	listing.Holds(&w, "product", "products", f.Product)
	listing.In(&w, "kind", f.Kind)
	listing.In(&w, "source", f.Source)
	listing.In(&w, "currency", f.Currency)
	listing.In(&w, "month", f.Month)
	references(&w, f.Reference)
	listing.Holds(&w, "influenced_by", "influencers", listing.Texts(f.InfluencedBy))
	if f.Breached != nil {
		w.That("(breaches > 0) = ?", *f.Breached)
	}
	amount(&w, f.AtLeast, ">=")
	amount(&w, f.AtMost, "<=")
	w.Within("submitted_at", f.Submitted)
	w.Within("closed_at", f.Closed)
	w.Within("protected_until", f.ProtectedUntil)
	return w
}

// references asks for the deal's first link and for further ones.
func references(w *listing.Where, values []string) {
	var first, further listing.Where
	listing.In(&first, "reference", values)
	listing.AnyOf(&further, "reference", "key IN (SELECT deal FROM links WHERE reference IN (", "))", values)
	w.Either(first, further)
}

func amount(w *listing.Where, bound domain.Money, is string) {
	if !bound.IsZero() {
		w.That("currency = ? AND amount "+is+" ?", bound.Currency(), bound.Minor())
	}
}

// Open are the states in which something may still become of a deal as it stands: it waits for a review, or is approved.
func Open() []account.Status {
	return []account.Status{account.StatusSubmitted, account.StatusReturned, account.StatusApproved}
}

// Counts are the deals of an account.
type Counts struct {
	Open int64 `json:"open"` // submitted, returned or approved
	All  int64 `json:"all"`
}

// CountByAccount counts the deals of some accounts, of at most 500; those without any are left out. A scope that isn't zero
// counts only that partner's.
func CountByAccount(
	ctx context.Context, q projections.Querier, scope uuid.UUID, accounts []uuid.UUID,
) (map[uuid.UUID]Counts, error) {
	if len(accounts) == 0 {
		return map[uuid.UUID]Counts{}, nil
	}
	w := Filter{Scope: scope, Account: accounts}.where()
	if err := w.Err(); err != nil {
		return nil, err
	}
	rows, err := q.QueryContext(ctx, "SELECT account, status, COUNT(*) FROM deals"+w.String()+" GROUP BY account, status", w.Args()...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // what the read missed is told by Err
	counts := map[uuid.UUID]Counts{}
	for rows.Next() {
		var id uuid.UUID
		var status account.Status
		var n int64
		if err := rows.Scan(&id, &status, &n); err != nil {
			return nil, err
		}
		c := counts[id]
		if c.All += n; slices.Contains(Open(), status) {
			c.Open += n
		}
		counts[id] = c
	}
	return counts, rows.Err()
}
