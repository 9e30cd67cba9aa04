// Package eventstore is the port to the event log: what a store must do, how events become bytes, and how a command
// becomes an append. The adapters stand beside it: embedded (Pebble) and esdb (EventStoreDB).
package eventstore

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
)

// Revision is the place of an event in its stream: 0 for the first.
type Revision int64

// NoStream is the revision of a stream that has no event.
const NoStream Revision = -1

// Limits of one append, the same on every store: EventStoreDB before 25.1 takes 1 MiB in all.
const (
	MaxAppendBytes  = 1 << 20 // data, metadata and types of all events of one append
	MaxAppendEvents = 1000
	MaxStreamName   = 512 // bytes
)

// Proposed is an event on its way into the log.
type Proposed struct {
	ID       uuid.UUID // derived, never random: a retried append must be the same append
	Type     string
	Data     []byte
	Metadata []byte
}

// Recorded is an event in the log, byte for byte as it was proposed.
type Recorded struct {
	Proposed
	Stream     string
	Revision   Revision
	Position   Position
	RecordedAt time.Time // UTC, by the store's clock; never earlier than that of the event before it
}

// Appended is the answer to an append: where its last event stands.
type Appended struct {
	Revision Revision
	Position Position
}

// Store is an append-only log of streams. Nothing is ever changed or deleted.
type Store interface {
	// Origin names this log; positions carry it, and another log's are refused.
	Origin() string

	// Append adds events to the end of a stream whose last revision is expected, all or none, durably before it returns.
	// An append whose ids are exactly those recorded behind expected, as many as were sent, is a retry: it answers like the
	// original and records nothing.
	// Errors: *ConflictError where the stream is at another revision, ErrInvalid for a request outside the limits,
	// ErrUnavailable where the log can't be reached; the outcome is then unknown and the append may be repeated as it was.
	Append(ctx context.Context, stream string, expected Revision, events []Proposed) (Appended, error)

	// Read yields a stream's events behind a revision, in order, up to its end as it was when Read was called or later;
	// NoStream reads from the first. A stream without events yields nothing. An error is the last thing yielded, and a read
	// that ends without one was complete.
	Read(ctx context.Context, stream string, after Revision) iter.Seq2[Recorded, error]

	// At is the event at a position. Another log's position, or one that no event has: ErrForeignPosition.
	At(ctx context.Context, position Position) (Recorded, error)

	// Follow yields every event that the filter lets pass behind a position, in the log's order, each once, then goes on live until ctx
	// ends (whose error is then the last thing yielded). The zero Position follows from the beginning. It shows nothing that a power cut could
	// still take away. Position of another log, or one that no event has: ErrForeignPosition.
	Follow(ctx context.Context, after Position, filter Filter) iter.Seq2[Message, error]
}

// Message is what Follow yields.
type Message struct {
	Kind     MessageKind
	Event    Recorded // of an Appeared
	Position Position // how far the log has been followed: everything up to here was yielded or filtered out
}

// MessageKind tells the messages of Follow apart.
type MessageKind uint8

// The kinds of message.
const (
	Appeared   MessageKind = iota // an event
	Checkpoint                    // no event, but the position moved: what was passed over didn't match the filter
	CaughtUp                      // the end of the log was reached, and the next message may take any time; sent each time it is reached
)

// The errors of a store.
var (
	ErrInvalid         = errors.New("invalid append")
	ErrUnavailable     = errors.New("event log unavailable, outcome unknown")
	ErrForeignPosition = errors.New("position is not of this log")
)

// ConflictError says that a stream was not where an append expected it.
type ConflictError struct {
	Stream   string
	Expected Revision
	Current  Revision
}

// Error names the stream and both revisions.
func (e *ConflictError) Error() string {
	return fmt.Sprintf("stream %s is at revision %d, expected %d", e.Stream, e.Current, e.Expected)
}

// CheckAppend holds a request against the limits that every store keeps.
// Errors: ErrInvalid, wrapped with what is wrong and where.
func CheckAppend(stream string, expected Revision, events []Proposed) error {
	switch {
	case stream == "" || len(stream) > MaxStreamName:
		return fmt.Errorf("%w: stream name of %d bytes, want 1 to %d", ErrInvalid, len(stream), MaxStreamName)
	case !utf8.ValidString(stream):
		return fmt.Errorf("%w: stream name %q is not UTF-8", ErrInvalid, stream)
	case expected < NoStream:
		return fmt.Errorf("%w: expected revision %d, want %d or more", ErrInvalid, expected, NoStream)
	case len(events) == 0 || len(events) > MaxAppendEvents:
		return fmt.Errorf("%w: %d events, want 1 to %d", ErrInvalid, len(events), MaxAppendEvents)
	}
	size := 0
	for i, e := range events {
		if e.Type == "" || e.ID == uuid.Nil {
			return fmt.Errorf("%w: event %d has no type or no id", ErrInvalid, i)
		}
		if !utf8.ValidString(e.Type) {
			return fmt.Errorf("%w: event %d has the type %q, which is not UTF-8", ErrInvalid, i, e.Type)
		}
		size += len(e.Type) + len(e.Data) + len(e.Metadata)
	}
	if size > MaxAppendBytes {
		return fmt.Errorf("%w: %d bytes, want at most %d", ErrInvalid, size, MaxAppendBytes)
	}
	return nil
}
