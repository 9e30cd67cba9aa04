// Package payment writes the files that tell a bank whom to pay: ISO 20022 pain.001.001.09, and CSV. A file follows from what
// it is given alone: the same batch gives the same bytes, so that its hash can be held against what was recorded.
package payment

import (
	"fmt"
	"io"
	"time"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/payout"
)

// Batch is one file: payments from one account, in one currency, on one day.
type Batch struct {
	MessageID   string    // at most 35 characters
	CreatedAt   time.Time // when it was approved: written to the second, in UTC
	ExecutionOn domain.Date
	Debtor      payout.Debtor
	Currency    string
	Transfers   []Transfer // at least one
}

// Transfer is one payment.
type Transfer struct {
	EndToEndID string // at most 35 characters
	Amount     domain.Money
	Name       string // of whom it goes to
	Account    string // an IBAN, or a number as their bank has it
	BIC        string // of their bank; empty: not known
	Remittance string // what they read
}

// Write writes a batch in a format.
// Errors: those of the writer; a Rejection of kind Invalid where a payment can't be written in that format.
func Write(w io.Writer, format payout.Format, b Batch) error {
	switch format {
	case payout.Pain001:
		return writePain001(w, b)
	case payout.CSV:
		return writeCSV(w, b)
	}
	return domain.Invalid("format", "unknown format %q: want one of %v", format, payout.Formats())
}

// MediaType is what a format's file is, for HTTP.
func MediaType(format payout.Format) string {
	if format == payout.CSV {
		return "text/csv; charset=utf-8"
	}
	return "application/xml"
}

// FileName is what a file is called where somebody saves it.
func FileName(format payout.Format, messageID string) string {
	if format == payout.CSV {
		return "payout-" + messageID + ".csv"
	}
	return "payout-" + messageID + ".xml"
}

// total adds up what is paid.
func (b Batch) total() (domain.Money, error) {
	total, err := domain.NewMoney(0, b.Currency)
	for i := 0; err == nil && i < len(b.Transfers); i++ {
		if b.Transfers[i].Amount.Sign() <= 0 {
			return total, domain.Invalid(fmt.Sprintf("items[%d]", i), "want more than 0")
		}
		total, err = total.Add(b.Transfers[i].Amount)
	}
	return total, err
}
