package statements

import (
	"context"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/statement"
	"github.com/channelledger/channelledger/projections"
)

// Bucket is how old unmatched lines are, in calendar days since they were booked.
type Bucket string

// The buckets.
const (
	UpTo30  Bucket = "0-30"
	UpTo60  Bucket = "31-60"
	UpTo90  Bucket = "61-90"
	Above90 Bucket = "90+"
)

// Buckets lists every bucket, the youngest first.
func Buckets() []Bucket { return []Bucket{UpTo30, UpTo60, UpTo90, Above90} }

// BucketOf is the bucket of what was booked on a day, at another.
func BucketOf(booked, today domain.Date) Bucket {
	switch age := Day(today) - Day(booked); {
	case age <= 30:
		return UpTo30
	case age <= 60:
		return UpTo60
	case age <= 90:
		return UpTo90
	}
	return Above90
}

// Ageing is what is unmatched of one age, currency and direction.
type Ageing struct {
	Bucket   Bucket       `json:"bucket"`
	Outgoing bool         `json:"outgoing"`
	Lines    int          `json:"lines"`
	Amount   domain.Money `json:"amount"`
}

// Unmatched is how old the unmatched lines of a bank account are, or of all: what there is of each bucket, currency and
// direction, the oldest first.
func Unmatched(ctx context.Context, q projections.Querier, account string, today domain.Date) (all []Ageing, err error) {
	rows, err := q.QueryContext(ctx, `
		SELECT CASE WHEN ?1 - booked <= 30 THEN 0 WHEN ?1 - booked <= 60 THEN 1 WHEN ?1 - booked <= 90 THEN 2 ELSE 3 END AS bucket,
			currency, outgoing, COUNT(*), SUM(minor)
		FROM lines WHERE status = ?2 AND (?3 = '' OR bank_account = ?3)
		GROUP BY bucket, currency, outgoing ORDER BY bucket DESC, currency, outgoing`,
		Day(today), string(statement.LineUnmatched), account)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // what the read missed is told by Err
	for rows.Next() {
		var bucket int
		var currency string
		var minor int64
		var a Ageing
		if err := rows.Scan(&bucket, &currency, &a.Outgoing, &a.Lines, &minor); err != nil {
			return nil, err
		}
		if a.Amount, err = domain.NewMoney(minor, currency); err != nil {
			return nil, err
		}
		a.Bucket = Buckets()[bucket]
		all = append(all, a)
	}
	return all, rows.Err()
}
