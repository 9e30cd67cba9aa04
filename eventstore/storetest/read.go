package storetest

import (
	"context"

	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/eventstore"
)

// long is more events than any store reads at a time.
const long = 5000

func readCases() []testCase {
	return []testCase{
		{"of a stream without events yields nothing", func(b *bench) {
			require.Empty(b, b.read("deal-1", eventstore.NoStream))
			require.Empty(b, b.read("deal-1", 5))
		}},
		{"starts behind the revision", func(b *bench) {
			b.append("deal-1", eventstore.NoStream, many("deal", 10)...)
			all := b.read("deal-1", eventstore.NoStream)
			require.Len(b, all, 10)
			for i := range 9 {
				require.Equal(b, all[i+1:], b.read("deal-1", eventstore.Revision(i)))
			}
			require.Empty(b, b.read("deal-1", 9))
			require.Empty(b, b.read("deal-1", 100))
		}},
		{"yields a long stream whole and in order", func(b *bench) {
			b.long("deal-1")
			require.Len(b, b.read("deal-1", eventstore.NoStream), long)
		}},
		{"can be broken off and repeated", func(b *bench) {
			b.append("deal-1", eventstore.NoStream, many("deal", 10)...)
			reading := b.store.Read(b.ctx, "deal-1", eventstore.NoStream)
			for range 3 {
				for e, err := range reading {
					require.NoError(b, err)
					require.Zero(b, e.Revision)
					break
				}
			}
		}},
		{"may append while it reads", func(b *bench) {
			b.append("deal-1", eventstore.NoStream, events("a", "b")...)
			for e, err := range b.store.Read(b.ctx, "deal-1", eventstore.NoStream) {
				require.NoError(b, err)
				b.append("other-1", e.Revision-1, event(e.ID.String()))
			}
			require.Len(b, b.read("other-1", eventstore.NoStream), 2)
		}},
		{"ends with the context's error, never short", func(b *bench) {
			b.long("deal-1")
			ctx, cancel := context.WithCancel(b.ctx)
			defer cancel()
			var errs []error
			for e, err := range b.store.Read(ctx, "deal-1", eventstore.NoStream) {
				if err != nil {
					errs = append(errs, err)
					continue
				}
				require.Empty(b, errs, "an error is the last thing yielded")
				if e.Revision == 3 {
					cancel()
				}
			}
			require.Len(b, errs, 1)
			require.ErrorIs(b, errs[0], context.Canceled)
		}},
	}
}

// long fills a stream with that many events.
func (b *bench) long(stream string) {
	b.Helper()
	list := many(stream, long)
	for i := 0; i < long; i += eventstore.MaxAppendEvents {
		b.append(stream, eventstore.Revision(i-1), list[i:i+eventstore.MaxAppendEvents]...)
	}
}
