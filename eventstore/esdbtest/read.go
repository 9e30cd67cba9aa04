package esdbtest

import (
	"context"
	"math"
	"slices"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"

	"github.com/channelledger/channelledger/eventstore"
)

// Read is every way to read: a stream or $all, forwards or backwards, once or as a subscription.
func (s streamsService) Read(r *streams.ReadReq, call streams.Streams_ReadServer) error {
	ctx, server := call.Context(), s.server
	fault := server.faults.nextRead()
	for _, now := range []moment{onArrival, onRequest} {
		if err := server.strike(ctx, fault, now); err != nil {
			return err
		}
	}
	o := r.GetOptions()
	if err := server.allow(ctx, o); err != nil {
		return answer(err)
	}
	out := &outlet{server: server, call: call, fault: fault}
	if err := server.read(ctx, o, out); err != nil {
		return answer(err)
	}
	return server.strike(ctx, fault, atEnd)
}

// allow refuses who may not read.
func (s *Server) allow(ctx context.Context, o *streams.ReadReq_Options) error {
	user, err := s.authorize(ctx)
	if err != nil || o.GetAll() == nil {
		return err
	}
	may, err := s.mayReadAll(ctx, user)
	if err == nil && (!may || s.faults.denied()) {
		return accessDenied(ctx)
	}
	return err
}

func (s *Server) read(ctx context.Context, o *streams.ReadReq_Options, out *outlet) error {
	switch {
	case o.GetAll() != nil && o.GetSubscription() != nil:
		return s.subscribeToAll(ctx, o, out)
	case o.GetAll() != nil:
		return s.readAll(ctx, o, out)
	case o.GetSubscription() != nil:
		return s.subscribeToStream(ctx, o, out)
	default:
		return s.readStream(ctx, o, out)
	}
}

// outlet is where the answers to a read go, at the pace that the test asks for.
type outlet struct {
	server *Server
	call   streams.Streams_ReadServer
	fault  Fault
	sent   int
}

// send sends one answer. A fault that comes during a read comes behind its first event.
func (o *outlet) send(ctx context.Context, m *streams.ReadResp) error {
	if m.GetEvent() != nil {
		if err := o.server.pace.wait(ctx); err != nil {
			return err
		}
		if o.sent == 1 {
			if err := o.server.strike(ctx, o.fault, midway); err != nil {
				return err
			}
		}
		o.sent++
	}
	return o.call.Send(m)
}

func (s *Server) readStream(ctx context.Context, o *streams.ReadReq_Options, out *outlet) error {
	stream := streamName(o.GetStream().GetStreamIdentifier())
	switch from, ok := startRevision(o); {
	case stream == "":
		return errHandler
	case s.buried.has(stream):
		return streamDeleted(ctx, stream)
	case o.GetCount() == 0 || !ok:
		return errReadStream
	case len(stream) > eventstore.MaxStreamName: // nobody could write it
		return out.send(ctx, notFound(stream))
	case o.GetReadDirection() == streams.ReadReq_Options_Backwards:
		return s.readBackwards(ctx, stream, from, o.GetCount(), out)
	default:
		return s.readForwards(ctx, stream, from, o.GetCount(), out)
	}
}

// startRevision is the revision to begin with; forwards there is none behind the end.
func startRevision(o *streams.ReadReq_Options) (from eventstore.Revision, ok bool) {
	backwards := o.GetReadDirection() == streams.ReadReq_Options_Backwards
	switch r := o.GetStream().GetRevisionOption().(type) {
	case *streams.ReadReq_Options_StreamOptions_Revision:
		return eventstore.Revision(min(r.Revision, math.MaxInt64)), r.Revision <= math.MaxInt64 || backwards
	case *streams.ReadReq_Options_StreamOptions_End:
		return math.MaxInt64, backwards
	}
	return 0, true
}

func (s *Server) readForwards(ctx context.Context, stream string, from eventstore.Revision, count uint64, out *outlet) error {
	shown, err := s.shown(ctx, stream)
	if err != nil {
		return err
	}
	sent, found := uint64(0), false
	for e, err := range s.store.Read(ctx, stream, shown.skip(from)-1) {
		if err != nil {
			return err
		}
		if found = true; shown.hides(e) {
			continue
		}
		if err := out.send(ctx, s.event(e)); err != nil {
			return err
		}
		if sent++; sent == count {
			return nil
		}
	}
	if found {
		return nil
	}
	return s.tellIfMissing(ctx, stream, out)
}

func (s *Server) tellIfMissing(ctx context.Context, stream string, out *outlet) error {
	head, err := s.head(ctx, stream)
	if err == nil && head == eventstore.NoStream {
		err = out.send(ctx, notFound(stream))
	}
	return err
}

// head is a stream's last revision.
func (s *Server) head(ctx context.Context, stream string) (eventstore.Revision, error) {
	head := s.heads.atLeast(stream)
	for e, err := range s.store.Read(ctx, stream, head) {
		if err != nil {
			return head, err
		}
		head = e.Revision
	}
	s.heads.note(stream, head)
	return head, nil
}

func (s *Server) readBackwards(ctx context.Context, stream string, from eventstore.Revision, count uint64, out *outlet) error {
	shown, err := s.shown(ctx, stream)
	if err != nil {
		return err
	}
	head, err := s.head(ctx, stream)
	if err != nil {
		return err
	}
	if head == eventstore.NoStream {
		return out.send(ctx, notFound(stream))
	}
	last := min(from, head)
	first := shown.skip(last - eventstore.Revision(min(count, uint64(last)+1)) + 1)
	events, err := s.between(ctx, stream, first, last)
	if err != nil {
		return err
	}
	for _, e := range slices.Backward(events) {
		if shown.hides(e) {
			break
		}
		if err := out.send(ctx, s.event(e)); err != nil {
			return err
		}
	}
	return nil
}

// between is a stream's events from one revision to another, both included.
func (s *Server) between(ctx context.Context, stream string, first, last eventstore.Revision) ([]eventstore.Recorded, error) {
	var events []eventstore.Recorded
	for e, err := range s.store.Read(ctx, stream, first-1) {
		if err != nil {
			return nil, err
		}
		if e.Revision > last {
			break
		}
		events = append(events, e)
	}
	return events, nil
}
