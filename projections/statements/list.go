package statements

import (
	"context"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/statement"
	"github.com/channelledger/channelledger/projections"
	"github.com/channelledger/channelledger/projections/listing"
)

// Query says which statements are wanted: those that have, in every field given, one of the values. They come by their last
// day, the latest first by default.
type Query struct {
	ID          []uuid.UUID
	Status      []statement.Status
	BankAccount []string
	Currency    []string
	SHA256      []string // of the file

	listing.Request
}

// Get is one statement; nil where there is none.
func Get(ctx context.Context, q projections.Querier, id uuid.UUID) (*statement.Summary, error) {
	return projections.One[statement.Summary](ctx, q, "statements", id.String())
}

// List is a page of statements.
// Errors: a Rejection of kind Invalid that names sort, cursor, limit or the filter.
func List(ctx context.Context, q projections.Querier, query Query) (listing.Page[statement.Summary], error) {
	var w listing.Where
	listing.IDsAs(&w, "id", "key", query.ID)
	listing.In(&w, "status", query.Status)
	listing.In(&w, "bank_account", query.BankAccount)
	listing.In(&w, "currency", query.Currency)
	listing.In(&w, "sha256", query.SHA256)
	table := listing.Table{Name: "statements", Sorts: []string{"-ended"}}
	return listing.Fetch[statement.Summary](ctx, q, table, w, query.Request, nil)
}

// LineQuery says which lines are wanted, as Query. They come by the day they were booked on, the oldest first.
type LineQuery struct {
	Statement   []uuid.UUID
	Status      []statement.LineStatus
	BankAccount []string
	Currency    []string
	Owner       []string
	Reference   []string    // of the bank
	From, To    domain.Date // booked on one of the days; zero: any

	listing.Request
}

// GetLine is one line of a statement; nil where there is none.
func GetLine(ctx context.Context, q projections.Querier, id uuid.UUID, number int) (*Line, error) {
	return projections.One[Line](ctx, q, "lines", lineKey(id, number))
}

// Lines is a page of lines.
// Errors: as of List.
func Lines(ctx context.Context, q projections.Querier, query LineQuery) (listing.Page[Line], error) {
	return listing.Fetch[Line](ctx, q, listing.Table{Name: "lines", Sorts: []string{"booked"}}, query.where(), query.Request, nil)
}

func (q LineQuery) where() (w listing.Where) {
	listing.IDsAs(&w, "statement_id", "statement", q.Statement)
	listing.In(&w, "status", q.Status)
	listing.In(&w, "bank_account", q.BankAccount)
	listing.In(&w, "currency", q.Currency)
	listing.In(&w, "owner", q.Owner)
	listing.In(&w, "reference", q.Reference)
	if !q.From.IsZero() {
		w.That("booked >= ?", Day(q.From))
	}
	if !q.To.IsZero() {
		w.That("booked <= ?", Day(q.To))
	}
	return w
}

// MatchQuery says which matches are wanted, as Query. They come by their first lines.
type MatchQuery struct {
	Statement []uuid.UUID
	Rule      []string

	listing.Request
}

// Matches is a page of matches, undone ones included.
// Errors: as of List.
func Matches(ctx context.Context, q projections.Querier, query MatchQuery) (listing.Page[Match], error) {
	var w listing.Where
	listing.IDsAs(&w, "statement_id", "statement", query.Statement)
	listing.In(&w, "rule", query.Rule)
	return listing.Fetch[Match](ctx, q, listing.Table{Name: "matches", Sorts: []string{"first_line"}}, w, query.Request, nil)
}

// PaymentQuery says which payments are wanted, as Query. They come by when they were sent.
type PaymentQuery struct {
	BankAccount []string
	Currency    []string
	Partner     []uuid.UUID
	Payout      []uuid.UUID
	OpenOnly    bool // the bank has not shown all of it

	listing.Request
}

// Payments is a page of payments.
// Errors: as of List.
func Payments(ctx context.Context, q projections.Querier, query PaymentQuery) (listing.Page[Payment], error) {
	var w listing.Where
	listing.In(&w, "bank_account", query.BankAccount)
	listing.In(&w, "currency", query.Currency)
	listing.IDsAs(&w, "partner_id", "partner", query.Partner)
	listing.IDsAs(&w, "payout_id", "payout", query.Payout)
	if query.OpenOnly {
		w.That("open = 1")
	}
	return listing.Fetch[Payment](ctx, q, listing.Table{Name: "payments", Sorts: []string{"sent"}}, w, query.Request, nil)
}

// PaymentsOf are all payments for payables, in no order that means anything; at most listing.MaxValues payables at once.
func PaymentsOf(ctx context.Context, q projections.Querier, payables []uuid.UUID) (all []Payment, err error) {
	for _, id := range payables {
		some, err := projections.All[Payment](ctx, q, "SELECT doc FROM payments WHERE key >= ? AND key < ? ORDER BY key",
			id.String()+"/", id.String()+"0")
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	return all, nil
}

// OpenPayments are the payments of a bank account in a currency that the bank has not shown all of, behind a key, at most
// limit; and the key to go on behind.
func OpenPayments(
	ctx context.Context, q projections.Querier, account, currency, behind string, limit int,
) (some []Payment, next string, err error) {
	some, err = projections.All[Payment](ctx, q,
		"SELECT doc FROM payments WHERE open = 1 AND bank_account = ? AND currency = ? AND key > ? ORDER BY key LIMIT ?",
		account, currency, behind, limit)
	if err != nil || len(some) < limit {
		return some, "", err
	}
	last := some[len(some)-1]
	return some, paymentKey(last.PayableID, last.PayoutID), nil
}
