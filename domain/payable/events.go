package payable

import (
	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
)

// Category is the first part of the stream's name.
const Category = "payable"

// IDOf is the id of the payable that follows from an event: its approval, or the record of what was earned.
func IDOf(source uuid.UUID) uuid.UUID { return domain.DeriveID("payable", source.String()) }

// Kind is what a payable is for.
type Kind string

// The kinds; each is owed in a liability account of its own.
const (
	KindClaim  Kind = "mdf_claim"
	KindRebate Kind = "rebate"
	KindSpiff  Kind = "spiff"
)

// Kinds lists every kind.
func Kinds() []Kind { return []Kind{KindClaim, KindRebate, KindSpiff} }

// Source is what a payable follows from.
type Source struct {
	Kind    Kind      `json:"kind"`
	Stream  string    `json:"stream"`   // of the fund or agreement
	ID      uuid.UUID `json:"id"`       // of the claim, agreement or SPIFF
	EventID uuid.UUID `json:"event_id"` // that made it payable
}

// Payment is what went to the partner for one payable, or a part of it.
type Payment struct {
	PayoutID    uuid.UUID    `json:"payout_id"`
	PartnerID   uuid.UUID    `json:"partner_id"`
	Kind        Kind         `json:"kind"`
	BankAccount string       `json:"bank_account"`      // of ours
	Amount      domain.Money `json:"amount"`            // of the payable, in its currency
	Paid        domain.Money `json:"paid"`              // to the partner, in the payout's currency
	Withheld    domain.Money `json:"withheld,omitzero"` // for the tax office, in the payout's currency; paid + withheld settle the amount
	// Booked is the amount as the books carry it, in the fund's currency; left out where that is the payable's own.
	Booked domain.Money `json:"booked,omitzero"`
}

// FX is how a payable in another currency than the payout's was converted.
type FX struct {
	Rate   domain.Rate `json:"rate"`   // units of the payout's currency for one of the payable's
	Source string      `json:"source"` // as in "ECB reference rate 2026-03-02"
}

// Event is a fact in a payable's stream.
type Event interface {
	domain.Event
	evolve(*Payable, domain.Envelope)
}

// Types lists every event type that a payable's stream may hold.
func Types() []domain.Type {
	return []domain.Type{
		domain.TypeOf[Raised](),
		domain.TypeOf[Claimed](),
		domain.TypeOf[Unclaimed](),
		domain.TypeOf[Sent](),
		domain.TypeOf[Confirmed](),
		domain.TypeOf[Returned](),
		domain.TypeOf[ReturnUndone](),
		domain.TypeOf[Cleared](),
		domain.TypeOf[ClearingUndone](),
		domain.TypeOf[TakenBack](),
		domain.TypeOf[Offset](),
		domain.TypeOf[Held](),
		domain.TypeOf[HoldLifted](),
	}
}

// Raised says: from now on this is to be paid. It moves no money; what it follows from did.
type Raised struct {
	PayableID uuid.UUID    `json:"payable_id"` // IDOf(source.event_id)
	PartnerID uuid.UUID    `json:"partner_id"`
	Source    Source       `json:"source"`
	Amount    domain.Money `json:"amount"`
	Booked    domain.Money `json:"booked,omitzero"` // as in Payment, all of it
	Due       domain.Date  `json:"due"`
}

// EventType is payable.raised.v1.
func (Raised) EventType() string { return "payable.raised.v1" }

// Claimed says: a payout has it, all that is open. Nobody else touches it until it is sent or unclaimed.
type Claimed struct {
	PayableID uuid.UUID    `json:"payable_id"`
	PayoutID  uuid.UUID    `json:"payout_id"`
	Amount    domain.Money `json:"amount"`
}

// EventType is payable.claimed.v1.
func (Claimed) EventType() string { return "payable.claimed.v1" }

// Unclaimed says: the payout let it go again.
type Unclaimed struct {
	PayableID uuid.UUID `json:"payable_id"`
	PayoutID  uuid.UUID `json:"payout_id"`
	Reason    string    `json:"reason"`
}

// EventType is payable.unclaimed.v1.
func (Unclaimed) EventType() string { return "payable.unclaimed.v1" }

// Sent says: the payment went to the bank.
type Sent struct {
	PayableID uuid.UUID `json:"payable_id"`
	Payment
	PayeeID uuid.UUID `json:"payee_id"`
	FX      FX        `json:"fx,omitzero"`
}

// EventType is payable.sent.v1.
func (Sent) EventType() string { return "payable.sent.v1" }

// Confirmed says: the bank carried the payment out. It moves no money: Sent did.
type Confirmed struct {
	PayableID uuid.UUID `json:"payable_id"`
	Payment
	Source    Source `json:"source"`
	Reference string `json:"reference"` // of the bank
}

// EventType is payable.confirmed.v1.
func (Confirmed) EventType() string { return "payable.confirmed.v1" }

// Returned says: a payment failed or came back, or a part of it. That part is payable again.
type Returned struct {
	PayableID uuid.UUID `json:"payable_id"`
	Payment             // the part, in proportion
	Source    Source    `json:"source"`
	Confirmed bool      `json:"confirmed"` // it had been confirmed before
	Reason    string    `json:"reason"`
	MatchID   uuid.UUID `json:"match_id,omitzero"` // of the bank's line that told of it, and nobody else: it stands and falls with that
}

// EventType is payable.returned.v1.
func (Returned) EventType() string { return "payable.returned.v1" }

// ReturnUndone says: the match that told of a return was wrong. That part did reach the partner, and isn't payable again.
type ReturnUndone struct {
	PayableID uuid.UUID `json:"payable_id"`
	Payment             // the part, at most what was still open of it
	Source    Source    `json:"source"`
	MatchID   uuid.UUID `json:"match_id"`
	Reference string    `json:"reference,omitempty"` // of the bank's confirmation, where the payment is confirmed
	Reason    string    `json:"reason"`
}

// EventType is payable.return_undone.v1.
func (ReturnUndone) EventType() string { return "payable.return_undone.v1" }

// Cleared says: a line of a bank statement shows the payment, or a part of it.
type Cleared struct {
	PayableID   uuid.UUID    `json:"payable_id"`
	PayoutID    uuid.UUID    `json:"payout_id"`
	StatementID uuid.UUID    `json:"statement_id"`
	MatchID     uuid.UUID    `json:"match_id"`           // in the statement's stream
	Amount      domain.Money `json:"amount"`             // above 0, in the payout's currency
	Incoming    bool         `json:"incoming,omitempty"` // the line shows money that came back; else the payment itself
}

// EventType is payable.cleared.v1.
func (Cleared) EventType() string { return "payable.cleared.v1" }

// ClearingUndone says: the match was wrong.
type ClearingUndone struct {
	PayableID   uuid.UUID    `json:"payable_id"`
	PayoutID    uuid.UUID    `json:"payout_id"`
	StatementID uuid.UUID    `json:"statement_id"`
	MatchID     uuid.UUID    `json:"match_id"`
	Amount      domain.Money `json:"amount"`
	Incoming    bool         `json:"incoming,omitempty"` // as in Cleared
	Reason      string       `json:"reason"`
}

// EventType is payable.clearing_undone.v1.
func (ClearingUndone) EventType() string { return "payable.clearing_undone.v1" }

// Cause is why a part of a payable is no longer to be paid.
type Cause string

// The causes.
const (
	CauseClawback   Cause = "clawback"   // of the claim or rebate, or a SPIFF's reversal; which itself follows
	CauseAdjustment Cause = "adjustment" // of the rebate
	CausePayment    Cause = "payment"    // it was paid outside of this ledger
)

// TakenBack says: a part is not to be paid, because what it follows from is clawed back or got less. Of a claw-back it comes
// first, and locks out every payout; the claw-back itself moves the money.
type TakenBack struct {
	PayableID  uuid.UUID    `json:"payable_id"`
	PartnerID  uuid.UUID    `json:"partner_id"`
	ClawbackID uuid.UUID    `json:"clawback_id"` // or of the adjustment, reversal or payment
	Amount     domain.Money `json:"amount"`
	Booked     domain.Money `json:"booked,omitzero"`
	Reason     string       `json:"reason"`
	Cause      Cause        `json:"cause,omitempty"`
	InputTax   domain.Money `json:"input_tax,omitzero"` // of a claim's claw-back: how much of the amount is tax paid along
}

// EventType is payable.taken_back.v1.
func (TakenBack) EventType() string { return "payable.taken_back.v1" }

// Offset says: it settles what the partner owes because of another claw-back. The money moves with clawback.recovered.
type Offset struct {
	PayableID  uuid.UUID    `json:"payable_id"`
	PartnerID  uuid.UUID    `json:"partner_id"`
	Kind       Kind         `json:"kind"`
	ClawbackID uuid.UUID    `json:"clawback_id"`
	RecoveryID uuid.UUID    `json:"recovery_id"` // of the claw-back's recovery that this is one half of
	Amount     domain.Money `json:"amount"`
	Booked     domain.Money `json:"booked,omitzero"`
	Reference  string       `json:"reference,omitempty"` // of the recovery
}

// EventType is payable.offset.v1.
func (Offset) EventType() string { return "payable.offset.v1" }

// Disputed is a deal that counts towards a payable, and the dispute about it.
type Disputed struct {
	DisputeID uuid.UUID `json:"dispute_id"`
	DealID    uuid.UUID `json:"deal_id"`
}

// Held says: a deal that counts towards it is disputed. No payout takes it, all of it, until every hold is lifted.
type Held struct {
	PayableID uuid.UUID `json:"payable_id"`
	Disputed
}

// EventType is payable.held.v1.
func (Held) EventType() string { return "payable.held.v1" }

// HoldLifted says: the dispute is over, or its deal counts no longer.
type HoldLifted struct {
	PayableID uuid.UUID `json:"payable_id"`
	Disputed
}

// EventType is payable.hold_lifted.v1.
func (HoldLifted) EventType() string { return "payable.hold_lifted.v1" }
