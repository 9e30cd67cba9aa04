package esdbtest

import (
	"sync"

	"github.com/google/uuid"
	lru "github.com/hashicorp/golang-lru/v2"

	"github.com/channelledger/channelledger/eventstore"
)

// maxHeads bounds how many streams' ends a server remembers.
const maxHeads = 100_000

// heads remembers how far streams reach at least: a stream is read backwards from there on instead of from its beginning.
type heads struct {
	mu    sync.Mutex
	known *lru.Cache[string, eventstore.Revision]
}

func newHeads() *heads {
	known, err := lru.New[string, eventstore.Revision](maxHeads)
	if err != nil {
		panic(err) // only for a size below 1
	}
	return &heads{known: known}
}

// atLeast is a revision that the stream has reached.
func (h *heads) atLeast(stream string) eventstore.Revision {
	if revision, ok := h.known.Get(stream); ok {
		return revision
	}
	return eventstore.NoStream
}

func (h *heads) note(stream string, revision eventstore.Revision) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if revision > h.atLeast(stream) {
		h.known.Add(stream, revision)
	}
}

// idSet is a set of event ids.
type idSet struct {
	mu  sync.RWMutex
	ids map[uuid.UUID]bool
}

func (s *idSet) has(id uuid.UUID) bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.ids[id]
}

func (s *idSet) add(id uuid.UUID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ids == nil {
		s.ids = map[uuid.UUID]bool{}
	}
	s.ids[id] = true
}

// nameSet is a set of stream names.
type nameSet struct{ names sync.Map }

func (s *nameSet) has(name string) bool { _, ok := s.names.Load(name); return ok }
func (s *nameSet) add(name string)      { s.names.Store(name, true) }
