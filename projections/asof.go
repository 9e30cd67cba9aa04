package projections

import (
	"container/list"
	"context"
	"errors"
	"sync"

	"github.com/channelledger/channelledger/eventstore"
)

// AsOf answers what a read model would have shown: it replays the log within bounds into a scratch view and keeps the
// last few of them. A question asked twice at once is answered once, and few replays run at a time; others wait, as many as
// the limits allow.
type AsOf struct {
	source   Source
	views    Views
	latest   func(context.Context) (Head, error)
	limits   Limits
	capacity int
	replays  chan struct{}
	group    sync.WaitGroup

	mu      sync.Mutex
	byKey   map[question]*list.Element // of *answer
	recent  *list.List                 // front: asked last
	waiting int                        // answers that are under way, or wait for it
	closed  bool
}

// ErrBusy says that too many different questions wait for a replay.
var ErrBusy = errors.New("too many answers as of a moment are being made")

// question is a projection and bounds that never mean something else later.
type question struct {
	name          string
	version       int
	knownAt       int64 // nanoseconds since 1970; 0: none
	knownPosition eventstore.Position
	effectiveAt   int64
}

// answer is a scratch view, there or under way.
type answer struct {
	question
	ready     chan struct{} // closed when view or err is there
	cancel    context.CancelFunc
	view      View
	watermark eventstore.Position
	err       error

	users  int  // under AsOf's mutex
	forgot bool // no longer in the cache: closed behind its last user
}

// NewAsOf answers from a source. latest tells where the log ends, as Runner.Latest does; capacity is how many answers are
// kept (at least 1), each a scratch view.
func NewAsOf(source Source, views Views, latest func(context.Context) (Head, error), limits Limits, capacity int) *AsOf {
	limits = limits.withDefaults()
	return &AsOf{
		source: source, views: views, latest: latest, limits: limits, capacity: max(1, capacity),
		replays: make(chan struct{}, limits.Replays), byKey: map[question]*list.Element{}, recent: list.New(),
	}
}

// Scratch is a lease on the answer to one question.
type Scratch struct {
	Reader
	Watermark eventstore.Position // how far the log was read within the bounds
	Close     func()              // ends the lease; call it once
}

// Open answers for a projection as the bounds say. The caller must Close the answer.
// Errors: the context's, ErrClosed, ErrBusy, and those of Replay.
func (a *AsOf) Open(ctx context.Context, def Definition, bounds Bounds) (*Scratch, error) {
	bounds, err := a.fix(ctx, bounds)
	if err != nil {
		return nil, err
	}
	ans, err := a.take(ctx, def, bounds)
	if err != nil {
		return nil, err
	}
	select {
	case <-ans.ready:
	case <-ctx.Done():
		a.release(ans)
		return nil, ctx.Err()
	}
	if ans.err != nil {
		a.release(ans)
		return nil, ans.err
	}
	return &Scratch{Reader: ans.view, Watermark: ans.watermark, Close: sync.OnceFunc(func() { a.release(ans) })}, nil
}

// fix makes bounds that mean the same for ever: unless an event was recorded behind known_at, more may come before it,
// so the log's end as it is now bounds the answer too.
func (a *AsOf) fix(ctx context.Context, b Bounds) (Bounds, error) {
	head, err := a.latest(ctx)
	if err != nil {
		return b, err
	}
	if !b.KnownAt.IsZero() && b.KnownAt.Before(head.RecordedAt) {
		return b, nil
	}
	if b.KnownPosition.IsStart() || b.KnownPosition.Compare(head.Position) > 0 {
		b.KnownPosition = head.Position
	}
	return b, nil
}

// take finds the answer or begins it, and counts the caller among its users.
func (a *AsOf) take(ctx context.Context, def Definition, bounds Bounds) (*answer, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.closed {
		return nil, ErrClosed
	}
	q := asked(def, bounds)
	if at, ok := a.byKey[q]; ok {
		a.recent.MoveToFront(at)
		ans := at.Value.(*answer)
		ans.users++
		return ans, nil
	}
	if a.waiting >= a.limits.Questions {
		return nil, ErrBusy
	}
	a.waiting++
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx)) // it serves everyone who asks, not only the first
	ans := &answer{question: q, ready: make(chan struct{}), cancel: cancel, users: 1}
	a.byKey[q] = a.recent.PushFront(ans)
	for a.recent.Len() > a.capacity {
		a.forget(a.recent.Back().Value.(*answer))
	}
	a.group.Go(func() { a.answer(ctx, ans, def, bounds) })
	return ans, nil
}

func asked(def Definition, b Bounds) question {
	q := question{knownPosition: b.KnownPosition}
	q.name, q.version = def.Named()
	if !b.KnownAt.IsZero() {
		q.knownAt = b.KnownAt.UnixNano()
	}
	if !b.EffectiveAt.IsZero() {
		q.effectiveAt = b.EffectiveAt.UnixNano()
	}
	return q
}

func (a *AsOf) answer(ctx context.Context, ans *answer, def Definition, bounds Bounds) {
	view, at, err := a.replay(ctx, def, bounds)
	a.mu.Lock()
	defer a.mu.Unlock()
	ans.view, ans.watermark, ans.err = view, at, err
	a.waiting--
	close(ans.ready)
	if err != nil {
		a.forget(ans)
	}
	a.closeUnused(ans)
}

func (a *AsOf) replay(ctx context.Context, def Definition, bounds Bounds) (View, eventstore.Position, error) {
	select {
	case a.replays <- struct{}{}:
		defer func() { <-a.replays }()
	case <-ctx.Done():
		return nil, eventstore.Position{}, ctx.Err()
	}
	open := func(s *Schema) (View, error) { return a.views.Scratch(ctx, s) }
	return Replay(ctx, a.source, def, bounds, open, a.limits, nil)
}

// release takes a user away. A replay that nobody waits for any more is called off.
func (a *AsOf) release(ans *answer) {
	a.mu.Lock()
	defer a.mu.Unlock()
	ans.users--
	select {
	case <-ans.ready:
	default:
		if ans.users == 0 {
			ans.cancel()
			a.forget(ans)
		}
	}
	a.closeUnused(ans)
}

// forget takes an answer out of the cache.
func (a *AsOf) forget(ans *answer) {
	if at, ok := a.byKey[ans.question]; ok && at.Value == ans {
		delete(a.byKey, ans.question)
		a.recent.Remove(at)
	}
	ans.forgot = true
	a.closeUnused(ans)
}

func (a *AsOf) closeUnused(ans *answer) {
	if ans.view == nil || !ans.forgot || ans.users > 0 {
		return
	}
	ans.cancel()
	_ = ans.view.Close() // what is left of a scratch file goes at the next start
	ans.view = nil
}

// Close calls off what is under way, and lets go of every answer once its users have.
func (a *AsOf) Close() {
	a.mu.Lock()
	a.closed = true
	for at := a.recent.Front(); at != nil; at = a.recent.Front() {
		at.Value.(*answer).cancel()
		a.forget(at.Value.(*answer))
	}
	a.mu.Unlock()
	a.group.Wait()
}
