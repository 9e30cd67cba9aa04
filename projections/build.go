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
	bulk   bool // see inBulk

	at     eventstore.Position       // everything up to here is in the rows, or is nothing that this projection takes
	from   eventstore.Position       // where the live feed goes on: here, or a little before
	next   Checkpoint                // what the next flush stores
	passed int                       // events since the last flush that stored anything
	sent   *sent                     // a batch on its way into the view; nil: none
	stored func(eventstore.Position) // called when rows up to there can be read; may be nil
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

// bindEmpty is bind for a view that is filled for the first time.
func bindEmpty(def Definition, limits Limits, open func(*Schema) (View, error)) (*build, error) {
	b, err := bind(def, limits, open)
	if err == nil {
		b.inBulk(true)
	}
	return b, err
}

// inBulk says whether the view is being filled for the first time. Until it is ready nobody reads it, and it is thrown away
// if an event can't be applied: so nothing is kept to undo one.
func (b *build) inBulk(on bool) {
	b.bulk = on
	b.schema.each(func(t AnyTable) { t.inBulk(on) })
}

// ready ends the first load; a build that has been ready before stays as it is.
func (b *build) ready(ctx context.Context) error {
	if err := b.view.Ready(ctx); err != nil {
		return err
	}
	b.inBulk(false)
	return nil
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

// take applies an event, all of it or nothing; a bulk load in which one fails is of no use any more. before is the place in
// the log from which the event came next.
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
		b.announce(b.at)
		return nil
	}
	return b.flushAll(ctx, b.limits.CacheRows)
}

// flushAll stores rows and checkpoint and keeps some rows in memory.
func (b *build) flushAll(ctx context.Context, cacheRows int) error {
	if err := b.await(cacheRows); err != nil {
		return err
	}
	if b.schema.Pending() > 0 || b.next != b.view.Checkpoint() {
		b.send(ctx)
		return b.await(cacheRows)
	}
	b.passed = 0
	b.schema.each(func(t AnyTable) { t.trim(cacheRows) })
	b.announce(b.at)
	return nil
}

// sent is a batch that is being stored.
type sent struct {
	at   eventstore.Position // where the build was when it was handed over
	done chan error
}

// send begins to store what changed. Events may be applied meanwhile; before anything else is done to the view, await.
func (b *build) send(ctx context.Context) {
	b.schema.each(AnyTable.handOver)
	b.passed = 0
	b.sent = &sent{at: b.at, done: make(chan error, 1)}
	go func(done chan<- error, next Checkpoint) { done <- b.view.Commit(ctx, next) }(b.sent.done, b.next)
}

// await waits for the batch that was sent, if any. What could not be stored is pending again.
func (b *build) await(cacheRows int) error {
	if b.sent == nil {
		return nil
	}
	at, err := b.sent.at, <-b.sent.done
	b.sent = nil
	if err != nil {
		b.schema.each(AnyTable.takeBack)
		return fmt.Errorf("projection %s: %w", b.name, err)
	}
	b.schema.each(func(t AnyTable) { t.settle(cacheRows) })
	b.announce(at)
	return nil
}

func (b *build) announce(at eventstore.Position) {
	if b.stored != nil {
		b.stored(at)
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
