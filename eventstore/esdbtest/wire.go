package esdbtest

import (
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
	"github.com/google/uuid"

	"github.com/channelledger/channelledger/eventstore"
)

// The keys of an event's system metadata, and the two content types.
const (
	keyType        = "type"
	keyContentType = "content-type"
	keyCreated     = "created"

	contentJSON   = "application/json"
	contentBinary = "application/octet-stream"
)

// gap is how far the positions of neighbours lie apart on the wire at least: as on a real server, between any two events
// are positions that no event has.
const gap = 1000

// place is a position as the protocol has it.
type place struct{ commit, prepare uint64 }

// onWire is a store's position in the protocol.
func onWire(p eventstore.Position) place { return place{p.Commit * gap, p.Prepare * gap} }

// behind is what a real server calls the place where the next record would begin: resuming there repeats nothing.
func behind(p eventstore.Position) place { return place{commit: p.Commit*gap + 1} }

func streamID(name string) *shared.StreamIdentifier {
	return &shared.StreamIdentifier{StreamName: []byte(name)}
}

// streamName reads bytes that aren't UTF-8 as the real server does: as another name.
func streamName(id *shared.StreamIdentifier) string {
	return string([]rune(string(id.GetStreamName())))
}

func isMetadataStream(name string) bool { return strings.HasPrefix(name, "$$") }

func eventID(id *shared.UUID) (uuid.UUID, error) {
	if text := id.GetString_(); text != "" {
		return uuid.Parse(text)
	}
	var parsed uuid.UUID
	binary.BigEndian.PutUint64(parsed[:8], uint64(id.GetStructured().GetMostSignificantBits()))
	binary.BigEndian.PutUint64(parsed[8:], uint64(id.GetStructured().GetLeastSignificantBits()))
	return parsed, nil
}

func wireID(id uuid.UUID) *shared.UUID {
	return &shared.UUID{Value: &shared.UUID_Structured_{Structured: &shared.UUID_Structured{
		MostSignificantBits:  int64(binary.BigEndian.Uint64(id[:8])),
		LeastSignificantBits: int64(binary.BigEndian.Uint64(id[8:])),
	}}}
}

// event is what the client reads of a recorded event. The times of the protocol are .NET ticks, 100 ns each, since 1970.
func (s *Server) event(e eventstore.Recorded) *streams.ReadResp {
	at := onWire(e.Position)
	contentType := contentJSON
	if s.binary.has(e.ID) {
		contentType = contentBinary
	}
	return &streams.ReadResp{Content: &streams.ReadResp_Event{Event: &streams.ReadResp_ReadEvent{
		Event: &streams.ReadResp_ReadEvent_RecordedEvent{
			Id:               wireID(e.ID),
			StreamIdentifier: streamID(e.Stream),
			StreamRevision:   uint64(e.Revision),
			CommitPosition:   at.commit,
			PreparePosition:  at.prepare,
			Metadata: map[string]string{
				keyType:        e.Type,
				keyContentType: contentType,
				keyCreated:     strconv.FormatInt(e.RecordedAt.UnixNano()/100, 10),
			},
			CustomMetadata: e.Metadata,
			Data:           e.Data,
		},
		Position: &streams.ReadResp_ReadEvent_CommitPosition{CommitPosition: at.commit},
	}}}
}

// proposed is an event as the client sent it.
func proposed(m *streams.AppendReq_ProposedMessage) (eventstore.Proposed, error) {
	id, err := eventID(m.GetId())
	if err != nil {
		return eventstore.Proposed{}, fmt.Errorf("event id: %w", err)
	}
	return eventstore.Proposed{
		ID: id, Type: m.GetMetadata()[keyType], Data: m.GetData(), Metadata: m.GetCustomMetadata(),
	}, nil
}

func notFound(stream string) *streams.ReadResp {
	return &streams.ReadResp{Content: &streams.ReadResp_StreamNotFound_{
		StreamNotFound: &streams.ReadResp_StreamNotFound{StreamIdentifier: streamID(stream)},
	}}
}

func confirmation() *streams.ReadResp {
	return &streams.ReadResp{Content: &streams.ReadResp_Confirmation{
		Confirmation: &streams.ReadResp_SubscriptionConfirmation{SubscriptionId: uuid.NewString()},
	}}
}

func checkpoint(p place) *streams.ReadResp {
	return &streams.ReadResp{Content: &streams.ReadResp_Checkpoint_{
		Checkpoint: &streams.ReadResp_Checkpoint{CommitPosition: p.commit, PreparePosition: p.prepare},
	}}
}

func caughtUp() *streams.ReadResp {
	return &streams.ReadResp{Content: &streams.ReadResp_CaughtUp_{CaughtUp: &streams.ReadResp_CaughtUp{}}}
}

func fellBehind() *streams.ReadResp {
	return &streams.ReadResp{Content: &streams.ReadResp_FellBehind_{FellBehind: &streams.ReadResp_FellBehind{}}}
}
