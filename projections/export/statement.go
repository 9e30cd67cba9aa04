package export

import (
	"cmp"
	"context"
	"iter"
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/projections"
	"github.com/channelledger/channelledger/projections/journal"
	"github.com/channelledger/channelledger/projections/listing"
)

// The rows of a statement that are no entry: the balance before the first day, and that at the end of the last one.
const (
	openingRow = "opening"
	closingRow = "closing"
)

// Statement yields an account's statement, of one snapshot of the read model journal: a row for each currency's opening
// balance, the lines with the running one, and a row for each closing balance. An account in which nothing ever moved has none.
func Statement(ctx context.Context, q projections.Querier, query journal.StatementQuery) iter.Seq2[journal.StatementLine, error] {
	return func(yield func(journal.StatementLine, error) bool) {
		query.Request = listing.Request{Limit: cmp.Or(query.Limit, listing.MaxLimit)}
		for first := true; ; first = false {
			s, next, err := journal.StatementOf(ctx, q, query)
			if err != nil {
				yield(journal.StatementLine{}, err)
				return
			}
			if s == nil {
				return
			}
			if !yieldPage(yield, s, first, next == "") || next == "" {
				return
			}
			query.Cursor = next
		}
	}
}

func yieldPage(yield func(journal.StatementLine, error) bool, s *journal.AccountStatement, first, last bool) bool {
	var rows []journal.StatementLine
	if first {
		rows = balanceRows(s, openingRow, s.Opening)
	}
	rows = append(rows, s.Lines...)
	if last {
		rows = append(rows, balanceRows(s, closingRow, s.Closing)...)
	}
	for _, row := range rows {
		if !yield(row, nil) {
			return false
		}
	}
	return true
}

func balanceRows(s *journal.AccountStatement, which string, balances domain.Totals) (rows []journal.StatementLine) {
	for _, balance := range balances {
		row := journal.StatementLine{Balance: balance}
		row.Account, row.Type = s.Account, which
		rows = append(rows, row)
	}
	return rows
}

// StatementTable shows an account's statement.
func StatementTable() Table[journal.StatementLine] {
	return Table[journal.StatementLine]{
		Day("posted_on", func(l journal.StatementLine) domain.Date { return l.PostedOn }),
		Day("effective_on", func(l journal.StatementLine) domain.Date { return l.EffectiveOn }),
		Moment("recorded_at", func(l journal.StatementLine) time.Time { return l.RecordedAt }),
		Text("type", func(l journal.StatementLine) string { return l.Type }),
		Text("account", func(l journal.StatementLine) string { return l.Account.Name }),
		Text("party", func(l journal.StatementLine) string { return l.Account.Party }),
		Amount("debit", func(l journal.StatementLine) domain.Money { return debit(l.Amount) }),
		Amount("credit", func(l journal.StatementLine) domain.Money { return debit(l.Amount.Neg()) }),
		Amount("balance", func(l journal.StatementLine) domain.Money { return l.Balance }),
		Text("currency", func(l journal.StatementLine) string { return l.Balance.Currency() }),
		ID("event_id", func(l journal.StatementLine) uuid.UUID { return l.Event }),
		Text("stream", func(l journal.StatementLine) string { return l.Stream }),
	}
}
