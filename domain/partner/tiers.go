package partner

import (
	"fmt"
	"slices"
	"time"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/policy"
)

// TierReason is what led to a change of tier.
type TierReason string

// The reasons of a change of tier.
const (
	TierByEvaluation TierReason = "evaluation" // the criteria: a grace that ran out
	TierByWaiver     TierReason = "waiver"     // granted together with a waiver
	TierByHand       TierReason = "manual"     // somebody of partner operations decided
	TierByRuling     TierReason = "ruling"     // a dispute's ruling, or the settlement of one, ordered it
)

// GraceEnd is why a grace was lifted.
type GraceEnd string

// The ends of a grace that leave the partner its tier.
const (
	GraceRecovered GraceEnd = "recovered" // the partner meets the criteria again
	GraceWaived    GraceEnd = "waived"    // a waiver was granted
)

// Grace is the time in which a partner that fails its tier still keeps it.
type Grace struct {
	From      string    `json:"from"`
	To        string    `json:"to"` // where it goes if nothing lifts the grace
	StartedAt time.Time `json:"started_at"`
	Until     time.Time `json:"until"`   // exclusive
	Failing   []string  `json:"failing"` // criteria
	LiftedAt  time.Time `json:"lifted_at,omitzero"`
	Lifted    GraceEnd  `json:"lifted,omitempty"`
}

// Waiver keeps a partner on its tier for a time.
type Waiver struct {
	GrantedAt time.Time   `json:"granted_at"`
	ValidTo   domain.Date `json:"valid_to"` // last day
	Until     time.Time   `json:"until"`    // exclusive
	Reason    string      `json:"reason"`
}

// ChangeTier puts an active or suspended partner on another tier, up or down, from then on. A running grace ends with it.
// Errors: no reason; to is no tier of the program, or the partner's tier at that moment (same_tier); the partner wasn't
// onboarded at that moment (partner_status).
type ChangeTier struct {
	To     string `json:"to"`     // a tier of the tiering policy in force, as in gold
	Reason string `json:"reason"` // at most 2000 characters; the event keeps it as note
}

func (ChangeTier) admits() (string, []domain.Role) { return "change the tier", vendor }

func (c ChangeTier) decide(p *State, h domain.Header, facts Facts) ([]Event, error) {
	if err := checkReason(c.Reason); err != nil {
		return nil, err
	}
	return p.changeTier(h, facts, "to", c.To, TierByHand, c.Reason)
}

// SetTierByRuling puts a partner on a tier as a dispute's ruling orders, from then on.
// Errors: as of ChangeTier; somebody else than the reactor asks (reactor_only).
type SetTierByRuling struct {
	To     string `json:"to"`
	Reason string `json:"reason"` // names the dispute
}

func (SetTierByRuling) admits() (string, []domain.Role) {
	return "set a tier by ruling", []domain.Role{domain.ServiceRole}
}

func (c SetTierByRuling) decide(p *State, h domain.Header, facts Facts) ([]Event, error) {
	if h.Actor.Kind != domain.Reactor {
		return nil, domain.Forbid("reactor_only", "a ruling is carried out by the reactor, nobody does it by hand")
	}
	if err := checkReason(c.Reason); err != nil {
		return nil, err
	}
	return p.changeTier(h, facts, "to", c.To, TierByRuling, c.Reason)
}

func (p *Partner) changeTier(h domain.Header, facts Facts, field, to string, reason TierReason, note string) ([]Event, error) {
	if err := checkTier(facts, field, to); err != nil {
		return nil, err
	}
	if err := p.mustBeOnboarded(h, "change the tier"); err != nil {
		return nil, err
	}
	from := p.TierAt(h.EffectiveAt)
	if from == to {
		return nil, domain.Refuse("same_tier", field, "the partner is %s at that moment already", from)
	}
	return []Event{TierChanged{From: from, To: to, Reason: reason, Note: note, Policy: facts.Tiering.Ref()}}, nil
}

// StartTierGrace records that a partner fails its tier: it goes down after the policy's days of grace, unless it recovers
// or gets a waiver. The scheduler carries that out.
// Errors: a field is wrong; to isn't below the partner's tier; it wasn't onboarded at that moment (partner_status), is in
// grace already (tier_grace_running) or has a waiver (tier_waived).
type StartTierGrace struct {
	To      string   `json:"to"`      // a lower tier of the tiering policy in force
	Failing []string `json:"failing"` // the criteria that aren't met: 1 to 20 short names, as in certified_sellers
}

func (StartTierGrace) admits() (string, []domain.Role) { return "start a tier's grace", vendor }

func (c StartTierGrace) decide(p *State, h domain.Header, facts Facts) ([]Event, error) {
	if err := c.check(facts); err != nil {
		return nil, err
	}
	if err := p.mustBeOnboarded(h, "start a tier's grace"); err != nil {
		return nil, err
	}
	from, tiers := p.TierAt(h.EffectiveAt), facts.Tiering.Body
	if tiers.Rank(from) <= tiers.Rank(c.To) {
		return nil, domain.Invalid("to", "want a tier below the partner's, %q", from)
	}
	if g := p.GraceAt(h.EffectiveAt); g != nil {
		return nil, domain.Refuse("tier_grace_running", "", "the partner is in grace until %s already", stamp(g.Until))
	}
	if w := p.WaiverAt(h.EffectiveAt); w != nil {
		return nil, domain.Refuse("tier_waived", "", "the partner has a waiver until %s", stamp(w.Until))
	}
	if len(p.Graces) >= maxGraces {
		return nil, domain.Refuse("too_many", "", "at most %d graces", maxGraces)
	}
	return []Event{TierGraceStarted{
		From: from, To: c.To, Until: policy.AddDays(h.EffectiveAt, tiers.GraceDays, facts.zone()),
		Failing: c.Failing, Policy: facts.Tiering.Ref(),
	}}, nil
}

func (c StartTierGrace) check(facts Facts) error {
	if err := checkTier(facts, "to", c.To); err != nil {
		return err
	}
	if len(c.Failing) == 0 || len(c.Failing) > maxFailing {
		return domain.Invalid("failing", "want 1 to %d criteria", maxFailing)
	}
	for i, criterion := range c.Failing {
		path := fmt.Sprintf("failing[%d]", i)
		if err := checkName(path, criterion); err != nil {
			return err
		}
		if slices.Contains(c.Failing[:i], criterion) {
			return domain.Invalid(path, "%s is there already", criterion)
		}
	}
	return nil
}

// LiftTierGrace ends a grace because the partner meets the criteria again.
// Errors: the partner isn't in grace at that moment (tier_grace).
type LiftTierGrace struct{}

func (LiftTierGrace) admits() (string, []domain.Role) { return "lift a tier's grace", vendor }

func (LiftTierGrace) decide(p *State, h domain.Header, _ Facts) ([]Event, error) {
	if p.GraceAt(h.EffectiveAt) == nil {
		return nil, domain.Refuse("tier_grace", "", "the partner is in no grace at %s", stamp(h.EffectiveAt))
	}
	return []Event{TierGraceLifted{Reason: GraceRecovered}}, nil
}

// EndTierGrace moves a partner down whose grace is over. The scheduler gives it, effective at the end; where no grace ends
// at that moment (lifted, waived, the tier changed, the partner gone) nothing is recorded.
// Errors: none but those of every command.
type EndTierGrace struct{}

func (EndTierGrace) admits() (string, []domain.Role) {
	return "end a tier's grace", []domain.Role{domain.ServiceRole}
}

func (EndTierGrace) decide(p *State, h domain.Header, facts Facts) ([]Event, error) {
	at := slices.IndexFunc(p.Graces, func(g Grace) bool { return g.Until.Equal(h.EffectiveAt) && p.isStanding(g, h.EffectiveAt) })
	if at < 0 || p.WaiverAt(h.EffectiveAt) != nil {
		return nil, nil
	}
	g := p.Graces[at]
	return []Event{TierChanged{From: g.From, To: g.To, Reason: TierByEvaluation, Policy: facts.Tiering.Ref()}}, nil
}

// GrantTierWaiver keeps a partner on its tier until a day, whatever it fails; a running grace is lifted. With a tier it also
// puts the partner there. When the day is over nothing happens by itself: what is failed then starts a grace as ever.
// Errors: a field is wrong; the partner wasn't onboarded at that moment (partner_status).
type GrantTierWaiver struct {
	ValidTo domain.Date `json:"valid_to"`       // last day in the program's zone
	Tier    string      `json:"tier,omitempty"` // a tier of the tiering policy in force; empty: as it is
	Reason  string      `json:"reason"`         // at most 2000 characters
}

func (GrantTierWaiver) admits() (string, []domain.Role) { return "grant a tier waiver", vendor }

func (c GrantTierWaiver) decide(p *State, h domain.Header, facts Facts) ([]Event, error) {
	until := endOf(c.ValidTo, facts.zone())
	if err := c.check(h, until); err != nil {
		return nil, err
	}
	if err := p.mustBeOnboarded(h, "grant a tier waiver"); err != nil {
		return nil, err
	}
	if len(p.Waivers) >= maxWaivers {
		return nil, domain.Refuse("too_many", "", "at most %d waivers", maxWaivers)
	}
	events := []Event{TierWaiverGranted{ValidTo: c.ValidTo, Until: until, Reason: c.Reason}}
	if p.GraceAt(h.EffectiveAt) != nil {
		events = append(events, TierGraceLifted{Reason: GraceWaived})
	}
	if c.Tier == "" || c.Tier == p.TierAt(h.EffectiveAt) {
		return events, nil
	}
	changed, err := p.changeTier(h, facts, "tier", c.Tier, TierByWaiver, c.Reason)
	if err != nil {
		return nil, err
	}
	return append(events, changed...), nil
}

func (c GrantTierWaiver) check(h domain.Header, until time.Time) error {
	if err := checkReason(c.Reason); err != nil {
		return err
	}
	if err := checkDay("valid_to", c.ValidTo); err != nil {
		return err
	}
	if !until.After(h.EffectiveAt) {
		return domain.Invalid("valid_to", "must not be before the day on which it takes effect")
	}
	return nil
}

func checkTier(facts Facts, field, name string) error {
	if facts.Tiering.Body.Rank(name) >= 0 {
		return nil
	}
	return domain.Invalid(field, "unknown tier %.100q: want one of %v", name, facts.Tiering.Body.Names())
}

// mustBeOnboarded refuses what only a partner that made it into the program has, late facts included.
// Rule: partner_status.
func (p *Partner) mustBeOnboarded(h domain.Header, action string) error {
	if p.isOnboardedAt(h.EffectiveAt) {
		return nil
	}
	status, _ := p.Status.At(h.EffectiveAt)
	return domain.Refuse("partner_status", "", "%s: the partner must be onboarded, at %s it was %q", action, stamp(h.EffectiveAt), status)
}

func (p *Partner) isOnboardedAt(t time.Time) bool {
	status, _ := p.Status.At(t)
	return status == StatusOnboarded || status == StatusSuspended
}

// TierAt is the partner's tier at t; empty where it is on none.
func (p *Partner) TierAt(t time.Time) string {
	tier, _ := p.Tier.At(t)
	return tier
}

// GraceAt is the grace that the partner is in at t, or nil.
func (p *Partner) GraceAt(t time.Time) *Grace {
	for i, g := range slices.Backward(p.Graces) {
		if !g.StartedAt.After(t) && g.Until.After(t) && p.isStanding(g, t) {
			return &p.Graces[i]
		}
	}
	return nil
}

// isStanding reports whether nothing ended the grace from its start until t: not lifted, the tier the same all the time, the
// partner still there.
func (p *Partner) isStanding(g Grace, t time.Time) bool {
	lifted := !g.LiftedAt.IsZero() && !g.LiftedAt.After(t)
	return !lifted && p.TierAt(g.StartedAt) == g.From && p.isOnboardedAt(t) &&
		!slices.ContainsFunc(p.Tier.Entries, func(e domain.DatedEntry[string]) bool {
			return e.From.After(g.StartedAt) && !e.From.After(t)
		})
}

// WaiverAt is the waiver that protects the partner's tier at t, the one that runs longest, or nil.
func (p *Partner) WaiverAt(t time.Time) (found *Waiver) {
	for i, w := range p.Waivers {
		if !w.GrantedAt.After(t) && w.Until.After(t) && (found == nil || w.Until.After(found.Until)) {
			found = &p.Waivers[i]
		}
	}
	return found
}

func (e TierChanged) evolve(p *Partner, env domain.Envelope) { p.Tier.Set(env.EffectiveAt, e.To) }

func (e TierGraceStarted) evolve(p *Partner, env domain.Envelope) {
	p.Graces = append(p.Graces, Grace{
		From: e.From, To: e.To, StartedAt: env.EffectiveAt, Until: e.Until, Failing: e.Failing,
	})
}

func (e TierGraceLifted) evolve(p *Partner, env domain.Envelope) {
	if g := p.GraceAt(env.EffectiveAt); g != nil {
		g.LiftedAt, g.Lifted = env.EffectiveAt, e.Reason
	}
}

func (e TierWaiverGranted) evolve(p *Partner, env domain.Envelope) {
	p.Waivers = append(p.Waivers, Waiver{GrantedAt: env.EffectiveAt, ValidTo: e.ValidTo, Until: e.Until, Reason: e.Reason})
}
