package esdbtest_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/eventstore"
	"github.com/channelledger/channelledger/eventstore/embedded"
	"github.com/channelledger/channelledger/eventstore/esdbtest"
)

// patience bounds every wait; nothing takes anywhere near as long.
const patience = 5 * time.Minute

func open(tb testing.TB) *embedded.Store {
	tb.Helper()
	store, err := embedded.OpenMemory(embedded.Options{})
	require.NoError(tb, err)
	tb.Cleanup(func() { require.NoError(tb, store.Close()) })
	return store
}

// bench is a server under test, the store behind it, and the real client.
type bench struct {
	testing.TB
	ctx    context.Context
	store  eventstore.Store
	server *esdbtest.Server
	client *esdb.Client
}

func newBench(tb testing.TB, opts ...esdbtest.Option) *bench {
	tb.Helper()
	return benchOver(tb, open(tb), opts...)
}

func benchOver(tb testing.TB, store eventstore.Store, opts ...esdbtest.Option) *bench {
	tb.Helper()
	ctx, cancel := context.WithTimeout(tb.Context(), patience)
	tb.Cleanup(func() {
		cancel()
		requireNothingLeft(tb)
	})
	b := &bench{TB: tb, ctx: ctx, store: store, server: esdbtest.Start(tb, store, opts...)}
	b.client = b.connect(b.server.URL())
	return b
}

// requireNothingLeft fails when a goroutine of the server outlives it by more than its own last steps.
func requireNothingLeft(tb testing.TB) {
	tb.Helper()
	stacks := make([]byte, 1<<20)
	require.Eventually(tb, func() bool {
		n := runtime.Stack(stacks, true)
		return !bytes.Contains(stacks[:n], []byte("eventstore/esdbtest.("))
	}, patience, time.Millisecond, "a goroutine of the server is left: %s", stacks)
}

// connect makes a client that is closed with the test.
func (b *bench) connect(url string) *esdb.Client {
	b.Helper()
	config, err := esdb.ParseConnectionString(url)
	require.NoError(b, err)
	config.Logger = esdb.NoopLogging()
	deadline := patience // its own is 10 s
	config.DefaultDeadline = &deadline
	client, err := esdb.NewClient(config)
	require.NoError(b, err)
	b.Cleanup(func() { _ = client.Close() })
	return client
}

// event is the one with that name: the same name gives the same event.
func event(name string) esdb.EventData {
	return esdb.EventData{
		EventID: uuid.NewSHA1(uuid.NameSpaceOID, []byte(name)), EventType: "test.happened.v1", ContentType: esdb.ContentTypeJson,
		Data: fmt.Appendf(nil, `{"name":%q}`, name), Metadata: []byte(`{"by":"test"}`),
	}
}

// many gives n events named prefix-0 and so on.
func many(prefix string, n int) []esdb.EventData {
	list := make([]esdb.EventData, n)
	for i := range list {
		list[i] = event(fmt.Sprintf("%s-%d", prefix, i))
	}
	return list
}

func (b *bench) try(stream string, expected esdb.ExpectedRevision, list ...esdb.EventData) (*esdb.WriteResult, error) {
	return b.client.AppendToStream(b.ctx, stream, esdb.AppendToStreamOptions{ExpectedRevision: expected}, list...)
}

func (b *bench) append(stream string, expected esdb.ExpectedRevision, list ...esdb.EventData) esdb.Position {
	b.Helper()
	written, err := b.try(stream, expected, list...)
	require.NoError(b, err)
	return esdb.Position{Commit: written.CommitPosition, Prepare: written.PreparePosition}
}

// fails must end with the client's error of that code.
func (b *bench) fails(err error, code esdb.ErrorCode) {
	b.Helper()
	var failed *esdb.Error
	require.ErrorAs(b, err, &failed)
	require.Equal(b, code, failed.Code(), "%v", err)
}

func drain(reading *esdb.ReadStream, err error) ([]*esdb.RecordedEvent, error) {
	if err != nil {
		return nil, err
	}
	defer reading.Close()
	var list []*esdb.RecordedEvent
	for {
		e, err := reading.Recv()
		if errors.Is(err, io.EOF) {
			return list, nil
		}
		if err != nil {
			return list, err
		}
		list = append(list, e.OriginalEvent())
	}
}

func (b *bench) tryRead(stream string) ([]*esdb.RecordedEvent, error) {
	return drain(b.client.ReadStream(b.ctx, stream, esdb.ReadStreamOptions{}, math.MaxUint64))
}

func (b *bench) read(stream string) []*esdb.RecordedEvent {
	b.Helper()
	list, err := b.tryRead(stream)
	require.NoError(b, err)
	return list
}

func (b *bench) all(from esdb.AllPosition, direction esdb.Direction, count uint64) []*esdb.RecordedEvent {
	b.Helper()
	list, err := drain(b.client.ReadAll(b.ctx, esdb.ReadAllOptions{From: from, Direction: direction}, count))
	require.NoError(b, err)
	return list
}

// ids are what two lists of events are compared by.
func ids[E *esdb.RecordedEvent | esdb.EventData](list []E) []string {
	texts := make([]string, len(list))
	for i, e := range list {
		switch e := any(e).(type) {
		case *esdb.RecordedEvent:
			texts[i] = e.EventID.String()
		case esdb.EventData:
			texts[i] = e.EventID.String()
		}
	}
	return texts
}

func (b *bench) subscribe(options esdb.SubscribeToAllOptions) *esdb.Subscription {
	b.Helper()
	subscription, err := b.client.SubscribeToAll(b.ctx, options)
	require.NoError(b, err)
	b.Cleanup(func() { _ = subscription.Close() })
	return subscription
}

// receive takes n events, and says what else came between them.
func (b *bench) receive(subscription *esdb.Subscription, n int) (events []*esdb.RecordedEvent, others []string) {
	b.Helper()
	for len(events) < n {
		m := subscription.Recv()
		switch {
		case m.SubscriptionDropped != nil:
			require.NoError(b, m.SubscriptionDropped.Error, "after %d events and %s", len(events), strings.Join(others, ", "))
		case m.EventAppeared != nil:
			events = append(events, m.EventAppeared.OriginalEvent())
		default:
			others = append(others, kind(m))
		}
	}
	return events, others
}

func kind(m *esdb.SubscriptionEvent) string {
	switch {
	case m.CaughtUp != nil:
		return "caught up"
	case m.FellBehind != nil:
		return "fell behind"
	default:
		return "checkpoint"
	}
}
