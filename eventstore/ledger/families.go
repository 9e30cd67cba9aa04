package ledger

import (
	"context"
	"slices"
	"sync"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/partner"
	"github.com/channelledger/channelledger/eventstore"
)

// families is which partners ever stood below which, by the log itself: it is followed to its end whenever somebody asks.
type families struct {
	store eventstore.Store
	codec *eventstore.Codec

	mu       sync.Mutex
	after    eventstore.Position
	children map[uuid.UUID][]uuid.UUID // by parent
}

func newFamilies(store eventstore.Store, codec *eventstore.Codec) *families {
	return &families{store: store, codec: codec, children: map[uuid.UUID][]uuid.UUID{}}
}

func (f *families) childrenOf(ctx context.Context, parent uuid.UUID) ([]uuid.UUID, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	filter := eventstore.Filter{Categories: []string{partner.Category}, Types: []string{partner.ParentAssigned{}.EventType()}}
	for m, err := range f.store.Follow(ctx, f.after, filter) {
		if err != nil {
			return nil, err
		}
		if m.Kind == eventstore.Appeared {
			if err := f.add(m.Event); err != nil {
				return nil, err
			}
		}
		f.after = m.Position
		if m.Kind == eventstore.CaughtUp {
			break
		}
	}
	return slices.Clone(f.children[parent]), nil
}

func (f *families) add(r eventstore.Recorded) error {
	event, env, err := f.codec.Decode(r)
	if err != nil {
		return err
	}
	_, child, err := domain.ParseStream(env.Stream)
	if err != nil {
		return err
	}
	if e, ok := event.(partner.ParentAssigned); ok && !slices.Contains(f.children[e.ParentID], child) {
		f.children[e.ParentID] = append(f.children[e.ParentID], child)
	}
	return nil
}
