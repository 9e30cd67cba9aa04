package partner

import (
	"slices"
	"time"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/policy"
)

// Command is what can be asked of a partner.
//
// Who may ask: partner_ops and services everything but what ends by itself, which is the scheduler's; a partner's admin may apply and
// keep the list of the own partner's sellers. Nobody approves an application of their own.
type Command interface {
	// admits names the action and who may ask for it.
	admits() (action string, roles []domain.Role)
	decide(*State, domain.Header, Facts) ([]Event, error)
}

// Facts of other streams that a decision needs.
type Facts struct {
	Zone    *time.Location // the program's; nil is UTC
	Tiering policy.Versioned[policy.Tiering]
	Above   Above // of the parent that ParentOf names

	DocumentStored bool // whether the document that DocumentOf names was handed in
}

func (f Facts) zone() *time.Location {
	if f.Zone == nil {
		return time.UTC
	}
	return f.Zone
}

// vendor runs partners; own adds the partner's admin.
var (
	vendor = []domain.Role{domain.PartnerOps, domain.ServiceRole}
	own    = []domain.Role{domain.PartnerOps, domain.ServiceRole, domain.PartnerAdmin}
)

func decide(p *State, h domain.Header, facts Facts, c Command) ([]Event, error) {
	action, roles := c.admits()
	if err := domain.Admit(h, action, roles); err != nil {
		return nil, err
	}
	if err := h.Actor.AllowPartner(action, p.ID); err != nil {
		return nil, err
	}
	if _, first := c.(Apply); !first && !p.Exists() {
		return nil, domain.NotFound("partner", "", "there is no such partner")
	}
	return c.decide(p, h, facts)
}

// mustFollow refuses a step of the life cycle that doesn't follow from the latest one, or would be effective before it.
// Rules: partner_status, effective_before_step.
func (p *Partner) mustFollow(h domain.Header, action string, from ...Status) error {
	latest, since := p.Status.Latest(), p.Status.Since()
	switch {
	case !slices.Contains(from, latest):
		return domain.Refuse("partner_status", "", "%s: the partner is %s, it must be %v", action, latest, from)
	case h.EffectiveAt.Before(since):
		return domain.Refuse("effective_before_step", "effective_at", "%s: the partner is %s only from %s on", action, latest, stamp(since))
	}
	return nil
}

// mustBeIn refuses what belongs to a partner in the program where it wasn't in it at that moment: approved by then, and
// not deactivated. Unlike mustFollow it takes facts that come late, after further steps.
// Rule: partner_status.
func (p *Partner) mustBeIn(h domain.Header, action string) error {
	switch status, _ := p.Status.At(h.EffectiveAt); {
	case isIn(status):
		return nil
	case status == "":
		return domain.Refuse("partner_status", "", "%s: the partner hadn't applied at %s", action, stamp(h.EffectiveAt))
	default:
		return domain.Refuse("partner_status", "", "%s: the partner was %s at %s", action, status, stamp(h.EffectiveAt))
	}
}

// isIn reports whether a partner of that status is in the program.
func isIn(status Status) bool {
	return status == StatusApproved || status == StatusOnboarded || status == StatusSuspended
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }
