package journal

import (
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
)

// Book is one of the two sets of accounts; each is zero by itself.
type Book string

// The books.
const (
	Budgetary Book = "budgetary" // what partners may spend: authority, allocations, reservations
	Financial Book = "financial" // what is owed, paid and expensed
)

// Account is a name in the chart, and whom it is about.
type Account struct {
	Name  string `json:"name"`  // as in liability:mdf_payable
	Party string `json:"party"` // as in fund:<id>, budget:<id>, partner:<id>, bank:<account>
}

// Line is one side of an entry: above 0 is a debit, below 0 a credit.
type Line struct {
	Account Account      `json:"account"`
	Amount  domain.Money `json:"amount"`
}

// Entry is what one event does to one book. Its lines add up to zero in each currency.
type Entry struct {
	Event       uuid.UUID `json:"event_id"`
	Type        string    `json:"type"`
	Stream      string    `json:"stream"`
	Revision    int64     `json:"revision"`
	Book        Book      `json:"book"`
	RecordedAt  time.Time `json:"recorded_at"`
	EffectiveAt time.Time `json:"effective_at"`
	// EffectiveOn is the day of EffectiveAt in the program's zone.
	EffectiveOn domain.Date `json:"effective_on"`
	// PostedOn is the day that the books carry it on: its effective day, or the first day of the first open month behind it.
	PostedOn domain.Date `json:"posted_on"`
	Lines    []Line      `json:"lines"`
}
