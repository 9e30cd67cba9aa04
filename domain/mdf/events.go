package mdf

import (
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
)

// BudgetEvent is a fact in a budget's stream.
type BudgetEvent interface {
	domain.Event
	evolve(*Budget, domain.Envelope)
}

// FundEvent is a fact in a fund's stream.
type FundEvent interface {
	domain.Event
	move(*Balance) // what it does to the fund's money
}

// RequestEvent is a fact about one request.
type RequestEvent interface {
	FundEvent
	Request() uuid.UUID // the request's id
	request(*Request, domain.Envelope)
}

// ClaimEvent is a fact about one claim, and so about its request.
type ClaimEvent interface {
	RequestEvent
	Claim() uuid.UUID // the claim's id
	claim(*Claim, domain.Envelope)
}

// FundRef says which fund it is, of which budget, and whose: what postings end in.
type FundRef struct {
	FundID    uuid.UUID `json:"fund_id"` // derived from budget and partner
	BudgetID  uuid.UUID `json:"budget_id"`
	PartnerID uuid.UUID `json:"partner_id"`
}

// OfRequest names a request.
type OfRequest struct {
	RequestID uuid.UUID `json:"request_id"`
}

// OfClaim names a claim and its request.
type OfClaim struct {
	RequestID uuid.UUID `json:"request_id"`
	ClaimID   uuid.UUID `json:"claim_id"`
}

// Period is the days that a budget is for.
type Period struct {
	From domain.Date `json:"from"` // first day
	To   domain.Date `json:"to"`   // last day
}

// Proof is a document that shows what was done and paid; the file itself is kept by its hash.
type Proof struct {
	Name   string `json:"name"`
	Size   int64  `json:"size"`   // bytes
	SHA256 string `json:"sha256"` // 64 hex digits
}

// Invoice is the supplier's invoice that a claim is about. Its amounts have one currency, which is the claim's.
type Invoice struct {
	Supplier      string       `json:"supplier"`
	InvoiceNumber string       `json:"invoice_number"`
	InvoiceDate   domain.Date  `json:"invoice_date"`
	Net           domain.Money `json:"net"`
	Tax           domain.Money `json:"tax"`
	TaxCode       string       `json:"tax_code,omitempty"`
	Recoverable   domain.Money `json:"recoverable"` // the part of the tax that can be got back: no cost
	Gross         domain.Money `json:"gross"`       // net + tax
	Settlement    Settlement   `json:"settlement"`
	Proof         []Proof      `json:"proof,omitempty"`
}

// FX is an exchange rate and where it is from.
type FX struct {
	Rate   domain.Rate `json:"rate"`   // units of the fund's currency for one of the claim's
	Source string      `json:"source"` // as in "ECB reference rate 2026-03-02"
}

// SplitLine is a part of what a claim draws, and where it goes in the books.
type SplitLine struct {
	Treatment Treatment    `json:"treatment"`
	Amount    domain.Money `json:"amount"` // in the fund's currency
	Basis     string       `json:"basis"`  // why this treatment
}

// Terms are what an approval of a claim says. The payable is approved + input_tax, in the claim's currency.
type Terms struct {
	Approved   domain.Money `json:"approved"`    // in the claim's currency
	InputTax   domain.Money `json:"input_tax"`   // recoverable tax paid along with it, in the claim's currency
	Drawn      domain.Money `json:"drawn"`       // approved, in the fund's currency
	ProvenCost domain.Money `json:"proven_cost"` // net + tax that isn't recoverable, in the fund's currency
	Final      bool         `json:"final"`       // the rest of the request is released
	Split      []SplitLine  `json:"split"`       // adds up to drawn; each treatment at most once
	FX         FX           `json:"fx,omitzero"` // of a claim in another currency than the fund's
}

// ClawbackTerms are what a claw-back takes back, each part as it was approved.
type ClawbackTerms struct {
	ClawbackID uuid.UUID    `json:"clawback_id"`
	Amount     domain.Money `json:"amount"`    // of what was approved, in the claim's currency
	InputTax   domain.Money `json:"input_tax"` // of the tax paid along, in the claim's currency
	Drawn      domain.Money `json:"drawn"`     // given back to the fund, in its currency
	Split      []SplitLine  `json:"split"`     // adds up to drawn
	Paid       bool         `json:"paid"`      // the partner has the money: it is a receivable
}

// DuplicateOf is the other claim.
type DuplicateOf struct {
	FundID  uuid.UUID `json:"fund_id"`
	ClaimID uuid.UUID `json:"claim_id"`
}

// BudgetTypes lists every event type that a budget's stream may hold.
func BudgetTypes() []domain.Type {
	return []domain.Type{
		domain.TypeOf[BudgetOpened](),
		domain.TypeOf[BudgetIncreased](),
		domain.TypeOf[Allocated](),
		domain.TypeOf[AllocationReleased](),
		domain.TypeOf[CarryOverRequested](),
		domain.TypeOf[BudgetCarriedOver](),
		domain.TypeOf[BudgetClosed](),
	}
}

// FundTypes lists every event type that a fund's stream may hold.
func FundTypes() []domain.Type {
	return []domain.Type{
		domain.TypeOf[FundCredited](),
		domain.TypeOf[FundReleased](),
		domain.TypeOf[FundsExpired](),
		domain.TypeOf[RequestSubmitted](),
		domain.TypeOf[RequestFirstApproved](),
		domain.TypeOf[RequestApproved](),
		domain.TypeOf[RequestDeclined](),
		domain.TypeOf[RequestCancelled](),
		domain.TypeOf[RequestLapsed](),
		domain.TypeOf[DeadlineExtended](),
		domain.TypeOf[ObligationAccrued](),
		domain.TypeOf[ObligationReleased](),
		domain.TypeOf[ClaimFiled](),
		domain.TypeOf[ClaimReturned](),
		domain.TypeOf[ClaimRefiled](),
		domain.TypeOf[ClaimWithdrawn](),
		domain.TypeOf[DuplicateFound](),
		domain.TypeOf[DuplicateOverridden](),
		domain.TypeOf[ClaimFirstApproved](),
		domain.TypeOf[ClaimApproved](),
		domain.TypeOf[ClaimDenied](),
		domain.TypeOf[ClaimReopened](),
		domain.TypeOf[ClaimPaid](),
		domain.TypeOf[ClaimPaymentReturned](),
		domain.TypeOf[ClaimClawedBack](),
		domain.TypeOf[ClawbackReversed](),
		domain.TypeOf[PipelineAttributed](),
	}
}

// BudgetOpened says: there is money for a period.
type BudgetOpened struct {
	BudgetID  uuid.UUID    `json:"budget_id"`
	Name      string       `json:"name"`
	Period    Period       `json:"period"`
	Amount    domain.Money `json:"amount"`
	ExpiresAt time.Time    `json:"expires_at"` // what partners have not spent or reserved by then, exclusive, expires
	Policy    string       `json:"policy"`     // kind@version
}

// EventType is mdf.budget_opened.v1.
func (BudgetOpened) EventType() string { return "mdf.budget_opened.v1" }

// BudgetIncreased says: there is more of it.
type BudgetIncreased struct {
	BudgetID uuid.UUID    `json:"budget_id"`
	Amount   domain.Money `json:"amount"`
	Reason   string       `json:"reason"`
}

// EventType is mdf.budget_increased.v1.
func (BudgetIncreased) EventType() string { return "mdf.budget_increased.v1" }

// Allocated says: a part is a partner's. It stands in transit until the fund is credited.
type Allocated struct {
	FundRef
	Amount    domain.Money `json:"amount"`
	ExpiresAt time.Time    `json:"expires_at"` // exclusive
}

// EventType is mdf.allocated.v1.
func (Allocated) EventType() string { return "mdf.allocated.v1" }

// AllocationReleased says: a part is no more the partner's. What was given back arrives from transit; what expired stays expired.
type AllocationReleased struct {
	FundRef
	Amount domain.Money `json:"amount"`
	Cause  ReleaseCause `json:"cause"`
	Source uuid.UUID    `json:"source"` // the fund's event
}

// EventType is mdf.allocation_released.v1.
func (AllocationReleased) EventType() string { return "mdf.allocation_released.v1" }

// CarryOverRequested says: somebody wants expired money to be used again. A later request replaces it.
type CarryOverRequested struct {
	BudgetID    uuid.UUID    `json:"budget_id"`
	CarryOverID uuid.UUID    `json:"carry_over_id"`
	Amount      domain.Money `json:"amount"`
	ExpiresAt   time.Time    `json:"expires_at"` // when it expires again, exclusive
	Reason      string       `json:"reason"`
}

// EventType is mdf.carry_over_requested.v1.
func (CarryOverRequested) EventType() string { return "mdf.carry_over_requested.v1" }

// BudgetCarriedOver says: a second person agreed: expired money may be allocated again.
type BudgetCarriedOver struct {
	BudgetID    uuid.UUID    `json:"budget_id"`
	CarryOverID uuid.UUID    `json:"carry_over_id"`
	Amount      domain.Money `json:"amount"`
	ExpiresAt   time.Time    `json:"expires_at"` // of what is allocated from now on, exclusive
	Reason      string       `json:"reason,omitempty"`
}

// EventType is mdf.budget_carried_over.v1.
func (BudgetCarriedOver) EventType() string { return "mdf.budget_carried_over.v1" }

// BudgetClosed says: nothing is allocated any more, and what was not goes back. What a fund gives back later goes back the same way, by another of these events.
type BudgetClosed struct {
	BudgetID uuid.UUID    `json:"budget_id"`
	Amount   domain.Money `json:"amount"` // that was unallocated
	Reason   string       `json:"reason,omitempty"`
}

// EventType is mdf.budget_closed.v1.
func (BudgetClosed) EventType() string { return "mdf.budget_closed.v1" }

// FundCredited says: money arrived from the budget.
type FundCredited struct {
	FundRef
	Source    CreditSource `json:"source"`
	Ref       uuid.UUID    `json:"ref"` // the event that sent it
	Amount    domain.Money `json:"amount"`
	ExpiresAt time.Time    `json:"expires_at"` // exclusive; of all that the fund has, the latest counts
}

// EventType is mdf.fund_credited.v1.
func (FundCredited) EventType() string { return "mdf.fund_credited.v1" }

// FundReleased says: money goes back to the budget.
type FundReleased struct {
	FundRef
	Amount domain.Money `json:"amount"`
	Reason string       `json:"reason"`
}

// EventType is mdf.fund_released.v1.
func (FundReleased) EventType() string { return "mdf.fund_released.v1" }

// FundsExpired says: nobody spent or reserved it in time.
type FundsExpired struct {
	FundRef
	Amount domain.Money `json:"amount"`
}

// EventType is mdf.funds_expired.v1.
func (FundsExpired) EventType() string { return "mdf.funds_expired.v1" }

// RequestSubmitted says: the partner wants money for an activity.
type RequestSubmitted struct {
	FundRef
	OfRequest
	Activity         Activity     `json:"activity"`
	Title            string       `json:"title"`
	Description      string       `json:"description,omitempty"`
	Starts           domain.Date  `json:"starts"`     // first day
	Ends             domain.Date  `json:"ends"`       // last day
	TotalCost        domain.Money `json:"total_cost"` // planned, in the fund's currency
	Requested        domain.Money `json:"requested"`  // of the vendor, in the fund's currency
	ExpectedPipeline domain.Money `json:"expected_pipeline,omitzero"`
}

// EventType is mdf.request_submitted.v1.
func (RequestSubmitted) EventType() string { return "mdf.request_submitted.v1" }

// RequestFirstApproved says: one person agrees; the amount needs a second one.
type RequestFirstApproved struct {
	OfRequest
	Amount    domain.Money `json:"amount"`
	Treatment Treatment    `json:"treatment"`
	Basis     string       `json:"basis"`      // why this treatment
	AddsUpTo  domain.Money `json:"adds_up_to"` // with the other requests for the activity: what the limit is held against
	Approval  string       `json:"approval"`   // kind@version
	Reason    string       `json:"reason,omitempty"`
}

// EventType is mdf.request_first_approved.v1.
func (RequestFirstApproved) EventType() string { return "mdf.request_first_approved.v1" }

// RequestApproved says: the amount is reserved.
type RequestApproved struct {
	FundRef
	OfRequest
	Amount             domain.Money `json:"amount"`
	Treatment          Treatment    `json:"treatment"`
	Basis              string       `json:"basis"`                // why this treatment
	VendorSharePercent domain.Rate  `json:"vendor_share_percent"` // of the proven cost, at most
	ClaimUntil         time.Time    `json:"claim_until"`          // exclusive
	AccruesAt          time.Time    `json:"accrues_at"`           // the activity's end, when an expense is accrued
	AddsUpTo           domain.Money `json:"adds_up_to"`           // with the other requests for the activity: what the limit is held against
	Policy             string       `json:"policy"`               // kind@version
	Approval           string       `json:"approval"`             // kind@version
	Reason             string       `json:"reason,omitempty"`
}

// EventType is mdf.request_approved.v1.
func (RequestApproved) EventType() string { return "mdf.request_approved.v1" }

// RequestDeclined says: there is no money for it.
type RequestDeclined struct {
	OfRequest
	Reason string `json:"reason"`
}

// EventType is mdf.request_declined.v1.
func (RequestDeclined) EventType() string { return "mdf.request_declined.v1" }

// RequestCancelled says: nothing more comes of it.
type RequestCancelled struct {
	FundRef
	OfRequest
	Freed  domain.Money `json:"freed"` // that was reserved
	Reason string       `json:"reason"`
}

// EventType is mdf.request_cancelled.v1.
func (RequestCancelled) EventType() string { return "mdf.request_cancelled.v1" }

// RequestLapsed says: nothing more can be claimed.
type RequestLapsed struct {
	FundRef
	OfRequest
	Freed domain.Money `json:"freed"` // that was reserved
}

// EventType is mdf.request_lapsed.v1.
func (RequestLapsed) EventType() string { return "mdf.request_lapsed.v1" }

// DeadlineExtended says: claims may come later.
type DeadlineExtended struct {
	OfRequest
	Until  time.Time `json:"until"` // exclusive
	Reason string    `json:"reason"`
}

// EventType is mdf.deadline_extended.v1.
func (DeadlineExtended) EventType() string { return "mdf.deadline_extended.v1" }

// ObligationAccrued says: the vendor owes what it reserved: for contra revenue from the approval, for an expense from the activity's end.
type ObligationAccrued struct {
	FundRef
	OfRequest
	Treatment Treatment    `json:"treatment"`
	Amount    domain.Money `json:"amount"`
}

// EventType is mdf.obligation_accrued.v1.
func (ObligationAccrued) EventType() string { return "mdf.obligation_accrued.v1" }

// ObligationReleased says: what was accrued is claimed now, or will never be.
type ObligationReleased struct {
	FundRef
	OfRequest
	Treatment Treatment    `json:"treatment"`
	Amount    domain.Money `json:"amount"`
}

// EventType is mdf.obligation_released.v1.
func (ObligationReleased) EventType() string { return "mdf.obligation_released.v1" }

// ClaimFiled says: the partner shows what it spent.
type ClaimFiled struct {
	FundRef
	OfClaim
	Invoice
}

// EventType is mdf.claim_filed.v1.
func (ClaimFiled) EventType() string { return "mdf.claim_filed.v1" }

// ClaimReturned says: the claim lacks something.
type ClaimReturned struct {
	OfClaim
	RefileUntil time.Time `json:"refile_until"` // exclusive; until then it keeps its date
	Reason      string    `json:"reason"`
}

// EventType is mdf.claim_returned.v1.
func (ClaimReturned) EventType() string { return "mdf.claim_returned.v1" }

// ClaimRefiled says: what was returned is complete now.
type ClaimRefiled struct {
	OfClaim
	Invoice
	KeepsDate bool `json:"keeps_date"` // of its filing; else its date is that of this event
}

// EventType is mdf.claim_refiled.v1.
func (ClaimRefiled) EventType() string { return "mdf.claim_refiled.v1" }

// ClaimWithdrawn says: the partner gives the claim up.
type ClaimWithdrawn struct {
	OfClaim
	Reason string `json:"reason,omitempty"`
}

// EventType is mdf.claim_withdrawn.v1.
func (ClaimWithdrawn) EventType() string { return "mdf.claim_withdrawn.v1" }

// DuplicateFound says: the claim looks like another one.
type DuplicateFound struct {
	OfClaim
	FindingID uuid.UUID         `json:"finding_id"` // one for each claim, rule and other claim
	With      DuplicateOf       `json:"with"`
	Rule      DuplicateRule     `json:"rule"`
	Evidence  map[string]string `json:"evidence"`
}

// EventType is mdf.duplicate_found.v1.
func (DuplicateFound) EventType() string { return "mdf.duplicate_found.v1" }

// DuplicateOverridden says: it is no duplicate.
type DuplicateOverridden struct {
	OfClaim
	FindingIDs []uuid.UUID `json:"finding_ids"`
	Reason     string      `json:"reason"`
}

// EventType is mdf.duplicate_overridden.v1.
func (DuplicateOverridden) EventType() string { return "mdf.duplicate_overridden.v1" }

// ClaimFirstApproved says: one person agrees; the amount needs a second one.
type ClaimFirstApproved struct {
	OfClaim
	Terms
	Approval string `json:"approval"` // kind@version
	Reason   string `json:"reason,omitempty"`
}

// EventType is mdf.claim_first_approved.v1.
func (ClaimFirstApproved) EventType() string { return "mdf.claim_first_approved.v1" }

// ClaimApproved says: the vendor owes the partner the amount. Later rates never move what the fund was drawn by.
type ClaimApproved struct {
	FundRef
	OfClaim
	Terms
	Released   domain.Money `json:"released"` // rest of the request, of a final claim
	Settlement Settlement   `json:"settlement"`
	Approval   string       `json:"approval"` // kind@version
	Reason     string       `json:"reason,omitempty"`
}

// EventType is mdf.claim_approved.v1.
func (ClaimApproved) EventType() string { return "mdf.claim_approved.v1" }

// ClaimDenied says: nothing of it is paid. The money stays reserved until the deadline and the time for a dispute have passed.
type ClaimDenied struct {
	OfClaim
	DisputeUntil time.Time `json:"dispute_until"` // exclusive
	Reason       string    `json:"reason"`
}

// EventType is mdf.claim_denied.v1.
func (ClaimDenied) EventType() string { return "mdf.claim_denied.v1" }

// ClaimReopened says: a denied claim is to be decided again.
type ClaimReopened struct {
	FundRef
	OfClaim
	Reserved domain.Money `json:"reserved"`        // anew, where the request had ended meanwhile
	Ruling   uuid.UUID    `json:"ruling,omitzero"` // the event that orders it
	Reason   string       `json:"reason"`
}

// EventType is mdf.claim_reopened.v1.
func (ClaimReopened) EventType() string { return "mdf.claim_reopened.v1" }

// ClaimPaid says: the partner has the money. It moves none in the fund.
type ClaimPaid struct {
	FundRef
	OfClaim
	Amount    domain.Money `json:"amount"`              // in the claim's currency
	Drawn     domain.Money `json:"drawn"`               // what of the claim's draw it settles, in the fund's currency
	Reference string       `json:"reference"`           // of the payment
	PayableID uuid.UUID    `json:"payable_id,omitzero"` // that the payment was for; none: it was made outside of this ledger
	PaymentID uuid.UUID    `json:"payment_id,omitzero"`
	Owed      domain.Money `json:"owed,omitzero"` // what is still to be paid after it; left out: nothing
}

// EventType is mdf.claim_paid.v1.
func (ClaimPaid) EventType() string { return "mdf.claim_paid.v1" }

// ClaimPaymentReturned says: a payment came back, or a part of it. That part is owed again.
type ClaimPaymentReturned struct {
	FundRef
	OfClaim
	Amount    domain.Money `json:"amount"` // in the claim's currency
	Drawn     domain.Money `json:"drawn"`  // what of the claim's draw it had settled, in the fund's currency
	PayableID uuid.UUID    `json:"payable_id"`
	PaymentID uuid.UUID    `json:"payment_id"`
	Reason    string       `json:"reason"`
}

// EventType is mdf.claim_payment_returned.v1.
func (ClaimPaymentReturned) EventType() string { return "mdf.claim_payment_returned.v1" }

// ClaimClawedBack says: a part of what was approved, or all, is taken back.
type ClaimClawedBack struct {
	FundRef
	OfClaim
	ClawbackTerms
	Reason string `json:"reason"`
}

// EventType is mdf.claim_clawed_back.v1.
func (ClaimClawedBack) EventType() string { return "mdf.claim_clawed_back.v1" }

// ClawbackReversed says: a claw-back is undone, exactly.
type ClawbackReversed struct {
	FundRef
	OfClaim
	ClawbackTerms
	Ruling uuid.UUID `json:"ruling,omitzero"` // the event that orders it
	Reason string    `json:"reason"`
}

// EventType is mdf.clawback_reversed.v1.
func (ClawbackReversed) EventType() string { return "mdf.clawback_reversed.v1" }

// PipelineAttributed says: a deal came of the activity.
type PipelineAttributed struct {
	OfRequest
	AccountID uuid.UUID    `json:"account_id"`
	DealID    uuid.UUID    `json:"deal_id"`
	Amount    domain.Money `json:"amount"` // of the deal, in its currency
}

// EventType is mdf.pipeline_attributed.v1.
func (PipelineAttributed) EventType() string { return "mdf.pipeline_attributed.v1" }
