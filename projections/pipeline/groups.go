package pipeline

import (
	"context"
	"database/sql"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/account"
	"github.com/channelledger/channelledger/projections"
	"github.com/channelledger/channelledger/projections/listing"
)

// GroupBy is what the pipeline is grouped by.
type GroupBy string

// The groupings.
const (
	ByStatus  GroupBy = "status"
	ByStage   GroupBy = "stage"
	ByPartner GroupBy = "partner"
	BySeller  GroupBy = "seller"  // who the deal counts for, see Filter.Seller
	ByProduct GroupBy = "product" // a deal of two products counts in both, each of its lines in one
	ByMonth   GroupBy = "month"   // see Filter.Month
	ByKind    GroupBy = "kind"
)

// GroupBys lists the groupings.
func GroupBys() []GroupBy {
	return []GroupBy{ByStatus, ByStage, ByPartner, BySeller, ByProduct, ByMonth, ByKind}
}

// GroupQuery says what of the pipeline is wanted.
type GroupQuery struct {
	By       GroupBy
	Scope    uuid.UUID // only this partner's deals, whatever else is asked for; zero: everybody's
	Partner  []uuid.UUID
	Status   []account.Status
	Kind     []account.Kind
	Currency []string
}

// Groups are the pipeline in parts, in the order of their values.
type Groups struct {
	By     GroupBy
	Groups []Group
	query  GroupQuery
}

// Group is a part of the pipeline, apart by status and currency. Open pipeline is what is approved; what is submitted or
// returned waits for a review and stands beside it.
type Group struct {
	Value string // of the grouping: a status, an id, a month; empty where deals have no stage
	Sums  []Sum  // by status, then currency
}

// Sum is what deals of one status and currency add up to.
type Sum struct {
	Status   account.Status
	Currency string
	Deals    int64
	Amount   domain.Money // expected
	Won      domain.Money // net of reversals; nought unless won
}

// Deals counts the deals of some states.
func (g Group) Deals(states ...account.Status) (n int64) {
	for _, s := range g.Sums {
		if slices.Contains(states, s.Status) {
			n += s.Deals
		}
	}
	return n
}

// Amount adds up what the deals of some states are expected to bring. Errors: it gets out of range.
func (g Group) Amount(states ...account.Status) (domain.Totals, error) {
	return g.total(states, func(s Sum) domain.Money { return s.Amount })
}

// Won adds up what was won, net of reversals. Errors: it gets out of range.
func (g Group) Won() (domain.Totals, error) {
	return g.total([]account.Status{account.StatusWon}, func(s Sum) domain.Money { return s.Won })
}

func (g Group) total(states []account.Status, of func(Sum) domain.Money) (totals domain.Totals, err error) {
	for _, s := range g.Sums {
		if slices.Contains(states, s.Status) {
			if err := totals.Add(of(s)); err != nil {
				return nil, err
			}
		}
	}
	return totals, nil
}

// Filter finds the very deals that a sum of the group counts.
func (g Groups) Filter(group Group, sum Sum) Filter {
	f := Filter{
		Scope: g.query.Scope, Partner: g.query.Partner, Kind: g.query.Kind,
		Status: []account.Status{sum.Status}, Currency: []string{sum.Currency},
	}
	switch g.By {
	case ByStage:
		f.Stage = []account.Stage{account.Stage(group.Value)}
	case ByPartner:
		f.Partner = []uuid.UUID{idOf(group.Value)}
	case BySeller:
		f.Seller = []uuid.UUID{idOf(group.Value)}
	case ByProduct:
		f.Product = []string{group.Value}
	case ByMonth:
		f.Month = []string{group.Value}
	case ByKind:
		f.Kind = []account.Kind{account.Kind(group.Value)}
	case ByStatus: // the sum's own
	}
	return f
}

func idOf(text string) uuid.UUID { return domain.Must(uuid.Parse(text)) }

// from is where totals of a grouping are kept, and under which column. Every deal is once in those by stage, so they
// answer for status, partner and kind too.
func (by GroupBy) from() (kept dimension, column string, err error) {
	switch by {
	case ByStatus:
		return byStage, "status", nil
	case ByPartner:
		return byStage, "partner", nil
	case ByKind:
		return byStage, "kind", nil
	case ByStage, BySeller, ByProduct, ByMonth:
		return dimension(by), "value", nil
	default:
		return "", "", domain.Invalid("group_by", "unknown grouping %.50q: want one of %v", by, GroupBys())
	}
}

// Pipeline adds the deals up, from totals that are kept with every event.
// Errors: a Rejection of kind Invalid that names group_by or the filter.
func Pipeline(ctx context.Context, q projections.Querier, query GroupQuery) (Groups, error) {
	groups := Groups{By: query.By, query: query}
	kept, column, err := query.By.from()
	if err != nil {
		return groups, err
	}
	w := query.where(kept)
	if err := w.Err(); err != nil {
		return groups, err
	}
	rows, err := q.QueryContext(ctx, "SELECT "+column+" AS part, status, currency, SUM(deals), SUM(amount), SUM(won) FROM totals"+
		w.String()+" GROUP BY part, status, currency ORDER BY part, status, currency", w.Args()...)
	if err != nil {
		return groups, fmt.Errorf("pipeline by %s: %w", query.By, err)
	}
	defer func() { _ = rows.Close() }() // what the read missed is told by Err
	for rows.Next() {
		if err := groups.add(rows); err != nil {
			return groups, fmt.Errorf("pipeline by %s: %w", query.By, err)
		}
	}
	return groups, rows.Err()
}

func (q GroupQuery) where(kept dimension) (w listing.Where) {
	w.That("dimension = ?", string(kept))
	w.Is("partner", q.Scope)
	listing.IDs(&w, "partner", q.Partner)
	listing.In(&w, "status", q.Status)
	listing.In(&w, "kind", q.Kind)
	listing.In(&w, "currency", q.Currency)
	return w
}

// add takes in one sum; those of one group come one after the other.
func (g *Groups) add(rows *sql.Rows) (err error) {
	var value string
	var s Sum
	var amount, won int64
	if err := rows.Scan(&value, &s.Status, &s.Currency, &s.Deals, &amount, &won); err != nil {
		return err
	}
	if s.Amount, err = domain.NewMoney(amount, s.Currency); err != nil {
		return err
	}
	if s.Won, err = domain.NewMoney(won, s.Currency); err != nil {
		return err
	}
	if n := len(g.Groups); n == 0 || g.Groups[n-1].Value != value {
		g.Groups = append(g.Groups, Group{Value: value})
	}
	last := &g.Groups[len(g.Groups)-1]
	last.Sums = append(last.Sums, s)
	return nil
}
