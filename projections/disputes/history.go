package disputes

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain/dispute"
	"github.com/channelledger/channelledger/projections"
)

// GroupBy is what a history is told by.
type GroupBy string

// The groups of a history.
const (
	ByKind        GroupBy = "kind"
	ByPartner     GroupBy = "partner"     // each party
	ByLevel       GroupBy = "level"       // that ruled at first; until then the one that hears the case
	ByAdjudicator GroupBy = "adjudicator" // who ruled at first; until then who hears the case
	ByRule        GroupBy = "rule"        // the kind of policy that a ruling applies
)

// Groups lists every grouping.
func Groups() []GroupBy { return []GroupBy{ByKind, ByPartner, ByLevel, ByAdjudicator, ByRule} }

// Question asks for a history.
type Question struct {
	By    GroupBy
	Scope uuid.UUID      // of this partner's cases alone; zero: of all
	At    time.Time      // when ages and what is due are looked at: the answer's own moment
	Zone  *time.Location // of the program
}

// History is what became of all cases, by groups in order. By rule, every policy that was changed because of a dispute is
// there, with what changed it; but for a partner.
func History(ctx context.Context, from projections.Querier, q Question) ([]Group, error) {
	cases, err := q.cases(ctx, from)
	if err != nil {
		return nil, err
	}
	groups := map[string]*Group{}
	group := func(value string) *Group {
		if groups[value] == nil {
			groups[value] = newGroup(value)
		}
		return groups[value]
	}
	for i := range cases {
		for _, value := range q.valuesOf(&cases[i]) {
			group(value).count(&cases[i], q)
		}
	}
	if q.By == ByRule && q.Scope == uuid.Nil {
		changes, err := changesIn(ctx, from)
		if err != nil {
			return nil, err
		}
		for _, x := range changes {
			g := group(string(x.Kind))
			g.Changed = append(g.Changed, x)
		}
	}
	all := make([]Group, 0, len(groups))
	for _, value := range slices.Sorted(maps.Keys(groups)) {
		all = append(all, groups[value].done())
	}
	return all, nil
}

// cases are those that are told of, by their opening.
func (q Question) cases(ctx context.Context, from projections.Querier) ([]dispute.Case, error) {
	if q.Scope == uuid.Nil {
		return projections.All[dispute.Case](ctx, from, "SELECT doc FROM cases ORDER BY opened_at, key")
	}
	return projections.All[dispute.Case](ctx, from, "SELECT doc FROM cases WHERE parties LIKE ? ORDER BY opened_at, key", like(q.Scope))
}

func (q Question) valuesOf(c *dispute.Case) (values []string) {
	switch q.By {
	case ByKind:
		return []string{string(c.Kind)}
	case ByPartner:
		for _, p := range c.Parties() {
			if !p.Vendor && (q.Scope == uuid.Nil || p.PartnerID == q.Scope) {
				values = append(values, p.PartnerID.String())
			}
		}
	case ByLevel:
		if c.Ruling != nil {
			return []string{c.Ruling.Level}
		}
		return []string{c.Level}
	case ByAdjudicator:
		switch {
		case c.Ruling != nil:
			return []string{c.Ruling.Step.By}
		case c.Adjudicator != "":
			return []string{c.Adjudicator}
		}
	case ByRule:
		if c.Ruling != nil {
			kind, _, _ := strings.Cut(c.Ruling.Policy, "@")
			return []string{kind}
		}
	}
	return values
}

// changesIn are the versions of policies that disputes brought about, in order.
func changesIn(ctx context.Context, from projections.Querier) ([]Change, error) {
	changes, err := projections.All[Change](ctx, from, "SELECT doc FROM changes ORDER BY key")
	slices.SortFunc(changes, func(a, b Change) int { return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Version, b.Version)) })
	return changes, err
}
