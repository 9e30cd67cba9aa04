package api

import (
	"github.com/google/uuid"
	lru "github.com/hashicorp/golang-lru/v2"
)

// maxHomes bounds how many things' streams are remembered.
const maxHomes = 1 << 16

// homes is which stream a thing stands in: a deal in its account's, a request or claim in its fund's. That never changes, so
// it may be remembered, and a command on a thing that was just made here needs no read model.
type homes struct {
	streams *lru.Cache[uuid.UUID, uuid.UUID]
}

func newHomes() *homes {
	streams, err := lru.New[uuid.UUID, uuid.UUID](maxHomes)
	if err != nil {
		panic(err) // only for a size below 1
	}
	return &homes{streams}
}

func (h *homes) get(thing uuid.UUID) (uuid.UUID, bool) { return h.streams.Get(thing) }

func (h *homes) put(thing, stream uuid.UUID) { h.streams.Add(thing, stream) }
