package embedded

import (
	"context"

	"github.com/channelledger/channelledger/eventstore"
)

// Head is the position of the last event; the zero Position in an empty log.
func (s *Store) Head(context.Context) (eventstore.Position, error) {
	synced, _ := s.progress.now()
	return s.position(synced), nil
}
