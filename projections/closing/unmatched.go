package closing

import (
	"context"
	"fmt"

	"github.com/channelledger/channelledger/domain/statement"
	"github.com/channelledger/channelledger/projections"
	"github.com/channelledger/channelledger/projections/listing"
	"github.com/channelledger/channelledger/projections/statements"
)

// unmatchedDays is how old an unmatched line is, in calendar days before the month's end, when it stands in the way.
const unmatchedDays = 30

// maxLines bounds how many lines are told.
const maxLines = 500

// unmatchedLines: what is younger is only part of open_suspense. It tells at most 500, the oldest first.
func unmatchedLines() Check {
	title := fmt.Sprintf("No line of a bank statement is unmatched for more than %d days at the month's end", unmatchedDays)
	return Check{"unmatched_lines", title, func(ctx context.Context, books Books) (found []Finding, err error) {
		query := statements.LineQuery{
			Status: []statement.LineStatus{statement.LineUnmatched}, To: books.Month.Last().AddDays(-unmatchedDays - 1),
			Request: listing.Request{Limit: maxLines},
		}
		err = books.Ask(ctx, statements.Name, func(q projections.Querier) error {
			page, err := statements.Lines(ctx, q, query)
			for _, l := range page.Items {
				found = append(found, Finding{
					What:   fmt.Sprintf("line %d of a statement of %s, booked on %s", l.Number, l.BankAccount, l.BookedOn),
					Amount: l.Amount, Entity: l.StatementID, Line: l.Number,
				})
			}
			return err
		})
		return found, err
	}}
}
