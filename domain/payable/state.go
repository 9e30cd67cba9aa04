package payable

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
)

// Status is where a payable stands.
type Status string

// The states.
const (
	StatusOpen    Status = "open"    // something of it is to be paid, and no payout has it
	StatusClaimed Status = "claimed" // a payout has it
	StatusSent    Status = "sent"    // the bank has it all, and has not confirmed all of it
	StatusPaid    Status = "paid"    // nothing is open, and the bank confirmed what was sent
	StatusEnded   Status = "ended"   // nothing of it was paid: it was taken back or offset
)

// Statuses lists every state, in order.
func Statuses() []Status {
	return []Status{StatusOpen, StatusClaimed, StatusSent, StatusPaid, StatusEnded}
}

// Payable is what is owed because of one event. It is the one definition of how a payable changes: the aggregate and the
// read models fold it by Apply. At every position open + sent = raised − taken back − offset, in either currency, where sent
// is net of what was returned.
type Payable struct {
	ID        uuid.UUID   `json:"id"`
	PartnerID uuid.UUID   `json:"partner_id"`
	Source    Source      `json:"source"`
	Status    Status      `json:"status"`
	Raised    Amounts     `json:"raised"`
	Open      Amounts     `json:"open"` // to be paid, also while a payout has it
	Sent      Amounts     `json:"sent"` // net of what was returned
	TakenBack Amounts     `json:"taken_back"`
	Offset    Amounts     `json:"offset"`
	Due       domain.Date `json:"due"`

	ClaimedBy uuid.UUID   `json:"claimed_by,omitzero"` // the payout that has it
	Claimed   Amounts     `json:"claimed,omitzero"`    // that it has: what was open then; what comes back since is not of it
	Released  []uuid.UUID `json:"released,omitempty"`  // payouts that let it go
	Payments  []Paying    `json:"payments,omitempty"`
	Clearings []Clearing  `json:"clearings,omitempty"`
	Returns   []Comeback  `json:"returns,omitempty"` // that bank's lines told of
	Taken     []Taken     `json:"taken,omitempty"`   // parts that were taken back or offset
	Holds     []Hold      `json:"holds,omitempty"`   // also those that are lifted

	RaisedStep domain.Step `json:"raised_step"`
	Last       domain.Step `json:"last"`     // of the money's path: raised, claimed, unclaimed, sent
	Revision   int64       `json:"revision"` // of the last event
	EventID    uuid.UUID   `json:"event_id"` // of the same
}

// Paying is what one payout sent, and what became of it.
type Paying struct {
	Payment                 // as it was sent
	Left       Payment      `json:"left"` // and has not come back
	PayeeID    uuid.UUID    `json:"payee_id"`
	FX         FX           `json:"fx,omitzero"`
	Reference  string       `json:"reference,omitempty"`  // of the bank's confirmation
	ClearedOut domain.Money `json:"cleared_out,omitzero"` // seen leaving the bank account, in the payout's currency
	ClearedIn  domain.Money `json:"cleared_in,omitzero"`  // seen coming back

	SentStep  domain.Step `json:"sent_step"`
	Confirmed domain.Step `json:"confirmed,omitzero"`
	Returned  domain.Step `json:"returned,omitzero"` // the last time
}

// Clearing is a bank's line that shows a payment, or one that came back.
type Clearing struct {
	PayoutID    uuid.UUID    `json:"payout_id"`
	StatementID uuid.UUID    `json:"statement_id"`
	MatchID     uuid.UUID    `json:"match_id"`
	Amount      domain.Money `json:"amount"` // in the payout's currency
	Incoming    bool         `json:"incoming,omitempty"`
	At          domain.Step  `json:"at"`
	Undone      domain.Step  `json:"undone,omitzero"`
}

// Comeback is what a match of a bank's line said came back.
type Comeback struct {
	PayoutID uuid.UUID   `json:"payout_id"`
	MatchID  uuid.UUID   `json:"match_id"`
	Standing Payment     `json:"standing"` // of it: not undone
	At       domain.Step `json:"at"`
	Undone   domain.Step `json:"undone,omitzero"` // the last time
}

// Taken is a part that is no longer owed: clawed back, or offset against what the partner owes.
type Taken struct {
	ID         uuid.UUID `json:"id"` // of the claw-back; of an offset, its recovery's
	ClawbackID uuid.UUID `json:"clawback_id"`
	Amounts
	Offset bool        `json:"offset,omitempty"`
	At     domain.Step `json:"at"`
}

// Exists reports whether it was raised.
func (p *Payable) Exists() bool { return p.ID != uuid.Nil }

// Currency is that of its amounts.
func (p *Payable) Currency() string { return p.Raised.Amount.Currency() }

// Free reports whether a payout may take it, unless a dispute holds it: something is open, and no payout has it.
func (p *Payable) Free() bool { return p.Open.Amount.Sign() > 0 && p.ClaimedBy == uuid.Nil }

// Payment is what a payout sent, or nil.
func (p *Payable) Payment(payout uuid.UUID) *Paying {
	at := slices.IndexFunc(p.Payments, func(x Paying) bool { return x.PayoutID == payout })
	if at < 0 {
		return nil
	}
	return &p.Payments[at]
}

// Uncleared is how much of the payment still has to be seen leaving the bank account, and how much of what came back has to
// be seen arriving, in the payout's currency.
func (x *Paying) Uncleared() (out, in domain.Money) {
	return sum(x.Paid, x.ClearedOut.Neg()), sum(sum(x.Paid, x.Left.Paid.Neg()), x.ClearedIn.Neg())
}

// Stands reports whether something stands that a match said came back.
func (p *Payable) Stands(match uuid.UUID) bool {
	return slices.ContainsFunc(p.Returns, func(r Comeback) bool { return r.MatchID == match && r.Standing.Amount.Sign() > 0 })
}

func (p *Payable) clearing(match, payout uuid.UUID) *Clearing {
	at := slices.IndexFunc(p.Clearings, func(c Clearing) bool { return c.MatchID == match && c.PayoutID == payout })
	if at < 0 {
		return nil
	}
	return &p.Clearings[at]
}

// TakenBy is what was taken back for a claw-back, or another cause, or offset for a recovery: all parts together.
func (p *Payable) TakenBy(id uuid.UUID) Amounts {
	all := p.Raised.minus(p.Raised)
	for _, t := range p.Taken {
		if t.ID == id {
			all = all.plus(t.Amounts)
		}
	}
	return all
}

// Overdue reports whether something is still to be paid behind the day that it was due.
func (p *Payable) Overdue(now time.Time, zone *time.Location) bool {
	return p.Open.Amount.Sign() > 0 && domain.DateOf(now, zone).Compare(p.Due) > 0
}
