package incentives

import (
	"context"
	"database/sql"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/projections"
	"github.com/channelledger/channelledger/projections/listing"
)

// Query says which statement is wanted: a partner's, of a period by effective time, of all accounts or some.
type Query struct {
	Partner uuid.UUID
	Period  listing.Period
	Kind    []Kind
	ID      []uuid.UUID // of agreements or funds

	listing.Request
}

// Statement is a page of a partner's statement: every account that was asked for, with its balances, and of the movements
// those of the page. Opening and the movements of all pages add up to closing.
type Statement struct {
	PartnerID uuid.UUID          `json:"partner_id"`
	Accounts  []AccountStatement `json:"accounts"`
}

// AccountStatement is one account over the period.
type AccountStatement struct {
	Account
	Opening   domain.Money `json:"opening"` // balance before the period's first moment
	Closing   domain.Money `json:"closing"` // balance at its end
	Movements []Line       `json:"movements"`
}

// Line is a movement and the balance behind it.
type Line struct {
	Movement
	Balance domain.Money `json:"balance"`
}

// Read is a page of a partner's statement, and the cursor of the next.
// Errors: a Rejection of kind Invalid that names cursor, limit or the filter.
func Read(ctx context.Context, q projections.Querier, query Query) (s Statement, next string, err error) {
	s = Statement{PartnerID: query.Partner, Accounts: []AccountStatement{}}
	if err := s.readAccounts(ctx, q, query); err != nil {
		return s, "", err
	}
	query.Sort = "" // a statement has one order
	page, err := listing.Fetch[Movement](ctx, q, listing.Table{Name: "movements", Sorts: []string{"account"}}, query.movements(), query.Request, nil)
	if err != nil {
		return s, "", err
	}
	for _, m := range page.Items {
		if err := s.add(ctx, q, m); err != nil {
			return s, "", err
		}
	}
	return s, page.Next, nil
}

func (s *Statement) readAccounts(ctx context.Context, q projections.Querier, query Query) error {
	w := query.accounts()
	if w.Err() != nil {
		return w.Err()
	}
	accounts, err := projections.All[Account](ctx, q, "SELECT doc FROM accounts"+w.String()+" ORDER BY key", w.Args()...)
	if err != nil {
		return err
	}
	for _, a := range accounts {
		of := AccountStatement{Account: a, Movements: []Line{}}
		if of.Opening, err = a.balance(ctx, q, "at < ?", listing.Moment(query.Period.From)); err != nil {
			return err
		}
		until := "1 = 1"
		var args []any
		if !query.Period.Until.IsZero() {
			until, args = "at < ?", []any{listing.Moment(query.Period.Until)}
		}
		if of.Closing, err = a.balance(ctx, q, until, args...); err != nil {
			return err
		}
		s.Accounts = append(s.Accounts, of)
	}
	return nil
}

// add puts a movement under its account. The first one of a page stands on the balance of all before it.
func (s *Statement) add(ctx context.Context, q projections.Querier, m Movement) error {
	for i := range s.Accounts {
		a := &s.Accounts[i]
		if a.Kind != m.Account || a.ID != m.AccountID || a.Currency != m.Amount.Currency() {
			continue
		}
		before, err := a.balanceBefore(ctx, q, m)
		if err != nil {
			return err
		}
		balance, err := before.Add(m.Amount)
		if err != nil {
			return err
		}
		a.Movements = append(a.Movements, Line{Movement: m, Balance: balance})
	}
	return nil
}

// balanceBefore is the balance that the next movement of the page stands on.
func (a AccountStatement) balanceBefore(ctx context.Context, q projections.Querier, m Movement) (domain.Money, error) {
	if n := len(a.Movements); n > 0 {
		return a.Movements[n-1].Balance, nil
	}
	return a.balance(ctx, q, "key < ?", m.key())
}

// balance is the sum of the account's movements that a condition lets pass.
func (a Account) balance(ctx context.Context, q projections.Querier, condition string, args ...any) (domain.Money, error) {
	var minor sql.NullInt64
	query := "SELECT SUM(minor) FROM movements WHERE account = ? AND " + condition
	if err := q.QueryRowContext(ctx, query, append([]any{a.key()}, args...)...).Scan(&minor); err != nil {
		return domain.Money{}, err
	}
	return domain.NewMoney(minor.Int64, a.Currency)
}

func (q Query) accounts() (w listing.Where) {
	w.That("partner = ?", q.Partner.String())
	listing.In(&w, "kind", q.Kind)
	listing.IDs(&w, "id", q.ID)
	return w
}

func (q Query) movements() (w listing.Where) {
	w.That("partner = ?", q.Partner.String())
	if of := q.accounts(); len(of.Args()) > 1 {
		w.That("account IN (SELECT key FROM accounts"+of.String()+")", of.Args()...)
	}
	w.Within("at", q.Period)
	return w
}
