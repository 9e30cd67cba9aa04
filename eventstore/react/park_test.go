package react_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/domaintest"
	"github.com/channelledger/channelledger/domain/partner"
	"github.com/channelledger/channelledger/domain/reactor"
	"github.com/channelledger/channelledger/eventstore"
	"github.com/channelledger/channelledger/eventstore/ledger"
	"github.com/channelledger/channelledger/eventstore/react"
)

// fussy suspends each partner that applies, and breaks off at those that it doesn't like.
type fussy struct {
	bad    *atomic.Bool
	orders []reactor.Order
}

func (*fussy) Name() string            { return "fussy" }
func (*fussy) Types() []string         { return []string{"partner.applied.v1"} }
func (*fussy) Next() (time.Time, bool) { return time.Time{}, false }
func (f *fussy) Observe(e domain.Event, env domain.Envelope) {
	f.orders = append(f.orders, reactor.Order{Stream: env.Stream, Command: partner.Approve{Reason: "fussy"}, Cause: env, Step: "approve"})
	if strings.HasPrefix(e.(partner.Applied).LegalName, "Bad") && f.bad.Load() {
		panic("it is bad\nsecond line")
	}
}

func (f *fussy) Due(time.Time) (orders []reactor.Order) {
	orders, f.orders = f.orders, nil
	return orders
}

// fussyLedger has two partners that applied, a bad one first.
func fussyLedger(t *testing.T) (l *ledger.Ledger, bad, good uuid.UUID) {
	t.Helper()
	l, _ = open(t)
	bad, good = domain.DeriveID("test", "bad"), domain.DeriveID("test", "good")
	for name, id := range map[string]uuid.UUID{"Bad": bad, "Good": good} {
		_, err := l.Partners.Do(t.Context(), id, domain.Header{CommandID: domain.CommandID("apply", name), Actor: domaintest.Importer()},
			partner.Apply{LegalName: name, Kind: partner.Reseller, Country: "DE"})
		require.NoError(t, err)
	}
	return l, bad, good
}

// running starts reactors: a wait until they handled all that stands in the log by then, and an end.
func running(t *testing.T, runner *react.Runner, l *ledger.Ledger) (wait, stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- runner.Run(ctx) }()
	stop = func() {
		t.Helper()
		cancel()
		require.NoError(t, <-ended)
	}
	return func() { t.Helper(); handled(t, runner, l) }, stop
}

func handled(t *testing.T, runner *react.Runner, l *ledger.Ledger) {
	t.Helper()
	_, end := types(t, l)
	_, err := runner.WaitFor(t.Context(), end)
	require.NoError(t, err)
}

// parked is what a reactor's own stream says.
func parked(t *testing.T, l *ledger.Ledger, name string) (items []reactor.ParkedItem) {
	t.Helper()
	require.NoError(t, l.Reactors.View(t.Context(), reactor.StreamID(name), func(s *reactor.State, _ domain.Source) error {
		items = append(items, s.Parked...)
		return nil
	}))
	return items
}

func retry(t *testing.T, l *ledger.Ledger, name, key string, source uuid.UUID) {
	t.Helper()
	_, err := l.Reactors.Do(t.Context(), reactor.StreamID(name), domain.Header{CommandID: domain.CommandID("retry", key), Actor: domaintest.Ops()},
		reactor.Retry{EventID: source, Reason: "mended"})
	require.NoError(t, err)
}

func statusOf(t *testing.T, l *ledger.Ledger, id uuid.UUID) (status partner.Status) {
	t.Helper()
	require.NoError(t, l.Partners.View(t.Context(), id, func(p *partner.State, _ domain.Source) error {
		status = p.Status.Latest()
		return nil
	}))
	return status
}

func TestAnEventThatARuleCantHandleParksAndCanBeRetried(t *testing.T) {
	l, bad, good := fussyLedger(t)
	flag := &atomic.Bool{}
	flag.Store(true)
	rules := only(func() reactor.Rule { return &fussy{bad: flag} })
	runner := newRunner(l, epoch, rules)
	wait, stop := running(t, runner, l)
	wait()
	require.Equal(t, partner.StatusApproved, statusOf(t, l, good), "the others go on")
	require.Equal(t, partner.StatusApplied, statusOf(t, l, bad), "not even what it ordered before it broke off")
	items := parked(t, l, "fussy")
	require.Len(t, items, 1)
	require.Equal(t, "reactor fussy can't handle it: it is bad", items[0].Reason)
	require.Equal(t, domain.StreamName(partner.Category, bad), items[0].SourceStream)
	require.Equal(t, "partner.applied.v1", items[0].SourceType)
	require.Equal(t, []react.RuleStatus{{Name: "fussy", Parked: 1}}, runner.Status().Rules)

	retry(t, l, "fussy", "too early", items[0].Source)
	wait()
	again := parked(t, l, "fussy")
	require.Len(t, again, 1, "it still can't")
	require.Equal(t, 2, again[0].Attempt)
	stop()
	demandQuiet(t, l, rules)

	flag.Store(false)
	demandQuiet(t, l, rules) // nothing happens by itself: somebody decides that it is mended
	runner = newRunner(l, epoch, rules)
	wait, stop = running(t, runner, l)
	retry(t, l, "fussy", "mended", items[0].Source)
	wait()
	require.Equal(t, partner.StatusApproved, statusOf(t, l, bad))
	require.Empty(t, parked(t, l, "fussy"))
	require.Equal(t, []react.RuleStatus{{Name: "fussy"}}, runner.Status().Rules)
	stop()
	demandQuiet(t, l, rules)
}

// demandQuiet starts reactors anew that remember nothing, and demands that they record nothing.
func demandQuiet(t *testing.T, l *ledger.Ledger, rules func() []reactor.Rule) {
	t.Helper()
	before, _ := types(t, l)
	wait, stop := running(t, newRunner(l, epoch, rules), l)
	wait()
	stop()
	after, _ := types(t, l)
	require.Equal(t, before, after)
}

func TestAnUndecodableEventParksForEachRuleThatTakesIt(t *testing.T) {
	l, _, good := fussyLedger(t)
	poison := eventstore.Proposed{ID: domain.DeriveID("test", "poison"), Type: "partner.applied.v1", Data: []byte(`{"legal_name":7}`), Metadata: []byte(`{}`)}
	_, err := l.Store.Append(t.Context(), domain.StreamName(partner.Category, domain.DeriveID("test", "nobody")), eventstore.NoStream, []eventstore.Proposed{poison})
	require.NoError(t, err)
	rules := func() []reactor.Rule {
		return append(reactor.All(), &fussy{bad: &atomic.Bool{}}, &stubborn{})
	}
	wait, stop := running(t, newRunner(l, epoch, rules), l)
	wait()
	stop()
	require.Equal(t, partner.StatusApproved, statusOf(t, l, good))
	for _, name := range []string{"fussy", "stubborn"} {
		items := parked(t, l, name)
		require.Len(t, items, 1)
		require.Equal(t, poison.ID, items[0].Source)
		require.Contains(t, items[0].Reason, "partner.applied.v1")
	}
	require.Empty(t, parked(t, l, "scheduler"), "it doesn't take such events")
	demandQuiet(t, l, rules)
}

// TestAnOrderThatCantBeCarriedOutParks: the target fails for another reason than a rule or an outage.
func TestAnOrderThatCantBeCarriedOutParks(t *testing.T) {
	l, bad, good := fussyLedger(t)
	var mended atomic.Bool
	dispatch := func(ctx context.Context, stream string, h domain.Header, command any) (eventstore.Outcome, error) {
		if stream == domain.StreamName(partner.Category, bad) && !mended.Load() {
			return eventstore.Outcome{}, errors.New("the target can't be read")
		}
		return l.Dispatch(ctx, stream, h, command)
	}
	newRunner := func() *react.Runner {
		return react.New(l.Store, l.Codec, dispatch, func() time.Time { return epoch }, slog.New(slog.DiscardHandler), ledger.Categories(),
			only(func() reactor.Rule { return &fussy{bad: &atomic.Bool{}} }))
	}
	wait, stop := running(t, newRunner(), l)
	wait()
	stop()
	require.Equal(t, partner.StatusApproved, statusOf(t, l, good))
	items := parked(t, l, "fussy")
	require.Len(t, items, 1)
	require.Equal(t, "approve", items[0].Step)
	require.Equal(t, domain.StreamName(partner.Category, bad), items[0].Stream)
	mended.Store(true)
	wait, stop = running(t, newRunner(), l)
	wait()
	require.Equal(t, partner.StatusApplied, statusOf(t, l, bad))
	retry(t, l, "fussy", "1", items[0].Source)
	wait()
	stop()
	require.Equal(t, partner.StatusApproved, statusOf(t, l, bad))
	require.Empty(t, parked(t, l, "fussy"))
}

// TestABrokenRuleHalts: what can handle nothing isn't poisoned by an event.
func TestABrokenRuleHalts(t *testing.T) {
	l, _ := open(t)
	for i := range reactor.MaxParked + 1 {
		poison := eventstore.Proposed{ID: domain.DeriveID("poison", string(rune('a'+i))), Type: "partner.applied.v1", Data: []byte(`7`), Metadata: []byte(`{}`)}
		_, err := l.Store.Append(t.Context(), domain.StreamName(partner.Category, poison.ID), eventstore.NoStream, []eventstore.Proposed{poison})
		require.NoError(t, err)
	}
	runner := newRunner(l, epoch, only(func() reactor.Rule { return &stubborn{} }))
	require.ErrorContains(t, runner.Run(t.Context()), "has 1000 events parked already")
	require.Len(t, parked(t, l, "stubborn"), reactor.MaxParked)
}
