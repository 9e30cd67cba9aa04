package statement

// Status is how far a statement is: parked, or importing → open ⇄ reconciled.
type Status string

// The states of a statement.
const (
	StatusParked     Status = "parked"    // not in the books: its balances don't fit
	StatusImporting  Status = "importing" // in the books; its lines are still coming
	StatusOpen       Status = "open"      // lines are to be settled
	StatusReconciled Status = "reconciled"
)

// Statuses lists every state, in order.
func Statuses() []Status {
	return []Status{StatusParked, StatusImporting, StatusOpen, StatusReconciled}
}

// LineStatus is what became of a line.
type LineStatus string

// The states of a line.
const (
	LineUnmatched  LineStatus = "unmatched"
	LineIsMatched  LineStatus = "matched"
	LineIsResolved LineStatus = "resolved"
	LineIsSkipped  LineStatus = "skipped" // an earlier statement has it
)

// LineStatuses lists every state of a line.
func LineStatuses() []LineStatus {
	return []LineStatus{LineUnmatched, LineIsMatched, LineIsResolved, LineIsSkipped}
}

// VarianceReasons lists every reason for a difference.
func VarianceReasons() []VarianceReason {
	return []VarianceReason{BankCharge, Rounding, ShortPaid, Overpaid, Unexplained}
}
