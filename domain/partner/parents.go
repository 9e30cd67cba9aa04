package partner

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
)

// MaxAbove bounds how many partners may stand above one, directly or not.
const MaxAbove = 50

// Above is what the streams of the partners above a would-be child say.
type Above struct {
	Parent Standing    // of the parent asked for, when the command takes effect
	All    []uuid.UUID // whoever is above the parent at that moment or later; more than MaxAbove: cut off there
}

// AssignParent says through which distributor the partner buys from then on. A distributor may have one above it in turn.
// Errors: parent_id is the partner itself, no partner (partner_unknown), no distributor (not_a_distributor) or not in the
// program (parent_status) at that moment, or below the partner, as far as is known (parent_cycle); it is the parent already
// (same_parent); the partner isn't in the program at that moment.
type AssignParent struct {
	ParentID uuid.UUID `json:"parent_id"`
}

func (AssignParent) admits() (string, []domain.Role) { return "assign a parent", vendor }

func (c AssignParent) decide(p *State, h domain.Header, facts Facts) ([]Event, error) {
	if c.ParentID == uuid.Nil || c.ParentID == p.ID {
		return nil, domain.Invalid("parent_id", "want the id of another partner")
	}
	if err := p.mustBeIn(h, "assign a parent"); err != nil {
		return nil, err
	}
	if p.ParentAt(h.EffectiveAt) == c.ParentID {
		return nil, domain.Refuse("same_parent", "parent_id", "%s is the parent at that moment already", c.ParentID)
	}
	if err := c.checkParent(facts.Above.Parent); err != nil {
		return nil, err
	}
	if slices.Contains(facts.Above.All, p.ID) {
		return nil, domain.Refuse("parent_cycle", "parent_id", "%s is below the partner itself", c.ParentID)
	}
	if len(facts.Above.All) > MaxAbove {
		return nil, domain.Refuse("too_many", "parent_id", "at most %d partners stand above one", MaxAbove)
	}
	return []Event{ParentAssigned(c)}, nil
}

func (c AssignParent) checkParent(parent Standing) error {
	switch {
	case parent.PartnerID != c.ParentID || !parent.Known:
		return domain.NotFound("partner_unknown", "parent_id", "there is no partner %s", c.ParentID)
	case parent.Kind != Distributor:
		return domain.Refuse("not_a_distributor", "parent_id", "the parent must be a distributor, it is a %s", parent.Kind)
	case !isIn(parent.Status):
		return domain.Refuse("parent_status", "parent_id", "the parent must be in the program, it is %s", parent.Status)
	}
	return nil
}

// RemoveParent says that the partner has no distributor above it from then on.
// Errors: it has none at that moment (parent).
type RemoveParent struct{}

func (RemoveParent) admits() (string, []domain.Role) { return "remove the parent", vendor }

func (RemoveParent) decide(p *State, h domain.Header, _ Facts) ([]Event, error) {
	parent := p.ParentAt(h.EffectiveAt)
	if parent == uuid.Nil {
		return nil, domain.NotFound("parent", "", "the partner has no parent at %s", stamp(h.EffectiveAt))
	}
	return []Event{ParentRemoved{ParentID: parent}}, nil
}

// ParentOf is the partner whose standing a command needs, or the zero id.
func ParentOf(c Command) uuid.UUID {
	if assign, ok := c.(AssignParent); ok {
		return assign.ParentID
	}
	return uuid.Nil
}

// ParentAt is the distributor above the partner at t, or the zero id.
func (p *Partner) ParentAt(t time.Time) uuid.UUID {
	parent, _ := p.Parent.At(t)
	return parent
}

// ParentsFrom are the distributors directly above the partner at t or at any time later, as recorded until now.
func (p *Partner) ParentsFrom(t time.Time) (parents []uuid.UUID) {
	if now := p.ParentAt(t); now != uuid.Nil {
		parents = append(parents, now)
	}
	for _, e := range p.Parent.Entries {
		if e.From.After(t) && e.Value != uuid.Nil && !slices.Contains(parents, e.Value) {
			parents = append(parents, e.Value)
		}
	}
	return parents
}

func (e ParentAssigned) evolve(p *Partner, env domain.Envelope) {
	p.Parent.Set(env.EffectiveAt, e.ParentID)
}

func (ParentRemoved) evolve(p *Partner, env domain.Envelope) { p.Parent.Set(env.EffectiveAt, uuid.Nil) }
