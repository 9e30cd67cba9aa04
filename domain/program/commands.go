package program

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/policy"
)

// Bounds of a command's input.
const (
	MaxReason    = 2000 // characters
	MaxBecauseOf = 100  // disputes
)

// Command is what can be asked of a program.
type Command interface {
	// admits names the action and who may ask for it.
	admits() (action string, roles []domain.Role)
	decide(*State, domain.Header) ([]Event, error)
}

// Everything takes effect when it is recorded: decisions pin what was in force, and effective_from says when rules apply.
func decide(s *State, h domain.Header, _ Facts, c Command) ([]Event, error) {
	action, roles := c.admits()
	if err := domain.Admit(h, action, roles); err != nil {
		return nil, err
	}
	if !h.EffectiveAt.Equal(h.Now) {
		return nil, domain.Invalid("effective_at", "%s takes effect now: effective_from is when a policy starts to hold", action)
	}
	return c.decide(s, h)
}

// Bootstrap creates the program and publishes the default policies as version 1, effective from 0001-01-01, so that rules
// hold at every moment. It adds only what isn't there: given again it changes nothing, and a newer program's kinds get
// their defaults.
// Errors: zone is unknown; the program exists with another zone (zone_fixed).
type Bootstrap struct {
	Zone string `json:"zone,omitempty"` // IANA name; empty: UTC, or whatever the program has
}

// Header is the header that the ledger itself gives the command with: its id follows from what it asks for.
func (c Bootstrap) Header(now time.Time) domain.Header {
	kinds := make([]string, 0, len(policy.Kinds()))
	for _, kind := range policy.Kinds() {
		kinds = append(kinds, string(kind))
	}
	return domain.Header{
		CommandID:   domain.CommandID("channelledger", fmt.Sprintf("bootstrap %s %s", c.Zone, strings.Join(kinds, " "))),
		Actor:       domain.Actor{ID: "channelledger", Kind: domain.Service, Roles: []domain.Role{domain.ServiceRole}},
		Now:         now,
		EffectiveAt: now,
	}
}

func (Bootstrap) admits() (string, []domain.Role) {
	return "bootstrap", []domain.Role{domain.ServiceRole}
}

func (c Bootstrap) decide(s *State, _ domain.Header) ([]Event, error) {
	events, err := c.create(s)
	if err != nil {
		return nil, err
	}
	for _, body := range policy.Defaults() {
		if s.last(body.Kind()) > 0 {
			continue
		}
		raw, err := json.Marshal(body)
		if err != nil {
			return nil, err
		}
		events = append(events, PolicyPublished{Kind: body.Kind(), Version: 1, EffectiveFrom: time.Time{}, Body: raw})
	}
	return events, nil
}

func (c Bootstrap) create(s *State) ([]Event, error) {
	switch {
	case s.Exists() && (c.Zone == "" || c.Zone == s.zone.String()):
		return nil, nil
	case s.Exists():
		return nil, domain.Refuse("zone_fixed", "zone", "the program's zone is %s: its dates can't become other moments", s.zone)
	case c.Zone == "":
		c.Zone = time.UTC.String()
	}
	if _, err := time.LoadLocation(c.Zone); err != nil || c.Zone == time.Local.String() {
		return nil, domain.Invalid("zone", "unknown zone %q: want an IANA name such as Europe/Berlin", c.Zone)
	}
	return []Event{Created(c)}, nil
}

// Publish adds the next version of a policy. It changes no decision already made; what is decided from now on with an
// effective time of effective_from or later goes by it, late facts included where effective_from is in the past.
// Errors: kind or effective_from is none; the body is wrong, with the path in it (body.products[2].aliases[0]); because_of is
// too long or names a dispute twice; the program doesn't exist.
type Publish struct {
	Kind          policy.Kind     `json:"kind"`
	EffectiveFrom string          `json:"effective_from,omitempty"` // yyyy-mm-dd in the program's zone, or RFC 3339; empty: now
	Body          json.RawMessage `json:"body"`
	BecauseOf     []uuid.UUID     `json:"because_of,omitempty"` // disputes, at most 100
}

func (Publish) admits() (string, []domain.Role) {
	return "publish a policy", []domain.Role{domain.PartnerOps}
}

func (c Publish) decide(s *State, h domain.Header) ([]Event, error) {
	if err := s.mustExist(); err != nil {
		return nil, err
	}
	if !slices.Contains(policy.Kinds(), c.Kind) {
		return nil, domain.Invalid("kind", "unknown kind %q: want one of %v", c.Kind, policy.Kinds())
	}
	from, err := c.effectiveFrom(s.Zone(), h.EffectiveAt)
	if err != nil {
		return nil, err
	}
	body, err := c.body()
	if err != nil {
		return nil, err
	}
	if err := c.checkBecauseOf(); err != nil {
		return nil, err
	}
	return []Event{PolicyPublished{
		Kind: c.Kind, Version: s.last(c.Kind) + 1, EffectiveFrom: from, Body: body, BecauseOf: c.BecauseOf,
	}}, nil
}

func (c Publish) effectiveFrom(zone *time.Location, now time.Time) (time.Time, error) {
	if c.EffectiveFrom == "" {
		return now.UTC(), nil
	}
	if day, err := domain.ParseDate(c.EffectiveFrom); err == nil {
		return day.In(zone).UTC(), nil
	}
	from, err := time.Parse(time.RFC3339, c.EffectiveFrom)
	if from = from.UTC(); err != nil || from.Year() < 0 || from.Year() > 9999 { // what can be written again
		return time.Time{}, domain.Invalid("effective_from", "want yyyy-mm-dd or a moment as in 2026-01-31T12:00:00Z")
	}
	return from, nil
}

// body is the given one, checked and written in the one way that its type is written.
func (c Publish) body() (json.RawMessage, error) {
	body, err := policy.Parse(c.Kind, c.Body)
	if r := domain.AsRejection(err); r != nil {
		return nil, domain.Invalid(strings.TrimSuffix("body."+r.Field, "."), "%s", r.Detail)
	}
	if err != nil {
		return nil, err
	}
	return json.Marshal(body)
}

func (c Publish) checkBecauseOf() error {
	if len(c.BecauseOf) > MaxBecauseOf {
		return domain.Invalid("because_of", "at most %d disputes", MaxBecauseOf)
	}
	for i, id := range c.BecauseOf {
		if id == uuid.Nil || slices.Contains(c.BecauseOf[:i], id) {
			return domain.Invalid(fmt.Sprintf("because_of[%d]", i), "want the id of a dispute, each once")
		}
	}
	return nil
}

// Retire ends a version from now on; the one it had replaced holds again. A version that was to start later never does.
// Version 1 can't be retired: it is what holds where nothing else does.
// Errors: kind, version and reason are wrong; there is no such version, it is the first (first_version) or retired.
type Retire struct {
	Kind    policy.Kind `json:"kind"`
	Version int         `json:"version"`
	Reason  string      `json:"reason"` // at most 2000 characters
}

func (Retire) admits() (string, []domain.Role) {
	return "retire a policy", []domain.Role{domain.PartnerOps}
}

func (c Retire) decide(s *State, _ domain.Header) ([]Event, error) {
	if err := s.mustExist(); err != nil {
		return nil, err
	}
	if err := domain.AdmitText("reason", c.Reason, MaxReason); err != nil {
		return nil, err
	}
	i := s.find(c.Kind, c.Version)
	switch {
	case i < 0:
		return nil, domain.NotFound("policy_version", "version", "there is no %s@%d", c.Kind, c.Version)
	case c.Version == 1:
		return nil, domain.Refuse("first_version", "version", "%s@1 can't be retired: publish the next version instead", c.Kind)
	case !s.versions[i].RetiredAt.IsZero():
		return nil, domain.Refuse("policy_retired", "version", "%s@%d is retired already", c.Kind, c.Version)
	}
	return []Event{PolicyRetired(c)}, nil
}

func (s *State) mustExist() error {
	if s.Exists() {
		return nil
	}
	return domain.NotFound("program", "", "the ledger has no program yet")
}
