package esdb_test

import (
	"context"
	"net"
	"strconv"
	"sync"
	"testing"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/serverfeatures"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/channelledger/channelledger/eventstore"
	"github.com/channelledger/channelledger/eventstore/esdb"
)

// script is a server that answers what no store makes esdbtest answer.
type script struct {
	streams.UnimplementedStreamsServer
	serverfeatures.UnimplementedServerFeaturesServer

	end    uint64              // the position of the newest event
	stream []*streams.ReadResp // the answer to reading deal-1

	mu            sync.Mutex
	subscriptions [][]*streams.ReadResp // the answers to one after the other; behind the last of them nothing comes
	from          []uint64              // where they began
}

func (s *script) GetSupportedMethods(context.Context, *shared.Empty) (*serverfeatures.SupportedMethods, error) {
	return &serverfeatures.SupportedMethods{EventStoreServerVersion: "23.10.8"}, nil
}

func (s *script) Read(r *streams.ReadReq, call streams.Streams_ReadServer) error {
	o := r.GetOptions()
	switch {
	case o.GetSubscription() != nil:
		return s.subscribe(o, call)
	case o.GetAll() != nil:
		return call.Send(scripted("deal-1", 0, s.end))
	case string(o.GetStream().GetStreamIdentifier().GetStreamName()) == "channelledger":
		return call.Send(scripted("channelledger", 0, 100))
	default:
		return send(call, s.stream)
	}
}

func (s *script) subscribe(o *streams.ReadReq_Options, call streams.Streams_ReadServer) error {
	s.mu.Lock()
	s.from = append(s.from, o.GetAll().GetPosition().GetCommitPosition())
	list := s.subscriptions[0]
	last := len(s.subscriptions) == 1
	if !last {
		s.subscriptions = s.subscriptions[1:]
	}
	s.mu.Unlock()
	confirmation := &streams.ReadResp{Content: &streams.ReadResp_Confirmation{Confirmation: &streams.ReadResp_SubscriptionConfirmation{}}}
	if err := send(call, append([]*streams.ReadResp{confirmation}, list...)); err != nil || !last {
		return status.Error(codes.Aborted, "dropped")
	}
	<-call.Context().Done()
	return nil
}

func send(call streams.Streams_ReadServer, list []*streams.ReadResp) error {
	for _, m := range list {
		if err := call.Send(m); err != nil {
			return err
		}
	}
	return nil
}

func scripted(stream string, revision, at uint64) *streams.ReadResp {
	eventType := "test.happened.v1"
	if stream == "channelledger" {
		eventType = "channelledger.log_created.v1"
	}
	return &streams.ReadResp{Content: &streams.ReadResp_Event{Event: &streams.ReadResp_ReadEvent{
		Event: &streams.ReadResp_ReadEvent_RecordedEvent{
			Id:               &shared.UUID{Value: &shared.UUID_String_{String_: event(stream + strconv.FormatUint(at, 10)).ID.String()}},
			StreamIdentifier: &shared.StreamIdentifier{StreamName: []byte(stream)},
			StreamRevision:   revision, CommitPosition: at, PreparePosition: at,
			Metadata: map[string]string{"type": eventType, "content-type": "application/json", "created": "17000000000000000"},
		},
	}}}
}

func scriptedCheckpoint(commit, prepare uint64) *streams.ReadResp {
	return &streams.ReadResp{Content: &streams.ReadResp_Checkpoint_{
		Checkpoint: &streams.ReadResp_Checkpoint{CommitPosition: commit, PreparePosition: prepare},
	}}
}

func scriptedCaughtUp() *streams.ReadResp {
	return &streams.ReadResp{Content: &streams.ReadResp_CaughtUp_{CaughtUp: &streams.ReadResp_CaughtUp{}}}
}

func play(t *testing.T, s *script) *esdb.Store {
	t.Helper()
	socket, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	server := grpc.NewServer()
	streams.RegisterStreamsServer(server, s)
	serverfeatures.RegisterServerFeaturesServer(server, s)
	go func() { _ = server.Serve(socket) }()
	t.Cleanup(server.Stop)
	return openAs(t, esdb.Config{URL: "esdb://" + socket.Addr().String() + "?tls=false"})
}

func TestAPanicOfTheClientIsAnError(t *testing.T) {
	s := play(t, &script{stream: []*streams.ReadResp{
		scripted("deal-1", 0, 200),
		{Content: &streams.ReadResp_FirstStreamPosition{FirstStreamPosition: 0}},
	}})
	read := 0
	var last error
	for _, err := range s.Read(limited(t), "deal-1", eventstore.NoStream) {
		if last = err; err == nil {
			read++
		}
	}
	require.Equal(t, 1, read)
	require.ErrorIs(t, last, esdb.ErrClientPanic)
}

func TestAGapInAStreamIsAnError(t *testing.T) {
	s := play(t, &script{stream: []*streams.ReadResp{scripted("deal-1", 0, 200), scripted("deal-1", 2, 300)}})
	require.ErrorIs(t, firstError(s.Read(limited(t), "deal-1", eventstore.NoStream)), esdb.ErrTruncated)
}

// TestPositionsAreEventsOrCheckpointsAndNeverGoBack plays a server that repeats events and checkpoints after a drop, and whose
// last checkpoint lies behind the last event, as those of 24.10 do.
func TestPositionsAreEventsOrCheckpointsAndNeverGoBack(t *testing.T) {
	played := &script{end: 700, subscriptions: [][]*streams.ReadResp{
		{scripted("deal-1", 0, 200), scriptedCheckpoint(301, 0), scriptedCheckpoint(250, 0), scripted("deal-1", 1, 400)},
		{scripted("deal-1", 1, 400), scriptedCheckpoint(400, 0), scripted("deal-1", 2, 500), scriptedCheckpoint(900, 0), scriptedCaughtUp()},
	}}
	s := play(t, played)
	var got []string
	for m, err := range s.Follow(limited(t), eventstore.Position{}, eventstore.Filter{Categories: []string{"deal"}}) {
		require.NoError(t, err)
		require.Equal(t, s.Origin(), m.Position.Origin)
		kind := [...]string{"event", "checkpoint", "caught up"}[m.Kind]
		got = append(got, kind+" "+strconv.FormatUint(m.Position.Commit, 10)+" "+strconv.FormatUint(m.Position.Prepare, 10))
		if m.Kind == eventstore.CaughtUp {
			break
		}
	}
	require.Equal(t, []string{
		"event 200 200", "checkpoint 301 0", "event 400 400", "event 500 500", "checkpoint 700 700", "caught up 700 700",
	}, got)
	require.Equal(t, []uint64{0, 400}, played.from)
}
