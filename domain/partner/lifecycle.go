package partner

import (
	"cmp"
	"slices"

	"github.com/channelledger/channelledger/domain"
)

// Apply asks to become a partner: for the first time, or again after a refusal or a deactivation. A partner's admin may
// apply for the own partner, or, belonging to none yet, for a new one. A service that imports history may leave out the
// country where the old system has none.
// Errors: a field is wrong; the partner is applied or in the program already (partner_status).
type Apply struct {
	LegalName   string   `json:"legal_name"`            // at most 200 characters
	Kind        Kind     `json:"kind"`                  // one of Kinds
	Country     string   `json:"country,omitempty"`     // ISO 3166-1 alpha-2, as in DE
	Domain      string   `json:"domain,omitempty"`      // of its web site, lower case, as in example.com
	Territories []string `json:"territories,omitempty"` // where it wants to sell; at most 100 of 200 characters
	Verticals   []string `json:"verticals,omitempty"`   // the industries it sells to; at most 100 of 200 characters
}

func (Apply) admits() (string, []domain.Role) { return "apply", own }

func (c Apply) decide(p *State, h domain.Header, _ Facts) ([]Event, error) {
	if err := c.check(h.Actor); err != nil {
		return nil, err
	}
	if p.Exists() {
		if err := p.mustFollow(h, "apply", StatusDeclined, StatusDeactivated); err != nil {
			return nil, err
		}
	}
	return []Event{Applied(c)}, nil
}

func (c Apply) check(actor domain.Actor) error {
	return cmp.Or(
		domain.AdmitText("legal_name", c.LegalName, maxText),
		checkKind("kind", c.Kind),
		checkCountry(c.Country, actor),
		checkDomain(c.Domain),
		checkTexts("territories", c.Territories),
		checkTexts("verticals", c.Verticals),
	)
}

// Approve lets an applicant in.
// Errors: whoever applied, or is of the partner, can't approve (maker_is_checker); the partner isn't applied.
type Approve struct {
	// Reason, at most 2000 characters, is needed only from a service that applied as well, as in "imported history".
	Reason string `json:"reason,omitempty"`
}

func (Approve) admits() (string, []domain.Role) { return "approve the application", vendor }

func (c Approve) decide(p *State, h domain.Header, _ Facts) ([]Event, error) {
	if c.Reason != "" {
		if err := checkReason(c.Reason); err != nil {
			return nil, err
		}
	}
	if err := p.mustFollow(h, "approve", StatusApplied); err != nil {
		return nil, err
	}
	if err := domain.AdmitChecker("approve the application", p.AppliedBy, h.Actor, p.ID, c.Reason); err != nil {
		return nil, err
	}
	return []Event{Approved(c)}, nil
}

// Decline ends an application; the partner may apply again.
// Errors: no reason; the partner isn't applied.
type Decline struct {
	Reason string `json:"reason"` // at most 2000 characters
}

func (Decline) admits() (string, []domain.Role) { return "decline the application", vendor }

func (c Decline) decide(p *State, h domain.Header, _ Facts) ([]Event, error) {
	return p.step(h, "decline", c.Reason, Declined(c), StatusApplied)
}

// CompleteStep records an onboarding step of an approved partner, each once for an application. Steps may still be
// recorded after the partner is onboarded.
// Errors: step is no short name; the partner isn't in the program; the step is completed (step_completed).
type CompleteStep struct {
	Step string `json:"step"` // a short name: a-z, 0-9 and _, at most 100 characters, as in sales_training
}

func (CompleteStep) admits() (string, []domain.Role) { return "complete an onboarding step", vendor }

func (c CompleteStep) decide(p *State, h domain.Header, _ Facts) ([]Event, error) {
	if err := checkName("step", c.Step); err != nil {
		return nil, err
	}
	if err := p.mustBeIn(h, "complete a step"); err != nil {
		return nil, err
	}
	if slices.ContainsFunc(p.Steps, func(s Step) bool { return s.Name == c.Step }) {
		return nil, domain.Refuse("step_completed", "step", "%s is completed already", c.Step)
	}
	if len(p.Steps) >= maxSteps {
		return nil, domain.Refuse("too_many", "", "at most %d onboarding steps", maxSteps)
	}
	return []Event{OnboardingStepCompleted(c)}, nil
}

// Onboard makes an approved partner active, on the program's lowest tier. Which steps it takes first is for partner
// operations to judge.
// Errors: the partner isn't approved (partner_status); no agreement is in force at that moment (no_agreement).
type Onboard struct{}

func (Onboard) admits() (string, []domain.Role) { return "onboard", vendor }

func (Onboard) decide(p *State, h domain.Header, facts Facts) ([]Event, error) {
	if err := p.mustFollow(h, "onboard", StatusApproved); err != nil {
		return nil, err
	}
	if !p.AgreementAt(h.EffectiveAt) {
		return nil, domain.Refuse("no_agreement", "", "onboard: no agreement is in force at %s", stamp(h.EffectiveAt))
	}
	return []Event{Onboarded{Tier: facts.Tiering.Body.Lowest()}}, nil
}

// ChangeKind says that the partner is of another kind from then on.
// Errors: to is no kind, or what the partner is at that moment already (same_kind); the partner isn't in the program.
type ChangeKind struct {
	To Kind `json:"to"`
}

func (ChangeKind) admits() (string, []domain.Role) { return "change the kind", vendor }

func (c ChangeKind) decide(p *State, h domain.Header, _ Facts) ([]Event, error) {
	if err := checkKind("to", c.To); err != nil {
		return nil, err
	}
	if err := p.mustBeIn(h, "change the kind"); err != nil {
		return nil, err
	}
	from, _ := p.Kind.At(h.EffectiveAt)
	if from == c.To {
		return nil, domain.Refuse("same_kind", "to", "the partner is a %s already", from)
	}
	return []Event{KindChanged{From: from, To: c.To}}, nil
}

// Suspend stops everything new for an onboarded partner.
// Errors: no reason; the partner isn't onboarded, or was only later.
type Suspend struct {
	Reason string `json:"reason"` // at most 2000 characters
}

func (Suspend) admits() (string, []domain.Role) { return "suspend", vendor }

func (c Suspend) decide(p *State, h domain.Header, _ Facts) ([]Event, error) {
	return p.step(h, "suspend", c.Reason, Suspended(c), StatusOnboarded)
}

// Reinstate ends a suspension.
// Errors: no reason; the partner isn't suspended, or was only later.
type Reinstate struct {
	Reason string `json:"reason"` // at most 2000 characters
}

func (Reinstate) admits() (string, []domain.Role) { return "reinstate", vendor }

func (c Reinstate) decide(p *State, h domain.Header, _ Facts) ([]Event, error) {
	return p.step(h, "reinstate", c.Reason, Reinstated(c), StatusSuspended)
}

// Deactivate ends the partnership. Its deals that wait are withdrawn, and protections end soon (reactor.Departures); agreements
// run on until they are terminated or expire; the partner may apply again.
// Errors: no reason; the partner isn't in the program, or was only later.
type Deactivate struct {
	Reason string `json:"reason"` // at most 2000 characters
}

func (Deactivate) admits() (string, []domain.Role) { return "deactivate", vendor }

func (c Deactivate) decide(p *State, h domain.Header, _ Facts) ([]Event, error) {
	return p.step(h, "deactivate", c.Reason, Deactivated(c), StatusApproved, StatusOnboarded, StatusSuspended)
}

// step is a step of the life cycle that needs a reason and a status to start from, and nothing else.
func (p *Partner) step(h domain.Header, action, reason string, e Event, from ...Status) ([]Event, error) {
	if err := checkReason(reason); err != nil {
		return nil, err
	}
	if err := p.mustFollow(h, action, from...); err != nil {
		return nil, err
	}
	return []Event{e}, nil
}
