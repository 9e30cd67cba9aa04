package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/eventstore"
	"github.com/channelledger/channelledger/eventstore/embedded"
	"github.com/channelledger/channelledger/eventstore/esdb"
	"github.com/channelledger/channelledger/eventstore/esdbtest"
)

// startServer is a server that speaks EventStoreDB's protocol, over a log in memory.
func startServer(t *testing.T, opts ...esdbtest.Option) (*esdbtest.Server, eventstore.Store) {
	t.Helper()
	log, err := embedded.OpenMemory(embedded.Options{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, log.Close()) })
	return esdbtest.Start(t, log, opts...), log
}

// realServer is the environment variable that names a server which is really there.
const realServer = "ESDB_URL"

// remoteStore is what names an event log on the command line: a part of the server at ESDB_URL, behind one that speaks its
// protocol and gives streams names of their own, or a new log.
func remoteStore(t *testing.T) []string {
	t.Helper()
	url := os.Getenv(realServer)
	if url == "" {
		server, _ := startServer(t)
		return []string{"--store", server.URL()}
	}
	cfg, err := esdb.ParseConfig(url)
	require.NoError(t, err)
	real, err := esdb.Open(t.Context(), cfg)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, real.Close()) })
	return []string{"--store", esdbtest.Start(t, esdbtest.NewCorner(t, real)).URL()}
}

func newFolder(t *testing.T) string {
	t.Helper()
	return filepath.Join(t.TempDir(), "data")
}

// setMetadata is what an operator does who doesn't know better.
func setMetadata(t *testing.T, log eventstore.Store, stream, metadata string) {
	t.Helper()
	_, err := log.Append(t.Context(), "$$"+stream, eventstore.NoStream, []eventstore.Proposed{
		{ID: uuid.New(), Type: "$metadata", Data: []byte(metadata)},
	})
	require.NoError(t, err)
}

func TestALedgerOnEventStoreDB(t *testing.T) {
	server, _ := startServer(t)
	data := newFolder(t)
	_, _, err := call(t, "status", "--data", data, "--store", server.URL())
	require.ErrorContains(t, err, "there is no ledger in "+data)

	s := serve(t, data, "--store", server.URL(), "--demo", "--demo-date", "2026-06-30")
	beside := must(t, "status", "--data", data, "--store", server.URL())
	require.Contains(t, beside, "event log at "+server.URL())
	require.Contains(t, must(t, "status", "--data", data), "event log at", "the owner knows where the log is")
	_, _, err = call(t, "status", "--data", data, "--store", "esdb://127.0.0.1:1?tls=false")
	require.ErrorContains(t, err, "with another event log")
	require.GreaterOrEqual(t, strings.Count(must(t, "events", "--data", data, "--types", "deal.won.*"), "\n"), 6)
	s.end()

	require.Contains(t, must(t, "rebuild", "pipeline", "--data", data, "--store", server.URL()), "pipeline: rebuilt from ")
	_, _, err = call(t, "status", "--data", data)
	require.ErrorContains(t, err, "name it with --store")
	require.NoDirExists(t, filepath.Join(data, logFolder))
	_, _, err = call(t, "events", "--data", newFolder(t), "--store", "esdb://127.0.0.1:1?tls=maybe")
	require.ErrorContains(t, err, "event log URL")

	require.NoError(t, os.Remove(filepath.Join(data, keyringFile)))
	_, _, err = call(t, "status", "--data", data, "--store", server.URL())
	require.ErrorContains(t, err, "the keys of the persons in it are missing")
}

func TestNoLedgerIsBegunByLooking(t *testing.T) {
	server, log := startServer(t)
	data := t.TempDir()
	_, _, err := call(t, "events", "--data", data, "--store", server.URL())
	require.ErrorIs(t, err, esdb.ErrNoLog)
	empty, err := isEmpty(t.Context(), log)
	require.NoError(t, err)
	require.True(t, empty)
}

func TestAFolderWithItsOwnLogTakesNoOther(t *testing.T) {
	server, _ := startServer(t)
	data := newFolder(t)
	serve(t, data, "--demo").end()
	_, _, err := call(t, "status", "--data", data, "--store", server.URL())
	require.ErrorContains(t, err, "holds a log of its own")
}

func TestALedgerAmongOthersOnAServer(t *testing.T) {
	server, log := startServer(t)
	for i := range 5 {
		_, err := log.Append(t.Context(), "other-1", eventstore.Revision(i-1), []eventstore.Proposed{{ID: uuid.New(), Type: "other.v1", Data: []byte("none of ours")}})
		require.NoError(t, err)
	}
	data := newFolder(t)
	serve(t, data, "--store", server.URL(), "--demo").end()
	require.Contains(t, must(t, "rebuild", "--data", data, "--store", server.URL()), "accounts: rebuilt from ")
	events := must(t, "events", "--data", data, "--store", server.URL())
	require.Contains(t, events, "deal.won.v1")
	require.NotContains(t, events, "other.v1")
}

func TestTheStoreIsNamedByFlagEnvironmentOrFileAndSecretsStaySecret(t *testing.T) {
	config, caFile := esdbtest.Certificate(t)
	const password = "s3cr3t-p@ss"
	server, _ := startServer(t, esdbtest.TLS(config), esdbtest.Users(esdbtest.User{Name: "ledger", Password: password, Admin: true}))
	plain := "esdb://" + server.Address()
	secret := "esdb://ledger:s3cr3t-p%40ss@" + server.Address()
	dir, data := t.TempDir(), newFolder(t)
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, []byte(text+"\n"), 0o600))
		return path
	}
	serve(t, data, "--store", secret, "--store-ca", caFile, "--demo").end()

	passwordFile := write("password", password)
	for name, c := range map[string]struct{ args, env []string }{
		"flag":          {[]string{"--store", secret, "--store-ca", caFile}, nil},
		"environment":   {nil, []string{"CHANNELLEDGER_STORE=" + secret, "CHANNELLEDGER_STORE_CA=" + caFile}},
		"file":          {[]string{"--store-file", write("store", secret), "--store-ca", caFile}, nil},
		"password file": {[]string{"--store", plain, "--store-ca", caFile, "--store-user", "ledger", "--store-password-file", passwordFile}, nil},
	} {
		var out, errs bytes.Buffer
		require.NoError(t, run(t.Context(), append([]string{"status", "--data", data}, c.args...), c.env, nil, &out, &errs), name)
		require.Contains(t, out.String(), "ledger:***@", name)
		require.NotContains(t, out.String()+errs.String(), "s3cr3t", name)
	}
	for name, args := range map[string][]string{
		"wrong password": {"--store", plain, "--store-ca", caFile, "--store-user", "ledger", "--store-password-file", write("wrong", "wr0ng")},
		"not trusted":    {"--store", secret + "?maxDiscoverAttempts=1&discoveryInterval=1"},
		"both":           {"--store", secret, "--store-file", passwordFile},
		"no URL":         {"--store", "s3cr3t"},
		"broken URL":     {"--store", "esdb://ledger:s3cr3t@host:port"},
		"missing file":   {"--store-file", filepath.Join(dir, "none")},
		"no store":       {"--store-user", "ledger"},
		"copy":           {"--store-ca", caFile},
	} {
		command := []string{"status", "--data", data}
		if name == "copy" {
			command = []string{"copy", "--from", secret, "--to", "esdb://ledger:s3cr3t@host:port", "--data", data}
		}
		stdout, stderr, err := call(t, append(command, args...)...)
		require.Error(t, err, name)
		require.NotContains(t, err.Error()+stdout+stderr, "s3cr3t", name)
		require.NotContains(t, err.Error()+stdout+stderr, "wr0ng", name)
	}
}

func TestNothingIsWrittenWhereItWouldNotStay(t *testing.T) {
	server, log := startServer(t)
	data := newFolder(t)
	args := []string{"--data", data, "--store", server.URL()}
	serve(t, data, "--store", server.URL(), "--demo").end()
	stdout := must(t, append([]string{"esdb", "check"}, args...)...)
	require.Contains(t, stdout, "ok: streams")
	require.Contains(t, stdout, `"$userStreamAcl"`, "what to set")

	setMetadata(t, log, "deal-1", `{"$maxAge":3600}`)   // no stream that we have
	setMetadata(t, log, "account-x", `{"$maxCount":2}`) // a category of ours
	require.NoError(t, os.WriteFile(filepath.Join(t.TempDir(), "mapping"), nil, 0o600))
	_, _, err := call(t, append([]string{"serve", "--listen", "127.0.0.1:0"}, args...)...)
	require.ErrorIs(t, err, esdb.ErrUnsafe)
	require.ErrorContains(t, err, "account-x: has $maxCount 2")
	require.ErrorContains(t, err, "nothing before can be audited")
	require.NotContains(t, err.Error(), "deal-1")

	stdout, stderr, err := call(t, append([]string{"status"}, args...)...)
	require.NoError(t, err, "reading goes on")
	require.Contains(t, stdout, "pipeline@")
	require.Contains(t, stderr, "$maxCount 2")

	stdout, _, err = call(t, append([]string{"esdb", "check"}, args...)...)
	require.Equal(t, exitError(1), err)
	require.Contains(t, stdout, "replace the metadata of account-x by {}")
	_, _, err = call(t, "esdb", "check")
	require.ErrorContains(t, err, "name the event log")
}

// TestReadModelsOfAnotherLogAreBuiltAnew puts read models of one log beside another that holds the same events.
func TestReadModelsOfAnotherLogAreBuiltAnew(t *testing.T) {
	server, _ := startServer(t)
	here, there := newFolder(t), newFolder(t)
	serve(t, here, "--demo", "--demo-date", "2026-06-30").end()
	must(t, "status", "--data", here)
	must(t, "copy", "--from", here, "--to", server.URL(), "--to-data", there)
	require.NoError(t, os.CopyFS(filepath.Join(there, viewFolder), os.DirFS(filepath.Join(here, viewFolder))))

	status := must(t, "status", "--data", there, "--store", server.URL())
	require.Equal(t, len(definitions(nil)), strings.Count(status, "the log is another one"), status)
	require.Equal(t, checksums(t, here, nil), checksums(t, there, []string{"--store", server.URL()}))
}

// checksums is every read model's, by name, caught up with the log.
func checksums(t *testing.T, data string, store []string) map[string]string {
	t.Helper()
	in := invocation{Args: append([]string{"status", "--data", data}, store...)}
	_, cli, err := parse(in)
	require.NoError(t, err)
	at, err := cli.place(in)
	require.NoError(t, err)
	a, err := openApp(t.Context(), at, false, newLog(nil, io.Discard))
	require.NoError(t, err)
	defer func() { require.NoError(t, a.close()) }()
	sums := map[string]string{}
	require.NoError(t, a.whileLive(t.Context(), func(ctx context.Context) error {
		for _, d := range definitions(a.zone) {
			name, _ := d.Named()
			head, err := a.runner.Latest(ctx)
			err = errors.Join(err, a.runner.WaitFor(ctx, name, head.Position))
			sum, sumErr := a.runner.Checksum(ctx, name)
			sums[name] = sum
			if err := errors.Join(err, sumErr); err != nil {
				return err
			}
		}
		return nil
	}))
	return sums
}
