package esdb

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"math"

	client "github.com/EventStore/EventStore-Client-Go/v4/esdb"

	"github.com/channelledger/channelledger/eventstore"
)

// Read yields a stream's events behind a revision, as the port says. Where the connection breaks, it goes on behind the last
// event that it yielded. Further errors: ErrUnavailable, ErrClosed, ErrAccessDenied, ErrUnauthenticated, ErrDeleted, and
// ErrTruncated where the server hides or has lost events.
func (s *Store) Read(ctx context.Context, stream string, after eventstore.Revision) iter.Seq2[eventstore.Recorded, error] {
	return func(yield func(eventstore.Recorded, error) bool) {
		r := reader{store: s, stream: stream, after: after, yield: yield}
		if err := r.run(ctx); err != nil {
			yield(eventstore.Recorded{}, err)
		}
	}
}

// reader is one Read on its way.
type reader struct {
	store  *Store
	stream string
	after  eventstore.Revision // everything up to here was yielded
	yield  func(eventstore.Recorded, error) bool
	enough bool // the caller wants no more
}

// run ends with an error, or with nil when the stream's end is reached or the caller has enough.
func (r *reader) run(ctx context.Context) error {
	if len(r.stream) > eventstore.MaxStreamName || r.after < eventstore.NoStream {
		return fmt.Errorf("read stream of %d bytes behind revision %d: no stream has such", len(r.stream), r.after)
	}
	p := newPatience(r.store.supervisor.timeout)
	for {
		was := r.after
		err := r.attempt(ctx)
		if r.after > was {
			p.renew()
		}
		switch {
		case r.enough:
			return nil
		case ctx.Err() != nil:
			return ctx.Err()
		case err == nil:
			return nil
		case !p.again(ctx, err):
			return fmt.Errorf("read %s: %w", r.stream, translate(err))
		}
	}
}

// attempt reads until the end, or until the connection breaks.
func (r *reader) attempt(ctx context.Context) error {
	s := r.store.supervisor
	in := receive(ctx, s, func(ctx context.Context, c *conn, put put[*client.RecordedEvent]) error {
		return readForwards(ctx, c, r.stream, r.after, put)
	})
	defer in.close()
	for {
		events, err := in.take(ctx, s.timeout)
		if errors.Is(err, errEnd) {
			return nil
		}
		if err != nil {
			return err
		}
		for _, e := range events {
			if err := r.give(ctx, e); err != nil || r.enough {
				return err
			}
		}
	}
}

// give yields an event, which must be the next one: a gap is what $maxCount, $maxAge, $tb or a deletion leave.
func (r *reader) give(ctx context.Context, e *client.RecordedEvent) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if e.StreamID != r.stream || eventstore.Revision(e.EventNumber) != r.after+1 {
		return fmt.Errorf("%w: %s@%d came where revision %d was due", ErrTruncated, e.StreamID, e.EventNumber, r.after+1)
	}
	r.after++
	r.enough = !r.yield(r.store.recorded(e), nil)
	return nil
}

// readForwards receives a stream's events behind a revision. A stream that is missing has none; the client says so only when
// it receives.
func readForwards(ctx context.Context, c *conn, stream string, after eventstore.Revision, put put[*client.RecordedEvent]) error {
	opts := client.ReadStreamOptions{Direction: client.Forwards, From: client.Revision(uint64(after + 1))}
	err := readEach(ctx, c, stream, opts, math.MaxInt64, func(e *client.RecordedEvent) bool { return put(e, size(e)) })
	if isMissing(err) {
		return nil
	}
	return err
}

// readEach receives events until the read is complete. It stops at the first error: a second Recv would say io.EOF, which
// looks like the end.
func readEach(ctx context.Context, c *conn, stream string, opts client.ReadStreamOptions, count uint64, visit func(*client.RecordedEvent) bool) error {
	reading, err := c.ReadStream(ctx, stream, opts, count)
	if err != nil {
		return err
	}
	return receiveEach(ctx, reading, visit)
}

func receiveEach(ctx context.Context, reading *client.ReadStream, visit func(*client.RecordedEvent) bool) error {
	defer reading.Close()
	for {
		e, err := reading.Recv()
		switch _, broken := errors.AsType[*client.Error](err); {
		case errors.Is(err, io.EOF) && !broken: // a client's error may have an EOF inside, and is no end
			return ctx.Err()
		case err != nil:
			return err
		case !visit(e.OriginalEvent()):
			return ctx.Err()
		}
	}
}

// readSome reads a few events in one call; none where the stream is missing.
func (s *Store) readSome(ctx context.Context, stream string, opts client.ReadStreamOptions, count int) ([]*client.RecordedEvent, error) {
	ctx, cancel := s.supervisor.bounded(ctx)
	defer cancel()
	return call(ctx, s.supervisor, func(ctx context.Context, c *conn) (found []*client.RecordedEvent, err error) {
		err = readEach(ctx, c, stream, opts, uint64(count), func(e *client.RecordedEvent) bool {
			found = append(found, e)
			return true
		})
		if isMissing(err) {
			err = nil
		}
		return found, err
	})
}

// readEnd is the newest event of $all, whatever it is; nil where there is none.
func (s *Store) readEnd(ctx context.Context) (newest *client.RecordedEvent, err error) {
	ctx, cancel := s.supervisor.bounded(ctx)
	defer cancel()
	return call(ctx, s.supervisor, func(ctx context.Context, c *conn) (newest *client.RecordedEvent, err error) {
		reading, err := c.ReadAll(ctx, client.ReadAllOptions{Direction: client.Backwards, From: client.End{}}, 1)
		if err != nil {
			return nil, err
		}
		err = receiveEach(ctx, reading, func(e *client.RecordedEvent) bool {
			newest = e
			return true
		})
		return newest, err
	})
}
