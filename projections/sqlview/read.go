package sqlview

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"strings"

	"github.com/channelledger/channelledger/eventstore"
	"github.com/channelledger/channelledger/projections"
)

// Read calls query with a snapshot: one deferred transaction on a read-only connection, which neither waits for the writer
// nor holds it up.
func (v *View) Read(ctx context.Context, query func(projections.Querier) error) error {
	return because(ctx, v.read(ctx, query))
}

func (v *View) read(ctx context.Context, query func(projections.Querier) error) error {
	if !v.lease.acquire() {
		return projections.ErrClosed
	}
	defer v.lease.releaseQuietly()
	if v.reads == nil {
		return fmt.Errorf("%w: %s is being filled", projections.ErrNoBuild, v.path)
	}
	tx, err := v.reads.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return v.storage("begin a read", err)
	}
	defer func() { _ = tx.Rollback() }() // it read only
	at, err := readCheckpoint(ctx, tx)
	if err != nil {
		return v.storage("read checkpoint", err)
	}
	return query(snapshot{Tx: tx, position: at.Position})
}

// because adds the context's error to what the driver makes of it ("interrupted", "already rolled back").
func because(ctx context.Context, err error) error {
	if err == nil || ctx.Err() == nil || errors.Is(err, ctx.Err()) {
		return err
	}
	return fmt.Errorf("%w: %w", ctx.Err(), err)
}

type snapshot struct {
	*sql.Tx
	position eventstore.Position
}

func (s snapshot) Position() eventstore.Position { return s.position }

// Checksum is the hex SHA-256 over the tables as declared, each with its rows in key order: keys, documents and columns.
func (v *View) Checksum(ctx context.Context) (string, error) {
	sum := sha256.New()
	err := v.Read(ctx, func(q projections.Querier) error {
		for _, t := range v.schema.Tables() {
			if err := sumTable(ctx, q, t, sum); err != nil {
				return err
			}
		}
		return nil
	})
	return hex.EncodeToString(sum.Sum(nil)), err
}

func sumTable(ctx context.Context, q projections.Querier, t projections.AnyTable, sum hash.Hash) error {
	names := []string{"key", "doc"}
	for _, c := range t.Columns() {
		names = append(names, quoted(c.Name))
	}
	rows, err := q.QueryContext(ctx, "SELECT "+strings.Join(names, ", ")+" FROM "+t.Name()+" ORDER BY key")
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }() // what the read missed is told by Err
	values, targets := make([]sql.NullString, len(names)), make([]any, len(names))
	for i := range values {
		targets[i] = &values[i]
	}
	sumField(sum, sql.NullString{String: t.Name(), Valid: true})
	for rows.Next() {
		if err := rows.Scan(targets...); err != nil {
			return err
		}
		for _, value := range values {
			sumField(sum, value)
		}
	}
	return rows.Err()
}

// sumField writes a value behind its length, so that no two rows of values read alike; NULL has length -1.
func sumField(sum hash.Hash, value sql.NullString) {
	var size [8]byte
	length := int64(len(value.String))
	if !value.Valid {
		length = -1
	}
	binary.BigEndian.PutUint64(size[:], uint64(length))
	_, _ = sum.Write(size[:]) // a hash never fails
	_, _ = sum.Write([]byte(value.String))
}
