package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestTheMonthOfTheTutorialIsClosed(t *testing.T) { runsTutorial(t, "close-a-month", "2026-10-01") }

func TestTheDisputeOfTheTutorialIsSettled(t *testing.T) {
	runsTutorial(t, "settle-a-dispute", "2026-03-02")
}

// runsTutorial runs a script as it stands beside its page: it says itself what every number has to be. A shell runs it part by
// part, each at its own time.
func runsTutorial(t *testing.T, name, begins string) {
	t.Helper()
	for _, tool := range []string{"bash", "curl", "jq"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("the tutorial needs %s", tool)
		}
	}
	script, err := os.ReadFile(filepath.Join("../../docs/tutorial", name+".sh"))
	require.NoError(t, err)
	first, err := time.Parse(time.DateOnly, begins)
	require.NoError(t, err)
	var clock stoppedClock
	clock.set(first.Add(9 * time.Hour))
	data := filepath.Join(t.TempDir(), "data")
	url := serveAt(t, data, clock.now)
	shell := startShell(t, "L="+url, "CHANNELLEDGER_DATA="+data)
	marker := regexp.MustCompile(`(?m)^# === (\d{4}-\d{2}-\d{2})`)
	text := string(script)
	starts := append(marker.FindAllStringSubmatchIndex(text, -1), []int{len(text)})
	require.Greater(t, len(starts), 2, "the script has parts")
	shell.do(text[:starts[0][0]])
	for i, m := range starts[:len(starts)-1] {
		day, err := time.Parse(time.DateOnly, text[m[2]:m[3]])
		require.NoError(t, err)
		clock.set(day.Add(9 * time.Hour))
		shell.do(text[m[0]:starts[i+1][0]])
	}
}

// stoppedClock goes on by a millisecond whenever it is looked at, and otherwise when it is set.
type stoppedClock struct{ nanoseconds atomic.Int64 }

func (c *stoppedClock) set(t time.Time) { c.nanoseconds.Store(t.UnixNano()) }

func (c *stoppedClock) now() time.Time {
	return time.Unix(0, c.nanoseconds.Add(int64(time.Millisecond))).UTC()
}

// serveAt serves a ledger that goes by a clock, until the test ends.
func serveAt(t *testing.T, data string, clock func() time.Time) (url string) {
	t.Helper()
	read, write := io.Pipe()
	in, err := typed([]string{"serve", "--data", data, "--listen", "127.0.0.1:0"}, nil, write, io.Discard)
	require.NoError(t, err)
	in.clock = clock
	ctx, interrupt := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- in.carryOut(ctx, nil, nil) }()
	t.Cleanup(func() {
		interrupt()
		require.NoError(t, <-ended)
	})
	lines := bufio.NewScanner(read)
	for lines.Scan() {
		if url, ok := strings.CutPrefix(lines.Text(), "open "); ok {
			return url
		}
	}
	t.Fatalf("serve: %v", <-ended)
	return ""
}

// shell is a bash that goes on where it was.
type shell struct {
	t     *testing.T
	in    io.Writer
	out   *bufio.Scanner
	parts int
}

// startShell starts one whose channelledger is this program.
func startShell(t *testing.T, environ ...string) *shell {
	t.Helper()
	program, err := os.Executable()
	require.NoError(t, err)
	bin := t.TempDir()
	wrapper := fmt.Sprintf("#!/bin/sh\n%s=1 exec %s \"$@\"\n", asProgram, program)
	require.NoError(t, os.WriteFile(filepath.Join(bin, "channelledger"), []byte(wrapper), 0o700))
	cmd := exec.CommandContext(t.Context(), "bash", "-s")
	cmd.Dir = t.TempDir()
	cmd.Env = append(os.Environ(), append(environ, "PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"))...)
	in, err := cmd.StdinPipe()
	require.NoError(t, err)
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	cmd.Stderr = cmd.Stdout
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		_ = in.Close()
		_ = cmd.Wait() // what it ended with was told already
	})
	return &shell{t: t, in: in, out: bufio.NewScanner(out)}
}

// do runs a part, and demands that it comes to its end.
func (s *shell) do(part string) {
	s.t.Helper()
	s.parts++
	end := fmt.Sprintf("end of part %d", s.parts)
	_, err := fmt.Fprintf(s.in, "%s\necho '%s'\n", part, end)
	require.NoError(s.t, err)
	for s.out.Scan() {
		if s.out.Text() == end {
			return
		}
		s.t.Log(s.out.Text())
	}
	s.t.Fatalf("the script ended in its part %d", s.parts)
}
