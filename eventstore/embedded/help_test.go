package embedded

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/eventstore"
)

// small makes Pebble flush and compact all the time, so that short tests see it.
func small(o *pebble.Options) {
	o.MemTableSize = 64 << 10
	o.L0CompactionThreshold = 2
	o.LBaseMaxBytes = 256 << 10
}

// openOn opens the log on a file system of the test; the test closes it.
func openOn(t require.TestingT, fs vfs.FS) *Store {
	s, err := Open("data/log", Options{FS: fs, tune: small})
	require.NoError(t, err)
	return s
}

// event is the one with that name: the same name gives the same event.
func event(name string) eventstore.Proposed {
	return eventstore.Proposed{
		ID:       uuid.NewSHA1(uuid.NameSpaceOID, []byte(name)),
		Type:     "test.happened.v1",
		Data:     []byte(name),
		Metadata: []byte(`{"by":"test"}`),
	}
}

// together is n events that belong together: each says so in its data.
func together(name string, n int) []eventstore.Proposed {
	list := make([]eventstore.Proposed, n)
	for i := range list {
		list[i] = event(fmt.Sprintf("%s: %d of %d", name, i+1, n))
	}
	return list
}

// mustAppend appends events by name and gives the answer.
func mustAppend(t *testing.T, s *Store, stream string, expected eventstore.Revision, names ...string) eventstore.Appended {
	t.Helper()
	var list []eventstore.Proposed
	for _, name := range names {
		list = append(list, event(name))
	}
	appended, err := s.Append(t.Context(), stream, expected, list)
	require.NoError(t, err)
	return appended
}

// stream is everything a stream yields, its error as well.
func stream(t *testing.T, s *Store, name string) (list []eventstore.Recorded, err error) {
	t.Helper()
	for e, err := range s.Read(t.Context(), name, eventstore.NoStream) {
		if err != nil {
			return list, err
		}
		list = append(list, e)
	}
	return list, nil
}

// log is every event up to the end, and the error on the way there.
func log(t *testing.T, s *Store) (list []eventstore.Recorded, err error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for m, err := range s.Follow(ctx, eventstore.Position{}, eventstore.Filter{}) {
		switch {
		case err != nil:
			return list, err
		case m.Kind == eventstore.CaughtUp:
			return list, nil
		case m.Kind == eventstore.Appeared:
			list = append(list, m.Event)
		}
	}
	return list, nil
}

// wholeLog is the log, which must be free of errors.
func wholeLog(t *testing.T, s *Store) []eventstore.Recorded {
	t.Helper()
	list, err := log(t, s)
	require.NoError(t, err)
	return list
}

// soon waits for something that another goroutine is about to do.
func soon(t *testing.T, what string, done func() bool) {
	t.Helper()
	require.Eventually(t, done, time.Minute, time.Millisecond, what)
}
