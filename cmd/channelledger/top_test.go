package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/eventstore"
	"github.com/channelledger/channelledger/eventstore/react"
	"github.com/channelledger/channelledger/projections"
)

func TestTopIsPrintedOnceWhereThereIsNoTerminal(t *testing.T) {
	data := t.TempDir()
	s := serve(t, data, "--demo", "--demo-date", "2026-06-30")
	for _, served := range []bool{true, false} {
		text := must(t, "top", "--data", data)
		for _, want := range []string{"PIPELINE", "won", "EUR", "FOLLOWS THE LOG", "pipeline@", "live", "reactor scheduler", "NEWEST EVENTS", "deal."} {
			require.Contains(t, text, want)
		}
		require.NotContains(t, text, "\x1b")
		require.Equal(t, !served, strings.Contains(text, "not served"))
		if served {
			s.end()
		}
	}
}

// typescript is what was written to a terminal.
type typescript struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *typescript) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

// frame is the last whole screen.
func (s *typescript) frame() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	frames := strings.Split(s.b.String(), home)
	return frames[len(frames)-1]
}

// TestTopFollowsTheLedger: on a terminal, in the process that serves, a new event is on the screen without being asked for.
func TestTopFollowsTheLedger(t *testing.T) {
	data := t.TempDir()
	s := serve(t, data)
	defer s.end()
	var out typescript
	in, err := typed([]string{"top", "--data", data}, nil, &out, &out)
	require.NoError(t, err)
	in.Screen = screen{Width: 100, Height: 60} // every read model has a line
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- forward(ctx, in, data) }()
	require.Eventually(t, func() bool { return strings.Contains(out.frame(), "program.created.v1") }, time.Minute, time.Millisecond)
	require.NotContains(t, out.frame(), "partner.applied.v1")

	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.url+"/v1/partners", strings.NewReader(`{"legal_name":"North","kind":"var","country":"DE"}`))
	require.NoError(t, err)
	r.Header = http.Header{"Content-Type": {"application/json"}, "X-Actor": {"ops-1"}, "X-Roles": {"partner_ops"}}
	answer, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	require.NoError(t, answer.Body.Close())
	require.Equal(t, http.StatusCreated, answer.StatusCode)
	require.Eventually(t, func() bool { return strings.Contains(out.frame(), "partner.applied.v1") }, time.Minute, time.Millisecond)
	cancel()
	require.ErrorIs(t, <-ended, context.Canceled)
}

func TestTheScreenIsNeverOverrun(t *testing.T) {
	b := board{
		place: "/srv/" + strings.Repeat("deep/", 40), served: true, read: true,
		models:   []projections.Status{{Name: "pipeline", Version: 1, State: projections.Live}, {Name: "x", State: projections.Halted, Reason: "evil\x1b[2Jtext\a"}},
		reactors: react.Status{Rules: []react.RuleStatus{{Name: "scheduler", Parked: 2}}, Halted: errors.New("broken")},
	}
	for i := range 30 {
		b.newest = append(b.newest, newsOf(eventstore.Recorded{
			Proposed: eventstore.Proposed{Type: fmt.Sprintf("event.number_%d.v1", i)}, Stream: "account-\x1b]0;x", RecordedAt: time.Unix(0, 0),
		}, domain.Envelope{Metadata: domain.Metadata{Actor: domain.Actor{ID: "någon"}}}))
	}
	for _, on := range []screen{{80, 24}, {20, 5}, {1, 1}, {200, 100}} {
		lines := b.lines(on)
		require.LessOrEqual(t, len(lines), on.Height)
		for _, line := range lines {
			require.LessOrEqual(t, len([]rune(line)), on.Width)
			require.NotContains(t, line, "\x1b")
		}
	}
	whole := strings.Join(b.lines(screen{80, 24}), "\n")
	require.Contains(t, whole, "event.number_29.v1", "the newest is first")
	require.NotContains(t, whole, "event.number_0.v1")
	require.Contains(t, whole, "2 parked")
	require.Contains(t, whole, "halted: broken")
	require.Len(t, b.lines(screen{}), 2+2+1+4+1+1+20, "without bounds")
}

func TestKeys(t *testing.T) {
	for _, keys := range []string{"xyq", "Q", "\x03", ""} { // and where the terminal is gone
		quits := 0
		readKeys(strings.NewReader(keys), func() { quits++ })
		require.Equal(t, 1, quits, "%q", keys)
	}
	ran := false
	require.NoError(t, fullScreen(t.Context(), strings.NewReader(""), &bytes.Buffer{}, func(context.Context) error { ran = true; return nil }))
	require.True(t, ran, "no terminal, nothing taken over")
}
