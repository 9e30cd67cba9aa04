package bank

import (
	"fmt"
	"strings"

	"github.com/channelledger/channelledger/domain"
)

// Codes of errors, as found in Error.Code and in domain.Rejection.Rule. docs/how-to/import-a-bank-statement.md says what
// each means and what to do.
const (
	CodeEncoding = "statement_encoding"        // bytes that are no text in the declared encoding, or one that isn't read
	CodeXML      = "statement_xml"             // not well-formed XML, or cut off
	CodeDoctype  = "statement_doctype"         // a DTD: none is read, so no entity is ever expanded
	CodeFormat   = "statement_format"          // another message than camt.053, or no CSV as the mapping says
	CodeTooLarge = "statement_too_large"       // a limit is reached: the detail says which
	CodeMissing  = "statement_missing"         // something that must be there is not
	CodeTwice    = "statement_twice"           // something is there twice that can be there once
	CodeAccount  = "statement_account"         // no account number, or a wrong one
	CodeCurrency = "statement_currency"        // another currency than the account's, or none
	CodeAmount   = "statement_amount"          // no amount, or one with more decimals than the currency has
	CodeSign     = "statement_sign"            // a sign that contradicts the direction
	CodeDate     = "statement_date"            // no day, or an absurd one
	CodeStatus   = "statement_status"          // neither booked nor one of the states that are passed over
	CodeText     = "statement_text"            // longer than the format allows
	CodeBalances = "statement_balances"        // opening and lines don't make the closing balance
	CodeRunning  = "statement_running_balance" // a row's balance isn't what those around it make
	CodeNothing  = "statement_nothing"         // no statement in the file
)

// Error says what is wrong with a file, and where. It unwraps to a *domain.Rejection of kind invalid, whose rule is the
// code and whose field is the path.
type Error struct {
	Code   string
	At     Position
	Detail string // what is wrong, and what would be right
}

// Error names place and fault.
func (e *Error) Error() string {
	if place := e.At.String(); place != "" {
		return place + ": " + e.Detail
	}
	return e.Detail
}

// Unwrap gives the rejection.
func (e *Error) Unwrap() error {
	r := &domain.Rejection{Kind: domain.KindInvalid, Rule: e.Code, Field: e.At.Path, Detail: e.Detail}
	if e.At.Line > 0 {
		r.Detail = fmt.Sprintf("line %d: %s", e.At.Line, e.Detail)
	}
	return r
}

// String is the place for people, as in "line 12, Stmt[1]/Ntry[3]/Amt".
func (p Position) String() string {
	var parts []string
	if p.Line > 0 {
		parts = append(parts, fmt.Sprintf("line %d", p.Line))
	}
	if p.Path != "" {
		parts = append(parts, p.Path)
	}
	return strings.Join(parts, ", ")
}

func wrong(code string, at Position, format string, args ...any) error {
	return &Error{Code: code, At: at, Detail: fmt.Sprintf(format, args...)}
}
