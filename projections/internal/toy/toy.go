// Package toy is a small ledger for the tests of the projections: accounts that open, move money and close.
package toy

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/eventstore"
	"github.com/channelledger/channelledger/projections"
)

// Opened begins an account.
type Opened struct {
	Account uuid.UUID `json:"account"`
	Owner   string    `json:"owner"`
}

// Moved adds an amount to an account.
type Moved struct {
	Account uuid.UUID `json:"account"`
	Amount  int64     `json:"amount"`
	Tag     string    `json:"tag"`
	Note    string    `json:"note"`
}

// Closed ends an account: its row goes.
type Closed struct {
	Account uuid.UUID `json:"account"`
}

// Noise is an event that the read model doesn't take.
type Noise struct {
	Text string `json:"text"`
}

// EventType is the name on the wire.
func (Opened) EventType() string { return "toy.opened.v1" }

// EventType is the name on the wire.
func (Moved) EventType() string { return "toy.moved.v1" }

// EventType is the name on the wire.
func (Closed) EventType() string { return "toy.closed.v1" }

// EventType is the name on the wire.
func (Noise) EventType() string { return "toy.noise.v1" }

// Types are all of them.
func Types() []domain.Type {
	return []domain.Type{domain.TypeOf[Opened](), domain.TypeOf[Moved](), domain.TypeOf[Closed](), domain.TypeOf[Noise]()}
}

// Codec knows the toy's types.
func Codec() *eventstore.Codec {
	codec, err := eventstore.NewCodec(eventstore.NewMemoryKeyring(), Types())
	if err != nil {
		panic(err) // two types of one name
	}
	return codec
}

// Account is a row.
type Account struct {
	ID      uuid.UUID            `json:"id"`
	Owner   domain.Dated[string] `json:"owner"`
	Balance int64                `json:"balance"`
	Tags    map[string]int       `json:"tags,omitempty"`
	Last    time.Time            `json:"last,omitzero"`
	Recent  []int64              `json:"recent,omitempty"`
}

// Month is a row of an aggregate table.
type Month struct {
	Moves int   `json:"moves"`
	Sum   int64 `json:"sum"`
}

// Tables are the read model's.
type Tables struct {
	Accounts *projections.Table[Account]
	Months   *projections.Table[Month]
}

// ErrPoison is what Apply answers to a Moved with the tag "poison".
var ErrPoison = errors.New("poisoned")

// Projection is the read model "accounts".
func Projection() projections.Projection[Tables] {
	return projections.Projection[Tables]{
		Name: "accounts", Version: 1,
		Types: []string{Opened{}.EventType(), Moved{}.EventType(), Closed{}.EventType()},
		Open:  open, Apply: apply,
	}
}

func open(s *projections.Schema) Tables {
	return Tables{
		Accounts: projections.NewTable(s, "accounts",
			projections.Text("owner", func(a *Account) string { return a.Owner.Latest() }).Indexed(),
			projections.Int("balance", func(a *Account) int64 { return a.Balance }),
			projections.Time("last", func(a *Account) time.Time { return a.Last }),
			projections.Flag("overdrawn", func(a *Account) bool { return a.Balance < 0 }),
		).IndexOn("overdrawn", "balance", "key"),
		Months: projections.NewTable(s, "months",
			projections.OptionalInt("sum", func(m *Month) (int64, bool) { return m.Sum, m.Moves > 0 })),
	}
}

func apply(t Tables, e domain.Event, env domain.Envelope) error {
	switch e := e.(type) {
	case Opened:
		return t.Accounts.Update(e.Account.String(), func(a *Account) {
			a.ID = e.Account
			a.Owner.Set(env.EffectiveAt, e.Owner)
		})
	case Moved:
		return moved(t, e, env)
	case Closed:
		t.Accounts.Delete(e.Account.String())
		return nil
	default:
		return fmt.Errorf("unexpected %T", e)
	}
}

func moved(t Tables, e Moved, env domain.Envelope) error {
	err := t.Months.Update(env.EffectiveAt.Format("2006-01"), func(m *Month) {
		m.Moves++
		m.Sum += e.Amount
	})
	if err != nil {
		return err
	}
	switch e.Tag {
	case "poison":
		return ErrPoison
	case "panic":
		panic("a panic on purpose")
	}
	a, err := t.Accounts.Get(e.Account.String())
	if err != nil || a == nil {
		return err // closed, or left out by a bound: unknown
	}
	a.Balance += e.Amount
	a.Last = env.RecordedAt
	if e.Tag != "" {
		if a.Tags == nil {
			a.Tags = map[string]int{}
		}
		a.Tags[e.Tag]++
	}
	a.Recent = append(a.Recent, e.Amount)
	if len(a.Recent) > 3 {
		a.Recent = a.Recent[len(a.Recent)-3:]
	}
	t.Accounts.Put(e.Account.String(), a)
	return nil
}

// Append adds events to the end of a log, each in the stream of its account; noise goes to a stream of another category.
func Append(ctx context.Context, store eventstore.Store, at time.Time, events ...domain.Event) (eventstore.Position, error) {
	codec := Codec()
	var last eventstore.Position
	for i, e := range events {
		stream, revision := StreamOf(e), eventstore.NoStream
		for r, err := range store.Read(ctx, stream, eventstore.NoStream) {
			if err != nil {
				return last, err
			}
			revision = r.Revision
		}
		p, err := Propose(codec, fmt.Sprintf("%s/%d/%d", stream, revision, i), at, e)
		if err != nil {
			return last, err
		}
		appended, err := store.Append(ctx, stream, revision, []eventstore.Proposed{p})
		if err != nil {
			return last, err
		}
		last = appended.Position
	}
	return last, nil
}

// Propose encodes an event under a command named by seed.
func Propose(codec *eventstore.Codec, seed string, effectiveAt time.Time, e domain.Event) (eventstore.Proposed, error) {
	id := domain.DeriveID("toy", seed)
	return codec.Encode(StreamOf(e), 0, e, domain.Metadata{
		CorrelationID: id, CausationID: id, CommandID: id, Actor: domain.Actor{ID: "toy", Kind: domain.Service}, EffectiveAt: effectiveAt,
	})
}

// StreamOf is the stream of an event.
func StreamOf(e domain.Event) string {
	switch e := e.(type) {
	case Opened:
		return domain.StreamName("toy", e.Account)
	case Moved:
		return domain.StreamName("toy", e.Account)
	case Closed:
		return domain.StreamName("toy", e.Account)
	default:
		return domain.StreamName("noise", uuid.Nil)
	}
}

// Random is the n-th event of a random history over some accounts.
func Random(rng *rand.Rand, accounts int) domain.Event {
	id := ID(rng.IntN(accounts))
	switch n := rng.IntN(20); {
	case n < 2:
		return Opened{Account: id, Owner: fmt.Sprintf("owner <%d> & söhne", rng.IntN(5))}
	case n == 2:
		return Closed{Account: id}
	case n < 6:
		return Noise{Text: "nothing of interest"}
	default:
		return Moved{Account: id, Amount: rng.Int64N(2001) - 1000, Tag: fmt.Sprint(rng.IntN(3)), Note: "moved on a whim"}
	}
}

// ID is the id of an account by number.
func ID(n int) uuid.UUID { return domain.DeriveID("toy-account", fmt.Sprint(n)) }
