package disputes

import (
	"cmp"
	"context"
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
	ByAdjudicator GroupBy = "adjudicator" // who ruled at first
	ByRule        GroupBy = "rule"        // the kind of policy that a ruling applies
)

// Groups lists every grouping.
func Groups() []GroupBy { return []GroupBy{ByKind, ByPartner, ByAdjudicator, ByRule} }

// Group is what became of the cases that have something in common.
type Group struct {
	Value    string                  `json:"value"`
	Open     int                     `json:"open"`     // not final yet
	Closed   int                     `json:"closed"`   // final, or closed
	Outcomes map[dispute.Outcome]int `json:"outcomes"` // of the closed ones
	Missed   int                     `json:"deadlines_missed"`
	// OldestOpen is when the oldest of the open ones was opened.
	OldestOpen time.Time `json:"oldest_open,omitzero"`
	Appealed   int       `json:"appealed"`   // appeals that were ruled on
	Overturned int       `json:"overturned"` // of them: those that didn't confirm the ruling
	// Last is the case of the group that was ruled on last, or else opened last.
	Last     uuid.UUID `json:"last"`
	LastAt   time.Time `json:"last_at"`
	lastRule bool

	Changed []Change `json:"changed,omitempty"` // by rule: versions of the policy that were published because of disputes
}

// History is what became of all cases, by groups in order; of a partner's alone where scope isn't zero. By rule, every policy
// that was changed because of a dispute is there, with what changed it.
func History(ctx context.Context, q projections.Querier, by GroupBy, scope uuid.UUID) ([]Group, error) {
	query := "SELECT doc FROM cases ORDER BY opened_at, key"
	args := []any{}
	if scope != uuid.Nil {
		query, args = "SELECT doc FROM cases WHERE parties LIKE ? ORDER BY opened_at, key", []any{like(scope)}
	}
	cases, err := projections.All[dispute.Case](ctx, q, query, args...)
	if err != nil {
		return nil, err
	}
	groups := map[string]*Group{}
	for i := range cases {
		for _, value := range valuesOf(&cases[i], by, scope) {
			if groups[value] == nil {
				groups[value] = &Group{Value: value, Outcomes: map[dispute.Outcome]int{}}
			}
			groups[value].count(&cases[i])
		}
	}
	if by == ByRule && scope == uuid.Nil {
		if err := addChanges(ctx, q, groups); err != nil {
			return nil, err
		}
	}
	all := make([]Group, 0, len(groups))
	for _, g := range groups {
		all = append(all, *g)
	}
	slices.SortFunc(all, func(a, b Group) int { return cmp.Compare(a.Value, b.Value) })
	return all, nil
}

func valuesOf(c *dispute.Case, by GroupBy, scope uuid.UUID) (values []string) {
	switch by {
	case ByKind:
		return []string{string(c.Kind)}
	case ByPartner:
		for _, p := range c.Parties() {
			if !p.Vendor && (scope == uuid.Nil || p.PartnerID == scope) {
				values = append(values, p.PartnerID.String())
			}
		}
	case ByAdjudicator:
		if c.Ruling != nil {
			values = []string{c.Ruling.Step.By}
		}
	case ByRule:
		if c.Ruling != nil {
			kind, _, _ := strings.Cut(c.Ruling.Policy, "@")
			values = []string{kind}
		}
	}
	return values
}

func (g *Group) count(c *dispute.Case) {
	g.Missed += len(c.Missed)
	if c.Status == dispute.StatusFinal || c.Status == dispute.StatusClosed {
		g.Closed++
		g.Outcomes[c.Outcome]++
	} else {
		g.Open++
		if g.OldestOpen.IsZero() || c.Opened.At.Before(g.OldestOpen) {
			g.OldestOpen = c.Opened.At
		}
	}
	if c.Appeal != nil && c.Appeal.Ruling != nil {
		g.Appealed++
		if !c.Appeal.Confirms {
			g.Overturned++
		}
	}
	at, ruled := c.Opened.At, c.Ruling != nil
	if ruled {
		at = c.Ruling.Step.At
	}
	if g.Last == uuid.Nil || ruled && !g.lastRule || ruled == g.lastRule && !at.Before(g.LastAt) {
		g.Last, g.LastAt, g.lastRule = c.ID, at, ruled
	}
}

func addChanges(ctx context.Context, q projections.Querier, groups map[string]*Group) error {
	changes, err := projections.All[Change](ctx, q, "SELECT doc FROM changes ORDER BY key")
	if err != nil {
		return err
	}
	slices.SortFunc(changes, func(a, b Change) int { return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Version, b.Version)) })
	for _, x := range changes {
		value := string(x.Kind)
		if groups[value] == nil {
			groups[value] = &Group{Value: value, Outcomes: map[dispute.Outcome]int{}}
		}
		groups[value].Changed = append(groups[value].Changed, x)
	}
	return nil
}
