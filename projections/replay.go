package projections

import (
	"context"
	"errors"
	"fmt"

	"github.com/channelledger/channelledger/eventstore"
)

// Replay fills an empty view with what the log holds within the bounds: the same Apply that runs live, fed with the events
// that the projection takes, decoded in parallel and applied in order. The view is ready to be read when it returns.
// progress is told how many events were applied and how far the log was read; it may be nil.
//
// It returns how far the log was read within the bounds.
// Errors: *HaltError for an event that can't be applied, those of the store and of the view, the context's.
func Replay(ctx context.Context, from Source, def Definition, bounds Bounds, open func(*Schema) (View, error),
	limits Limits, progress func(events uint64, at eventstore.Position),
) (View, eventstore.Position, error) {
	b, err := bindEmpty(def, limits.withDefaults(), open)
	if err != nil {
		return nil, eventstore.Position{}, err
	}
	if err = b.replay(ctx, from, bounds, progress); err == nil {
		err = b.ready(ctx)
	}
	if err != nil {
		return nil, eventstore.Position{}, errors.Join(err, b.view.Remove())
	}
	return b.view, b.at, nil
}

// replayer runs one replay of a build.
type replayer struct {
	*build
	bounds Bounds
	before eventstore.Position // the step before the last one
	gap    bool                // the last step passed over events that this projection doesn't take
}

// replay brings a build from where it is to the bound, or to the end of the log.
func (b *build) replay(ctx context.Context, from Source, bounds Bounds, progress func(uint64, eventstore.Position)) error {
	r := &replayer{build: b, bounds: bounds, before: b.at}
	err := r.run(ctx, from, progress)
	err = errors.Join(err, b.await(b.limits.CacheRows))
	if halted, ok := errors.AsType[*HaltError](err); ok && !b.bulk {
		if err := b.flushAll(ctx, b.limits.CacheRows); err != nil { // up to the event before it
			return err
		}
		return halted
	}
	if err != nil {
		return err
	}
	if r.gap { // a step back, so that the feed meets the log's last event, and the checkpoint moves to it
		b.from = r.before
	}
	return b.flushAll(ctx, b.limits.CacheRows)
}

func (r *replayer) run(ctx context.Context, from Source, progress func(uint64, eventstore.Position)) error {
	scanning, cancel := context.WithCancel(ctx)
	chunks, wait := from.scan(scanning, span{
		after: r.at, types: r.types, bounds: r.bounds, events: min(chunkEvents, r.limits.BulkRows),
	})
	defer wait()
	defer cancel()
	first := r.next.Count
	for c := range chunks {
		<-c.ready
		if err := r.applyChunk(c); err != nil {
			return err
		}
		if progress != nil {
			progress(r.next.Count-first, r.at)
		}
		if c.err != nil || c.last {
			return c.err
		}
		if err := r.bound(ctx); err != nil {
			return err
		}
	}
	if ctx.Err() == nil {
		return fmt.Errorf("%w: following it ended too early", eventstore.ErrUnavailable)
	}
	return ctx.Err()
}

func (r *replayer) applyChunk(c *chunk) error {
	for i, m := range c.messages {
		if m.Position.Compare(r.at) > 0 {
			r.before, r.gap = r.at, m.Kind != eventstore.Appeared
		}
		before := r.at
		if m.Kind != eventstore.Appeared {
			r.skipTo(m.Position)
			continue
		}
		d := c.decoded[i]
		switch {
		case d.err != nil:
			return halt(r.name, m.Event, d.err)
		case r.bounds.leavesOut(d.envelope.EffectiveAt):
			r.pass(before, m.Event)
		default:
			if err := r.take(before, m.Event, d.event, d.envelope); err != nil {
				return err
			}
		}
	}
	return nil
}

// bound keeps the rows in memory few enough: half of those allowed are being stored while the other half changes.
func (r *replayer) bound(ctx context.Context) error {
	half := max(1, r.limits.BulkRows/2)
	r.schema.each(func(t AnyTable) { t.trim(half) })
	if r.schema.Pending() < half {
		return nil
	}
	err := r.await(half)
	if err == nil {
		r.send(ctx)
	}
	return err
}
