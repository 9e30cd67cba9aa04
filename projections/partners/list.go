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

// Partner is a partner and its standing at the moment asked for.
type Partner struct {
	partner.Partner
	Standing partner.Standing `json:"standing"`
}

// Query says which partners are wanted: those that have, in every field given, one of the values. Sorts are name and
// applied_at; name by default.
type Query struct {
	Scope uuid.UUID // only this partner, whatever else is asked for; zero: all

	At      time.Time // when the standing is asked for
	Text    string    // somewhere in the name, capitals or not
	ID      []uuid.UUID
	Kind    []partner.Kind // as of the last change recorded
	Country []string
	Domain  []string
	Status  []partner.Status // as of the last change recorded
	Active  *bool            // whether the partner may register deals at that moment

	Tier      []string    // at that moment
	Territory []string    // has one of these names, without case, at that moment
	SellsIn   []string    // countries; it has one in a territory, or has no territory, at that moment
	Parent    []uuid.UUID // the distributor above it at that moment
	InGrace   *bool       // whether its tier is about to go down at that moment

	listing.Request
}

// Get is one partner, with its standing at a moment; nil where there is none.
func Get(ctx context.Context, q projections.Querier, id uuid.UUID, at time.Time) (*Partner, error) {
	p, err := projections.One[partner.Partner](ctx, q, "partners", id.String())
	if p == nil || err != nil || !p.Exists() {
		return nil, err
	}
	return &Partner{Partner: *p, Standing: p.StandingAt(at)}, nil
}

// List is a page of partners, each with its standing at the moment asked for.
// Errors: a Rejection of kind Invalid that names sort, cursor, limit or the filter.
func List(ctx context.Context, q projections.Querier, query Query) (page listing.Page[Partner], err error) {
	table := listing.Table{Name: "partners", Sorts: []string{"name", "applied_at"}}
	found, err := listing.Fetch(ctx, q, table, query.where(), query.Request, query.keep())
	if err != nil {
		return page, err
	}
	page.Next = found.Next
	for _, p := range found.Items {
		page.Items = append(page.Items, Partner{Partner: p, Standing: p.StandingAt(query.At)})
	}
	return page, nil
}

func (q Query) where() (w listing.Where) {
	w.That("known = 1")
	w.Is("key", q.Scope)
	w.Contains("name", q.Text)
	listing.IDsAs(&w, "id", "key", q.ID)
	listing.In(&w, "kind", q.Kind)
	listing.In(&w, "country", q.Country)
	listing.In(&w, "domain", q.Domain)
	listing.In(&w, "status", q.Status)
	w.Bind(q.Active, q.Tier, q.Territory, q.SellsIn, q.Parent, q.InGrace)
	return w
}

// keep asks the domain: no column can hold what changes with time alone.
func (q Query) keep() func(*partner.Partner) bool {
	if q.Active == nil && q.InGrace == nil && len(q.Tier)+len(q.Territory)+len(q.SellsIn)+len(q.Parent) == 0 {
		return nil
	}
	return func(p *partner.Partner) bool { return q.wants(p.StandingAt(q.At)) }
}

func (q Query) wants(s partner.Standing) bool {
	return isWanted(q.Active, s.Active) &&
		isWanted(q.InGrace, s.Grace != nil) &&
		isOneOf(q.Tier, s.Tier) &&
		isOneOf(q.Parent, s.ParentID) &&
		(len(q.Territory) == 0 || slices.ContainsFunc(q.Territory, s.HasTerritory)) &&
		(len(q.SellsIn) == 0 || slices.ContainsFunc(q.SellsIn, s.SellsIn))
}

func isWanted(want *bool, is bool) bool { return want == nil || *want == is }

func isOneOf[T comparable](wanted []T, is T) bool {
	return len(wanted) == 0 || slices.Contains(wanted, is)
}

// firstApplied is when the partner first asked to become one.
func firstApplied(p *partner.Partner) time.Time {
	if !p.Exists() {
		return time.Time{}
	}
	return p.Status.Entries[0].From
}
