package disputes

import (
	"context"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain/dispute"
	"github.com/channelledger/channelledger/projections"
	"github.com/channelledger/channelledger/projections/listing"
)

// Query says which cases are wanted: those that have, in every field given, one of the values. The last opened comes first.
type Query struct {
	Scope uuid.UUID // only those that this partner is a party of, whatever else is asked for; zero: all

	ID          []uuid.UUID
	Partner     []uuid.UUID // a party
	Deal        []uuid.UUID // that is disputed
	Kind        []dispute.Kind
	Status      []dispute.Status
	Outcome     []dispute.Outcome
	Level       []string
	Adjudicator []string // who hears it now
	Opened      listing.Period

	listing.Request
}

// Get is one case; nil where there is none.
func Get(ctx context.Context, q projections.Querier, id uuid.UUID) (*dispute.Case, error) {
	return projections.One[dispute.Case](ctx, q, "cases", id.String())
}

// List is a page of cases.
// Errors: a Rejection of kind Invalid that names sort, cursor, limit or the filter.
func List(ctx context.Context, q projections.Querier, query Query) (listing.Page[dispute.Case], error) {
	table := listing.Table{Name: "cases", Sorts: []string{"-opened_at"}}
	return listing.Fetch[dispute.Case](ctx, q, table, query.where(), query.Request, nil)
}

func (q Query) where() (w listing.Where) {
	if q.Scope != uuid.Nil {
		w.That("parties LIKE ?", like(q.Scope))
	}
	listing.IDsAs(&w, "id", "key", q.ID)
	if len(q.Partner) > 0 {
		var either []listing.Where
		for _, id := range q.Partner {
			var one listing.Where
			one.That("parties LIKE ?", like(id))
			either = append(either, one)
		}
		w.Either(either...)
	}
	listing.IDsAs(&w, "deal_id", "deal", q.Deal)
	listing.In(&w, "kind", q.Kind)
	listing.In(&w, "status", q.Status)
	listing.In(&w, "outcome", q.Outcome)
	listing.In(&w, "level", q.Level)
	listing.In(&w, "adjudicator", q.Adjudicator)
	w.Within("opened_at", q.Opened)
	return w
}

func like(partner uuid.UUID) string { return "%," + partner.String() + ",%" }
