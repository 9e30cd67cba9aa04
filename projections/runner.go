package projections

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/channelledger/channelledger/eventstore"
)

// Config is what a runner needs. Limits, Log and the clock have defaults.
type Config struct {
	Source      Source
	Views       Views
	Projections []Definition
	Limits      Limits
	Log         *slog.Logger                         // nil: silent
	Now         func() time.Time                     // nil: time.Now; for rates only
	After       func(time.Duration) <-chan time.Time // nil: time.After; for pauses before another attempt
	Backoff     func(attempt int) time.Duration      // nil: 100 ms, doubled up to 30 s
}

func (c Config) withDefaults() Config {
	c.Limits = c.Limits.withDefaults()
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.After == nil {
		c.After = time.After
	}
	if c.Backoff == nil {
		c.Backoff = func(attempt int) time.Duration { return min(100*time.Millisecond<<min(attempt, 10), 30*time.Second) }
	}
	return c
}

// Runner keeps read models live: one Follow feeds them all. Each first catches up on its own by a replay from its
// checkpoint, off to the side, and then joins.
type Runner struct {
	cfg     Config
	lanes   []*lane
	replays chan struct{}  // one token for each replay under way
	group   sync.WaitGroup // of those that lead a lane to the feed
	wake    chan struct{}  // someone joined
	ended   chan struct{}  // Run has returned

	mu        sync.Mutex
	changed   chan struct{} // closed, and replaced, whenever something that a waiter looks at changed
	joining   []*member
	interrupt context.CancelFunc // ends the Follow under way, for those who want to join
	head      Head
	caughtUp  bool                // the log's end was reached once
	fed       eventstore.Position // how far anyone was fed
	seen      uint64              // events up to there, since the process started
	logErr    error               // why the log can't be followed just now
}

// lane is one projection as the runner sees it. All but the first line is under the runner's mutex.
type lane struct {
	def     Definition
	name    string
	version int

	serving    View                // what is read; nil until the first build is ready
	visible    eventstore.Position // how far that is
	seen       uint64              // the runner's seen when it was last as far as the feed
	state      State
	reason     string // of the state
	rebuilt    string // why the build had to be made anew
	dead       error  // why it will not go on by itself; nil while it may
	progress   Progress
	rebuilding bool
}

// member is a build that is fed, or is about to be.
type member struct {
	lane  *lane
	build *build
	done  chan error // of a rebuild: told once, when the build serves or never will; else nil

	settled              bool // done was told that it serves: it is a member like any other
	promoting, abandoned bool // under the runner's mutex: whichever comes first
}

// rebuilt reports whether someone waits for this build to take over from one that serves.
func (m *member) rebuilt() bool { return m.done != nil && !m.settled }

// NewRunner prepares the projections; Run sets them going.
// Errors: two projections of one name, or wrong declarations.
func NewRunner(cfg Config) (*Runner, error) {
	r := &Runner{
		cfg: cfg.withDefaults(), wake: make(chan struct{}, 1), ended: make(chan struct{}), changed: make(chan struct{}),
	}
	r.replays = make(chan struct{}, r.cfg.Limits.Replays)
	for _, def := range cfg.Projections {
		name, version := def.Named()
		if r.find(name) != nil {
			return nil, fmt.Errorf("projection %s is given twice", name)
		}
		schema := &Schema{}
		def.Bind(schema)
		if err := schema.Err(); err != nil {
			return nil, fmt.Errorf("projection %s: %w", name, err)
		}
		r.lanes = append(r.lanes, &lane{def: def, name: name, version: version, state: Building, progress: Progress{Fraction: -1}})
	}
	return r, nil
}

// Run keeps the projections going until ctx ends; call it once. What fails is retried, shown in Status and logged: it
// returns nothing but the context's error.
func (r *Runner) Run(ctx context.Context) error {
	defer close(r.ended)
	r.findHead(ctx)
	for _, l := range r.lanes {
		r.group.Go(func() { r.lead(ctx, l, nil) })
	}
	f := feed{Runner: r}
	f.run(ctx)
	r.group.Wait()
	f.close(context.WithoutCancel(ctx))
	return ctx.Err()
}

// findHead asks a store that can tell where its end is, so that progress has a measure.
func (r *Runner) findHead(ctx context.Context) {
	store, ok := r.cfg.Source.Store.(interface {
		Head(context.Context) (eventstore.Position, error)
	})
	if !ok {
		return
	}
	if head, err := store.Head(ctx); err == nil {
		r.update(func() { r.head.Position = head })
	}
}

func (r *Runner) find(name string) *lane {
	for _, l := range r.lanes {
		if l.name == name {
			return l
		}
	}
	return nil
}

func (r *Runner) lane(name string) (*lane, error) {
	if l := r.find(name); l != nil {
		return l, nil
	}
	return nil, fmt.Errorf("no projection is called %q", name)
}

// update changes what waiters look at.
func (r *Runner) update(change func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	change()
	close(r.changed)
	r.changed = make(chan struct{})
}

// Status tells how each projection is doing, in the order they were given.
func (r *Runner) Status() []Status {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := make([]Status, len(r.lanes))
	for i, l := range r.lanes {
		all[i] = r.status(l)
	}
	return all
}

func (r *Runner) status(l *lane) Status {
	s := Status{
		Name: l.name, Version: l.version, State: l.state, Position: l.visible, Head: r.head.Position, Lag: r.seen - l.seen,
		Reason: l.reason, Build: l.progress, Rebuilding: l.rebuilding,
	}
	s.Halt, _ = errors.AsType[*HaltError](l.dead)
	if s.Reason == "" {
		s.Reason = l.rebuilt
	}
	if l.state == Live && r.logErr != nil {
		s.State, s.Reason = Failed, r.logErr.Error()
	}
	if l.serving == nil {
		s.Lag = 0
	}
	return s
}

// Reader reads a projection's rows: always those of the build that serves at the moment.
// Errors: an unknown name.
func (r *Runner) Reader(name string) (Reader, error) {
	l, err := r.lane(name)
	if err != nil {
		return nil, err
	}
	return reader{r, l}, nil
}

type reader struct {
	*Runner
	lane *lane
}

// Read asks the serving build. Where that was replaced between looking it up and asking, it asks the new one.
func (r reader) Read(ctx context.Context, query func(Querier) error) error {
	return r.ask(func(view View, at eventstore.Position) error {
		return view.Read(ctx, func(q Querier) error { return query(upTo{q, at}) })
	})
}

func (r reader) ask(question func(View, eventstore.Position) error) error {
	for {
		view, at, err := r.served()
		if err != nil {
			return err
		}
		err = question(view, at)
		if !errors.Is(err, ErrClosed) {
			return err
		}
		if again, _, _ := r.served(); again == view { // closed for good
			return err
		}
	}
}

func (r reader) served() (View, eventstore.Position, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	l := r.lane
	if l.serving == nil {
		return nil, eventstore.Position{}, &BuildingError{Projection: l.name, Version: l.version, Progress: l.progress, Reason: l.reason}
	}
	return l.serving, l.visible, nil
}

// upTo tells the position that the build had reached before the snapshot was taken: the stored checkpoint stays behind
// while events pass that change no row.
type upTo struct {
	Querier
	at eventstore.Position
}

func (u upTo) Position() eventstore.Position {
	if stored := u.Querier.Position(); stored.Compare(u.at) > 0 {
		return stored
	}
	return u.at
}
