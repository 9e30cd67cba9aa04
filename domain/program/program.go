package program

import (
	"fmt"
	"slices"
	"time"
	_ "time/tzdata" // so that a program's zone is known on every machine

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/policy"
)

// Category is the first part of the stream's name.
const Category = "program"

// DefaultID is the id of the one program of a ledger.
var DefaultID = domain.DeriveID("program", "default")

// Facts of other streams: a program needs none.
type Facts struct{}

// Decider is the program seen from outside.
func Decider() domain.Decider[*State, Command, Facts, Event] {
	return domain.Decider[*State, Command, Facts, Event]{
		Category: Category,
		Types:    Types(),
		Initial:  func() *State { return &State{} },
		Decide:   decide,
		Evolve: func(s *State, e Event, env domain.Envelope) *State {
			e.evolve(s, env)
			s.revision = env.Revision
			return s
		},
	}
}

// State is a program as its events tell it.
type State struct {
	zone        *time.Location // nil until the program exists
	versions    []Version      // in recorded order
	delegations []Delegation   // in recorded order
	revision    int64          // of the last event
}

// Version is one version of one policy.
type Version struct {
	Kind          policy.Kind `json:"kind"`
	Version       int         `json:"version"`
	EffectiveFrom time.Time   `json:"effective_from"`
	Body          policy.Body `json:"body"`
	BecauseOf     []uuid.UUID `json:"because_of,omitempty"`
	PublishedAt   time.Time   `json:"published_at"`
	RetiredAt     time.Time   `json:"retired_at,omitzero"` // zero while it is not retired
}

// Ref is how a decision names the version: kind@version.
func (v Version) Ref() string { return fmt.Sprintf("%s@%d", v.Kind, v.Version) }

// holdsAt reports whether the version may hold at t; whether it does depends on the others of its kind.
func (v Version) holdsAt(t time.Time) bool {
	return !v.EffectiveFrom.After(t) && (v.RetiredAt.IsZero() || v.RetiredAt.After(t))
}

// ---- fold

func (e Created) evolve(s *State, _ domain.Envelope) {
	zone, err := time.LoadLocation(e.Zone)
	if err != nil { // a name that was known once and is no more: tzdata has dropped none so far
		zone = time.UTC
	}
	s.zone = zone
}

// A body of a kind that this program doesn't know, written by a newer one, is passed over: nothing here asks for it.
func (e PolicyPublished) evolve(s *State, env domain.Envelope) {
	body, err := policy.Read(e.Kind, e.Body)
	if err != nil {
		return
	}
	s.versions = append(s.versions, Version{
		Kind: e.Kind, Version: e.Version, EffectiveFrom: e.EffectiveFrom, Body: body, BecauseOf: e.BecauseOf,
		PublishedAt: env.EffectiveAt,
	})
}

func (e PolicyRetired) evolve(s *State, env domain.Envelope) {
	if i := s.find(e.Kind, e.Version); i >= 0 {
		s.versions[i].RetiredAt = env.EffectiveAt
	}
}

// ---- questions

// Exists reports whether the program was created.
func (s *State) Exists() bool { return s.zone != nil }

// Revision is that of the stream's last event.
func (s *State) Revision() int64 { return s.revision }

// Zone is where the program's dates are days; UTC before the program exists.
func (s *State) Zone() *time.Location {
	if s.zone == nil {
		return time.UTC
	}
	return s.zone
}

// Versions are those of a kind, in the order they were published, retired ones included.
func (s *State) Versions(kind policy.Kind) []Version {
	return slices.DeleteFunc(slices.Clone(s.versions), func(v Version) bool { return v.Kind != kind })
}

// InForce is the version of a kind that holds at t: the one with the latest effective_from that is not after t, on a tie
// the one published later, retired ones left out. False where none holds, which never is once the program exists.
func (s *State) InForce(kind policy.Kind, t time.Time) (found Version, ok bool) {
	for _, v := range s.versions {
		if v.Kind == kind && v.holdsAt(t) && (!ok || !v.EffectiveFrom.Before(found.EffectiveFrom)) {
			found, ok = v, true
		}
	}
	return found, ok
}

// RulesAt is the policies in force at t, and the versions as a decision names them (deal_registration@1), in the order of
// policy.Kinds. Before the program exists there are none: every version is 0, every body is empty.
func (s *State) RulesAt(t time.Time) (policy.Rules, []string) {
	rules := policy.Rules{Zone: s.Zone()}
	var refs []string
	for _, kind := range policy.Kinds() {
		v, ok := s.InForce(kind, t)
		if !ok {
			continue
		}
		refs = append(refs, v.Ref())
		switch body := v.Body.(type) {
		case policy.Catalogue:
			rules.Catalogue = versioned(v, body)
		case policy.DealRegistration:
			rules.DealRegistration = versioned(v, body)
		case policy.Conflict:
			rules.Conflict = versioned(v, body)
		case policy.Approval:
			rules.Approval = versioned(v, body)
		case policy.MDF:
			rules.MDF = versioned(v, body)
		case policy.Rebate:
			rules.Rebate = versioned(v, body)
		case policy.Tiering:
			rules.Tiering = versioned(v, body)
		case policy.Reconciliation:
			rules.Reconciliation = versioned(v, body)
		case policy.Dispute:
			rules.Dispute = versioned(v, body)
		}
	}
	return rules, refs
}

func versioned[B policy.Body](v Version, body B) policy.Versioned[B] {
	return policy.Versioned[B]{Version: v.Version, Body: body}
}

// find is where a version stands, or -1.
func (s *State) find(kind policy.Kind, version int) int {
	return slices.IndexFunc(s.versions, func(v Version) bool { return v.Kind == kind && v.Version == version })
}

// last is the number of the version published last, or 0.
func (s *State) last(kind policy.Kind) (version int) {
	for _, v := range s.versions {
		if v.Kind == kind {
			version = max(version, v.Version)
		}
	}
	return version
}
