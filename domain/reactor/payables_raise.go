package reactor

import (
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/mdf"
	"github.com/channelledger/channelledger/domain/payable"
	"github.com/channelledger/channelledger/domain/rebate"
)

// DueDays is how many calendar days behind what made it payable a payable is due, in UTC.
const DueDays = 30

// RaiseOf is what an event makes payable: an approved claim or rebate, what was added to a rebate behind its approval, a
// SPIFF, and what a claw-back of something unpaid had taken, once that is undone. False: nothing.
//
// A claim is paid whichever way it is settled: partner_invoice and credit_note say which document goes with the money.
func RaiseOf(event domain.Event, env domain.Envelope) (c payable.Raise, ok bool) {
	_, stream, err := domain.ParseStream(env.Stream)
	if err != nil {
		return c, false
	}
	c.Source = payable.Source{Stream: env.Stream, ID: stream, EventID: env.EventID}
	switch e := event.(type) {
	case mdf.ClaimApproved:
		c.PartnerID, c.Amount, c.Booked = e.PartnerID, e.Payable(), e.Booked()
		c.Source.Kind, c.Source.ID = payable.KindClaim, e.ClaimID
	case mdf.ClawbackReversed:
		c.PartnerID, c.Source.Kind, c.Source.ID = e.PartnerID, payable.KindClaim, e.ClaimID
		if !e.Paid {
			c.Amount, c.Booked = e.Payable(), e.Booked()
		}
	case rebate.Approved:
		c.PartnerID, c.Amount, c.Source.Kind = e.PartnerID, e.Total, payable.KindRebate
	case rebate.Adjusted:
		c.PartnerID, c.Amount, c.Source.Kind = e.PartnerID, e.Delta, payable.KindRebate
	case rebate.ClawbackReversed:
		c.PartnerID, c.Amount, c.Source.Kind = e.PartnerID, e.FromPayable, payable.KindRebate
	case rebate.SpiffEarned:
		c.PartnerID, c.Amount = e.PartnerID, e.Amount
		c.Source.Kind, c.Source.ID = payable.KindSpiff, e.SpiffID
	}
	c.Due = domain.DateOf(env.EffectiveAt, time.UTC).AddDays(DueDays)
	return c, c.Amount.Sign() > 0
}

// RaiseOrder is the order to raise it. Whoever must know that it is raised gives it, too: the same command is given once.
func RaiseOrder(c payable.Raise, cause domain.Envelope) Order {
	return Order{
		Stream: domain.StreamName(payable.Category, payable.IDOf(c.Source.EventID)), Command: c, Cause: causeOf(cause), Step: "raise",
		EffectiveAt: cause.EffectiveAt,
	}
}

// PayablesName is the rule's name.
const PayablesName = "payables"

// raise orders a payable, and keeps in mind what it will hold.
func (r *Payables) raise(event domain.Event, env domain.Envelope) {
	c, ok := RaiseOf(event, env)
	if !ok {
		return
	}
	order := RaiseOrder(c, env)
	s := r.stand(payable.IDOf(env.EventID), c.Source.ID)
	if s.raised {
		return
	}
	s.open, s.order = c.Amount, order.Header(PayablesName).CommandID
	r.out.order(order)
}

// stand is what is known of a payable, also of one that isn't raised yet.
func (r *Payables) stand(id, source uuid.UUID) *stand {
	s := r.payables[id]
	if s == nil {
		s = &stand{
			id: id, source: r.source(source), took: map[uuid.UUID]int64{},
			holds: map[payable.Disputed]time.Time{}, holdOrders: map[payable.Disputed]uuid.UUID{},
		}
		s.source.stands = append(s.source.stands, s)
		r.payables[id] = s
	}
	return s
}

func (r *Payables) source(id uuid.UUID) *source {
	s := r.sources[id]
	if s == nil {
		s = &source{}
		r.sources[id] = s
	}
	return s
}
