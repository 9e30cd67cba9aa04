package main

import (
	"context"
	"strings"
	"sync"
	"time"

	"github.com/channelledger/channelledger/eventstore"
	"github.com/channelledger/channelledger/eventstore/ledger"
	"github.com/channelledger/channelledger/projections"
	"github.com/channelledger/channelledger/projections/pipeline"
)

// How often the screen is drawn: at once when something was recorded, but no oftener than the eye takes, and now and then
// anyway, for what changes by itself.
const (
	topPause = 100 * time.Millisecond
	topIdle  = time.Second
)

// newestEvents is how many events are kept to be shown.
const newestEvents = 50

type topCommand struct{}

// Help is the text below the flags.
func (topCommand) Help() string {
	return `On a terminal the screen follows the ledger until q or Ctrl-C; elsewhere it is printed once.

Examples:
  channelledger top
  channelledger top --data /srv/ledger | head -20`
}

// Run shows the pipeline, the newest events, and how far read models and reactors are.
func (topCommand) Run(ctx context.Context, s *session) error {
	served := s.live.Load()
	return s.whileLive(ctx, func(ctx context.Context) error {
		ctx, stop := context.WithCancel(ctx)
		t := &top{session: s, served: served, changed: make(chan struct{}, 1)}
		ended := make(chan struct{})
		go func() { defer close(ended); t.follow(ctx) }()
		defer func() { stop(); <-ended }()
		if s.Screen == (screen{}) {
			return t.once(ctx)
		}
		return t.watch(ctx)
	})
}

// top is what is shown, on its way to the screen.
type top struct {
	*session
	served  bool
	changed chan struct{} // the log's end was reached

	mu     sync.Mutex
	newest []eventstore.Recorded // the last of all
	at     eventstore.Position
	read   bool // the log was read to its end once
	err    error
}

// follow keeps the newest events; a log that can't be followed just now is followed again from where it stopped.
func (t *top) follow(ctx context.Context) {
	for ctx.Err() == nil {
		t.mu.Lock()
		after := t.at
		t.mu.Unlock()
		for m, err := range t.store.Follow(ctx, after, eventstore.Filter{Categories: ledger.Categories()}) {
			t.take(m, err)
			if err != nil {
				break
			}
		}
		select {
		case <-time.After(topIdle):
		case <-ctx.Done():
		}
	}
}

func (t *top) take(m eventstore.Message, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.err = err; err != nil {
		return
	}
	t.at = m.Position
	switch m.Kind {
	case eventstore.Appeared:
		if t.newest = append(t.newest, m.Event); len(t.newest) > 2*newestEvents {
			t.newest = append([]eventstore.Recorded(nil), t.newest[newestEvents:]...)
		}
	case eventstore.CaughtUp:
		t.read = true
		select {
		case t.changed <- struct{}{}:
		default:
		}
	case eventstore.Checkpoint:
	}
}

// once prints the screen as it is when the read models hold what stands in the log now.
func (t *top) once(ctx context.Context) error {
	waiting, stop := context.WithTimeout(ctx, statusPatience)
	defer stop()
	if head, err := t.runner.Latest(waiting); err == nil {
		_ = t.runner.WaitFor(waiting, projections.Everything, head.Position) // how far it came is what is shown
	}
	select {
	case <-t.changed:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	_, err := t.stdout.Write([]byte(strings.Join(t.board(ctx).lines(screen{}), "\n") + "\n"))
	return err
}

// watch draws until ctx ends.
func (t *top) watch(ctx context.Context) error {
	for ctx.Err() == nil {
		t.await(ctx)
		if _, err := t.stdout.Write(drawn(t.board(ctx).lines(t.Screen))); err != nil {
			return err
		}
		pause(ctx, topPause)
		select {
		case <-t.changed:
		case <-time.After(topIdle):
		case <-ctx.Done():
		}
	}
	return context.Cause(ctx)
}

// await gives the totals a moment to hold what was just recorded.
func (t *top) await(ctx context.Context) {
	t.mu.Lock()
	at := t.at
	t.mu.Unlock()
	waiting, stop := context.WithTimeout(ctx, topIdle)
	defer stop()
	_ = t.runner.WaitFor(waiting, pipeline.Name, at) // late is shown as late
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}

// board is everything as it is now.
func (t *top) board(ctx context.Context) board {
	b := board{place: t.String(), served: t.served, models: t.runner.Status(), reactors: t.reactors.Status()}
	t.mu.Lock()
	b.read, b.at, b.err = t.read, t.at, t.err
	for _, r := range t.newest[max(0, len(t.newest)-newestEvents):] {
		_, env, _ := t.ledger.Codec.Decode(r) // what can't be read has no actor
		b.newest = append(b.newest, newsOf(r, env))
	}
	t.mu.Unlock()
	reader, err := t.runner.Reader(pipeline.Name)
	if err == nil {
		err = reader.Read(ctx, func(q projections.Querier) (err error) {
			b.pipeline, err = pipeline.Pipeline(ctx, q, pipeline.GroupQuery{By: pipeline.ByStatus})
			return err
		})
	}
	if err != nil && ctx.Err() == nil {
		b.pipelineErr = err
	}
	return b
}
