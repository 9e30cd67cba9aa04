package payouts

import (
	"fmt"
	"slices"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/payable"
	"github.com/channelledger/channelledger/domain/payout"
	"github.com/channelledger/channelledger/projections"
	"github.com/channelledger/channelledger/projections/listing"
)

// Name is what the projection is called.
const Name = "payouts"

// Projection is the read model of payouts.
func Projection() projections.Projection[*tables] {
	return projections.Projection[*tables]{
		Name:    Name,
		Version: 1,
		Types:   listing.TypeNames(slices.Concat(payout.Types(), payable.Types()), takes),
		Open:    open,
		Apply:   apply,
	}
}

// takes says which events of payables belong to a payment.
func takes(e domain.Event) bool {
	switch e.(type) {
	case payout.Event, payable.Sent, payable.Confirmed, payable.Returned, payable.ReturnUndone:
		return true
	}
	return false
}

func apply(t *tables, event domain.Event, env domain.Envelope) error {
	switch e := event.(type) {
	case payout.Event:
		_, id, err := domain.ParseStream(env.Stream)
		if err != nil {
			return err
		}
		return t.applyPayout(id, e, env)
	case payable.Sent:
		return t.moves(e.PayoutID, e.PayableID, func(i *Payment) { i.Status, i.SentStep = ItemSent, domain.StepOf(env, "") })
	case payable.Confirmed:
		return t.moves(e.PayoutID, e.PayableID, func(i *Payment) {
			i.Status, i.Reference, i.Confirmed = ItemConfirmed, e.Reference, domain.StepOf(env, "")
		})
	case payable.Returned:
		return t.moves(e.PayoutID, e.PayableID, func(i *Payment) { i.comesBack(e, env) })
	case payable.ReturnUndone:
		return t.moves(e.PayoutID, e.PayableID, func(i *Payment) { i.arrives(e) })
	default:
		return fmt.Errorf("%T is no event of a payout or payment", e)
	}
}

func (t *tables) applyPayout(id uuid.UUID, event payout.Event, env domain.Envelope) error {
	if err := t.payouts.Update(id.String(), func(p *WithCounts) {
		p.Apply(event, env)
		p.Payout = p.Summary()
	}); err != nil {
		return err
	}
	switch e := event.(type) {
	case payout.Prepared:
		return t.prepared(id, e)
	case payout.Sent:
		for _, held := range e.Held {
			if err := t.moves(id, held.PayableID, func(i *Payment) { i.Status, i.Reason = ItemLeftOut, string(held.Reason) }); err != nil {
				return err
			}
		}
	case payout.Abandoned:
		return t.abandoned(id, e)
	}
	return nil
}

// prepared keeps the items and what is held; a payout whose opening took effect later than what is asked for isn't there.
func (t *tables) prepared(id uuid.UUID, e payout.Prepared) error {
	p, err := t.payouts.Get(id.String())
	if p == nil || err != nil || !p.Exists() {
		return err
	}
	of, counts := Members{}, map[ItemStatus]int{}
	for n, item := range e.Items {
		of.IDs = append(of.IDs, item.PayableID)
		t.items.Put(within(id, item.PayableID), &Payment{
			Item: item, PayoutID: id, Number: n + 1, Status: ItemPrepared, ExecutionOn: p.ExecutionOn,
		})
	}
	for n, held := range e.Held {
		t.items.Put(within(id, held.PayableID), &Payment{
			Item: payout.Item{PayableID: held.PayableID, PartnerID: held.PartnerID}, PayoutID: id, Number: len(e.Items) + n + 1,
			Status: ItemHeld, Reason: string(held.Reason), ExecutionOn: p.ExecutionOn,
		})
	}
	counts[ItemPrepared], counts[ItemHeld] = len(e.Items), len(e.Held)
	t.members.Put(id.String(), &of)
	return t.payouts.Update(id.String(), func(p *WithCounts) {
		for status, n := range counts {
			p.count(status, n)
		}
	})
}

func (t *tables) abandoned(id uuid.UUID, e payout.Abandoned) error {
	of, err := t.members.Get(id.String())
	if of == nil || err != nil {
		return err
	}
	for _, payable := range of.IDs {
		if err := t.moves(id, payable, func(i *Payment) { i.Status, i.Reason = ItemReleased, e.Reason }); err != nil {
			return err
		}
	}
	return nil
}

// moves changes an item that is there, and the payout's counts with it.
func (t *tables) moves(id, payable uuid.UUID, change func(*Payment)) error {
	i, err := t.items.Get(within(id, payable))
	if i == nil || err != nil {
		return err
	}
	before := i.Status
	change(i)
	t.items.Put(within(id, payable), i)
	if i.Status == before {
		return nil
	}
	return t.payouts.Update(id.String(), func(p *WithCounts) {
		p.count(before, -1)
		p.count(i.Status, 1)
	})
}

// within is the key of an item: a payable may be in several payouts, one behind the other.
func within(id, payable uuid.UUID) string { return id.String() + "/" + payable.String() }
