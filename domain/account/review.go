package account

import (
	"slices"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
)

func (e DealApproved) apply(d *Deal, env domain.Envelope) {
	d.Status, d.Approved = StatusApproved, stepOf(env, e.Reason)
	d.ProtectedUntil, d.Policy, d.Benefit = e.ProtectedUntil, e.Policy, e.Benefit
}

func (e DealReturned) apply(d *Deal, env domain.Envelope) {
	d.Status, d.Returned, d.ResubmitBy = StatusReturned, stepOf(env, e.Reason), e.ResubmitBy
}

func (e DealResubmitted) apply(d *Deal, env domain.Envelope) {
	d.Status, d.Resubmitted, d.ReviewDue = StatusSubmitted, stepOf(env, e.Note), e.ReviewDue
	if !e.KeepsPlace {
		d.Place, d.PlacedAt, d.RankedAt = env.Revision, env.EffectiveAt, env.RecordedAt
	}
}

func (e DealRejected) apply(d *Deal, env domain.Envelope) { d.close(StatusRejected, env, e.Reason) }

func (e DealWithdrawn) apply(d *Deal, env domain.Envelope) { d.close(StatusWithdrawn, env, e.Reason) }

// ApproveDeal protects the partner on the deal's lines, for the days that the policy gives to deals of its kind, with the
// benefit that it gives. What the vendor did against it meanwhile, where it took effect earlier, is a breach. It is refused while a
// registration of another partner that was submitted earlier lives, and for every other finding that blocks, unless each
// is overridden. While a dispute holds another partner's deal on a line, nobody is approved on it.
type ApproveDeal struct {
	DealID uuid.UUID `json:"deal_id"`
	Reason string    `json:"reason,omitempty"` // a service that approves what it submitted must say why
}

func (ApproveDeal) roles() []domain.Role { return deskRoles() }

func (c ApproveDeal) dealID() uuid.UUID { return c.DealID }

func (c ApproveDeal) decide(s *State, h domain.Header, f Facts) ([]Event, error) {
	d, err := s.deal(c.DealID)
	if err != nil {
		return nil, err
	}
	if err := firstOf(
		optionalText("reason", c.Reason, MaxReason),
		d.stepFrom(h, StatusSubmitted),
		d.mayReview(h, "ApproveDeal", c.Reason),
		f.partner(d.PartnerID),
		s.lineFree(d),
	); err != nil {
		return nil, err
	}
	if obstacles := d.obstacles(s, f, h.EffectiveAt); len(obstacles) > 0 {
		return nil, conflicted(obstacles)
	}
	until := f.days(h.EffectiveAt, f.registration().ProtectionFor(d.Kind))
	approved := DealApproved{
		DealID: d.ID, ProtectedUntil: until, Policy: f.registrationVersion(), Benefit: f.benefitFor(d.Kind), Reason: c.Reason,
	}
	return slices.Concat([]Event{approved}, s.warnRivals(d, until), s.breachesWithin(d, h.EffectiveAt, until)), nil
}

// ReturnDeal asks the partner to complete the registration. It keeps its place if resubmitted within the policy's business
// days.
type ReturnDeal struct {
	DealID uuid.UUID `json:"deal_id"`
	Reason string    `json:"reason"`
}

func (ReturnDeal) roles() []domain.Role { return deskRoles() }

func (c ReturnDeal) dealID() uuid.UUID { return c.DealID }

func (c ReturnDeal) decide(s *State, h domain.Header, f Facts) ([]Event, error) {
	d, err := s.deal(c.DealID)
	if err != nil {
		return nil, err
	}
	if err := firstOf(
		domain.AdmitText("reason", c.Reason, MaxReason),
		d.stepFrom(h, StatusSubmitted),
		d.mayReview(h, "ReturnDeal", c.Reason),
	); err != nil {
		return nil, err
	}
	by := f.businessDays(h.EffectiveAt, f.registration().ResubmitBusinessDays)
	return []Event{DealReturned{DealID: d.ID, ResubmitBy: by, Reason: c.Reason}}, nil
}

// ResubmitDeal submits a returned registration again. In time it keeps its place in the order of submission, later it moves
// to the end. All rules look at it anew.
type ResubmitDeal struct {
	DealID uuid.UUID `json:"deal_id"`
	Note   string    `json:"note,omitempty"`
}

func (ResubmitDeal) roles() []domain.Role { return partnerRoles() }

func (c ResubmitDeal) dealID() uuid.UUID { return c.DealID }

func (c ResubmitDeal) decide(s *State, h domain.Header, f Facts) ([]Event, error) {
	d, err := s.deal(c.DealID)
	if err != nil {
		return nil, err
	}
	if err := firstOf(
		optionalText("note", c.Note, MaxReason),
		d.stepFrom(h, StatusReturned),
		f.partner(d.PartnerID),
	); err != nil {
		return nil, err
	}
	claim, keeps := d.claim(), !h.EffectiveAt.After(d.ResubmitBy)
	if !keeps {
		claim.Place, claim.PlacedAt, claim.RankedAt = last, h.EffectiveAt, endless
	}
	due := f.businessDays(h.EffectiveAt, f.registration().ReviewBusinessDays)
	resubmitted := DealResubmitted{DealID: d.ID, KeepsPlace: keeps, ReviewDue: due, Note: c.Note}
	return append([]Event{resubmitted}, claim.record(d, claim.findings(s, f, h.EffectiveAt))...), nil
}

// RejectDeal refuses a registration for good, also one that was returned and never came back. While a dispute is to decide
// one of its findings it isn't the desk's to refuse (finding_referred).
type RejectDeal struct {
	DealID uuid.UUID `json:"deal_id"`
	Reason string    `json:"reason"`
}

func (RejectDeal) roles() []domain.Role { return deskRoles() }

func (c RejectDeal) dealID() uuid.UUID { return c.DealID }

func (c RejectDeal) decide(s *State, h domain.Header, _ Facts) ([]Event, error) {
	d, err := s.deal(c.DealID)
	if err != nil {
		return nil, err
	}
	if err := firstOf(
		domain.AdmitText("reason", c.Reason, MaxReason),
		d.stepFrom(h, StatusSubmitted, StatusReturned),
		d.mayReview(h, "RejectDeal", c.Reason),
		d.awaited(),
	); err != nil {
		return nil, err
	}
	return []Event{DealRejected(c)}, nil
}

// WithdrawDeal gives a registration up, before its approval or while it is protected.
type WithdrawDeal struct {
	DealID uuid.UUID `json:"deal_id"`
	Reason string    `json:"reason,omitempty"`
}

func (WithdrawDeal) roles() []domain.Role { return partnerRoles() }

func (c WithdrawDeal) dealID() uuid.UUID { return c.DealID }

func (c WithdrawDeal) decide(s *State, h domain.Header, _ Facts) ([]Event, error) {
	d, err := s.deal(c.DealID)
	if err != nil {
		return nil, err
	}
	if err := firstOf(
		optionalText("reason", c.Reason, MaxReason),
		d.stepFrom(h, StatusSubmitted, StatusReturned, StatusApproved),
	); err != nil {
		return nil, err
	}
	if d.Status == StatusApproved && !d.ProtectedAt(h.EffectiveAt) {
		return nil, domain.Refuse("protection_over", "deal_id", "the protection ended %s", stamp(d.ProtectedUntil))
	}
	return []Event{DealWithdrawn(c)}, nil
}
