package projections

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/eventstore"
)

// Source is the log that read models are made from.
type Source struct {
	Store      eventstore.Store
	Codec      Decoder
	Categories []string // of the streams that are ours; empty: all
}

// Decoder reads recorded events. *eventstore.Codec is one.
type Decoder interface {
	Decode(r eventstore.Recorded) (domain.Event, domain.Envelope, error)
}

// errOtherLog says that a checkpoint's event is not where it was.
var errOtherLog = errors.New("the log is another one, or was shortened")

// verify looks for a checkpoint's event at its place in the log, and tells when that was recorded.
// Errors: errOtherLog, or those of the store.
func (s Source) verify(ctx context.Context, c Checkpoint) (recordedAt time.Time, err error) {
	if c.Event == uuid.Nil {
		return recordedAt, nil
	}
	for m, err := range s.Store.Follow(ctx, c.Before, eventstore.Filter{Categories: s.Categories}) {
		switch {
		case errors.Is(err, eventstore.ErrForeignPosition):
			return recordedAt, fmt.Errorf("%w: %w", errOtherLog, err)
		case err != nil:
			return recordedAt, err
		case m.Kind == eventstore.Appeared && m.Position == c.Position && m.Event.ID == c.Event:
			return m.Event.RecordedAt, nil
		case m.Kind == eventstore.CaughtUp || m.Position.Compare(c.Position) >= 0:
			return recordedAt, fmt.Errorf("%w: event %s is no longer at %s", errOtherLog, c.Event, c.Position)
		}
	}
	return recordedAt, ctx.Err()
}

// decode reads an event; a panic in an upcast is an error like any other.
func (s Source) decode(r eventstore.Recorded) (e domain.Event, env domain.Envelope, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("decode %s@%d: panic: %v\n%s", r.Stream, r.Revision, p, debug.Stack())
		}
	}()
	return s.Codec.Decode(r)
}
