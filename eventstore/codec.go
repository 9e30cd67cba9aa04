package eventstore

import (
	"bytes"
	stdjson "encoding/json"
	"fmt"

	"github.com/goccy/go-json"

	"github.com/channelledger/channelledger/domain"
)

// Codec turns events into the bytes that a store keeps, and back: it knows every type, applies upcasts and seals what is
// marked personal. Bytes once written are never written again, so encoding is the standard library's; decoding, which a
// rebuild does a million times, is goccy's.
type Codec struct {
	types map[string]typeCodec
	keys  Keyring
}

type typeCodec struct {
	domain.Type
	sealed []sealedField
}

// NewCodec knows the types given, and seals with the keyring.
// Errors: a type named twice, or one whose personal fields name no subject.
func NewCodec(keys Keyring, types ...[]domain.Type) (*Codec, error) {
	c := &Codec{types: map[string]typeCodec{}, keys: keys}
	for _, list := range types {
		for _, t := range list {
			if _, twice := c.types[t.Name]; twice {
				return nil, fmt.Errorf("event type %s is registered twice", t.Name)
			}
			sealed, err := sealedFields(t.New())
			if err != nil {
				return nil, fmt.Errorf("event type %s: %w", t.Name, err)
			}
			c.types[t.Name] = typeCodec{Type: t, sealed: sealed}
		}
	}
	return c, nil
}

// Knows reports whether events of that type can be decoded.
func (c *Codec) Knows(eventType string) bool {
	_, ok := c.types[eventType]
	return ok
}

// Encode makes the index-th event of a command on a stream ready to be appended. Equal input gives equal bytes and ids.
// Errors: an unknown type, a key that could not be made durable, ErrInvalid for an event that leaves no room to be copied.
func (c *Codec) Encode(stream string, index int, event domain.Event, metadata domain.Metadata) (Proposed, error) {
	t, ok := c.types[event.EventType()]
	if !ok {
		return Proposed{}, fmt.Errorf("encode: unknown event type %s", event.EventType())
	}
	p := Proposed{ID: domain.EventID(metadata.CommandID, stream, index), Type: t.Name}
	value, err := seal(event, t.sealed, p.ID, c.keys)
	if err != nil {
		return Proposed{}, fmt.Errorf("encode %s: %w", t.Name, err)
	}
	if p.Data, err = marshal(value); err != nil {
		return Proposed{}, fmt.Errorf("encode %s: %w", t.Name, err)
	}
	if p.Metadata, err = marshal(metadata.Beside(event)); err != nil {
		return Proposed{}, fmt.Errorf("encode metadata of %s: %w", t.Name, err)
	}
	if size := len(p.Type) + len(p.Data) + len(p.Metadata); size > maxEventBytes {
		return Proposed{}, fmt.Errorf("%w: encode %s: %d bytes, want at most %d", ErrInvalid, t.Name, size, maxEventBytes)
	}
	return p, nil
}

// Decode reads a recorded event: the newest shape of it, in plain text as far as keys are there, and its envelope; of a
// copied one as it was first recorded.
// Errors: an unknown type, or bytes that are no such event; the message names stream and revision.
func (c *Codec) Decode(r Recorded) (domain.Event, domain.Envelope, error) {
	r = Original(r)
	envelope := domain.Envelope{
		EventID: r.ID, Type: r.Type, Stream: r.Stream, Revision: int64(r.Revision), RecordedAt: r.RecordedAt,
	}
	t, ok := c.types[r.Type]
	if !ok {
		return nil, envelope, fmt.Errorf("decode %s@%d: unknown event type %s", r.Stream, r.Revision, r.Type)
	}
	value := t.New()
	if err := json.Unmarshal(r.Data, value); err != nil {
		return nil, envelope, fmt.Errorf("decode %s@%d, %s: %w", r.Stream, r.Revision, r.Type, err)
	}
	if err := json.Unmarshal(r.Metadata, &envelope.Metadata); err != nil {
		return nil, envelope, fmt.Errorf("decode metadata of %s@%d, %s: %w", r.Stream, r.Revision, r.Type, err)
	}
	if err := unseal(value, t.sealed, r.ID, c.keys); err != nil {
		return nil, envelope, fmt.Errorf("decode %s@%d, %s: %w", r.Stream, r.Revision, r.Type, err)
	}
	return t.Value(value), envelope, nil
}

// marshal writes JSON without HTML escapes: what people wrote is what the log shows.
func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := stdjson.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}
