package domaintest

import (
	"slices"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
)

// For starts a scenario on an empty stream of the decider.
func For[S, C, F any, E domain.Event](t TB, decider domain.Decider[S, C, F, E], options ...Option) Start[S, C, F, E] {
	return Start[S, C, F, E]{&scenario[S, C, F, E]{t: t, decider: decider, options: options}}
}

// Start is the step before anything happened.
type Start[S, C, F any, E domain.Event] struct{ s *scenario[S, C, F, E] }

// Given says what the stream holds already: events of the decider, or Past ones.
func (b Start[S, C, F, E]) Given(past ...domain.Event) Given[S, C, F, E] {
	b.s.t.Helper()
	for _, e := range past {
		b.s.givenOne(e)
	}
	return Given[S, C, F, E](b)
}

// When gives a command to an empty stream.
func (b Start[S, C, F, E]) When(facts F, command C, options ...Option) When[S, C, F, E] {
	b.s.t.Helper()
	return b.s.when(facts, command, options)
}

// Given is the step after the past was told.
type Given[S, C, F any, E domain.Event] struct{ s *scenario[S, C, F, E] }

// When gives a command.
func (b Given[S, C, F, E]) When(facts F, command C, options ...Option) When[S, C, F, E] {
	b.s.t.Helper()
	return b.s.when(facts, command, options)
}

// State is what the past folds to.
func (b Given[S, C, F, E]) State() S { return b.s.fold() }

// When is the step after a command was given.
type When[S, C, F any, E domain.Event] struct {
	s       *scenario[S, C, F, E]
	given   circumstances
	decided []E
	err     error
}

// Then demands that exactly these events were decided; none, that the command was taken and changed nothing.
func (w When[S, C, F, E]) Then(want ...E) Outcome[S, C, F, E] {
	w.s.t.Helper()
	require.NoError(w.s.t, w.err, "the command was refused")
	require.Equal(w.s.t, slices.Concat(want), slices.Concat(w.decided), "the decided events")
	return w.Outcome()
}

// ThenRejected demands that a rule of the domain refused the command, and where: kind, rule and field of the Rejection.
func (w When[S, C, F, E]) ThenRejected(kind domain.RejectionKind, rule, field string) Outcome[S, C, F, E] {
	w.s.t.Helper()
	require.Error(w.s.t, w.err, "the command was taken: %+v", w.decided)
	rejection := domain.AsRejection(w.err)
	require.NotNil(w.s.t, rejection, "want a rejection, got the error %v", w.err)
	got := domain.Rejection{Kind: rejection.Kind, Rule: rejection.Rule, Field: rejection.Field}
	require.Equal(w.s.t, domain.Rejection{Kind: kind, Rule: rule, Field: field}, got, rejection.Error())
	assert.NotEmpty(w.s.t, rejection.Detail, "a rejection says what is wrong and what would be right")
	return w.Outcome()
}

// Outcome passes on without a demand, for tests that look at the decision themselves.
func (w When[S, C, F, E]) Outcome() Outcome[S, C, F, E] {
	if w.err == nil {
		w.s.record(w.given, w.decided)
	}
	return Outcome[S, C, F, E]{w.s, w.decided, w.err}
}

// Outcome is the step after the decision: the stream now holds what was decided.
type Outcome[S, C, F any, E domain.Event] struct {
	s       *scenario[S, C, F, E]
	decided []E
	err     error
}

// When gives a further command.
func (o Outcome[S, C, F, E]) When(facts F, command C, options ...Option) When[S, C, F, E] {
	o.s.t.Helper()
	return o.s.when(facts, command, options)
}

// State is what the stream folds to now.
func (o Outcome[S, C, F, E]) State() S { return o.s.fold() }

// Events are those that the last command led to.
func (o Outcome[S, C, F, E]) Events() []E { return slices.Clone(o.decided) }

// Err is why the last command was refused, or nil.
func (o Outcome[S, C, F, E]) Err() error { return o.err }
