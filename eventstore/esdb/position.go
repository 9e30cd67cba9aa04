package esdb

import (
	"strings"

	client "github.com/EventStore/EventStore-Client-Go/v4/esdb"

	"github.com/channelledger/channelledger/eventstore"
)

// position is the port's name for a place in the server's $all. Both numbers are the server's, as they came: a filtered
// checkpoint has prepare 0 until it is live, and is good for resuming only with both.
func (s *Store) position(p client.Position) eventstore.Position {
	if p == (client.Position{}) {
		return eventstore.Position{}
	}
	return eventstore.Position{Origin: s.origin, Commit: p.Commit, Prepare: p.Prepare}
}

// from is where a subscription begins. It is always set: the client takes nil for the end, and so skips all history.
func from(p eventstore.Position) client.AllPosition {
	if p.IsStart() {
		return client.Start{}
	}
	return client.Position{Commit: p.Commit, Prepare: p.Prepare}
}

// recorded is an event as the client gives it, byte for byte.
func (s *Store) recorded(e *client.RecordedEvent) eventstore.Recorded {
	return eventstore.Recorded{
		Proposed:   eventstore.Proposed{ID: e.EventID, Type: e.EventType, Data: e.Data, Metadata: e.UserMetadata},
		Stream:     e.StreamID,
		Revision:   eventstore.Revision(e.EventNumber),
		Position:   s.position(e.Position),
		RecordedAt: e.CreatedDate,
	}
}

// isSystem reports whether an event is the server's own, or the one that names the log: those are no part of the ledger.
func isSystem(stream, eventType string) bool {
	return strings.HasPrefix(stream, "$") || strings.HasPrefix(eventType, "$") || stream == originStream
}

func size(e *client.RecordedEvent) int { return len(e.Data) + len(e.UserMetadata) + 256 }
