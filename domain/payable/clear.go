package payable

import (
	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
)

// Clear says that a line of a bank statement shows a payment leaving the account, or what came back of it arriving; or a part.
type Clear struct {
	PayoutID    uuid.UUID    `json:"payout_id"`
	StatementID uuid.UUID    `json:"statement_id"`
	MatchID     uuid.UUID    `json:"match_id"`
	Amount      domain.Money `json:"amount"`             // above 0, in the payout's currency
	Incoming    bool         `json:"incoming,omitempty"` // what came back; record the return first
}

func (Clear) roles() []domain.Role { return clearingRoles() }

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
	); err != nil {
		return nil, err
	}
	if known := p.clearing(c.MatchID, c.PayoutID); known != nil {
		return nil, known.again(c)
	}
	if len(p.Clearings) >= MaxSteps {
		return nil, domain.Refuse("too_many", "", "a payable is cleared by at most %d lines", MaxSteps)
	}
	left, in := x.Uncleared()
	if c.Incoming {
		left = in
	}
	if c.Amount.Minor() > left.Minor() {
		return nil, domain.Refuse("above_sent", "amount", "%s of the payment is not cleared yet: %s is more", left, c.Amount)
	}
	return []Event{Cleared{
		PayableID: p.ID, PayoutID: c.PayoutID, StatementID: c.StatementID, MatchID: c.MatchID, Amount: c.Amount, Incoming: c.Incoming,
	}}, nil
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

// UndoClearing says that a match was wrong. Undone again, it stays undone.
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
	return []Event{ClearingUndone{
		PayableID: p.ID, PayoutID: c.PayoutID, StatementID: known.StatementID, MatchID: c.MatchID, Amount: known.Amount,
		Incoming: known.Incoming, Reason: c.Reason,
	}}, nil
}
