package payout

import (
	"fmt"
	"slices"
	"strings"

	"github.com/channelledger/channelledger/domain"
)

// Bounds of what a command may hold; texts are counted in characters.
const (
	MaxName       = 70   // of the account that pays: what a SEPA credit transfer carries
	MaxRemittance = 140  // likewise
	MaxSource     = 200  // of a rate
	MaxReason     = 2000 // also of approvals
	MaxPartners   = 1000 // in a filter
	MaxKinds      = 20   // in a filter
	MaxAhead      = 365  // calendar days from opening to execution
	MaxHeld       = 500  // payables that a payout lists as not paid
)

// Command is what somebody wants of a payout.
type Command interface {
	decide(*Payout, domain.Header, Facts) ([]Event, error)
	roles() []domain.Role
}

// Everything is the vendor's: a partner reads what it is paid.
func decide(p *Payout, h domain.Header, f Facts, c Command) ([]Event, error) {
	_, action, _ := strings.Cut(fmt.Sprintf("%T", c), ".")
	if err := domain.FirstOf(byRule(h, action, c), domain.Admit(h, action, c.roles())); err != nil {
		return nil, err
	}
	if h.Actor.OfPartner() {
		return nil, domain.Forbid("vendor_only", "%s is the vendor's: nobody of a partner may do it", action)
	}
	if _, opens := c.(Open); !opens && !p.Exists() {
		return nil, domain.NotFound("payout_unknown", "", "there is no such payout")
	}
	return c.decide(p, h, f)
}

// The roles that give commands: those who pay, and those who may check it.
func treasuryRoles() []domain.Role { return []domain.Role{domain.Treasury, domain.ServiceRole} }

func checkerRoles() []domain.Role {
	return []domain.Role{domain.Treasury, domain.Finance, domain.ServiceRole}
}

// byRule holds that people pay, and reactors tidy up: a command without roles is a reactor's, and no other is.
func byRule(h domain.Header, action string, c Command) error {
	byReactor, forReactors := h.Actor.Kind == domain.Reactor, len(c.roles()) == 0
	switch {
	case byReactor && !forReactors:
		return domain.Forbid("people_only", "%s needs somebody who answers for it", action)
	case !byReactor && forReactors:
		return domain.Forbid("reactor_only", "%s follows from other events, nobody gives it by hand", action)
	}
	return nil
}

// is refuses a payout in another state than those.
func (p *Payout) is(wanted ...Status) error {
	if slices.Contains(wanted, p.Status) {
		return nil
	}
	return domain.Refuse("wrong_status", "", "the payout is %s: want %v", p.Status, wanted)
}

// named is a check's refusal as one of the field that it checked: what money refuses by itself has no path.
func named(field string, err error) error {
	if r := domain.AsRejection(err); r != nil && r.Field == "" {
		return domain.Invalid(field, "%s", r.Detail)
	}
	return err
}
