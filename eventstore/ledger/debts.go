package ledger

import (
	"context"
	"slices"
	"sync"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/mdf"
	"github.com/channelledger/channelledger/domain/payable"
	"github.com/channelledger/channelledger/domain/rebate"
	"github.com/channelledger/channelledger/eventstore"
)

// debts is where what partners owe stands, and what payables gave for it, by the log itself: it is followed to its end
// whenever somebody asks. How much is owed, the streams say.
type debts struct {
	store eventstore.Store
	codec *eventstore.Codec

	mu    sync.Mutex
	after eventstore.Position
	all   map[uuid.UUID]*debt // by claw-back, adjustment or payment
}

type debt struct {
	stream  string // of the fund or agreement
	offsets []payable.Offset
}

func newDebts(store eventstore.Store, codec *eventstore.Codec) *debts {
	return &debts{store: store, codec: codec, all: map[uuid.UUID]*debt{}}
}

// of is a debt, empty where there is none.
func (d *debts) of(ctx context.Context, id uuid.UUID) (debt, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	filter := eventstore.Filter{
		Categories: []string{mdf.FundCategory, rebate.Category, payable.Category},
		Types: []string{
			mdf.ClaimClawedBack{}.EventType(), rebate.ClawedBack{}.EventType(), rebate.Adjusted{}.EventType(), rebate.Paid{}.EventType(),
			payable.Offset{}.EventType(),
		},
	}
	for m, err := range d.store.Follow(ctx, d.after, filter) {
		if err != nil {
			return debt{}, err
		}
		if m.Kind == eventstore.Appeared {
			event, env, err := d.codec.Decode(m.Event)
			if err != nil {
				return debt{}, err
			}
			d.fold(event, env.Stream)
		}
		d.after = m.Position
		if m.Kind == eventstore.CaughtUp {
			break
		}
	}
	found := d.all[id]
	if found == nil {
		return debt{}, nil
	}
	return debt{stream: found.stream, offsets: slices.Clone(found.offsets)}, nil
}

func (d *debts) fold(event domain.Event, stream string) {
	switch e := event.(type) {
	case mdf.ClaimClawedBack:
		if e.Paid {
			d.at(e.ClawbackID).stream = stream
		}
	case rebate.ClawedBack:
		d.stands(e.ClawbackID, e.FromPaid, stream)
	case rebate.Adjusted:
		d.stands(e.AdjustmentID, e.FromPaid, stream)
	case rebate.Paid:
		d.stands(e.PaymentID, e.Overpaid, stream)
	case payable.Offset:
		x := d.at(e.ClawbackID)
		x.offsets = append(x.offsets, e)
	}
}

func (d *debts) stands(id uuid.UUID, owed domain.Money, stream string) {
	if owed.Sign() > 0 {
		d.at(id).stream = stream
	}
}

func (d *debts) at(id uuid.UUID) *debt {
	if d.all[id] == nil {
		d.all[id] = &debt{}
	}
	return d.all[id]
}
