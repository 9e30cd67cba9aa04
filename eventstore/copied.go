package eventstore

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"time"
)

// A store puts its own time on what it records. So that a copied event still tells when the ledger learned it, its metadata
// gets one last key, which every reader takes off again:
//
//	,"copied":{"recorded_at":"2026-03-01T12:00:00.123456700Z"}}
//
// It has one length and one place, so that looking for it costs a comparison. No other metadata ends like that: in a JSON
// text the quotes would be escaped.
const (
	copiedKey    = `"copied":{"recorded_at":"`
	copiedFormat = "2006-01-02T15:04:05.000000000Z"
	copiedEnd    = `"}}`
	copiedBytes  = len(copiedKey) + len(copiedFormat) + len(copiedEnd)
)

// maxEventBytes is what an event may have, so that it can be copied.
const maxEventBytes = MaxAppendBytes - copiedBytes

// Copied makes an event ready to be appended to another store: the same, with the time it was first recorded at.
// Errors: ErrInvalid for metadata that is no JSON object, and so none of a ledger's.
func Copied(r Recorded) (Proposed, error) {
	r = Original(r)
	head, ok := bytes.CutSuffix(r.Metadata, []byte("}"))
	marked := make([]byte, 0, len(head)+1+copiedBytes)
	marked = append(marked, head...)
	if len(head) > 1 {
		marked = append(marked, ',')
	}
	marked = append(marked, copiedKey...)
	marked = r.RecordedAt.UTC().AppendFormat(marked, copiedFormat)
	marked = append(marked, copiedEnd...)
	if !ok || !json.Valid(marked) {
		return Proposed{}, fmt.Errorf("%w: metadata of %s@%d is no JSON object in its shortest form", ErrInvalid, r.Stream, r.Revision)
	}
	r.Metadata = marked
	return r.Proposed, nil
}

// Original is an event as it was first recorded: where it was copied, without the copy's key, at the time that stands there.
func Original(r Recorded) Recorded {
	at := len(r.Metadata) - copiedBytes
	if at < 1 || !bytes.HasPrefix(r.Metadata[at:], []byte(copiedKey)) || !bytes.HasSuffix(r.Metadata, []byte(copiedEnd)) {
		return r
	}
	text := r.Metadata[at+len(copiedKey) : len(r.Metadata)-len(copiedEnd)]
	recordedAt, err := time.Parse(copiedFormat, string(text))
	if err != nil { // not what Copied writes
		return r
	}
	head := bytes.TrimSuffix(r.Metadata[:at], []byte(","))
	metadata := make([]byte, 0, len(head)+1)
	r.Metadata = append(append(metadata, head...), '}') // never in place: others may hold the same bytes
	r.RecordedAt = recordedAt
	return r
}

// Originals is a store that shows every event as it was first recorded: whoever bounds, folds or proves over it finds the
// same, wherever the log was copied to.
func Originals(s Store) Store { return originals{s} }

type originals struct{ Store }

// Read is the store's, with the original events.
func (o originals) Read(ctx context.Context, stream string, after Revision) iter.Seq2[Recorded, error] {
	return func(yield func(Recorded, error) bool) {
		for r, err := range o.Store.Read(ctx, stream, after) {
			if !yield(Original(r), err) {
				return
			}
		}
	}
}

// Follow is the store's, with the original events.
func (o originals) Follow(ctx context.Context, after Position, filter Filter) iter.Seq2[Message, error] {
	return func(yield func(Message, error) bool) {
		for m, err := range o.Store.Follow(ctx, after, filter) {
			if m.Kind == Appeared {
				m.Event = Original(m.Event)
			}
			if !yield(m, err) {
				return
			}
		}
	}
}

// Head is where the log ends. Errors: errors.ErrUnsupported for a store that can't tell.
func (o originals) Head(ctx context.Context) (Position, error) {
	if store, ok := o.Store.(interface {
		Head(context.Context) (Position, error)
	}); ok {
		return store.Head(ctx)
	}
	return Position{}, errors.ErrUnsupported
}
