package storetest

import (
	"fmt"

	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/eventstore"
)

func retryCases() []testCase {
	return []testCase{
		{"answers like the original and records nothing", func(b *bench) {
			first := b.append("deal-1", eventstore.NoStream, events("a", "b")...)
			b.append("deal-1", 1, event("c"))
			for range 3 {
				require.Equal(b, first, b.append("deal-1", eventstore.NoStream, events("a", "b")...))
			}
			b.holds("deal-1", events("a", "b", "c")...)
		}},
		{"of any run of recorded ids answers with its last", retriesEveryRun},
		{"with another id anywhere is a conflict", conflictsOnEveryOtherID},
		{"past the stream's end is a conflict", func(b *bench) {
			b.append("deal-1", eventstore.NoStream, events("a", "b", "c")...)
			b.conflicts("deal-1", eventstore.NoStream, 2, events("a", "b", "c", "d")...)
			b.conflicts("deal-1", 1, 2, events("c", "d")...)
			b.holds("deal-1", events("a", "b", "c")...)
		}},
		{"of another stream's ids is a conflict", func(b *bench) {
			b.append("deal-1", eventstore.NoStream, event("a"))
			b.append("deal-2", eventstore.NoStream, event("b"))
			b.conflicts("deal-2", eventstore.NoStream, 0, event("a"))
		}},
		{"looks at ids, not at contents", func(b *bench) {
			first := b.append("deal-1", eventstore.NoStream, event("a"))
			other := event("a")
			other.Data = []byte(`{"other":true}`)
			require.Equal(b, first, b.append("deal-1", eventstore.NoStream, other))
			b.holds("deal-1", event("a"))
		}},
		{"where one id was recorded twice holds the place against it", func(b *bench) {
			b.append("deal-1", eventstore.NoStream, event("a"))
			second := b.append("deal-1", 0, event("a"))
			b.append("deal-1", 1, event("b"))
			require.Equal(b, second, b.append("deal-1", 0, event("a")))
			b.conflicts("deal-1", 1, 2, event("a"))
			b.holds("deal-1", events("a", "a", "b")...)
		}},
	}
}

// seven is a stream of seven events in three appends.
func (b *bench) seven() (names []string) {
	b.Helper()
	names = []string{"a", "b", "c", "d", "e", "f", "g"}
	b.append("deal-1", eventstore.NoStream, events(names[:3]...)...)
	b.append("other-1", eventstore.NoStream, event("between"))
	b.append("deal-1", 2, events(names[3:4]...)...)
	b.append("deal-1", 3, events(names[4:]...)...)
	return names
}

func retriesEveryRun(b *bench) {
	names := b.seven()
	recorded := b.read("deal-1", eventstore.NoStream)
	for from := range names {
		for to := from + 1; to <= len(names); to++ {
			answer := b.append("deal-1", eventstore.Revision(from-1), events(names[from:to]...)...)
			require.Equal(b, recorded[to-1].Position, answer.Position, "events %d to %d", from, to-1)
		}
	}
	require.Equal(b, recorded, b.read("deal-1", eventstore.NoStream))
}

func conflictsOnEveryOtherID(b *bench) {
	names := b.seven()
	for from := range names {
		for wrong := from; wrong < len(names); wrong++ {
			run := events(names[from:]...)
			run[wrong-from] = event(fmt.Sprintf("not %d", wrong))
			b.conflicts("deal-1", eventstore.Revision(from-1), 6, run...)
		}
	}
	b.conflicts("deal-1", eventstore.NoStream, 6, events("b", "a")...)
	b.holds("deal-1", events(names...)...)
}
