package disputes

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain/dispute"
	"github.com/channelledger/channelledger/projections"
	"github.com/channelledger/channelledger/projections/listing"
)

// Query says which cases are wanted: those that have, in every field given, one of the values. The last opened comes first;
// sorted by due, what is due next does, and those that wait for nothing come last.
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
	Paper       string   // hash of a document that is evidence in it
	Opened      listing.Period
	DueBefore   time.Time // they wait for something until then, exclusive, or are overdue by then; zero: whatever they wait for
	Overdue     *bool     // whether a response or a ruling should have been there by At

	At time.Time // the answer's own moment

	listing.Request
}

// Get is one case; nil where there is none.
func Get(ctx context.Context, q projections.Querier, id uuid.UUID) (*dispute.Case, error) {
	return projections.One[dispute.Case](ctx, q, "cases", id.String())
}

// List is a page of cases.
// Errors: a Rejection of kind Invalid that names sort, cursor, limit or the filter.
func List(ctx context.Context, q projections.Querier, query Query) (listing.Page[dispute.Case], error) {
	table := listing.Table{Name: "cases", Sorts: []string{"-opened_at", "due"}}
	return listing.Fetch(ctx, q, table, query.where(), query.Request, query.keep())
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
	if q.Paper != "" {
		w.That("papers LIKE ?", "%,"+q.Paper+",%")
	}
	w.Within("opened_at", q.Opened)
	if !q.DueBefore.IsZero() {
		w.That("due < ?", listing.Moment(q.DueBefore))
	}
	w.Bind(q.Overdue)
	return w
}

// keep asks each case: no column can hold what changes with time alone.
func (q Query) keep() func(*dispute.Case) bool {
	if q.Overdue == nil {
		return nil
	}
	return func(c *dispute.Case) bool { return Overdue(c, q.At) == *q.Overdue }
}

func like(partner uuid.UUID) string { return "%," + partner.String() + ",%" }
