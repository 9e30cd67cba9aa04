package domaintest

import (
	"bytes"
	"encoding/json"
	"slices"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
)

// Past is an event with the circumstances it was recorded in, for Given.
func Past(event domain.Event, options ...Option) domain.Event { return past{event, options} }

type past struct {
	domain.Event
	options []Option
}

// scenario is one stream and the tests' way of appending to it.
type scenario[S, C, F any, E domain.Event] struct {
	t        TB
	decider  domain.Decider[S, C, F, E]
	options  []Option
	commands int
	stream   []recorded[E]
}

type recorded[E domain.Event] struct {
	event    E
	envelope domain.Envelope
}

func (s *scenario[S, C, F, E]) givenOne(event domain.Event) {
	s.t.Helper()
	var options []Option
	if p, ok := event.(past); ok {
		event, options = p.Event, p.options
	}
	e, ok := event.(E)
	require.True(s.t, ok, "%T is no event of category %s", event, s.decider.Category)
	s.record(s.next(options), []E{e})
}

func (s *scenario[S, C, F, E]) when(facts F, command C, options []Option) When[S, C, F, E] {
	s.t.Helper()
	given := s.next(options)
	header := given.header
	state, untouched := s.fold(), s.fold()
	require.Equal(s.t, untouched, state, "Evolve is not deterministic: one history folded to two states")
	decided, err := s.decider.Decide(state, header, facts, command)
	require.Equal(s.t, untouched, state, "Decide changed the state: only Evolve may")
	again, errAgain := s.decider.Decide(untouched, header, facts, command)
	require.Equal(s.t, err, errAgain, "Decide is not deterministic: it decided twice, and its errors differ")
	require.Equal(s.t, decided, again, "Decide is not deterministic: it decided twice, and its events differ")
	require.False(s.t, err != nil && len(decided) > 0, "Decide gave events beside the error %v", err)
	for _, e := range decided {
		s.survivesRecording(e)
	}
	return When[S, C, F, E]{s, given, decided, err}
}

// survivesRecording demands that the event reads back as it was: later folds see what was read, not what was decided. So
// times are in UTC, and an empty list that is left out in writing is nil.
func (s *scenario[S, C, F, E]) survivesRecording(event E) {
	s.t.Helper()
	name := event.EventType()
	at := slices.IndexFunc(s.decider.Types, func(t domain.Type) bool { return t.Name == name })
	require.GreaterOrEqual(s.t, at, 0, "%s is decided but not listed in the decider's Types", name)
	written, err := json.Marshal(event)
	require.NoError(s.t, err, "write %s", name)
	pointer := s.decider.Types[at].New()
	require.NoError(s.t, decodeStrictly(written, pointer), "read %s", name)
	require.Equal(s.t, domain.Event(event), s.decider.Types[at].Value(pointer), "%s reads back as another event", name)
}

// next is the circumstances of the next command: the defaults, the scenario's options, then its own.
func (s *scenario[S, C, F, E]) next(options []Option) circumstances {
	s.commands++
	c := s.defaults()
	for _, set := range slices.Concat(s.options, options) {
		set(&c)
	}
	return c
}

func (s *scenario[S, C, F, E]) defaults() circumstances {
	return circumstances{
		stream: DefaultStreamID(),
		header: domain.Header{CommandID: NthCommand(s.commands), Actor: Ops(), Now: Epoch, EffectiveAt: Epoch},
	}
}

func (s *scenario[S, C, F, E]) record(given circumstances, events []E) {
	name := s.name()
	header := given.header
	first := s.countOf(header.CommandID)
	for i, e := range events {
		s.stream = append(s.stream, recorded[E]{e, domain.Envelope{
			EventID:    domain.EventID(header.CommandID, name, first+i),
			Type:       e.EventType(),
			Stream:     name,
			Revision:   int64(len(s.stream)),
			RecordedAt: header.Now,
			Metadata:   header.Metadata(given.basis).Beside(e),
		}})
	}
}

func (s *scenario[S, C, F, E]) name() string {
	c := s.defaults()
	for _, set := range s.options {
		set(&c)
	}
	return domain.StreamName(s.decider.Category, c.stream)
}

// countOf is how many events of the stream a command led to.
func (s *scenario[S, C, F, E]) countOf(command uuid.UUID) (n int) {
	for _, r := range s.stream {
		if r.envelope.CommandID == command {
			n++
		}
	}
	return n
}

// fold starts anew each time: Evolve may change the state in place.
func (s *scenario[S, C, F, E]) fold() S {
	state := s.decider.Initial()
	for _, r := range s.stream {
		state = s.decider.Evolve(state, r.event, r.envelope)
	}
	return state
}

// decodeStrictly refuses fields that the value does not have, and anything behind it.
func decodeStrictly(data []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return err
	}
	if d.More() {
		return errTrailing
	}
	return nil
}
