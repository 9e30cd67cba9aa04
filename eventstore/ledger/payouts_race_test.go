package ledger_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/domaintest"
	"github.com/channelledger/channelledger/domain/partner"
	"github.com/channelledger/channelledger/domain/payable"
	"github.com/channelledger/channelledger/domain/payout"
	"github.com/channelledger/channelledger/domain/reactor"
	"github.com/channelledger/channelledger/eventstore"
	"github.com/channelledger/channelledger/eventstore/ledger"
)

var errKilled = errors.New("the process was killed")

// mortal is a store as a process has it that is killed after so many appends: the last one was recorded, or not, and nobody
// hears of it.
type mortal struct {
	eventstore.Store
	mu       sync.Mutex
	left     int
	recorded bool
}

func (m *mortal) Append(
	ctx context.Context, stream string, expected eventstore.Revision, events []eventstore.Proposed,
) (eventstore.Appended, error) {
	m.mu.Lock()
	m.left--
	left := m.left
	m.mu.Unlock()
	if left < 0 || left == 0 && !m.recorded {
		return eventstore.Appended{}, errKilled
	}
	appended, err := m.Store.Append(ctx, stream, expected, events)
	if left == 0 {
		return eventstore.Appended{}, errKilled
	}
	return appended, err
}

// paused is a store as a process has it that stands still before one of its appends, while other things happen.
type paused struct {
	eventstore.Store
	mu   sync.Mutex
	left int
	then func()
}

func (p *paused) Append(
	ctx context.Context, stream string, expected eventstore.Revision, events []eventstore.Proposed,
) (eventstore.Appended, error) {
	p.mu.Lock()
	if p.left--; p.left == 0 {
		p.then()
	}
	p.mu.Unlock()
	return p.Store.Append(ctx, stream, expected, events)
}

// TestWhateverHappensBetweenTwoSteps: before each of its steps in turn, a preparation is held up until it is given up, or until
// another one has taken all there is; then it goes on.
func TestWhateverHappensBetweenTwoSteps(t *testing.T) {
	t.Parallel()
	const owed = 4
	for step := 1; step <= owed+2; step++ { // to open, to claim, to prepare
		for _, rival := range []bool{true, false} {
			c := newCashier(t)
			north := c.pays("north", "EUR")
			c.rests()
			for range owed {
				c.owes(north, eur("10.00"))
			}
			held := &paused{Store: c.l.Store, left: step, then: func() {
				c.passes(payout.PrepareWithin + time.Minute)
				if rival {
					_, err := c.l.PreparePayout(ctx, c.knows("rival"), c.request("EUR"))
					require.NoError(t, err)
				}
			}}
			_, err := c.process(held).PreparePayout(ctx, c.knows("held up"), c.request("EUR"))
			require.True(t, err == nil || domain.AsRejection(err) != nil, "%v", err)
			c.passes(time.Minute)
			c.passes(payout.PrepareWithin)
			c.requireOnce()
			_, err = c.l.PreparePayout(ctx, c.knows("next"), c.request("EUR"))
			require.True(t, err == nil || domain.AsRejection(err).Rule == "nothing_to_pay", "%v", err)
			for _, id := range c.owed {
				require.NotEqual(t, uuid.Nil, c.payable(id).ClaimedBy, "step %d: nobody pays it, and nobody can", step)
			}
			c.requireOnce()
		}
	}
}

// knows the payout that a key opens, and is the header that does.
func (c *cashier) knows(key string) domain.Header {
	h := domain.Header{CommandID: domain.CommandID("cashier", key), Actor: domaintest.Treasurer()}
	c.known[payout.IDOf(h.CommandID)] = true
	return h
}

const clients = 16

// TestSixteenClientsPrepareAtOnce: each client is a process of its own over one log, and is killed at random, also between an
// append and its answer; some are started again with the same key, or twice at once. Claw-backs take what they can meanwhile. Then the reactors
// run.
func TestSixteenClientsPrepareAtOnce(t *testing.T) {
	t.Parallel()
	c := newCashier(t)
	partners := []uuid.UUID{c.pays("north", "EUR"), c.pays("south", "EUR"), c.pays("east", "EUR")}
	c.rests()
	random := rand.New(rand.NewPCG(7, 0))
	for range 60 {
		c.owes(partners[random.IntN(len(partners))], cents(1+random.Int64N(100_000)))
	}
	for round := range 3 {
		c.rush(uint64(round), partners)
		c.passes(payout.PrepareWithin + time.Minute)
		c.requireOnce()
	}
	require.NoError(t, c.gives(partner.Category, partners[0], domaintest.Ops(), partner.Suspend{Reason: "audit"}))
	for _, id := range sortedIDs(slices.Collect(maps.Keys(c.known))) {
		if c.payout(id).Status == payout.StatusPrepared && !c.allHeld(id) {
			c.sends(id)
		}
	}
	c.requireOnce()
	c.requireCleared(random)
	before := len(c.log)
	c.rules, c.after, c.log = reactor.All(), eventstore.Position{}, nil
	c.react()
	require.GreaterOrEqual(t, len(c.log), before)
	recorded := len(c.log)
	c.react()
	require.Len(t, c.log, recorded, "reactors that start anew add nothing")
}

// rush lets every client prepare at once, and claw-backs take.
func (c *cashier) rush(round uint64, partners []uuid.UUID) {
	var all sync.WaitGroup
	for i := range clients {
		random := rand.New(rand.NewPCG(round, uint64(i)))
		key := fmt.Sprint("client ", round, " ", i)
		h, r := c.knows(key), c.request("EUR")
		if random.IntN(2) == 0 {
			r.Filter.PartnerIDs = []uuid.UUID{partners[random.IntN(len(partners))]}
		}
		var lives []*ledger.Ledger
		for range 1 + random.IntN(3) {
			lives = append(lives, c.process(&mortal{Store: c.l.Store, left: 1 + random.IntN(25), recorded: random.IntN(2) == 0}))
		}
		prepare := func(l *ledger.Ledger) {
			_, err := l.PreparePayout(ctx, h, r)
			if err != nil && domain.AsRejection(err) == nil && !errors.Is(err, errKilled) {
				c.t.Errorf("%s: %v", key, err)
			}
		}
		if i%4 == 0 { // the same request reaches several processes at once
			for _, l := range lives {
				all.Go(func() { prepare(l) })
			}
			continue
		}
		all.Go(func() {
			for _, l := range lives {
				prepare(l)
			}
		})
	}
	other := c.process(c.l.Store)
	all.Go(func() { c.clawsBack(round, other) })
	all.Wait()
}

// clawsBack takes parts of payables; what a payout has, it can't.
func (c *cashier) clawsBack(round uint64, l *ledger.Ledger) {
	random := rand.New(rand.NewPCG(round, 99))
	for i := range 10 {
		id := c.owed[random.IntN(len(c.owed))]
		key := fmt.Sprint("claw-back ", round, " ", i)
		h := domain.Header{CommandID: domain.CommandID("cashier", key), Actor: domaintest.Finance()}
		_, err := l.Payables.Do(ctx, id, h, payable.TakeBack{
			ClawbackID: h.CommandID, Amount: cents(1 + random.Int64N(1000)), Reason: "returned",
		})
		if err != nil && domain.AsRejection(err) == nil {
			c.t.Errorf("%s: %v", key, err)
		}
	}
}

// requireOnce: every payable is free, or one payout that pays it has it, or has sent it; and nothing that was taken back is paid.
func (c *cashier) requireOnce() {
	in := map[uuid.UUID]uuid.UUID{}
	for _, id := range sortedIDs(slices.Collect(maps.Keys(c.known))) {
		p := c.payout(id)
		require.NotEqual(c.t, payout.StatusOpen, p.Status)
		if p.Status == payout.StatusAbandoned || !p.Exists() {
			continue
		}
		for _, item := range p.Payments() {
			require.NotContains(c.t, in, item.PayableID, "in two payouts")
			in[item.PayableID] = id
			x := c.payable(item.PayableID)
			owed := domain.Must(x.Raised.Amount.Sub(x.TakenBack.Amount))
			require.Equal(c.t, owed, item.Amount, "paid is what wasn't taken back")
		}
	}
	for _, id := range c.owed {
		x := c.payable(id)
		if x.ClaimedBy != uuid.Nil {
			require.Equal(c.t, in[id], x.ClaimedBy, "claimed by who doesn't pay it")
		}
		require.LessOrEqual(c.t, len(x.Payments), 1)
	}
}

// allHeld reports whether nothing of a payout may be sent.
func (c *cashier) allHeld(id uuid.UUID) bool {
	held, err := c.l.HeldOf(ctx, id, domain.Header{Actor: domaintest.Treasurer()})
	require.NoError(c.t, err)
	return len(held) == len(c.payout(id).Items)
}

// requireCleared confirms what was sent, some of it returned, and clears it: the sums are the same on both sides.
func (c *cashier) requireCleared(random *rand.Rand) {
	sent, confirmed, cleared := 0, eur("0.00"), eur("0.00")
	for _, id := range sortedIDs(slices.Collect(maps.Keys(c.known))) {
		p := c.payout(id)
		if p.Status != payout.StatusSent {
			continue
		}
		sent++
		for _, item := range p.Payments() {
			if random.IntN(5) == 0 {
				require.NoError(c.t, c.gives(payable.Category, item.PayableID, domaintest.Treasurer(), payable.Return{PayoutID: id, Reason: "closed"}))
				continue
			}
			confirmed = domain.Must(confirmed.Add(item.Paid))
			require.NoError(c.t, c.gives(payable.Category, item.PayableID, domaintest.Treasurer(), payable.Confirm{PayoutID: id, Reference: "B"}))
			require.NoError(c.t, c.gives(payable.Category, item.PayableID, domaintest.Treasurer(), payable.Clear{
				PayoutID: id, StatementID: id, MatchID: item.PayableID, Amount: item.Paid,
			}))
		}
	}
	require.NotZero(c.t, sent)
	c.react()
	for _, id := range c.owed {
		for _, x := range c.payable(id).Payments {
			cleared = domain.Must(cleared.Add(x.ClearedOut))
		}
	}
	require.Equal(c.t, confirmed, cleared)
	for _, id := range sortedIDs(slices.Collect(maps.Keys(c.known))) {
		require.NotEqual(c.t, payout.StatusSent, c.payout(id).Status, "all of its payments have an end")
	}
}
