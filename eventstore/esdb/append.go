package esdb

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	client "github.com/EventStore/EventStore-Client-Go/v4/esdb"

	"github.com/channelledger/channelledger/eventstore"
)

// errUnclear is an answer that can't be that of the request: the client invents one where the server's says nothing.
var errUnclear = errors.New("the answer to the append is none")

// request is an append on its way. It holds its own copy of the events: a call that is abandoned may read them later.
type request struct {
	stream   string
	expected eventstore.Revision
	events   []eventstore.Proposed
}

// Append adds events to the end of a stream, as the port says. What the client leaves unknown is looked up in the stream and
// tried again, as long as the configuration's timeout. Further errors: ErrClosed, ErrAccessDenied, ErrUnauthenticated,
// ErrDeleted. The context's own error means that nothing was recorded; wrapped in ErrUnavailable, that the outcome is unknown.
func (s *Store) Append(ctx context.Context, stream string, expected eventstore.Revision, events []eventstore.Proposed) (eventstore.Appended, error) {
	r := &request{stream: stream, expected: expected, events: slices.Clone(events)}
	if err := r.check(); err != nil {
		return eventstore.Appended{}, err
	}
	if err := ctx.Err(); err != nil {
		return eventstore.Appended{}, err
	}
	r.copyBytes()
	bound, cancel := s.supervisor.bounded(ctx)
	defer cancel()
	appended, err := s.append(bound, r)
	if ctx.Err() != nil && judge(err) == away {
		err = fmt.Errorf("%w: %w", eventstore.ErrUnavailable, ctx.Err())
	}
	return appended, err
}

// check refuses what the port refuses, and what belongs to the server: Follow would never show it.
func (r *request) check() error {
	if err := eventstore.CheckAppend(r.stream, r.expected, r.events); err != nil {
		return err
	}
	for i, e := range r.events {
		if isSystem(r.stream, e.Type) {
			return fmt.Errorf("%w: event %d, %s on %s: names with a $ are the server's, and %s names the log", eventstore.ErrInvalid, i, e.Type, r.stream, originStream)
		}
	}
	return nil
}

func (r *request) copyBytes() {
	size := 0
	for _, e := range r.events {
		size += len(e.Data) + len(e.Metadata)
	}
	room := make([]byte, 0, size)
	keep := func(b []byte) []byte {
		room = append(room, b...)
		return room[len(room)-len(b) : len(room) : len(room)]
	}
	for i := range r.events {
		r.events[i].Data, r.events[i].Metadata = keep(r.events[i].Data), keep(r.events[i].Metadata)
	}
}

// append sends a request until its outcome is known. Sending it again is safe: the server knows the ids behind the expected
// revision, and a stream that has moved refuses the rest.
func (s *Store) append(ctx context.Context, r *request) (eventstore.Appended, error) {
	p := newPatience(s.supervisor.timeout)
	for {
		appended, err := s.send(ctx, r)
		if err == nil {
			return appended, nil
		}
		refused, conflicts := conflict(r, err)
		switch {
		case conflicts && p.tries == 0:
			return eventstore.Appended{}, refused
		case !conflicts && judge(err) == final:
			return eventstore.Appended{}, refusal(err)
		}
		appended, known, lookErr := s.lookUp(ctx, r)
		switch {
		case known:
			return appended, lookErr
		case conflicts && lookErr == nil: // the stream is not even where it was expected
			return eventstore.Appended{}, refused
		}
		if !p.again(ctx, cmp.Or(lookErr, err)) {
			return eventstore.Appended{}, gaveUp(err, lookErr)
		}
	}
}

// refusal is the port's error for an answer that is final.
func refusal(err error) error {
	if isTooLarge(err) {
		return fmt.Errorf("%w: %w", eventstore.ErrInvalid, err)
	}
	return translate(err)
}

// gaveUp is the error of an append that was tried often enough. Where the stream was read, and stayed as it was, the server
// refuses the request without a reason: that is no outage.
func gaveUp(err, lookErr error) error {
	if judge(err) == odd && lookErr == nil {
		return fmt.Errorf("the event log recorded nothing, and doesn't say why: %w", err)
	}
	return translate(errors.Join(err, lookErr))
}

// send sends a request once.
func (s *Store) send(ctx context.Context, r *request) (eventstore.Appended, error) {
	result, err := call(ctx, s.supervisor, func(ctx context.Context, c *conn) (*client.WriteResult, error) {
		return c.AppendToStream(ctx, r.stream, client.AppendToStreamOptions{
			ExpectedRevision: expectedRevision(r.expected),
			Deadline:         &s.supervisor.timeout,
		}, eventData(r.events)...)
	})
	if err != nil {
		return eventstore.Appended{}, err
	}
	at := s.position(client.Position{Commit: result.CommitPosition, Prepare: result.PreparePosition})
	last := r.expected + eventstore.Revision(len(r.events))
	if at.IsStart() || eventstore.Revision(result.NextExpectedVersion) != last {
		return eventstore.Appended{}, errUnclear
	}
	return eventstore.Appended{Revision: last, Position: at}, nil
}

// lookUp finds the outcome in the stream: the request's ids behind the expected revision say that it was recorded, other ids
// or fewer that it never will be; then the error is the conflict. A stream that ends there leaves it unknown, as any error does.
func (s *Store) lookUp(ctx context.Context, r *request) (a eventstore.Appended, known bool, err error) {
	found, err := s.readSome(ctx, r.stream, client.ReadStreamOptions{
		Direction: client.Forwards, From: client.Revision(uint64(r.expected + 1)),
	}, len(r.events))
	if err != nil || len(found) == 0 {
		return a, false, err
	}
	if r.isRecordedAs(found) {
		last := s.recorded(found[len(found)-1])
		return eventstore.Appended{Revision: last.Revision, Position: last.Position}, true, nil
	}
	newest, err := s.readSome(ctx, r.stream, client.ReadStreamOptions{Direction: client.Backwards, From: client.End{}}, 1)
	if err != nil || len(newest) == 0 {
		return a, false, err
	}
	return a, true, &eventstore.ConflictError{
		Stream: r.stream, Expected: r.expected, Current: eventstore.Revision(newest[0].EventNumber),
	}
}

func (r *request) isRecordedAs(found []*client.RecordedEvent) bool {
	return slices.EqualFunc(r.events, found, func(e eventstore.Proposed, f *client.RecordedEvent) bool { return e.ID == f.EventID }) &&
		eventstore.Revision(found[0].EventNumber) == r.expected+1
}

// expectedRevision is always set: the client takes nil for "any".
func expectedRevision(r eventstore.Revision) client.ExpectedRevision {
	if r == eventstore.NoStream {
		return client.NoStream{}
	}
	return client.Revision(uint64(r))
}

// eventData calls every event JSON, which the ledger's are: the server's own tools show and correlate only such.
func eventData(events []eventstore.Proposed) []client.EventData {
	list := make([]client.EventData, len(events))
	for i, e := range events {
		list[i] = client.EventData{
			EventID: e.ID, EventType: e.Type, ContentType: client.ContentTypeJson, Data: e.Data, Metadata: e.Metadata,
		}
	}
	return list
}
