package account

import (
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/policy"
)

// RuleCoolOff says: the partner's own registration on the line expired only lately. It always blocks; a policy of 0 days
// switches it off.
const RuleCoolOff policy.ConflictRule = "cool_off"

// Claim is what a registration asks for, as the rules of conflict look at it.
type Claim struct {
	DealID    uuid.UUID
	PartnerID uuid.UUID
	Lines     []string  // product lines
	Place     int64     // in the order of submission
	PlacedAt  time.Time // when the submission that counts took effect
	RankedAt  time.Time // when it was recorded
	Customer  Profile   // of a customer who becomes known with the registration
}

// Finding is one reason why a registration conflicts with something.
type Finding struct {
	ID       uuid.UUID           `json:"id"`
	Rule     policy.ConflictRule `json:"rule"`
	With     With                `json:"with"`
	Score    string              `json:"score"` // decimal, 0 to 1; 1 is exact
	Evidence map[string]string   `json:"evidence"`
	Found    Step                `json:"found"`
	Override Step                `json:"override,omitzero"`
	Ruling   uuid.UUID           `json:"ruling,omitzero"`   // that overrode it; zero where the desk did
	Referred Step                `json:"referred,omitzero"` // the last time that a reviewer sent it to a dispute; see Deal.Awaits
	Late     bool                `json:"late,omitempty"`    // found when the deal was protected already: no approval decided it
}

// Rule looks for one sort of conflict that a claim has at a moment. It is pure: equal accounts give equal findings, in the
// same order, with the same ids.
type Rule func(c Claim, s *State, f Facts, at time.Time) []Finding

// ConflictRules are the rules in the order they are looked at. A new one is one function and one line here.
func ConflictRules() []Rule {
	return []Rule{
		liveRegistrations,
		otherRecords,
		ownedAccount,
		directOpportunities,
		customerPreference,
		outsideTerritory,
		coolOff,
	}
}

func (e ConflictFound) apply(d *Deal, env domain.Envelope) {
	d.Findings = append(d.Findings, Finding{
		ID: e.FindingID, Rule: e.Rule, With: e.With, Score: e.Score, Evidence: e.Evidence, Found: stepOf(env, ""),
		Late: d.Status == StatusApproved,
	})
}

func (d *Deal) finding(id uuid.UUID) *Finding {
	if at := slices.IndexFunc(d.Findings, func(f Finding) bool { return f.ID == id }); at >= 0 {
		return &d.Findings[at]
	}
	return nil
}

func (d *Deal) claim() Claim {
	claim := Claim{DealID: d.ID, PartnerID: d.PartnerID, Place: d.Place, PlacedAt: d.PlacedAt, RankedAt: d.RankedAt}
	for _, l := range d.Lines {
		claim.Lines = append(claim.Lines, l.Line)
	}
	return claim
}

// findings is what all rules find, once each.
func (c Claim) findings(s *State, f Facts, at time.Time) (found []Finding) {
	seen := map[uuid.UUID]bool{}
	for _, rule := range ConflictRules() {
		for _, finding := range rule(c, s, f, at) {
			if !seen[finding.ID] {
				seen[finding.ID] = true
				found = append(found, finding)
			}
		}
	}
	return found
}

// finding has an id of its own for each deal, rule and what it is compared with: found again it is the same.
func (c Claim) finding(rule policy.ConflictRule, with With, evidence map[string]string) Finding {
	parts := append([]string{"finding", c.DealID.String(), string(rule)}, with.parts()...)
	return Finding{ID: domain.DeriveID(parts...), Rule: rule, With: with, Score: "1", Evidence: evidence}
}

// parts are what ids derive from. What With was given later stands behind the first three, and only where it is set: the
// ids of older findings stay.
func (w With) parts() []string {
	parts := []string{w.DealID.String(), w.OpportunityID.String(), string(w.Owner)}
	if w.PartnerID != uuid.Nil {
		parts = append(parts, "partner", w.PartnerID.String())
	}
	return parts
}

// shared is the product lines of both, as the claim names them; empty where they don't compete.
func (c Claim) shared(keys []string) string {
	var shared []string
	for _, l := range c.Lines {
		if slices.Contains(keys, keyOf(l)) && !slices.Contains(shared, l) {
			shared = append(shared, l)
		}
	}
	return strings.Join(shared, ", ")
}

// record is the events for what isn't recorded on the deal yet; a deal that is just being registered is nil.
func (c Claim) record(d *Deal, found []Finding) (events []Event) {
	for _, f := range found {
		if d == nil || d.finding(f.ID) == nil {
			events = append(events, ConflictFound{
				FindingID: f.ID, DealID: c.DealID, With: f.With, Rule: f.Rule, Score: f.Score, Evidence: f.Evidence,
			})
		}
	}
	return events
}
