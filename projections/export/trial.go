package export

import (
	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/projections/journal"
)

// TrialTable shows a trial balance.
func TrialTable() Table[journal.Balance] {
	return Table[journal.Balance]{
		Text("book", func(b journal.Balance) string { return string(b.Book) }),
		Text("account", func(b journal.Balance) string { return b.Account.Name }),
		Text("party", func(b journal.Balance) string { return b.Account.Party }),
		Amount("opening", func(b journal.Balance) domain.Money { return b.Opening }),
		Amount("debit", func(b journal.Balance) domain.Money { return b.Debit }),
		Amount("credit", func(b journal.Balance) domain.Money { return b.Credit }),
		Amount("closing", func(b journal.Balance) domain.Money { return b.Closing }),
		Text("currency", func(b journal.Balance) string { return b.Closing.Currency() }),
	}
}
