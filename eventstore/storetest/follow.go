package storetest

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"runtime"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/eventstore"
)

func followCases() []testCase {
	return []testCase{
		{"of an empty log has caught up", func(b *bench) {
			messages := b.past(eventstore.Position{}, eventstore.Filter{})
			require.Equal(b, []eventstore.Message{{Kind: eventstore.CaughtUp}}, messages)
		}},
		{"yields what Read yields, in the order of the appends", followsInOrder},
		{"yields a long log whole", func(b *bench) {
			b.long("deal-1")
			require.Equal(b, b.read("deal-1", eventstore.NoStream), b.log(eventstore.Position{}, eventstore.Filter{}))
		}},
		{"lets pass what the filter does", followsFiltered},
		{"moves past what the filter holds back", movesPastFiltered},
		{"goes on live and catches up each time", followsLive},
		{"goes on live with a filter", followsLiveFiltered},
		{"resumes at every position", resumesEverywhere},
		{"refuses a position that this log has not", refusesForeignPositions},
		{"yields what At finds at each position", findsAtPositions},
		{"ends with the context's error", func(b *bench) {
			b.append("deal-1", eventstore.NoStream, events("a", "b", "c")...)
			for stop := range 4 { // while there are events, and while it waits
				b.endsWithContext(stop)
			}
		}},
		{"leaves nothing running when broken off", leavesNothingRunning},
	}
}

// mixed is a log of several categories and types.
func (b *bench) mixed() {
	b.Helper()
	for i := range 20 {
		revision := eventstore.Revision(2*i - 1)
		for _, stream := range []string{"deal-1", "deal", "dealer-1", "claim-a-b"} {
			name := fmt.Sprintf("%s %d", stream, i)
			b.append(stream, revision, eventOf("won.v1", name), eventOf("won.v10", name+" again"))
		}
	}
}

func followsInOrder(b *bench) {
	b.mixed()
	log := b.log(eventstore.Position{}, eventstore.Filter{})
	require.Len(b, log, 160)
	byStream := map[string][]eventstore.Recorded{}
	for _, e := range log {
		byStream[e.Stream] = append(byStream[e.Stream], e)
	}
	for stream, list := range byStream {
		require.Equal(b, b.read(stream, eventstore.NoStream), list)
	}
	require.Equal(b, "deal-1", log[0].Stream)
	require.Equal(b, "deal", log[2].Stream)
	require.Equal(b, "deal-1", log[8].Stream)
}

// filters and how many events of mixed each lets pass.
func filters() []struct {
	filter eventstore.Filter
	passes int
} {
	return []struct {
		filter eventstore.Filter
		passes int
	}{
		{eventstore.Filter{}, 160},
		{eventstore.Filter{Categories: []string{"deal"}}, 80},
		{eventstore.Filter{Categories: []string{"dealer", "claim"}}, 80},
		{eventstore.Filter{Types: []string{"won.v1"}}, 80},
		{eventstore.Filter{Types: []string{"won.v1", "won.v10"}}, 160},
		{eventstore.Filter{Types: []string{"won.v"}}, 0},
		{eventstore.Filter{Categories: []string{"deal"}, Types: []string{"won.v10"}}, 40},
		{eventstore.Filter{Categories: []string{"dea"}}, 0},
		{eventstore.Filter{Categories: []string{"claim-a"}}, 0},
	}
}

func followsFiltered(b *bench) {
	b.mixed()
	all := b.log(eventstore.Position{}, eventstore.Filter{})
	for _, f := range filters() {
		var want []eventstore.Recorded
		for _, e := range all {
			if f.filter.Match(e.Stream, e.Type) {
				want = append(want, e)
			}
		}
		require.Len(b, want, f.passes)
		require.Equal(b, want, b.log(eventstore.Position{}, f.filter), "%v", f.filter)
	}
}

func movesPastFiltered(b *bench) {
	b.append("deal-1", eventstore.NoStream, event("a"))
	b.append("other-1", eventstore.NoStream, many("other", eventstore.MaxAppendEvents)...)
	last := b.append("other-2", eventstore.NoStream, many("more", eventstore.MaxAppendEvents)...)
	messages := b.past(eventstore.Position{}, eventstore.Filter{Categories: []string{"deal"}})
	require.Len(b, appeared(messages), 1)
	require.GreaterOrEqual(b, messages[len(messages)-1].Position.Compare(last.Position), 0, "caught up at the log's end")
	checkpoints := 0
	for i, m := range messages[1:] {
		require.GreaterOrEqual(b, m.Position.Compare(messages[i].Position), 0, "positions never go back")
		if m.Kind == eventstore.Checkpoint {
			checkpoints++
		}
	}
	require.Positive(b, checkpoints, "the position moves before the end is reached")
}

// pull gives the messages of a Follow one by one.
type pull struct {
	*bench
	next func() (eventstore.Message, error, bool)
}

func (b *bench) follow(after eventstore.Position, filter eventstore.Filter) pull {
	b.Helper()
	next, stop := iter.Pull2(b.store.Follow(b.ctx, after, filter))
	b.Cleanup(stop)
	return pull{b, next}
}

// until is the next event, or the next time that it has caught up.
func (p pull) until() eventstore.Message {
	p.Helper()
	for {
		m, err, ok := p.next()
		require.True(p, ok, "following ends only with an error")
		require.NoError(p, err)
		if m.Kind != eventstore.Checkpoint {
			return m
		}
	}
}

func (p pull) appears(name string) {
	p.Helper()
	m := p.until()
	require.Equal(p, eventstore.Appeared, m.Kind, "an event is yielded before the end is reached")
	require.Equal(p, event(name).ID, m.Event.ID)
	require.Equal(p, m.Event.Position, m.Position)
}

func (p pull) caughtUp(at eventstore.Position) {
	p.Helper()
	m := p.until()
	require.Equal(p, eventstore.CaughtUp, m.Kind)
	require.GreaterOrEqual(p, m.Position.Compare(at), 0)
}

func followsLive(b *bench) {
	first := b.append("deal-1", eventstore.NoStream, event("a"))
	p := b.follow(eventstore.Position{}, eventstore.Filter{})
	p.appears("a")
	p.caughtUp(first.Position)
	for i := range 20 {
		one, two := fmt.Sprintf("one %d", i), fmt.Sprintf("two %d", i)
		last := b.append("deal-1", eventstore.Revision(2*i), events(one, two)...)
		p.appears(one)
		// A store may pass on an append event by event, and each may be the last it knows of.
		m := p.until()
		for m.Kind == eventstore.CaughtUp {
			m = p.until()
		}
		require.Equal(b, event(two).ID, m.Event.ID)
		p.caughtUp(last.Position)
	}
}

func followsLiveFiltered(b *bench) {
	p := b.follow(eventstore.Position{}, eventstore.Filter{Categories: []string{"deal"}})
	p.caughtUp(eventstore.Position{})
	for i := range 20 {
		name := fmt.Sprintf("deal %d", i)
		b.append("other-1", eventstore.Revision(i-1), event(fmt.Sprintf("other %d", i)))
		b.append("deal-1", eventstore.Revision(i-1), event(name))
		m := p.until()
		for m.Kind == eventstore.CaughtUp { // behind what was filtered out
			m = p.until()
		}
		require.Equal(b, event(name).ID, m.Event.ID)
	}
}

func resumesEverywhere(b *bench) {
	b.mixed()
	for _, f := range filters() {
		messages := b.past(eventstore.Position{}, f.filter)
		for i, m := range messages {
			at, err := eventstore.ParsePosition(m.Position.String(), b.store.Origin())
			require.NoError(b, err)
			require.Equal(b, appeared(messages[i+1:]), b.log(at, f.filter), "%v at message %d", f.filter, i)
		}
	}
}

func refusesForeignPositions(b *bench) {
	last := b.append("deal-1", eventstore.NoStream, events("a", "b")...).Position
	foreign, nameless, beyond := last, last, last
	foreign.Origin = "another"
	nameless.Origin = ""
	beyond.Commit, beyond.Prepare = last.Commit+1<<40, last.Prepare+1<<40
	for name, position := range map[string]eventstore.Position{
		"of another log": foreign, "of no log": nameless, "beyond the end": beyond,
	} {
		var errs []error
		for _, err := range b.store.Follow(b.ctx, position, eventstore.Filter{}) {
			if errs = append(errs, err); err == nil {
				break
			}
		}
		require.Len(b, errs, 1, name)
		require.ErrorIs(b, errs[0], eventstore.ErrForeignPosition, name)
	}
}

func findsAtPositions(b *bench) {
	b.mixed()
	log := b.log(eventstore.Position{}, eventstore.Filter{})
	for i := range 40 {
		e := log[i*4]
		found, err := b.store.At(b.ctx, e.Position)
		require.NoError(b, err)
		require.Equal(b, e, found)
	}
	foreign := log[0].Position
	foreign.Origin = "another"
	for _, position := range []eventstore.Position{{}, foreign} {
		_, err := b.store.At(b.ctx, position)
		require.ErrorIs(b, err, eventstore.ErrForeignPosition)
	}
}

// endsWithContext ends the context after so many messages; what comes last is its error, once.
func (b *bench) endsWithContext(after int) {
	b.Helper()
	ctx, cancel := context.WithCancel(b.ctx)
	defer cancel()
	seen := 0
	var errs []error
	for _, err := range b.store.Follow(ctx, eventstore.Position{}, eventstore.Filter{}) {
		require.Empty(b, errs, "an error is the last thing yielded")
		if err != nil {
			errs = append(errs, err)
		}
		if seen++; seen > after {
			cancel()
		}
	}
	require.Len(b, errs, 1)
	require.ErrorIs(b, errors.Join(errs...), context.Canceled)
}

func leavesNothingRunning(b *bench) {
	const rounds = 40
	b.append("deal-1", eventstore.NoStream, events("a", "b", "c")...)
	breakOff := func() {
		for range b.store.Follow(b.ctx, eventstore.Position{}, eventstore.Filter{}) {
			break
		}
		for range b.store.Read(b.ctx, "deal-1", eventstore.NoStream) {
			break
		}
		b.past(eventstore.Position{}, eventstore.Filter{})
	}
	breakOff() // what a store starts once and keeps
	before := runtime.NumGoroutine()
	for range rounds {
		breakOff()
	}
	require.Eventually(b, func() bool { return runtime.NumGoroutine() < before+rounds/2 }, patience(0), time.Millisecond,
		"goroutines are left behind")
}
