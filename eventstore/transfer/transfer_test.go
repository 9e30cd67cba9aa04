package transfer_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/eventstore"
	"github.com/channelledger/channelledger/eventstore/embedded"
	"github.com/channelledger/channelledger/eventstore/esdb"
	"github.com/channelledger/channelledger/eventstore/esdbtest"
	"github.com/channelledger/channelledger/eventstore/transfer"
)

func newLog(t *testing.T) *embedded.Store {
	t.Helper()
	return newLogAt(t, time.Date(2026, 3, 1, 12, 0, 0, 1, time.UTC))
}

// newLogAt has a clock of its own.
func newLogAt(t *testing.T, at time.Time) *embedded.Store {
	t.Helper()
	log, err := embedded.OpenMemory(embedded.Options{Clock: func() time.Time { at = at.Add(time.Second + 1); return at }})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, log.Close()) })
	return log
}

// newRemote is an empty log behind a real socket, with streams of others on the same server.
func newRemote(t *testing.T) *esdb.Store {
	t.Helper()
	server := esdbtest.Start(t, newLog(t))
	s, err := esdb.Open(t.Context(), esdb.Config{URL: server.URL(), Timeout: 5 * time.Minute})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	add(t, s, "other-1", 3, 10)
	return s
}

// ours is a log as a side of a copy.
func ours(s eventstore.Store) transfer.Side {
	return transfer.Side{Store: s, Filter: eventstore.Filter{Categories: []string{"deal", "partner"}}}
}

func whole(s eventstore.Store) transfer.Side { return transfer.Side{Store: s} }

func add(t *testing.T, s eventstore.Store, stream string, n, bytes int) {
	t.Helper()
	last := eventstore.NoStream
	for r, err := range s.Read(t.Context(), stream, eventstore.NoStream) {
		require.NoError(t, err)
		last = r.Revision
	}
	var list []eventstore.Proposed
	for i := range n {
		name := fmt.Sprintf("%s@%d", stream, int(last)+1+i)
		list = append(list, eventstore.Proposed{
			ID: uuid.NewSHA1(uuid.NameSpaceOID, []byte(name)), Type: "test.happened.v1",
			Data: fmt.Appendf(nil, `{"name":%q,"text":"<%s>"}`, name, strings.Repeat("ö", bytes/2)), Metadata: fmt.Appendf(nil, `{"at":%d}`, i),
		})
	}
	_, err := s.Append(t.Context(), stream, last, list)
	require.NoError(t, err)
}

// fill writes a ledger of several streams in turns, some of it large.
func fill(t *testing.T, s eventstore.Store) {
	t.Helper()
	rng := rand.New(rand.NewPCG(1, 1))
	for range 60 {
		add(t, s, fmt.Sprintf("deal-%d", rng.IntN(5)), 1+rng.IntN(4), rng.IntN(200))
	}
	add(t, s, "partner-1", 40, 20_000)
	add(t, s, "partner-1", 40, 20_000) // consecutive: more than fits one append
	add(t, s, "partner-2", eventstore.MaxAppendEvents, 2)
	add(t, s, "partner-2", eventstore.MaxAppendEvents, 2)
}

func copyAll(t *testing.T, from, to transfer.Side) transfer.Summary {
	t.Helper()
	summary, err := transfer.Copy(t.Context(), from, to, func(transfer.Stage, uint64) {})
	require.NoError(t, err)
	return summary
}

func hash(t *testing.T, side transfer.Side) transfer.Sum {
	t.Helper()
	sum, err := transfer.Hash(t.Context(), side, nil)
	require.NoError(t, err)
	return sum
}

func TestThereAndBackAgain(t *testing.T) {
	first, remote, last := newLog(t), newRemote(t), newLog(t)
	fill(t, first)
	there := copyAll(t, whole(first), ours(remote))
	require.Equal(t, hash(t, whole(first)), there.Sum)
	require.Equal(t, there.Events, there.Appended)
	back := copyAll(t, ours(remote), whole(last))
	require.Equal(t, there.Sum, back.Sum)
	require.Equal(t, there.Sum, hash(t, whole(last)))
	require.Equal(t, 7, there.Streams)

	again := copyAll(t, whole(first), ours(remote))
	require.Zero(t, again.Appended)
	require.Equal(t, there.Sum, again.Sum)

	add(t, first, "deal-1", 2, 10)
	add(t, first, "deal-9", 1, 10)
	more := copyAll(t, whole(first), ours(remote))
	require.Equal(t, uint64(3), more.Appended)
	require.NotEqual(t, there.SHA256, more.SHA256)
}

func TestTheHashSeesEverything(t *testing.T) {
	base := eventstore.Proposed{ID: uuid.New(), Type: "a.v1", Data: []byte(`{"x":1}`), Metadata: []byte(`{"y":1}`)}
	sum := func(change func(*eventstore.Proposed, *string)) string {
		p, stream := base, "deal-1"
		change(&p, &stream)
		log := newLog(t)
		_, err := log.Append(t.Context(), stream, eventstore.NoStream, []eventstore.Proposed{p})
		require.NoError(t, err)
		return hash(t, whole(log)).SHA256
	}
	seen := map[string]bool{}
	for _, change := range []func(*eventstore.Proposed, *string){
		func(*eventstore.Proposed, *string) {},
		func(p *eventstore.Proposed, _ *string) { p.ID[0]++ },
		func(p *eventstore.Proposed, _ *string) { p.Type = "b.v1" },
		func(p *eventstore.Proposed, _ *string) { p.Data = []byte(`{"x":2}`) },
		func(p *eventstore.Proposed, _ *string) { p.Metadata = []byte(`{"y":2}`) },
		func(p *eventstore.Proposed, _ *string) { p.Data, p.Metadata = []byte(`{"x":1}{`), []byte(`"y":1}`) },
		func(_ *eventstore.Proposed, stream *string) { *stream = "deal-2" },
	} {
		seen[sum(change)] = true
	}
	require.Len(t, seen, 7)
	require.True(t, seen[sum(func(*eventstore.Proposed, *string) {})], "the same gives the same")
}

func TestATargetWithOtherEventsIsRefused(t *testing.T) {
	for name, prepare := range map[string]func(t *testing.T, s eventstore.Store){
		"another stream": func(t *testing.T, s eventstore.Store) { t.Helper(); add(t, s, "deal-7", 1, 10) },
		"other data":     func(t *testing.T, s eventstore.Store) { t.Helper(); add(t, s, "deal-1", 3, 12) },
		"not copied":     func(t *testing.T, s eventstore.Store) { t.Helper(); add(t, s, "deal-1", 3, 10) },
		"more": func(t *testing.T, s eventstore.Store) {
			t.Helper()
			source := newLog(t)
			add(t, source, "deal-1", 3, 10)
			add(t, source, "deal-2", 3, 10)
			copyAll(t, whole(source), whole(s))
			add(t, s, "deal-2", 1, 10)
		},
	} {
		t.Run(name, func(t *testing.T) {
			source, target := newLog(t), newLogAt(t, time.Now())
			add(t, source, "deal-1", 3, 10)
			add(t, source, "deal-2", 3, 10)
			prepare(t, target)
			before := hash(t, whole(target))
			_, err := transfer.Copy(t.Context(), whole(source), whole(target), func(transfer.Stage, uint64) {})
			require.ErrorIs(t, err, transfer.ErrOtherEvents)
			require.Equal(t, before, hash(t, whole(target)), "nothing was written")
		})
	}
}

func TestWhatTheTargetWouldHideIsRefused(t *testing.T) {
	source := newLog(t)
	add(t, source, "deal-1", 1, 10)
	add(t, source, "tomorrow-1", 1, 10)
	_, err := transfer.Copy(t.Context(), whole(source), ours(newRemote(t)), func(transfer.Stage, uint64) {})
	require.ErrorIs(t, err, transfer.ErrHidden)
	require.ErrorContains(t, err, "tomorrow-1")
}

// breaking is a log that fails at some appends: before or behind the record, or writes something else.
type breaking struct {
	eventstore.Store
	left     int
	recorded bool
	forge    bool
}

var errBroken = errors.New("broken")

func (b *breaking) Append(ctx context.Context, stream string, expected eventstore.Revision, events []eventstore.Proposed) (eventstore.Appended, error) {
	if b.left--; b.left != 0 {
		return b.Store.Append(ctx, stream, expected, events)
	}
	if b.forge {
		events[0].Data = []byte(`{"name":"forged"}`)
		return b.Store.Append(ctx, stream, expected, events)
	}
	if b.recorded {
		_, _ = b.Store.Append(ctx, stream, expected, events)
	}
	return eventstore.Appended{}, errBroken
}

func TestACopyThatBreaksOffGoesOn(t *testing.T) {
	source := newLog(t)
	fill(t, source)
	want := hash(t, whole(source))
	target := newLog(t)
	rng := rand.New(rand.NewPCG(1, 2))
	breaks := 0
	for {
		b := &breaking{Store: target, left: 1 + rng.IntN(20), recorded: rng.IntN(2) == 0}
		summary, err := transfer.Copy(t.Context(), whole(source), whole(b), func(transfer.Stage, uint64) {})
		if err == nil {
			require.Equal(t, want, summary.Sum)
			break
		}
		require.ErrorIs(t, err, errBroken)
		breaks++
	}
	require.Positive(t, breaks)
	require.Equal(t, want, hash(t, whole(target)))
}

func TestWhatIsNotWrittenAsReadIsNoticed(t *testing.T) {
	source := newLog(t)
	fill(t, source)
	_, err := transfer.Copy(t.Context(), whole(source), whole(&breaking{Store: newLog(t), left: 5, forge: true}), func(transfer.Stage, uint64) {})
	require.ErrorIs(t, err, transfer.ErrNotEqual)
}

func TestProgressIsTold(t *testing.T) {
	source := newLog(t)
	add(t, source, "deal-1", 3, 10)
	told := map[transfer.Stage]uint64{}
	_, err := transfer.Copy(t.Context(), whole(source), whole(newLog(t)), func(s transfer.Stage, events uint64) { told[s] = events })
	require.NoError(t, err)
	require.Equal(t, map[transfer.Stage]uint64{transfer.Copying: 3, transfer.Verifying: 3}, told)
}
