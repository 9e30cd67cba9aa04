package account

import (
	"fmt"
	"slices"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
)

// MaxReferred is how many findings one case is about: each may be with another partner, and on another account.
const MaxReferred = 20

func (e ConflictReferred) apply(d *Deal, env domain.Envelope) {
	for _, id := range e.FindingIDs {
		if f := d.finding(id); f != nil {
			f.Referred = stepOf(env, e.Reason)
		}
	}
}

// Awaits reports whether a dispute is to decide about a finding: a reviewer sent it there, and no case about that has been
// over since, or another one still holds the deal.
func (d *Deal) Awaits(f *Finding) bool {
	about := func(h Hold) bool { return h.Subject == f.Referred.EventID }
	return f.Referred.Taken() && (d.heldAbout(f.Referred.EventID) || !slices.ContainsFunc(d.Holds, about))
}

// heldAbout reports whether a dispute about an event holds the deal.
func (d *Deal) heldAbout(event uuid.UUID) bool {
	return slices.ContainsFunc(d.Holds, func(h Hold) bool { return h.Subject == event && !h.Lifted.Taken() })
}

// awaited refuses what the desk would decide in the place of the case that it sent a finding to.
func (d *Deal) awaited() error {
	if at := slices.IndexFunc(d.Findings, func(f Finding) bool { return d.Awaits(&f) }); at >= 0 {
		return domain.Refuse("finding_referred", "deal_id", "finding %s was sent to a dispute: the case decides", d.Findings[at].ID)
	}
	return nil
}

// ReferConflicts leaves findings to a dispute, instead of overriding them or rejecting the deal: a case is opened for the
// deal's partner against whomever they are with. Until it is over nobody but a ruling overrides them, and the deal is neither
// approved against them nor rejected. What may be overridden may be referred; a case's times run from now, so it takes effect
// when it is recorded.
// Errors: as of OverrideConflicts; somebody disputes a finding already (finding_disputed).
type ReferConflicts struct {
	DealID     uuid.UUID   `json:"deal_id"`
	FindingIDs []uuid.UUID `json:"finding_ids"` // 1 to 20, neither overridden nor referred yet
	Reason     string      `json:"reason"`      // the statement that the case begins with: its parties read it
}

func (ReferConflicts) roles() []domain.Role { return deskRoles() }

func (c ReferConflicts) dealID() uuid.UUID { return c.DealID }

func (c ReferConflicts) decide(s *State, h domain.Header, f Facts) ([]Event, error) {
	if !h.EffectiveAt.Equal(h.Now) {
		return nil, domain.Invalid("effective_at", "a conflict is referred when that is recorded")
	}
	unrecorded, err := s.review(sifting{c.DealID, c.FindingIDs, c.Reason, "ReferConflicts", MaxReferred}, h, f)
	if err != nil {
		return nil, err
	}
	if err := s.Deals[c.DealID].undisputed(c.FindingIDs); err != nil {
		return nil, err
	}
	return append(unrecorded, ConflictReferred(c)), nil
}

// undisputed refuses findings that somebody disputes already: one case is enough.
func (d *Deal) undisputed(findings []uuid.UUID) error {
	for i, id := range findings {
		if f := d.finding(id); f != nil && d.heldAbout(f.Found.EventID) {
			return domain.Refuse("finding_disputed", fmt.Sprintf("finding_ids[%d]", i), "a dispute about %s is open already", id)
		}
	}
	return nil
}
