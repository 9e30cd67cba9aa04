package rebate

import (
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/policy"
)

// Event is a fact in an agreement's stream.
type Event interface {
	domain.Event
	// apply changes the agreement as everybody sees it.
	apply(*Agreement, domain.Envelope)
}

// Types lists every event type that an agreement's stream may hold.
func Types() []domain.Type {
	return []domain.Type{
		domain.TypeOf[AgreementOpened](),
		domain.TypeOf[SaleRecorded](),
		domain.TypeOf[SaleReversed](),
		domain.TypeOf[Accrued](),
		domain.TypeOf[PeriodClosed](),
		domain.TypeOf[FirstApproved](),
		domain.TypeOf[Approved](),
		domain.TypeOf[AdjustmentProposed](),
		domain.TypeOf[AdjustmentFirstApproved](),
		domain.TypeOf[AdjustmentDeclined](),
		domain.TypeOf[Adjusted](),
		domain.TypeOf[ClawedBack](),
		domain.TypeOf[ClawbackReversed](),
		domain.TypeOf[Paid](),
		domain.TypeOf[PaymentReturned](),
		domain.TypeOf[SpiffEarned](),
		domain.TypeOf[SpiffReversed](),
	}
}

// Period is the days that an agreement is for, both included, in the program's zone.
type Period struct {
	FirstDay domain.Date `json:"first_day"`
	LastDay  domain.Date `json:"last_day"`
}

// AgreementOpened says: the partner earns by this scheme in this period. It is the first event of its stream.
type AgreementOpened struct {
	AgreementID uuid.UUID     `json:"agreement_id"` // derived from partner, scheme and period
	PartnerID   uuid.UUID     `json:"partner_id"`
	Policy      string        `json:"policy"` // the version that is pinned, kind@version
	Scheme      policy.Scheme `json:"scheme"` // as it is in that version; its currency is the agreement's
	Period      Period        `json:"period"`
	From        time.Time     `json:"from"`  // start of the first day
	Until       time.Time     `json:"until"` // end of the last day, exclusive
	// PriorPeriodRevenue is what growth is measured from; left out where there was no prior period.
	PriorPeriodRevenue domain.Money `json:"prior_period_revenue,omitzero"`
}

// EventType is rebate.agreement_opened.v1.
func (AgreementOpened) EventType() string { return "rebate.agreement_opened.v1" }

// FX says how an amount came to be in the agreement's currency. Later rates never move it.
type FX struct {
	Original domain.Money `json:"original"` // in the currency that it was sold in
	Rate     domain.Rate  `json:"rate"`     // units of the agreement's currency for one of the original
	Source   string       `json:"source"`   // where the rate is from
}

// SaleRecorded says: this counts, from the event's effective time, which is when it was sold.
type SaleRecorded struct {
	SaleID    uuid.UUID    `json:"sale_id"` // derived from scheme, source and source_ref
	Source    policy.Basis `json:"source"`
	SourceRef string       `json:"source_ref"` // names the sale in its source
	DealID    uuid.UUID    `json:"deal_id,omitzero"`
	Product   string       `json:"product"`
	Line      string       `json:"line"`   // the product line
	Amount    domain.Money `json:"amount"` // net of tax, freight and discounts, in the agreement's currency
	FX        *FX          `json:"fx,omitempty"`
}

// EventType is rebate.sale_recorded.v1.
func (SaleRecorded) EventType() string { return "rebate.sale_recorded.v1" }

// SaleReversed says: a part of a sale, or all of it, is taken back.
type SaleReversed struct {
	SaleID     uuid.UUID      `json:"sale_id"`
	ReversalID uuid.UUID      `json:"reversal_id"`
	Amount     domain.Money   `json:"amount"`            // positive, in the agreement's currency, at the sale's own rate
	Original   domain.Money   `json:"original,omitzero"` // in the currency that it was sold in, where that is another
	Reason     ReversalReason `json:"reason"`
	Reference  string         `json:"reference,omitempty"` // names the reversal in its source
	Note       string         `json:"note,omitempty"`
}

// EventType is rebate.sale_reversed.v1.
func (SaleReversed) EventType() string { return "rebate.sale_reversed.v1" }

// Accrued says: with the sale or reversal before it in the same append, so much is earned to date, and why.
type Accrued struct {
	PartnerID   uuid.UUID    `json:"partner_id"`
	SaleID      uuid.UUID    `json:"sale_id"`
	ReversalID  uuid.UUID    `json:"reversal_id,omitzero"`
	Delta       domain.Money `json:"delta"`      // below 0 where something was taken back
	Cumulative  domain.Money `json:"cumulative"` // of all recorded so far; deltas add up to it exactly
	Calculation Calculation  `json:"calculation"`
}

// EventType is rebate.accrued.v1.
func (Accrued) EventType() string { return "rebate.accrued.v1" }

// PeriodClosed says: this is the rebate of the period; what comes later adjusts it.
type PeriodClosed struct {
	PartnerID uuid.UUID    `json:"partner_id"`
	Final     domain.Money `json:"final"`   // what accrued
	Revenue   domain.Money `json:"revenue"` // that it accrued on
	Reason    string       `json:"reason,omitempty"`
}

// EventType is rebate.period_closed.v1.
func (PeriodClosed) EventType() string { return "rebate.period_closed.v1" }

// FirstApproved says: one person approves; the amount is above the limit, so that a second one is needed.
type FirstApproved struct {
	PartnerID uuid.UUID    `json:"partner_id"`
	Total     domain.Money `json:"total"`  // closed and adjusted since; if it changes, the first approval is void
	Limit     domain.Money `json:"limit"`  // that one approver approves alone
	Policy    string       `json:"policy"` // kind@version
	Reason    string       `json:"reason,omitempty"`
}

// EventType is rebate.first_approved.v1.
func (FirstApproved) EventType() string { return "rebate.first_approved.v1" }

// Approved says: the rebate is owed.
type Approved struct {
	PartnerID uuid.UUID    `json:"partner_id"`
	Amount    domain.Money `json:"amount"` // as closed: it becomes payable; adjustments already are
	Total     domain.Money `json:"total"`  // with the adjustments until here
	Policy    string       `json:"policy"` // kind@version
	Reason    string       `json:"reason,omitempty"`
}

// EventType is rebate.approved.v1.
func (Approved) EventType() string { return "rebate.approved.v1" }

// AdjustmentProposed says: somebody thinks that more, or less, is owed. It moves nothing before it is approved.
type AdjustmentProposed struct {
	AdjustmentID uuid.UUID    `json:"adjustment_id"`
	Delta        domain.Money `json:"delta"`
	Reason       string       `json:"reason"`
}

// EventType is rebate.adjustment_proposed.v1.
func (AdjustmentProposed) EventType() string { return "rebate.adjustment_proposed.v1" }

// AdjustmentFirstApproved says: one person approves a proposed adjustment; it needs a second one.
type AdjustmentFirstApproved struct {
	AdjustmentID uuid.UUID    `json:"adjustment_id"`
	Limit        domain.Money `json:"limit"`  // that one approver approves alone
	Policy       string       `json:"policy"` // kind@version
	Reason       string       `json:"reason,omitempty"`
}

// EventType is rebate.adjustment_first_approved.v1.
func (AdjustmentFirstApproved) EventType() string { return "rebate.adjustment_first_approved.v1" }

// AdjustmentDeclined says: a proposed adjustment is not made.
type AdjustmentDeclined struct {
	AdjustmentID uuid.UUID `json:"adjustment_id"`
	Reason       string    `json:"reason"`
}

// EventType is rebate.adjustment_declined.v1.
func (AdjustmentDeclined) EventType() string { return "rebate.adjustment_declined.v1" }

// Adjusted says: what is owed changed after the close.
type Adjusted struct {
	PartnerID    uuid.UUID      `json:"partner_id"`
	AdjustmentID uuid.UUID      `json:"adjustment_id"`
	Kind         AdjustmentKind `json:"kind"`
	Delta        domain.Money   `json:"delta"`
	Total        domain.Money   `json:"total"`                 // closed and all adjustments, this one included
	FromPayable  domain.Money   `json:"from_payable,omitzero"` // of a delta below 0: not paid yet, and now less to pay
	FromPaid     domain.Money   `json:"from_paid,omitzero"`    // of a delta below 0: paid already, so that the partner owes it

	SaleID      uuid.UUID    `json:"sale_id,omitzero"`      // by the scheme: what came in behind the close
	ReversalID  uuid.UUID    `json:"reversal_id,omitzero"`  // by the scheme
	Calculation *Calculation `json:"calculation,omitempty"` // by the scheme: applied to all sales
	Policy      string       `json:"policy,omitempty"`      // by hand: that it was approved under, kind@version
	Reason      string       `json:"reason"`
}

// EventType is rebate.adjusted.v1.
func (Adjusted) EventType() string { return "rebate.adjusted.v1" }

// ClawedBack says: so much of an approved rebate is taken back.
type ClawedBack struct {
	PartnerID   uuid.UUID    `json:"partner_id"`
	ClawbackID  uuid.UUID    `json:"clawback_id"`
	Amount      domain.Money `json:"amount"`       // positive
	FromPayable domain.Money `json:"from_payable"` // of it: not paid yet, and now less to pay
	FromPaid    domain.Money `json:"from_paid"`    // of it: paid already, so that the partner owes it
	Reason      string       `json:"reason"`
}

// EventType is rebate.clawed_back.v1.
func (ClawedBack) EventType() string { return "rebate.clawed_back.v1" }

// ClawbackReversed says: a claw-back is undone, exactly as it was done.
type ClawbackReversed struct {
	PartnerID   uuid.UUID    `json:"partner_id"`
	ClawbackID  uuid.UUID    `json:"clawback_id"`
	Amount      domain.Money `json:"amount"`       // positive
	FromPayable domain.Money `json:"from_payable"` // what the claw-back took there, and is given back
	FromPaid    domain.Money `json:"from_paid"`    // the same
	Reason      string       `json:"reason"`
}

// EventType is rebate.clawback_reversed.v1.
func (ClawbackReversed) EventType() string { return "rebate.clawback_reversed.v1" }

// Paid says: so much of it reached the partner.
type Paid struct {
	PartnerID uuid.UUID    `json:"partner_id"`
	PaymentID uuid.UUID    `json:"payment_id"`
	Amount    domain.Money `json:"amount"`              // positive
	Reference string       `json:"reference"`           // of the payment
	PayableID uuid.UUID    `json:"payable_id,omitzero"` // that the payment was for; none: it was made outside of this ledger
	// Overpaid is the part that was adjusted away while the bank had it: the partner owes it.
	Overpaid domain.Money `json:"overpaid,omitzero"`
}

// EventType is rebate.paid.v1.
func (Paid) EventType() string { return "rebate.paid.v1" }

// PaymentReturned says: a payment came back, or a part of it. That part is owed again.
type PaymentReturned struct {
	PartnerID uuid.UUID    `json:"partner_id"`
	PaymentID uuid.UUID    `json:"payment_id"`
	PayableID uuid.UUID    `json:"payable_id"`
	Amount    domain.Money `json:"amount"`            // positive
	Overpaid  domain.Money `json:"overpaid,omitzero"` // of it: what the payment had paid too much, and the partner no longer owes
	Reason    string       `json:"reason"`
}

// EventType is rebate.payment_returned.v1.
func (PaymentReturned) EventType() string { return "rebate.payment_returned.v1" }

// SpiffEarned says: a seller of the partner earned a premium.
type SpiffEarned struct {
	PartnerID uuid.UUID    `json:"partner_id"`
	SpiffID   uuid.UUID    `json:"spiff_id"` // derived from agreement, seller and reference
	SellerID  uuid.UUID    `json:"seller_id"`
	Amount    domain.Money `json:"amount"` // positive
	Treatment Treatment    `json:"treatment"`
	Reference string       `json:"reference"` // what it is for
}

// EventType is rebate.spiff_earned.v1.
func (SpiffEarned) EventType() string { return "rebate.spiff_earned.v1" }

// SpiffReversed says: a part of a SPIFF, or all of it, is taken back.
type SpiffReversed struct {
	PartnerID uuid.UUID      `json:"partner_id"`
	SpiffID   uuid.UUID      `json:"spiff_id"`
	SellerID  uuid.UUID      `json:"seller_id"`
	Amount    domain.Money   `json:"amount"` // positive
	Treatment Treatment      `json:"treatment"`
	Reason    ReversalReason `json:"reason"`
	Note      string         `json:"note,omitempty"`
	// ReversalID is what the SPIFF's payable, and what the partner owes, know it by; left out by those that took nothing first.
	ReversalID uuid.UUID    `json:"reversal_id,omitzero"`
	FromPaid   domain.Money `json:"from_paid,omitzero"` // of the amount: sent to the partner already, which owes it
}

// EventType is rebate.spiff_reversed.v1.
func (SpiffReversed) EventType() string { return "rebate.spiff_reversed.v1" }
