package conflicts

import (
	"context"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain/policy"
	"github.com/channelledger/channelledger/projections"
	"github.com/channelledger/channelledger/projections/listing"
)

// Query says which findings are wanted: those that have, in every field given, one of the values. Sorts are found_at and
// score; the latest comes first by default.
type Query struct {
	Scope uuid.UUID // only findings against this partner's registrations, whatever else is asked for; zero: everybody's

	Status  []Status
	Rule    []policy.ConflictRule
	Deal    []uuid.UUID // that the finding is against
	Account []uuid.UUID
	Partner []uuid.UUID // whose registration it is against
	Against []uuid.UUID // the other deal, or the vendor's own opportunity
	Found   listing.Period

	listing.Request
}

// Get is one finding; nil where there is none.
func Get(ctx context.Context, q projections.Querier, id uuid.UUID) (*Conflict, error) {
	return projections.One[Conflict](ctx, q, "conflicts", id.String())
}

// List is a page of findings.
// Errors: a Rejection of kind Invalid that names sort, cursor, limit or the filter.
func List(ctx context.Context, q projections.Querier, query Query) (listing.Page[Conflict], error) {
	table := listing.Table{Name: "conflicts", Sorts: []string{"-found_at", "score"}}
	return listing.Fetch[Conflict](ctx, q, table, query.where(), query.Request, nil)
}

func (q Query) where() (w listing.Where) {
	w.Is("partner", q.Scope)
	listing.In(&w, "status", q.Status)
	listing.In(&w, "rule", q.Rule)
	listing.IDs(&w, "deal", q.Deal)
	listing.IDs(&w, "account", q.Account)
	listing.IDs(&w, "partner", q.Partner)
	listing.IDs(&w, "against", q.Against)
	w.Within("found_at", q.Found)
	return w
}
