package projections

import (
	"context"
	"runtime"
	"sync"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/eventstore"
)

// A chunk is big enough to make handing it over cheap, and small enough that a few of them are little memory.
const (
	chunkEvents = 256
	chunkBytes  = 256 << 10
)

// chunk is a piece of the log on its way through the pipeline: scanned, then decoded, then applied.
type chunk struct {
	messages []eventstore.Message // Appeared and Checkpoint, in order
	decoded  []decoded            // beside the messages
	last     bool                 // the bound or the end of the log was reached behind it
	err      error                // the scan failed behind it
	ready    chan struct{}        // closed when it is decoded
}

type decoded struct {
	event    domain.Event
	envelope domain.Envelope
	err      error
}

// span is what a scan yields: the log behind a position, of these types, within the bounds.
type span struct {
	after  eventstore.Position
	types  []string
	bounds Bounds
	events int // of a chunk, at most
}

// scan yields a span in order, decoded in parallel, until the bound or the log's end. The chunk that is last, or has an
// error, ends it. The caller ends ctx when it has enough, and then waits.
func (s Source) scan(ctx context.Context, of span) (chunks <-chan *chunk, wait func()) {
	workers := runtime.GOMAXPROCS(0)
	ordered := make(chan *chunk, 4*workers)
	work := make(chan *chunk, 4*workers)
	var group sync.WaitGroup
	group.Go(func() {
		defer close(ordered)
		defer close(work)
		s.read(ctx, of, func(c *chunk) bool {
			return send(ctx, work, c) && send(ctx, ordered, c)
		})
	})
	for range workers {
		group.Go(func() {
			for c := range work {
				s.decodeChunk(c)
			}
		})
	}
	return ordered, group.Wait
}

func send(ctx context.Context, to chan<- *chunk, c *chunk) bool {
	select {
	case to <- c:
		return true
	case <-ctx.Done():
		return false
	}
}

// read cuts the log into chunks.
func (s Source) read(ctx context.Context, of span, emit func(*chunk) bool) {
	c, size := newChunk(of.events), 0
	for m, err := range s.Store.Follow(ctx, of.after, eventstore.Filter{Categories: s.Categories, Types: of.types}) {
		if c.err = err; err == nil {
			c.last = m.Kind == eventstore.CaughtUp || of.bounds.over(m)
		}
		if c.err != nil || c.last {
			emit(c)
			return
		}
		c.messages = append(c.messages, m)
		size += len(m.Event.Data) + len(m.Event.Metadata)
		if len(c.messages) < of.events && size < chunkBytes {
			continue
		}
		if !emit(c) {
			return
		}
		c, size = newChunk(of.events), 0
	}
}

func newChunk(events int) *chunk {
	return &chunk{messages: make([]eventstore.Message, 0, events), ready: make(chan struct{})}
}

func (s Source) decodeChunk(c *chunk) {
	defer close(c.ready)
	c.decoded = make([]decoded, len(c.messages))
	for i, m := range c.messages {
		if m.Kind == eventstore.Appeared {
			d := &c.decoded[i]
			d.event, d.envelope, d.err = s.decode(m.Event)
		}
	}
}
