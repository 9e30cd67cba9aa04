package rebate

import (
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/policy"
)

// Category is that of an agreement's stream, rebate-<id>.
const Category = "rebate"

// Bounds of what a command and an agreement may hold; texts are counted in characters.
const (
	MaxName      = 200
	MaxReference = 200
	MaxReason    = 2000 // also notes
	MaxProposals = 500  // adjustments proposed by hand
	MaxClawbacks = 500

	// MaxSold, in minor units of the currency, is the most that one agreement counts before reversals: whatever is added
	// up then stays far within int64.
	MaxSold = 1_000_000_000_000_000
)

// Decider is the agreement seen from outside.
func Decider() domain.Decider[*State, Command, Facts, Event] {
	return domain.Decider[*State, Command, Facts, Event]{
		Category: Category,
		Types:    Types(),
		Initial:  newState,
		Decide:   decide,
		Evolve: func(s *State, e Event, env domain.Envelope) *State {
			s.evolve(e, env)
			return s
		},
	}
}

// Command is what somebody wants of an agreement.
type Command interface {
	decide(*State, domain.Header, Facts) ([]Event, error)
	roles() []domain.Role
}

// Facts are what other streams say, as far as a decision on an agreement needs it.
type Facts struct {
	Partner Standing     // of the agreement's partner
	Seller  bool         // whether SellerOf(command) belongs to the partner then
	Rules   policy.Rules // in force when the command takes effect
	// Pinned is the version of the rebate policy that an opening asks for; its Version is 0 where there is none.
	Pinned policy.Versioned[policy.Rebate]
	// Payables are those of the agreement, where TakingOf asks for them.
	Payables Payables
	// Recovered: something of the claw-back that Reversed names is.
	Recovered bool
}

// Payables are what an agreement's payables say, as far as a decision needs it.
type Payables struct {
	Known bool         // there is one: else the agreement is older than payables
	Open  domain.Money // of all of them: not sent yet
	Taken domain.Money // by the claw-back or payment at hand
}

// Standing is what a partner's stream says of the partner when the command takes effect.
type Standing struct {
	PartnerID uuid.UUID
	Known     bool
	Active    bool   // onboarded, not suspended or deactivated, with an agreement in force
	Reason    string // why it isn't active
}

// AgreementID is the id of the agreement of one partner on one scheme for one period: there is one at most.
func AgreementID(partner uuid.UUID, scheme string, period Period) uuid.UUID {
	return domain.DeriveID("rebate", partner.String(), scheme, period.FirstDay.String(), period.LastDay.String())
}

// SaleID is the id of a sale: what comes twice from one source is one sale.
func SaleID(scheme string, source policy.Basis, sourceRef string) uuid.UUID {
	return domain.DeriveID("rebate_sale", scheme, string(source), sourceRef)
}

// PartnerOf is the partner that a command concerns, whose standing is wanted in Facts; zero where the agreement isn't there.
func PartnerOf(s *State, c Command) uuid.UUID {
	if c, ok := c.(OpenAgreement); ok {
		return c.PartnerID
	}
	return s.Agreement.PartnerID
}

// SellerOf is the seller that a command concerns, or zero.
func SellerOf(c Command) uuid.UUID {
	if c, ok := c.(EarnSpiff); ok {
		return c.SellerID
	}
	return uuid.Nil
}

// PinnedBy is the version of the rebate policy that a command asks for; 0: the one in force, or none.
func PinnedBy(c Command) int {
	if c, ok := c.(OpenAgreement); ok {
		return c.Version
	}
	return 0
}

// Everything is the vendor's: a partner reads its agreements, and disputes them.
func decide(s *State, h domain.Header, f Facts, c Command) ([]Event, error) {
	_, action, _ := strings.Cut(fmt.Sprintf("%T", c), ".")
	if err := domain.Admit(h, action, c.roles()); err != nil {
		return nil, err
	}
	if h.Actor.OfPartner() {
		return nil, domain.Forbid("vendor_only", "%s is the vendor's: nobody of a partner may do it", action)
	}
	if _, opens := c.(OpenAgreement); !opens && !s.exists() {
		return nil, domain.NotFound("agreement_unknown", "", "there is no such agreement")
	}
	return c.decide(s, h, f)
}

// The roles that give commands: those who keep the program's data, and those who answer for its money.
func keeperRoles() []domain.Role {
	return []domain.Role{domain.PartnerOps, domain.Finance, domain.ServiceRole}
}

func serviceRoles() []domain.Role { return []domain.Role{domain.ServiceRole} }

// reactorOnly refuses everybody but a reactor: it follows from what a payable says.
func reactorOnly(h domain.Header, action string) error {
	if h.Actor.Kind == domain.Reactor {
		return nil
	}
	return domain.Forbid("reactor_only", "%s follows from an event of the payable, nobody gives it by hand", action)
}

func financeRoles() []domain.Role { return []domain.Role{domain.Finance, domain.ServiceRole} }

// partner refuses a partner that isn't there or may not earn anything new.
func (f Facts) partner(id uuid.UUID) error {
	switch {
	case f.Partner.PartnerID != id || !f.Partner.Known:
		return domain.NotFound("partner_unknown", "partner_id", "there is no partner %s", id)
	case !f.Partner.Active:
		return domain.Refuse("partner_not_active", "partner_id", "the partner may not earn anything then: %s", f.Partner.Reason)
	}
	return nil
}

func (f Facts) zone() *time.Location {
	if f.Rules.Zone == nil {
		return time.UTC
	}
	return f.Rules.Zone
}

func (f Facts) approval() policy.Approval { return f.Rules.Approval.Body }

// approvalVersion is the policy that an approval pins, as in approval@3.
func (f Facts) approvalVersion() string {
	return fmt.Sprintf("%s@%d", policy.KindApproval, f.Rules.Approval.Version)
}

// orDefault lets a value be left out.
func orDefault[T comparable](value, fallback T) T {
	var zero T
	if value == zero {
		return fallback
	}
	return value
}
