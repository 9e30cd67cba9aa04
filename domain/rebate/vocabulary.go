package rebate

// Status is how far an agreement is: open → closed → (first_approved →) approved.
type Status string

// The states of an agreement.
const (
	StatusOpen          Status = "open"
	StatusClosed        Status = "closed"
	StatusFirstApproved Status = "first_approved" // a second person is still to approve
	StatusApproved      Status = "approved"
)

// Statuses lists every state, in order.
func Statuses() []Status {
	return []Status{StatusOpen, StatusClosed, StatusFirstApproved, StatusApproved}
}

// ReversalReason says why something sold or earned is taken back.
type ReversalReason string

// The reasons for a reversal.
const (
	ReversalEntryError ReversalReason = "entry_error"
	ReversalCancelled  ReversalReason = "cancelled"
	ReversalReturned   ReversalReason = "returned"
	ReversalReopened   ReversalReason = "reopened" // the deal was not won after all
	ReversalReassigned ReversalReason = "reassigned"
)

// ReversalReasons lists every reason for a reversal.
func ReversalReasons() []ReversalReason {
	return []ReversalReason{ReversalEntryError, ReversalCancelled, ReversalReturned, ReversalReopened, ReversalReassigned}
}

// AdjustmentKind says what an adjustment comes from.
type AdjustmentKind string

// The kinds of adjustment.
const (
	// AdjustedByScheme: a sale or reversal came in behind the close, and the scheme was applied again.
	AdjustedByScheme AdjustmentKind = "scheme"
	// AdjustedByHand: people decided on it; it stands beside what the scheme gives.
	AdjustedByHand AdjustmentKind = "manual"
)

// ProposalStatus is how far a proposed adjustment is.
type ProposalStatus string

// The states of a proposed adjustment.
const (
	ProposalPending       ProposalStatus = "proposed"
	ProposalFirstApproved ProposalStatus = "first_approved"
	ProposalApproved      ProposalStatus = "approved"
	ProposalDeclined      ProposalStatus = "declined"
)

// Treatment says what a SPIFF is in the books. The ledger records it, it doesn't determine it.
type Treatment string

// The treatments of a SPIFF.
const (
	TreatmentExpense       Treatment = "expense"
	TreatmentContraRevenue Treatment = "contra_revenue"
)
