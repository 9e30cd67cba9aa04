package projections_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/eventstore"
	"github.com/channelledger/channelledger/eventstore/embedded"
	"github.com/channelledger/channelledger/projections"
	"github.com/channelledger/channelledger/projections/internal/toy"
	"github.com/channelledger/channelledger/projections/projectionstest"
)

func TestOnTheEmbeddedLog(t *testing.T) {
	t.Parallel()
	store, err := embedded.OpenMemory(embedded.Options{})
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, store.Close()) })
	rng := rand.New(rand.NewPCG(5, 5))
	appendSome := func(n int) (at eventstore.Position) {
		for range n {
			at, err = toy.Append(t.Context(), store, day, toy.Random(rng, 9))
			require.NoError(t, err)
		}
		return at
	}
	dir := t.TempDir()
	rare := opensOnly("rare")
	for range 4 {
		at := appendSome(50)
		rareNow, fed := counted(rare)
		p := start(t, dir, store, nil, named("one", 1), rareNow)
		p.waitFor(t, projections.Everything, at)
		p.waitFor(t, projections.Everything, appendSome(10))
		require.NoError(t, p.Rebuild(t.Context(), "one", nil))
		assert.Less(t, fed.Load(), int64(40), "a restart goes on where it stopped")
		p.stop()
	}
	projectionstest.Check(t, toy.Projection(), toy.Codec(), store)
}
