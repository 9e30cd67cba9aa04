// Package commands is the read model of command ids: which stream each went to and what it led to. The API refuses by it
// an Idempotency-Key that was used on another stream; on the same one the stream itself decides.
package commands

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/projections"
	"github.com/channelledger/channelledger/projections/listing"
)

// Name is what the projection is called.
const Name = "commands"

// Command is what a command led to.
type Command struct {
	Stream      string    `json:"stream"`
	RequestHash string    `json:"request_hash,omitempty"`
	First       int64     `json:"first"` // revision of its first event
	Last        int64     `json:"last"`
	RecordedAt  time.Time `json:"recorded_at"` // of the first
}

// Projection is the read model of command ids over every event type given, which are to be all that the ledger knows.
func Projection(types ...[]domain.Type) projections.Projection[*projections.Table[Command]] {
	var names []string
	for _, list := range types {
		names = append(names, listing.TypeNames(list, listing.Every)...)
	}
	return projections.Projection[*projections.Table[Command]]{
		Name:    Name,
		Version: 1,
		Types:   names,
		Open: func(s *projections.Schema) *projections.Table[Command] {
			return projections.NewTable[Command](s, "commands")
		},
		Apply: func(t *projections.Table[Command], _ domain.Event, env domain.Envelope) error { return apply(t, env) },
	}
}

// apply keeps the first stream, should two requests with one key have raced each other to two streams.
func apply(t *projections.Table[Command], env domain.Envelope) error {
	key := env.CommandID.String()
	c, err := t.Get(key)
	switch {
	case err != nil:
		return err
	case c == nil:
		c = &Command{Stream: env.Stream, RequestHash: env.RequestHash, First: env.Revision, RecordedAt: env.RecordedAt}
	case c.Stream != env.Stream:
		return nil
	}
	c.Last = env.Revision
	t.Put(key, c)
	return nil
}

// Get is what a command led to; nil where the id is new, or led to nothing.
func Get(ctx context.Context, q projections.Querier, id uuid.UUID) (*Command, error) {
	return projections.One[Command](ctx, q, "commands", id.String())
}
