package ledger

import (
	"bytes"
	"context"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/clawback"
	"github.com/channelledger/channelledger/domain/mdf"
	"github.com/channelledger/channelledger/domain/payable"
	"github.com/channelledger/channelledger/domain/rebate"
	"github.com/channelledger/channelledger/eventstore"
)

// debts is where what partners owe stands, and what payables gave for it, by the log itself: it is followed to its end
// whenever somebody asks. How much is owed, the streams say; what it adds up to here finds candidates only.
type debts struct {
	store eventstore.Store
	codec *eventstore.Codec

	mu    sync.Mutex
	after eventstore.Position
	all   map[uuid.UUID]*debt // by claw-back, adjustment, payment or SPIFF's reversal
}

type debt struct {
	stream  string // of the fund or agreement
	partner uuid.UUID
	since   time.Time
	owed    domain.Money // in all
	offsets []payable.Offset
	claw    *clawback.State // what its own stream says
}

func newDebts(store eventstore.Store, codec *eventstore.Codec) *debts {
	return &debts{store: store, codec: codec, all: map[uuid.UUID]*debt{}}
}

// of is a debt, empty where there is none.
func (d *debts) of(ctx context.Context, id uuid.UUID) (debt, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.follow(ctx); err != nil {
		return debt{}, err
	}
	found := d.all[id]
	if found == nil {
		return debt{}, nil
	}
	return debt{stream: found.stream, offsets: slices.Clone(found.offsets)}, nil
}

// OpenDebt is something that a partner's payment to a bank account may be for.
type OpenDebt struct {
	ID        uuid.UUID // of the claw-back, adjustment, payment or SPIFF's reversal
	PartnerID uuid.UUID
	Amount    domain.Money // owed, or paid there and shown by no statement yet
	Since     time.Time
}

// OpenDebts are what partners' payments in a currency to one of our bank accounts may be for, in the order of their ids. They
// are candidates: whether a payment is for one, its own stream decides.
func (l *Ledger) OpenDebts(ctx context.Context, bankAccount, currency string) (open []OpenDebt, err error) {
	d := l.debts
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.follow(ctx); err != nil {
		return nil, err
	}
	for id, x := range d.all {
		if x.owed.Currency() != currency {
			continue
		}
		if amount := x.mayCome(bankAccount); amount.Sign() > 0 {
			open = append(open, OpenDebt{ID: id, PartnerID: x.partner, Amount: amount, Since: x.since})
		}
	}
	slices.SortFunc(open, func(a, b OpenDebt) int { return bytes.Compare(a.ID[:], b.ID[:]) })
	return open, nil
}

// mayCome is what is still owed, and what was paid to the bank account and no statement of it shows yet.
func (x *debt) mayCome(bankAccount string) domain.Money {
	amount := domain.Must(x.owed.Sub(x.claw.Recovered))
	for _, o := range x.offsets {
		if !x.claw.Has(o.RecoveryID) {
			amount = domain.Must(amount.Sub(o.Amount))
		}
	}
	if amount.Sign() < 0 {
		amount = domain.Must(amount.Sub(amount))
	}
	return domain.Must(amount.Add(x.claw.Unseen(bankAccount)))
}

func (d *debts) follow(ctx context.Context) error {
	filter := eventstore.Filter{
		Categories: []string{mdf.FundCategory, rebate.Category, payable.Category, clawback.Category},
		Types: []string{
			mdf.ClaimClawedBack{}.EventType(), mdf.ClawbackReversed{}.EventType(),
			rebate.ClawedBack{}.EventType(), rebate.ClawbackReversed{}.EventType(), rebate.Adjusted{}.EventType(),
			rebate.Paid{}.EventType(), rebate.PaymentReturned{}.EventType(), rebate.SpiffReversed{}.EventType(),
			payable.Offset{}.EventType(),
		},
	}
	for _, t := range clawback.Types() {
		filter.Types = append(filter.Types, t.Name)
	}
	for m, err := range d.store.Follow(ctx, d.after, filter) {
		if err != nil {
			return err
		}
		if m.Kind == eventstore.Appeared {
			event, env, err := d.codec.Decode(m.Event)
			if err != nil {
				return err
			}
			d.fold(event, env)
		}
		d.after = m.Position
		if m.Kind == eventstore.CaughtUp {
			break
		}
	}
	return nil
}

func (d *debts) fold(event domain.Event, env domain.Envelope) {
	switch e := event.(type) {
	case mdf.FundEvent:
		of := mdf.OwingOf(e)
		d.owes(of.ID, of.PartnerID, of.Amount, env)
	case rebate.Event:
		of := rebate.OwingOf(e)
		d.owes(of.ID, of.PartnerID, of.Amount, env)
	case payable.Offset:
		x := d.at(e.ClawbackID)
		x.offsets = append(x.offsets, e)
	case clawback.Event:
		if _, id, err := domain.ParseStream(env.Stream); err == nil {
			x := d.at(id)
			x.claw = clawback.Decider().Evolve(x.claw, e, env)
		}
	}
}

func (d *debts) owes(id, partner uuid.UUID, amount domain.Money, env domain.Envelope) {
	if amount.Sign() == 0 {
		return
	}
	x := d.at(id)
	if x.stream == "" {
		x.stream, x.partner, x.since = env.Stream, partner, env.EffectiveAt
	}
	x.owed = domain.Must(x.owed.Add(amount)) // as its own stream bounds it
}

func (d *debts) at(id uuid.UUID) *debt {
	if d.all[id] == nil {
		d.all[id] = &debt{claw: clawback.Decider().Initial()}
	}
	return d.all[id]
}
