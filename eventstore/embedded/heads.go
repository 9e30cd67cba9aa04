package embedded

import (
	"container/list"

	"github.com/channelledger/channelledger/eventstore"
)

// maxHeads bounds how many stream heads are remembered, about 200 B each.
const maxHeads = 1 << 16

// head is where a stream ends; a stream without events has revision NoStream and position 0.
type head struct {
	revision eventstore.Revision
	position uint64
}

// heads remembers the heads of the streams appended to last (LRU).
type heads struct {
	limit  int
	byName map[string]*list.Element
	recent *list.List // of *headEntry, the latest first
}

type headEntry struct {
	stream string
	head   head
}

func newHeads(limit int) *heads {
	return &heads{limit: limit, byName: map[string]*list.Element{}, recent: list.New()}
}

func (h *heads) get(stream string) (head, bool) {
	e, ok := h.byName[stream]
	if !ok {
		return head{}, false
	}
	h.recent.MoveToFront(e)
	return e.Value.(*headEntry).head, true
}

func (h *heads) put(stream string, at head) {
	if e, ok := h.byName[stream]; ok {
		e.Value.(*headEntry).head = at
		h.recent.MoveToFront(e)
		return
	}
	h.byName[stream] = h.recent.PushFront(&headEntry{stream, at})
	if h.recent.Len() > h.limit {
		oldest := h.recent.Remove(h.recent.Back()).(*headEntry)
		delete(h.byName, oldest.stream)
	}
}

// head is where a stream ends, the group being built included.
func (c *committer) head(stream string) (head, error) {
	if h, ok := c.heads.get(stream); ok {
		return h, nil
	}
	h, err := c.store.readHead(stream)
	if err == nil {
		c.heads.put(stream, h)
	}
	return h, err
}
