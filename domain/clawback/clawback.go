package clawback

import (
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
)

// Bounds of what a claw-back holds; texts are counted in characters.
const (
	MaxReference  = 200
	MaxReason     = 2000
	MaxRecoveries = 500 // also clearings
)

// Command is what somebody wants of a claw-back.
type Command interface {
	decide(*State, domain.Header, Facts) ([]Event, error)
	roles() []domain.Role
}

// Facts are what other streams say.
type Facts struct {
	Debt    Debt         // what is to be recovered
	Offset  Offset       // what the payable gave for the recovery at hand
	Pending domain.Money // what payables gave for others that aren't recorded yet: it is spoken for
}

// Debt is what a partner owes because of a claw-back of what it had been paid, as the fund or agreement has it.
type Debt struct {
	Known     bool
	PartnerID uuid.UUID
	Amount    domain.Money // nought once the claw-back is undone
	Since     time.Time    // when the claw-back took effect
}

// Offset is what stands on the payable that an offset takes from: its half comes first.
type Offset struct {
	PartnerID uuid.UUID
	Kind      string       // of the payable
	Amount    domain.Money // offset there for this recovery
}

// Decider is the claw-back seen from outside.
func Decider() domain.Decider[*State, Command, Facts, Event] {
	return domain.Decider[*State, Command, Facts, Event]{
		Category: Category,
		Types:    Types(),
		Initial:  func() *State { return &State{Recoveries: []Recovery{}, Revision: -1} },
		Decide:   decide,
		Evolve: func(s *State, e Event, env domain.Envelope) *State {
			e.evolve(s, env)
			s.Revision = env.Revision
			return s
		},
	}
}

// Everything is the vendor's: a partner reads what it owes.
func decide(s *State, h domain.Header, f Facts, c Command) ([]Event, error) {
	_, action, _ := strings.Cut(fmt.Sprintf("%T", c), ".")
	if err := domain.Admit(h, action, c.roles()); err != nil {
		return nil, err
	}
	if h.Actor.OfPartner() {
		return nil, domain.Forbid("vendor_only", "%s is the vendor's: nobody of a partner may do it", action)
	}
	return c.decide(s, h, f)
}
