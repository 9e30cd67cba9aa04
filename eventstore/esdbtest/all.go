package esdbtest

import (
	"context"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"

	"github.com/channelledger/channelledger/eventstore"
)

func (s *Server) readAll(ctx context.Context, o *streams.ReadReq_Options, out *outlet) error {
	if o.GetCount() == 0 { // the real server looks for nothing until the deadline
		<-ctx.Done()
		return ctx.Err()
	}
	filter, err := newFilter(o.GetFilter())
	if err != nil {
		return errHandler
	}
	from, err := s.findAll(ctx, o.GetAll())
	if err != nil {
		return err
	}
	events := past(ctx, s.store, from.before)
	if o.GetReadDirection() == streams.ReadReq_Options_Backwards {
		if from.beyond && o.GetAll().GetPosition() != nil {
			return errReadAll
		}
		events = s.index.backwards(ctx, from.before)
	}
	sent := uint64(0)
	for e, err := range events {
		if err != nil {
			return err
		}
		if !filter.match(e) {
			continue
		}
		if err := out.send(ctx, s.event(e)); err != nil {
			return err
		}
		if sent++; sent == o.GetCount() {
			return nil
		}
	}
	return nil
}

// findAll is where a read of $all begins.
// Errors: errNoSuchPosition, errHandler for a prepare position behind its commit.
func (s *Server) findAll(ctx context.Context, o *streams.ReadReq_Options_AllOptions) (spot, error) {
	switch from := o.GetAllOption().(type) {
	case *streams.ReadReq_Options_AllOptions_End:
		end, err := s.index.end(ctx)
		return spot{before: end, at: end, beyond: true}, err
	case *streams.ReadReq_Options_AllOptions_Position:
		p := place{from.Position.GetCommitPosition(), from.Position.GetPreparePosition()}
		if p.prepare > p.commit {
			return spot{}, errHandler
		}
		return s.index.find(ctx, p)
	}
	return spot{}, nil
}

// subscribeToAll sends what lies behind a position and then what comes. A filter is told by checkpoints how far it has come.
func (s *Server) subscribeToAll(ctx context.Context, o *streams.ReadReq_Options, out *outlet) error {
	filter, err := newFilter(o.GetFilter())
	if err != nil {
		return errHandler
	}
	return s.subscribe(ctx, out, func(ctx context.Context, box *outbox) error {
		from, err := s.findAll(ctx, o.GetAll())
		if err != nil {
			return err
		}
		seen := uint64(0)
		for m, err := range s.store.Follow(ctx, from.at, eventstore.Filter{}) {
			switch {
			case err != nil:
				return err
			case m.Kind == eventstore.CaughtUp:
				err = box.caughtUp()
			case m.Kind == eventstore.Appeared:
				seen++
				err = s.pass(box, filter, m.Event, seen)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// pass sends an event that the filter wants, and a checkpoint when one is due.
func (s *Server) pass(box *outbox, f filter, e eventstore.Recorded, seen uint64) error {
	if f.match(e) {
		if err := box.put(s.event(e)); err != nil {
			return err
		}
	}
	if f.interval == 0 || seen%f.interval != 0 {
		return nil
	}
	at := behind(e.Position) // what 23.10.8 does until the subscription is live
	if box.live {
		at = onWire(e.Position)
	}
	return box.put(checkpoint(at))
}
