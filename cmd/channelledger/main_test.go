package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/eventstore/embedded"
)

// asProgram has the test binary be the program itself, so that it can be killed.
const asProgram = "CHANNELLEDGER_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
	}
	os.Exit(m.Run())
}

// call runs a command line in this process.
func call(t *testing.T, args ...string) (stdout, stderr string, err error) {
	t.Helper()
	var out, errs bytes.Buffer
	err = run(t.Context(), args, nil, nil, &out, &errs)
	return out.String(), errs.String(), err
}

// must runs a command line that works.
func must(t *testing.T, args ...string) string {
	t.Helper()
	stdout, stderr, err := call(t, args...)
	require.NoError(t, err, "%v\n%s", args, stderr)
	return stdout
}

// served is a ledger that serves in this process.
type served struct {
	url string
	end func() // interrupts it and waits
}

// serve starts serving and returns once the API answers.
func serve(t *testing.T, data string, args ...string) served {
	t.Helper()
	ctx, interrupt := context.WithCancel(context.Background())
	read, write := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		args := append([]string{"serve", "--data", data, "--listen", "127.0.0.1:0"}, args...)
		err := run(ctx, args, nil, nil, write, io.Discard)
		_ = write.CloseWithError(fmt.Errorf("serve ended: %w", err))
		ended <- err
	}()
	s := served{end: func() {
		interrupt()
		require.NoError(t, <-ended)
	}}
	buffer := make([]byte, 4096)
	n, err := read.Read(buffer)
	require.NoError(t, err)
	s.url = regexp.MustCompile(`http://\S+`).FindString(string(buffer[:n]))
	require.NotEmpty(t, s.url)
	return s
}

// get asks the API as an auditor.
func (s served) get(t *testing.T, path string, into any) {
	t.Helper()
	status, body := s.ask(t, path)
	for status == http.StatusGatewayTimeout || status == http.StatusServiceUnavailable { // a busy machine, or just started: it says to ask again
		status, body = s.ask(t, path)
	}
	require.Equal(t, http.StatusOK, status, "%s: %s", path, body)
	require.NoError(t, json.Unmarshal(body, into))
}

// status is what the API answers with.
func (s served) status(t *testing.T, path string) int {
	t.Helper()
	status, _ := s.ask(t, path)
	return status
}

func (s served) ask(t *testing.T, path string) (status int, body []byte) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.url+path, nil)
	require.NoError(t, err)
	request.Header.Set("X-Actor", "auditor-1")
	request.Header.Set("X-Roles", "auditor")
	answer, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer func() { _ = answer.Body.Close() }()
	body, err = io.ReadAll(answer.Body)
	require.NoError(t, err)
	return answer.StatusCode, body
}

func TestEverySubcommandHasHelp(t *testing.T) {
	for _, words := range [][]string{{}, {"serve"}, {"import", "crm"}, {"conflicts", "check"}, {"import", "sales"}, {"rebate", "explain"}, {"export"}, {"close"}, {"events"}, {"rebuild"}, {"status"}, {"copy"}, {"esdb", "check"}} {
		stdout, _, err := call(t, append(words, "--help")...)
		require.Equal(t, exitError(0), err)
		require.Contains(t, stdout, "--data=")
		require.Contains(t, stdout, "$CHANNELLEDGER_DATA")
		if len(words) > 0 {
			require.Contains(t, stdout, "Examples:")
		}
	}
}

func TestFlagsComeFromTheEnvironmentToo(t *testing.T) {
	data := filepath.Join(t.TempDir(), "elsewhere")
	var out bytes.Buffer
	err := run(t.Context(), []string{"status"}, []string{"CHANNELLEDGER_DATA=" + data}, nil, &out, io.Discard)
	require.ErrorContains(t, err, "there is no ledger in "+data)
}

func TestOtherAddressesAreRefused(t *testing.T) {
	for _, address := range []string{"0.0.0.0:8080", ":8080", "192.168.1.5:80", "[::]:80", "example.com:80"} {
		_, _, err := call(t, "serve", "--data", t.TempDir(), "--listen", address)
		require.ErrorContains(t, err, "don't prove who they are", address)
	}
	_, _, err := call(t, "serve", "--data", t.TempDir(), "--listen", "8080")
	require.ErrorContains(t, err, "want HOST:PORT")
}

func TestALedgerIsServedOnce(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	s := serve(t, data)
	_, _, err := call(t, "serve", "--data", data, "--listen", "127.0.0.1:0")
	require.ErrorIs(t, err, embedded.ErrLocked)
	s.end()
}

func TestAMissingKeyringIsNoticed(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	serve(t, data, "--demo").end()
	require.NoError(t, os.Remove(filepath.Join(data, keyringFile)))
	_, _, err := call(t, "status", "--data", data)
	require.ErrorContains(t, err, "the keys of the persons in it are missing")
}

func TestTheDemoIsServedAndCommandsWorkBesideIt(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	s := serve(t, data, "--demo", "--demo-date", "2026-06-30")
	defer s.end()

	status := must(t, "status", "--data", data)
	require.Regexp(t, `served +yes`, status)
	require.NotContains(t, status, "no events yet")
	won := must(t, "events", "--data", data, "--types", "deal.won.*")
	require.NotEmpty(t, won)
	require.Equal(t, strings.Count(won, "\n"), strings.Count(won, `"type":"deal.won.v1"`), "whatever the demo tells")
	require.Contains(t, must(t, "rebuild", "pipeline", "--data", data), "pipeline: rebuilt from ")
	_, _, err := call(t, "rebuild", "nothing", "--data", data)
	require.ErrorContains(t, err, `there is no read model "nothing": want pipeline,`)

	history := must(t, "rebuild", "--only", "activation_rate", "--data", data)
	require.Contains(t, history, "metrics: rebuilt from ")
	require.Regexp(t, `2026-Q1 +4 +40 +0\.1\n2026-Q2 +4 +6 +0\.666667\n`, history)
	require.Regexp(t, `PERIOD +TIER +CURRENCY +NUMERATOR +DENOMINATOR +RATIO +MEDIAN\n`, must(t, "rebuild", "--only", "deal_size_by_tier", "--data", data))
	_, _, err = call(t, "rebuild", "--only", "happiness", "--data", data)
	require.ErrorContains(t, err, `there is no metric "happiness"`)
	_, _, err = call(t, "rebuild", "pipeline", "--only", "activation_rate", "--data", data)
	require.ErrorContains(t, err, "name no read model beside it")

	var groups struct {
		Data []struct {
			Key   string `json:"key"`
			Deals int    `json:"deals"`
		} `json:"data"`
	}
	s.get(t, "/v1/pipeline?group_by=status", &groups)
	require.NotEmpty(t, groups.Data)
}

func TestFollowingEventsEndsWithTheCaller(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	s := serve(t, data, "--demo")
	defer s.end()
	ctx, interrupt := context.WithCancel(t.Context())
	read, write := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		ended <- run(ctx, []string{"events", "--follow", "--data", data}, nil, nil, write, io.Discard)
		_ = write.Close()
	}()
	var first struct {
		Type string `json:"type"`
	}
	require.NoError(t, json.NewDecoder(read).Decode(&first))
	require.Equal(t, "program.created.v1", first.Type)
	go func() { _, _ = io.Copy(io.Discard, read) }()
	interrupt()
	require.ErrorIs(t, <-ended, context.Canceled)
}

func TestTheControlSocketIsTheOwnersAloneAndAnswersAsTheAPI(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	s := serve(t, data)
	defer s.end()
	info, err := os.Stat(controlSocket(data))
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())

	client := http.Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "unix", controlSocket(data))
		},
	}}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://localhost/healthz", nil)
	require.NoError(t, err)
	answer, err := client.Do(request)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, answer.StatusCode)
	require.NoError(t, answer.Body.Close())
	client.CloseIdleConnections()
}
