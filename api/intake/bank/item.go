package bank

import (
	"github.com/channelledger/channelledger/domain"
)

// Item is what a file consists of: a Statement, then its Lines, then its End; then the next Statement.
type Item interface{ item() }

// Statement is the head of one. What a CSV says only behind its lines (a running balance, a closing row, the days) is not
// known yet: End has it.
type Statement struct {
	InFile   int          // which of the file's statements it is, from 1
	Account  string       // an IBAN without spaces, or the bank's own number
	Currency string       // of the account, ISO 4217
	Number   string       // the bank's own of the statement, unique for the account; with the page where there are several
	Sequence string       // the bank's counting of statements, which may begin anew each year; empty where it says none
	From     domain.Date  // first day
	To       domain.Date  // last day
	Opening  domain.Money // booked balance before the lines; below 0 where overdrawn
	Closing  domain.Money // booked balance behind them
}

// Line is one booked movement of the account.
type Line struct {
	InFile    int          // the statement's
	Number    int          // from 1 within the statement; the same at every reading of the file
	BookedOn  domain.Date  // the bank's own day
	ValueOn   domain.Date  // from when interest counts; BookedOn where the bank says none
	Outgoing  bool         // money that left the account; else money that came in
	Amount    domain.Money // above 0, in the account's currency
	Reversal  bool         // takes an earlier line back; Outgoing is its own direction
	Reference string       // the bank's own (AcctSvcrRef); empty where it gives none
	Repeated  bool         // an earlier line of the statement has the same Reference
	Identity  string       // 32 hex digits: equal for the same movement in another file of the account
	Entry     int          // which booked entry of the statement it is in, from 1
	Batch     int          // how many payments the entry holds, as far as the bank says; 0 where it says nothing
	Payment   Payment      // what the payer's order said
	Other     Party        // the other side of the payment
	Text      string       // remittance, its parts joined by a space
	Charges   domain.Money // that the bank took; none where it says none. Amount is what was booked
	Original  domain.Money // in the currency of the order, where it is another than the account's
	Return    Return       // why the money came back
	At        Position     // in the file
}

// Payment is what the order of a payment said of itself. A text is empty where the bank doesn't hand it on.
type Payment struct {
	EndToEndID  string // given by the payer, handed on to the payee
	Instruction string // InstrId: given by the payer for the bank alone
	MessageID   string // of the file of orders
	PaymentID   string // PmtInfId: of the batch within that file
	MandateID   string // of a direct debit
	Transaction string // TxId, given by the first bank
}

// Party is the other side of a movement.
type Party struct {
	Name    string
	Account string // IBAN without spaces, or another number
	BIC     string
}

// Return says that a payment came back, and why.
type Return struct {
	Code string // ISO 20022 external code, as in AC04: closed account
	Text string // the bank's own words
}

// End is what a statement came to. Its sums are checked: Statement.Opening + In - Out = Statement.Closing, unless the
// item comes with an *Error of CodeBalances.
type End struct {
	Statement              // whole
	Lines     int          // that counted
	In, Out   domain.Money // sums of the lines in and out, each at least 0
	Computed  domain.Money // Opening + In - Out
	Entries   int          // booked entries; one of several payments has several lines
	Pending   int          // entries passed over because they are not booked
	Zero      int          // booked entries of nought, passed over
	Repeated  int          // lines whose reference an earlier one has
}

func (Statement) item() {}
func (Line) item()      {}
func (End) item()       {}

// Position is a place in a file.
type Position struct {
	Line   int    // from 1
	Column int    // from 1; 0 where it is the whole line
	Path   string // as in Stmt[1]/Ntry[3]/Amt, or the column of a CSV
}
