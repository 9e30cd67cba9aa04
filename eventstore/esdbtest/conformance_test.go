package esdbtest_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/eventstore/esdbtest"
)

// differing are the scenarios in which a real EventStoreDB 23.10.8 answers otherwise, and why we do. None of the appends'
// retries, the races, the reads, the filters, the checkpoints, the resuming and the metadata is among them.
var differing = map[string]string{
	"append-stream-names": "the store's port takes names of up to 512 bytes; one of 1,000 is refused (InvalidArgument)",
	"append-size-limit":   "the port's 1 MiB counts types and metadata too, as servers from 24.10.4 on do; 23.10.8 counts data only",
	"append-5000-events":  "the port takes up to 1,000 events in one append",
}

// racing says which line of a scenario may differ or not: the client's Close marks the subscription as dropped before it
// cancels the stream, so that a Recv which starts between the two never asks the stream, and says so without a gRPC status.
// No server takes part in that.
const racing = "sub-cancel differs in line 8"

// probeDir is where the program stands that exercises a server, and the transcript of the real one.
const probeDir = "../../../shared/esdb-probe"

// TestAnswersLikeTheRealServer runs the probe, which takes a minute.
func TestAnswersLikeTheRealServer(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a minute")
	}
	transcript, err := filepath.Abs(filepath.Join(probeDir, "transcript-23.10.8.jsonl"))
	require.NoError(t, err)
	if _, err := os.Stat(transcript); errors.Is(err, os.ErrNotExist) {
		t.Skip("the probe is not here")
	}
	t.Parallel()
	server := esdbtest.Start(t, open(t))
	probe := exec.CommandContext(t.Context(), buildProbe(t), "-codes-only", "-url", server.URL(), "-diff", transcript)
	output, err := probe.Output()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		require.Equal(t, 1, exit.ExitCode(), "%s", exit.Stderr)
	} else {
		require.NoError(t, err)
	}
	got := []string{}
	for _, found := range regexp.MustCompile(`(?m)^(\S+) differs in line \d+`).FindAllSubmatch(output, -1) {
		if string(found[0]) != racing {
			got = append(got, string(found[1]))
		}
	}
	want := []string{}
	for name := range differing {
		want = append(want, name)
	}
	require.ElementsMatch(t, want, got, "%s", output)
	require.Contains(t, string(output), "87 scenarios, ")
}

// buildProbe builds a copy: it is a module of its own, in a folder that may be read-only.
func buildProbe(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"go.mod", "go.sum", "main.go", "scenarios.go"} {
		text, err := os.ReadFile(filepath.Join(probeDir, name))
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), text, 0o600))
	}
	build := exec.CommandContext(t.Context(), "go", "build", "-o", "probe", ".")
	build.Dir = dir
	build.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOWORK=off")
	output, err := build.CombinedOutput()
	require.NoError(t, err, "%s", output)
	return filepath.Join(dir, "probe")
}
