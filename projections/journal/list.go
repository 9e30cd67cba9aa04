package journal

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/projections"
	"github.com/channelledger/channelledger/projections/listing"
)

// Filter says which entries are wanted: those that have, in every field given, one of the values.
type Filter struct {
	By       Basis // which date Days are of; none: the posting date
	Days     Days
	Book     []Book
	Account  []string // entries with a line in one of these accounts
	Party    []string // entries with a line in an account of one of these
	Currency []string // entries with a line in one of these
	Type     []string // of the event
	Stream   []string
	Event    []uuid.UUID
}

// Query is a filter and the page wanted. Sorts are posted_on, effective_on and recorded_at; on one day the log's order holds.
// The date asked by comes first by default.
type Query struct {
	Filter
	listing.Request
}

// Entries is a page of the journal.
// Errors: a Rejection of kind Invalid that names by, to, sort, cursor, limit or the filter.
func Entries(ctx context.Context, q projections.Querier, query Query) (page listing.Page[Entry], err error) {
	if query.By, err = query.By.orPosted(); err != nil {
		return page, err
	}
	sorts := []string{query.By.column(), "posted_on", "effective_on", "recorded_at"}
	return listing.Fetch[Entry](ctx, q, listing.Table{Name: "entries", Sorts: sorts}, query.where(), query.Request, nil)
}

// Count is how many entries pass the filter. Errors: as of Entries.
func Count(ctx context.Context, q projections.Querier, f Filter) (n int64, err error) {
	if f.By, err = f.By.orPosted(); err != nil {
		return 0, err
	}
	w := f.where()
	if w.Err() != nil {
		return 0, w.Err()
	}
	return n, q.QueryRowContext(ctx, "SELECT COUNT(*) FROM entries"+w.String(), w.Args()...).Scan(&n)
}

// Each calls take with every entry that passes the filter, in the order of the date asked by and of the log, one at a time.
// Errors: as of Entries; what take returns ends it.
func Each(ctx context.Context, q projections.Querier, f Filter, take func(Entry) error) (err error) {
	if f.By, err = f.By.orPosted(); err != nil {
		return err
	}
	w := f.where()
	if w.Err() != nil {
		return w.Err()
	}
	rows, err := q.QueryContext(ctx, "SELECT doc FROM entries"+w.String()+" ORDER BY "+f.By.column()+", key", w.Args()...)
	if err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	defer func() { _ = rows.Close() }() // what the read missed is told by Err
	for rows.Next() {
		var doc sql.RawBytes
		var entry Entry
		if err := rows.Scan(&doc); err != nil {
			return err
		}
		if err := json.Unmarshal(doc, &entry); err != nil {
			return fmt.Errorf("journal: %w", err)
		}
		if err := take(entry); err != nil {
			return err
		}
	}
	return rows.Err()
}

// where is for a basis that was checked.
func (f Filter) where() (w listing.Where) {
	f.Days.within(&w, f.By.column())
	listing.In(&w, "book", f.Book)
	f.inLines(&w)
	listing.In(&w, "type", f.Type)
	listing.In(&w, "stream", f.Stream)
	listing.IDs(&w, "event", f.Event)
	return w
}

// inLines wants one line that has all of account, party and currency.
func (f Filter) inLines(w *listing.Where) {
	var of listing.Where
	listing.In(&of, "account", f.Account)
	listing.In(&of, "party", f.Party)
	listing.In(&of, "currency", f.Currency)
	if of.Err() != nil {
		w.Refuse(of.Err())
	}
	if len(of.Args()) > 0 {
		w.That("key IN (SELECT substr(key, 1, 16) FROM lines"+of.String()+")", of.Args()...)
	}
}
