package esdb

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/eventstore"
)

// The stream and the event that name a log.
const (
	originStream = "channelledger"
	originType   = "channelledger.log_created.v1"
	originData   = `{"note":"The id of this event names the log. Positions carry it. Keep this stream."}`
)

// identify finds the log's origin, or makes one. Of two who make one at the same time, the first has named the log.
func (s *Store) identify(ctx context.Context) error {
	for range 3 {
		found, err := s.readOrigin(ctx)
		if err != nil || found {
			return err
		}
		if s.cfg.Existing {
			return ErrNoLog
		}
		err = s.makeOrigin(ctx)
		if _, conflict := errors.AsType[*eventstore.ConflictError](err); err != nil && !conflict {
			return err
		}
	}
	return fmt.Errorf("%w: %s has events and shows none: its metadata hides what names the log", ErrTruncated, originStream)
}

func (s *Store) makeOrigin(ctx context.Context) error {
	ctx, cancel := s.supervisor.bounded(ctx)
	defer cancel()
	_, err := s.append(ctx, &request{
		stream: originStream, expected: eventstore.NoStream,
		events: []eventstore.Proposed{{ID: uuid.New(), Type: originType, Data: []byte(originData), Metadata: []byte(`{}`)}},
	})
	return err
}

func (s *Store) readOrigin(ctx context.Context) (found bool, err error) {
	for e, err := range s.Read(ctx, originStream, eventstore.NoStream) {
		if err != nil {
			return false, err
		}
		if e.Type != originType {
			return false, fmt.Errorf("%w: %s begins with a %s; it should name the log", ErrTruncated, originStream, e.Type)
		}
		s.origin = "esdb-" + hex.EncodeToString(e.ID[:8])
		s.birth = e.Position
		s.birth.Origin = s.origin
		return true, nil
	}
	return false, nil
}
