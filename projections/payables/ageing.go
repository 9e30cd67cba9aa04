package payables

import (
	"context"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/projections"
)

// Ageing is how old what is open is, in one currency: by calendar days behind the day that it was due.
type Ageing struct {
	Currency string       `json:"currency"`
	NotDue   domain.Money `json:"not_due"` // due that day or later
	To30     domain.Money `json:"days_1_30"`
	To60     domain.Money `json:"days_31_60"`
	To90     domain.Money `json:"days_61_90"`
	Over90   domain.Money `json:"days_over_90"`
	Total    domain.Money `json:"total"`
	Payables int64        `json:"payables"`
}

// Age is the ageing on a day, one line a currency in the order of the codes; scope: only this partner's, zero: all.
func Age(ctx context.Context, q projections.Querier, scope uuid.UUID, on domain.Date) (lines []Ageing, err error) {
	query, args := "SELECT currency, due, SUM(open), COUNT(*) FROM payables WHERE open > 0", []any{}
	if scope != uuid.Nil {
		query, args = query+" AND partner = ?", append(args, scope.String())
	}
	rows, err := q.QueryContext(ctx, query+" GROUP BY currency, due ORDER BY currency, due", args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var currency, day string
		var minor, count int64
		if err := rows.Scan(&currency, &day, &minor, &count); err != nil {
			return nil, err
		}
		due, err := domain.ParseDate(day)
		if err != nil {
			return nil, err
		}
		amount, err := domain.NewMoney(minor, currency)
		if err != nil {
			return nil, err
		}
		if n := len(lines); n == 0 || lines[n-1].Currency != currency {
			lines = append(lines, newAgeing(currency, amount))
		}
		if err := lines[len(lines)-1].add(due, on, amount, count); err != nil {
			return nil, err
		}
	}
	return lines, rows.Err()
}

func newAgeing(currency string, amount domain.Money) Ageing {
	none := domain.Must(amount.Sub(amount))
	return Ageing{Currency: currency, NotDue: none, To30: none, To60: none, To90: none, Over90: none, Total: none}
}

func (a *Ageing) add(due, on domain.Date, amount domain.Money, count int64) (err error) {
	bucket := &a.Over90
	for _, b := range []struct {
		days   int
		bucket *domain.Money
	}{{0, &a.NotDue}, {30, &a.To30}, {60, &a.To60}, {90, &a.To90}} {
		if on.Compare(due.AddDays(b.days)) <= 0 {
			bucket = b.bucket
			break
		}
	}
	a.Payables += count
	if *bucket, err = bucket.Add(amount); err == nil {
		a.Total, err = a.Total.Add(amount)
	}
	return err
}
