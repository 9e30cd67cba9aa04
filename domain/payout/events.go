package payout

import (
	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
)

// Category is the first part of the stream's name.
const Category = "payout"

// MaxItems is how many payables one payout pays at most.
const MaxItems = 2000

// Filter says which payables a payout takes; an empty field takes every one.
type Filter struct {
	PartnerIDs []uuid.UUID `json:"partner_ids,omitempty"`
	Kinds      []string    `json:"kinds,omitempty"` // of payables
	DueUntil   domain.Date `json:"due_until,omitzero"`
}

// Debtor is the account of ours that pays.
type Debtor struct {
	Name string `json:"name"`
	IBAN string `json:"iban"` // without spaces; it names the account in the books
	BIC  string `json:"bic,omitempty"`
}

// Item is one payable in a payout, and where its money goes.
type Item struct {
	PayableID  uuid.UUID    `json:"payable_id"`
	PartnerID  uuid.UUID    `json:"partner_id"`
	PayeeID    uuid.UUID    `json:"payee_id"`
	Kind       string       `json:"kind"`                      // of the payable
	Amount     domain.Money `json:"amount"`                    // of the payable, in its currency
	Paid       domain.Money `json:"paid"`                      // to the partner, in the payout's currency
	Withheld   domain.Money `json:"withheld,omitzero"`         // for the tax office, in the payout's currency
	Percent    domain.Rate  `json:"withheld_percent,omitzero"` // of the amount in the payout's currency: what is withheld
	FX         FX           `json:"fx,omitzero"`
	Remittance string       `json:"remittance"` // what the payee reads, at most 140 characters
}

// Held is a payable that a payout doesn't pay for now, and why.
type Held struct {
	PayableID uuid.UUID  `json:"payable_id"`
	PartnerID uuid.UUID  `json:"partner_id"`
	Reason    HeldReason `json:"reason"`
}

// HeldReason is why a payable isn't paid for now.
type HeldReason string

// The reasons.
const (
	HeldNoPayee      HeldReason = "no_payee"      // the partner has no approved one of the currency
	HeldPayeeChanged HeldReason = "payee_changed" // too recently, or since the payout was prepared
	HeldSuspended    HeldReason = "suspended"     // the partner is
	HeldUnpayable    HeldReason = "unpayable"     // converted and taxed, nothing is left to pay, or more than an amount can be
	HeldNotClaimed   HeldReason = "not_claimed"   // the payout doesn't have it any more
	HeldDisputed     HeldReason = "disputed"      // a deal that counts towards it is
)

// ExchangeRate lets a payout pay what is owed in another currency.
type ExchangeRate struct {
	Currency string      `json:"currency"` // of payables
	Rate     domain.Rate `json:"rate"`     // units of the payout's currency for one of it
	Source   string      `json:"source"`   // as in "ECB reference rate 2026-03-02"
}

// Withholding is what is kept back of a partner's money for the tax office.
type Withholding struct {
	PartnerID uuid.UUID   `json:"partner_id"`
	Percent   domain.Rate `json:"percent"` // 0 to less than 100
}

// FX is how an item in another currency was converted.
type FX struct {
	Rate   domain.Rate `json:"rate"` // units of the payout's currency for one of the payable's
	Source string      `json:"source"`
}

// Format is what a payout's file is written in.
type Format string

// The formats.
const (
	Pain001 Format = "pain.001.001.09" // ISO 20022 customer credit transfer initiation
	CSV     Format = "csv"
)

// Event is a fact in a payout's stream.
type Event interface {
	domain.Event
	evolve(*Payout, domain.Envelope)
}

// Types lists every event type that a payout's stream may hold.
func Types() []domain.Type {
	return []domain.Type{
		domain.TypeOf[Opened](),
		domain.TypeOf[Prepared](),
		domain.TypeOf[FirstApproved](),
		domain.TypeOf[Approved](),
		domain.TypeOf[Sent](),
		domain.TypeOf[Completed](),
		domain.TypeOf[Abandoned](),
	}
}

// Opened says: somebody is about to claim payables for a payout.
type Opened struct {
	PayoutID    uuid.UUID   `json:"payout_id"`
	Currency    string      `json:"currency"` // ISO 4217
	Filter      Filter      `json:"filter"`
	Debtor      Debtor      `json:"debtor"`
	ExecutionOn domain.Date `json:"execution_on"` // when the bank is to carry it out

	Rates       []ExchangeRate `json:"rates,omitempty"`
	Withholding []Withholding  `json:"withholding,omitempty"`
}

// EventType is payout.opened.v1.
func (Opened) EventType() string { return "payout.opened.v1" }

// Prepared says: these payables are claimed, and no others come.
type Prepared struct {
	PayoutID uuid.UUID    `json:"payout_id"`
	Items    []Item       `json:"items"`
	Total    domain.Money `json:"total"`          // of what is paid
	Withheld domain.Money `json:"withheld"`       // in all
	Held     []Held       `json:"held,omitempty"` // what the filter takes and isn't paid
}

// EventType is payout.prepared.v1.
func (Prepared) EventType() string { return "payout.prepared.v1" }

// FirstApproved says: the first of two approved it.
type FirstApproved struct {
	PayoutID uuid.UUID    `json:"payout_id"`
	Total    domain.Money `json:"total"`
	Approval string       `json:"approval"` // kind@version
	Reason   string       `json:"reason,omitempty"`
}

// EventType is payout.first_approved.v1.
func (FirstApproved) EventType() string { return "payout.first_approved.v1" }

// Approved says: it may be sent.
type Approved struct {
	PayoutID uuid.UUID    `json:"payout_id"`
	Total    domain.Money `json:"total"`
	Approval string       `json:"approval"` // kind@version
	Reason   string       `json:"reason,omitempty"`
}

// EventType is payout.approved.v1.
func (Approved) EventType() string { return "payout.approved.v1" }

// Sent says: the bank has the file. The file holds names and accounts of persons, so that it isn't kept; it can be made again
// from the events, byte for byte.
type Sent struct {
	PayoutID  uuid.UUID `json:"payout_id"`
	Format    Format    `json:"format"`
	MessageID string    `json:"message_id"`
	SHA256    string    `json:"sha256"`         // of the file, 64 hex digits
	Held      []Held    `json:"held,omitempty"` // items that aren't in the file, and are free again
}

// EventType is payout.sent.v1.
func (Sent) EventType() string { return "payout.sent.v1" }

// Completed says: each item was confirmed or returned.
type Completed struct {
	PayoutID uuid.UUID `json:"payout_id"`
}

// EventType is payout.completed.v1.
func (Completed) EventType() string { return "payout.completed.v1" }

// Abandoned says: it won't be sent. Its payables are free again.
type Abandoned struct {
	PayoutID uuid.UUID `json:"payout_id"`
	Reason   string    `json:"reason"`
}

// EventType is payout.abandoned.v1.
func (Abandoned) EventType() string { return "payout.abandoned.v1" }
