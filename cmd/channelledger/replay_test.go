package main

import (
	"encoding/json"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/creack/pty"
	"github.com/stretchr/testify/require"
)

// firstOf is the id of the first thing of a list of the API.
func (s served) firstOf(t *testing.T, path string) string {
	t.Helper()
	var list struct {
		Data []struct {
			ID string `json:"id"`
		} `json:"data"`
	}
	s.get(t, path, &list)
	require.NotEmpty(t, list.Data)
	return list.Data[0].ID
}

func TestReplayIsPrintedWhereThereIsNoTerminal(t *testing.T) {
	data := t.TempDir()
	s := serve(t, data, "--demo", "--demo-date", "2026-06-30")
	defer s.end()
	for kind, path := range map[string]string{
		"deal": "/v1/deals?status=won", "account": "/v1/accounts", "partner": "/v1/partners", "fund": "/v1/mdf/funds",
		"request": "/v1/mdf/requests", "claim": "/v1/mdf/claims?status=paid", "agreement": "/v1/rebates/agreements",
	} {
		id := s.firstOf(t, path)
		var told replayed
		require.NoError(t, json.Unmarshal([]byte(must(t, "replay", kind, id, "--json", "--data", data)), &told))
		require.NotEmpty(t, told.Entries, kind)
		require.NotEmpty(t, told.Entries[len(told.Entries)-1].State, kind)
		text := must(t, "replay", kind, id, "--data", data)
		for _, e := range told.Entries {
			require.Contains(t, text, e.Type)
		}
		known := told.Entries[0]
		for _, e := range told.Entries {
			if e.Stream == told.Subject.Home {
				known = e // the last that the thing's own stream holds
			}
		}
		var then replayed
		require.NoError(t, json.Unmarshal([]byte(must(t, "replay", kind, id, "--json", "--known-at", known.Position, "--data", data)), &then))
		require.Equal(t, known.EventID, then.Entries[len(then.Entries)-1].EventID, kind)
	}
	deal := s.firstOf(t, "/v1/deals?status=won")
	require.Contains(t, must(t, "replay", "deal", deal, "--data", data), "status: approved → won")
	for _, wrong := range [][]string{
		{"deal", "no-id"}, {"deal", "6f1f0b0e-5d0b-5f43-9d2b-0c6d5b8e3a11"}, {"thing", deal}, {"deal", deal, "--known-at", "soon"},
		{"deal", deal, "--effective-at", "soon"}, {"deal", deal, "--viewpoint", "me"}, {"deal", deal, "--known-at", "1999-01-01"},
	} {
		_, _, err := call(t, append(append([]string{"replay"}, wrong...), "--data", data)...)
		require.Error(t, err, "%v", wrong)
	}
}

// TestReplayIsSteppedThroughOnATerminal types the keys on a real one.
func TestReplayIsSteppedThroughOnATerminal(t *testing.T) {
	data := t.TempDir()
	s := serve(t, data, "--demo", "--demo-date", "2026-06-30")
	defer s.end()
	deal := s.firstOf(t, "/v1/deals?status=won")
	var told replayed
	require.NoError(t, json.Unmarshal([]byte(must(t, "replay", "deal", deal, "--json", "--data", data)), &told))
	last := len(told.Entries)

	keyboard, tty, err := pty.Open()
	require.NoError(t, err)
	defer func() { _, _ = keyboard.Close(), tty.Close() }()
	require.NoError(t, pty.Setsize(tty, &pty.Winsize{Rows: 30, Cols: 120}))
	seen := &typescript{}
	go func() { _, _ = io.Copy(seen, keyboard) }()
	ended := make(chan error, 1)
	go func() {
		ended <- run(t.Context(), []string{"replay", "deal", deal, "--data", data}, []string{"TERM=xterm"}, tty, tty, io.Discard)
	}()
	shows := func(number int) {
		t.Helper()
		want := title(told, number)
		require.Eventually(t, func() bool { return strings.Contains(seen.frame(), want) }, time.Minute, time.Millisecond, "%s", want)
		require.Eventually(t, func() bool { return strings.Contains(seen.frame(), told.Entries[number-1].Type) }, time.Minute, time.Millisecond)
	}
	press := func(keys string) {
		t.Helper()
		_, err := keyboard.WriteString(keys)
		require.NoError(t, err)
	}
	shows(1)
	press("n")
	shows(2)
	press(keyRight + " ")
	shows(4)
	press("b")
	shows(3)
	press(keyEnd)
	shows(last)
	require.Contains(t, seen.frame(), "status: won", "the state stands beside the event")
	press(keyHome)
	shows(1)
	press("g2026-13-01\r")
	require.Eventually(t, func() bool { return strings.Contains(seen.frame(), "want a day as yyyy-mm-dd") }, time.Minute, time.Millisecond)
	press("g" + told.Entries[last-1].RecordedAt.UTC().Format(time.DateOnly) + "\r")
	shows(last)
	press("q")
	require.NoError(t, <-ended)
	require.Eventually(t, func() bool { return strings.HasSuffix(seen.frame(), leaveScreen) }, time.Minute, time.Millisecond)
}

func title(told replayed, number int) string {
	p := player{replayed: told, at: number - 1}
	return strings.TrimSpace(p.lines(screen{Width: 120, Height: 30})[0])
}

func TestKeysHaveSeveralNames(t *testing.T) {
	require.Equal(t, []string{"n", keyRight, keyHome, keyEnd, keyEnd, keyEscape, "q"}, keysOf("n\x1b[C\x1b[1~\x1b[4~\x1bOF\x1bq"))
}

func TestAPlayerStaysOnTheCase(t *testing.T) {
	p := player{replayed: replayed{Entries: make([]replayedEntry, 3)}}
	for _, key := range []string{"b", "n", "n", "n", "n", "j", "j", "k", "x"} {
		p.press(key)
		for _, line := range p.lines(screen{Width: 40, Height: 10}) {
			require.LessOrEqual(t, len([]rune(line)), 40)
		}
	}
	require.Equal(t, 2, p.at)
	p.press("g")
	p.press(keyBackspace)
	p.press("1")
	p.press(keyEscape)
	require.False(t, p.asking)
	p.press(keyCtrlC)
	require.True(t, p.quit)
}
