package mdf

// Activity is what a partner does with the money.
type Activity string

// The activities.
const (
	ActivityEvent    Activity = "event"
	ActivityCampaign Activity = "campaign"
	ActivityContent  Activity = "content"
	ActivityTraining Activity = "training"
	ActivityOther    Activity = "other"
)

// Activities lists every activity, in the order of the documentation.
func Activities() []Activity {
	return []Activity{ActivityEvent, ActivityCampaign, ActivityContent, ActivityTraining, ActivityOther}
}

// Treatment is where an amount goes in the books. MDF is consideration payable to a customer and reduces revenue, unless it
// pays for a distinct good or service at fair value (ASC 606-10-32-25, IFRS 15.70). The approver says which, and why.
type Treatment string

// The treatments.
const (
	ContraRevenue Treatment = "contra_revenue"
	Expense       Treatment = "expense"
)

// Treatments lists every treatment.
func Treatments() []Treatment { return []Treatment{ContraRevenue, Expense} }

// Settlement is how a claim is settled with the partner.
type Settlement string

// The settlements.
const (
	PartnerInvoice Settlement = "partner_invoice" // the partner invoices the vendor
	CreditNote     Settlement = "credit_note"     // the vendor credits the partner
)

// Settlements lists every settlement.
func Settlements() []Settlement { return []Settlement{PartnerInvoice, CreditNote} }

// CreditSource is where a fund's money comes from.
type CreditSource string

// FromAllocation is money that a budget allocated.
const FromAllocation CreditSource = "allocation"

// ReleaseCause is why an allocation is no more.
type ReleaseCause string

// The causes.
const (
	CauseReleased ReleaseCause = "released" // given back: it may be allocated again
	CauseExpired  ReleaseCause = "expired"  // stays expired, unless it is carried over
)

// DuplicateRule is why a claim looks like another one.
type DuplicateRule string

// The rules.
const (
	SameInvoice DuplicateRule = "same_invoice" // supplier and invoice number, in another fund of the partner
	SameAmount  DuplicateRule = "same_amount"  // invoice date and gross amount under another number, in any fund of the partner
)

// DuplicateRules lists every rule.
func DuplicateRules() []DuplicateRule { return []DuplicateRule{SameInvoice, SameAmount} }

// RequestStatus is how far a request is.
type RequestStatus string

// The states of a request.
const (
	RequestIsSubmitted     RequestStatus = "submitted"
	RequestIsFirstApproved RequestStatus = "first_approved" // waits for a second approver
	RequestIsApproved      RequestStatus = "approved"       // the amount is reserved
	RequestIsDeclined      RequestStatus = "declined"
	RequestIsCancelled     RequestStatus = "cancelled"
	RequestIsLapsed        RequestStatus = "lapsed"
	RequestIsCompleted     RequestStatus = "completed" // by a final claim
)

// RequestStatuses lists every state, in order.
func RequestStatuses() []RequestStatus {
	return []RequestStatus{
		RequestIsSubmitted, RequestIsFirstApproved, RequestIsApproved, RequestIsDeclined, RequestIsCancelled, RequestIsLapsed,
		RequestIsCompleted,
	}
}

// ClaimStatus is how far a claim is.
type ClaimStatus string

// The states of a claim.
const (
	ClaimIsFiled         ClaimStatus = "filed"
	ClaimIsFirstApproved ClaimStatus = "first_approved" // waits for a second approver
	ClaimIsReturned      ClaimStatus = "returned"       // to the partner, to be completed
	ClaimIsWithdrawn     ClaimStatus = "withdrawn"
	ClaimIsApproved      ClaimStatus = "approved" // and something of it is still to be paid
	ClaimIsDenied        ClaimStatus = "denied"
	ClaimIsPaid          ClaimStatus = "paid"
)

// ClaimStatuses lists every state, in order.
func ClaimStatuses() []ClaimStatus {
	return []ClaimStatus{
		ClaimIsFiled, ClaimIsFirstApproved, ClaimIsReturned, ClaimIsWithdrawn, ClaimIsApproved, ClaimIsDenied, ClaimIsPaid,
	}
}
