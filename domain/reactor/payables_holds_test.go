package reactor_test

import (
	"fmt"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/account"
	"github.com/channelledger/channelledger/domain/payable"
	"github.com/channelledger/channelledger/domain/reactor"
	"github.com/channelledger/channelledger/domain/rebate"
)

// court is a log that the rule is told, and the payables that its orders make, by the real aggregate.
type court struct {
	t        require.TestingT
	rule     *reactor.Payables
	log      []logged
	orders   []reactor.Order // given and not carried out yet
	payables map[uuid.UUID]*payable.Payable
	done     map[uuid.UUID]bool // commands
}

func newCourt(t require.TestingT) *court {
	return &court{t: t, rule: reactor.NewPayables(), payables: map[uuid.UUID]*payable.Payable{}, done: map[uuid.UUID]bool{}}
}

func (c *court) tell(stream string, command uuid.UUID, e domain.Event) domain.Envelope {
	env := domain.Envelope{
		EventID: domain.DeriveID("event", fmt.Sprint(len(c.log))), Stream: stream, Type: e.EventType(), RecordedAt: day(1),
		Metadata: domain.Metadata{CommandID: command, EffectiveAt: day(1)},
	}
	require.Contains(c.t, c.rule.Types(), env.Type)
	c.log = append(c.log, logged{e, env})
	c.rule.Observe(e, env)
	return env
}

// says records what somebody did to a deal or an agreement.
func (c *court) says(stream string, e domain.Event) {
	c.tell(stream, domain.DeriveID("command", fmt.Sprint(len(c.log))), e)
}

func (c *court) takes() { c.orders = append(c.orders, c.rule.Due(day(1))...) }

// carriesOut the oldest order.
func (c *court) carriesOut() {
	o := c.orders[0]
	c.orders = c.orders[1:]
	header := o.Header(c.rule.Name())
	header.Now = day(1)
	_, id, err := domain.ParseStream(o.Stream)
	require.NoError(c.t, err)
	if c.done[header.CommandID] {
		return
	}
	if c.payables[id] == nil {
		c.payables[id] = payable.Decider().Initial()
	}
	events, err := payable.Decider().Decide(c.payables[id], header, payable.Facts{}, o.Command.(payable.Command))
	require.NoError(c.t, err)
	c.done[header.CommandID] = len(events) > 0
	for _, e := range events {
		c.payables[id].Apply(e, c.tell(o.Stream, header.CommandID, e))
	}
}

// settles until nothing follows any more.
func (c *court) settles() {
	for c.takes(); len(c.orders) > 0; c.takes() {
		c.carriesOut()
	}
}

// anew is a process that starts: what was ordered and not carried out is forgotten.
func (c *court) anew() {
	c.rule, c.orders = reactor.NewPayables(), nil
	for _, l := range c.log {
		c.rule.Observe(l.event, l.env)
	}
}

var (
	deals      = []uuid.UUID{domain.DeriveID("deal", "0"), domain.DeriveID("deal", "1")}
	disputes   = []uuid.UUID{domain.DeriveID("dispute", "0"), domain.DeriveID("dispute", "1")}
	agreements = []uuid.UUID{domain.DeriveID("agreement", "0"), domain.DeriveID("agreement", "1")}
	onDeals    = domain.StreamName(account.Category, domain.DeriveID("home"))
)

func on(agreement uuid.UUID) string { return domain.StreamName(rebate.Category, agreement) }

func (c *court) holds(deal, dispute int) {
	c.says(onDeals, account.HoldPlaced{DealID: deals[deal], DisputeID: disputes[dispute]})
}

func (c *court) lifts(deal, dispute int) {
	c.says(onDeals, account.HoldLifted{DealID: deals[deal], DisputeID: disputes[dispute]})
}

func (c *court) sells(agreement, deal int, sale string) {
	c.says(on(agreements[agreement]), rebate.SaleRecorded{SaleID: domain.DeriveID(sale), DealID: deals[deal], Amount: euros("10.00")})
}

func (c *court) takesBack(agreement int, sale, amount string) {
	c.says(on(agreements[agreement]), rebate.SaleReversed{SaleID: domain.DeriveID(sale), Amount: euros(amount)})
}

// owes makes something of an agreement payable, and is the payable's id.
func (c *court) owes(agreement int) uuid.UUID {
	c.says(on(agreements[agreement]), rebate.ClawbackReversed{PartnerID: other, FromPayable: euros("1.00")})
	return payable.IDOf(c.log[len(c.log)-1].env.EventID)
}

func (c *court) held(id uuid.UUID) bool { return c.payables[id] != nil && c.payables[id].Held() }

// Whichever comes first: what an agreement made payable is held while it counts a deal that is, and nothing else is.
func TestAHeldDealHoldsWhatCountsIt(t *testing.T) {
	t.Parallel()
	steps := map[string]func(*court) uuid.UUID{
		"sold":   func(c *court) uuid.UUID { c.sells(0, 0, "s"); return uuid.Nil },
		"held":   func(c *court) uuid.UUID { c.holds(0, 0); return uuid.Nil },
		"raised": func(c *court) uuid.UUID { return c.owes(0) },
	}
	for _, order := range [][]string{
		{"sold", "held", "raised"}, {"sold", "raised", "held"}, {"held", "sold", "raised"}, {"held", "raised", "sold"},
		{"raised", "sold", "held"}, {"raised", "held", "sold"},
	} {
		c := newCourt(t)
		c.sells(1, 1, "another deal's")
		elsewhere := c.owes(1)
		var id uuid.UUID
		for _, name := range order {
			if raised := steps[name](c); raised != uuid.Nil {
				id = raised
			}
			c.settles()
		}
		require.True(t, c.held(id), order)
		require.False(t, c.held(elsewhere), order)
		c.lifts(0, 1)
		c.settles()
		require.True(t, c.held(id), "another dispute is over")
		c.anew()
		c.settles()
		c.lifts(0, 0)
		c.settles()
		require.False(t, c.held(id), order)
	}
}

// It is held in the append that raises it.
func TestWhatIsRaisedUnderAHoldIsRaisedHeld(t *testing.T) {
	t.Parallel()
	c := newCourt(t)
	c.sells(0, 0, "s")
	id := c.owes(0)
	c.holds(0, 0) // behind what makes it payable, before anybody raised it
	c.holds(0, 1)
	c.takes()
	require.Len(t, c.orders, 1)
	holds := c.orders[0].Command.(payable.Raise).Holds
	require.ElementsMatch(t, []payable.Disputed{
		{DisputeID: disputes[0], DealID: deals[0]}, {DisputeID: disputes[1], DealID: deals[0]},
	}, holds)
	c.carriesOut()
	c.takes()
	require.Empty(t, c.orders, "nothing is left to be held")
	require.True(t, c.held(id))
}

// What counts a deal no longer isn't held because of it; a part that was taken back changes nothing.
func TestADealThatCountsNoLongerHoldsNothing(t *testing.T) {
	t.Parallel()
	c := newCourt(t)
	c.sells(0, 0, "first line")
	c.sells(0, 0, "second line")
	c.holds(0, 0)
	id := c.owes(0)
	c.settles()
	c.takesBack(0, "first line", "10.00")
	c.takesBack(0, "second line", "9.99")
	c.settles()
	require.True(t, c.held(id))
	c.takesBack(0, "second line", "0.01")
	c.settles()
	require.False(t, c.held(id))
	c.sells(0, 0, "again") // the ruling was overturned
	c.settles()
	require.True(t, c.held(id))
}

// A SPIFF and a claim follow from no deal.
func TestOnlyRebatesAreHeld(t *testing.T) {
	t.Parallel()
	c := newCourt(t)
	c.sells(0, 0, "s")
	c.holds(0, 0)
	c.says(on(agreements[0]), rebate.SpiffEarned{PartnerID: other, SpiffID: agreements[0], Amount: euros("1.00")})
	spiff := payable.IDOf(c.log[len(c.log)-1].env.EventID)
	c.says(onFund("").Stream, approvedFor("1.00"))
	claim := payable.IDOf(c.log[len(c.log)-1].env.EventID)
	c.settles()
	require.Len(t, c.payables, 2)
	require.False(t, c.held(spiff) || c.held(claim))
}
