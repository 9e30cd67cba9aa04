package projectionstest_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/projections/internal/toy"
	"github.com/channelledger/channelledger/projections/projectionstest"
)

func TestToyReadModelIsTheSameHoweverItCameAbout(t *testing.T) {
	t.Parallel()
	log := projectionstest.NewLog("toylog")
	rng := rand.New(rand.NewPCG(7, 7))
	for range 300 {
		at := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC).Add(-time.Duration(rng.IntN(1e6)) * time.Second)
		_, err := toy.Append(t.Context(), log, at, toy.Random(rng, 12))
		require.NoError(t, err)
	}
	projectionstest.Check(t, toy.Projection(), toy.Codec(), log)
}
