package esdb_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/eventstore"
	"github.com/channelledger/channelledger/eventstore/esdb"
	"github.com/channelledger/channelledger/eventstore/storetest"
)

func TestConformance(t *testing.T) {
	storetest.Run(t, func(t *testing.T) eventstore.Store {
		t.Helper()
		return open(t, serve(t))
	})
}

func TestAClusterIsDiscovered(t *testing.T) {
	server := serve(t)
	for _, url := range []string{
		"esdb+discover://" + server.Address() + "?tls=false",
		"esdb://" + server.Address() + "," + server.Address() + "?tls=false",
	} {
		s := openAs(t, esdb.Config{URL: url})
		require.Equal(t, open(t, server).Origin(), s.Origin())
	}
}
