package esdbtest_test

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"testing"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/eventstore"
)

// gappy is a store whose positions have gaps and two different numbers, as a real log's may.
type gappy struct{ eventstore.Store }

func outside(p eventstore.Position) eventstore.Position {
	if p.IsStart() {
		return p
	}
	return eventstore.Position{Origin: p.Origin, Commit: p.Commit*7 + 100, Prepare: p.Prepare*7 + 97}
}

func inside(p eventstore.Position) eventstore.Position {
	if p.IsStart() {
		return p
	}
	n := (p.Commit - 100) / 7
	if outside(eventstore.Position{Origin: p.Origin, Commit: n, Prepare: n}) != p {
		n = 1 << 40 // one that no event has
	}
	return eventstore.Position{Origin: p.Origin, Commit: n, Prepare: n}
}

func (g gappy) Append(ctx context.Context, stream string, expected eventstore.Revision, list []eventstore.Proposed) (eventstore.Appended, error) {
	done, err := g.Store.Append(ctx, stream, expected, list)
	done.Position = outside(done.Position)
	return done, err
}

func (g gappy) Read(ctx context.Context, stream string, after eventstore.Revision) iter.Seq2[eventstore.Recorded, error] {
	return func(yield func(eventstore.Recorded, error) bool) {
		for e, err := range g.Store.Read(ctx, stream, after) {
			e.Position = outside(e.Position)
			if !yield(e, err) {
				return
			}
		}
	}
}

func (g gappy) Follow(ctx context.Context, after eventstore.Position, filter eventstore.Filter) iter.Seq2[eventstore.Message, error] {
	return func(yield func(eventstore.Message, error) bool) {
		for m, err := range g.Store.Follow(ctx, inside(after), filter) {
			m.Position, m.Event.Position = outside(m.Position), outside(m.Event.Position)
			if !yield(m, err) {
				return
			}
		}
	}
}

// TestAllIsReadFromEverywhere goes over several marks of the index.
func TestAllIsReadFromEverywhere(t *testing.T) {
	store := open(t)
	for name, store := range map[string]eventstore.Store{"embedded": store, "gappy": gappy{open(t)}} {
		t.Run(name, func(t *testing.T) {
			b := benchOver(t, store)
			const parts, each = 7, 500
			for i := range parts {
				b.append(fmt.Sprint("deal-", i), esdb.NoStream{}, many(fmt.Sprint("part", i), each)...)
			}
			list := b.all(esdb.Start{}, esdb.Forwards, 1<<32)
			require.Len(t, list, parts*each)
			back := b.all(esdb.End{}, esdb.Backwards, 1<<32)
			slices.Reverse(back)
			require.Equal(t, ids(list), ids(back))
			for _, i := range []int{0, 1, 999, 1000, 1001, 1999, 2000, 2500, parts*each - 1} {
				at := list[i].Position
				require.Equal(t, ids(list[i:min(i+10, len(list))]), ids(b.all(at, esdb.Forwards, 10)), "from event %d", i)
				before := b.all(at, esdb.Backwards, 10)
				slices.Reverse(before)
				require.Equal(t, ids(list[max(i-10, 0):i]), ids(before), "backwards from event %d", i)
				events, _ := b.receive(b.subscribe(esdb.SubscribeToAllOptions{From: at}), min(10, len(list)-i-1))
				require.Equal(t, ids(list[i+1:min(i+11, len(list))]), ids(events), "behind event %d", i)
			}
		})
	}
}

func TestASearchCanBeResumedAtEveryCheckpoint(t *testing.T) {
	for name, store := range map[string]eventstore.Store{"embedded": open(t), "gappy": gappy{open(t)}} {
		t.Run(name, func(t *testing.T) {
			b := benchOver(t, store)
			list := many("e", 300)
			for i := 9; i < len(list); i += 10 { // the last one looked at before a checkpoint matches, now and then
				list[i].EventType = "match"
			}
			b.append("deal-1", esdb.NoStream{}, list...)
			options := esdb.SubscribeToAllOptions{
				From: esdb.Start{}, MaxSearchWindow: 25, CheckpointInterval: 1,
				Filter: &esdb.SubscriptionFilter{Type: esdb.EventFilterType, Prefixes: []string{"match"}},
			}
			all, checkpoints := b.search(options)
			require.Len(t, all, 30)
			require.Len(t, checkpoints, 12)
			for position, seen := range checkpoints {
				options.From = position
				rest, _ := b.search(options)
				require.Equal(t, all[seen:], rest)
			}
		})
	}
}

// search takes what matches up to the log's end, and how much of it lies before each checkpoint.
func (b *bench) search(options esdb.SubscribeToAllOptions) (found []string, checkpoints map[esdb.Position]int) {
	b.Helper()
	subscription := b.subscribe(options)
	found, checkpoints = []string{}, map[esdb.Position]int{}
	for {
		m := subscription.Recv()
		switch {
		case m.SubscriptionDropped != nil:
			require.NoError(b, m.SubscriptionDropped.Error)
		case m.EventAppeared != nil:
			found = append(found, m.EventAppeared.OriginalEvent().EventID.String())
		case m.CheckPointReached != nil:
			checkpoints[*m.CheckPointReached] = len(found)
		case m.CaughtUp != nil:
			return found, checkpoints
		}
	}
}
