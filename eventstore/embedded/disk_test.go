package embedded

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"
	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/eventstore"
)

var errDisk = errors.New("the disk says no")

// disk is a file system on which the syncs of some files fail or wait while a test wants it.
type disk struct {
	vfs.FS
	files string // part of their path
	fail  atomic.Bool
	slow  atomic.Bool                   // others get to run while a sync goes on
	hold  atomic.Pointer[chan struct{}] // a sync waits until it is closed
	held  atomic.Int32
	syncs atomic.Int32
}

const writeAheadLog = ".log"

func newDisk(inner vfs.FS, files string) *disk {
	d := &disk{files: files}
	d.FS = errorfs.Wrap(inner, errorfs.InjectorFunc(d.maybeError))
	return d
}

func (d *disk) maybeError(op errorfs.Op) error {
	if op.Kind != errorfs.OpFileSync && op.Kind != errorfs.OpFileSyncData || !strings.Contains(op.Path, d.files) {
		return nil
	}
	d.syncs.Add(1)
	if hold := d.hold.Load(); hold != nil {
		d.held.Add(1)
		<-*hold
	}
	for range 50 {
		if d.slow.Load() {
			runtime.Gosched()
		}
	}
	if d.fail.Load() {
		return errDisk
	}
	return nil
}

// pause makes syncs wait until the function it returns is called.
func (d *disk) pause() (resume func()) {
	hold := make(chan struct{})
	d.hold.Store(&hold)
	return func() {
		d.hold.Store(nil)
		close(hold)
	}
}

// appendLater appends beside the test and gives what came of it.
func appendLater(ctx context.Context, s *Store, stream string, expected eventstore.Revision, events []eventstore.Proposed) <-chan error {
	done := make(chan error, 1)
	go func() {
		_, err := s.Append(ctx, stream, expected, events)
		done <- err
	}()
	return done
}

func TestNothingIsShownBeforeItIsSynced(t *testing.T) {
	d := newDisk(vfs.NewMem(), writeAheadLog)
	s := openOn(t, d)
	first := mustAppend(t, s, "deal-1", eventstore.NoStream, "a")
	resume := d.pause()
	done := appendLater(t.Context(), s, "deal-1", 0, together("b", 2))
	soon(t, "a sync waits", func() bool { return d.held.Load() > 0 })

	list, err := stream(t, s, "deal-1")
	require.NoError(t, err)
	require.Len(t, list, 1)
	require.Len(t, wholeLog(t, s), 1)
	next := first.Position
	next.Commit, next.Prepare = next.Commit+1, next.Prepare+1
	for _, err := range s.Follow(t.Context(), next, eventstore.Filter{}) {
		require.ErrorIs(t, err, eventstore.ErrForeignPosition)
	}

	resume()
	require.NoError(t, <-done)
	require.Len(t, wholeLog(t, s), 3)
	require.NoError(t, s.Close())
}

func TestWaitingAppendsShareOneSync(t *testing.T) {
	const waiting = 64
	d := newDisk(vfs.NewMem(), writeAheadLog)
	s := openOn(t, d)
	resume := d.pause()
	first := appendLater(t.Context(), s, "deal-0", eventstore.NoStream, together("first", 1))
	soon(t, "the first sync waits", func() bool { return d.held.Load() == 1 })
	var wg sync.WaitGroup
	errs := make([]error, waiting)
	for i := range waiting {
		wg.Go(func() {
			_, errs[i] = s.Append(t.Context(), fmt.Sprintf("deal-%d", i+1), eventstore.NoStream, together(fmt.Sprint(i), 1))
		})
	}
	soon(t, "all others wait", func() bool {
		s.queue.mu.Lock()
		defer s.queue.mu.Unlock()
		return len(s.queue.waiting) == waiting
	})
	before := d.syncs.Load()
	resume()
	wg.Wait()
	require.NoError(t, errors.Join(append(errs, <-first)...))
	require.Equal(t, before+1, d.syncs.Load())
	require.NoError(t, s.Close())
}

func TestLoneAppendIsOneSync(t *testing.T) {
	d := newDisk(vfs.NewMem(), writeAheadLog)
	s, err := Open("log", Options{FS: d})
	require.NoError(t, err)
	before := d.syncs.Load()
	for i := range 100 {
		mustAppend(t, s, "deal-1", eventstore.Revision(i-1), fmt.Sprint(i))
	}
	require.Equal(t, before+100, d.syncs.Load())
	mustAppend(t, s, "deal-1", eventstore.NoStream, "0")
	require.Equal(t, before+100, d.syncs.Load(), "a retry needs none")
	require.NoError(t, s.Close())
}

func TestOutcomeIsUnknownWhenTheContextEndsOnTheWay(t *testing.T) {
	d := newDisk(vfs.NewMem(), writeAheadLog)
	s := openOn(t, d)
	ctx, cancel := context.WithCancel(t.Context())
	resume := d.pause()
	events := together("a", 2)
	done := appendLater(ctx, s, "deal-1", eventstore.NoStream, events)
	soon(t, "a sync waits", func() bool { return d.held.Load() > 0 })
	cancel()
	err := <-done
	require.ErrorIs(t, err, eventstore.ErrUnavailable)
	require.ErrorIs(t, err, context.Canceled)
	resume()
	_, err = s.Append(t.Context(), "deal-1", eventstore.NoStream, events)
	require.NoError(t, err, "repeated as it was")
	require.Len(t, wholeLog(t, s), 2)
	require.NoError(t, s.Close())
}

func TestFailedSyncStopsTheLog(t *testing.T) {
	inner := vfs.NewCrashableMem()
	d := newDisk(inner, writeAheadLog)
	s := openOn(t, d)
	mustAppend(t, s, "deal-1", eventstore.NoStream, "a")
	d.fail.Store(true)
	_, err := s.Append(t.Context(), "deal-1", 0, together("b", 1))
	require.ErrorIs(t, err, eventstore.ErrUnavailable)
	require.ErrorIs(t, err, errDisk)

	d.fail.Store(false) // a disk that works again proves nothing
	for _, name := range []string{"deal-1", "deal-2"} {
		_, err = s.Append(t.Context(), name, eventstore.NoStream, together("c", 1))
		require.ErrorIs(t, err, eventstore.ErrUnavailable)
		require.ErrorIs(t, err, errDisk)
	}
	require.Len(t, wholeLog(t, s), 1, "what was synced can be read, and nothing else")
	_ = s.Close() // may say that the disk failed

	s = openOn(t, inner.CrashClone(vfs.CrashCloneCfg{}))
	require.Len(t, wholeLog(t, s), 1)
	mustAppend(t, s, "deal-1", 0, "b")
	require.NoError(t, s.Close())
}

func TestFailedManifestStopsTheLog(t *testing.T) {
	inner := vfs.NewCrashableMem()
	d := newDisk(inner, "MANIFEST")
	s := openOn(t, d)
	mustAppend(t, s, "deal-1", eventstore.NoStream, "a")
	d.fail.Store(true)
	_, err := s.db.AsyncFlush()
	require.NoError(t, err)
	soon(t, "the flush fails", func() bool { return s.failure.err() != nil })
	_, err = s.Append(t.Context(), "deal-1", 0, together("b", 1))
	require.ErrorIs(t, err, eventstore.ErrUnavailable)
	require.ErrorIs(t, err, errDisk)

	s = openOn(t, inner.CrashClone(vfs.CrashCloneCfg{}))
	require.Len(t, wholeLog(t, s), 1)
	require.NoError(t, s.Close())
}
