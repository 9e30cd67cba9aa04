package embedded

import (
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"

	"github.com/channelledger/channelledger/eventstore"
)

// The errors of an embedded log, besides those of the port.
var (
	ErrLocked  = errors.New("data folder is in use by another process or store")
	ErrFormat  = errors.New("data folder is not of this version's format")
	ErrClosed  = errors.New("event log is closed")
	ErrCorrupt = errors.New("event log is damaged or unreadable")
)

// damaged is ErrCorrupt with what Pebble says, or nil.
func damaged(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%w: %w", ErrCorrupt, err)
}

// failure is the first error behind which nothing may be promised any more. After a failed sync nobody knows what the disk
// holds, and a later sync that succeeds proves nothing: only opening the log again shows the truth.
type failure struct{ first atomic.Pointer[error] }

func (f *failure) set(err error) { f.first.CompareAndSwap(nil, &err) }

func (f *failure) err() error {
	if first := f.first.Load(); first != nil {
		return fmt.Errorf("%w: the log stopped, open it again: %w", eventstore.ErrUnavailable, *first)
	}
	return nil
}

// pebbleLogger passes on what Pebble says. What Pebble calls fatal stops the log instead of the process.
type pebbleLogger struct {
	log     *slog.Logger
	failure *failure
}

func (l pebbleLogger) Infof(format string, args ...any)  { l.log.Debug(fmt.Sprintf(format, args...)) }
func (l pebbleLogger) Errorf(format string, args ...any) { l.log.Error(fmt.Sprintf(format, args...)) }

func (l pebbleLogger) Fatalf(format string, args ...any) {
	err := fmt.Errorf(format, args...)
	for _, arg := range args {
		if cause, ok := arg.(error); ok { // Pebble prints it without wrapping it
			err = fmt.Errorf("pebble can't go on: %w", cause)
		}
	}
	l.failure.set(err)
	l.log.Error("event log stopped", "error", err)
}
