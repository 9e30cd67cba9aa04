// Package embedded is the event log inside the process: Pebble holds the events, one committer gives them their positions
// and joins all waiting appends into one synced batch. Nothing is shown to anyone before it is synced.
package embedded

import (
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/channelledger/channelledger/eventstore"
)

var _ eventstore.Store = (*Store)(nil)

// Options are the seams of a store. The zero value is a store on disk with the system's clock that logs nothing.
type Options struct {
	Clock  func() time.Time // gives RecordedAt, nanoseconds kept; nil: time.Now
	FS     vfs.FS           // where the files are; nil: the disk
	Logger *slog.Logger     // what goes wrong in the background; nil: silent

	tune func(*pebble.Options) // for tests that want small files
}

func (o Options) withDefaults() Options {
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.FS == nil {
		o.FS = vfs.Default
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return o
}

// Store is an event log in one folder, which it owns alone until Close.
type Store struct {
	origin   string
	db       *pebble.DB
	lock     *pebble.Lock
	queue    *queue
	progress *progress
	failure  *failure

	reading sync.RWMutex // held while Pebble is read, so that Close waits; never while a caller's code runs
	closed  chan struct{}
	close   func() error
}

// Open opens the log in dir, or creates one there with the folder itself.
// Errors: ErrLocked where another store holds the folder, ErrFormat where its contents aren't of this version.
func Open(dir string, opts Options) (*Store, error) {
	opts = opts.withDefaults()
	lock, err := lockDir(opts.FS, dir)
	if err != nil {
		return nil, err
	}
	s, err := openLocked(dir, opts, lock)
	if err != nil {
		_ = lock.Close()
		return nil, fmt.Errorf("open event log in %s: %w", dir, err)
	}
	return s, nil
}

// OpenMemory is a new log that lives no longer than the process; opts.FS is ignored.
func OpenMemory(opts Options) (*Store, error) {
	opts.FS = vfs.NewMem()
	return Open("log", opts)
}

func openLocked(dir string, opts Options, lock *pebble.Lock) (*Store, error) {
	failure := &failure{}
	db, err := pebble.Open(dir, pebbleOptions(opts, lock, failure))
	if err != nil {
		return nil, err
	}
	s := &Store{db: db, lock: lock, queue: newQueue(), failure: failure, closed: make(chan struct{})}
	s.close = sync.OnceValue(s.shutDown)
	c, err := s.recover(opts.Clock)
	if err != nil {
		_ = db.Close()
		return nil, err
	}
	go c.run()
	return s, nil
}

// recover finds out where the log ends. What Pebble shows right after opening is synced: it flushes what it replays.
func (s *Store) recover(clock func() time.Time) (*committer, error) {
	end, at, err := s.logEnd()
	if err != nil {
		return nil, err
	}
	if s.origin, err = identify(s.db, end == 0); err != nil {
		return nil, err
	}
	s.progress = newProgress(end)
	return newCommitter(s, clock, end, at), nil
}

// Origin names this log: made once, when it was created.
func (s *Store) Origin() string { return s.origin }

// Close lets the appends in flight finish, refuses later ones with ErrClosed, ends every Read and Follow with it, and
// gives the folder free. Closing again gives the same answer.
func (s *Store) Close() error { return s.close() }

func (s *Store) shutDown() error {
	s.queue.close() // returns when the committer has answered everyone
	s.reading.Lock()
	defer s.reading.Unlock()
	close(s.closed)
	err := s.db.Close()
	if lockErr := s.lock.Close(); err == nil {
		err = lockErr
	}
	return err
}

// beginRead keeps Pebble open until the function it returns is called.
func (s *Store) beginRead() (end func(), err error) {
	s.reading.RLock()
	select {
	case <-s.closed:
		s.reading.RUnlock()
		return nil, ErrClosed
	default:
		return s.reading.RUnlock, nil
	}
}
