package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/channelledger/channelledger/eventstore"
	"github.com/channelledger/channelledger/eventstore/embedded"
	"github.com/channelledger/channelledger/eventstore/esdb"
)

// logStore is a log that somebody has to close.
type logStore interface {
	eventstore.Store
	io.Closer
}

// lockFolder takes a data folder, which is made where create is set.
// Errors: embedded.ErrLocked where another process, or this one, has it.
func lockFolder(dir string, create bool) (io.Closer, error) {
	if create {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return nil, err
		}
	}
	if _, err := os.Stat(dir); err != nil {
		return nil, noLedger(dir, err)
	}
	lock, err := vfs.Default.Lock(filepath.Join(dir, lockFile))
	if pathErr := (*fs.PathError)(nil); errors.As(err, &pathErr) {
		return nil, fmt.Errorf("lock data folder: %w", err)
	}
	if err != nil { // not about the file, so about its lock
		return nil, fmt.Errorf("%s: %w", dir, embedded.ErrLocked)
	}
	return lock, nil
}

// noLedger says so where a file is missing.
func noLedger(dir string, err error) error {
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return fmt.Errorf("there is no ledger in %s: make one with 'channelledger serve' or 'import', or name another with --data", dir)
}

// openLog opens the log, or makes one if create is set: then commands are about to come.
// Errors: esdb.ErrUnsafe where they would not be kept.
func openLog(ctx context.Context, p place, create bool, log *slog.Logger) (logStore, error) {
	if p.remote != nil {
		return openRemote(ctx, p, create, log)
	}
	path := filepath.Join(p.dir, logFolder)
	switch _, err := os.Stat(path); {
	case err == nil:
	case !errors.Is(err, fs.ErrNotExist):
		return nil, err
	case exists(filepath.Join(p.dir, keyringFile)):
		return nil, fmt.Errorf("the log of the ledger in %s is missing: if it is on EventStoreDB, name it with --store", p.dir)
	case !create:
		return nil, noLedger(p.dir, err)
	}
	return opened(embedded.Open(path, embedded.Options{Logger: log, Clock: p.clock}))
}

// opened keeps a log that wasn't opened from looking like one.
func opened[S logStore](store S, err error) (logStore, error) {
	if err != nil {
		return nil, err
	}
	return store, nil
}

// openRemote opens a log on EventStoreDB, after a look at whether it keeps what is written to it. A command that only reads
// says what it found and goes on.
func openRemote(ctx context.Context, p place, create bool, log *slog.Logger) (logStore, error) {
	if exists(filepath.Join(p.dir, logFolder)) {
		return nil, fmt.Errorf("%s holds a log of its own: name another folder with --data, or bring that log along with 'channelledger copy'", p.dir)
	}
	cfg := *p.remote
	cfg.Logger, cfg.Existing = log, !create
	if err := guard(ctx, cfg, create, log); err != nil {
		return nil, err
	}
	return opened(esdb.Open(ctx, cfg))
}

// guard looks at the log before it is opened, because opening a new one writes.
func guard(ctx context.Context, cfg esdb.Config, writes bool, log *slog.Logger) error {
	report, err := esdb.Check(ctx, cfg)
	if err != nil {
		return fmt.Errorf("look at event log at %s: %w", cfg, err)
	}
	if err := report.Err(); err != nil && writes {
		return fmt.Errorf("%w\n'channelledger esdb check' says all of it, and what to set", err)
	}
	for _, f := range report.Findings {
		log.Log(ctx, severities[f.Severity], "event log", "about", f.About, "says", f.Says, "remedy", f.Remedy)
	}
	return nil
}

var severities = map[esdb.Severity]slog.Level{
	esdb.Fine: slog.LevelInfo, esdb.Warning: slog.LevelWarn, esdb.Refusal: slog.LevelError,
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
