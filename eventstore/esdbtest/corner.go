package esdbtest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"iter"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/eventstore"
)

// Corner is a part of a shared log that looks like a log of its own: streams with a prefix, behind a position.
type Corner struct {
	eventstore.Store
	prefix string
	start  eventstore.Position

	mu    sync.Mutex
	names map[string]string // of streams whose own name would be too long
}

// NewCorner is a new part of a log, behind its present end. What is written there stays there.
func NewCorner(tb testing.TB, s eventstore.Store) *Corner {
	tb.Helper()
	c := &Corner{
		Store: s, prefix: "test" + strings.ReplaceAll(uuid.NewString(), "-", "") + "_", names: map[string]string{},
	}
	nothing := eventstore.Filter{Types: []string{"no event has this type"}}
	for m, err := range s.Follow(tb.Context(), eventstore.Position{}, nothing) {
		if err != nil {
			tb.Fatalf("esdbtest: find the end of the log: %v", err)
		}
		if c.start = m.Position; m.Kind == eventstore.CaughtUp {
			break
		}
	}
	return c
}

// inside is the shared log's name for a stream.
func (c *Corner) inside(stream string) string {
	name := c.prefix + stream
	if len(name) <= eventstore.MaxStreamName {
		return name
	}
	sum := sha256.Sum256([]byte(stream))
	name = c.prefix + "long-" + hex.EncodeToString(sum[:])
	c.mu.Lock()
	defer c.mu.Unlock()
	c.names[name] = stream
	return name
}

func (c *Corner) outside(e eventstore.Recorded) eventstore.Recorded {
	c.mu.Lock()
	defer c.mu.Unlock()
	if long, ok := c.names[e.Stream]; ok {
		e.Stream = long
		return e
	}
	e.Stream = strings.TrimPrefix(e.Stream, c.prefix)
	return e
}

// Append appends to a stream of the corner.
func (c *Corner) Append(ctx context.Context, stream string, expected eventstore.Revision, events []eventstore.Proposed) (eventstore.Appended, error) {
	if err := eventstore.CheckAppend(stream, expected, events); err != nil {
		return eventstore.Appended{}, err
	}
	appended, err := c.Store.Append(ctx, c.inside(stream), expected, events)
	var conflict *eventstore.ConflictError
	if errors.As(err, &conflict) {
		conflict.Stream = stream
	}
	return appended, err
}

// Read reads a stream of the corner.
func (c *Corner) Read(ctx context.Context, stream string, after eventstore.Revision) iter.Seq2[eventstore.Recorded, error] {
	return func(yield func(eventstore.Recorded, error) bool) {
		for e, err := range c.Store.Read(ctx, c.inside(stream), after) {
			if !yield(c.outside(e), err) {
				return
			}
		}
	}
}

// At is the corner's event at a position; what others wrote has none here.
func (c *Corner) At(ctx context.Context, position eventstore.Position) (eventstore.Recorded, error) {
	e, err := c.Store.At(ctx, position)
	switch {
	case err != nil:
		return e, err
	case !strings.HasPrefix(e.Stream, c.prefix):
		return eventstore.Recorded{}, eventstore.ErrForeignPosition
	}
	return c.outside(e), nil
}

// Follow shows what others do on the server as little as a log of one's own would: before the corner's first event it is at
// the start.
func (c *Corner) Follow(ctx context.Context, after eventstore.Position, filter eventstore.Filter) iter.Seq2[eventstore.Message, error] {
	categories := make([]string, len(filter.Categories))
	for i, category := range filter.Categories {
		categories[i] = c.prefix + category
	}
	begun := !after.IsStart()
	if !begun {
		after = c.start
	}
	return func(yield func(eventstore.Message, error) bool) {
		for m, err := range c.Store.Follow(ctx, after, eventstore.Filter{Categories: categories, Types: filter.Types}) {
			if err == nil && m.Kind == eventstore.Appeared {
				if !strings.HasPrefix(m.Event.Stream, c.prefix) {
					continue
				}
				begun, m.Event = true, c.outside(m.Event)
			}
			if err == nil && !begun {
				if m.Kind == eventstore.Checkpoint {
					continue
				}
				m.Position = eventstore.Position{}
			}
			if !yield(m, err) {
				return
			}
		}
	}
}
