package listing

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/projections"
)

// Limits of a page.
const (
	DefaultLimit = 100
	MaxLimit     = 500
)

// Request says which page of a list is wanted, and in which order.
type Request struct {
	Sort   string // one of the list's columns, with - in front the greatest first; empty: the list's own
	Cursor string // Next of the page before, with the same sort and filters; empty: from the start
	Limit  int    // up to 500; 0: 100
}

// Page is a part of a list. A row that nobody changes stands on exactly one page, whatever else is written between two
// pages; one whose sort value changes may move in front of the cursor or behind it.
type Page[R any] struct {
	Items []R
	Next  string // cursor of the page behind this one; empty: there is none
}

// Fetch reads a page of the rows that the conditions let pass. keep, where there is one, has the last word on a row: for
// what no column can tell.
// Errors: a Rejection of kind Invalid for sort, cursor, limit or a filter.
func Fetch[R any](
	ctx context.Context, q projections.Querier, t Table, w Where, r Request, keep func(*R) bool,
) (page Page[R], err error) {
	p, err := plan(t, w, r)
	if err != nil {
		return page, err
	}
	query, args := p.statement(keep == nil)
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return page, fmt.Errorf("list %s: %w", t.Name, err)
	}
	defer func() { _ = rows.Close() }() // what the read missed is told by Err
	if page, err = collect(rows, p, keep); err != nil {
		return Page[R]{}, fmt.Errorf("list %s: %w", t.Name, err)
	}
	return page, nil
}

// planned is a request that was checked.
type planned struct {
	Table
	order order
	where Where
	list  string
	limit int
}

func plan(t Table, w Where, r Request) (p planned, err error) {
	if w.err != nil {
		return p, w.err
	}
	p = planned{Table: t, where: w, limit: r.Limit}
	switch {
	case r.Limit == 0:
		p.limit = DefaultLimit
	case r.Limit < 0 || r.Limit > MaxLimit:
		return p, domain.Invalid("limit", "want 1 to %d, not %d", MaxLimit, r.Limit)
	}
	if p.order, err = t.order(r.Sort); err != nil {
		return p, err
	}
	if p.list, err = fingerprint(t, p.order, w); err != nil || r.Cursor == "" {
		return p, err
	}
	c, err := readCursor(r.Cursor, p.list)
	if err == nil {
		p.where.That(p.order.behind(), c.value(), c.Key)
	}
	return p, err
}

// statement asks for one row more than the page holds, to know whether there is another page. Where some rows aren't kept
// nobody knows how many are needed: reading stops when the page is full.
func (p planned) statement(bounded bool) (query string, args []any) {
	query = "SELECT key, doc, " + p.order.column + " FROM " + p.Name + p.where.String() + p.order.clause()
	args = p.where.Args()
	if bounded {
		query, args = query+" LIMIT ?", append(args[:len(args):len(args)], p.limit+1)
	}
	return query, args
}

func collect[R any](rows *sql.Rows, p planned, keep func(*R) bool) (page Page[R], err error) {
	var last cursor
	for rows.Next() {
		row, at, err := scanRow[R](rows, p.list)
		switch {
		case err != nil:
			return page, err
		case keep != nil && !keep(row):
			continue
		case len(page.Items) == p.limit:
			page.Next = last.String()
			return page, nil
		}
		page.Items, last = append(page.Items, *row), at
	}
	return page, rows.Err()
}

func scanRow[R any](rows *sql.Rows, list string) (*R, cursor, error) {
	var key string
	var doc sql.RawBytes
	var value any
	if err := rows.Scan(&key, &doc, &value); err != nil {
		return nil, cursor{}, err
	}
	row := new(R)
	if err := json.Unmarshal(doc, row); err != nil {
		return nil, cursor{}, fmt.Errorf("row %q: %w", key, err)
	}
	at, err := newCursor(list, key, value)
	return row, at, err
}
