package projections

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/eventstore"
)

// build is one build of a projection on its way: tables in memory, the view that stores them, and how far it has come.
// One goroutine has it at a time: the one that replays, then the one that feeds.
type build struct {
	name   string
	types  []string
	takes  map[string]bool
	schema *Schema
	apply  func(domain.Event, domain.Envelope) error
	view   View
	limits Limits

	at     eventstore.Position // everything up to here is in the rows, or is nothing that this projection takes
	from   eventstore.Position // where the live feed goes on: here, or a little before
	next   Checkpoint          // what the next flush stores
	passed int                 // events since the last flush that stored anything
	stored func()              // called when rows up to at can be read; may be nil
}

// bind declares a projection's tables and opens a view for them.
func bind(def Definition, limits Limits, open func(*Schema) (View, error)) (*build, error) {
	name, _ := def.Named()
	b := &build{name: name, types: def.Takes(), takes: map[string]bool{}, schema: &Schema{}, limits: limits}
	for _, t := range b.types {
		b.takes[t] = true
	}
	b.apply = def.Bind(b.schema)
	if err := b.schema.Err(); err != nil {
		return nil, fmt.Errorf("projection %s: %w", name, err)
	}
	view, err := open(b.schema)
	if err != nil {
		return nil, err
	}
	b.view = view
	b.restart()
	return b, nil
}

// restart goes back to what the view holds.
func (b *build) restart() {
	b.next = b.view.Checkpoint()
	b.at, b.from, b.passed = b.next.Position, b.next.Position, 0
	b.schema.each(func(t AnyTable) {
		t.discard()
		t.attach(b.view, b.next.Event == uuid.Nil)
	})
}

// take applies an event, all of it or nothing. before is the place in the log from which the event came next.
// Errors: *HaltError, or ErrStorage where a row could not be loaded.
func (b *build) take(before eventstore.Position, r eventstore.Recorded, e domain.Event, env domain.Envelope) error {
	b.schema.begin()
	if err := b.safely(e, env); err != nil {
		b.schema.undo()
		if errors.Is(err, ErrStorage) {
			return err
		}
		return halt(b.name, r, err)
	}
	b.next.Count++
	b.pass(before, r)
	return nil
}

func (b *build) safely(e domain.Event, env domain.Envelope) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return b.apply(e, env)
}

// pass moves behind an event.
func (b *build) pass(before eventstore.Position, r eventstore.Recorded) {
	b.next.Position, b.next.Event, b.next.Before = r.Position, r.ID, before
	b.skipTo(r.Position)
	b.passed++
}

// skipTo moves behind what the log passed over.
func (b *build) skipTo(p eventstore.Position) {
	b.from = p
	if p.Compare(b.at) > 0 {
		b.at = p
	}
}

// flush stores what changed. Where nothing did, the checkpoint is stored now and then only: events passed over again at
// the next start change nothing.
func (b *build) flush(ctx context.Context) error {
	if b.schema.Pending() == 0 && b.passed < b.limits.IdleEvents {
		b.announce()
		return nil
	}
	return b.flushAll(ctx, b.limits.CacheRows)
}

// flushAll stores rows and checkpoint and keeps some rows in memory.
func (b *build) flushAll(ctx context.Context, cacheRows int) error {
	if b.schema.Pending() > 0 || b.next != b.view.Checkpoint() {
		if err := b.view.Commit(ctx, b.next); err != nil {
			return fmt.Errorf("projection %s: %w", b.name, err)
		}
	}
	b.passed = 0
	b.schema.each(func(t AnyTable) { t.settle(cacheRows) })
	b.announce()
	return nil
}

func (b *build) announce() {
	if b.stored != nil {
		b.stored()
	}
}

// HaltError says that a projection stands before an event that it can't apply.
type HaltError struct {
	Projection string
	Stream     string
	Revision   eventstore.Revision
	Type       string
	EventID    uuid.UUID
	Position   eventstore.Position
	Cause      error
}

// Error names the projection, the event and the cause.
func (h *HaltError) Error() string {
	return fmt.Sprintf("projection %s halted at %s@%d (%s, %s): %v", h.Projection, h.Stream, h.Revision, h.Type, h.Position, h.Cause)
}

// Unwrap is the cause.
func (h *HaltError) Unwrap() error { return h.Cause }

func halt(name string, r eventstore.Recorded, cause error) *HaltError {
	return &HaltError{
		Projection: name, Stream: r.Stream, Revision: r.Revision, Type: r.Type, EventID: r.ID, Position: r.Position, Cause: cause,
	}
}
