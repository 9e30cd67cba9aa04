package export

import (
	"context"
	"errors"
	"iter"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/projections"
	"github.com/channelledger/channelledger/projections/journal"
)

// Books says which part of the books is exported. A book is whole: else it wouldn't be zero by itself.
type Books struct {
	By   journal.Basis
	Days journal.Days
	Book []journal.Book // none: both
}

// Entries yields entries in the order of their days and of the log, of one snapshot of the read model journal.
func Entries(ctx context.Context, q projections.Querier, of Books) iter.Seq2[journal.Entry, error] {
	return func(yield func(journal.Entry, error) bool) {
		filter := journal.Filter{By: of.By, Days: of.Days, Book: of.Book}
		err := journal.Each(ctx, q, filter, func(e journal.Entry) error {
			if !yield(e, nil) {
				return errEnough
			}
			return nil
		})
		if err != nil && !errors.Is(err, errEnough) {
			yield(journal.Entry{}, err)
		}
	}
}

var errEnough = errors.New("enough")

// BroughtForward are the balances before the first day as entries of that day, one a book: with them, the balances that a
// program adds up from the entries are those of our books. Without a first day, or without balances, there are none.
func BroughtForward(ctx context.Context, q projections.Querier, of Books) ([]journal.Entry, error) {
	if of.Days.From.IsZero() {
		return nil, nil
	}
	trial, err := journal.Trial(ctx, q, journal.BalanceQuery{
		By: of.By, Days: journal.Days{From: of.Days.From, To: of.Days.From}, Book: of.Book, Parties: true,
	})
	if err != nil {
		return nil, err
	}
	var all []journal.Entry
	for _, b := range trial.Balances {
		if b.Opening.Sign() == 0 {
			continue
		}
		if len(all) == 0 || all[len(all)-1].Book != b.Book {
			all = append(all, journal.Entry{
				Event: uuid.Nil, Type: openingRow, Book: b.Book, EffectiveOn: of.Days.From, PostedOn: of.Days.From,
			})
		}
		last := &all[len(all)-1]
		last.Lines = append(last.Lines, journal.Line{Account: b.Account, Amount: b.Opening})
	}
	return all, nil
}
