package partner

import (
	"slices"
	"time"

	"github.com/google/uuid"
)

// Why a partner isn't active, as found in Standing.Reason.
const (
	ReasonUnknown      = "unknown" // no such partner
	ReasonNotOnboarded = "not_onboarded"
	ReasonSuspended    = "suspended"
	ReasonDeactivated  = "deactivated"
	ReasonNoAgreement  = "no_agreement" // none in force
)

// Standing is whether a partner may register deals, request funds or earn rebates at a moment. It may only while it is
// onboarded, neither suspended nor deactivated, with an agreement in force (domain.md section 3).
type Standing struct {
	PartnerID uuid.UUID `json:"partner_id"`
	Known     bool      `json:"known"` // the partner applied at some time
	Active    bool      `json:"active"`
	Reason    string    `json:"reason,omitempty"` // why it isn't active, one of the reasons above
	Status    Status    `json:"status,omitempty"` // then; empty before it applied
	Kind      Kind      `json:"kind,omitempty"`   // then
	Tier      string    `json:"tier,omitempty"`   // then; empty: none

	Territories []AssignedTerritory `json:"territories,omitempty"` // then; none: it may sell everywhere
	ParentID    uuid.UUID           `json:"parent_id,omitzero"`    // the distributor above it then
	Grace       *Grace              `json:"tier_grace,omitempty"`  // it is in then
	Waiver      *Waiver             `json:"tier_waiver,omitempty"` // that protects its tier then
}

// StandingAt is the partner's standing at t, by what is recorded until now.
func (p *Partner) StandingAt(t time.Time) Standing {
	status, _ := p.Status.At(t)
	kind, _ := p.Kind.At(t)
	reason := p.inactiveAt(t, status)
	return Standing{
		PartnerID: p.ID, Known: p.Exists(), Active: reason == "", Reason: reason, Status: status, Kind: kind,
		Tier: p.TierAt(t), Territories: p.TerritoriesAt(t), ParentID: p.ParentAt(t),
		Grace: copied(p.GraceAt(t)), Waiver: copied(p.WaiverAt(t)),
	}
}

// copied keeps who got a standing from sharing what the partner folds into.
func copied[T any](of *T) *T {
	if of == nil {
		return nil
	}
	own := *of
	return &own
}

func (p *Partner) inactiveAt(t time.Time, status Status) (reason string) {
	switch {
	case !p.Exists():
		return ReasonUnknown
	case status == StatusSuspended:
		return ReasonSuspended
	case status == StatusDeactivated:
		return ReasonDeactivated
	case status != StatusOnboarded:
		return ReasonNotOnboarded
	case !p.AgreementAt(t):
		return ReasonNoAgreement
	}
	return ""
}

// Exists reports whether the partner ever applied.
func (p *Partner) Exists() bool { return len(p.Status.Entries) > 0 }

// AgreementAt reports whether an agreement is in force at t.
func (p *Partner) AgreementAt(t time.Time) bool {
	return slices.ContainsFunc(p.Agreements, func(a Agreement) bool { return a.InForceAt(t) })
}

// InForceAt reports whether the agreement is in force at t: from the start of its first day to the end of its last, the
// last renewal counted, unless it is terminated by then.
func (a Agreement) InForceAt(t time.Time) bool {
	return !t.Before(a.From) && !a.EndedAt(t)
}

// EndedAt reports whether the agreement's last day is over at t, or it is terminated by then.
func (a Agreement) EndedAt(t time.Time) bool {
	return isReached(a.Until, t) || isReached(a.TerminatedAt, t)
}

// isReached reports whether an end is there at t; a zero end never is.
func isReached(end, t time.Time) bool { return !end.IsZero() && !end.After(t) }

// SellerAt reports whether the person sells for the partner at t.
func (p *Partner) SellerAt(seller uuid.UUID, t time.Time) bool {
	s := p.seller(seller)
	if s == nil {
		return false
	}
	member, _ := s.Member.At(t)
	return member
}
