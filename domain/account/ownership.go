package account

import (
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/policy"
)

// Ownership says who sells to the account.
type Ownership struct {
	Owner  Owner  `json:"owner"`
	Rep    string `json:"rep,omitempty"`
	Reason string `json:"reason"`
}

func (e OwnershipSet) applyTo(a *Account, env domain.Envelope) {
	a.Ownership.Set(env.EffectiveAt, Ownership(e))
}

// SetOwnership says who sells to the account from a moment on. Registrations that wait get their finding with it; what is
// approved stays protected. The same owner and representative again record nothing.
type SetOwnership struct {
	AccountID uuid.UUID `json:"account_id"`
	Owner     Owner     `json:"owner"`
	Rep       string    `json:"rep,omitempty"` // an opaque id, never a name
	Reason    string    `json:"reason"`
}

func (SetOwnership) roles() []domain.Role { return keeperRoles() }

func (c SetOwnership) accountID() (uuid.UUID, error) { return c.AccountID, nil }

func (c SetOwnership) decide(s *State, h domain.Header, _ Facts) ([]Event, error) {
	if err := firstOf(
		s.known(c.AccountID),
		s.notLinked(),
		oneOf("owner", c.Owner, OwnerChannel, OwnerDirect, OwnerHouse),
		optionalText("rep", c.Rep, MaxReference),
		domain.AdmitText("reason", c.Reason, MaxReason),
	); err != nil {
		return nil, err
	}
	now, set := s.Account.Ownership.At(h.EffectiveAt)
	if set && now.Owner == c.Owner && now.Rep == c.Rep {
		return nil, nil
	}
	event := OwnershipSet{Owner: c.Owner, Rep: c.Rep, Reason: c.Reason}
	return append([]Event{event}, s.ownershipFindings(Ownership(event), h.EffectiveAt)...), nil
}

// ownershipFindings are those of the registrations that wait, where no later owner is recorded already.
func (s *State) ownershipFindings(o Ownership, at time.Time) (events []Event) {
	if o.Owner == OwnerChannel || s.Account.Ownership.Since().After(at) {
		return nil
	}
	for _, d := range s.waiting() {
		claim := d.claim()
		events = append(events, claim.record(d, []Finding{claim.ownerFinding(o)})...)
	}
	return events
}

// blocks reports whether findings of the rule keep a registration from being approved.
func (f Facts) blocks(rule policy.ConflictRule) bool {
	return rule == RuleCoolOff || f.Rules.Conflict.Body.Blocks(rule)
}
