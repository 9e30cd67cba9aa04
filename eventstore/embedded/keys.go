package embedded

import (
	"encoding/binary"
	"math"

	"github.com/channelledger/channelledger/eventstore"
)

// Keys. All numbers are big-endian, so that keys sort as the numbers do.
//
//	a <position 8>                          the log: a record
//	m/<name>                                about the log itself
//	s <length 2> <stream> <revision 8>      a stream's index: the position, as a uvarint
//
// The length keeps one stream's entries apart from those of a stream whose name goes on where this one's ends.
const (
	logPrefix    = 'a'
	streamPrefix = 's'
	formatKey    = "m/format"
	originKey    = "m/origin"

	lastRevision = eventstore.Revision(math.MaxInt64) // bounds a stream's index; no event ever has it
	maxPosition  = math.MaxUint64 - 1                 // behind every event
)

func logKey(dst []byte, position uint64) []byte {
	return binary.BigEndian.AppendUint64(append(dst[:0], logPrefix), position)
}

// logPosition is the position in a key of the log.
func logPosition(key []byte) (position uint64, ok bool) {
	if len(key) != 9 || key[0] != logPrefix {
		return 0, false
	}
	return binary.BigEndian.Uint64(key[1:]), true
}

func streamKey(dst []byte, stream string, revision eventstore.Revision) []byte {
	dst = binary.BigEndian.AppendUint16(append(dst[:0], streamPrefix), uint16(len(stream)))
	return binary.BigEndian.AppendUint64(append(dst, stream...), uint64(revision))
}

// streamRevision is the revision in a key of a stream's index.
func streamRevision(key []byte) eventstore.Revision {
	return eventstore.Revision(binary.BigEndian.Uint64(key[len(key)-8:]))
}
