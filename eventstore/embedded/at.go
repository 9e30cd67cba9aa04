package embedded

import (
	"context"
	"fmt"

	"github.com/channelledger/channelledger/eventstore"
)

// At is the event at a position, as the port says.
// Errors: the context's, ErrClosed, ErrCorrupt with the position.
func (s *Store) At(ctx context.Context, position eventstore.Position) (e eventstore.Recorded, err error) {
	if err := ctx.Err(); err != nil {
		return e, err
	}
	if err := s.known(position); err != nil || position.IsStart() {
		return e, fmt.Errorf("%w: %s", eventstore.ErrForeignPosition, position)
	}
	end, err := s.beginRead()
	if err != nil {
		return e, err
	}
	defer end()
	err = s.scanLog(position.Commit-1, position.Commit, func(_ uint64, v view) bool {
		e, _ = v.recorded(position, nil)
		return false
	})
	return e, err
}
