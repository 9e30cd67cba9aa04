package periods

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/period"
	"github.com/channelledger/channelledger/projections"
	"github.com/channelledger/channelledger/projections/listing"
)

// Name is what the projection is called.
const Name = "periods"

// Projection is the read model of periods.
func Projection() projections.Projection[*tables] {
	return projections.Projection[*tables]{
		Name:    Name,
		Version: 1,
		Types:   listing.TypeNames(period.Types(), listing.Every),
		Open:    open,
		Apply:   apply,
	}
}

type tables struct {
	periods *projections.Table[period.Period]
}

func open(s *projections.Schema) *tables {
	text := projections.Text[period.Period]
	return &tables{projections.NewTable(s, "periods",
		text("month", func(p *period.Period) string { return p.Month.String() }),
		text("status", func(p *period.Period) string { return string(p.Status) }),
	).IndexOn("month", "key")}
}

func apply(t *tables, e domain.Event, env domain.Envelope) error {
	event, ok := e.(period.Event)
	if !ok {
		return fmt.Errorf("%T is no event of a period", e)
	}
	_, id, err := domain.ParseStream(env.Stream)
	if err != nil {
		return err
	}
	return t.periods.Update(id.String(), func(p *period.Period) { p.Apply(event, env) })
}

// Query says which periods are wanted: those that have, in every field given, one of the values. They come by month, the
// latest first by default.
type Query struct {
	Status []period.Status
	listing.Request
}

// Get is the period with that id, see period.IDOf; nil where the month was never cut.
func Get(ctx context.Context, q projections.Querier, id uuid.UUID) (*period.Period, error) {
	return projections.One[period.Period](ctx, q, "periods", id.String())
}

// List is a page of periods.
// Errors: a Rejection of kind Invalid that names sort, cursor, limit or the filter.
func List(ctx context.Context, q projections.Querier, query Query) (listing.Page[period.Period], error) {
	var w listing.Where
	listing.In(&w, "status", query.Status)
	return listing.Fetch[period.Period](ctx, q, listing.Table{Name: "periods", Sorts: []string{"-month"}}, w, query.Request, nil)
}
