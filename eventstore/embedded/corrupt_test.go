package embedded

import (
	"fmt"
	"strings"
	"testing"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/eventstore"
)

// TestDamageIsNeverAShortRead damages the third of five events, in a stream that holds every event of the log.
func TestDamageIsNeverAShortRead(t *testing.T) {
	record, index := logKey(nil, 3), streamKey(nil, "deal-1", 2)
	otherRecord := encode("deal-2", event("other"))
	cut := encode("deal-1", event("cut"))
	for name, c := range map[string]struct {
		damage      func(db *pebble.DB) error
		log, stream bool // who notices: Follow, Read
	}{
		"no record":           {func(db *pebble.DB) error { return db.Delete(record, nil) }, true, true},
		"an empty record":     {func(db *pebble.DB) error { return db.Set(record, nil, nil) }, true, true},
		"half a record":       {func(db *pebble.DB) error { return db.Set(record, cut[:len(cut)/2], nil) }, true, true},
		"wild lengths":        {func(db *pebble.DB) error { return db.Set(record, wild(), nil) }, true, true},
		"no index entry":      {func(db *pebble.DB) error { return db.Delete(index, nil) }, false, true},
		"an empty index":      {func(db *pebble.DB) error { return db.Set(index, nil, nil) }, false, true},
		"another's record":    {func(db *pebble.DB) error { return db.Set(record, otherRecord, nil) }, false, true},
		"an index astray":     {func(db *pebble.DB) error { return db.Set(index, []byte{1}, nil) }, false, true},
		"a key that is none":  {func(db *pebble.DB) error { return db.Set(append(logKey(nil, 3), 0), nil, nil) }, true, false},
		"an index into space": {func(db *pebble.DB) error { return db.Set(index, []byte{0}, nil) }, false, true},
	} {
		t.Run(name, func(t *testing.T) {
			s := openOn(t, vfs.NewMem())
			mustAppend(t, s, "deal-1", eventstore.NoStream, "a", "b", "c", "d", "e")
			require.NoError(t, c.damage(s.db))
			_, err := log(t, s)
			requireDamage(t, err, c.log, "position ")
			_, err = stream(t, s, "deal-1")
			requireDamage(t, err, c.stream, `stream "deal-1", revision 2`)
			require.NoError(t, s.Close())
		})
	}
}

// wild is a record that claims more than any memory holds.
func wild() []byte {
	record := encode("deal-1", event("wild"))
	for i := atLengths; i < atLengths+9; i++ {
		record[i] = 0xff
	}
	record[atLengths+9] = 1
	return record
}

func requireDamage(t *testing.T, err error, noticed bool, where string) {
	t.Helper()
	if !noticed {
		require.NoError(t, err)
		return
	}
	require.ErrorIs(t, err, ErrCorrupt)
	require.ErrorContains(t, err, where)
}

// TestFlippedBitsAreNeverAShortRead damages the files under Pebble.
func TestFlippedBitsAreNeverAShortRead(t *testing.T) {
	const events = 2000
	fs := vfs.NewMem()
	s, err := Open("data/log", Options{FS: fs})
	require.NoError(t, err)
	for i := range events / 100 {
		_, err := s.Append(t.Context(), "deal-1", eventstore.Revision(i*100-1), together(fmt.Sprint(i), 100))
		require.NoError(t, err)
	}
	require.NoError(t, s.db.Flush())
	require.NoError(t, s.Close())
	flipBits(t, fs)

	s, err = Open("data/log", Options{FS: fs})
	require.NoError(t, err)
	list, err := log(t, s)
	require.Less(t, len(list), events)
	require.ErrorIs(t, err, ErrCorrupt)
	require.ErrorContains(t, err, fmt.Sprintf("position %d", len(list)+1))
	_, err = stream(t, s, "deal-1")
	require.ErrorIs(t, err, ErrCorrupt)
	require.ErrorContains(t, err, `stream "deal-1"`)
	_ = s.Close() // Pebble may have found the damage too
}

// flipBits changes a byte in the first half of every table.
func flipBits(t *testing.T, fs vfs.FS) {
	t.Helper()
	names, err := fs.List("data/log")
	require.NoError(t, err)
	for _, name := range names {
		if !strings.HasSuffix(name, ".sst") {
			continue
		}
		path := fs.PathJoin("data/log", name)
		info, err := fs.Stat(path)
		require.NoError(t, err)
		f, err := fs.OpenReadWrite(path, vfs.WriteCategoryUnspecified)
		require.NoError(t, err)
		at := info.Size() / 3
		var b [1]byte
		_, err = f.ReadAt(b[:], at)
		require.NoError(t, err)
		_, err = f.WriteAt([]byte{b[0] ^ 0x10}, at)
		require.NoError(t, err)
		require.NoError(t, f.Close())
	}
}
