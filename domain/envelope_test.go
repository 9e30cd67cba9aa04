package domain

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestMetadataOfAHeader(t *testing.T) {
	command, cause, whole := DeriveID("command"), DeriveID("cause"), DeriveID("whole")
	h := Header{CommandID: command, RequestHash: "ab", Actor: desk, EffectiveAt: day(2).In(time.FixedZone("CET", 3600))}
	m := h.Metadata(Basis{Policies: []string{"conflict@1"}})
	require.Equal(t, Metadata{
		CorrelationID: command, CausationID: command, CommandID: command, RequestHash: "ab", Actor: desk,
		EffectiveAt: day(2), Basis: Basis{Policies: []string{"conflict@1"}},
	}, m, "a command without a cause is its own; times are UTC")

	h.CausationID, h.CorrelationID = cause, whole
	m = h.Metadata(Basis{})
	require.Equal(t, cause, m.CausationID)
	require.Equal(t, whole, m.CorrelationID)
}

// The names are those of domain.md; EventStoreDB's tools look for the two with a dollar sign.
func TestMetadataJSON(t *testing.T) {
	m := Header{CommandID: DeriveID("command"), RequestHash: "ab", Actor: timer, EffectiveAt: day(2)}.Metadata(
		Basis{Policies: []string{"conflict@1"}, DecidedFrom: []Source{{Stream: "program-1", Revision: -1}}})
	data, err := json.Marshal(m)
	require.NoError(t, err)
	id := DeriveID("command").String()
	require.JSONEq(t, `{"$correlationId":"`+id+`","$causationId":"`+id+`","command_id":"`+id+`","request_hash":"ab",
		"actor":{"id":"t","kind":"reactor"},"effective_at":"2026-01-02T00:00:00Z","policy":["conflict@1"],
		"decided_from":[{"stream":"program-1","revision":-1}]}`, string(data))
	var back Metadata
	require.NoError(t, json.Unmarshal(data, &back))
	require.Equal(t, m, back)
}
