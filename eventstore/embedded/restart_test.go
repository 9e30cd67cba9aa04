package embedded

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/eventstore"
)

func TestRestartGoesOnWhereItStopped(t *testing.T) {
	fs := vfs.NewMem()
	var origin string
	var last eventstore.Position
	for round := range 5 {
		s := openOn(t, fs)
		if round > 0 {
			require.Equal(t, origin, s.Origin())
		}
		origin = s.Origin()
		require.Regexp(t, "^emb-[0-9a-f]{8}$", origin)
		for i := range 3 {
			n := round*3 + i
			appended := mustAppend(t, s, "deal-1", eventstore.Revision(n-1), fmt.Sprint(n))
			require.Positive(t, appended.Position.Compare(last))
			last = appended.Position
		}
		require.Len(t, wholeLog(t, s), round*3+3)
		require.NoError(t, s.Close())
	}
}

func TestRestartStillRecognisesRetries(t *testing.T) {
	fs := vfs.NewMem()
	s := openOn(t, fs)
	first := mustAppend(t, s, "deal-1", eventstore.NoStream, "a", "b")
	mustAppend(t, s, "deal-1", 1, "c")
	require.NoError(t, s.Close())

	s = openOn(t, fs)
	require.Equal(t, first, mustAppend(t, s, "deal-1", eventstore.NoStream, "a", "b"))
	_, err := s.Append(t.Context(), "deal-1", eventstore.NoStream, together("other", 1))
	require.ErrorAs(t, err, new(*eventstore.ConflictError))
	require.Len(t, wholeLog(t, s), 3)
	require.NoError(t, s.Close())
}

func TestRecordedAtNeverGoesBackWhenTheClockDoes(t *testing.T) {
	fs := vfs.NewMem()
	noon := time.Date(2026, 1, 2, 12, 0, 0, 1, time.FixedZone("CET", 3600))
	for i, moment := range []struct{ clock, recorded time.Time }{
		{noon, noon},
		{noon.Add(time.Second), noon.Add(time.Second)},
		{noon.Add(-time.Hour), noon.Add(time.Second)},
		{noon.Add(time.Minute), noon.Add(time.Minute)},
	} {
		s, err := Open("log", Options{FS: fs, Clock: func() time.Time { return moment.clock }})
		require.NoError(t, err)
		mustAppend(t, s, "deal-1", eventstore.Revision(i-1), fmt.Sprint(i))
		require.Equal(t, moment.recorded.UTC(), wholeLog(t, s)[i].RecordedAt)
		require.NoError(t, s.Close())
	}
}

func TestTwoLogsHaveTwoOrigins(t *testing.T) {
	one, two := openOn(t, vfs.NewMem()), openOn(t, vfs.NewMem())
	require.NotEqual(t, one.Origin(), two.Origin())
	require.NoError(t, errors.Join(one.Close(), two.Close()))
}

func TestOneOwner(t *testing.T) {
	for name, fs := range map[string]vfs.FS{"disk": vfs.Default, "memory": vfs.NewMem()} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "made", "on", "the", "way")
			s, err := Open(dir, Options{FS: fs})
			require.NoError(t, err)
			_, err = Open(dir, Options{FS: fs})
			require.ErrorIs(t, err, ErrLocked)
			require.ErrorContains(t, err, dir)
			mustAppend(t, s, "deal-1", eventstore.NoStream, "a")
			require.NoError(t, s.Close())

			s, err = Open(dir, Options{FS: fs})
			require.NoError(t, err)
			require.Len(t, wholeLog(t, s), 1)
			require.NoError(t, s.Close())
		})
	}
}

// TestOneOwnerAmongProcesses runs itself again as another process while it holds the folder.
func TestOneOwnerAmongProcesses(t *testing.T) {
	const variable = "EMBEDDED_TEST_HELD_FOLDER"
	if held := os.Getenv(variable); held != "" {
		_, err := Open(held, Options{})
		require.ErrorIs(t, err, ErrLocked)
		return
	}
	dir := t.TempDir()
	s, err := Open(dir, Options{})
	require.NoError(t, err)
	other := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$")
	other.Env = append(os.Environ(), variable+"="+dir)
	output, err := other.CombinedOutput()
	require.NoError(t, err, string(output))
	require.NoError(t, s.Close())
}

func TestFolderThatCannotBeMadeIsNotLocked(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	_, err := Open(filepath.Join(file, "log"), Options{})
	require.Error(t, err)
	require.NotErrorIs(t, err, ErrLocked)
}

func TestOtherFormatsAreRefused(t *testing.T) {
	for name, change := range map[string]func(db *pebble.DB) error{
		"format 2":  func(db *pebble.DB) error { return db.Set([]byte(formatKey), []byte("2"), pebble.Sync) },
		"no format": func(db *pebble.DB) error { return db.Delete([]byte(formatKey), pebble.Sync) },
	} {
		t.Run(name, func(t *testing.T) {
			fs := vfs.NewMem()
			s := openOn(t, fs)
			mustAppend(t, s, "deal-1", eventstore.NoStream, "a")
			require.NoError(t, change(s.db))
			require.NoError(t, s.Close())
			for range 2 { // a refused folder is free again
				_, err := Open("data/log", Options{FS: fs})
				require.ErrorIs(t, err, ErrFormat)
				require.ErrorContains(t, err, name)
			}
		})
	}
}

func TestCloseAnswersEveryAppend(t *testing.T) {
	const writers = 16
	fs := vfs.NewMem()
	s := openOn(t, fs)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	recorded := make([]int, writers)
	ends := make([]error, writers)
	var wg, under sync.WaitGroup
	under.Add(writers)
	for w := range writers {
		wg.Go(func() {
			for ends[w] == nil {
				_, ends[w] = s.Append(ctx, fmt.Sprintf("deal-%d", w), eventstore.Revision(recorded[w]-1), together(fmt.Sprint(w, recorded[w]), 1))
				if ends[w] == nil {
					recorded[w]++
				}
				if recorded[w] == 3 {
					under.Done()
				}
			}
		})
	}
	under.Wait()
	require.NoError(t, s.Close())
	wg.Wait()
	require.NoError(t, s.Close())

	s = openOn(t, fs)
	for w := range writers {
		require.ErrorIs(t, ends[w], ErrClosed)
		list, err := stream(t, s, fmt.Sprintf("deal-%d", w))
		require.NoError(t, err)
		require.Len(t, list, recorded[w], "what was refused isn't there, what was answered is")
	}
	require.NoError(t, s.Close())
}

func TestCloseEndsReaders(t *testing.T) {
	s := openOn(t, vfs.NewMem())
	mustAppend(t, s, "deal-1", eventstore.NoStream, "a")
	waiting := make(chan struct{})
	ended := make(chan error, 1)
	go func() {
		for m, err := range s.Follow(t.Context(), eventstore.Position{}, eventstore.Filter{}) {
			if err != nil {
				ended <- err
			} else if m.Kind == eventstore.CaughtUp {
				close(waiting)
			}
		}
	}()
	<-waiting
	require.NoError(t, s.Close())
	require.ErrorIs(t, <-ended, ErrClosed)
	_, err := stream(t, s, "deal-1")
	require.ErrorIs(t, err, ErrClosed)
	_, err = log(t, s)
	require.ErrorIs(t, err, ErrClosed)
}

func TestCloseInsideAReadEndsIt(t *testing.T) {
	s := openOn(t, vfs.NewMem())
	mustAppend(t, s, "deal-1", eventstore.NoStream, "a", "b")
	for _, err := range s.Read(t.Context(), "deal-1", eventstore.NoStream) {
		if err != nil {
			require.ErrorIs(t, err, ErrClosed)
			break
		}
		require.NoError(t, s.Close())
	}
}

func TestPositionsAreOneNumber(t *testing.T) {
	s := openOn(t, vfs.NewMem())
	mustAppend(t, s, "deal-1", eventstore.NoStream, "a", "b")
	uneven := eventstore.Position{Origin: s.Origin(), Commit: 2, Prepare: 1}
	for _, err := range s.Follow(t.Context(), uneven, eventstore.Filter{}) {
		require.ErrorIs(t, err, eventstore.ErrForeignPosition)
	}
	require.NoError(t, s.Close())
}

func TestHeadsForgetTheStreamUnusedLongest(t *testing.T) {
	h := newHeads(2)
	h.put("a", head{revision: 1})
	h.put("b", head{revision: 2})
	h.put("a", head{revision: 3})
	h.put("c", head{revision: 4})
	_, ok := h.get("b")
	require.False(t, ok)
	got, ok := h.get("a")
	require.True(t, ok)
	require.Equal(t, head{revision: 3}, got)
}
