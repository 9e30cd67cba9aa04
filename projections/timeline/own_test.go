package timeline_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/mdf"
	"github.com/channelledger/channelledger/domain/partner"
	"github.com/channelledger/channelledger/domain/rebate"
	"github.com/channelledger/channelledger/eventstore"
	"github.com/channelledger/channelledger/eventstore/embedded"
	"github.com/channelledger/channelledger/projections"
	"github.com/channelledger/channelledger/projections/timeline"
)

// internalOfOwn is all that a partner doesn't see of events about its own fund, rebate and record: what the vendor's people
// told each other.
var internalOfOwn = map[string][]string{
	"mdf.duplicate_overridden.v1":         {"reason"},
	"mdf.request_first_approved.v1":       {"reason"},
	"mdf.claim_first_approved.v1":         {"reason"},
	"rebate.first_approved.v1":            {"reason"},
	"rebate.adjustment_first_approved.v1": {"reason"},
	"partner.payee_approved.v1":           {"verified"},
}

// TestOfItsOwnOnlyNotesAreWithheld goes over every field of every event of what is one partner's, by the frozen fixtures.
func TestOfItsOwnOnlyNotesAreWithheld(t *testing.T) {
	t.Parallel()
	own := domain.DeriveID("the partner")
	met := 0
	for _, x := range []struct {
		kind     timeline.Kind
		category string
		types    []domain.Type
		first    domain.Event // says whose the stream is
		folder   string
	}{
		{timeline.Fund, mdf.FundCategory, mdf.FundTypes(), mdf.FundCredited{}, "mdf"},
		{timeline.Agreement, rebate.Category, rebate.Types(), rebate.AgreementOpened{}, "rebate"},
		{timeline.Partner, partner.Category, partner.Types(), partner.Applied{}, "partner"},
	} {
		for _, typ := range x.types {
			stream := domain.StreamName(x.category, own)
			first, then := fixtureOf(t, x.folder, x.types, x.first.EventType(), own), fixtureOf(t, x.folder, x.types, typ.Name, own)
			told := tellOf(t, stream, timeline.Of(x.kind, own, own), own, x.types, first, then)
			last := told.Entries[len(told.Entries)-1]
			require.Equal(t, typ.Name, last.Type)
			var hidden []string
			leaves("", parsed(t, last.Data), func(path, leaf string) {
				if leaf == timeline.WithheldBy(timeline.RuleInternal) {
					hidden = append(hidden, path)
				}
			})
			require.Equal(t, internalOfOwn[typ.Name], slices.Compact(hidden), typ.Name)
			met += len(hidden)
		}
	}
	require.Equal(t, len(internalOfOwn), met)
}

// fixtureOf is a frozen event, as if it were the partner's.
func fixtureOf(t *testing.T, folder string, types []domain.Type, name string, own uuid.UUID) domain.Event {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("..", "..", "domain", folder, "testdata", "events", name+".json"))
	require.NoError(t, err)
	var of struct {
		PartnerID string `json:"partner_id"`
	}
	require.NoError(t, json.Unmarshal(raw, &of))
	if of.PartnerID != "" {
		raw = []byte(strings.ReplaceAll(string(raw), of.PartnerID, own.String()))
	}
	typ := types[slices.IndexFunc(types, func(x domain.Type) bool { return x.Name == name })]
	value := typ.New()
	require.NoError(t, json.Unmarshal(raw, value))
	return typ.Value(value)
}

// tellOf records events in a stream and tells the case for a partner.
func tellOf(
	t *testing.T, stream string, subject timeline.Subject, viewer uuid.UUID, types []domain.Type, events ...domain.Event,
) *timeline.Told {
	t.Helper()
	store, err := embedded.OpenMemory(embedded.Options{})
	require.NoError(t, err)
	defer func() { require.NoError(t, store.Close()) }()
	codec, err := eventstore.NewCodec(eventstore.NewMemoryKeyring(), types)
	require.NoError(t, err)
	var proposed []eventstore.Proposed
	for i, e := range events {
		by := domain.Actor{ID: "vera", Kind: domain.User}
		m := domain.Metadata{CommandID: domain.CommandID("own", "1"), Actor: by, EffectiveAt: time.Unix(1, 0).UTC()}
		p, err := codec.Encode(stream, i, e, m)
		require.NoError(t, err)
		proposed = append(proposed, p)
	}
	_, err = store.Append(t.Context(), stream, eventstore.NoStream, proposed)
	require.NoError(t, err)
	c, err := timeline.Gather(t.Context(), projections.Source{Store: store, Codec: codec}, subject, projections.Bounds{})
	require.NoError(t, err)
	return tell(t, c, timeline.Reader{Partner: viewer}, -1)
}
