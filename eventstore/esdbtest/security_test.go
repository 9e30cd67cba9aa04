package esdbtest_test

import (
	"strings"
	"testing"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/eventstore/esdbtest"
)

func TestUsersOverTLS(t *testing.T) {
	config, caFile := esdbtest.Certificate(t)
	b := newBench(t, esdbtest.TLS(config), esdbtest.Users(
		esdbtest.User{Name: "admin", Password: "changeit", Admin: true}, esdbtest.User{Name: "ledger", Password: "secret"},
	))
	as := func(user string) *bench {
		named := *b
		named.client = b.connect(strings.Replace(b.server.URL(), "esdb://", "esdb://"+user, 1) + "&tlsCAFile=" + caFile)
		return &named
	}
	readAll := func(b *bench) error {
		_, err := drain(b.client.ReadAll(b.ctx, esdb.ReadAllOptions{From: esdb.Start{}}, 10))
		return err
	}
	admin, ledger := as("admin:changeit@"), as("ledger:secret@")

	_, err := b.try("deal-1", esdb.NoStream{}, event("a"))
	b.fails(err, esdb.ErrorUnavailable) // the authority isn't trusted
	_, err = as("").try("deal-1", esdb.NoStream{}, event("a"))
	b.fails(err, esdb.ErrorCodeAccessDenied)
	_, err = as("ledger:wrong@").try("deal-1", esdb.NoStream{}, event("a"))
	b.fails(err, esdb.ErrorCodeUnauthenticated)

	ledger.append("deal-1", esdb.NoStream{}, event("a"))
	require.Len(t, ledger.read("deal-1"), 1)
	b.fails(readAll(ledger), esdb.ErrorCodeAccessDenied)
	require.NoError(t, readAll(admin))
	admin.set("$all", func(m *esdb.StreamMetadata) {
		acl := esdb.Acl{}
		acl.AddReadRoles("ledger", "$admins")
		m.SetAcl(acl)
	})
	require.NoError(t, readAll(ledger))
}
