package journal

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/projections"
	"github.com/channelledger/channelledger/projections/listing"
)

// StatementQuery says which account is wanted, over which days.
type StatementQuery struct {
	By       Basis
	Days     Days
	Account  Account // without a party: of all parties together
	Currency string  // only this one; empty: each
	listing.Request
}

// AccountStatement is a page of what moved in an account. Opening, and the lines of all pages, add up to closing.
type AccountStatement struct {
	Account Account         `json:"account"`
	By      Basis           `json:"by"`
	Opening domain.Totals   `json:"opening"` // before the first day, one amount a currency
	Lines   []StatementLine `json:"lines"`
	Closing domain.Totals   `json:"closing"` // at the end of the last day
}

// StatementLine is a line and the balance behind it, in the line's currency.
type StatementLine struct {
	AccountLine
	Balance domain.Money `json:"balance"`
}

// StatementOf is a page of an account's statement, in the order of days and of the log, and the cursor of the next; nil where
// nothing ever moved in the account.
// Errors: a Rejection of kind Invalid that names by, to, cursor, limit or the filter.
func StatementOf(ctx context.Context, q projections.Querier, query StatementQuery) (s *AccountStatement, next string, err error) {
	if query.By, err = query.By.orPosted(); err != nil {
		return nil, "", err
	}
	if err := query.Days.check(); err != nil {
		return nil, "", err
	}
	s = &AccountStatement{Account: query.Account, By: query.By, Lines: []StatementLine{}}
	if s.Closing, err = query.balances(ctx, q, query.of(Days{To: query.Days.To})); err != nil {
		return nil, "", err
	}
	if s.Opening, err = query.opening(ctx, q, s.Closing); err != nil {
		return nil, "", err
	}
	page, err := query.lines(ctx, q)
	if err != nil {
		return nil, "", err
	}
	if len(s.Closing) == 0 {
		if found, err := query.everMoved(ctx, q); err != nil || !found {
			return nil, "", err
		}
	}
	return s, page.Next, s.run(ctx, q, query, page.Items)
}

func (q StatementQuery) lines(ctx context.Context, from projections.Querier) (listing.Page[AccountLine], error) {
	var w listing.Where
	q.account(&w)
	q.Days.within(&w, q.By.column())
	q.Sort = "" // a statement has one order
	return listing.Fetch[AccountLine](ctx, from, listing.Table{Name: "lines", Sorts: []string{q.By.column()}}, w, q.Request, nil)
}

// run writes the running balances. The first line of a page in each currency stands on all that came before it.
func (s *AccountStatement) run(ctx context.Context, q projections.Querier, query StatementQuery, lines []AccountLine) error {
	running := map[string]domain.Money{}
	for _, l := range lines {
		currency := l.Amount.Currency()
		before, known := running[currency]
		if !known {
			var err error
			if before, err = query.before(ctx, q, l); err != nil {
				return err
			}
		}
		after, err := before.Add(l.Amount)
		if err != nil {
			return err
		}
		running[currency] = after
		s.Lines = append(s.Lines, StatementLine{AccountLine: l, Balance: after})
	}
	return nil
}

// before is the balance in front of a line: of the days before its own, and of the lines before it on that day.
func (q StatementQuery) before(ctx context.Context, from projections.Querier, l AccountLine) (domain.Money, error) {
	day := l.PostedOn
	if q.By == ByEffective {
		day = l.EffectiveOn
	}
	q.Currency = l.Amount.Currency()
	days, err := q.balances(ctx, from, q.of(Days{To: day.AddDays(-1)}))
	if err != nil {
		return domain.Money{}, err
	}
	var w listing.Where
	q.account(&w)
	w.That(q.By.column()+" = ?", day.String())
	w.That("key < (SELECT key FROM lines WHERE account = ? AND party = ? AND posted_on = ? AND event = ? AND currency = ?)",
		l.Account.Name, l.Account.Party, l.PostedOn.String(), l.Event.String(), q.Currency)
	var minor sql.NullInt64
	if err := from.QueryRowContext(ctx, "SELECT SUM(minor) FROM lines"+w.String(), w.Args()...).Scan(&minor); err != nil {
		return domain.Money{}, fmt.Errorf("account %s: %w", q.Account.Name, err)
	}
	same, err := domain.NewMoney(minor.Int64, q.Currency)
	if err != nil {
		return domain.Money{}, err
	}
	return days.In(q.Currency).Add(same)
}

// opening is the balance before the first day, in each currency of the closing balance.
func (q StatementQuery) opening(ctx context.Context, from projections.Querier, closing domain.Totals) (domain.Totals, error) {
	opening := domain.Totals{}
	if !q.Days.From.IsZero() {
		before, err := q.balances(ctx, from, q.of(Days{To: q.Days.From.AddDays(-1)}))
		if err != nil {
			return nil, err
		}
		opening = before
	}
	for _, m := range closing {
		if err := opening.Add(domain.Must(domain.NewMoney(0, m.Currency()))); err != nil {
			return nil, err
		}
	}
	return opening, nil
}

// of are the conditions for the sums of some days.
func (q StatementQuery) of(days Days) (w listing.Where) {
	w.That("account = ?", q.Account.Name)
	w.That("party = ?", q.Account.Party)
	if q.Currency != "" {
		w.That("currency = ?", q.Currency)
	}
	days.within(&w, "day")
	return w
}

// account are the conditions for the lines.
func (q StatementQuery) account(w *listing.Where) {
	w.That("account = ?", q.Account.Name)
	if q.Account.Party != "" {
		w.That("party = ?", q.Account.Party)
	}
	if q.Currency != "" {
		w.That("currency = ?", q.Currency)
	}
}

func (q StatementQuery) balances(ctx context.Context, from projections.Querier, w listing.Where) (domain.Totals, error) {
	debit, credit := string(q.By)+"_debit", string(q.By)+"_credit"
	rows, err := from.QueryContext(ctx, "SELECT currency, SUM("+debit+" - "+credit+") FROM balances"+w.String()+
		" GROUP BY currency HAVING SUM("+debit+" + "+credit+") > 0", w.Args()...)
	if err != nil {
		return nil, fmt.Errorf("account %s: %w", q.Account.Name, err)
	}
	defer func() { _ = rows.Close() }() // what the read missed is told by Err
	totals := domain.Totals{}
	for rows.Next() {
		var currency string
		var minor int64
		if err := rows.Scan(&currency, &minor); err != nil {
			return nil, err
		}
		sum, err := domain.NewMoney(minor, currency)
		if err != nil {
			return nil, err
		}
		if err := totals.Add(sum); err != nil {
			return nil, err
		}
	}
	return totals, rows.Err()
}

func (q StatementQuery) everMoved(ctx context.Context, from projections.Querier) (found bool, err error) {
	var w listing.Where
	q.account(&w)
	return found, from.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM lines"+w.String()+")", w.Args()...).Scan(&found)
}
