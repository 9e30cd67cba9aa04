package statements

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/statement"
	"github.com/channelledger/channelledger/projections"
	"github.com/channelledger/channelledger/projections/listing"
)

// TimelyDays is within how many calendar days of its booking a line should be settled.
const TimelyDays = 5

// Health is how well one bank account's statements are reconciled, in three numbers. Each is a part of a whole, as counts or
// amounts; what is missing to the whole can be listed.
type Health struct {
	BankAccount string `json:"bank_account"`
	Currency    string `json:"currency"`

	Lines        int64        `json:"lines"`         // that count
	Settled      int64        `json:"settled"`       // of them, matched or resolved: completeness
	Sent         domain.Money `json:"sent"`          // to the bank, net of what came back
	Cleared      domain.Money `json:"cleared"`       // of it, shown by statements: clearing
	Due          int64        `json:"due"`           // lines that were settled, or should be by now
	Timely       int64        `json:"timely"`        // of them, settled within TimelyDays of their booking: timeliness
	CoveredUntil domain.Date  `json:"covered_until"` // last day of the last statement in the books
	Parked       int64        `json:"parked"`        // statements that aren't in the books, because their balances don't fit
}

// Healths are the bank accounts that have a statement or a payment, in the order of account and currency. today says which
// lines should be settled by now.
func Healths(ctx context.Context, q projections.Querier, today domain.Date) ([]Health, error) {
	h := &healths{byKey: map[[2]string]*Health{}}
	for _, part := range []func(context.Context, projections.Querier, domain.Date) error{h.statements, h.lines, h.payments} {
		if err := part(ctx, q, today); err != nil {
			return nil, fmt.Errorf("health of bank accounts: %w", err)
		}
	}
	return h.sorted(), nil
}

// LateQuery says of which account the lines are wanted that aren't timely, see Health.
type LateQuery struct {
	BankAccount string // empty: all
	Currency    string // empty: all
	Today       domain.Date

	listing.Request
}

// Late is a page of lines that were settled too late, or should be by now. They come by the day they were booked on, the
// oldest first.
// Errors: as of List.
func Late(ctx context.Context, q projections.Querier, query LateQuery) (listing.Page[Line], error) {
	var w listing.Where
	w.That("status <> ?", string(statement.LineIsSkipped))
	w.That("(settled >= 0 AND settled - booked > ? OR settled < 0 AND booked < ?)", TimelyDays, Day(query.Today)-TimelyDays)
	if query.BankAccount != "" {
		w.That("bank_account = ?", query.BankAccount)
	}
	if query.Currency != "" {
		w.That("currency = ?", query.Currency)
	}
	return listing.Fetch[Line](ctx, q, listing.Table{Name: "lines", Sorts: []string{"booked"}}, w, query.Request, nil)
}

type healths struct{ byKey map[[2]string]*Health }

// of is the account's row, made where it is missing.
func (h *healths) of(account, currency string) *Health {
	key := [2]string{account, currency}
	if h.byKey[key] == nil {
		none := domain.Must(domain.NewMoney(0, currency)) // of an amount that is in the books
		h.byKey[key] = &Health{BankAccount: account, Currency: currency, Sent: none, Cleared: none}
	}
	return h.byKey[key]
}

func (h *healths) statements(ctx context.Context, q projections.Querier, _ domain.Date) error {
	rows, err := q.QueryContext(ctx, `
		SELECT bank_account, currency, SUM(status = ?1), COALESCE(MAX(CASE WHEN status <> ?1 THEN ended END), -1)
		FROM statements GROUP BY bank_account, currency`, string(statement.StatusParked))
	return each(rows, err, func() error {
		var account, currency string
		var parked, ended int64
		if err := rows.Scan(&account, &currency, &parked, &ended); err != nil {
			return err
		}
		row := h.of(account, currency)
		row.Parked = parked
		if ended >= 0 {
			row.CoveredUntil = domain.Date{Year: 1970, Month: 1, Day: 1}.AddDays(int(ended))
		}
		return nil
	})
}

func (h *healths) lines(ctx context.Context, q projections.Querier, today domain.Date) error {
	rows, err := q.QueryContext(ctx, `
		SELECT bank_account, currency, COUNT(*), SUM(settled >= 0),
			SUM(settled >= 0 OR booked < ?2 - ?3), SUM(settled >= 0 AND settled - booked <= ?3)
		FROM lines WHERE status <> ?1 GROUP BY bank_account, currency`,
		string(statement.LineIsSkipped), Day(today), TimelyDays)
	return each(rows, err, func() error {
		var account, currency string
		var lines, settled, due, timely int64
		if err := rows.Scan(&account, &currency, &lines, &settled, &due, &timely); err != nil {
			return err
		}
		row := h.of(account, currency)
		row.Lines, row.Settled, row.Due, row.Timely = lines, settled, due, timely
		return nil
	})
}

func (h *healths) payments(ctx context.Context, q projections.Querier, _ domain.Date) error {
	rows, err := q.QueryContext(ctx,
		`SELECT bank_account, currency, SUM(net), SUM(net - not_shown) FROM payments GROUP BY bank_account, currency`)
	return each(rows, err, func() error {
		var account, currency string
		var sent, cleared int64
		if err := rows.Scan(&account, &currency, &sent, &cleared); err != nil {
			return err
		}
		row := h.of(account, currency)
		if row.Sent, err = domain.NewMoney(sent, currency); err != nil {
			return err
		}
		row.Cleared, err = domain.NewMoney(cleared, currency)
		return err
	})
}

// each goes through the rows that a query found, and closes them.
func each(rows *sql.Rows, err error, take func() error) error {
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }() // what the read missed is told by Err
	for rows.Next() {
		if err := take(); err != nil {
			return err
		}
	}
	return rows.Err()
}

func (h *healths) sorted() (all []Health) {
	for _, key := range slices.SortedFunc(maps.Keys(h.byKey), func(a, b [2]string) int { return slices.Compare(a[:], b[:]) }) {
		all = append(all, *h.byKey[key])
	}
	return all
}
