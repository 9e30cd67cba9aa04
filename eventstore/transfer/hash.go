package transfer

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash"

	"github.com/channelledger/channelledger/eventstore"
)

// Sum is what two copies of a ledger have in common, wherever they are.
type Sum struct {
	Events  uint64
	Streams int
	SHA256  string // hex, over every event in the log's order
}

// String says it in a line.
func (s Sum) String() string {
	return fmt.Sprintf("%d events in %d streams, SHA-256 %s", s.Events, s.Streams, s.SHA256)
}

// Hash reads a ledger up to its end. The hash goes over every event in the log's order: stream, revision, id, type, data,
// metadata without the copy's key, and the time it was first recorded at. Each of stream, type, data and metadata follows its
// length in bytes; the numbers, and the time in nanoseconds since 1970, are 8 bytes, big end first; the id is its 16 bytes.
// progress may be nil. Errors: those of the store.
func Hash(ctx context.Context, side Side, progress func(events uint64)) (Sum, error) {
	d := newDigest()
	for m, err := range past(ctx, side) {
		if err != nil {
			return Sum{}, err
		}
		if m.Kind != eventstore.Appeared {
			continue
		}
		d.add(m.Event)
		if progress != nil {
			progress(d.events)
		}
	}
	return d.sum(), nil
}

// digest is a hash on its way.
type digest struct {
	hash    hash.Hash
	events  uint64
	streams int
	text    []byte // of the event at hand
}

func newDigest() *digest { return &digest{hash: sha256.New()} }

func (d *digest) add(r eventstore.Recorded) {
	d.events++
	if r.Revision == 0 {
		d.streams++
	}
	d.text = d.text[:0]
	d.put([]byte(r.Stream))
	d.text = binary.BigEndian.AppendUint64(d.text, uint64(r.Revision))
	d.text = append(d.text, r.ID[:]...)
	d.put([]byte(r.Type))
	d.put(r.Data)
	d.put(r.Metadata)
	d.text = binary.BigEndian.AppendUint64(d.text, uint64(r.RecordedAt.UnixNano()))
	_, _ = d.hash.Write(d.text) // it never fails
}

func (d *digest) put(field []byte) {
	d.text = binary.BigEndian.AppendUint64(d.text, uint64(len(field)))
	d.text = append(d.text, field...)
}

func (d *digest) sum() Sum {
	return Sum{Events: d.events, Streams: d.streams, SHA256: hex.EncodeToString(d.hash.Sum(nil))}
}
