package esdb_test

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/eventstore"
	"github.com/channelledger/channelledger/eventstore/esdb"
	"github.com/channelledger/channelledger/eventstore/esdbtest"
)

func TestALogKeepsItsName(t *testing.T) {
	server := serve(t)
	names := make([]string, 8)
	stores := make([]*esdb.Store, len(names))
	var opening sync.WaitGroup
	for i := range names {
		opening.Go(func() {
			s, err := esdb.Open(limited(t), esdb.Config{URL: server.URL()})
			if err == nil {
				stores[i], names[i] = s, s.Origin()
			}
		})
	}
	opening.Wait()
	for i, name := range names {
		require.Equal(t, names[0], name)
		require.NoError(t, stores[i].Close())
	}
	require.NotContains(t, names[0], ".", "positions are split there")
	require.Equal(t, names[0], open(t, server).Origin())
	require.NotEqual(t, names[0], open(t, serve(t)).Origin())
}

func TestTheNameSurvivesALostAnswer(t *testing.T) {
	server := serve(t)
	server.NextAppends(esdbtest.CutAfter)
	server.NextReads(esdbtest.NoFault, esdbtest.CutBefore)
	name := open(t, server).Origin()
	require.Equal(t, name, open(t, server).Origin())
}

func TestALogWithoutItsNameIsRefused(t *testing.T) {
	log := newLog(t)
	server := esdbtest.Start(t, log)
	open(t, server)
	setMetadata(t, log, "channelledger", eventstore.NoStream, `{"$tb":9223372036854775807}`)
	_, err := esdb.Open(limited(t), esdb.Config{URL: server.URL()})
	require.Error(t, err)

	log = newLog(t)
	appendMany(t, log, "channelledger", 1)
	_, err = esdb.Open(limited(t), esdb.Config{URL: esdbtest.Start(t, log).URL()})
	require.ErrorIs(t, err, esdb.ErrTruncated)
}

func TestNoLogIsMadeWhereOneIsWanted(t *testing.T) {
	log := newLog(t)
	server := esdbtest.Start(t, log)
	_, err := esdb.Open(limited(t), esdb.Config{URL: server.URL(), Existing: true})
	require.ErrorIs(t, err, esdb.ErrNoLog)
	require.Equal(t, eventstore.CaughtUp, past(t, log, eventstore.Position{}, eventstore.Filter{})[0].Kind, "nothing was written")
	name := open(t, server).Origin()
	require.Equal(t, name, openAs(t, esdb.Config{URL: server.URL(), Existing: true}).Origin())
}
