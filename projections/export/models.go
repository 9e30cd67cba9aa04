package export

import (
	"context"

	"github.com/channelledger/channelledger/eventstore"
	"github.com/channelledger/channelledger/projections"
)

// Models are the read models that files are made of: as they are, or as they were within bounds.
type Models struct {
	// Reader is a running read model. *projections.Runner has it.
	Reader func(name string) (projections.Reader, error)
	// Open replays one within bounds. *projections.AsOf has it.
	Open func(context.Context, projections.Definition, projections.Bounds) (*projections.Scratch, error)
}

// read asks one state of a read model, and says which part of the log it holds.
func (m Models) read(
	ctx context.Context, def projections.Definition, bounds projections.Bounds,
	query func(projections.Querier, eventstore.Position) error,
) error {
	if bounds == (projections.Bounds{}) {
		name, _ := def.Named()
		reader, err := m.Reader(name)
		if err != nil {
			return err
		}
		return reader.Read(ctx, func(q projections.Querier) error { return query(q, q.Position()) })
	}
	scratch, err := m.Open(ctx, def, bounds)
	if err != nil {
		return err
	}
	defer scratch.Close()
	return scratch.Read(ctx, func(q projections.Querier) error { return query(q, scratch.Watermark) })
}

// readBoth asks two read models in one state of the log. Where they aren't equally far just now, both are asked as of the
// one that is behind.
func (m Models) readBoth(
	ctx context.Context, first, second projections.Definition, bounds projections.Bounds,
	query func(first, second projections.Querier, at eventstore.Position) error,
) error {
	for live := bounds == (projections.Bounds{}); ; live = false {
		apart := false
		err := m.read(ctx, first, bounds, func(a projections.Querier, at eventstore.Position) error {
			return m.read(ctx, second, bounds, func(b projections.Querier, other eventstore.Position) error {
				if apart = live && at != other; apart {
					bounds.KnownPosition = earlier(at, other)
					return nil
				}
				return query(a, b, at)
			})
		})
		if err != nil || !apart {
			return err
		}
	}
}

func earlier(a, b eventstore.Position) eventstore.Position {
	if a.Compare(b) < 0 {
		return a
	}
	return b
}
