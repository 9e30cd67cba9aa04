package esdbtest_test

import (
	"fmt"
	"testing"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/channelledger/channelledger/eventstore/esdbtest"
)

// until takes messages up to the subscription's end.
func (b *bench) until(subscription *esdb.Subscription) (events []*esdb.RecordedEvent, end error) {
	for {
		m := subscription.Recv()
		switch {
		case m.SubscriptionDropped != nil:
			return events, m.SubscriptionDropped.Error
		case m.EventAppeared != nil:
			events = append(events, m.EventAppeared.OriginalEvent())
		}
	}
}

// big are events that fill the client's window soon.
func big(prefix string, n int) []esdb.EventData {
	list := many(prefix, n)
	for i := range list {
		list[i].Data = make([]byte, 8<<10)
	}
	return list
}

// outrun writes more than a subscriber that takes nothing can have waiting, and says what.
func (b *bench) outrun() (written []esdb.EventData) {
	b.Helper()
	for i := range 10 {
		part := big(fmt.Sprint("part", i), 100)
		b.append(fmt.Sprint("deal-", i), esdb.NoStream{}, part...)
		written = append(written, part...)
	}
	return written
}

func TestALiveSubscriberThatStallsIsDropped(t *testing.T) {
	b := newBench(t, esdbtest.LiveBuffer(10))
	subscription := b.subscribe(esdb.SubscribeToAllOptions{From: esdb.Start{}})
	require.NoError(t, b.server.AwaitLive(b.ctx, 1))
	written := b.outrun()
	require.NoError(t, b.server.AwaitSubscriptions(b.ctx, 0))
	events, end := b.until(subscription)
	require.Equal(t, codes.Aborted, status.Code(end))
	require.Less(t, len(events), len(written))
	from := esdb.AllPosition(esdb.Start{})
	if n := len(events); n > 0 {
		from = events[n-1].Position
	}
	rest, _ := b.receive(b.subscribe(esdb.SubscribeToAllOptions{From: from}), len(written)-len(events))
	require.Equal(t, ids(written), ids(append(events, rest...)))
}

func TestALiveSubscriberThatStallsFallsBehind(t *testing.T) {
	b := newBench(t, esdbtest.LiveBuffer(10), esdbtest.FallBehind())
	subscription := b.subscribe(esdb.SubscribeToAllOptions{From: esdb.Start{}})
	require.NoError(t, b.server.AwaitLive(b.ctx, 1))
	written := b.outrun()
	events, others := b.receive(subscription, len(written))
	require.Equal(t, ids(written), ids(events))
	require.Equal(t, []string{"caught up", "fell behind"}, others[:2])
	require.NoError(t, b.server.AwaitLive(b.ctx, 1))
}

func TestDroppedSubscriptionsEndAsTooSlow(t *testing.T) {
	b := newBench(t)
	b.append("deal-1", esdb.NoStream{}, event("a"))
	all := b.subscribe(esdb.SubscribeToAllOptions{From: esdb.Start{}})
	one, err := b.client.SubscribeToStream(b.ctx, "deal-1", esdb.SubscribeToStreamOptions{From: esdb.Start{}})
	require.NoError(t, err)
	require.NoError(t, b.server.AwaitLive(b.ctx, 2))
	require.Equal(t, 2, b.server.DropSubscriptions())
	for _, subscription := range []*esdb.Subscription{all, one} {
		_, end := b.until(subscription)
		require.Equal(t, codes.Aborted, status.Code(end))
	}
	require.NoError(t, b.server.AwaitSubscriptions(b.ctx, 0))
}

func TestASubscriptionMeetsAFault(t *testing.T) {
	b := newBench(t)
	b.append("deal-1", esdb.NoStream{}, many("e", 3)...)
	b.server.NextReads(esdbtest.TooSlow)
	events, end := b.until(b.subscribe(esdb.SubscribeToAllOptions{From: esdb.Start{}}))
	require.Equal(t, codes.Aborted, status.Code(end))
	require.Len(t, events, 1)
	b.server.NextReads(esdbtest.Unavailable)
	_, err := b.client.SubscribeToAll(b.ctx, esdb.SubscribeToAllOptions{From: esdb.Start{}})
	b.fails(err, esdb.ErrorUnavailable)
}

func TestASubscriptionFromAPositionThatNoEventHasIsDropped(t *testing.T) {
	b := newBench(t)
	first := b.append("deal-1", esdb.NoStream{}, event("a"))
	b.append("deal-1", esdb.Revision(0), event("b"))
	made := esdb.Position{Commit: first.Commit + 1, Prepare: first.Prepare + 1}
	_, end := b.until(b.subscribe(esdb.SubscribeToAllOptions{From: made}))
	require.Equal(t, codes.Unknown, status.Code(end))
}

func TestManySubscriptionsComeAndGo(t *testing.T) {
	b := newBench(t)
	b.append("deal-1", esdb.NoStream{}, many("e", 10)...)
	for range 50 {
		subscription := b.subscribe(esdb.SubscribeToAllOptions{From: esdb.Start{}})
		events, _ := b.receive(subscription, 10)
		require.Equal(t, ids(many("e", 10)), ids(events))
		require.NoError(t, subscription.Close())
	}
	require.NoError(t, b.server.AwaitSubscriptions(b.ctx, 0))
}
