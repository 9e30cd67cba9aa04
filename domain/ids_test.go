package domain

import (
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func anyUUID() *rapid.Generator[uuid.UUID] {
	return rapid.Custom(func(t *rapid.T) uuid.UUID {
		return uuid.UUID(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "bytes"))
	})
}

// These ids are in ledgers: a change here breaks every retry, everywhere. Python's uuid.uuid5 computed them.
func TestDerivedIDsAreFrozen(t *testing.T) {
	command := CommandID("importer-1", "key-1")
	for want, got := range map[string]uuid.UUID{
		"4cfa912d-fc5d-5940-92b4-3a11429bd00f": DeriveID(),
		"ce816c21-e5a7-5014-b1ce-f7ffdc5623d8": command,
		"a97921b1-b569-58a4-8efd-017a0a5445d5": EventID(command, "account-1", 0),
		"eef852b5-3eb1-51d8-9b04-462fceb16359": EntityID(command, "account-1", "deal"),
		"8ed82c33-0abb-5b35-84f3-aedfd6e8c1e4": ReactionID("expiry", command, "release"),
	} {
		require.Equal(t, want, got.String())
		require.Equal(t, uuid.Version(5), got.Version())
	}
}

func TestDerivedIDsTellTheirPartsApart(t *testing.T) {
	require.NotEqual(t, DeriveID("ab", "c"), DeriveID("a", "bc"))
	require.NotEqual(t, DeriveID("a", ""), DeriveID("a"))
	require.NotEqual(t, DeriveID("1:a"), DeriveID("a"))
	command := CommandID("a", "b")
	require.NotEqual(t, EventID(command, "s", 1), EventID(command, "s", 11))
	require.NotEqual(t, EventID(command, "s", 0), EntityID(command, "s", "0"))
	rapid.Check(t, func(t *rapid.T) {
		a, b := rapid.SliceOf(rapid.String()).Draw(t, "a"), rapid.SliceOf(rapid.String()).Draw(t, "b")
		equal := len(a) == len(b)
		for i := 0; equal && i < len(a); i++ {
			equal = a[i] == b[i]
		}
		require.Equal(t, equal, DeriveID(a...) == DeriveID(b...))
	})
}

func TestParseStreamReadsWhatStreamNameWrites(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		category := rapid.StringMatching(`[a-z_]+`).Draw(t, "category")
		id := anyUUID().Draw(t, "id")
		gotCategory, gotID, err := ParseStream(StreamName(category, id))
		require.NoError(t, err)
		require.Equal(t, category, gotCategory)
		require.Equal(t, id, gotID, "the id keeps its own hyphens")
	})
}

func TestParseStreamRefuses(t *testing.T) {
	for _, stream := range []string{
		"", "account", "account-", "-6f1f0b0e-5d0b-5f43-9d2b-0c6d5b8e3a11", "account-1", "$all",
		"account-6f1f0b0e-5d0b-5f43-9d2b", "account-x-6f1f0b0e-5d0b-5f43-9d2b-0c6d5b8e3a11",
	} {
		category, id, err := ParseStream(stream)
		require.ErrorContains(t, err, "want <category>-<uuid>", stream)
		require.Empty(t, category)
		require.Equal(t, uuid.Nil, id)
	}
}
