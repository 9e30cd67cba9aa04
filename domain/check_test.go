package domain_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
)

func TestFirstOf(t *testing.T) {
	first, second := errors.New("first"), errors.New("second")
	require.NoError(t, domain.FirstOf(nil, nil))
	require.Equal(t, first, domain.FirstOf(nil, first, second))
}

func TestChecksNameTheirField(t *testing.T) {
	type word string
	for name, err := range map[string]error{
		"text": domain.AdmitOptionalText("field", " x", 10),
		"word": domain.AdmitOneOf("field", word("c"), "a", "b"),
		"id":   domain.AdmitID("field", uuid.Nil),
	} {
		r := domain.AsRejection(err)
		require.NotNil(t, r, name)
		require.Equal(t, domain.KindInvalid, r.Kind, name)
		require.Equal(t, "field", r.Field, name)
	}
	require.NoError(t, domain.AdmitOptionalText("field", "", 10))
	require.NoError(t, domain.AdmitOneOf("field", word("b"), "a", "b"))
	require.NoError(t, domain.AdmitID("field", domain.DeriveID("x")))
}

func TestAdmitAfter(t *testing.T) {
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	require.NoError(t, domain.AdmitAfter(domain.Header{EffectiveAt: at}, "approval", at))
	r := domain.AsRejection(domain.AdmitAfter(domain.Header{EffectiveAt: at.Add(-1)}, "approval", at))
	require.Equal(t, "out_of_order", r.Rule)
}

func TestAStepKeepsWhoDidIt(t *testing.T) {
	env := domain.Envelope{EventID: domain.DeriveID("e"), Metadata: domain.Metadata{Actor: domain.Actor{ID: "a", OnBehalfOf: "b"}}}
	step := domain.StepOf(env, "why")
	require.True(t, step.Taken())
	require.False(t, domain.Step{}.Taken())
	require.Equal(t, domain.Actor{ID: "a", OnBehalfOf: "b"}, step.Actor())
}
