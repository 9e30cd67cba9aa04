package esdb_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/eventstore/esdb"
	"github.com/channelledger/channelledger/eventstore/esdbtest"
)

const password = "s3cr%t/:@word" // as it is; in the URL it is escaped, or not

func TestSecretsAreNeverShown(t *testing.T) {
	for _, text := range []string{
		"esdb://ledger:s3cr%25t%2F%3A%40word@localhost:2113?tls=true",
		"esdb://ledger:s3cr%25t/:@word@localhost:2113?tls=true",
		"esdb+discover://ledger:s3cr%25t%2F%3A%40word@cluster.example?tls=true",
		"esdb://ledger:s3cr%25t%2F%3A%40word@one:2113,two:2113,three:2113",
	} {
		cfg, err := esdb.ParseConfig(text)
		require.NoError(t, err, text)
		require.Equal(t, "ledger", cfg.User)
		require.Equal(t, esdb.Secret(password), cfg.Password)
		requireHidden(t, cfg)
		require.Contains(t, cfg.String(), "ledger:***@")

		cfg.URL, cfg.User, cfg.Password = text, "", ""
		requireHidden(t, cfg)
	}
	for _, text := range []string{
		"http://ledger:s3cr@localhost", "s3cr", "esdb://ledger:s3cr?x@localhost", "esdb://ledger:s3cr%@localhost", "esdb://:s3cr@localhost",
		"esdb://ledger:s3cr@localhost:port", "esdb://ledger:s3cr@", "esdb://ledger:s3cr@one:2113,two:s?tls=1", "esdb://ledger:s3cr@local host",
		"esdb://ledger:s3cr@localhost?tls=maybe", "esdb://ledger:s3cr@localhost?tlsCAFiles=x", "esdb://ledger:s3cr@localhost?nodePreference=follower",
		"esdb://ledger:s3cr@localhost?tlsCAFile=/none", "esdb://ledger:s3cr@localhost?userCertFile=/none", "esdb://ledger:s3cr@localhost?%zz",
	} {
		_, err := esdb.ParseConfig(text)
		require.Error(t, err, text)
		require.NotContains(t, err.Error(), "s3cr", text)
		_, err = esdb.Open(t.Context(), esdb.Config{URL: text})
		require.Error(t, err, text)
		require.NotContains(t, err.Error(), "s3cr", text)
	}
}

func requireHidden(t *testing.T, cfg esdb.Config) {
	t.Helper()
	var out bytes.Buffer
	logger := slog.New(slog.NewJSONHandler(&out, nil))
	logger.Info("configured", "config", cfg, "pointer", &cfg, "password", cfg.Password)
	slog.New(slog.NewTextHandler(&out, nil)).Info("configured", "config", cfg, "in", struct{ C esdb.Config }{cfg})
	text, err := json.Marshal(map[string]any{"config": cfg, "password": cfg.Password})
	require.NoError(t, err)
	out.Write(text)
	fmt.Fprintf(&out, "%s %v %+v %#v %q", cfg, cfg, cfg, cfg, cfg)
	fmt.Fprintf(&out, "%v %+v %#v", &cfg, []esdb.Config{cfg}, struct{ C esdb.Config }{cfg})
	fmt.Fprintf(&out, "%s %v %#v", cfg.Password, cfg.Password, cfg.Password)
	require.NotContains(t, out.String(), "s3cr")
	require.NotContains(t, out.String(), "word@")
}

func TestFieldsComeBeforeTheURL(t *testing.T) {
	cfg := esdb.Config{URL: "esdb://other:wrong@localhost", User: "ledger", Password: password}
	require.Equal(t, "esdb://ledger:***@localhost", cfg.String())
}

func TestTheLogSpeaksTLSAndKnowsItsUser(t *testing.T) {
	config, caFile := esdbtest.Certificate(t)
	server := serve(t, esdbtest.TLS(config), esdbtest.Users(esdbtest.User{Name: "ledger", Password: password, Admin: true}))
	right := esdb.Config{URL: "esdb://" + server.Address(), User: "ledger", Password: password, CAFile: caFile}
	appendMany(t, openAs(t, right), "deal-1", 2)

	stranger := right
	stranger.Password = "wrong"
	_, err := esdb.Open(limited(t), stranger)
	require.ErrorIs(t, err, esdb.ErrUnauthenticated)
	require.NotContains(t, err.Error(), "wrong@")

	nobody := right
	nobody.User, nobody.Password = "", ""
	_, err = esdb.Open(limited(t), nobody)
	require.ErrorIs(t, err, esdb.ErrAccessDenied)

	untrusting := right
	untrusting.CAFile, untrusting.Timeout = "", patience
	untrusting.URL += "?maxDiscoverAttempts=1"
	ctx, cancel := context.WithCancel(limited(t))
	defer cancel()
	untrusting.Logger = onLog("event log can't be reached", cancel) // the user has had enough
	_, err = esdb.Open(ctx, untrusting)
	require.ErrorContains(t, err, "certificate", "the reason is told")

	trusting := right
	trusting.CAFile, trusting.SkipVerify = "", true
	openAs(t, trusting)
}
