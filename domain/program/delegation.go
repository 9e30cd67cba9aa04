package program

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
)

// Delegation is that one person acts for another, and for how long.
type Delegation struct {
	ID     uuid.UUID
	From   string // who is away
	To     string // who acts for them
	Start  domain.Date
	End    domain.Date
	Reason domain.Personal

	Since   time.Time // the start of the first day, or the grant where that is later
	Until   time.Time // exclusive: the end of the last day
	Granted domain.Step
	Revoked domain.Step // not taken while it is not
	Because domain.Personal
}

// InForceAt reports whether it holds at a moment.
func (d Delegation) InForceAt(t time.Time) bool {
	return !t.Before(d.Since) && t.Before(d.end())
}

// end is when it is over, exclusive: revoked, or the last day behind it.
func (d Delegation) end() time.Time {
	if d.Revoked.Taken() && d.Revoked.At.Before(d.Until) {
		return d.Revoked.At
	}
	return d.Until
}

// Plain is the delegation as decisions see it.
func (d Delegation) Plain() domain.Delegation {
	return domain.Delegation{ID: d.ID, From: d.From, To: d.To}
}

// ---- fold

func (e DelegationGranted) evolve(s *State, env domain.Envelope) {
	since := e.Start.In(s.Zone()).UTC()
	if env.EffectiveAt.After(since) {
		since = env.EffectiveAt
	}
	s.delegations = append(s.delegations, Delegation{
		ID: e.DelegationID, From: e.From, To: e.To, Start: e.Start, End: e.End, Reason: e.Reason,
		Since: since, Until: e.End.AddDays(1).In(s.Zone()).UTC(), Granted: domain.StepOf(env, ""),
	})
}

func (e DelegationRevoked) evolve(s *State, env domain.Envelope) {
	if d := s.delegation(e.DelegationID); d != nil {
		d.Revoked, d.Because = domain.StepOf(env, ""), e.Reason
	}
}

// ---- questions

// Delegations are all that were ever granted, in that order.
func (s *State) Delegations() []Delegation { return slices.Clone(s.delegations) }

// DelegationsAt are those in force at a moment, in the order they were granted.
func (s *State) DelegationsAt(t time.Time) (inForce []Delegation) {
	for _, d := range s.delegations {
		if d.InForceAt(t) {
			inForce = append(inForce, d)
		}
	}
	return inForce
}

// delegation is the one with the id, or nil.
func (s *State) delegation(id uuid.UUID) *Delegation {
	at := slices.IndexFunc(s.delegations, func(d Delegation) bool { return d.ID == id })
	if at < 0 {
		return nil
	}
	return &s.delegations[at]
}
