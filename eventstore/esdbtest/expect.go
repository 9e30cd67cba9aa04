package esdbtest

import (
	"context"
	"errors"
	"math"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
	"github.com/google/uuid"

	"github.com/channelledger/channelledger/eventstore"
)

// appendExpecting turns the protocol's four expectations into the store's one: an exact revision.
// Errors: *eventstore.ConflictError, and the store's.
func (s *Server) appendExpecting(ctx context.Context, r *request) (appended, error) {
	if len(r.events) == 0 {
		return s.appendNothing(ctx, r)
	}
	revision, exact := exactly(r.expected)
	if !exact {
		return s.appendAnywhere(ctx, r)
	}
	return s.appendAt(ctx, r, revision)
}

func (s *Server) appendAt(ctx context.Context, r *request, expected eventstore.Revision) (appended, error) {
	done, err := s.store.Append(ctx, r.stream, expected, r.events)
	return appended{done.Revision, onWire(done.Position)}, err
}

// exactly is the revision that a request names, if it names one; a revision that no stream can have stands for the highest.
func exactly(o *streams.AppendReq_Options) (revision eventstore.Revision, ok bool) {
	switch e := o.GetExpectedStreamRevision().(type) {
	case *streams.AppendReq_Options_Revision:
		return eventstore.Revision(min(e.Revision, math.MaxInt64)), true
	case *streams.AppendReq_Options_NoStream:
		return eventstore.NoStream, true
	}
	return 0, false
}

func mustExist(o *streams.AppendReq_Options) bool {
	_, ok := o.GetExpectedStreamRevision().(*streams.AppendReq_Options_StreamExists)
	return ok
}

// appendAnywhere appends at the stream's end, wherever that is, unless the first event is there already: then all must be,
// and the answer is that of the last one. It reads the whole stream; the ledger's own appends name their revision.
func (s *Server) appendAnywhere(ctx context.Context, r *request) (appended, error) {
	for {
		head, known, err := s.look(ctx, r)
		if err != nil {
			return appended{}, err
		}
		if head == eventstore.NoStream && mustExist(r.expected) {
			return appended{}, &eventstore.ConflictError{Stream: r.stream, Current: head}
		}
		if _, again := known[r.events[0].ID]; again {
			return repeated(r, head, known)
		}
		done, err := s.appendAt(ctx, r, head)
		var conflict *eventstore.ConflictError
		if !errors.As(err, &conflict) { // else somebody was faster: look again
			return done, err
		}
	}
}

// look reads how far the stream reaches and where those of the request's events stand that it has.
func (s *Server) look(ctx context.Context, r *request) (head eventstore.Revision, known map[uuid.UUID]appended, err error) {
	wanted := map[uuid.UUID]bool{}
	for _, e := range r.events {
		wanted[e.ID] = true
	}
	head, known = eventstore.NoStream, map[uuid.UUID]appended{}
	for e, err := range s.store.Read(ctx, r.stream, eventstore.NoStream) {
		if err != nil {
			return head, nil, err
		}
		head = e.Revision
		if wanted[e.ID] {
			known[e.ID] = appended{e.Revision, onWire(e.Position)}
		}
	}
	return head, known, nil
}

func repeated(r *request, head eventstore.Revision, known map[uuid.UUID]appended) (last appended, err error) {
	for _, e := range r.events {
		var ok bool
		if last, ok = known[e.ID]; !ok {
			return appended{}, &eventstore.ConflictError{Stream: r.stream, Current: head}
		}
	}
	return last, nil
}

// appendNothing checks the expectation and records nothing. The real server does write something, so that the position in
// each answer is another one, and no event's.
func (s *Server) appendNothing(ctx context.Context, r *request) (appended, error) {
	head, err := s.head(ctx, r.stream)
	if err != nil {
		return appended{}, err
	}
	expected, exact := exactly(r.expected)
	if exact && expected != head || mustExist(r.expected) && head == eventstore.NoStream {
		return appended{}, &eventstore.ConflictError{Stream: r.stream, Current: head}
	}
	end, err := s.index.end(ctx)
	at := behind(end).commit + s.nothings.Add(1)%(gap-1)
	return appended{head, place{at, at}}, err
}
