package reactor_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/payable"
	"github.com/channelledger/channelledger/domain/payout"
	"github.com/channelledger/channelledger/domain/reactor"
)

var batchID = domain.DeriveID("test", "payout")

func payableID(name string) uuid.UUID { return domain.DeriveID("test", "payable", name) }

// paying is a rule, and the log that it folds; what it orders is recorded as the aggregates would.
type paying struct {
	t    require.TestingT
	rule *reactor.Payouts
	log  []logged
	now  time.Time
}

type logged struct {
	event domain.Event
	env   domain.Envelope
}

func newPaying(t require.TestingT) *paying {
	return &paying{t: t, rule: reactor.NewPayouts(), now: start}
}

// happens records an event; command is what led to it.
func (p *paying) happens(e domain.Event, command uuid.UUID) {
	stream := domain.StreamName(payout.Category, batchID)
	if of, ok := payableOf(e); ok {
		stream = domain.StreamName(payable.Category, of)
	}
	env := domain.Envelope{
		EventID: domain.DeriveID("event", fmt.Sprint(len(p.log))), Stream: stream, RecordedAt: p.now,
		Metadata: domain.Metadata{CommandID: command, EffectiveAt: p.now},
	}
	p.log = append(p.log, logged{e, env})
	p.rule.Observe(e, env)
}

func payableOf(e domain.Event) (uuid.UUID, bool) {
	switch e := e.(type) {
	case payable.Claimed:
		return e.PayableID, true
	case payable.Unclaimed:
		return e.PayableID, true
	case payable.Sent:
		return e.PayableID, true
	case payable.Confirmed:
		return e.PayableID, true
	case payable.Returned:
		return e.PayableID, true
	case payable.ReturnUndone:
		return e.PayableID, true
	}
	return uuid.Nil, false
}

func (p *paying) says(events ...domain.Event) {
	for _, e := range events {
		p.happens(e, domain.DeriveID("command", fmt.Sprint(len(p.log))))
	}
}

// due are the commands that follow now, by payable.
func (p *paying) due() (orders []reactor.Order) { return p.rule.Due(p.now) }

// anew is a rule that folds the whole log again.
func (p *paying) anew() {
	p.rule = reactor.NewPayouts()
	for _, l := range p.log {
		p.rule.Observe(l.event, l.env)
	}
}

func opened() payout.Opened {
	return payout.Opened{PayoutID: batchID, Currency: "EUR", Debtor: payout.Debtor{IBAN: "DE89370400440532013000"}}
}

func claimed(name string) payable.Claimed {
	return payable.Claimed{PayableID: payableID(name), PayoutID: batchID, Amount: money("10.00")}
}

func prepared(names ...string) payout.Prepared {
	e := payout.Prepared{PayoutID: batchID}
	for _, name := range names {
		e.Items = append(e.Items, payout.Item{PayableID: payableID(name), PayeeID: other, Amount: money("10.00"), Paid: money("10.00")})
	}
	return e
}

func payment(_, amount string) payable.Payment {
	return payable.Payment{PayoutID: batchID, Amount: money(amount), Paid: money(amount)}
}

func sendOf(string) payable.Send {
	return payable.Send{PayoutID: batchID, BankAccount: "DE89370400440532013000", PayeeID: other, Paid: money("10.00")}
}

func unclaim() payable.Unclaim {
	return payable.Unclaim{PayoutID: batchID, Reason: "the payout doesn't pay it"}
}

// byStream are the commands, by the stream that they go to.
func byStream(orders []reactor.Order) map[string]any {
	of := map[string]any{}
	for _, o := range orders {
		of[o.Stream] = o.Command
	}
	return of
}

func onPayable(name string) string { return domain.StreamName(payable.Category, payableID(name)) }

func TestWhatAPayoutSentIsSent(t *testing.T) {
	t.Parallel()
	p := newPaying(t)
	p.says(opened(), claimed("a"), claimed("b"), claimed("c"), prepared("a", "b"))
	require.Equal(t, map[string]any{onPayable("c"): unclaim()}, byStream(p.due()), "claimed, and not paid")
	p.says(payout.Sent{PayoutID: batchID, Held: []payout.Held{{PayableID: payableID("b")}}})
	orders := p.due()
	require.Equal(t, map[string]any{onPayable("a"): sendOf("a"), onPayable("b"): unclaim()}, byStream(orders))
	require.Empty(t, p.due(), "once")
	p.anew()
	again := p.due()
	require.Len(t, again, 3, "nothing in the log shows that it was done")
	for _, o := range again {
		p.happens(outcomeOf(o), o.Header("payouts").CommandID)
	}
	p.anew()
	require.Empty(t, p.due())
}

// outcomeOf is the event that an order on a payable leads to.
func outcomeOf(o reactor.Order) domain.Event {
	_, of, _ := domain.ParseStream(o.Stream)
	switch o.Command.(type) {
	case payable.Unclaim:
		return payable.Unclaimed{PayableID: of, PayoutID: batchID}
	case payable.Send:
		return payable.Sent{PayableID: of, Payment: payable.Payment{PayoutID: batchID, Amount: money("10.00")}}
	case payout.GiveUp:
		return payout.Abandoned{PayoutID: batchID}
	default:
		return payout.Completed{PayoutID: batchID}
	}
}

func TestAPayoutIsCompleteBehindItsLastPayment(t *testing.T) {
	t.Parallel()
	p := newPaying(t)
	p.says(opened(), claimed("a"), claimed("b"), prepared("a", "b"), payout.Sent{PayoutID: batchID})
	for _, o := range p.due() {
		p.happens(outcomeOf(o), o.Header("payouts").CommandID)
	}
	p.says(payable.Confirmed{PayableID: payableID("a"), Payment: payment("a", "10.00")})
	p.says(payable.Returned{PayableID: payableID("a"), Payment: payment("a", "10.00"), Confirmed: true}, // later
		payable.Returned{PayableID: payableID("b"), Payment: payment("b", "4.00")})
	require.Empty(t, p.due(), "six of b have no end yet")
	p.says(payable.ReturnUndone{PayableID: payableID("b"), Payment: payment("b", "4.00")})
	p.says(payable.Returned{PayableID: payableID("b"), Payment: payment("b", "6.00")})
	require.Empty(t, p.due(), "four arrived after all, and nobody confirmed them")
	p.says(payable.Returned{PayableID: payableID("b"), Payment: payment("b", "4.00")})
	orders := p.due()
	require.Len(t, orders, 1)
	require.Equal(t, payout.Complete{}, orders[0].Command)
	require.Equal(t, domain.StreamName(payout.Category, batchID), orders[0].Stream)
	p.happens(outcomeOf(orders[0]), orders[0].Header("payouts").CommandID)
	p.anew()
	require.Empty(t, p.due())
}

func TestAPayoutThatNobodyPreparesIsGivenUp(t *testing.T) {
	t.Parallel()
	p := newPaying(t)
	p.says(opened(), claimed("a"))
	at, ok := p.rule.Next()
	require.True(t, ok)
	require.Equal(t, start.Add(payout.PrepareWithin), at)
	p.now = at.Add(-1)
	require.Empty(t, p.due())
	p.now = at
	orders := p.due()
	require.Len(t, orders, 1)
	require.Equal(t, payout.GiveUp{}, orders[0].Command)
	require.Equal(t, at, orders[0].EffectiveAt)
	p.now = at.Add(time.Hour)
	p.says(claimed("late")) // after it should have been given up, before it was
	p.log[len(p.log)-1].env.EffectiveAt = p.now
	p.anew()
	p.happens(payout.Abandoned{PayoutID: batchID}, orders[0].Header("payouts").CommandID)
	p.says(claimed("later"))
	freed := p.due()
	require.Equal(t, map[string]any{onPayable("a"): unclaim(), onPayable("late"): unclaim(), onPayable("later"): unclaim()}, byStream(freed))
	_, ok = p.rule.Next()
	require.False(t, ok)
}

// An abandonment takes effect when it was due, which may be before the last claim: what lets that go comes behind it.
func TestNothingIsLetGoBeforeItWasClaimed(t *testing.T) {
	t.Parallel()
	p := newPaying(t)
	p.says(opened())
	p.now = start.Add(time.Hour)
	p.says(claimed("a"))
	claim := p.now
	p.now = start.Add(payout.PrepareWithin)
	p.says(payout.Abandoned{PayoutID: batchID})
	orders := p.due()
	require.Len(t, orders, 1)
	require.Equal(t, claim, orders[0].EffectiveAt)
}

func TestOnlyWhatIsOpenIsGivenUp(t *testing.T) {
	t.Parallel()
	for _, e := range []domain.Event{prepared("a"), payout.Abandoned{PayoutID: batchID}} {
		p := newPaying(t)
		p.says(opened(), e)
		p.now = start.AddDate(0, 0, 1)
		require.Empty(t, p.due(), "%T", e)
	}
}

// Whatever comes when, and however often the rule starts anew: what has been claimed and isn't paid is free at the end, once,
// and what is paid was sent.
func TestNothingStaysClaimedWhateverComesFirst(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p, names := newPaying(t), []string{"a", "b", "c", "d"}
		events := []domain.Event{claimed("a"), claimed("b"), claimed("c"), claimed("d")}
		ending := rapid.SampledFrom([]string{"abandoned", "sent"}).Draw(t, "ending")
		if ending == "abandoned" {
			events = append(events, payout.Abandoned{PayoutID: batchID})
		} else {
			events = append(events, prepared("a", "b"))
		}
		p.says(opened())
		has := map[uuid.UUID]bool{}
		for _, e := range rapid.Permutation(events).Draw(t, "order") {
			p.says(e)
			if c, ok := e.(payable.Claimed); ok {
				has[c.PayableID] = true
			}
			p.mayReact(t, has)
		}
		if ending == "sent" {
			p.says(payout.Sent{PayoutID: batchID})
		}
		p.react(has)
		for _, name := range names {
			require.False(t, has[payableID(name)], name)
		}
		p.anew()
		require.Empty(t, p.due())
	})
}

func (p *paying) mayReact(t *rapid.T, has map[uuid.UUID]bool) {
	if rapid.Bool().Draw(t, "anew") {
		p.anew()
	}
	if rapid.Bool().Draw(t, "react") {
		p.react(has)
	}
}

// react carries out what is due, as the payables' aggregate would.
func (p *paying) react(has map[uuid.UUID]bool) {
	for _, o := range p.due() {
		_, of, err := domain.ParseStream(o.Stream)
		require.NoError(p.t, err)
		require.True(p.t, has[of], "%T of what the payout doesn't have", o.Command)
		delete(has, of)
		p.happens(outcomeOf(o), o.Header("payouts").CommandID)
	}
}
