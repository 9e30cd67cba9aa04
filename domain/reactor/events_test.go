package reactor_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/domaintest"
	"github.com/channelledger/channelledger/domain/reactor"
)

var refused = reactor.Refused{
	Reactor: "scheduler", Source: domain.DeriveID("test", "source"), Stream: "account-" + deal.String(),
	Step: "2026-01-01T00:00:00Z", Rule: "not_due", Reason: "nothing is due",
}

var (
	parked = reactor.Parked{
		Reactor: "scheduler", Source: domain.DeriveID("test", "source"), SourceStream: "account-" + deal.String(), SourceRevision: 4,
		SourceType: "deal.approved.v1", Stream: "account-" + deal.String(), Step: "2026-01-01T00:00:00Z", Attempt: 1, Reason: "no such date",
	}
	retried = reactor.Retried{Reactor: "scheduler", Source: parked.Source, Reason: "a newer program"}
)

func TestFixtures(t *testing.T) {
	domaintest.Fixtures(t, "testdata/events", reactor.Types(), map[string]any{
		refused.EventType(): refused, parked.EventType(): parked, retried.EventType(): retried,
	})
}

func TestOnlyTheReactorWritesItsStream(t *testing.T) {
	for _, c := range []struct {
		command reactor.Command
		event   reactor.Event
	}{{reactor.NoteRefusal{Refused: refused}, refused}, {reactor.NotePark{Parked: parked}, parked}} {
		domaintest.For(t, reactor.Decider()).When(struct{}{}, c.command, domaintest.By(domaintest.Scheduler())).Then(c.event)
		domaintest.For(t, reactor.Decider()).
			When(struct{}{}, c.command, domaintest.By(domaintest.Ops())).
			ThenRejected(domain.KindForbidden, "reactor_only", "")
	}
}

func TestAParkedEventIsRetriedOnce(t *testing.T) {
	again := parked
	again.Attempt = 2
	retry := reactor.Retry{EventID: parked.Source, Reason: retried.Reason}
	s := domaintest.For(t, reactor.Decider()).Given(parked).
		When(struct{}{}, reactor.NotePark{Parked: parked}, domaintest.By(domaintest.Scheduler())).Then().
		When(struct{}{}, retry, domaintest.By(domaintest.Ops())).Then(retried).
		When(struct{}{}, retry, domaintest.By(domaintest.Ops())).ThenRejected(domain.KindNotFound, "event_not_parked", "event_id").
		When(struct{}{}, reactor.NotePark{Parked: again}, domaintest.By(domaintest.Scheduler())).Then(again)
	require.Len(t, s.State().Parked, 1)
	require.Equal(t, again, s.State().Parked[0].Parked)
	require.Equal(t, 2, s.State().Attempts(parked.Source, parked.Step))
	require.True(t, s.State().Waits(parked.Source, parked.Step))
	require.False(t, s.State().Waits(parked.Source, ""), "the order is parked, not the event")
}

func TestARetryIsTheVendorsAndSaysWhy(t *testing.T) {
	given := domaintest.For(t, reactor.Decider()).Given(parked)
	retry := reactor.Retry{EventID: parked.Source, Reason: "a newer program"}
	given.When(struct{}{}, retry, domaintest.By(domaintest.Importer())).Then(retried)
	given = domaintest.For(t, reactor.Decider()).Given(parked)
	given.When(struct{}{}, retry, domaintest.By(domaintest.Desk())).ThenRejected(domain.KindForbidden, "role", "")
	given.When(struct{}{}, reactor.Retry{EventID: parked.Source}, domaintest.By(domaintest.Ops())).
		ThenRejected(domain.KindInvalid, "invalid_field", "reason")
	given.When(struct{}{}, retry, domaintest.By(domaintest.Ops()), domaintest.Effective(start.AddDate(-1, 0, 0))).
		ThenRejected(domain.KindInvalid, "invalid_field", "effective_at")
}
