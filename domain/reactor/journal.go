package reactor

import (
	"slices"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
)

// MaxReason bounds why something was parked or is retried, in characters.
const MaxReason = 2000

// MaxParked is how many events and orders a reactor may have parked: one that can't handle more isn't poisoned, it is broken.
const MaxParked = 1000

// State is a reactor's own stream folded.
type State struct {
	Parked   []ParkedItem // by now, in the order they were parked
	Refused  int          // orders that their targets refused
	Revision int64        // of the last event; -1 before the first

	attempts map[parkedKey]int
	waiting  map[parkedKey]bool
}

// ParkedItem is one event, or one order that follows from it, that waits to be retried.
type ParkedItem struct {
	Parked
	At domain.Step `json:"parked"`
}

// parkedKey: an order is told apart from others of the same event by its step.
type parkedKey struct {
	source uuid.UUID
	step   string
}

func (e Parked) key() parkedKey { return parkedKey{e.Source, e.Step} }

// NewState is that of a reactor without events.
func NewState() *State {
	return &State{Revision: -1, attempts: map[parkedKey]int{}, waiting: map[parkedKey]bool{}}
}

// Apply folds the next event.
func (s *State) Apply(e Event, env domain.Envelope) {
	e.evolve(s, env)
	s.Revision = env.Revision
}

// Waits reports whether an event, or with a step one order of it, is parked.
func (s *State) Waits(source uuid.UUID, step string) bool {
	return s.waiting[parkedKey{source, step}]
}

// Attempts is how often it was parked so far.
func (s *State) Attempts(source uuid.UUID, step string) int {
	return s.attempts[parkedKey{source, step}]
}

func (Refused) evolve(s *State, _ domain.Envelope) { s.Refused++ }

func (e Parked) evolve(s *State, env domain.Envelope) {
	s.attempts[e.key()]++
	s.waiting[e.key()] = true
	s.Parked = append(s.Parked, ParkedItem{Parked: e, At: domain.StepOf(env, "")})
}

func (e Retried) evolve(s *State, _ domain.Envelope) {
	s.Parked = slices.DeleteFunc(s.Parked, func(p ParkedItem) bool {
		if p.Source == e.Source {
			delete(s.waiting, p.key())
		}
		return p.Source == e.Source
	})
}

// Command is what a reactor's own stream takes.
type Command interface {
	admit(domain.Header) error
	decide(*State) ([]Event, error)
}

// NoteRefusal records that an order was refused. Only the reactor gives it.
type NoteRefusal struct{ Refused Refused }

func (NoteRefusal) admit(h domain.Header) error { return reactorOnly(h) }

func (c NoteRefusal) decide(*State) ([]Event, error) { return []Event{c.Refused}, nil }

// NotePark records that an event can't be handled, or an order not carried out. Only the reactor gives it.
type NotePark struct{ Parked Parked }

func (NotePark) admit(h domain.Header) error { return reactorOnly(h) }

func (c NotePark) decide(s *State) ([]Event, error) {
	if s.Waits(c.Parked.Source, c.Parked.Step) {
		return nil, nil
	}
	return []Event{c.Parked}, nil
}

func reactorOnly(h domain.Header) error {
	if h.Actor.Kind != domain.Reactor {
		return domain.Forbid("reactor_only", "a reactor's stream is written by the reactor alone")
	}
	return nil
}

// Retry has a parked event, and every parked order of it, handled after all.
type Retry struct {
	EventID uuid.UUID `json:"event_id"` // the source
	Reason  string    `json:"reason"`   // what is better now
}

func (Retry) admit(h domain.Header) error {
	if err := domain.Admit(h, "Retry", []domain.Role{domain.PartnerOps, domain.ServiceRole}); err != nil {
		return err
	}
	if h.Actor.OfPartner() {
		return domain.Forbid("vendor_only", "Retry is the vendor's: nobody of a partner may do it")
	}
	if !h.EffectiveAt.Equal(h.Now) {
		return domain.Invalid("effective_at", "Retry takes effect now")
	}
	return nil
}

func (c Retry) decide(s *State) ([]Event, error) {
	if err := domain.AdmitText("reason", c.Reason, MaxReason); err != nil {
		return nil, err
	}
	at := slices.IndexFunc(s.Parked, func(p ParkedItem) bool { return p.Source == c.EventID })
	if at < 0 {
		return nil, domain.NotFound("event_not_parked", "event_id", "the reactor has no parked event %s", c.EventID)
	}
	return []Event{Retried{Reactor: s.Parked[at].Reactor, Source: c.EventID, Reason: c.Reason}}, nil
}

// Decider of a reactor's own stream.
func Decider() domain.Decider[*State, Command, struct{}, Event] {
	return domain.Decider[*State, Command, struct{}, Event]{
		Category: Category,
		Types:    Types(),
		Initial:  NewState,
		Decide: func(s *State, h domain.Header, _ struct{}, c Command) ([]Event, error) {
			if err := c.admit(h); err != nil {
				return nil, err
			}
			return c.decide(s)
		},
		Evolve: func(s *State, e Event, env domain.Envelope) *State { s.Apply(e, env); return s },
	}
}
