package domaintest_test

import (
	"fmt"
	"runtime"
	"testing"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
)

// A small aggregate to tell scenarios about: a counter that only its owner may raise, up to a limit among the facts.
type (
	counterEvent interface {
		domain.Event
		counter()
	}
	opened struct {
		Owner uuid.UUID `json:"owner"`
	}
	raised struct {
		By     int          `json:"by"`
		Amount domain.Money `json:"amount,omitzero"`
		Lines  []line       `json:"lines,omitempty"`
		note   string       // lost when it is written
	}
	line struct {
		Product string `json:"product"`
		Share   string `json:"share,omitempty"`
	}
	nested struct {
		line
		Link     *line           `json:"link"`
		Any      any             `json:"any"`
		Shares   map[string]line `json:"shares"`
		Pair     [2]int          `json:"pair"`
		Untagged string
		Left     string `json:"-"`
	}
	raisedV0 struct {
		Steps int `json:"steps"`
	}
	unlisted struct{}

	counterState struct {
		Owner     uuid.UUID
		Total     int
		Envelopes []domain.Envelope
	}
	facts   struct{ Limit int }
	command func(counterState, domain.Header, facts) ([]counterEvent, error)
)

func (opened) EventType() string   { return "counter.opened.v1" }
func (raised) EventType() string   { return "counter.raised.v2" }
func (nested) EventType() string   { return "counter.nested.v1" }
func (raisedV0) EventType() string { return "counter.raised.v1" }
func (unlisted) EventType() string { return "counter.lost.v1" }
func (opened) counter()            {}
func (raised) counter()            {}
func (raisedV0) counter()          {}
func (unlisted) counter()          {}

var counter = domain.Decider[*counterState, command, facts, counterEvent]{
	Category: "counter",
	Types: []domain.Type{
		domain.TypeOf[opened](), domain.TypeOf[raised](),
		domain.Upcast(func(old raisedV0) raised { return raised{By: old.Steps} }),
	},
	Initial: func() *counterState { return &counterState{} },
	Decide: func(s *counterState, h domain.Header, f facts, c command) ([]counterEvent, error) {
		return c(*s, h, f)
	},
	Evolve: func(s *counterState, e counterEvent, env domain.Envelope) *counterState {
		switch e := e.(type) {
		case opened:
			s.Owner = e.Owner
		case raised:
			s.Total += e.By
		}
		s.Envelopes = append(s.Envelopes, env)
		return s
	},
}

func raise(by int) command {
	return func(s counterState, h domain.Header, f facts) ([]counterEvent, error) {
		switch {
		case h.Actor.PartnerID != s.Owner:
			return nil, domain.Forbid("owner", "only the owner raises it")
		case by <= 0:
			return nil, domain.Invalid("by", "want a number above 0")
		case s.Total+by > f.Limit:
			return nil, domain.Refuse("limit", "", "want at most %d in all", f.Limit)
		}
		return []counterEvent{raised{By: by}}, nil
	}
}

func decide(events ...counterEvent) command {
	return func(counterState, domain.Header, facts) ([]counterEvent, error) { return events, nil }
}

func failing(err error) command {
	return func(counterState, domain.Header, facts) ([]counterEvent, error) { return nil, err }
}

// observed is a test that may fail without failing the one that looks at it.
type observed struct {
	failures []string
}

func (*observed) Helper() {}
func (o *observed) Errorf(format string, args ...any) {
	o.failures = append(o.failures, fmt.Sprintf(format, args...))
}

func (*observed) FailNow() { runtime.Goexit() }

// failuresOf runs a check, in a goroutine of its own since FailNow ends it.
func failuresOf(t *testing.T, check func(tb *observed)) []string {
	t.Helper()
	o, done := &observed{}, make(chan struct{})
	go func() {
		defer close(done)
		check(o)
	}()
	<-done
	return o.failures
}
