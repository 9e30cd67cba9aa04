package embedded

import (
	"fmt"
	"slices"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/channelledger/channelledger/eventstore"
)

// model is what an event log is, without any of what makes one durable or fast.
type model struct{ log []modelEvent }

type modelEvent struct {
	place
	eventType string
}

func (m *model) stream(name string) (events []modelEvent, positions []int) {
	for i, e := range m.log {
		if e.stream == name {
			events, positions = append(events, e), append(positions, i+1)
		}
	}
	return events, positions
}

// append gives the position of the last event, or the conflict.
func (m *model) append(stream string, expected eventstore.Revision, events []eventstore.Proposed) (int, *eventstore.ConflictError) {
	recorded, positions := m.stream(stream)
	current := eventstore.Revision(len(recorded) - 1)
	if expected == current {
		for i, e := range events {
			at := place{e.ID, stream, expected + eventstore.Revision(i+1)}
			m.log = append(m.log, modelEvent{at, e.Type})
		}
		return len(m.log), nil
	}
	if from, to := int(expected+1), int(expected+1)+len(events); expected < current && to <= len(recorded) {
		same := func(r modelEvent, e eventstore.Proposed) bool { return r.id == e.ID }
		if slices.EqualFunc(recorded[from:to], events, same) {
			return positions[to-1], nil
		}
	}
	return 0, &eventstore.ConflictError{Stream: stream, Expected: expected, Current: current}
}

// machine holds the store against the model.
type machine struct {
	fs    *vfs.MemFS
	store *Store
	model model
}

func TestStoreBehavesLikeTheModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := &machine{fs: vfs.NewCrashableMem()}
		m.store = openOn(t, m.fs)
		t.Repeat(rapid.StateMachineActions(m))
		require.NoError(t, m.store.Close())
	})
}

var (
	streams = []string{"deal-1", "deal-10", "claim-1"}
	types   = []string{"won.v1", "lost.v1"}
)

// Append sends ids from a small set, so that retries and near-retries come by themselves.
func (m *machine) Append(t *rapid.T) {
	stream := rapid.SampledFrom(streams).Draw(t, "stream")
	recorded, _ := m.model.stream(stream)
	expected := eventstore.Revision(rapid.IntRange(-1, len(recorded)).Draw(t, "expected"))
	events := make([]eventstore.Proposed, rapid.IntRange(1, 3).Draw(t, "events"))
	for i := range events {
		n := (int(expected) + i + 1) * 2
		if rapid.IntRange(0, 9).Draw(t, "other id") == 0 {
			n++
		}
		events[i] = event(fmt.Sprintf("%s %d", stream, n))
		events[i].Type = rapid.SampledFrom(types).Draw(t, "type")
	}
	position, conflict := m.model.append(stream, expected, events)
	appended, err := m.store.Append(t.Context(), stream, expected, events)
	if conflict != nil {
		require.Equal(t, conflict, err)
		return
	}
	require.NoError(t, err)
	require.EqualValues(t, position, appended.Position.Commit)
	require.Equal(t, expected+eventstore.Revision(len(events)), appended.Revision)
}

// Read compares a stream behind a revision.
func (m *machine) Read(t *rapid.T) {
	stream := rapid.SampledFrom(streams).Draw(t, "stream")
	recorded, _ := m.model.stream(stream)
	after := rapid.IntRange(-1, len(recorded)+1).Draw(t, "after")
	var want, got []modelEvent
	for i := after + 1; i < len(recorded); i++ {
		want = append(want, recorded[i])
	}
	for e, err := range m.store.Read(t.Context(), stream, eventstore.Revision(after)) {
		require.NoError(t, err)
		got = append(got, modelOf(e))
	}
	require.Equal(t, want, got)
}

// Follow compares the log behind a position, through a filter.
func (m *machine) Follow(t *rapid.T) {
	after := rapid.IntRange(0, len(m.model.log)).Draw(t, "after")
	filter := eventstore.Filter{
		Categories: rapid.SampledFrom([][]string{nil, {"deal"}, {"claim"}}).Draw(t, "categories"),
		Types:      rapid.SampledFrom([][]string{nil, types[:1], {"none"}}).Draw(t, "types"),
	}
	var want, got []modelEvent
	for _, e := range m.model.log[after:] {
		if filter.Match(e.stream, e.eventType) {
			want = append(want, e)
		}
	}
	for msg, err := range m.store.Follow(t.Context(), m.store.position(uint64(after)), filter) {
		require.NoError(t, err)
		if msg.Kind == eventstore.CaughtUp {
			require.EqualValues(t, len(m.model.log), msg.Position.Commit)
			break
		}
		if msg.Kind == eventstore.Appeared {
			got = append(got, modelOf(msg.Event))
		}
	}
	require.Equal(t, want, got)
}

// Restart opens the log again.
func (m *machine) Restart(t *rapid.T) {
	require.NoError(t, m.store.Close())
	m.store = openOn(t, m.fs)
}

// PowerCut opens what a power cut leaves.
func (m *machine) PowerCut(t *rapid.T) {
	crashed := m.fs.CrashClone(vfs.CrashCloneCfg{})
	require.NoError(t, m.store.Close())
	m.fs = crashed
	m.store = openOn(t, m.fs)
}

// Check runs after every step: the log's end is the model's.
func (m *machine) Check(t *rapid.T) {
	synced, _ := m.store.progress.now()
	require.EqualValues(t, len(m.model.log), synced)
}

func modelOf(e eventstore.Recorded) modelEvent {
	return modelEvent{place{id: uuid.UUID(e.ID), stream: e.Stream, revision: e.Revision}, e.Type}
}
