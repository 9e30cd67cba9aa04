package embedded

import (
	"context"
	"fmt"
	"iter"

	"github.com/channelledger/channelledger/eventstore"
)

// Read yields a stream's events behind a revision, as the port says, up to its end when the reading begins.
// Errors: the context's, ErrClosed, ErrCorrupt with the stream and the revision.
func (s *Store) Read(ctx context.Context, stream string, after eventstore.Revision) iter.Seq2[eventstore.Recorded, error] {
	return func(yield func(eventstore.Recorded, error) bool) {
		if _, err := s.read(ctx, stream, after, yield); err != nil {
			yield(eventstore.Recorded{}, err)
		}
	}
}

// read goes on page by page; more is false when the caller has enough.
func (s *Store) read(ctx context.Context, stream string, after eventstore.Revision, yield func(eventstore.Recorded, error) bool) (more bool, err error) {
	if len(stream) > eventstore.MaxStreamName || after < eventstore.NoStream {
		return false, fmt.Errorf("read stream of %d bytes behind revision %d: no stream has such", len(stream), after)
	}
	to, _ := s.progress.now()
	page := page{store: s}
	for {
		if err := page.readStream(stream, after, to); err != nil || len(page.events) == 0 {
			return false, err
		}
		for _, e := range page.events {
			if err := ctx.Err(); err != nil {
				return false, err
			}
			if !yield(e, nil) {
				return false, nil
			}
			after = e.Revision
		}
	}
}

// isRetry reports whether the events recorded behind the request's expected revision are exactly its own, and the position of the last.
func (s *Store) isRetry(r *request) (last uint64, same bool, err error) {
	found := 0
	err = s.scanStream(r.stream, r.expected, maxPosition, func(position uint64, v view) bool {
		same = v.id() == recordID(r.records[found])
		last = position
		found++
		return same && found < len(r.records)
	})
	return last, same && found == len(r.records), err
}

// page is what is read at a time, and the room for it.
type page struct {
	store  *Store
	events []eventstore.Recorded
	bytes  int
}

func (p *page) clear() {
	clear(p.events)
	p.events, p.bytes = p.events[:0], 0
}

func (p *page) full() bool { return len(p.events) == pageEvents || p.bytes >= pageBytes }

func (p *page) add(e eventstore.Recorded) {
	p.events = append(p.events, e)
	p.bytes += len(e.Data) + len(e.Metadata)
}

// readStream fills the page with a stream's events behind a revision; it stays empty at the end.
func (p *page) readStream(stream string, after eventstore.Revision, to uint64) error {
	p.clear()
	end, err := p.store.beginRead()
	if err != nil {
		return err
	}
	defer end()
	return p.store.scanStream(stream, after, to, func(position uint64, v view) bool {
		e, _ := v.recorded(p.store.position(position), nil)
		p.add(e)
		return !p.full()
	})
}

// readLog fills the page with the events that the filter lets pass, and says up to where it looked.
func (p *page) readLog(after, to uint64, filter eventstore.Filter) (reached uint64, err error) {
	p.clear()
	end, err := p.store.beginRead()
	if err != nil {
		return after, err
	}
	defer end()
	reached = after
	err = p.store.scanLog(after, to, func(position uint64, v view) bool {
		reached = position
		if e, kept := v.recorded(p.store.position(position), filter.Match); kept {
			p.add(e)
		}
		return !p.full() && reached-after < pageScan
	})
	return reached, err
}
