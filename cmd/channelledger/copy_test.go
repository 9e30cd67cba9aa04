package main

import (
	"context"
	"iter"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/eventstore"
	"github.com/channelledger/channelledger/eventstore/embedded"
	"github.com/channelledger/channelledger/eventstore/esdbtest"
)

// killer is a log at which the copying process meets its end.
type killer struct {
	eventstore.Store
	appends fuse
	reads   fuse        // of messages that followers get
	late    atomic.Bool // behind the record instead of before it
	strike  atomic.Pointer[func()]
}

// fuse burns down to one event.
type fuse struct{ count, at atomic.Int64 }

// set begins anew; it burns at the n-th event, for 0 never.
func (f *fuse) set(n int64) {
	f.at.Store(n)
	f.count.Store(0)
}

func (f *fuse) burns() bool { return f.count.Add(1) == f.at.Load() }

func (k *killer) kill() { (*k.strike.Load())() }

func (k *killer) Append(ctx context.Context, stream string, expected eventstore.Revision, events []eventstore.Proposed) (eventstore.Appended, error) {
	hit := k.appends.burns()
	if hit && !k.late.Load() {
		k.kill()
		return eventstore.Appended{}, eventstore.ErrUnavailable
	}
	appended, err := k.Store.Append(ctx, stream, expected, events)
	if hit {
		k.kill()
	}
	return appended, err
}

func (k *killer) Follow(ctx context.Context, after eventstore.Position, filter eventstore.Filter) iter.Seq2[eventstore.Message, error] {
	return func(yield func(eventstore.Message, error) bool) {
		for m, err := range k.Store.Follow(ctx, after, filter) {
			if k.reads.burns() {
				k.kill()
			}
			if !yield(m, err) {
				return
			}
		}
	}
}

// TestKilledCopiesEndLikeWholeOnes kills copies to a server and copies from one, ten times each, at moments that a seed says:
// by SIGKILL, while the server records or sends the n-th event. No moment depends on how fast the machine is.
func TestKilledCopiesEndLikeWholeOnes(t *testing.T) {
	log, err := embedded.OpenMemory(embedded.Options{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, log.Close()) })
	k := &killer{Store: log}
	server := esdbtest.Start(t, k)
	here, there, back := newFolder(t), newFolder(t), newFolder(t)
	serve(t, here, "--demo", "--demo-date", "2026-06-30").end()

	rng := rand.New(rand.NewPCG(5, 20))
	out := []string{"copy", "--from", here, "--to", server.URL(), "--to-data", there}
	for range 10 {
		k.appends.set(1 + rng.Int64N(20))
		k.late.Store(rng.IntN(2) == 0)
		k.isKilled(t, out...)
	}
	k.appends.set(0)
	require.NoFileExists(t, filepath.Join(there, keyringFile), "half a copy can't be taken for a ledger")
	whole := proof(t, must(t, out...))

	k.reads.set(0)
	in := []string{"copy", "--from", server.URL(), "--from-data", there, "--to"}
	require.Equal(t, whole, proof(t, must(t, append(in, newFolder(t))...)))
	last := k.reads.count.Load() // the copy itself is the last that reads
	events, err := log.Head(t.Context())
	require.NoError(t, err)
	for range 10 {
		k.reads.set(last - rng.Int64N(int64(events.Commit)))
		k.isKilled(t, append(in, back)...)
	}
	k.reads.set(0)
	require.Equal(t, whole, proof(t, must(t, append(in, back)...)))
	require.Equal(t, checksums(t, here, nil), checksums(t, back, nil))
}

// isKilled runs the program, which doesn't live to its end.
func (k *killer) isKilled(t *testing.T, args ...string) {
	t.Helper()
	program := exec.CommandContext(t.Context(), os.Args[0], args...)
	program.Env = append(os.Environ(), asProgram+"=1")
	struck := make(chan struct{})
	strike := sync.OnceFunc(func() { close(struck) })
	k.strike.Store(&strike)
	require.NoError(t, program.Start())
	go func() {
		<-struck
		_ = program.Process.Kill()
	}()
	_ = program.Wait()
	require.Equal(t, -1, program.ProcessState.ExitCode(), "it ends by a signal")
	strike()
}
