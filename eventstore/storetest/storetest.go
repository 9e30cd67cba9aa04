// Package storetest is the conformance suite of the event log: what a store must do for the ledger to be right on it.
// Every adapter passes it with one line:
//
//	func TestConformance(t *testing.T) { storetest.Run(t, openEmptyStore) }
package storetest

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/eventstore"
)

// Open gives an empty log for one test and closes it with t.Cleanup.
type Open func(t *testing.T) eventstore.Store

// Run holds a store against everything the port promises. The environment variable STORETEST_EVENTS sets how many events
// the concurrent tests append (4 000; 1 000 with -short).
func Run(t *testing.T, open Open) {
	t.Helper()
	for _, group := range []struct {
		name  string
		cases []testCase
	}{
		{"Append", appendCases()},
		{"Retry", retryCases()},
		{"Read", readCases()},
		{"Follow", followCases()},
		{"Concurrent", concurrentCases()},
	} {
		t.Run(group.name, func(t *testing.T) {
			for _, c := range group.cases {
				t.Run(c.name, func(t *testing.T) { c.run(newBench(t, open(t))) })
			}
		})
	}
}

type testCase struct {
	name string
	run  func(b *bench)
}

// bench is a store under test and the steps that the tests are made of.
type bench struct {
	*testing.T
	store eventstore.Store
	ctx   context.Context
}

func newBench(t *testing.T, store eventstore.Store) *bench {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience(volume(t)))
	t.Cleanup(cancel)
	return &bench{T: t, store: store, ctx: ctx}
}

// patience bounds a test that waits for what never comes, many times what a slow store on a busy machine needs for so many
// events.
func patience(events int) time.Duration {
	return 5*time.Minute + time.Duration(events)*time.Millisecond
}

// event is the one with that name: the same name gives the same event.
func event(name string) eventstore.Proposed {
	return eventstore.Proposed{
		ID:       uuid.NewSHA1(uuid.NameSpaceOID, []byte(name)),
		Type:     "test.happened.v1",
		Data:     fmt.Appendf(nil, `{"name":%q}`, name),
		Metadata: []byte(`{"by":"storetest"}`),
	}
}

func eventOf(eventType, name string) eventstore.Proposed {
	e := event(name)
	e.Type = eventType
	return e
}

func events(names ...string) []eventstore.Proposed {
	list := make([]eventstore.Proposed, len(names))
	for i, name := range names {
		list[i] = event(name)
	}
	return list
}

// many gives n events named prefix-0 and so on.
func many(prefix string, n int) []eventstore.Proposed {
	list := make([]eventstore.Proposed, n)
	for i := range list {
		list[i] = event(fmt.Sprintf("%s-%d", prefix, i))
	}
	return list
}

// append must succeed, with a revision and a position that fit.
func (b *bench) append(stream string, expected eventstore.Revision, list ...eventstore.Proposed) eventstore.Appended {
	b.Helper()
	appended, err := b.store.Append(b.ctx, stream, expected, list)
	require.NoError(b, err)
	require.Equal(b, expected+eventstore.Revision(len(list)), appended.Revision)
	require.Equal(b, b.store.Origin(), appended.Position.Origin)
	require.False(b, appended.Position.IsStart(), "an event stands behind the start")
	return appended
}

// conflicts must be refused, naming where the stream is.
func (b *bench) conflicts(stream string, expected, current eventstore.Revision, list ...eventstore.Proposed) {
	b.Helper()
	_, err := b.store.Append(b.ctx, stream, expected, list)
	var conflict *eventstore.ConflictError
	require.ErrorAs(b, err, &conflict)
	require.Equal(b, eventstore.ConflictError{Stream: stream, Expected: expected, Current: current}, *conflict)
}

// read is the stream behind a revision, which must be complete and in order.
func (b *bench) read(stream string, after eventstore.Revision) []eventstore.Recorded {
	b.Helper()
	var list []eventstore.Recorded
	for e, err := range b.store.Read(b.ctx, stream, after) {
		require.NoError(b, err)
		require.Equal(b, stream, e.Stream)
		require.Equal(b, after+eventstore.Revision(len(list)+1), e.Revision)
		list = append(list, e)
	}
	return list
}

// holds checks that a stream holds exactly these events, byte for byte.
func (b *bench) holds(stream string, want ...eventstore.Proposed) {
	b.Helper()
	got := b.read(stream, eventstore.NoStream)
	require.Len(b, got, len(want))
	for i, e := range got {
		require.Equal(b, text(want[i]), text(e.Proposed), "event %d", i)
	}
}

// text makes an event comparable: no bytes and nil are the same on every store.
func text(e eventstore.Proposed) [4]string {
	return [4]string{e.ID.String(), e.Type, string(e.Data), string(e.Metadata)}
}

// past is what following yields up to the first time it has caught up, that message included.
func (b *bench) past(after eventstore.Position, filter eventstore.Filter) []eventstore.Message {
	b.Helper()
	var list []eventstore.Message
	for m, err := range b.store.Follow(b.ctx, after, filter) {
		require.NoError(b, err)
		list = append(list, m)
		if m.Kind == eventstore.CaughtUp {
			break
		}
	}
	return list
}

// log is the recorded events among the messages of past.
func (b *bench) log(after eventstore.Position, filter eventstore.Filter) []eventstore.Recorded {
	b.Helper()
	return appeared(b.past(after, filter))
}

func appeared(messages []eventstore.Message) []eventstore.Recorded {
	var list []eventstore.Recorded
	for _, m := range messages {
		if m.Kind == eventstore.Appeared {
			list = append(list, m.Event)
		}
	}
	return list
}
