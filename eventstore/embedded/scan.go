package embedded

import (
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"github.com/cockroachdb/pebble/v2"

	"github.com/channelledger/channelledger/eventstore"
)

// A page is how much is read at a time. In between, nothing of Pebble is held: a slow caller blocks neither Close nor the
// removal of old files, and may append while it reads.
const (
	pageEvents = 2000
	pageBytes  = 1 << 20 // exceeded by one event at most
	pageScan   = 20_000  // records looked at, filtered out or not
)

// scanLog visits the records behind one position up to another, until visit has enough. A position without a record is an
// error, so that damage never looks like a short log.
func (s *Store) scanLog(after, to uint64, visit func(position uint64, v view) (more bool)) (err error) {
	it, err := s.db.NewIter(&pebble.IterOptions{LowerBound: logKey(nil, after+1), UpperBound: logKey(nil, to+1)})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, it.Close()) }()
	next := after + 1
	for valid := it.First(); valid; valid = it.Next() {
		position, ok := logPosition(it.Key())
		if !ok || position != next {
			break
		}
		v, err := recordAt(it)
		if err != nil {
			return fmt.Errorf("position %d: %w", position, err)
		}
		if next++; !visit(position, v) {
			return nil
		}
	}
	if err := it.Error(); err != nil {
		return fmt.Errorf("position %d: %w", next, damaged(err))
	}
	if next <= to {
		return fmt.Errorf("position %d: %w: no record", next, ErrCorrupt)
	}
	return nil
}

// scanStream visits a stream's records behind a revision, up to a position of the log, until visit has enough.
func (s *Store) scanStream(stream string, after eventstore.Revision, to uint64, visit func(position uint64, v view) (more bool)) (err error) {
	index, err := s.db.NewIter(&pebble.IterOptions{
		LowerBound: streamKey(nil, stream, after+1),
		UpperBound: streamKey(nil, stream, lastRevision),
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, index.Close()) }()
	log, err := s.db.NewIter(&pebble.IterOptions{LowerBound: logKey(nil, 0), UpperBound: logKey(nil, to+1)})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, log.Close()) }()

	revision := after + 1
	for valid := index.First(); valid; valid, revision = index.Next(), revision+1 {
		position, err := indexed(index, revision)
		if err != nil {
			return fmt.Errorf("stream %q, revision %d: %w", stream, revision, err)
		}
		if position > to {
			return nil
		}
		v, err := recordOf(log, position, stream, revision)
		if err != nil {
			return fmt.Errorf("stream %q, revision %d, position %d: %w", stream, revision, position, err)
		}
		if !visit(position, v) {
			return nil
		}
	}
	if err := index.Error(); err != nil {
		return fmt.Errorf("stream %q, revision %d: %w", stream, revision, damaged(err))
	}
	return nil
}

// indexed is the position in the index entry that the iterator stands on, which must be that of the revision.
func indexed(index *pebble.Iterator, want eventstore.Revision) (uint64, error) {
	if revision := streamRevision(index.Key()); revision != want {
		return 0, fmt.Errorf("%w: the index goes on with revision %d", ErrCorrupt, revision)
	}
	value, err := index.ValueAndErr()
	if err != nil {
		return 0, damaged(err)
	}
	position, n := binary.Uvarint(value)
	if n <= 0 || n != len(value) {
		return 0, fmt.Errorf("%w: index entry without a position", ErrCorrupt)
	}
	return position, nil
}

// recordOf is the record at a position, which must be that event of that stream.
func recordOf(log *pebble.Iterator, position uint64, stream string, revision eventstore.Revision) (view, error) {
	valid := log.SeekGE(logKey(nil, position))
	if err := log.Error(); err != nil {
		return view{}, damaged(err)
	}
	if !valid {
		return view{}, fmt.Errorf("%w: no record", ErrCorrupt)
	}
	if found, ok := logPosition(log.Key()); !ok || found != position {
		return view{}, fmt.Errorf("%w: no record", ErrCorrupt)
	}
	v, err := recordAt(log)
	if err == nil && (v.revision() != revision || string(v.stream()) != stream) {
		err = fmt.Errorf("%w: the record is of stream %q, revision %d", ErrCorrupt, v.stream(), v.revision())
	}
	return v, err
}

// recordAt takes apart the record that the iterator stands on.
func recordAt(log *pebble.Iterator) (view, error) {
	value, err := log.ValueAndErr()
	if err != nil {
		return view{}, damaged(err)
	}
	return parse(value)
}

// logEnd is the last position and its time; both zero for an empty log.
func (s *Store) logEnd() (position uint64, at time.Time, err error) {
	it, err := s.db.NewIter(&pebble.IterOptions{LowerBound: logKey(nil, 0), UpperBound: []byte{logPrefix + 1}})
	if err != nil {
		return 0, at, err
	}
	defer func() { err = errors.Join(err, it.Close()) }()
	if !it.Last() {
		return 0, at, damaged(it.Error())
	}
	position, ok := logPosition(it.Key())
	if !ok {
		return 0, at, fmt.Errorf("%w: key %x in the log", ErrCorrupt, it.Key())
	}
	v, err := recordAt(it)
	if err != nil {
		return 0, at, fmt.Errorf("position %d: %w", position, err)
	}
	return position, v.recordedAt(), nil
}

// readHead is where a stream ends, by its index.
func (s *Store) readHead(stream string) (h head, err error) {
	it, err := s.db.NewIter(&pebble.IterOptions{LowerBound: streamKey(nil, stream, 0), UpperBound: streamKey(nil, stream, lastRevision)})
	if err != nil {
		return h, err
	}
	defer func() { err = errors.Join(err, it.Close()) }()
	if !it.Last() {
		return head{revision: eventstore.NoStream}, damaged(it.Error())
	}
	h.revision = streamRevision(it.Key())
	if h.position, err = indexed(it, h.revision); err != nil {
		return h, fmt.Errorf("stream %q, revision %d: %w", stream, h.revision, err)
	}
	return h, nil
}
