package projections

import (
	"context"
	"database/sql"

	"errors"
	"fmt"

	"github.com/goccy/go-json"
)

// One reads the row with that key of a table; nil where there is none. The table's name is the code's own, never input.
func One[R any](ctx context.Context, q Querier, table, key string) (*R, error) {
	var doc []byte
	err := q.QueryRowContext(ctx, "SELECT doc FROM "+table+" WHERE key = ?", key).Scan(&doc)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("table %s, row %q: %w", table, key, err)
	}
	row := new(R)
	if err := json.Unmarshal(doc, row); err != nil {
		return nil, fmt.Errorf("table %s, row %q: %w", table, key, err)
	}
	return row, nil
}

// All reads the rows that a query finds. The query selects one column, doc.
func All[R any](ctx context.Context, q Querier, query string, args ...any) ([]R, error) {
	found, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = found.Close() }() // what a read missed is told by Err
	var all []R
	for found.Next() {
		var doc sql.RawBytes
		if err := found.Scan(&doc); err != nil {
			return nil, err
		}
		var row R
		if err := json.Unmarshal(doc, &row); err != nil {
			return nil, fmt.Errorf("row %d: %w", len(all), err)
		}
		all = append(all, row)
	}
	return all, found.Err()
}
