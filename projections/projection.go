// Package projections builds read models from the log: what a projection is, the runner that keeps it live, and the replay
// behind rebuilds and as-of answers. The read models stand beside it, one folder each; sqlview keeps their rows.
package projections

import (
	"fmt"

	"github.com/channelledger/channelledger/domain"
)

// Projection makes rows out of events. T is the read model's own set of tables.
//
// Apply is the only implementation of a read model: live, rebuilt and as-of rows all come from it, so it may look at nothing
// but the event, its envelope and its own tables. What another stream would tell and isn't there (an answer bounded by
// effective_at leaves events out) it shows as unknown; an error stops the projection for good, visibly.
type Projection[T any] struct {
	Name    string
	Version int      // bumped when old rows would come out differently: the new version is built beside the old one
	Types   []string // event types taken: nothing else is decoded
	Open    func(*Schema) T
	Apply   func(T, domain.Event, domain.Envelope) error
}

// Definition is a projection without its type parameter, for those that run many.
type Definition interface {
	Named() (name string, version int)
	Takes() []string
	// Bind declares the read model's tables in the schema and returns its Apply over them. It is called once for each build:
	// live, rebuilt or scratch.
	Bind(*Schema) func(domain.Event, domain.Envelope) error
}

// Named is the projection's name and version.
func (p Projection[T]) Named() (string, int) { return p.Name, p.Version }

// Takes is the list of event types taken.
func (p Projection[T]) Takes() []string { return p.Types }

// Bind declares the tables and returns Apply over them.
func (p Projection[T]) Bind(schema *Schema) func(domain.Event, domain.Envelope) error {
	tables := p.Open(schema)
	return func(e domain.Event, env domain.Envelope) error {
		if err := p.Apply(tables, e, env); err != nil {
			return fmt.Errorf("projection %s, %s@%d (%s): %w", p.Name, env.Stream, env.Revision, env.Type, err)
		}
		return nil
	}
}
