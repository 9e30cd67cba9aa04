package ledger

import (
	"bytes"
	"cmp"
	"context"
	"slices"
	"sync"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/payable"
	"github.com/channelledger/channelledger/domain/payout"
	"github.com/channelledger/channelledger/eventstore"
)

// unpaid is which payables have something open, by the log itself: it is followed to its end whenever somebody asks. It names
// candidates only; what is open of them, and whether they are free, their own streams say.
type unpaid struct {
	store eventstore.Store
	codec *eventstore.Codec

	mu       sync.Mutex
	after    eventstore.Position
	payables map[uuid.UUID]*owed
}

// owed is a payable, as far as a filter asks.
type owed struct {
	id, partner, claimedBy uuid.UUID
	kind                   string
	due                    domain.Date // none: it came back, so it is overdue
	open                   int64       // minor units
}

func newUnpaid(store eventstore.Store, codec *eventstore.Codec) *unpaid {
	return &unpaid{store: store, codec: codec, payables: map[uuid.UUID]*owed{}}
}

// candidates are the payables that a payout may take, or has taken already: the longest due first.
func (u *unpaid) candidates(ctx context.Context, id uuid.UUID, filter payout.Filter) ([]uuid.UUID, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if err := u.follow(ctx); err != nil {
		return nil, err
	}
	var found []*owed
	for _, x := range u.payables {
		if x.open > 0 && (x.claimedBy == uuid.Nil || x.claimedBy == id) && filter.Takes(x.partner, x.kind, x.due) {
			found = append(found, x)
		}
	}
	slices.SortFunc(found, func(a, b *owed) int { return cmp.Or(a.due.Compare(b.due), bytes.Compare(a.id[:], b.id[:])) })
	ids := make([]uuid.UUID, len(found))
	for i, x := range found {
		ids[i] = x.id
	}
	return ids, nil
}

func (u *unpaid) follow(ctx context.Context) error {
	filter := eventstore.Filter{Categories: []string{payable.Category}}
	for m, err := range u.store.Follow(ctx, u.after, filter) {
		if err != nil {
			return err
		}
		if m.Kind == eventstore.Appeared {
			event, _, err := u.codec.Decode(m.Event)
			if err != nil {
				return err
			}
			u.fold(event)
		}
		u.after = m.Position
		if m.Kind == eventstore.CaughtUp {
			break
		}
	}
	return nil
}

func (u *unpaid) fold(event domain.Event) {
	switch e := event.(type) {
	case payable.Raised:
		x := u.of(e.PayableID)
		x.partner, x.kind, x.due, x.open = e.PartnerID, string(e.Source.Kind), e.Due, e.Amount.Minor()
	case payable.Claimed:
		u.of(e.PayableID).claimedBy = e.PayoutID
	case payable.Unclaimed:
		u.of(e.PayableID).claimedBy = uuid.Nil
	case payable.Sent:
		u.of(e.PayableID).claimedBy = uuid.Nil
		u.takes(e.PayableID, e.Amount)
	case payable.Returned:
		x := u.of(e.PayableID)
		x.partner, x.kind, x.open = e.PartnerID, string(e.Kind), x.open+e.Amount.Minor()
	case payable.ReturnUndone:
		u.takes(e.PayableID, e.Amount)
	case payable.TakenBack:
		u.takes(e.PayableID, e.Amount)
	case payable.Offset:
		u.takes(e.PayableID, e.Amount)
	}
}

func (u *unpaid) of(id uuid.UUID) *owed {
	if u.payables[id] == nil {
		u.payables[id] = &owed{id: id}
	}
	return u.payables[id]
}

// takes forgets a payable once nothing of it is open: most of them are paid.
func (u *unpaid) takes(id uuid.UUID, amount domain.Money) {
	x := u.of(id)
	if x.open -= amount.Minor(); x.open <= 0 {
		delete(u.payables, id)
	}
}
