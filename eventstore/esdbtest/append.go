package esdbtest

import (
	"context"
	"errors"
	"io"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"

	"github.com/channelledger/channelledger/eventstore"
)

// streamsService is the protocol's main part.
type streamsService struct {
	streams.UnimplementedStreamsServer
	server *Server
}

// Delete is refused: the ledger deletes nothing.
func (streamsService) Delete(ctx context.Context, _ *streams.DeleteReq) (*streams.DeleteResp, error) {
	return nil, accessDenied(ctx)
}

// Tombstone is refused: the ledger deletes nothing. A test that needs a deleted stream has Server.Tombstone.
func (streamsService) Tombstone(ctx context.Context, _ *streams.TombstoneReq) (*streams.TombstoneResp, error) {
	return nil, accessDenied(ctx)
}

// Append records a request's events, all or none.
func (s streamsService) Append(call streams.Streams_AppendServer) error {
	ctx, server := call.Context(), s.server
	fault := server.faults.nextAppend()
	if err := server.strike(ctx, fault, onArrival); err != nil {
		return err
	}
	r, err := receive(call, func() error { return server.strike(ctx, fault, midway) })
	if err != nil {
		return answer(err)
	}
	if _, err := server.authorize(ctx); err != nil {
		return err
	}
	if err := server.strike(ctx, fault, onRequest); err != nil {
		return err
	}
	result, err := server.append(ctx, r)
	if err != nil {
		return answer(err)
	}
	if err := server.strike(ctx, fault, atEnd); err != nil {
		return err
	}
	return call.SendAndClose(result)
}

// request is an append as the client sent it.
type request struct {
	stream   string
	expected *streams.AppendReq_Options
	events   []eventstore.Proposed
	binary   []int // which of the events are not said to be JSON
}

// receive takes a request apart while it comes in. It calls begun when the first event is there, or none will come.
func receive(call streams.Streams_AppendServer, begun func() error) (*request, error) {
	first, err := call.Recv()
	if err != nil {
		return nil, err
	}
	if first.GetOptions() == nil {
		return nil, errHandler
	}
	r := &request{stream: streamName(first.GetOptions().GetStreamIdentifier()), expected: first.GetOptions()}
	if r.stream == "" || r.stream == "$$" {
		return nil, errHandler
	}
	return r, r.receiveEvents(call, begun)
}

func (r *request) receiveEvents(call streams.Streams_AppendServer, begun func() error) error {
	next, err := call.Recv()
	if fault := begun(); fault != nil {
		return fault
	}
	for size := 0; err == nil; next, err = call.Recv() {
		m := next.GetProposedMessage()
		if size += len(m.GetData()); size > eventstore.MaxAppendBytes {
			return errTooLarge
		}
		if err := r.add(m); err != nil {
			return err
		}
	}
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

func (r *request) add(m *streams.AppendReq_ProposedMessage) error {
	e, err := proposed(m)
	if err != nil || e.Type == "" {
		return errHandler
	}
	if m.GetMetadata()[keyContentType] != contentJSON {
		r.binary = append(r.binary, len(r.events))
	}
	r.events = append(r.events, e)
	return nil
}

func (s *Server) append(ctx context.Context, r *request) (*streams.AppendResp, error) {
	if s.buried.has(r.stream) {
		return nil, streamDeleted(ctx, r.stream)
	}
	for _, i := range r.binary {
		s.binary.add(r.events[i].ID) // before a reader may see it
	}
	appended, err := s.appendExpecting(ctx, r)
	var conflict *eventstore.ConflictError
	switch {
	case errors.As(err, &conflict):
		s.heads.note(r.stream, conflict.Current)
		return wrongVersion(r.expected, conflict.Current), nil
	case err != nil:
		return nil, err
	}
	s.heads.note(r.stream, appended.revision)
	return success(appended), nil
}

// appended is what an append is answered with.
type appended struct {
	revision eventstore.Revision
	at       place
}

func success(a appended) *streams.AppendResp {
	done := &streams.AppendResp_Success{
		CurrentRevisionOption: &streams.AppendResp_Success_CurrentRevision{CurrentRevision: uint64(a.revision)},
		PositionOption: &streams.AppendResp_Success_Position{
			Position: &streams.AppendResp_Position{CommitPosition: a.at.commit, PreparePosition: a.at.prepare},
		},
	}
	if a.revision == eventstore.NoStream {
		done.CurrentRevisionOption = &streams.AppendResp_Success_NoStream{NoStream: &shared.Empty{}}
	}
	return &streams.AppendResp{Result: &streams.AppendResp_Success_{Success: done}}
}

func wrongVersion(expected *streams.AppendReq_Options, current eventstore.Revision) *streams.AppendResp {
	wrong := &streams.AppendResp_WrongExpectedVersion{
		CurrentRevisionOption: &streams.AppendResp_WrongExpectedVersion_CurrentRevision{CurrentRevision: uint64(current)},
	}
	if current == eventstore.NoStream {
		wrong.CurrentRevisionOption = &streams.AppendResp_WrongExpectedVersion_CurrentNoStream{CurrentNoStream: &shared.Empty{}}
	}
	switch e := expected.GetExpectedStreamRevision().(type) {
	case *streams.AppendReq_Options_Revision:
		wrong.ExpectedRevisionOption = &streams.AppendResp_WrongExpectedVersion_ExpectedRevision{ExpectedRevision: e.Revision}
	case *streams.AppendReq_Options_NoStream:
		wrong.ExpectedRevisionOption = &streams.AppendResp_WrongExpectedVersion_ExpectedNoStream{ExpectedNoStream: &shared.Empty{}}
	case *streams.AppendReq_Options_StreamExists:
		wrong.ExpectedRevisionOption = &streams.AppendResp_WrongExpectedVersion_ExpectedStreamExists{ExpectedStreamExists: &shared.Empty{}}
	default:
		wrong.ExpectedRevisionOption = &streams.AppendResp_WrongExpectedVersion_ExpectedAny{ExpectedAny: &shared.Empty{}}
	}
	return &streams.AppendResp{Result: &streams.AppendResp_WrongExpectedVersion_{WrongExpectedVersion: wrong}}
}
