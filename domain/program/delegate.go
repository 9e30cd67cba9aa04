package program

import (
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
)

// Bounds of delegations.
const (
	MaxDelegationDays = 366 // from the first day to the last; and until the first day begins
	MaxDelegations    = 20  // of one person that aren't over
	MaxActor          = 200 // characters of an actor's id
)

// persons are the vendor's people who record anything: each has duties that another may have to look after.
func persons() []domain.Role {
	return []domain.Role{domain.DealDesk, domain.PartnerOps, domain.Finance, domain.Treasury, domain.Adjudicator}
}

// GrantDelegation lets somebody act for somebody else from a day to another, both whole days in the program's zone. Whoever is
// away does it, or partner_ops for them; nobody makes themselves a delegate. It gives no roles: what the delegate may do by
// their own roles, they may say they do on behalf of the other. A delegate has no delegates: it is followed for one step.
// Errors: the actor is of a partner (vendor_only), isn't the one who is away (own_delegation), or would be the delegate
// (own_delegation); a field is wrong; the same two have one on those days (delegation_exists) or there are too many
// (too_many); the program doesn't exist.
type GrantDelegation struct {
	From   string          `json:"from"`           // an actor's id: who is away
	To     string          `json:"to"`             // an actor's id: who acts for them
	Start  domain.Date     `json:"start,omitzero"` // first day; empty: today. An earlier one holds from now on
	End    domain.Date     `json:"end"`            // last day, today or later, at most 366 days with the first
	Reason domain.Personal `json:"reason"`         // at most 2000 characters
}

func (GrantDelegation) admits() (string, []domain.Role) { return "grant a delegation", persons() }

func (c GrantDelegation) decide(s *State, h domain.Header) ([]Event, error) {
	if c.Start.IsZero() {
		c.Start = domain.DateOf(h.Now, s.Zone())
	}
	if err := domain.FirstOf(
		s.mustExist(),
		c.mayGrant(h.Actor),
		domain.AdmitText("from", c.From, MaxActor),
		domain.AdmitText("to", c.To, MaxActor),
		domain.AdmitText("reason", string(c.Reason), MaxReason),
		c.check(domain.DateOf(h.Now, s.Zone())),
		c.checkOthers(s, h.Now),
	); err != nil {
		return nil, err
	}
	return []Event{DelegationGranted{
		DelegationID: domain.EntityID(h.CommandID, domain.StreamName(Category, DefaultID), "delegation"),
		From:         c.From, To: c.To, Start: c.Start, End: c.End, Reason: c.Reason,
	}}, nil
}

func (c GrantDelegation) mayGrant(a domain.Actor) error {
	switch {
	case a.OfPartner():
		return domain.Forbid("vendor_only", "grant a delegation: it is among the vendor's people")
	case a.ID != c.From && !a.Is(domain.PartnerOps):
		return domain.Forbid("own_delegation", "grant a delegation: whoever is away does it, or partner_ops for them")
	case a.ID == c.To && a.ID != c.From:
		return domain.Forbid("own_delegation", "grant a delegation: nobody makes themselves somebody's delegate")
	}
	return nil
}

func (c GrantDelegation) check(today domain.Date) error {
	switch {
	case c.From == c.To:
		return domain.Invalid("to", "nobody delegates to themselves")
	case c.Start.Compare(today.AddDays(MaxDelegationDays)) > 0:
		return domain.Invalid("start", "want a day within %d days from now", MaxDelegationDays)
	case c.End.Compare(c.Start) < 0:
		return domain.Invalid("end", "must not be before start")
	case c.End.Compare(today) < 0:
		return domain.Invalid("end", "is over already: want today, %s, or later", today)
	case c.End.Compare(c.Start.AddDays(MaxDelegationDays)) >= 0:
		return domain.Invalid("end", "want at most %d days, from %s to %s", MaxDelegationDays, c.Start, c.Start.AddDays(MaxDelegationDays-1))
	}
	return nil
}

// checkOthers keeps the two from having a second one at a time: who revokes it would leave the other behind.
func (c GrantDelegation) checkOthers(s *State, now time.Time) error {
	running := 0
	for _, d := range s.delegations {
		if d.From != c.From || !now.Before(d.end()) {
			continue
		}
		if running++; d.To == c.To && c.Start.Compare(d.End) <= 0 && d.Start.Compare(c.End) <= 0 {
			return domain.Refuse("delegation_exists", "to", "%s has a %s from %s to %s", c.From, d.Plain(), d.Start, d.End)
		}
	}
	if running >= MaxDelegations {
		return domain.Refuse("too_many", "from", "at most %d delegations of one person at a time", MaxDelegations)
	}
	return nil
}

// RevokeDelegation ends a delegation now. One of the two does it, or partner_ops.
// Errors: there is no such delegation (delegation_unknown); the actor is none of the two (own_delegation) or of a partner
// (vendor_only); it is over or revoked (delegation_over).
type RevokeDelegation struct {
	DelegationID uuid.UUID       `json:"delegation_id"`
	Reason       domain.Personal `json:"reason"` // at most 2000 characters
}

func (RevokeDelegation) admits() (string, []domain.Role) { return "revoke a delegation", persons() }

func (c RevokeDelegation) decide(s *State, h domain.Header) ([]Event, error) {
	if h.Actor.OfPartner() {
		return nil, domain.Forbid("vendor_only", "revoke a delegation: it is among the vendor's people")
	}
	if err := domain.AdmitText("reason", string(c.Reason), MaxReason); err != nil {
		return nil, err
	}
	d := s.delegation(c.DelegationID)
	switch {
	case d == nil:
		return nil, domain.NotFound("delegation_unknown", "delegation_id", "there is no delegation %s", c.DelegationID)
	case !d.Plain().Involves(h.Actor.ID) && !h.Actor.Is(domain.PartnerOps):
		return nil, domain.Forbid("own_delegation", "revoke a delegation: one of the two does it, or partner_ops")
	case !h.Now.Before(d.end()):
		return nil, domain.Refuse("delegation_over", "delegation_id", "it was over at %s", d.end().Format(time.RFC3339))
	}
	return []Event{DelegationRevoked(c)}, nil
}
