package projections_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/eventstore"
	"github.com/channelledger/channelledger/projections"
	"github.com/channelledger/channelledger/projections/internal/toy"
	"github.com/channelledger/channelledger/projections/projectionstest"
	"github.com/channelledger/channelledger/projections/sqlview"
)

var day = time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)

// add appends toy events, effective on that day, and returns where the last one stands.
func add(t *testing.T, log *projectionstest.Log, events ...domain.Event) eventstore.Position {
	t.Helper()
	at, err := toy.Append(t.Context(), log, day, events...)
	require.NoError(t, err)
	return at
}

func moved(account int, amount int64) toy.Moved {
	return toy.Moved{Account: toy.ID(account), Amount: amount}
}

func opened(account int) toy.Opened { return toy.Opened{Account: toy.ID(account), Owner: "o"} }

// named is the toy read model under another name and version.
func named(name string, version int) projections.Projection[toy.Tables] {
	p := toy.Projection()
	p.Name, p.Version = name, version
	return p
}

// process is a runner on a folder.
type process struct {
	*projections.Runner
	folder *sqlview.Views
	stop   func()
}

// start runs projections until the test ends, or stop is called.
func start(t *testing.T, dir string, log eventstore.Store, change func(*projections.Config), defs ...projections.Definition) process {
	t.Helper()
	folder, err := sqlview.Open(dir)
	require.NoError(t, err)
	cfg := projections.Config{
		Source: projections.Source{Store: log, Codec: toy.Codec(), Categories: []string{"toy", "noise"}},
		Views:  folder, Projections: defs, Backoff: func(int) time.Duration { return time.Microsecond },
	}
	if change != nil {
		change(&cfg)
	}
	runner, err := projections.NewRunner(cfg)
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	done := make(chan error, 1)
	go func() { done <- runner.Run(ctx) }()
	p := process{Runner: runner, folder: folder, stop: sync.OnceFunc(func() {
		cancel()
		require.ErrorIs(t, <-done, context.Canceled)
		require.NoError(t, folder.Close())
	})}
	t.Cleanup(p.stop)
	return p
}

// balance reads one account; it is 0 where there is none.
func balance(t *testing.T, from projections.Reader, account int) (amount int64) {
	t.Helper()
	require.NoError(t, from.Read(t.Context(), func(q projections.Querier) error {
		a, err := projections.One[toy.Account](t.Context(), q, "accounts", toy.ID(account).String())
		if a != nil {
			amount = a.Balance
		}
		return err
	}))
	return amount
}

func (p process) reader(t *testing.T, name string) projections.Reader {
	t.Helper()
	r, err := p.Reader(name)
	require.NoError(t, err)
	return r
}

func (p process) status(t *testing.T, name string) projections.Status {
	t.Helper()
	for _, s := range p.Status() {
		if s.Name == name {
			return s
		}
	}
	require.Fail(t, "no such projection", name)
	return projections.Status{}
}

func (p process) waitFor(t *testing.T, name string, at eventstore.Position) {
	t.Helper()
	require.NoError(t, p.WaitFor(t.Context(), name, at))
}

// flaky is a folder whose commits fail while it is told so.
type flaky struct {
	projections.Views
	failing atomic.Bool
	failed  chan struct{} // gets a token for each failure, while there is room
}

var errDiskFull = errors.Join(projections.ErrStorage, errors.New("disk full"))

func (f *flaky) Current(ctx context.Context, name string, version int, s *projections.Schema) (projections.View, error) {
	return f.wrap(f.Views.Current(ctx, name, version, s))
}

func (f *flaky) Create(ctx context.Context, name string, version int, s *projections.Schema) (projections.View, error) {
	return f.wrap(f.Views.Create(ctx, name, version, s))
}

func (f *flaky) Switch(ctx context.Context, name string, to projections.View) error {
	return f.Views.Switch(ctx, name, to.(flakyView).View)
}

func (f *flaky) wrap(v projections.View, err error) (projections.View, error) {
	if err != nil {
		return nil, err
	}
	return flakyView{View: v, folder: f}, nil
}

type flakyView struct {
	projections.View
	folder *flaky
}

func (v flakyView) Commit(ctx context.Context, next projections.Checkpoint) error {
	if !v.folder.failing.Load() {
		return v.View.Commit(ctx, next)
	}
	select {
	case v.folder.failed <- struct{}{}:
	default:
	}
	return errDiskFull
}
