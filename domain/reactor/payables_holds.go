package reactor

import (
	"bytes"
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/account"
	"github.com/channelledger/channelledger/domain/payable"
	"github.com/channelledger/channelledger/domain/rebate"
)

// dealHolds knows which deals disputes hold, and which agreements count them. What an agreement made payable is held, all of it,
// while it counts a deal that is: how much of one payment is that deal's, nobody can tell before the ruling.
type dealHolds struct {
	disputes map[uuid.UUID]map[uuid.UUID]bool // that hold a deal, by deal
	sales    map[saleKey]*dealSale
	counts   map[uuid.UUID]map[uuid.UUID]int // by deal, then by agreement: sales of the deal with something left
}

type saleKey struct{ agreement, sale uuid.UUID }

// dealSale is a sale of a deal, as long as something of it was not taken back.
type dealSale struct {
	deal uuid.UUID
	left int64 // in minor units of the agreement's currency
}

func newDealHolds() dealHolds {
	return dealHolds{
		disputes: map[uuid.UUID]map[uuid.UUID]bool{}, sales: map[saleKey]*dealSale{}, counts: map[uuid.UUID]map[uuid.UUID]int{},
	}
}

// of are the disputes that hold what follows from a source, in order. A SPIFF follows from no deal that anybody could name.
func (h *dealHolds) of(s payable.Source) (all []payable.Disputed) {
	if s.Kind != payable.KindRebate {
		return nil
	}
	for deal, disputes := range h.disputes {
		if h.counts[deal][s.ID] == 0 {
			continue
		}
		for dispute := range disputes {
			all = append(all, payable.Disputed{DisputeID: dispute, DealID: deal})
		}
	}
	slices.SortFunc(all, byDispute)
	return all
}

func byDispute(a, b payable.Disputed) int {
	return cmp.Or(bytes.Compare(a.DisputeID[:], b.DisputeID[:]), bytes.Compare(a.DealID[:], b.DealID[:]))
}

// onDeal follows the holds on deals. What is payable because of them follows.
func (r *Payables) onDeal(event account.Event, env domain.Envelope) {
	var deal uuid.UUID
	switch e := event.(type) {
	case account.HoldPlaced:
		if deal = e.DealID; r.deals.disputes[deal] == nil {
			r.deals.disputes[deal] = map[uuid.UUID]bool{}
		}
		r.deals.disputes[deal][e.DisputeID] = true
	case account.HoldLifted:
		deal = e.DealID
		if delete(r.deals.disputes[deal], e.DisputeID); len(r.deals.disputes[deal]) == 0 {
			delete(r.deals.disputes, deal)
		}
	}
	for _, agreement := range inOrder(r.deals.counts[deal]) {
		r.settleHolds(r.source(agreement), env)
	}
}

// onSale follows which deals an agreement counts.
func (r *Payables) onSale(event rebate.Event, agreement uuid.UUID, env domain.Envelope) {
	h := &r.deals
	switch e := event.(type) {
	case rebate.SaleRecorded:
		if e.DealID == uuid.Nil {
			return
		}
		h.sales[saleKey{agreement, e.SaleID}] = &dealSale{e.DealID, e.Amount.Minor()}
		if h.counts[e.DealID] == nil {
			h.counts[e.DealID] = map[uuid.UUID]int{}
		}
		h.counts[e.DealID][agreement]++
	case rebate.SaleReversed:
		key := saleKey{agreement, e.SaleID}
		x := h.sales[key]
		if x == nil {
			return
		}
		if x.left -= e.Amount.Minor(); x.left > 0 {
			return
		}
		delete(h.sales, key)
		if h.counts[x.deal][agreement]--; h.counts[x.deal][agreement] == 0 {
			delete(h.counts[x.deal], agreement)
		}
	}
	r.settleHolds(r.source(agreement), env)
}

// onHold follows the holds that a payable has.
func (r *Payables) onHold(event payable.Event, x *stand, env domain.Envelope) {
	switch e := event.(type) {
	case payable.Held:
		x.holds[e.Disputed] = env.EffectiveAt
	case payable.HoldLifted:
		delete(x.holds, e.Disputed)
	}
	r.settleHold(x, env)
}

func (r *Payables) settleHolds(s *source, env domain.Envelope) {
	for _, x := range s.stands {
		r.settleHold(x, env)
	}
}

// settleHold orders what is missing between the holds that a payable should have and those that it has. Once it has them, what
// was ordered for that is answered, whoever gave it. One that isn't raised yet will be raised with its holds.
func (r *Payables) settleHold(x *stand, env domain.Envelope) {
	if !x.raised {
		return
	}
	wanted := r.deals.of(x.of)
	all := slices.Concat(wanted, slices.Collect(maps.Keys(x.holds)), slices.Collect(maps.Keys(x.holdOrders)))
	slices.SortFunc(all, byDispute)
	for _, d := range slices.Compact(all) {
		_, has := x.holds[d]
		order, ordered := x.holdOrders[d]
		switch want := slices.Contains(wanted, d); {
		case want == has && ordered:
			r.out.withdraw(order)
			delete(x.holdOrders, d)
		case want != has && !ordered:
			x.holdOrders[d] = r.orderHold(x, d, want, env)
		}
	}
}

func (r *Payables) orderHold(x *stand, d payable.Disputed, place bool, env domain.Envelope) (command uuid.UUID) {
	of := " " + x.id.String() + " " + d.DisputeID.String() + " " + d.DealID.String()
	order := Order{
		Stream: domain.StreamName(payable.Category, x.id), Command: payable.PlaceHold{Disputed: d}, Cause: causeOf(env), Step: "hold" + of,
		EffectiveAt: latest(env.EffectiveAt, x.raisedAt, x.holds[d]),
	}
	if !place {
		order.Command, order.Step = payable.LiftHold{Disputed: d}, "lift"+of
	}
	r.out.order(order)
	return order.Header(PayablesName).CommandID
}

// raisedHeld gives an order to raise the holds that stand by now: one append, so that no payout comes between.
func (r *Payables) raisedHeld(orders []Order) []Order {
	for i := range orders {
		if c, raises := orders[i].Command.(payable.Raise); raises {
			c.Holds = r.deals.of(c.Source)
			orders[i].Command = c
		}
	}
	return orders
}

func latest(times ...time.Time) time.Time { return slices.MaxFunc(times, time.Time.Compare) }
