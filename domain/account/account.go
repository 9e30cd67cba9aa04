package account

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/policy"
)

// Category is that of an account's stream, account-<id>.
const Category = "account"

// Decider is the account seen from outside.
func Decider() domain.Decider[*State, Command, Facts, Event] {
	return domain.Decider[*State, Command, Facts, Event]{
		Category: Category,
		Types:    Types(),
		Initial:  newState,
		Decide:   decide,
		Evolve: func(s *State, e Event, env domain.Envelope) *State {
			e.evolve(s, env)
			return s
		},
	}
}

// Command is what somebody wants of an account or of a deal on it.
type Command interface {
	decide(*State, domain.Header, Facts) ([]Event, error)
	roles() []domain.Role
}

// dealCommand is a command on one deal.
type dealCommand interface {
	Command
	dealID() uuid.UUID
}

// Facts are what other streams say, as far as a decision on an account needs it.
type Facts struct {
	Partner Standing     // of the partner that PartnerOf names
	Rules   policy.Rules // in force when the command takes effect
	Peers   []Peer       // accounts that may be of the same customer, as CompareWith names them
}

// Standing is what a partner's stream says of the partner when the command takes effect.
type Standing struct {
	PartnerID uuid.UUID
	Known     bool
	Active    bool               // onboarded, not suspended or deactivated, with an agreement in force
	Reason    string             // why it isn't active
	Sellers   map[uuid.UUID]bool // who belongs to the partner

	Countries []string // ISO 3166-1 alpha-2: where it may sell; none: anywhere
	Tier      string   // of the tiering policy; empty: none
}

func decide(s *State, h domain.Header, f Facts, c Command) ([]Event, error) {
	if err := admit(s, h, c); err != nil {
		return nil, err
	}
	return c.decide(s, h, f)
}

// admit refuses actors before anything is decided. A partner's people act for their own partner only, and never in the
// vendor's place, whatever further roles they have.
func admit(s *State, h domain.Header, c Command) error {
	action := actionOf(c)
	if err := domain.Admit(h, action, c.roles()); err != nil {
		return err
	}
	if h.Actor.OfPartner() && !slices.Contains(c.roles(), domain.PartnerAdmin) {
		return domain.Forbid("vendor_only", "%s is the vendor's: nobody of a partner may do it", action)
	}
	if partner, ok := PartnerOf(s, c); ok {
		return h.Actor.AllowPartner(action, partner)
	}
	return nil
}

// actionOf is the command's name, for people.
func actionOf(c Command) string {
	_, name, _ := strings.Cut(fmt.Sprintf("%T", c), ".")
	return name
}

// The roles that give commands: a partner's people, the deal desk, and those who keep the accounts.
func partnerRoles() []domain.Role {
	return []domain.Role{domain.PartnerSeller, domain.PartnerAdmin, domain.ServiceRole}
}

func deskRoles() []domain.Role { return []domain.Role{domain.DealDesk, domain.ServiceRole} }

func keeperRoles() []domain.Role {
	return []domain.Role{domain.DealDesk, domain.PartnerOps, domain.ServiceRole}
}

// PartnerOf is the partner that a command concerns, whose standing is wanted in Facts; false where it concerns none, or a
// deal that the account doesn't have.
func PartnerOf(s *State, c Command) (uuid.UUID, bool) {
	switch c := c.(type) {
	case interface{ partnerID() uuid.UUID }:
		return c.partnerID(), c.partnerID() != uuid.Nil
	case dealCommand:
		if d, ok := s.Deals[c.dealID()]; ok {
			return d.PartnerID, true
		}
	}
	return uuid.Nil, false
}

// IDOf is the account that a command belongs to: by its id or by the customer's identity. It is zero for a command
// on a deal: whoever gives that knows the deal's account.
// Errors: as of Identify, under "customer".
func IDOf(c Command) (uuid.UUID, error) {
	if c, ok := c.(interface{ accountID() (uuid.UUID, error) }); ok {
		return c.accountID()
	}
	return uuid.Nil, nil
}

// partner refuses a partner that isn't there or may not do anything new.
func (f Facts) partner(id uuid.UUID) error {
	if err := f.known(id); err != nil {
		return err
	}
	if !f.Partner.Active {
		return domain.Refuse("partner_not_active", "partner_id", "the partner may not do anything new: %s", f.Partner.Reason)
	}
	return nil
}

// known refuses a partner that isn't there.
func (f Facts) known(id uuid.UUID) error {
	if f.Partner.PartnerID != id || !f.Partner.Known {
		return domain.NotFound("partner_unknown", "partner_id", "there is no partner %s", id)
	}
	return nil
}

// seller refuses a seller who doesn't belong to the partner.
func (f Facts) seller(partner, seller uuid.UUID) error {
	if f.Partner.PartnerID == partner && f.Partner.Sellers[seller] {
		return nil
	}
	return domain.NotFound("seller_unknown", "seller_id", "seller %s does not belong to partner %s", seller, partner)
}

func (f Facts) zone() *time.Location {
	if f.Rules.Zone == nil {
		return time.UTC
	}
	return f.Rules.Zone
}

func (f Facts) catalogue() policy.Catalogue { return f.Rules.Catalogue.Body }

func (f Facts) registration() policy.DealRegistration { return f.Rules.DealRegistration.Body }

// benefitFor is what the policy gives the partner for deals of a kind; none is the zero one.
func (f Facts) benefitFor(kind Kind) Benefit {
	b, ok := f.registration().BenefitFor(kind, f.Partner.Tier)
	if !ok {
		return Benefit{}
	}
	return Benefit{DiscountPercent: b.DiscountPercent, Tier: b.Tier}
}

// registrationVersion is the policy that a decision pins, as in deal_registration@3.
func (f Facts) registrationVersion() string {
	return fmt.Sprintf("%s@%d", policy.KindDealRegistration, f.Rules.DealRegistration.Version)
}

// businessDays is the moment so many business days later.
func (f Facts) businessDays(from time.Time, n int) time.Time {
	return policy.AddBusinessDays(from, n, f.zone())
}

// days is the moment so many calendar days later.
func (f Facts) days(from time.Time, n int) time.Time { return policy.AddDays(from, n, f.zone()) }
