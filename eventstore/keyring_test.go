package eventstore_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/eventstore"
)

func TestAKeyOutlivesTheProcess(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keyring")
	ring, err := eventstore.OpenKeyring(path, "emb-1", true)
	require.NoError(t, err)
	_, err = ring.Key(seller)
	require.ErrorIs(t, err, eventstore.ErrNoKey)
	key, err := ring.Ensure(seller)
	require.NoError(t, err)
	require.NoError(t, ring.Close())

	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, fs.FileMode(0o600), info.Mode().Perm())

	ring, err = eventstore.OpenKeyring(path, "emb-1", false)
	require.NoError(t, err)
	again, err := ring.Ensure(seller)
	require.NoError(t, err)
	require.Equal(t, key, again)
	require.NoError(t, ring.Close())
}

func TestALedgerDoesNotStartWithoutItsKeyring(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keyring")
	_, err := eventstore.OpenKeyring(path, "emb-1", false)
	require.ErrorIs(t, err, fs.ErrNotExist)

	ring, err := eventstore.OpenKeyring(path, "emb-1", true)
	require.NoError(t, err)
	require.NoError(t, ring.Close())
	_, err = eventstore.OpenKeyring(path, "emb-2", false)
	require.ErrorContains(t, err, "not the keyring of this log")
}

func TestAHalfWrittenKeyIsCutOffAndADamagedOneIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keyring")
	ring, err := eventstore.OpenKeyring(path, "emb-1", true)
	require.NoError(t, err)
	key, err := ring.Ensure(seller)
	require.NoError(t, err)
	require.NoError(t, ring.Close())
	whole, err := os.ReadFile(path)
	require.NoError(t, err)

	require.NoError(t, os.WriteFile(path, append(whole, "6f1f0b0e-5d0b"...), 0o600))
	ring, err = eventstore.OpenKeyring(path, "emb-1", false)
	require.NoError(t, err)
	again, err := ring.Key(seller)
	require.NoError(t, err)
	require.Equal(t, key, again)
	require.NoError(t, ring.Close())

	require.NoError(t, os.WriteFile(path, append(whole, "damaged\n"...), 0o600))
	_, err = eventstore.OpenKeyring(path, "emb-1", false)
	require.ErrorContains(t, err, "line 3 is damaged")
}
