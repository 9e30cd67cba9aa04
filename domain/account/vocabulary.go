package account

import "github.com/channelledger/channelledger/domain/policy"

// Kind says what a deal is to the customer.
type Kind = policy.DealKind

// The kinds of deal.
const (
	KindNew       = policy.DealNew
	KindExpansion = policy.DealExpansion
	KindRenewal   = policy.DealRenewal
)

// Route says how the product reaches the customer.
type Route string

// The routes to the customer.
const (
	RouteResale       Route = "resale"
	RouteReferral     Route = "referral"
	RouteDistribution Route = "distribution" // through a distributor
)

// Source says who found the deal; only what partners found counts as sourced.
type Source string

// The sources of a deal.
const (
	SourcePartner        Source = "partner"
	SourceVendorReferred Source = "vendor_referred"
)

// Status is where a deal stands in its life:
// submitted ⇄ returned → approved → won | lost | expired | withdrawn; submitted or returned → rejected | withdrawn.
type Status string

// The states of a deal.
const (
	StatusSubmitted Status = "submitted"
	StatusReturned  Status = "returned"
	StatusApproved  Status = "approved"
	StatusRejected  Status = "rejected"
	StatusWithdrawn Status = "withdrawn"
	StatusWon       Status = "won"
	StatusLost      Status = "lost"
	StatusExpired   Status = "expired"
)

// Stage is how far the sale of an approved deal is. Sales go back too, so any stage may follow any other.
type Stage string

// The stages of a sale.
const (
	StageProspecting Stage = "prospecting"
	StageQualified   Stage = "qualified"
	StageProposal    Stage = "proposal"
	StageNegotiation Stage = "negotiation"
)

// Owner says who sells to an account.
type Owner string

// The owners of an account.
const (
	OwnerChannel Owner = "channel" // partners: so without a word
	OwnerDirect  Owner = "direct"  // the vendor's own sales
	OwnerHouse   Owner = "house"   // nobody in particular; the vendor keeps it
)

// Outcome is how a sale ended, of a deal's line or of the vendor's own opportunity.
type Outcome string

// The outcomes of a sale.
const (
	OutcomeWon  Outcome = "won"
	OutcomeLost Outcome = "lost"
)

// ReversalReason says why a win is taken back.
type ReversalReason string

// The reasons of a reversal.
const (
	ReversalEntryError ReversalReason = "entry_error"
	ReversalCancelled  ReversalReason = "cancelled"
	ReversalReturned   ReversalReason = "returned"
)

// BreachBy says what the vendor did against a protected deal.
type BreachBy string

// The breaches of a protection.
const (
	BreachByOpening BreachBy = "opened"
	BreachByWinning BreachBy = "won"
)

// ExtensionStatus is where a request for longer protection stands.
type ExtensionStatus string

// The states of a request for extension.
const (
	ExtensionPending ExtensionStatus = "requested"
	ExtensionGiven   ExtensionStatus = "granted"
	ExtensionRefused ExtensionStatus = "declined"
	ExtensionLapsed  ExtensionStatus = "lapsed" // the deal was closed before it was decided
)

// ShortenReason says why a protection ends earlier than it was granted for.
type ShortenReason string

// The reasons why a protection ends earlier.
const (
	ShortenedByDeactivation ShortenReason = "partner_deactivated" // the partner left the program
	ShortenedByRuling       ShortenReason = "ruling_overturned"   // what reinstated it was overturned on appeal
)

// InfluenceRole says how another partner than the deal's own helped to sell it.
type InfluenceRole string

// The roles of influence.
const (
	InfluenceCoSell    InfluenceRole = "co_sell"   // it sold along
	InfluenceTechnical InfluenceRole = "technical" // its people or product made the solution
	InfluenceReferral  InfluenceRole = "referral"  // it brought the customer
	InfluenceDelivery  InfluenceRole = "delivery"  // it installs or runs what is sold
)

// InfluenceRoles lists every role of influence.
func InfluenceRoles() []InfluenceRole {
	return []InfluenceRole{InfluenceCoSell, InfluenceTechnical, InfluenceReferral, InfluenceDelivery}
}
