package statement

import (
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/policy"
)

// Bounds of what a command and a statement may hold; texts are counted in characters.
const (
	MaxLines     = 200_000 // of a statement
	MaxChunk     = 500     // lines that one append records
	MaxSides     = 2_500   // lines and sides of all matches of one append together
	MaxReference = 200
	MaxReason    = 2000 // also notes and resolutions

	// MaxAmount in minor units, so that what is added up stays within int64.
	MaxAmount = 40_000_000_000_000
)

// Facts are what other streams say, as far as a decision on a statement needs it.
type Facts struct {
	Previous Previous     // the account's last statement in the books; wanted for Import alone
	Rules    policy.Rules // in force when the command takes effect
	Claimed  uuid.UUID    // the payout that has what the match said came back; wanted for UndoMatch alone
}

// Previous is where an account stands in the books.
type Previous struct {
	StatementID uuid.UUID // zero: the account has no statement yet
	Number      string
	Closing     domain.Money
}

// Command is what somebody wants of a statement.
type Command interface {
	decide(*Statement, domain.Header, Facts) ([]Event, error)
	roles() []domain.Role
}

// IDOf is the id of a bank's statement of one of our accounts.
func IDOf(bankAccount, number string) uuid.UUID {
	return domain.DeriveID("statement", bankAccount, number)
}

// Decider is the statement seen from outside.
func Decider() domain.Decider[*Statement, Command, Facts, Event] {
	return domain.Decider[*Statement, Command, Facts, Event]{
		Category: Category,
		Types:    Types(),
		Initial:  newStatement,
		Decide:   decide,
		Evolve: func(s *Statement, e Event, env domain.Envelope) *Statement {
			e.evolve(s, env)
			s.Apply(e, env)
			return s
		},
	}
}

// Everything is the vendor's: a bank statement shows every partner.
func decide(s *Statement, h domain.Header, f Facts, c Command) ([]Event, error) {
	_, action, _ := strings.Cut(fmt.Sprintf("%T", c), ".")
	if err := domain.Admit(h, action, c.roles()); err != nil {
		return nil, err
	}
	if h.Actor.OfPartner() {
		return nil, domain.Forbid("vendor_only", "%s is the vendor's: nobody of a partner may do it", action)
	}
	if _, imports := c.(Import); !imports {
		if err := s.inTheBooks(); err != nil {
			return nil, err
		}
	}
	return c.decide(s, h, f)
}

// Those who pay, and those who keep the books.
func clearingRoles() []domain.Role {
	return []domain.Role{domain.Finance, domain.Treasury, domain.ServiceRole}
}

func bookkeepingRoles() []domain.Role { return []domain.Role{domain.Finance, domain.ServiceRole} }

// endOf is the last moment of a day, or a moment before it if that is earlier: a statement is true of its last day.
func endOf(day domain.Date, at time.Time, zone *time.Location) time.Time {
	if zone == nil {
		zone = time.UTC
	}
	if end := day.AddDays(1).In(zone).Add(-time.Microsecond); end.Before(at) {
		return end.UTC()
	}
	return at.UTC()
}

// money is an amount of the statement's currency.
func (s *Statement) money(minor int64) domain.Money {
	return domain.Must(domain.NewMoney(minor, s.Currency))
}

// sum of amounts of one statement: MaxAmount keeps every one of them within range.
func sum(a, b domain.Money) domain.Money { return domain.Must(a.Add(b)) }

// checkSome wants an amount above 0 in one currency.
func checkSome(field string, amount domain.Money, currency string) error {
	switch {
	case amount.Currency() != currency:
		return domain.Invalid(field, "want an amount in %s", currency)
	case amount.Sign() <= 0:
		return domain.Invalid(field, "want more than 0, not %s", amount)
	case amount.Minor() > MaxAmount:
		return domain.Invalid(field, "want at most %d minor units", int64(MaxAmount))
	}
	return nil
}

// MayClear refuses an actor that may not match lines, for whoever wants to know before a file is read.
// Errors: a Rejection of kind Forbidden (role, vendor_only).
func MayClear(actor domain.Actor) error {
	const action = "reconcile a statement"
	if err := actor.Allow(action, clearingRoles()...); err != nil {
		return err
	}
	if actor.OfPartner() {
		return domain.Forbid("vendor_only", "%s: it is the vendor's", action)
	}
	return nil
}
