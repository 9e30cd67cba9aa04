package esdbtest_test

import (
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/eventstore"
	"github.com/channelledger/channelledger/eventstore/esdbtest"
	"github.com/channelledger/channelledger/eventstore/storetest"
)

// TestACornerIsALogOfItsOwn puts each log into a corner of one that others write to.
func TestACornerIsALogOfItsOwn(t *testing.T) {
	shared := open(t)
	storetest.Run(t, func(t *testing.T) eventstore.Store {
		t.Helper()
		_, err := shared.Append(t.Context(), "deal-"+uuid.NewString(), eventstore.NoStream, []eventstore.Proposed{{ID: uuid.New(), Type: "won.v1"}})
		require.NoError(t, err)
		return esdbtest.NewCorner(t, shared)
	})
}
