package react_test

import (
	"context"
	"errors"
	"iter"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/domaintest"
	"github.com/channelledger/channelledger/domain/partner"
	"github.com/channelledger/channelledger/domain/reactor"
	"github.com/channelledger/channelledger/eventstore"
	"github.com/channelledger/channelledger/eventstore/embedded"
	"github.com/channelledger/channelledger/eventstore/ledger"
	"github.com/channelledger/channelledger/eventstore/react"
)

var (
	epoch     = domaintest.Epoch
	partnerID = domain.DeriveID("test", "partner")
	agreement = domain.DeriveID("test", "agreement")
)

// open is a ledger with one partner whose agreement ends after its first day.
func open(t *testing.T) (*ledger.Ledger, *clock) {
	t.Helper()
	now := &clock{at: epoch}
	store, err := embedded.OpenMemory(embedded.Options{Clock: now.read})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, store.Close()) })
	l, err := ledger.Open(store, eventstore.NewMemoryKeyring(), now.read)
	require.NoError(t, err)
	require.NoError(t, l.Bootstrap(t.Context(), "", epoch))
	day := domain.DateOf(epoch, time.UTC)
	for key, command := range []partner.Command{
		partner.Apply{LegalName: "North", Kind: partner.Reseller, Country: "DE"},
		partner.Approve{Reason: "imported history"},
		partner.SignAgreement{AgreementID: agreement, Kind: "reseller", ValidFrom: day, ValidTo: day},
	} {
		_, err := l.Partners.Do(t.Context(), partnerID, domain.Header{
			CommandID: domain.CommandID("test", string(rune('a'+key))), Actor: domaintest.Importer(),
		}, command)
		require.NoError(t, err)
	}
	return l, now
}

// clock stands still until it is set.
type clock struct{ at time.Time }

func (c *clock) read() time.Time { return c.at }

// runOnce runs the scheduler until it handled everything that stands in the log by now, and returns the log's types.
func runOnce(t *testing.T, l *ledger.Ledger, now *clock, at time.Time) []string {
	t.Helper()
	now.at = at
	ctx, stop := context.WithCancel(t.Context())
	runner := newRunner(l, at, reactor.All)
	ended := make(chan error, 1)
	go func() { ended <- runner.Run(ctx) }()
	_, end := types(t, l)
	appended, err := runner.WaitFor(ctx, end)
	require.NoError(t, err)
	require.GreaterOrEqual(t, appended.Compare(end), 0)
	stop()
	require.NoError(t, <-ended)
	all, _ := types(t, l)
	return all
}

func newRunner(l *ledger.Ledger, now time.Time, rules func() []reactor.Rule) *react.Runner {
	return react.New(l.Store, l.Codec, l.Dispatch, func() time.Time { return now }, slog.New(slog.DiscardHandler), ledger.Categories(), rules)
}

// only is one rule, made anew whenever it is folded anew.
func only(rule func() reactor.Rule) func() []reactor.Rule {
	return func() []reactor.Rule { return []reactor.Rule{rule()} }
}

// none keeps no events in their streams: the rules of the tests of the clock have none.
type none struct{ eventstore.Store }

func (none) Read(context.Context, string, eventstore.Revision) iter.Seq2[eventstore.Recorded, error] {
	return func(func(eventstore.Recorded, error) bool) {}
}

// types is the types of all events, and the log's end.
func types(t *testing.T, l *ledger.Ledger) (names []string, end eventstore.Position) {
	t.Helper()
	for message, err := range l.Store.Follow(t.Context(), eventstore.Position{}, eventstore.Filter{}) {
		require.NoError(t, err)
		if message.Kind == eventstore.CaughtUp {
			return names, message.Position
		}
		names = append(names, message.Event.Type)
	}
	return nil, end
}

func TestAnAgreementIsEndedOnceHoweverOftenTheReactorsStart(t *testing.T) {
	l, now := open(t)
	before, _ := types(t, l)
	require.Equal(t, before, runOnce(t, l, now, epoch.Add(23*time.Hour)), "not due yet")
	after := runOnce(t, l, now, epoch.Add(48*time.Hour))
	require.Equal(t, append(before, "partner.agreement_expired.v1"), after)
	require.Equal(t, after, runOnce(t, l, now, epoch.Add(48*time.Hour)))
}

func TestWhatTheSchedulerRecordsTookEffectOnItsDay(t *testing.T) {
	l, now := open(t)
	runOnce(t, l, now, epoch.Add(48*time.Hour))
	var last domain.Envelope
	for recorded, err := range l.Store.Read(t.Context(), domain.StreamName(partner.Category, partnerID), eventstore.NoStream) {
		require.NoError(t, err)
		_, envelope, err := l.Codec.Decode(recorded)
		require.NoError(t, err)
		last = envelope
	}
	require.Equal(t, epoch.Add(24*time.Hour), last.EffectiveAt)
	require.Equal(t, reactor.Actor("scheduler"), last.Actor)
}

// stubborn orders one thing at start, which its target refuses.
type stubborn struct{ cause *domain.Envelope }

func (stubborn) Name() string    { return "stubborn" }
func (stubborn) Types() []string { return []string{"partner.applied.v1"} }
func (s *stubborn) Observe(_ domain.Event, env domain.Envelope) {
	s.cause = &env
}
func (s *stubborn) Next() (time.Time, bool) { return time.Time{}, false }
func (s *stubborn) Due(time.Time) []reactor.Order {
	if s.cause == nil {
		return nil
	}
	order := reactor.Order{Stream: s.cause.Stream, Command: partner.Reinstate{Reason: "why not"}, Cause: *s.cause, Step: "only"}
	s.cause = nil
	return []reactor.Order{order}
}

func TestARefusedOrderIsNotedOnceInTheReactorsStream(t *testing.T) {
	l, _ := open(t)
	for range 2 {
		ctx, stop := context.WithCancel(t.Context())
		runner := newRunner(l, epoch, only(func() reactor.Rule { return &stubborn{} }))
		ended := make(chan error, 1)
		go func() { ended <- runner.Run(ctx) }()
		_, end := types(t, l)
		_, err := runner.WaitFor(ctx, end)
		require.NoError(t, err)
		stop()
		require.NoError(t, <-ended)
	}
	var noted []string
	for recorded, err := range l.Store.Read(t.Context(), domain.StreamName("reactor", reactor.StreamID("stubborn")), eventstore.NoStream) {
		require.NoError(t, err)
		noted = append(noted, string(recorded.Data))
	}
	require.Len(t, noted, 1)
	require.Contains(t, noted[0], `"rule":"partner_status"`)
}

// quiet is a log that never says anything new: the store's part in a test of the clock.
type quiet struct {
	eventstore.Store
	failures int
}

func (q *quiet) Follow(ctx context.Context, _ eventstore.Position, _ eventstore.Filter) iter.Seq2[eventstore.Message, error] {
	return func(yield func(eventstore.Message, error) bool) {
		if q.failures--; q.failures >= 0 {
			yield(eventstore.Message{}, eventstore.ErrUnavailable)
			return
		}
		if yield(eventstore.Message{Kind: eventstore.CaughtUp}, nil) {
			<-ctx.Done()
			yield(eventstore.Message{}, ctx.Err())
		}
	}
}

// alarm has one order planned.
type alarm struct {
	at    time.Time
	given bool
}

func (*alarm) Name() string                          { return "alarm" }
func (*alarm) Types() []string                       { return nil }
func (*alarm) Observe(domain.Event, domain.Envelope) {}
func (a *alarm) Next() (time.Time, bool)             { return a.at, !a.given }
func (a *alarm) Due(now time.Time) []reactor.Order {
	if a.given || now.Before(a.at) {
		return nil
	}
	a.given = true
	return []reactor.Order{{Stream: "x"}}
}

func TestAnOrderIsGivenWhenItsTimeComes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		given := make(chan time.Duration, 1)
		dispatch := func(context.Context, string, domain.Header, any) (eventstore.Outcome, error) {
			given <- time.Since(start)
			return eventstore.Outcome{}, nil
		}
		ctx, stop := context.WithCancel(t.Context())
		runner := react.New(&quiet{Store: none{}, failures: 3}, nil, dispatch, time.Now, slog.New(slog.DiscardHandler), nil,
			only(func() reactor.Rule { return &alarm{at: start.Add(90 * 24 * time.Hour)} }))
		ended := make(chan error, 1)
		go func() { ended <- runner.Run(ctx) }()
		require.Equal(t, 90*24*time.Hour, <-given)
		stop()
		require.NoError(t, <-ended)
	})
}

// TestWhatCannotBeGotOverHaltsTheReactors: an order fails, and so does noting that.
func TestWhatCannotBeGotOverHaltsTheReactors(t *testing.T) {
	broken := errors.New("the target can't be read")
	dispatch := func(context.Context, string, domain.Header, any) (eventstore.Outcome, error) {
		return eventstore.Outcome{}, broken
	}
	runner := react.New(&quiet{Store: none{}}, nil, dispatch, time.Now, slog.New(slog.DiscardHandler), nil,
		only(func() reactor.Rule { return &alarm{at: epoch} }))
	require.ErrorIs(t, runner.Run(t.Context()), broken)
	require.ErrorIs(t, runner.Status().Halted, broken)
	_, err := runner.WaitFor(t.Context(), eventstore.Position{Commit: 1, Prepare: 1})
	require.ErrorIs(t, err, broken)
}
