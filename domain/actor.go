package domain

import (
	"slices"
	"strings"

	"github.com/google/uuid"
)

// ActorKind tells a person from a program.
type ActorKind string

// The kinds of actor.
const (
	User    ActorKind = "user"
	Service ActorKind = "service"
	Reactor ActorKind = "reactor"
)

// Role is what an actor may do; each command names the roles that may give it.
type Role string

// The roles of a channel program.
const (
	PartnerSeller Role = "partner_seller" // own partner only
	PartnerAdmin  Role = "partner_admin"  // own partner only
	DealDesk      Role = "deal_desk"      // review, override, stage, win, loss
	PartnerOps    Role = "partner_ops"    // partners, agreements, policies
	Finance       Role = "finance"        // budgets, claims, accruals, periods
	Treasury      Role = "treasury"       // payouts
	Adjudicator   Role = "adjudicator"    // disputes
	Auditor       Role = "auditor"        // reads all, writes nothing
	ServiceRole   Role = "service"        // imports and integrations
)

// Roles lists every role, in the order of the documentation.
func Roles() []Role {
	return []Role{PartnerSeller, PartnerAdmin, DealDesk, PartnerOps, Finance, Treasury, Adjudicator, Auditor, ServiceRole}
}

// Actor is who gave a command. The id is opaque: never a name, never an e-mail.
type Actor struct {
	ID         string    `json:"id"`
	Kind       ActorKind `json:"kind"`
	Roles      []Role    `json:"roles,omitempty"`
	PartnerID  uuid.UUID `json:"partner_id,omitzero"`    // whose people a partner's user belongs to
	OnBehalfOf string    `json:"on_behalf_of,omitempty"` // the person who runs a service, or for whom a delegate acts

	// Delegations are those in force between the actor, or whom it acts for, and others when the command came in, whichever
	// way round. The ledger fills them in for the decision, and they are never written.
	Delegations []Delegation `json:"-"`
}

// Hands are the ids that stand behind the actor: its own, and whom it acts for.
func (a Actor) Hands() []string {
	if a.OnBehalfOf == "" {
		return []string{a.ID}
	}
	return []string{a.ID, a.OnBehalfOf}
}

// Is reports whether the actor has one of the roles.
func (a Actor) Is(roles ...Role) bool {
	return slices.ContainsFunc(a.Roles, func(r Role) bool { return slices.Contains(roles, r) })
}

// OfPartner reports whether the actor speaks for a partner and not for the vendor.
func (a Actor) OfPartner() bool { return a.PartnerID != uuid.Nil || a.Is(PartnerSeller, PartnerAdmin) }

// MayBackdate reports whether the actor may say when something took effect, instead of "now".
func (a Actor) MayBackdate() bool {
	return a.Kind == Reactor || a.Is(ServiceRole, Finance, PartnerOps)
}

// Allow refuses an actor that has none of the roles. A reactor acts on the program's own rules and is always allowed.
// Errors: a Rejection of kind Forbidden, naming the roles that would do.
func (a Actor) Allow(action string, roles ...Role) error {
	if a.Kind == Reactor || a.Is(roles...) {
		return nil
	}
	names := make([]string, len(roles))
	for i, r := range roles {
		names[i] = string(r)
	}
	return Forbid("role", "%s needs one of the roles %s", action, strings.Join(names, ", "))
}

// AllowPartner refuses an actor of another partner: a partner's people act for their own partner only.
func (a Actor) AllowPartner(action string, partner uuid.UUID) error {
	if !a.OfPartner() || a.PartnerID == partner {
		return nil
	}
	return Forbid("own_partner", "%s: a partner's user acts for the own partner only", action)
}
