// Package projectionstest checks read models: whatever batches, restarts and crashes, live rows are those of a rebuild.
package projectionstest

import (
	"context"
	"iter"
	"sync"
	"time"

	"github.com/channelledger/channelledger/eventstore"
)

// Log is an event log in memory that can be told to misbehave: to fail, to be shortened, to be another one.
type Log struct {
	origin string

	mu      sync.Mutex
	events  []eventstore.Recorded
	failing error
	changed chan struct{}
}

var _ eventstore.Store = (*Log)(nil)

// passedOver is after how many events without a match a Checkpoint is sent.
const passedOver = 16

// epoch is when the first event of a Log is recorded; each later one comes a second after the one before.
var epoch = time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)

// NewLog is an empty log.
func NewLog(origin string) *Log { return &Log{origin: origin, changed: make(chan struct{})} }

// Origin names the log.
func (l *Log) Origin() string { return l.origin }

// Len counts the events.
func (l *Log) Len() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.events)
}

// Fail makes every Follow and Append fail, those under way too, until it is called with nil.
func (l *Log) Fail(err error) { l.change(func() { l.failing = err }) }

// Truncate keeps the first n events.
func (l *Log) Truncate(n int) { l.change(func() { l.events = l.events[:n:n] }) }

// Add takes recorded events in as they are.
func (l *Log) Add(events ...eventstore.Recorded) {
	l.change(func() { l.events = append(l.events, events...) })
}

func (l *Log) change(do func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	do()
	close(l.changed)
	l.changed = make(chan struct{})
}

// Append adds events. It knows no retries.
func (l *Log) Append(_ context.Context, stream string, expected eventstore.Revision, events []eventstore.Proposed) (eventstore.Appended, error) {
	if err := eventstore.CheckAppend(stream, expected, events); err != nil {
		return eventstore.Appended{}, err
	}
	var done eventstore.Appended
	var err error
	l.change(func() { done, err = l.append(stream, expected, events) })
	return done, err
}

func (l *Log) append(stream string, expected eventstore.Revision, events []eventstore.Proposed) (done eventstore.Appended, err error) {
	if l.failing != nil {
		return done, l.failing
	}
	done.Revision = eventstore.NoStream
	for _, r := range l.events {
		if r.Stream == stream {
			done.Revision = r.Revision
		}
	}
	if done.Revision != expected {
		return done, &eventstore.ConflictError{Stream: stream, Expected: expected, Current: done.Revision}
	}
	for _, e := range events {
		done.Revision++
		done.Position = l.position(len(l.events) + 1)
		l.events = append(l.events, eventstore.Recorded{
			Proposed: e, Stream: stream, Revision: done.Revision, Position: done.Position,
			RecordedAt: epoch.Add(time.Duration(len(l.events)) * time.Second),
		})
	}
	return done, nil
}

func (l *Log) position(n int) eventstore.Position {
	return eventstore.Position{Origin: l.origin, Commit: uint64(n), Prepare: uint64(n)}
}

// Read yields a stream's events.
func (l *Log) Read(_ context.Context, stream string, after eventstore.Revision) iter.Seq2[eventstore.Recorded, error] {
	return func(yield func(eventstore.Recorded, error) bool) {
		l.mu.Lock()
		events := l.events
		l.mu.Unlock()
		for _, r := range events {
			if r.Stream == stream && r.Revision > after && !yield(r, nil) {
				return
			}
		}
	}
}

// At is the event at a position.
func (l *Log) At(_ context.Context, position eventstore.Position) (eventstore.Recorded, error) {
	events, _, err := l.now()
	if err != nil {
		return eventstore.Recorded{}, err
	}
	for _, r := range events {
		if r.Position == position {
			return r, nil
		}
	}
	return eventstore.Recorded{}, eventstore.ErrForeignPosition
}

// Follow yields the log behind a position and goes on live.
func (l *Log) Follow(ctx context.Context, after eventstore.Position, filter eventstore.Filter) iter.Seq2[eventstore.Message, error] {
	return func(yield func(eventstore.Message, error) bool) {
		f := follower{log: l, filter: filter, at: after, yield: yield}
		if err := f.run(ctx); err != nil {
			yield(eventstore.Message{}, err)
		}
	}
}

type follower struct {
	log    *Log
	filter eventstore.Filter
	at     eventstore.Position
	next   int // index of the next event
	passed int // over, since the last message
	yield  func(eventstore.Message, error) bool
}

// run ends with nil when the caller has enough.
func (f *follower) run(ctx context.Context) error {
	events, changed, err := f.log.now()
	if err == nil {
		err = f.seek(events)
	}
	for err == nil {
		if more, err := f.catchUp(ctx, events); !more {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-changed:
			events, changed, err = f.log.now()
		}
	}
	return err
}

func (l *Log) now() ([]eventstore.Recorded, <-chan struct{}, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.events, l.changed, l.failing
}

func (f *follower) seek(events []eventstore.Recorded) error {
	if f.at.IsStart() {
		return nil
	}
	for i, r := range events {
		if r.Position == f.at {
			f.next = i + 1
			return nil
		}
	}
	return eventstore.ErrForeignPosition
}

// catchUp yields what there is; more is false when following has ended.
func (f *follower) catchUp(ctx context.Context, events []eventstore.Recorded) (more bool, err error) {
	for ; f.next < len(events); f.next++ {
		if ctx.Err() != nil {
			return false, ctx.Err()
		}
		if !f.pass(events[f.next]) {
			return false, nil
		}
	}
	return f.yield(eventstore.Message{Kind: eventstore.CaughtUp, Position: f.at}, nil), nil
}

func (f *follower) pass(r eventstore.Recorded) bool {
	f.at = r.Position
	if f.filter.Match(r.Stream, r.Type) {
		f.passed = 0
		return f.yield(eventstore.Message{Kind: eventstore.Appeared, Event: r, Position: r.Position}, nil)
	}
	if f.passed++; f.passed < passedOver {
		return true
	}
	f.passed = 0
	return f.yield(eventstore.Message{Kind: eventstore.Checkpoint, Position: r.Position}, nil)
}
