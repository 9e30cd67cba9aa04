package export

import (
	"iter"
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/projections/journal"
)

// posting is one line of an entry.
type posting struct {
	journal.Entry
	line journal.Line
}

func journalTable() Table[posting] {
	return Table[posting]{
		Day("posted_on", func(p posting) domain.Date { return p.PostedOn }),
		Day("effective_on", func(p posting) domain.Date { return p.EffectiveOn }),
		Moment("effective_at", func(p posting) time.Time { return p.EffectiveAt }),
		Moment("recorded_at", func(p posting) time.Time { return p.RecordedAt }),
		Text("book", func(p posting) string { return string(p.Book) }),
		Text("type", func(p posting) string { return p.Type }),
		Text("account", func(p posting) string { return p.line.Account.Name }),
		Text("party", func(p posting) string { return p.line.Account.Party }),
		Amount("debit", func(p posting) domain.Money { return debit(p.line.Amount) }),
		Amount("credit", func(p posting) domain.Money { return debit(p.line.Amount.Neg()) }),
		Text("currency", func(p posting) string { return p.line.Amount.Currency() }),
		ID("event_id", func(p posting) uuid.UUID { return p.Event }),
		Text("stream", func(p posting) string { return p.Stream }),
		Number("revision", func(p posting) int64 { return p.Revision }),
	}
}

// debit is an amount above nought; another one isn't given.
func debit(m domain.Money) domain.Money {
	if m.Sign() <= 0 {
		return domain.Money{}
	}
	return m
}

// postings are the lines of entries, in order.
func postings(entries iter.Seq2[journal.Entry, error]) iter.Seq2[posting, error] {
	return func(yield func(posting, error) bool) {
		for e, err := range entries {
			if err != nil {
				yield(posting{}, err)
				return
			}
			for _, l := range e.Lines {
				if !yield(posting{e, l}, nil) {
					return
				}
			}
		}
	}
}
