package payable

import (
	"fmt"
	"strings"

	"github.com/channelledger/channelledger/domain"
)

// Bounds of what a command and a payable may hold; texts are counted in characters.
const (
	MaxReference = 200
	MaxReason    = 2000
	MaxPayments  = 100 // payouts that one payable was sent by
	MaxSteps     = 500 // clearings of one payable; also parts taken back or offset

	// MaxAmount in minor units, so that what is added up stays within int64.
	MaxAmount = 90_000_000_000_000_000
)

// Facts of other streams: a payable needs none. What it follows from is in its source, and whom it goes to is the payout's.
type Facts struct{}

// Command is what somebody wants of a payable.
type Command interface {
	decide(*Payable, domain.Header) ([]Event, error)
	roles() []domain.Role
}

// Decider is the payable seen from outside.
func Decider() domain.Decider[*Payable, Command, Facts, Event] {
	return domain.Decider[*Payable, Command, Facts, Event]{
		Category: Category,
		Types:    Types(),
		Initial:  func() *Payable { return &Payable{} },
		Decide:   decide,
		Evolve: func(p *Payable, e Event, env domain.Envelope) *Payable {
			p.Apply(e, env)
			return p
		},
	}
}

// Everything is the vendor's: a partner reads what it is owed.
func decide(p *Payable, h domain.Header, _ Facts, c Command) ([]Event, error) {
	_, action, _ := strings.Cut(fmt.Sprintf("%T", c), ".")
	if err := domain.Admit(h, action, c.roles()); err != nil {
		return nil, err
	}
	if h.Actor.OfPartner() {
		return nil, domain.Forbid("vendor_only", "%s is the vendor's: nobody of a partner may do it", action)
	}
	if _, raises := c.(Raise); !raises && !p.Exists() {
		return nil, domain.NotFound("payable_unknown", "", "there is no such payable")
	}
	return c.decide(p, h)
}

// The roles that give commands: imports alone, those who pay, those who reconcile, and those who take back.
func serviceRoles() []domain.Role  { return []domain.Role{domain.ServiceRole} }
func treasuryRoles() []domain.Role { return []domain.Role{domain.Treasury, domain.ServiceRole} }
func clearingRoles() []domain.Role {
	return []domain.Role{domain.Finance, domain.Treasury, domain.ServiceRole}
}
func financeRoles() []domain.Role { return []domain.Role{domain.Finance, domain.ServiceRole} }

// checkSome wants an amount above 0, and in one currency where one is wanted.
func checkSome(field string, amount domain.Money, currency string) error {
	switch {
	case amount.IsZero():
		return domain.Invalid(field, "want an amount and its currency")
	case amount.Sign() <= 0:
		return domain.Invalid(field, "want more than 0, not %s", amount)
	case currency != "" && amount.Currency() != currency:
		return domain.Invalid(field, "want %s, not %s", currency, amount.Currency())
	case amount.Minor() > MaxAmount:
		return domain.Invalid(field, "want at most %d minor units", int64(MaxAmount))
	}
	return nil
}
