package embedded

import (
	"encoding/binary"
	"errors"
	"time"

	"github.com/cockroachdb/pebble/v2"

	"github.com/channelledger/channelledger/eventstore"
)

// maxBatchBytes bounds what one sync carries: far below half a memtable, above which Pebble handles a batch differently.
const maxBatchBytes = 4 << 20

// committer is the one that decides and writes appends. Everything it holds is its own.
type committer struct {
	store  *Store
	clock  func() time.Time
	heads  *heads
	last   uint64    // the last position given
	lastAt time.Time // its RecordedAt
	key    []byte
}

func newCommitter(s *Store, clock func() time.Time, last uint64, lastAt time.Time) *committer {
	return &committer{store: s, clock: clock, heads: newHeads(maxHeads), last: last, lastAt: lastAt}
}

func (c *committer) run() {
	defer close(c.store.queue.drained)
	var requests []*request
	for open := true; open; {
		requests, open = c.store.queue.take(requests)
		for rest := requests; len(rest) > 0; {
			rest = rest[c.commit(rest):]
		}
	}
}

// group is what one sync will carry, and the answers that wait for it.
type group struct {
	batch   *pebble.Batch
	from    uint64 // the last position before it
	answers []answer
	err     error // of the batch itself
}

// commit decides requests in order until the group is full, writes and syncs what they add, and only then answers them:
// even a conflict or a retry may rest on an event that the same sync carries. It returns how many it answered.
func (c *committer) commit(requests []*request) int {
	g := &group{batch: c.store.db.NewBatch(), from: c.last}
	for _, r := range requests {
		a, decided := c.decide(g, r)
		if !decided {
			break
		}
		g.answers = append(g.answers, a)
		if g.batch.Len() > maxBatchBytes {
			break
		}
	}
	err := c.sync(g)
	for i, a := range g.answers {
		if err != nil {
			a = answer{err: err}
		}
		requests[i].answer <- a
	}
	return len(g.answers)
}

// decide holds an append against its stream. It doesn't where only a look at the recorded events can tell, and some of
// those still are in the group: they are read back once they are synced.
func (c *committer) decide(g *group, r *request) (a answer, decided bool) {
	if err := c.store.failure.err(); err != nil {
		return answer{err: err}, true
	}
	head, err := c.head(r.stream)
	switch {
	case err != nil:
		return answer{err: err}, true
	case r.expected == head.revision:
		return c.add(g, r), true
	case r.expected > head.revision:
		return answer{err: conflict(r, head.revision)}, true
	case head.position > g.from:
		return answer{}, false
	}
	position, same, err := c.store.isRetry(r)
	switch {
	case err != nil:
		return answer{err: err}, true
	case !same:
		return answer{err: conflict(r, head.revision)}, true
	}
	return c.appended(r, position), true
}

func conflict(r *request, current eventstore.Revision) error {
	return &eventstore.ConflictError{Stream: r.stream, Expected: r.expected, Current: current}
}

func (c *committer) appended(r *request, position uint64) answer {
	return answer{appended: eventstore.Appended{
		Revision: r.expected + eventstore.Revision(len(r.records)),
		Position: c.store.position(position),
	}}
}

// add gives the events their places and puts them into the group.
func (c *committer) add(g *group, r *request) answer {
	c.lastAt = later(c.lastAt, c.clock().Round(0).UTC())
	revision := r.expected
	for _, record := range r.records {
		revision++
		c.last++
		stamp(record, c.lastAt, revision)
		c.key = logKey(c.key, c.last)
		g.err = errors.Join(g.err, g.batch.Set(c.key, record, nil))
		c.key = streamKey(c.key, r.stream, revision)
		var position [binary.MaxVarintLen64]byte
		n := binary.PutUvarint(position[:], c.last)
		g.err = errors.Join(g.err, g.batch.Set(c.key, position[:n], nil))
	}
	c.heads.put(r.stream, head{revision: revision, position: c.last})
	return c.appended(r, c.last)
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// sync writes the group durably and shows it. After an error nothing is written or shown any more.
func (c *committer) sync(g *group) error {
	if g.batch.Empty() {
		return g.batch.Close()
	}
	if err := c.write(g); err != nil {
		c.store.failure.set(err)
		return c.store.failure.err()
	}
	c.store.progress.advance(c.last)
	return g.batch.Close()
}

func (c *committer) write(g *group) error {
	if g.err != nil {
		return g.err
	}
	// Waiting apart gives the sync's error back; Commit would call it fatal and go on.
	if err := c.store.db.ApplyNoSyncWait(g.batch, pebble.Sync); err != nil {
		return err
	}
	if err := c.store.failure.err(); err != nil { // then nobody may ever end the wait
		return err
	}
	return g.batch.SyncWait()
}
