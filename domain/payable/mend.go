package payable

import (
	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
)

// mending is the event at hand, which the payable hasn't folded yet.
type mending struct {
	unclaims bool           // a payout lets the payable go
	behind   Returned       // what it returns
	undone   ClearingUndone // the match that it undoes
}

// mended takes back what matches that are undone said came back, as far as that can be told: it is still open, no payout has
// it, and no other line was matched with it. What was paid again, taken back or offset meanwhile stays, as money that is to come
// back; once something of it is open again it is taken back then.
func (p *Payable) mended(m mending) (events []Event) {
	if p.ClaimedBy != uuid.Nil && !m.unclaims {
		return nil
	}
	open, unseen := p.Open.plus(m.behind.of()), map[uuid.UUID]domain.Money{}
	for _, r := range p.Returns {
		why, wrong := p.wrong(r, m.undone)
		x := p.Payment(r.PayoutID)
		if !wrong || x == nil {
			continue
		}
		if _, known := unseen[r.PayoutID]; !known {
			unseen[r.PayoutID] = m.unseen(x)
		}
		part := r.Standing.upTo(open, unseen[r.PayoutID])
		if part.Amount.Sign() <= 0 || part.halved() || r.Standing.minus(part).halved() {
			continue
		}
		open, unseen[r.PayoutID] = open.minus(part.of()), sum(unseen[r.PayoutID], part.Paid.Neg())
		e := ReturnUndone{PayableID: p.ID, Payment: part, Source: p.Source, MatchID: r.MatchID, Reason: why}
		if x.Confirmed.Taken() {
			e.Reference = x.Reference
		}
		events = append(events, e)
	}
	return events
}

// wrong reports whether a return stands because of a match that is undone, and why it is.
func (p *Payable) wrong(r Comeback, undone ClearingUndone) (why string, wrong bool) {
	if r.MatchID == undone.MatchID && r.PayoutID == undone.PayoutID {
		return undone.Reason, true
	}
	k := p.clearing(r.MatchID, r.PayoutID)
	if k == nil || !k.Undone.Taken() {
		return "", false
	}
	return k.Undone.Reason, true
}

// unseen is how much of what came back of a payment no line shows.
func (m mending) unseen(x *Paying) domain.Money {
	_, in := x.Uncleared()
	if m.behind.PayoutID == x.PayoutID {
		in = sum(in, m.behind.Paid)
	}
	if m.undone.Incoming && m.undone.PayoutID == x.PayoutID {
		in = sum(in, m.undone.Amount)
	}
	return in
}

// upTo is the payment, or the part of it that is within what is open and what was paid of it.
func (p Payment) upTo(open Amounts, paid domain.Money) Payment {
	if paid.Minor() < p.Paid.Minor() {
		p = p.part(paid, p.Paid)
	}
	if open.Amount.Minor() < p.Amount.Minor() {
		p = p.part(open.Amount, p.Amount)
	}
	if open.Booked.Minor() < p.Booked.Minor() {
		p.Booked = open.Booked
	}
	return p
}
