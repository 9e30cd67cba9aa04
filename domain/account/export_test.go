package account

import (
	"fmt"
	"slices"
	"time"

	"github.com/channelledger/channelledger/domain/policy"
)

// CheckIndexes holds the indexes of a state to what going through all deals gives.
func (s *State) CheckIndexes() error {
	for key, l := range s.lines {
		if !slices.IsSortedFunc(l.pending, byPlace) || !slices.IsSortedFunc(l.granted, byEnd) {
			return fmt.Errorf("line %s is out of order", key)
		}
		pending, granted := 0, 0
		for _, d := range s.Deals {
			switch onLine := slices.Contains(d.lineKeys(), key); {
			case onLine && d.Pending() && slices.Contains(l.pending, d):
				pending++
			case onLine && !d.Pending() && d.Approved.Taken() && slices.Contains(l.granted, d):
				granted++
			case onLine && (d.Pending() || d.Approved.Taken()):
				return fmt.Errorf("line %s lacks deal %s", key, d.ID)
			}
		}
		if pending != len(l.pending) || granted != len(l.granted) {
			return fmt.Errorf("line %s has too many deals", key)
		}
		if slices.ContainsFunc(l.opportunities, func(o *Opportunity) bool { return o.Outcome != "" }) {
			return fmt.Errorf("line %s has a closed opportunity", key)
		}
	}
	return nil
}

// Unrecorded is a waiting registration that conflicts with another one at a moment without a finding that says so.
func (s *State) Unrecorded(f Facts, at time.Time) error {
	for _, d := range s.waiting() {
		for _, found := range liveRegistrations(d.claim(), s, f, at) {
			if d.finding(found.ID) == nil {
				return fmt.Errorf("deal %s has no finding with %s by %s", d.ID, found.With, policy.RuleLiveRegistration)
			}
		}
	}
	return nil
}

// Rivals are two deals of different partners that are both protected on one line at a moment, without an override.
func (s *State) Rivals(at time.Time) (*Deal, *Deal) {
	for _, l := range s.lines {
		for i, a := range l.granted {
			for _, b := range l.granted[:i] {
				if a.PartnerID != b.PartnerID && a.ProtectedAt(at) && b.ProtectedAt(at) && !excused(a, b, at) {
					return a, b
				}
			}
		}
	}
	return nil, nil
}

// Unbreached is an opening or a win of the vendor's own behind the last step that protects a deal, while it was protected,
// without a breach that says so.
func (s *State) Unbreached() error {
	for _, d := range s.Deals {
		if d.Status != StatusApproved {
			continue
		}
		_, until := d.Protection()
		if missing := s.breachesWithin(d, d.decidedAt(), until); len(missing) > 0 {
			return fmt.Errorf("deal %s lacks %+v", d.ID, missing)
		}
	}
	return nil
}
