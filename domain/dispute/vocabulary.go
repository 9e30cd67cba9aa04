package dispute

// Kind says what is contested.
type Kind string

// The kinds of dispute.
const (
	KindDealOwnership  Kind = "deal_ownership"  // whose deal it is
	KindDealExpiry     Kind = "deal_expiry"     // whether a protection ended
	KindDirectConflict Kind = "direct_conflict" // the vendor's own sales went for a protected deal
	KindCustomerBypass Kind = "customer_bypass" // somebody went around the partner to its customer
	KindMDFDenial      Kind = "mdf_denial"      // a claim on funds was denied
	KindRebateAmount   Kind = "rebate_amount"   // what a rebate comes to, or what was paid of it
	KindTierDecision   Kind = "tier_decision"
	KindClawback       Kind = "clawback"
	KindPricing        Kind = "pricing" // what a deal was sold or discounted at
)

// Kinds lists every kind of dispute.
func Kinds() []Kind {
	return []Kind{
		KindDealOwnership, KindDealExpiry, KindDirectConflict, KindCustomerBypass, KindMDFDenial, KindRebateAmount,
		KindTierDecision, KindClawback, KindPricing,
	}
}

// AboutDeals reports whether disputes of the kind are about a deal, on which a hold is placed.
func (k Kind) AboutDeals() bool {
	switch k {
	case KindDealOwnership, KindDealExpiry, KindDirectConflict, KindCustomerBypass, KindPricing:
		return true
	case KindMDFDenial, KindRebateAmount, KindTierDecision, KindClawback:
	}
	return false
}

// againstVendor reports whether what is contested is always the vendor's own doing, so that the vendor answers for it.
func (k Kind) againstVendor() bool {
	switch k {
	case KindDealExpiry, KindDirectConflict, KindMDFDenial, KindRebateAmount, KindTierDecision, KindClawback:
		return true
	case KindDealOwnership, KindCustomerBypass, KindPricing:
	}
	return false
}

// Status is how far a case is: open → ruled → (appealed →) final → closed. A case that is settled or withdrawn is final.
type Status string

// The states of a case.
const (
	StatusOpen     Status = "open"     // the parties are heard
	StatusRuled    Status = "ruled"    // an appeal may be filed
	StatusAppealed Status = "appealed" // the appeal is heard
	StatusFinal    Status = "final"    // what was decided is carried out
	StatusClosed   Status = "closed"   // nothing happens any more
)

// Statuses lists every state, in order.
func Statuses() []Status {
	return []Status{StatusOpen, StatusRuled, StatusAppealed, StatusFinal, StatusClosed}
}

// Outcome is what a case came to.
type Outcome string

// The outcomes of a case; those of a ruling are the first three.
const (
	OutcomeUpheld       Outcome = "upheld" // the claimant is right
	OutcomePartlyUpheld Outcome = "partly_upheld"
	OutcomeDenied       Outcome = "denied"
	OutcomeSettled      Outcome = "settled" // the parties agreed
	OutcomeWithdrawn    Outcome = "withdrawn"
)

// Rulings lists the outcomes that a ruling may have.
func Rulings() []Outcome { return []Outcome{OutcomeUpheld, OutcomePartlyUpheld, OutcomeDenied} }

// Deadline is a time that may be missed.
type Deadline string

// The deadlines of a case.
const (
	DeadlineResponse Deadline = "response"
	DeadlineRuling   Deadline = "ruling" // of the first instance: the case goes one level up
	DeadlineAppeal   Deadline = "appeal" // for the ruling on an appeal
)

// Visibility says who sees a piece of evidence.
type Visibility string

// The visibilities of evidence.
const (
	VisibleToParties     Visibility = "parties"
	VisibleToAdjudicator Visibility = "adjudicator" // and to who submitted it: only once the adjudicator grants it does it count
)

// Sealing is where the wish stands that only the adjudicator sees a piece of evidence.
type Sealing string

// The states of such a wish.
const (
	SealingIsAsked   Sealing = "asked"
	SealingIsGranted Sealing = "granted" // the others see a summary
	SealingIsRefused Sealing = "refused" // the evidence is set aside: nobody else sees it, no ruling rests on it
)

// RemedyKind says what is to be done.
type RemedyKind string

// The kinds of remedy.
const (
	RemedyReassign            RemedyKind = "reassign"     // a deal goes to another partner
	RemedySplitCredit         RemedyKind = "split_credit" // several partners share a deal's credit
	RemedyReinstateProtection RemedyKind = "reinstate_protection"
	RemedyApproveClaim        RemedyKind = "approve_claim" // a denied claim is reopened and approved
	RemedyUndoClawback        RemedyKind = "undo_clawback"
	RemedyAdjustAmount        RemedyKind = "adjust_amount" // a rebate is more, or less
	RemedySetTier             RemedyKind = "set_tier"
	RemedyOverrideConflicts   RemedyKind = "override_conflicts" // findings don't keep a deal from approval any more
)

// RemedyKinds lists every kind of remedy.
func RemedyKinds() []RemedyKind {
	return []RemedyKind{
		RemedyReassign, RemedySplitCredit, RemedyReinstateProtection, RemedyApproveClaim, RemedyUndoClawback,
		RemedyAdjustAmount, RemedySetTier, RemedyOverrideConflicts,
	}
}

// movesMoney reports whether the vendor pays for it.
func (k RemedyKind) movesMoney() bool {
	return k == RemedyApproveClaim || k == RemedyUndoClawback || k == RemedyAdjustAmount
}

// RemedyStatus is how far a remedy is.
type RemedyStatus string

// The states of a remedy.
const (
	RemedyIsOrdered RemedyStatus = "ordered"
	RemedyIsParked  RemedyStatus = "parked" // it can't be carried out, or undone, for now
	RemedyIsApplied RemedyStatus = "applied"
	RemedyIsUndone  RemedyStatus = "undone" // it was carried out, and taken back since
)

// FinalReason says what made a case final.
type FinalReason string

// What makes a case final.
const (
	FinalByTime       FinalReason = "appeal_window_ended"
	FinalByWaiver     FinalReason = "appeal_waived"
	FinalByAppeal     FinalReason = "appeal_ruled"
	FinalBySettlement FinalReason = "settled"
	FinalByWithdrawal FinalReason = "withdrawn"
)
