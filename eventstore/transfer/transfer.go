// Package transfer copies a ledger from one store to another, event for event, and proves that nothing was lost or changed.
// It knows only the port.
//
// A copy is resumed by starting it again: what the target holds is held against the source first, and the rest is appended.
// So a copy that is killed leaves a beginning of the source, and one that is complete only has to be read.
package transfer

import (
	"context"
	"errors"
	"fmt"

	"github.com/channelledger/channelledger/eventstore"
)

// The errors of a copy, besides those of the stores.
var (
	ErrOtherEvents = errors.New("the target holds other events than the source")
	ErrHidden      = errors.New("the target wouldn't show the event")
	ErrNotEqual    = errors.New("what was written isn't what was read")
)

// Side is a ledger: a store, and which of its events are the ledger's.
type Side struct {
	Store  eventstore.Store
	Filter eventstore.Filter
}

// Stage is what a copy is doing.
type Stage string

// The stages of a copy, in their order; the first and the second may be one.
const (
	Copying   Stage = "copy"
	Verifying Stage = "verify"
)

// Progress is told how many events of a stage are done.
type Progress func(stage Stage, events uint64)

// Summary is what a copy came to.
type Summary struct {
	Sum
	Appended uint64              // by this run: the others were there
	Until    eventstore.Position // the source was read up to here; what it records later is for the next run
}

// Copy brings the target to where the source is: the same ids, the same order in each stream and in the log, data byte for
// byte, metadata with one last key that says when the event was first recorded. Then it reads the target from its beginning,
// and compares. It takes no lock: nobody else may write to the target.
// Errors: ErrOtherEvents, naming the first difference; ErrHidden; ErrNotEqual; ErrInvalid for an event that no ledger writes;
// those of the stores, after which starting it again goes on.
func Copy(ctx context.Context, from, to Side, progress Progress) (Summary, error) {
	c := &copying{to: to, progress: progress, digest: newDigest()}
	if err := c.run(ctx, from); err != nil {
		return c.summary(), err
	}
	there, err := Hash(ctx, to, func(events uint64) { progress(Verifying, events) })
	if err != nil {
		return c.summary(), fmt.Errorf("verify: %w", err)
	}
	if here := c.digest.sum(); there != here {
		return c.summary(), fmt.Errorf("%w: read %s, written %s", ErrNotEqual, here, there)
	}
	return c.summary(), nil
}

// copying is a copy on its way.
type copying struct {
	to       Side
	progress Progress
	digest   *digest
	appended uint64
	until    eventstore.Position
	batch    batch
}

func (c *copying) summary() Summary {
	return Summary{Sum: c.digest.sum(), Appended: c.appended, Until: c.until}
}

// run walks both logs side by side for as long as the target has events, and appends what comes behind.
func (c *copying) run(ctx context.Context, from Side) error {
	target := newWalk(ctx, c.to)
	defer target.stop()
	for m, err := range past(ctx, from) {
		if err != nil {
			return fmt.Errorf("read the source: %w", err)
		}
		c.until = m.Position
		if m.Kind != eventstore.Appeared {
			continue
		}
		there, more, err := target.next()
		switch {
		case err != nil:
			return fmt.Errorf("read the target: %w", err)
		case more:
			err = same(m.Event, there)
		default:
			err = c.add(ctx, m.Event)
		}
		if err != nil {
			return err
		}
		c.digest.add(m.Event)
		c.progress(Copying, c.digest.events)
	}
	switch there, more, err := target.next(); {
	case err != nil:
		return fmt.Errorf("read the target: %w", err)
	case more:
		return fmt.Errorf("%w: the source ends before %s@%d", ErrOtherEvents, there.Stream, there.Revision)
	}
	return c.flush(ctx)
}

// add puts an event behind what the target has: consecutive ones of a stream in one append.
func (c *copying) add(ctx context.Context, r eventstore.Recorded) error {
	if !c.to.Filter.Match(r.Stream, r.Type) {
		return fmt.Errorf("%w: stream %s is of no category that this version knows", ErrHidden, r.Stream)
	}
	p, err := eventstore.Copied(r)
	if err != nil {
		return err
	}
	if !c.batch.takes(r, p) {
		if err := c.flush(ctx); err != nil {
			return err
		}
	}
	c.batch.add(r, p)
	return nil
}

func (c *copying) flush(ctx context.Context) error {
	b := c.batch
	if len(b.events) == 0 {
		return nil
	}
	_, err := c.to.Store.Append(ctx, b.stream, b.first-1, b.events)
	if conflict, ok := errors.AsType[*eventstore.ConflictError](err); ok {
		return fmt.Errorf("%w: somebody else writes to it: %w", ErrOtherEvents, conflict)
	}
	if err != nil {
		return fmt.Errorf("write to the target: %w", err)
	}
	c.appended += uint64(len(b.events))
	c.batch = batch{}
	return nil
}

// batch are consecutive events of one stream, on their way into one append.
type batch struct {
	stream string
	first  eventstore.Revision
	events []eventstore.Proposed
	bytes  int
}

// takes reports whether an event may go along: it is the stream's next, and there is room.
func (b *batch) takes(r eventstore.Recorded, p eventstore.Proposed) bool {
	return len(b.events) == 0 || r.Stream == b.stream && r.Revision == b.first+eventstore.Revision(len(b.events)) &&
		len(b.events) < eventstore.MaxAppendEvents && b.bytes+size(p) <= eventstore.MaxAppendBytes
}

func (b *batch) add(r eventstore.Recorded, p eventstore.Proposed) {
	if len(b.events) == 0 {
		b.stream, b.first = r.Stream, r.Revision
	}
	b.events = append(b.events, p)
	b.bytes += size(p)
}

func size(p eventstore.Proposed) int { return len(p.Type) + len(p.Data) + len(p.Metadata) }
