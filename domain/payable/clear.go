package payable

import (
	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
)

// Clear says that a line of a bank statement shows a payment leaving the account, or what came back of it arriving; or a part.
// Whoever may confirm may do both at once: the line that shows the payment is what the bank confirms it by.
type Clear struct {
	PayoutID    uuid.UUID    `json:"payout_id"`
	StatementID uuid.UUID    `json:"statement_id"`
	MatchID     uuid.UUID    `json:"match_id"`
	Amount      domain.Money `json:"amount"`             // above 0, in the payout's currency
	Incoming    bool         `json:"incoming,omitempty"` // what came back
	// Confirms is the bank's reference where what leaves is confirmed too, unless it is confirmed already or all of it came back.
	Confirms string `json:"confirms,omitempty"`
	// Returns is why it came back, where nobody may have said so before: what is missing is returned by the same append.
	Returns string `json:"returns,omitempty"`
}

func (c Clear) roles() []domain.Role {
	if c.Confirms != "" || c.Returns != "" {
		return treasuryRoles()
	}
	return clearingRoles()
}

func (c Clear) decide(p *Payable, h domain.Header) ([]Event, error) {
	x, err := p.sentBy(c.PayoutID)
	if err != nil {
		return nil, err
	}
	if err := domain.FirstOf(
		domain.AdmitID("statement_id", c.StatementID),
		domain.AdmitID("match_id", c.MatchID),
		checkSome("amount", c.Amount, x.Paid.Currency()),
		domain.AdmitAfter(h, "sending", x.SentStep.At),
		c.checkConfirms(),
		c.checkReturns(),
	); err != nil {
		return nil, err
	}
	if known := p.clearing(c.MatchID, c.PayoutID); known != nil {
		if err := known.again(c); err != nil {
			return nil, err
		}
		return c.confirmed(p, x, nil), nil
	}
	if len(p.Clearings) >= MaxSteps {
		return nil, domain.Refuse("too_many", "", "a payable is cleared by at most %d lines", MaxSteps)
	}
	cleared := Cleared{
		PayableID: p.ID, PayoutID: c.PayoutID, StatementID: c.StatementID, MatchID: c.MatchID, Amount: c.Amount, Incoming: c.Incoming,
	}
	left, in := x.Uncleared()
	if c.Incoming {
		left = in
	}
	if missing := sum(c.Amount, in.Neg()); c.Returns != "" && missing.Sign() > 0 {
		back, err := Return{PayoutID: c.PayoutID, Paid: missing, Reason: c.Returns, MatchID: c.MatchID}.returned(p, x, h)
		if err != nil {
			return nil, err
		}
		return append([]Event{back, cleared}, p.mended(mending{behind: back})...), nil
	}
	if c.Amount.Minor() > left.Minor() {
		return nil, domain.Refuse("above_sent", "amount", "%s of the payment is not cleared yet: %s is more", left, c.Amount)
	}
	return c.confirmed(p, x, []Event{cleared}), nil
}

func (c Clear) checkConfirms() error {
	switch {
	case c.Confirms == "":
		return nil
	case c.Incoming:
		return domain.Invalid("confirms", "what comes back confirms nothing")
	}
	return domain.AdmitText("confirms", c.Confirms, MaxReference)
}

func (c Clear) checkReturns() error {
	switch {
	case c.Returns == "":
		return nil
	case !c.Incoming:
		return domain.Invalid("returns", "what leaves returns nothing")
	}
	return domain.AdmitText("returns", c.Returns, MaxReason)
}

// confirmed adds the payment's confirmation, where the line makes for it and none is there.
func (c Clear) confirmed(p *Payable, x *Paying, events []Event) []Event {
	if c.Confirms == "" || x.Confirmed.Taken() || x.Left.Amount.Sign() == 0 {
		return events
	}
	return append(events, Confirmed{PayableID: p.ID, Payment: x.Left, Source: p.Source, Reference: c.Confirms})
}

// again lets a match be said twice.
func (k *Clearing) again(c Clear) error {
	switch {
	case k.Undone.Taken():
		return domain.Refuse("clearing_undone", "match_id", "this match is undone: a new one has another id")
	case k.Amount != c.Amount || k.Incoming != c.Incoming || k.StatementID != c.StatementID:
		return domain.Refuse("clearing_differs", "match_id", "this match cleared %s already", k.Amount)
	}
	return nil
}

// UndoClearing says that a match was wrong. What the match had said came back is taken back with it, as far as it is still open;
// what a payout has by then as soon as that lets it go. Undone again, it stays undone.
type UndoClearing struct {
	PayoutID uuid.UUID `json:"payout_id"`
	MatchID  uuid.UUID `json:"match_id"`
	Reason   string    `json:"reason"`
}

func (UndoClearing) roles() []domain.Role { return clearingRoles() }

func (c UndoClearing) decide(p *Payable, h domain.Header) ([]Event, error) {
	known := p.clearing(c.MatchID, c.PayoutID)
	if known == nil {
		return nil, domain.NotFound("clearing_unknown", "match_id", "match %s cleared nothing of this payable", c.MatchID)
	}
	if err := domain.FirstOf(
		domain.AdmitText("reason", c.Reason, MaxReason),
		domain.AdmitAfter(h, "clearing", known.At.At),
	); err != nil {
		return nil, err
	}
	if known.Undone.Taken() {
		return nil, nil
	}
	undone := ClearingUndone{
		PayableID: p.ID, PayoutID: c.PayoutID, StatementID: known.StatementID, MatchID: c.MatchID, Amount: known.Amount,
		Incoming: known.Incoming, Reason: c.Reason,
	}
	return append([]Event{undone}, p.mended(mending{undone: undone})...), nil
}
