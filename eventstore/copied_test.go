package eventstore_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/eventstore"
	"github.com/channelledger/channelledger/eventstore/embedded"
)

func copyOf(metadata string, at time.Time) eventstore.Recorded {
	return eventstore.Recorded{Proposed: eventstore.Proposed{Metadata: []byte(metadata)}, RecordedAt: at}
}

func TestACopyTellsWhenItWasFirstRecorded(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		at := time.Unix(0, rapid.Int64Range(0, 1<<62).Draw(t, "at")).UTC()
		text := rapid.SampledFrom([]string{
			`{}`, `{"a":1}`, `{"a":{}}`, `{"a":"}"}`, `{"a":[{"copied":{"recorded_at":"2026-03-01T12:00:00.000000000Z"}}]}`,
			`{"actor":"\"copied\":{\"recorded_at\":\"2026-03-01T12:00:00.000000000Z\"}}"}`,
		}).Draw(t, "metadata")
		first := copyOf(text, at)
		require.Equal(t, first, eventstore.Original(first))
		for range rapid.IntRange(1, 3).Draw(t, "copies") { // a copy of a copy is one
			copied, err := eventstore.Copied(first)
			require.NoError(t, err)
			require.True(t, len(copied.Metadata) > len(text) && len(copied.Metadata) <= len(text)+60)
			later := eventstore.Recorded{Proposed: copied, RecordedAt: at.Add(time.Hour)}
			require.Equal(t, copyOf(text, at), eventstore.Original(later))
			first = later
		}
	})
}

func TestTheCopysKeyIsFrozen(t *testing.T) {
	at := time.Date(2026, 3, 1, 12, 0, 0, 123_456_700, time.UTC)
	p, err := eventstore.Copied(copyOf(`{"command_id":"x"}`, at))
	require.NoError(t, err)
	require.Equal(t, `{"command_id":"x","copied":{"recorded_at":"2026-03-01T12:00:00.123456700Z"}}`, string(p.Metadata)) //nolint:testifylint // the bytes are frozen
	p, err = eventstore.Copied(copyOf(`{}`, at))
	require.NoError(t, err)
	require.Equal(t, `{"copied":{"recorded_at":"2026-03-01T12:00:00.123456700Z"}}`, string(p.Metadata)) //nolint:testifylint // the bytes are frozen
}

func TestMetadataThatNoLedgerWritesIsNotCopied(t *testing.T) {
	for _, text := range []string{"", "}", "{", "[1]", "null", `"}`, `{ }`, `{"a":1} `, `{"a"}`, `x}`} {
		_, err := eventstore.Copied(copyOf(text, time.Now()))
		require.ErrorIs(t, err, eventstore.ErrInvalid, text)
	}
}

func TestACopyIsDecodedAsItWasFirstRecorded(t *testing.T) {
	log, err := embedded.OpenMemory(embedded.Options{})
	require.NoError(t, err)
	defer func() { require.NoError(t, log.Close()) }()
	codec, err := eventstore.NewCodec(eventstore.NewMemoryKeyring(), purseDecider().Types)
	require.NoError(t, err)
	at := time.Date(2026, 3, 1, 12, 0, 0, 1, time.UTC)
	p, err := codec.Encode("purse-1", 0, paid{3}, domain.Metadata{CommandID: uuid.New(), EffectiveAt: at})
	require.NoError(t, err)
	copied, err := eventstore.Copied(eventstore.Recorded{Proposed: p, Stream: "purse-1", RecordedAt: at})
	require.NoError(t, err)
	last, err := log.Append(t.Context(), "purse-1", eventstore.NoStream, []eventstore.Proposed{copied})
	require.NoError(t, err)

	for raw, err := range log.Read(t.Context(), "purse-1", eventstore.NoStream) {
		require.NoError(t, err)
		require.NotEqual(t, at, raw.RecordedAt)
		e, envelope, err := codec.Decode(raw)
		require.NoError(t, err)
		require.Equal(t, paid{3}, e)
		require.Equal(t, at, envelope.RecordedAt)
	}
	originals := eventstore.Originals(log)
	for r, err := range originals.Read(t.Context(), "purse-1", eventstore.NoStream) {
		require.NoError(t, err)
		require.Equal(t, at, r.RecordedAt)
		require.Equal(t, p, r.Proposed)
	}
	for m, err := range originals.Follow(t.Context(), eventstore.Position{}, eventstore.Filter{}) {
		require.NoError(t, err)
		require.Equal(t, at, m.Event.RecordedAt)
		break
	}
	head, err := originals.(interface {
		Head(context.Context) (eventstore.Position, error)
	}).Head(t.Context())
	require.NoError(t, err)
	require.Equal(t, last.Position, head)
}

type note struct {
	Text string `json:"text"`
}

func (note) EventType() string { return "note.taken.v1" }

func TestAnEventLeavesRoomToBeCopied(t *testing.T) {
	codec, err := eventstore.NewCodec(eventstore.NewMemoryKeyring(), []domain.Type{domain.TypeOf[note]()})
	require.NoError(t, err)
	encode := func(size int) (eventstore.Proposed, error) {
		return codec.Encode("note-1", 0, note{Text: strings.Repeat("x", size)}, domain.Metadata{})
	}
	p, err := encode(1)
	require.NoError(t, err)
	room := eventstore.MaxAppendBytes - len(p.Type) - len(p.Data) - len(p.Metadata) + 1
	_, err = encode(room)
	require.ErrorIs(t, err, eventstore.ErrInvalid)
	p, err = encode(room - 60)
	require.NoError(t, err)
	p, err = eventstore.Copied(eventstore.Recorded{Proposed: p, RecordedAt: time.Now()})
	require.NoError(t, err)
	require.NoError(t, eventstore.CheckAppend("note-1", eventstore.NoStream, []eventstore.Proposed{p}))
}
