package eventstore_test

import (
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/eventstore"
)

type sellerAdded struct {
	SellerID uuid.UUID       `json:"seller_id"`
	Name     domain.Personal `json:"name" subject:"seller_id"`
	Email    domain.Personal `json:"email,omitempty" subject:"seller_id"`
	Note     string          `json:"note"`
}

func (sellerAdded) EventType() string { return "test.seller_added.v1" }

type sellerAddedV0 struct {
	SellerID uuid.UUID `json:"seller_id"`
}

func (sellerAddedV0) EventType() string { return "test.seller_added.v0" }

type orphan struct {
	Name domain.Personal `json:"name"`
}

func (orphan) EventType() string { return "test.orphan.v1" }

type nested struct {
	People []struct {
		ID   uuid.UUID       `json:"id"`
		Name domain.Personal `json:"name" subject:"id"`
	} `json:"people"`
}

func (nested) EventType() string { return "test.nested.v1" }

var (
	seller   = domain.DeriveID("test", "seller")
	metadata = domain.Metadata{CommandID: domain.DeriveID("test", "command")}
)

func newCodec(t *testing.T, keys eventstore.Keyring) *eventstore.Codec {
	t.Helper()
	codec, err := eventstore.NewCodec(keys, []domain.Type{
		domain.TypeOf[sellerAdded](),
		domain.Upcast(func(old sellerAddedV0) sellerAdded { return sellerAdded{SellerID: old.SellerID, Note: "upcast"} }),
	})
	require.NoError(t, err)
	return codec
}

func recorded(p eventstore.Proposed) eventstore.Recorded {
	return eventstore.Recorded{Proposed: p, Stream: "partner-1"}
}

func TestPersonalTextIsSealedOnTheWireAndPlainAfterwards(t *testing.T) {
	keys := eventstore.NewMemoryKeyring()
	codec := newCodec(t, keys)
	event := sellerAdded{SellerID: seller, Name: "Ada Lovelace", Note: "kept <plain>"}

	p, err := codec.Encode("partner-1", 0, event, metadata)
	require.NoError(t, err)
	require.NotContains(t, string(p.Data), "Ada")
	require.Contains(t, string(p.Data), `"note":"kept <plain>"`)

	again, err := codec.Encode("partner-1", 0, event, metadata)
	require.NoError(t, err)
	require.Equal(t, p, again, "a retry must be the same append, byte for byte")

	back, _, err := codec.Decode(recorded(p))
	require.NoError(t, err)
	require.Equal(t, event, back)
}

func TestTheSameTextIsSealedDifferentlyElsewhere(t *testing.T) {
	codec := newCodec(t, eventstore.NewMemoryKeyring())
	event := sellerAdded{SellerID: seller, Name: "same", Email: "same"}
	first, err := codec.Encode("partner-1", 0, event, metadata)
	require.NoError(t, err)
	second, err := codec.Encode("partner-1", 1, event, metadata)
	require.NoError(t, err)
	require.NotEqual(t, first.Data, second.Data)
	moved := recorded(second)
	moved.Data = first.Data
	_, _, err = codec.Decode(moved)
	require.ErrorContains(t, err, "unseal name", "sealed text is bound to its event")
}

func TestWithoutTheKeyPersonalTextReadsAsErased(t *testing.T) {
	p, err := newCodec(t, eventstore.NewMemoryKeyring()).Encode("partner-1", 0, sellerAdded{SellerID: seller, Name: "Ada"}, metadata)
	require.NoError(t, err)
	back, _, err := newCodec(t, eventstore.NewMemoryKeyring()).Decode(recorded(p))
	require.NoError(t, err)
	require.Equal(t, sellerAdded{SellerID: seller, Name: domain.Erased}, back)
}

func TestAnOldVersionIsReadAsTheCurrentOne(t *testing.T) {
	codec := newCodec(t, eventstore.NewMemoryKeyring())
	p, err := codec.Encode("partner-1", 0, sellerAddedV0{SellerID: seller}, metadata)
	require.NoError(t, err)
	back, envelope, err := codec.Decode(recorded(p))
	require.NoError(t, err)
	require.Equal(t, sellerAdded{SellerID: seller, Note: "upcast"}, back)
	require.Equal(t, "test.seller_added.v0", envelope.Type)
}

func TestPersonalTextThatCouldNotBeSealedIsRefusedAtTheStart(t *testing.T) {
	keys := eventstore.NewMemoryKeyring()
	_, err := eventstore.NewCodec(keys, []domain.Type{domain.TypeOf[orphan]()})
	require.ErrorContains(t, err, "must name the field with the subject's id")
	_, err = eventstore.NewCodec(keys, []domain.Type{domain.TypeOf[nested]()})
	require.ErrorContains(t, err, "must stand at the top")
	_, err = eventstore.NewCodec(keys, []domain.Type{domain.TypeOf[sellerAdded](), domain.TypeOf[sellerAdded]()})
	require.ErrorContains(t, err, "registered twice")
}

func FuzzDecode(f *testing.F) {
	codec, err := eventstore.NewCodec(eventstore.NewMemoryKeyring(), []domain.Type{domain.TypeOf[sellerAdded]()})
	require.NoError(f, err)
	f.Add([]byte(`{"seller_id":"6f1f0b0e-5d0b-5f43-9d2b-0c6d5b8e3a11","name":"sealed.v1.AAAA"}`), []byte(`{"effective_at":"2026-01-01T00:00:00Z"}`))
	f.Add([]byte(`null`), []byte(`[]`))
	f.Fuzz(func(_ *testing.T, data, meta []byte) {
		_, _, _ = codec.Decode(recorded(eventstore.Proposed{Type: "test.seller_added.v1", Data: data, Metadata: meta}))
	})
}
