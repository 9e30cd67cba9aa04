package storetest

import (
	"bytes"
	"context"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/eventstore"
)

func appendCases() []testCase {
	return []testCase{
		{"answers with the place of the last event", func(b *bench) {
			first := b.append("deal-1", eventstore.NoStream, events("a", "b", "c")...)
			second := b.append("deal-1", 2, event("d"))
			recorded := b.read("deal-1", eventstore.NoStream)
			require.Equal(b, first.Position, recorded[2].Position)
			require.Equal(b, second.Position, recorded[3].Position)
		}},
		{"gives every event a later position", func(b *bench) {
			b.append("deal-1", eventstore.NoStream, events("a", "b", "c")...)
			b.append("deal-2", eventstore.NoStream, event("d"))
			b.append("deal-1", 2, event("e"))
			log := b.log(eventstore.Position{}, eventstore.Filter{})
			require.Len(b, log, 5)
			for i := range log[1:] {
				require.Negative(b, log[i].Position.Compare(log[i+1].Position))
			}
		}},
		{"refuses a stream that is elsewhere", func(b *bench) {
			b.conflicts("deal-1", 0, eventstore.NoStream, event("a"))
			b.conflicts("deal-1", 7, eventstore.NoStream, event("a"))
			b.append("deal-1", eventstore.NoStream, events("a", "b")...)
			b.conflicts("deal-1", eventstore.NoStream, 1, event("x"))
			b.conflicts("deal-1", 0, 1, event("x"))
			b.conflicts("deal-1", 2, 1, event("x"))
			b.holds("deal-1", events("a", "b")...)
		}},
		{"takes an id again behind the last event", func(b *bench) {
			b.append("deal-1", eventstore.NoStream, event("a"))
			b.append("deal-1", 0, event("a"))
			b.holds("deal-1", events("a", "a")...)
		}},
		{"keeps every byte", keepsEveryByte},
		{"keeps stream names apart", keepsNamesApart},
		{"refuses what is outside the limits", refusesOutsideLimits},
		{"takes what is just inside the limits", takesInsideLimits},
		{"records nothing when the context has ended before", func(b *bench) {
			ctx, cancel := context.WithCancel(b.ctx)
			cancel()
			_, err := b.store.Append(ctx, "deal-1", eventstore.NoStream, events("a"))
			require.ErrorIs(b, err, context.Canceled)
			b.holds("deal-1")
		}},
		{"may forget the caller's bytes", func(b *bench) {
			e := event("a")
			b.append("deal-1", eventstore.NoStream, e)
			clear(e.Data)
			clear(e.Metadata)
			b.holds("deal-1", event("a"))
		}},
		{"records times in UTC that never go back", func(b *bench) {
			for i, e := range many("deal", 50) {
				b.append("deal-1", eventstore.Revision(i-1), e)
			}
			var last time.Time
			for _, e := range b.log(eventstore.Position{}, eventstore.Filter{}) {
				require.Equal(b, time.UTC, e.RecordedAt.Location())
				require.False(b, e.RecordedAt.Before(last), "%s is before %s", e.RecordedAt, last)
				last = e.RecordedAt
			}
			require.False(b, last.IsZero())
		}},
	}
}

func keepsEveryByte(b *bench) {
	var everyByte [256]byte
	for i := range everyByte {
		everyByte[i] = byte(i)
	}
	var want []eventstore.Proposed
	for i, body := range []string{`{"a":1}`, "{\"a\" : 1.0 }\n", `{"broken`, "", "\x00", string(everyByte[:]), "ü€😀", `{"a":1,"a":2}`} {
		for j, metadata := range []string{`{"b":2}`, "", string(everyByte[:]), "not JSON"} {
			e := event(string(rune('a'+i)) + string(rune('a'+j)))
			e.Type = "type with blanks/ü." + e.ID.String()
			e.Data, e.Metadata = []byte(body), []byte(metadata)
			want = append(want, e)
		}
	}
	b.append("deal-1", eventstore.NoStream, want...)
	b.holds("deal-1", want...)
	for i, e := range b.log(eventstore.Position{}, eventstore.Filter{}) {
		require.Equal(b, text(want[i]), text(e.Proposed))
	}
}

func keepsNamesApart(b *bench) {
	names := []string{
		"deal-1", "deal-10", "deal-", "deal", "Deal-1", "deal-1 ", " deal-1", "deal 1", "deal/1", "deal/1/", "-", "/", " ",
		"a\x00b", "a\x00", "a", "ü-1", "u\u0308-1", "日本-1", "😀-1", "deal-1\n", "%2F", `deal"1`, "deal-\x7f",
		strings.Repeat("n", eventstore.MaxStreamName), strings.Repeat("n", eventstore.MaxStreamName-1),
	}
	for _, name := range names {
		b.append(name, eventstore.NoStream, event(name), event(name+"2"))
	}
	for _, name := range names {
		b.holds(name, event(name), event(name+"2"))
	}
}

func refusesOutsideLimits(b *bench) {
	b.append("deal-1", eventstore.NoStream, event("a"))
	untyped, unnamed, unreadable, large := event("b"), event("b"), event("b"), event("b")
	untyped.Type, unnamed.ID, unreadable.Type = "", uuid.Nil, "type\xff"
	large.Data = make([]byte, eventstore.MaxAppendBytes-len(large.Type)-len(large.Metadata)+1)
	for name, try := range map[string]struct {
		stream   string
		expected eventstore.Revision
		events   []eventstore.Proposed
	}{
		"no stream name":            {"", eventstore.NoStream, events("b")},
		"a long stream name":        {strings.Repeat("n", eventstore.MaxStreamName+1), eventstore.NoStream, events("b")},
		"a stream name not UTF-8":   {"deal-\xff", eventstore.NoStream, events("b")},
		"a revision below NoStream": {"deal-1", -2, events("b")},
		"no event":                  {"deal-1", 0, nil},
		"too many events":           {"deal-1", 0, many("b", eventstore.MaxAppendEvents+1)},
		"an event without type":     {"deal-1", 0, []eventstore.Proposed{event("c"), untyped}},
		"a type not UTF-8":          {"deal-1", 0, []eventstore.Proposed{event("c"), unreadable}},
		"an event without id":       {"deal-1", 0, []eventstore.Proposed{event("c"), unnamed}},
		"too many bytes":            {"deal-1", 0, []eventstore.Proposed{large}},
	} {
		_, err := b.store.Append(b.ctx, try.stream, try.expected, try.events)
		require.ErrorIs(b, err, eventstore.ErrInvalid, name)
	}
	require.Len(b, b.log(eventstore.Position{}, eventstore.Filter{}), 1, "nothing of it was recorded")
}

func takesInsideLimits(b *bench) {
	large := event("large")
	large.Data = bytes.Repeat([]byte("x"), eventstore.MaxAppendBytes-len(large.Type)-len(large.Metadata))
	b.append("deal-1", eventstore.NoStream, large)
	b.holds("deal-1", large)
	b.append("deal-2", eventstore.NoStream, many("m", eventstore.MaxAppendEvents)...)
	b.holds("deal-2", many("m", eventstore.MaxAppendEvents)...)
}
