package mdf

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/policy"
)

// BudgetCommand is what somebody wants of a budget.
type BudgetCommand interface {
	decide(*Budget, domain.Header, BudgetFacts) ([]BudgetEvent, error)
	roles() []domain.Role
}

// FundCommand is what somebody wants of a fund, or of a request or claim in it.
type FundCommand interface {
	decide(*FundState, domain.Header, FundFacts) ([]FundEvent, error)
	roles() []domain.Role
}

// BudgetFacts are what other streams say, as far as a decision on a budget needs it.
type BudgetFacts struct {
	Rules   policy.Rules // in force when the command takes effect
	Partner Standing     // of the partner that PartnerOf names
}

// FundFacts are what other streams say, as far as a decision on a fund needs it.
type FundFacts struct {
	Rules     policy.Rules // in force when the command takes effect
	Partner   Standing     // of the fund's partner
	Elsewhere []Elsewhere  // in the partner's other funds, where the command LooksElsewhere
	Deal      DealFact     // the deal that DealOf names
	Payables  Payables     // of the claim that TakingOf is about
	Recovered bool         // something of the claw-back that Reversed names
	NotStored []string     // of the documents that ProofOf names: hashes that nobody handed in
}

// Standing is what a partner's stream says of the partner when the command takes effect.
type Standing struct {
	Known  bool
	Active bool   // onboarded, not suspended or deactivated, with an agreement in force
	Reason string // why it isn't active
}

// DealFact is what a deal's account says of the deal.
type DealFact struct {
	Known     bool
	PartnerID uuid.UUID
	Amount    domain.Money // won, net of reversals; before that what it is expected to bring
}

// Elsewhere is what another fund of the partner holds that bears on a decision.
type Elsewhere struct {
	AddsUp     domain.Money // live requests for the activity within the window; no amount in another currency
	Duplicates []Finding    // claims there that look like the one at hand
	Attributed domain.Money // of the deal at hand
}

// PartnerOf is the partner that a command on a budget concerns, whose standing is wanted in BudgetFacts.
func PartnerOf(c BudgetCommand) (uuid.UUID, bool) {
	if c, ok := c.(Allocate); ok {
		return c.PartnerID, true
	}
	return uuid.Nil, false
}

// looksElsewhere is a command that the partner's other funds bear on.
type looksElsewhere interface {
	elsewhere(own, other *FundState, rules policy.Rules) Elsewhere
}

// LooksElsewhere reports whether a command needs to know of the partner's other funds.
func LooksElsewhere(c FundCommand) bool {
	_, ok := c.(looksElsewhere)
	return ok
}

// LookElsewhere is what another fund of the partner means for a command on its own.
func LookElsewhere(c FundCommand, own, other *FundState, rules policy.Rules) Elsewhere {
	if c, ok := c.(looksElsewhere); ok {
		return c.elsewhere(own, other, rules)
	}
	return Elsewhere{}
}

// DealOf is the deal that a command is about, and its account.
func DealOf(c FundCommand) (account, deal uuid.UUID, ok bool) {
	a, ok := c.(AttributePipeline)
	return a.AccountID, a.DealID, ok
}

func decideBudget(b *Budget, h domain.Header, f BudgetFacts, c BudgetCommand) ([]BudgetEvent, error) {
	if err := admit(h, c, c.roles()); err != nil {
		return nil, err
	}
	if _, first := c.(OpenBudget); !first && !b.Exists() {
		return nil, domain.NotFound("budget_unknown", "", "there is no such budget")
	}
	return c.decide(b, h, f)
}

func decideFund(s *FundState, h domain.Header, f FundFacts, c FundCommand) ([]FundEvent, error) {
	if err := admit(h, c, c.roles()); err != nil {
		return nil, err
	}
	if _, first := c.(CreditFund); first {
		return c.decide(s, h, f)
	}
	if s.Fund.ID == uuid.Nil {
		return nil, domain.NotFound("fund_unknown", "", "there is no such fund")
	}
	if err := h.Actor.AllowPartner(actionOf(c), s.Fund.PartnerID); err != nil {
		return nil, err
	}
	return c.decide(s, h, f)
}

// admit refuses actors before anything is decided. A partner's people never act in the vendor's place, whatever further
// roles they have.
func admit(h domain.Header, c any, roles []domain.Role) error {
	action := actionOf(c)
	if err := domain.Admit(h, action, roles); err != nil {
		return err
	}
	if h.Actor.OfPartner() && !slices.Contains(roles, domain.PartnerAdmin) {
		return domain.Forbid("vendor_only", "%s is the vendor's: nobody of a partner may do it", action)
	}
	return nil
}

// actionOf is the command's name, for people.
func actionOf(c any) string {
	_, name, _ := strings.Cut(fmt.Sprintf("%T", c), ".")
	return name
}

// The roles that give commands: a partner's people, those who keep the money, either, and reactors alone.
func partnerRoles() []domain.Role {
	return []domain.Role{domain.PartnerSeller, domain.PartnerAdmin, domain.ServiceRole}
}

func financeRoles() []domain.Role { return []domain.Role{domain.Finance, domain.ServiceRole} }

func eitherRoles() []domain.Role { return append(partnerRoles(), domain.Finance) }

func schedulerRoles() []domain.Role { return []domain.Role{domain.ServiceRole} }

// reactorOnly refuses everybody but a reactor: money leaves transit only for the event that put it there.
func reactorOnly(h domain.Header, action string) error {
	if h.Actor.Kind == domain.Reactor {
		return nil
	}
	return domain.Forbid("reactor_only", "%s follows from an event of the other stream, nobody gives it by hand", action)
}

// active refuses a partner that isn't there or may not do anything new.
func (s Standing) active(partner uuid.UUID) error {
	switch {
	case !s.Known:
		return domain.NotFound("partner_unknown", "partner_id", "there is no partner %s", partner)
	case !s.Active:
		return domain.Refuse("partner_not_active", "partner_id", "the partner may not do anything new: %s", s.Reason)
	}
	return nil
}

func zoneOf(r policy.Rules) *time.Location {
	if r.Zone == nil {
		return time.UTC
	}
	return r.Zone
}

// endOf is the moment so many calendar days after a day's end.
func endOf(day domain.Date, days int, r policy.Rules) time.Time {
	return day.AddDays(1 + days).In(zoneOf(r)).UTC()
}

func refOf[B policy.Body](v policy.Versioned[B]) string {
	return fmt.Sprintf("%s@%d", v.Body.Kind(), v.Version)
}

// Bounds of what a command may hold; texts are counted in characters.
const (
	MaxName      = 200 // titles, suppliers, references, sources of rates
	MaxNumber    = 100 // of an invoice
	MaxTaxCode   = 40
	MaxReason    = 2000 // also descriptions and bases
	MaxProofs    = 20
	MaxFileName  = 255
	MaxFileSize  = 1 << 40 // bytes
	MaxClaims    = 100     // of one request
	MaxFindings  = 1000    // overridden by one command
	MaxClawbacks = 100     // of one claim
	MaxDeals     = 1000    // attributed to one request
	MaxExtension = 366     // calendar days, at a time

	// MaxAmount in minor units, so that what is in a budget always adds up within int64.
	MaxAmount = 90_000_000_000_000_000
)

// checkAmount refuses an amount that isn't there, is below nought, too large, or in another currency than wanted.
func checkAmount(field string, amount domain.Money, currency string) error {
	switch {
	case amount.IsZero():
		return domain.Invalid(field, "want an amount and its currency")
	case amount.Sign() < 0:
		return domain.Invalid(field, "want 0 or more, not %s", amount)
	case currency != "" && amount.Currency() != currency:
		return domain.Invalid(field, "want %s, not %s", currency, amount.Currency())
	case amount.Minor() > MaxAmount:
		return domain.Invalid(field, "want at most %d minor units", int64(MaxAmount))
	}
	return nil
}

// checkSome is checkAmount for what must be above nought.
func checkSome(field string, amount domain.Money, currency string) error {
	if err := checkAmount(field, amount, currency); err != nil {
		return err
	}
	if amount.Sign() == 0 {
		return domain.Invalid(field, "want more than 0")
	}
	return nil
}

// orNought lets an amount be left out.
func orNought(amount domain.Money, currency string) domain.Money {
	if amount.IsZero() {
		return nought(currency)
	}
	return amount
}

func least(a, b domain.Money) domain.Money {
	if b.Minor() < a.Minor() {
		return b
	}
	return a
}
