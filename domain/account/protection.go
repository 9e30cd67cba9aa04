package account

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
)

// Extension is a partner's request for longer protection.
type Extension struct {
	Status    ExtensionStatus `json:"status"`
	Until     time.Time       `json:"until"` // that it asks for; exclusive
	Evidence  string          `json:"evidence"`
	Requested Step            `json:"requested"`
	Decided   Step            `json:"decided,omitzero"`
}

func (d *Deal) extensionPending() bool {
	return d.Extension != nil && d.Extension.Status == ExtensionPending
}

func (e ExtensionRequested) apply(d *Deal, env domain.Envelope) {
	d.Extension = &Extension{Status: ExtensionPending, Until: e.Until, Evidence: e.Evidence, Requested: stepOf(env, "")}
}

func (e ExtensionGranted) apply(d *Deal, env domain.Envelope) {
	if d.extensionPending() {
		d.Extensions++
	}
	d.decideExtension(ExtensionGiven, e.ProtectedUntil, stepOf(env, e.Reason))
}

func (e ExtensionDeclined) apply(d *Deal, env domain.Envelope) {
	d.decideExtension(ExtensionRefused, e.ProtectedUntil, stepOf(env, e.Reason))
}

func (d *Deal) decideExtension(status ExtensionStatus, until time.Time, decided Step) {
	if d.extensionPending() {
		d.Extension.Status, d.Extension.Decided = status, decided
		d.ProtectedUntil = until
	}
}

func (e DealExpired) apply(d *Deal, env domain.Envelope) { d.close(StatusExpired, env, "") }

// RequestExtension asks for longer protection, by the policy's days from the old end, before that end and with evidence of
// activity. Until it is decided the protection goes on.
type RequestExtension struct {
	DealID   uuid.UUID `json:"deal_id"`
	Evidence string    `json:"evidence"`
}

func (RequestExtension) roles() []domain.Role { return partnerRoles() }

func (c RequestExtension) dealID() uuid.UUID { return c.DealID }

func (c RequestExtension) decide(s *State, h domain.Header, f Facts) ([]Event, error) {
	d, err := s.deal(c.DealID)
	if err != nil {
		return nil, err
	}
	if err := firstOf(
		domain.AdmitText("evidence", c.Evidence, MaxReason),
		d.stepFrom(h, StatusApproved),
		f.partner(d.PartnerID),
		d.extensible(h, f),
	); err != nil {
		return nil, err
	}
	if rival := s.rivalAfter(d, d.ProtectedUntil, h.EffectiveAt); rival != nil { // possible only for a request that is recorded late
		return nil, domain.Refuse("line_protected", "deal_id", "deal %s was granted the line when the protection ended", rival.ID)
	}
	requested := ExtensionRequested{
		DealID: d.ID, Evidence: c.Evidence, Policy: f.registrationVersion(),
		Until: f.days(d.ProtectedUntil, f.registration().ExtensionDays),
	}
	return slices.Concat([]Event{requested}, s.warnRivals(d, endless), s.breachesWithin(d, h.EffectiveAt, endless)), nil
}

func (d *Deal) extensible(h domain.Header, f Facts) error {
	switch most := f.registration().MaxExtensions; {
	case d.extensionPending():
		return domain.Refuse("extension_pending", "deal_id", "an extension is asked for already")
	case !h.EffectiveAt.Before(d.ProtectedUntil):
		return domain.Refuse("extension_too_late", "effective_at", "the protection ended %s", stamp(d.ProtectedUntil))
	case d.Extensions >= most:
		return domain.Refuse("extension_limit", "deal_id", "the policy allows %d extensions, and %d were granted", most, d.Extensions)
	}
	return nil
}

// GrantExtension lets the protection last as long as was asked for; decided later than that, it ends with the decision.
type GrantExtension struct {
	DealID uuid.UUID `json:"deal_id"`
	Reason string    `json:"reason,omitempty"` // a service that grants what it asked for must say why
}

func (GrantExtension) roles() []domain.Role { return deskRoles() }

func (c GrantExtension) dealID() uuid.UUID { return c.DealID }

func (c GrantExtension) decide(s *State, h domain.Header, f Facts) ([]Event, error) {
	d, err := s.undecided(c.DealID, h, "GrantExtension", c.Reason)
	if err != nil {
		return nil, err
	}
	if err := firstOf(optionalText("reason", c.Reason, MaxReason), f.partner(d.PartnerID)); err != nil {
		return nil, err
	}
	return []Event{ExtensionGranted{
		DealID: d.ID, ProtectedUntil: later(d.Extension.Until, h.EffectiveAt), Policy: f.registrationVersion(), Reason: c.Reason,
	}}, nil
}

// DeclineExtension lets the protection end when it would have, or with the decision where that is later.
type DeclineExtension struct {
	DealID uuid.UUID `json:"deal_id"`
	Reason string    `json:"reason"`
}

func (DeclineExtension) roles() []domain.Role { return deskRoles() }

func (c DeclineExtension) dealID() uuid.UUID { return c.DealID }

func (c DeclineExtension) decide(s *State, h domain.Header, _ Facts) ([]Event, error) {
	d, err := s.undecided(c.DealID, h, "DeclineExtension", c.Reason)
	if err != nil {
		return nil, err
	}
	if err := domain.AdmitText("reason", c.Reason, MaxReason); err != nil {
		return nil, err
	}
	until := later(d.ProtectedUntil, h.EffectiveAt)
	return []Event{ExtensionDeclined{DealID: d.ID, ProtectedUntil: until, Reason: c.Reason}}, nil
}

// undecided finds a deal whose extension waits for a decision by somebody else than who asked for it.
func (s *State) undecided(id uuid.UUID, h domain.Header, action, reason string) (*Deal, error) {
	d, err := s.deal(id)
	switch {
	case err != nil:
		return nil, err
	case !d.extensionPending():
		return nil, domain.Refuse("no_extension_pending", "deal_id", "no extension is asked for")
	}
	return d, firstOf(
		notBefore(h, "request", d.Extension.Requested.At),
		domain.AdmitChecker(action, d.Extension.Requested.Actor(), h.Actor, d.PartnerID, reason),
	)
}

func later(a, b time.Time) time.Time {
	if a.Before(b) {
		return b.UTC()
	}
	return a
}

// ExpireDeal records that the protection ended. It takes effect at ProtectedUntil exactly; given for another moment, while
// an extension is undecided or a dispute holds the deal, or for a deal that is closed, there is nothing to record.
type ExpireDeal struct {
	DealID uuid.UUID `json:"deal_id"`
}

func (ExpireDeal) roles() []domain.Role { return []domain.Role{domain.ServiceRole} }

func (c ExpireDeal) dealID() uuid.UUID { return c.DealID }

func (c ExpireDeal) decide(s *State, h domain.Header, _ Facts) ([]Event, error) {
	d, err := s.deal(c.DealID)
	if err != nil {
		return nil, err
	}
	if d.Status != StatusApproved || d.extensionPending() || d.heldOpen() || !h.EffectiveAt.Equal(d.ProtectedUntil) {
		return nil, nil
	}
	return []Event{DealExpired(c)}, nil
}
