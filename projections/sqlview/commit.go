package sqlview

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/eventstore"
	"github.com/channelledger/channelledger/projections"
)

// paramsPerInsert bounds the rows that one statement stores. Measured: fewer make more statements, and the driver looks for each
// parameter among all of them, so that more take longer again.
const paramsPerInsert = 96

// statements are prepared once for a table.
type statements struct {
	load, one, many, remove *sql.Stmt
	rows                    int // that many stores
}

func (s statements) close() error {
	return errors.Join(s.load.Close(), s.one.Close(), s.many.Close(), s.remove.Close())
}

// within are the same, those that change rows in a transaction.
func (s statements) within(ctx context.Context, tx *sql.Tx) statements {
	s.one, s.many, s.remove = tx.StmtContext(ctx, s.one), tx.StmtContext(ctx, s.many), tx.StmtContext(ctx, s.remove)
	return s
}

func (v *View) prepare(ctx context.Context) error {
	for _, t := range v.schema.Tables() {
		s := statements{rows: max(1, paramsPerInsert/(2+len(t.Columns())))}
		for _, p := range []struct {
			to   **sql.Stmt
			text string
		}{
			{&s.load, "SELECT doc FROM " + t.Name() + " WHERE key = ?"},
			{&s.one, upsert(t, 1)},
			{&s.many, upsert(t, s.rows)},
			{&s.remove, "DELETE FROM " + t.Name() + " WHERE key = ?"},
		} {
			stmt, err := v.write.PrepareContext(ctx, p.text)
			if err != nil {
				return v.storage("prepare", err)
			}
			*p.to = stmt
		}
		v.statements[t.Name()] = s
	}
	return nil
}

// Load is the JSON of a stored row; nil where there is none.
func (v *View) Load(table, key string) ([]byte, error) {
	if !v.lease.acquire() {
		return nil, projections.ErrClosed
	}
	defer v.lease.releaseQuietly()
	var doc []byte
	err := v.statements[table].load.QueryRow(key).Scan(&doc)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return doc, err
}

// Checkpoint is what was stored last.
func (v *View) Checkpoint() projections.Checkpoint { return v.checkpoint }

// Commit stores what changed and moves the checkpoint, in one transaction.
func (v *View) Commit(ctx context.Context, next projections.Checkpoint) error {
	if !v.lease.acquire() {
		return projections.ErrClosed
	}
	defer v.lease.releaseQuietly()
	if v.broken {
		return fmt.Errorf("%w: %s: its load failed", projections.ErrStorage, v.path)
	}
	if err := v.commit(ctx, next); err != nil {
		v.broken = v.bulk
		return because(ctx, err)
	}
	v.checkpoint = next
	return v.boundWAL(ctx)
}

func (v *View) commit(ctx context.Context, next projections.Checkpoint) error {
	tx, err := v.write.BeginTx(ctx, nil)
	if err != nil {
		return v.storage("begin", err)
	}
	defer func() { _ = tx.Rollback() }() // nothing to take back after Commit
	for _, t := range v.schema.Tables() {
		w := rowWriter{ctx: ctx, unwatched: context.WithoutCancel(ctx), statements: v.statements[t.Name()].within(ctx, tx)}
		if err := w.writeAll(t); err != nil {
			return v.storage("table "+t.Name(), err)
		}
	}
	if err := v.move(ctx, tx, next); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return v.storage("commit", err)
	}
	return nil
}

// move is the compare-and-set of the checkpoint.
func (v *View) move(ctx context.Context, tx *sql.Tx, next projections.Checkpoint) error {
	was := v.checkpoint
	done, err := tx.ExecContext(ctx, `UPDATE _checkpoint SET origin = ?, position = ?, event = ?, before = ?, count = ?
		WHERE position = ? AND event = ? AND count = ?`,
		next.Position.Origin, next.Position.String(), next.Event.String(), next.Before.String(), int64(next.Count),
		was.Position.String(), was.Event.String(), int64(was.Count))
	if err != nil {
		return v.storage("checkpoint", err)
	}
	if n, err := done.RowsAffected(); err != nil || n != 1 {
		return fmt.Errorf("%w: %s is no longer at %s", projections.ErrCheckpointMoved, v.path, was.Position)
	}
	return nil
}

// boundWAL folds the write-ahead log back once it is long. That fails while a reader holds an old snapshot: next time, then.
func (v *View) boundWAL(ctx context.Context) error {
	if info, err := os.Stat(v.path + "-wal"); err != nil || info.Size() < v.maxWAL {
		return nil //nolint:nilerr // no log, no bound to keep
	}
	if _, err := v.write.ExecContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)"); err != nil {
		return v.storage("fold the log back", err)
	}
	return nil
}

// rowWriter sends the changes of one table, several rows a statement.
type rowWriter struct {
	ctx, unwatched context.Context // the same, but that the driver starts no goroutine for each statement to watch over it
	statements
	args   []any // of rows not sent yet
	unsent int   // rows
}

func (w *rowWriter) writeAll(t projections.AnyTable) error {
	for change, err := range t.Changes() {
		if err != nil {
			return err
		}
		if err := w.add(change); err != nil {
			return err
		}
	}
	return w.sendSingly()
}

func (w *rowWriter) add(c projections.Change) error {
	if c.Doc == "" {
		return w.send(w.remove, c.Key)
	}
	w.args = append(append(w.args, c.Key, c.Doc), c.Columns...)
	if w.unsent++; w.unsent < w.rows {
		return nil
	}
	err := w.send(w.many, w.args...)
	w.args, w.unsent = w.args[:0], 0
	return err
}

// sendSingly sends what is left over, fewer rows than the statement for many takes.
func (w *rowWriter) sendSingly() error {
	for n := w.unsent; n > 0; n-- {
		row := w.args[:len(w.args)/n]
		if err := w.send(w.one, row...); err != nil {
			return err
		}
		w.args = w.args[len(row):]
	}
	return nil
}

// send looks at the context before each statement: they are short.
func (w *rowWriter) send(s *sql.Stmt, args ...any) error {
	if err := w.ctx.Err(); err != nil {
		return err
	}
	_, err := s.ExecContext(w.unwatched, args...)
	return err
}

// queryer is what reads one row: a database or a transaction.
type queryer interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

func readCheckpoint(ctx context.Context, q queryer) (c projections.Checkpoint, err error) {
	var origin, position, event, before string
	row := q.QueryRowContext(ctx, "SELECT origin, position, event, before, count FROM _checkpoint")
	if err := row.Scan(&origin, &position, &event, &before, &c.Count); err != nil {
		return c, err
	}
	if c.Position, err = eventstore.ParsePosition(position, origin); err != nil {
		return c, err
	}
	if c.Before, err = eventstore.ParsePosition(before, origin); err != nil {
		return c, err
	}
	c.Event, err = uuid.Parse(event)
	return c, err
}
