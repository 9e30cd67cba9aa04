package esdb

import (
	"context"
	"fmt"

	client "github.com/EventStore/EventStore-Client-Go/v4/esdb"

	"github.com/channelledger/channelledger/eventstore"
)

// At is the event at a position, as the port says. Checkpoints have positions that no event has.
// Further errors: as those of Follow.
func (s *Store) At(ctx context.Context, position eventstore.Position) (e eventstore.Recorded, err error) {
	if position.IsStart() {
		return e, fmt.Errorf("%w: %s", eventstore.ErrForeignPosition, position)
	}
	if err := s.known(position); err != nil {
		return e, err
	}
	ctx, cancel := s.supervisor.bounded(ctx)
	defer cancel()
	found, err := call(ctx, s.supervisor, func(ctx context.Context, c *conn) (found *client.RecordedEvent, err error) {
		reading, err := c.ReadAll(ctx, client.ReadAllOptions{Direction: client.Forwards, From: from(position)}, 1)
		if err != nil {
			return nil, err
		}
		err = receiveEach(ctx, reading, func(e *client.RecordedEvent) bool {
			found = e
			return true
		})
		return found, err
	})
	switch {
	case err != nil:
		return e, translate(err)
	case found == nil || s.position(found.Position) != position || isSystem(found.StreamID, found.EventType):
		return e, fmt.Errorf("%w: no event is at %s", eventstore.ErrForeignPosition, position)
	}
	return s.recorded(found), nil
}
