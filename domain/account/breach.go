package account

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
)

// Breach is the vendor going for what the deal protects.
type Breach struct {
	OpportunityID uuid.UUID `json:"opportunity_id"`
	By            BreachBy  `json:"by"`
	Step          Step      `json:"step"` // At is when the vendor did it
}

func (e ProtectionBreached) apply(d *Deal, env domain.Envelope) {
	d.Breaches = append(d.Breaches, Breach{OpportunityID: e.OpportunityID, By: e.By, Step: stepOf(env, "")})
}

func (d *Deal) breachedBy(opportunity uuid.UUID, by BreachBy) bool {
	return slices.ContainsFunc(d.Breaches, func(b Breach) bool { return b.OpportunityID == opportunity && b.By == by })
}

// breaches are those of the deals that are protected on the opportunity's lines at that moment.
func (s *State) breaches(o *Opportunity, by BreachBy, at time.Time) (events []Event) {
	seen := map[uuid.UUID]bool{}
	for _, key := range o.lineKeys() {
		for d := range s.line(key).protectedAfter(at) {
			if d.ProtectedAt(at) && !seen[d.ID] {
				seen[d.ID] = true
				events = append(events, ProtectionBreached{DealID: d.ID, OpportunityID: o.ID, By: by})
			}
		}
	}
	return events
}

// breachesWithin are what the vendor did on the deal's lines between two moments and that is no breach yet: what is granted
// or prolonged now, and took effect earlier, protects from it.
func (s *State) breachesWithin(d *Deal, from, until time.Time) (events []Event) {
	record := func(o *Opportunity, by BreachBy, at time.Time) {
		if at.After(from) && at.Before(until) && !d.breachedBy(o.ID, by) {
			events = append(events, ProtectionBreached{DealID: d.ID, OpportunityID: o.ID, By: by, At: at})
		}
	}
	for _, o := range s.opportunitiesOn(d.lineKeys()) {
		record(o, BreachByOpening, o.Opened.At)
		if o.Outcome == OutcomeWon {
			record(o, BreachByWinning, o.Closed.At)
		}
	}
	return events
}

// opportunitiesOn are the vendor's own on some lines, closed ones too, as they were recorded.
func (s *State) opportunitiesOn(keys []string) []*Opportunity {
	all := slices.Collect(maps.Values(s.Account.Opportunities))
	all = slices.DeleteFunc(all, func(o *Opportunity) bool {
		return !slices.ContainsFunc(o.lineKeys(), func(key string) bool { return slices.Contains(keys, key) })
	})
	slices.SortFunc(all, func(a, b *Opportunity) int { return cmp.Compare(a.Opened.Revision, b.Opened.Revision) })
	return all
}
