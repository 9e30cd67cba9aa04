package embedded

import (
	"encoding/binary"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/eventstore"
)

// A record, the value at a position:
//
//	recorded at 8 (ns since 1970) · revision 8 · id 16 · length of type, of stream, of data (uvarints) · type stream data metadata
//
// The committer alone knows the first two, so they stand at a fixed place.
const (
	atID      = 16
	atLengths = atID + len(uuid.UUID{})
)

// encode is the record of an event on its way into a stream, without what the committer adds.
func encode(stream string, e eventstore.Proposed) []byte {
	size := atLengths + 3*binary.MaxVarintLen32 + len(e.Type) + len(stream) + len(e.Data) + len(e.Metadata)
	b := make([]byte, atLengths, size)
	copy(b[atID:], e.ID[:])
	b = binary.AppendUvarint(b, uint64(len(e.Type)))
	b = binary.AppendUvarint(b, uint64(len(stream)))
	b = binary.AppendUvarint(b, uint64(len(e.Data)))
	b = append(b, e.Type...)
	b = append(b, stream...)
	b = append(b, e.Data...)
	return append(b, e.Metadata...)
}

// stamp adds what only the committer knows.
func stamp(record []byte, at time.Time, revision eventstore.Revision) {
	binary.BigEndian.PutUint64(record, uint64(at.UnixNano()))
	binary.BigEndian.PutUint64(record[8:], uint64(revision))
}

// view is a record taken apart where it lies: valid as long as the bytes under it.
type view struct {
	head                 []byte // fixed fields
	names                []byte // type and stream
	body                 []byte // data and metadata
	typeLength, dataSize int
}

func parse(record []byte) (view, error) {
	if len(record) < atLengths {
		return view{}, fmt.Errorf("%w: %d bytes are no record", ErrCorrupt, len(record))
	}
	v := view{head: record[:atLengths]}
	rest := record[atLengths:]
	var lengths [3]uint64
	for i := range lengths {
		n, size := binary.Uvarint(rest)
		if size <= 0 || n > uint64(len(record)) {
			return view{}, fmt.Errorf("%w: record with a broken length", ErrCorrupt)
		}
		lengths[i], rest = n, rest[size:]
	}
	names := lengths[0] + lengths[1]
	if names+lengths[2] > uint64(len(rest)) {
		return view{}, fmt.Errorf("%w: record ends before its data", ErrCorrupt)
	}
	v.names, v.body = rest[:names], rest[names:]
	v.typeLength, v.dataSize = int(lengths[0]), int(lengths[2])
	return v, nil
}

func (v view) id() uuid.UUID { return recordID(v.head) }

func recordID(record []byte) uuid.UUID { return uuid.UUID(record[atID:atLengths]) }

func (v view) stream() []byte { return v.names[v.typeLength:] }

func (v view) revision() eventstore.Revision {
	return eventstore.Revision(binary.BigEndian.Uint64(v.head[8:]))
}

func (v view) recordedAt() time.Time {
	return time.Unix(0, int64(binary.BigEndian.Uint64(v.head))).UTC()
}

// recorded copies the event out, in two pieces: its names and its body. With keep, an event that it refuses isn't copied whole.
func (v view) recorded(position eventstore.Position, keep func(stream, eventType string) bool) (e eventstore.Recorded, kept bool) {
	names := string(v.names)
	e.Type, e.Stream = names[:v.typeLength], names[v.typeLength:]
	if keep != nil && !keep(e.Stream, e.Type) {
		return e, false
	}
	body := append([]byte(nil), v.body...)
	e.ID = v.id()
	e.Data = body[:v.dataSize:v.dataSize] // an append to one must not write into the other
	e.Metadata = body[v.dataSize:len(body):len(body)]
	e.Revision, e.Position, e.RecordedAt = v.revision(), position, v.recordedAt()
	return e, true
}
