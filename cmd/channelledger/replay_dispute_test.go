package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/creack/pty"
	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/api/demo"
	"github.com/channelledger/channelledger/domain"
)

// What the screens show, and the page that shows some of them. UPDATE_SCREENS=1 writes both anew.
const (
	recordedScreens = "../../docs/how-to/replay-a-dispute.screens"
	screensPage     = "../../docs/how-to/replay-a-case.md"
)

// The demo's dispute about whose deal it is, and its partners: the same in every demo.
const (
	demoDispute = "9cc1ee4b-4996-5a31-b1e6-663776399ed2"
	northwind   = "04e23778-0b7b-5b68-a7d2-4296b3e0bf84"
)

// storyEnds is when the demo of the screens was told.
var storyEnds = time.Date(2026, time.November, 22, 9, 0, 0, 0, time.UTC)

// demoOf is a data folder with the demo as it is told at that moment, before any reactor of a server went on with it.
func demoOf(t *testing.T, at time.Time) (data string, clock func() time.Time) {
	t.Helper()
	clock, data = func() time.Time { return at }, t.TempDir()
	a, err := openApp(t.Context(), place{dir: data, clock: clock}, true, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	require.NoError(t, demo.Load(t.Context(), a.ledger, domain.DateOf(at, time.UTC)))
	require.NoError(t, a.close())
	return data, clock
}

// terminal is a program on a real terminal, by somebody who types.
type terminal struct {
	t        *testing.T
	keyboard *os.File
	out      typescript
	drawn    int // screens so far
	ended    chan error
}

func startOn(t *testing.T, size screen, clock func() time.Time, args ...string) *terminal {
	t.Helper()
	keyboard, tty, err := pty.Open()
	require.NoError(t, err)
	t.Cleanup(func() { _, _ = keyboard.Close(), tty.Close() })
	require.NoError(t, pty.Setsize(tty, &pty.Winsize{Rows: uint16(size.Height), Cols: uint16(size.Width)})) //nolint:gosec // small
	x := &terminal{t: t, keyboard: keyboard, ended: make(chan error, 1)}
	go func() { _, _ = io.Copy(&x.out, keyboard) }()
	environ := []string{"TERM=xterm"}
	in, err := typed(args, environ, tty, io.Discard)
	require.NoError(t, err)
	in.clock = clock
	go func() { x.ended <- in.carryOut(context.WithoutCancel(t.Context()), environ, tty) }()
	return x
}

// shows is the next screen, once it is whole.
func (x *terminal) shows() string {
	x.t.Helper()
	x.drawn++
	require.Eventually(x.t, func() bool {
		return x.out.frames() == x.drawn && strings.HasSuffix(x.out.frame(), restBelow)
	}, time.Minute, time.Millisecond, "%s", x.out.frame())
	lines := strings.Split(strings.NewReplacer(restOfLine, "", restBelow, "").Replace(x.out.frame()), "\r\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return strings.Join(lines, "\n")
}

// press types keys, each once the screen before is drawn, and is the last screen.
func (x *terminal) press(keys ...string) (last string) {
	x.t.Helper()
	for _, key := range keys {
		_, err := x.keyboard.WriteString(key)
		require.NoError(x.t, err)
		last = x.shows()
	}
	return last
}

func (x *terminal) quit() {
	x.t.Helper()
	_, err := x.keyboard.WriteString("q")
	require.NoError(x.t, err)
	require.NoError(x.t, <-x.ended)
	require.Eventually(x.t, func() bool { return strings.HasSuffix(x.out.frame(), leaveScreen) }, time.Minute, time.Millisecond)
}

// frames counts the screens that were begun.
func (s *typescript) frames() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.Count(s.b.String(), home)
}

// shot is a screen that was recorded, by what was typed to get there.
type shot struct{ name, screen string }

// stepped goes through the demo's dispute on a terminal of some size.
func stepped(t *testing.T, size screen, clock func() time.Time, data string) (shots []shot) {
	t.Helper()
	on := fmt.Sprintf("%dx%d", size.Width, size.Height)
	keep := func(name, screen string) { shots = append(shots, shot{on + " " + name, screen}) }
	x := startOn(t, size, clock, "replay", "dispute", demoDispute, "--data", data)
	require.Contains(t, x.shows(), "1 of ")
	keep("opened", x.press("N"))
	keep("the hold", x.press("n"))
	require.Equal(t, x.press("b"), shots[0].screen)
	keep("ruling", x.press("N", "N", "N", "N", "N", "N", "N"))
	keep("ruling, scrolled", x.press("J", "J", "k"))
	keep("carried out", x.press(keyRight))
	keep("overturned", x.press("N", "N", "N", "N"))
	keep("taken back", x.press("N", keyRight))
	keep("the end", x.press(keyEnd))
	keep("asked for a day", x.press("g", "2", "0", "2", "6", "-", "1", "1"))
	require.Equal(t, shots[len(shots)-2].screen, x.press("-", "2", "2", keyEnter))
	require.Contains(t, x.press(keyHome), "1 of ")
	x.quit()

	x = startOn(t, size, clock, "replay", "dispute", demoDispute, "--viewpoint", northwind, "--data", data)
	require.Contains(t, x.shows(), "as seen by Northwind Systems")
	keep("as the other side sees the sealed paper", x.press("N", "N", "N", "N", "N", "N"))
	x.quit()
	return shots
}

// TestTheScreensOfADispute types the keys on a real terminal, and holds every screen against the one that was recorded; the
// page shows the same.
func TestTheScreensOfADispute(t *testing.T) {
	data, clock := demoOf(t, storyEnds)
	shots := append(stepped(t, screen{Width: 80, Height: 24}, clock, data), stepped(t, screen{Width: 120, Height: 40}, clock, data)...)
	page, err := os.ReadFile(screensPage)
	require.NoError(t, err)
	if os.Getenv("UPDATE_SCREENS") != "" {
		require.NoError(t, os.WriteFile(recordedScreens, []byte(transcript(shots)), 0o600))
		require.NoError(t, os.WriteFile(screensPage, []byte(paged(t, string(page), shots)), 0o600))
		return
	}
	want, err := os.ReadFile(recordedScreens)
	require.NoError(t, err)
	require.Equal(t, string(want), transcript(shots), "UPDATE_SCREENS=1 records them anew")
	require.Equal(t, string(page), paged(t, string(page), shots), "UPDATE_SCREENS=1 writes them into the page")
}

func transcript(shots []shot) string {
	var all strings.Builder
	for _, s := range shots {
		fmt.Fprintf(&all, "=== %s\n%s\n", s.name, s.screen)
	}
	return all.String()
}

// shown is a place of the page for a screen: its name, and the block below.
var shown = regexp.MustCompile("(?s)<!-- screen: ([^>]*) -->\n```text\n(.*?)```")

// paged is the page with the screens as they are.
func paged(t *testing.T, page string, shots []shot) string {
	t.Helper()
	require.NotEmpty(t, shown.FindAllString(page, -1))
	return shown.ReplaceAllStringFunc(page, func(block string) string {
		name := shown.FindStringSubmatch(block)[1]
		at := slices.IndexFunc(shots, func(s shot) bool { return s.name == name })
		require.GreaterOrEqual(t, at, 0, "no screen is called %s", name)
		return fmt.Sprintf("<!-- screen: %s -->\n```text\n%s\n```", name, shots[at].screen)
	})
}

// Where there is no terminal a dispute is printed, and what a partner doesn't see is marked.
func TestADisputeIsPrinted(t *testing.T) {
	data, _ := demoOf(t, storyEnds)
	text := must(t, "replay", "dispute", demoDispute, "--data", data)
	for _, want := range []string{
		"dispute.ruling_issued.v1", "evidence[1].name: – → quote Q-118", "status: ruled → appealed",
		"deal 072bdd37 partner_id: Northwind Systems " + northwind + " → Iberia Digital 3b209ce0-a0db-55f5-87a6-b503c912316b",
	} {
		require.Contains(t, text, want)
	}
	seen := must(t, "replay", "dispute", demoDispute, "--viewpoint", northwind, "--data", data)
	require.NotContains(t, seen, "Q-118")
	for _, want := range []string{
		"evidence[1].name: – → [withheld: sealed]", "a quote to the customer, older than both registrations", "note: [withheld: internal]",
		"[withheld: internal] excluded_actors[0].actor", "lines[0].amount: [withheld: rival]\n", "withheld: 7 fields (sealed)",
	} {
		require.Contains(t, seen, want)
	}
	var told replayed
	raw := must(t, "replay", "dispute", demoDispute, "--viewpoint", northwind, "--json", "--data", data)
	require.NoError(t, json.Unmarshal([]byte(raw), &told))
	require.Equal(t, northwind, told.Viewpoint)
	require.Equal(t, 7, told.Withheld.Fields["sealed"])
	require.NotContains(t, string(told.Entries[len(told.Entries)-1].State), "Q-118")
}
