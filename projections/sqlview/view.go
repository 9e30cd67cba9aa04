package sqlview

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"modernc.org/sqlite" // also registers the driver "sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/channelledger/channelledger/projections"
)

// View is one build: a SQLite file with one writing connection and a pool of reading ones.
type View struct {
	path    string
	schema  *projections.Schema
	readers int
	maxWAL  int64
	scratch bool
	bulk    bool // being filled for the first time: without a journal, and without readers
	broken  bool // a bulk load failed half-way, and nothing can take it back
	remove  bool // delete the file when the last reader is done

	lease      lease
	write      *sql.DB // one connection
	reads      *sql.DB // nil until Ready
	statements map[string]statements
	checkpoint projections.Checkpoint // as stored
}

var _ projections.View = (*View)(nil)

// Pragmas of a first load: a crash loses the file anyway, so nothing is journaled or synced until Ready.
var bulkPragmas = []string{"journal_mode(OFF)", "synchronous(OFF)", "locking_mode(EXCLUSIVE)", "cache_size(-65536)"}

// Pragmas of a build that lives on.
var livePragmas = []string{"journal_mode(WAL)", "synchronous(NORMAL)", "busy_timeout(10000)", "cache_size(-16384)"}

// Pragmas of a reader.
var readPragmas = []string{"query_only(1)", "busy_timeout(10000)", "cache_size(-4096)"}

// create makes the tables in an empty file.
func (v *View) create(ctx context.Context) error {
	if err := v.schema.Err(); err != nil {
		return err
	}
	v.bulk = true
	if err := v.openWriter(ctx, bulkPragmas); err != nil {
		return err
	}
	tables := createTables(v.schema)
	if _, err := v.write.ExecContext(ctx, ownTables+tables); err != nil {
		return v.storage("create tables", err)
	}
	if _, err := v.write.ExecContext(ctx, "INSERT INTO _build VALUES (?)", fingerprint(v.schema)); err != nil {
		return v.storage("create tables", err)
	}
	return v.prepare(ctx)
}

// reopen opens a build of an earlier process.
// Errors: ErrNoBuild where it has other tables than those declared, or is damaged.
func (v *View) reopen(ctx context.Context) error {
	if err := v.schema.Err(); err != nil {
		return err
	}
	if err := v.openWriter(ctx, livePragmas); err != nil {
		return err
	}
	var tables string
	if err := v.write.QueryRowContext(ctx, "SELECT tables FROM _build").Scan(&tables); err != nil {
		return v.storage("open", err)
	}
	if tables != fingerprint(v.schema) {
		return fmt.Errorf("%w: %s has other tables than those declared", projections.ErrNoBuild, v.path)
	}
	var err error
	if v.checkpoint, err = readCheckpoint(ctx, v.write); err != nil {
		return v.storage("read checkpoint", err)
	}
	if err := v.prepare(ctx); err != nil {
		return err
	}
	v.reads = v.readPool()
	return nil
}

// Ready makes the indexes and, but for a scratch view, makes the file durable and turns to WAL.
func (v *View) Ready(ctx context.Context) error {
	if !v.lease.acquire() {
		return projections.ErrClosed
	}
	defer v.lease.releaseQuietly()
	if !v.bulk {
		return nil
	}
	if v.broken {
		return fmt.Errorf("%w: %s: its load failed", projections.ErrStorage, v.path)
	}
	if _, err := v.write.ExecContext(ctx, createIndexes(v.schema)); err != nil {
		return v.storage("create indexes", err)
	}
	if err := v.closeWriter(); err != nil {
		return v.storage("close the load", err)
	}
	pragmas := livePragmas
	if v.scratch {
		pragmas = []string{"journal_mode(MEMORY)", "synchronous(OFF)", "busy_timeout(10000)"}
	} else if err := syncPath(v.path); err != nil {
		return v.storage("sync", err)
	}
	if err := v.openWriter(ctx, pragmas); err != nil {
		return err
	}
	v.bulk, v.reads = false, v.readPool()
	return v.prepare(ctx)
}

// Close lets go of the build once its last reader is done. A scratch view goes with its file.
func (v *View) Close() error { return v.lease.close() }

// Remove is Close, and then the file is deleted.
func (v *View) Remove() error {
	v.lease.mu.Lock()
	v.remove = true
	v.lease.mu.Unlock()
	return v.Close()
}

// teardown closes the readers first, so that the writer, which may, folds the WAL back into the file.
func (v *View) teardown() error {
	var errs []error
	if v.reads != nil {
		errs = append(errs, v.reads.Close())
	}
	errs = append(errs, v.closeWriter())
	v.lease.mu.Lock()
	remove := v.remove || v.scratch
	v.lease.mu.Unlock()
	if remove {
		errs = append(errs, removeFiles(v.path))
	}
	return errors.Join(errs...)
}

func (v *View) openWriter(ctx context.Context, pragmas []string) error {
	db, err := sql.Open("sqlite", dsn(v.path, "rwc", pragmas)+"&_txlock=immediate")
	if err != nil {
		return v.storage("open", err)
	}
	db.SetMaxOpenConns(1)
	v.write = db
	if err := db.PingContext(ctx); err != nil {
		return v.storage("open", err)
	}
	return nil
}

func (v *View) closeWriter() error {
	var errs []error
	for _, s := range v.statements {
		errs = append(errs, s.close())
	}
	clear(v.statements)
	if v.write != nil {
		errs = append(errs, v.write.Close())
	}
	v.write = nil
	return errors.Join(errs...)
}

func (v *View) readPool() *sql.DB {
	db, _ := sql.Open("sqlite", dsn(v.path, "rw", readPragmas)) // fails for an unknown driver only
	db.SetMaxOpenConns(v.readers)
	db.SetMaxIdleConns(v.readers)
	return db
}

func dsn(path, mode string, pragmas []string) string {
	query := url.Values{"mode": {mode}, "_pragma": pragmas}
	return (&url.URL{Scheme: "file", Opaque: url.PathEscape(path), RawQuery: query.Encode()}).String()
}

// fingerprint is what a build's tables look like; another one needs another build.
func fingerprint(s *projections.Schema) string { return createTables(s) + createIndexes(s) }

// storage wraps an error of SQLite. A damaged file is no build.
func (v *View) storage(doing string, err error) error {
	kind := projections.ErrStorage
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		switch e.Code() & 0xff {
		case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
			kind = projections.ErrNoBuild
		case sqlite3.SQLITE_ERROR:
			if strings.Contains(e.Error(), "no such table") {
				kind = projections.ErrNoBuild
			}
		}
	}
	return fmt.Errorf("%w: %s: %s: %w", kind, v.path, doing, err)
}
