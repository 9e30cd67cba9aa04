package embedded

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/eventstore"
)

// place is where an event was said to stand.
type place struct {
	id       uuid.UUID
	stream   string
	revision eventstore.Revision
}

// promises is what the log has told anyone so far: what it acknowledged and what a follower saw.
type promises struct {
	mu      sync.Mutex
	made    map[uint64]place
	count   int
	reached chan struct{} // closes at the moment of the power cut
	cutAt   int
}

func (p *promises) add(position eventstore.Position, at place) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if before, ok := p.made[position.Commit]; ok && before != at {
		return fmt.Errorf("position %s was %v and is %v", position, before, at)
	}
	p.made[position.Commit] = at
	if p.count++; p.count == p.cutAt {
		close(p.reached)
	}
	return nil
}

// known is a copy of what was promised by now.
func (p *promises) known() map[uint64]place {
	p.mu.Lock()
	defer p.mu.Unlock()
	made := make(map[uint64]place, len(p.made))
	for position, at := range p.made {
		made[position] = at
	}
	return made
}

func TestPowerCutTakesNothingThatWasPromised(t *testing.T) {
	rounds := 40
	if testing.Short() {
		rounds = 8
	}
	for round := range rounds {
		t.Run(fmt.Sprint(round), func(t *testing.T) { cutPower(t, rand.New(rand.NewPCG(uint64(round), 4))) })
	}
}

func cutPower(t *testing.T, rng *rand.Rand) {
	t.Helper()
	fs := vfs.NewCrashableMem()
	d := newDisk(fs, writeAheadLog)
	d.slow.Store(true)
	s := openOn(t, d)
	p := &promises{made: map[uint64]place{}, reached: make(chan struct{}), cutAt: 1 + rng.IntN(3000)}
	ctx, stop := context.WithCancel(t.Context())
	ended, failed := underLoad(ctx, s, p)
	select {
	case <-p.reached:
	case err := <-failed:
		require.NoError(t, err)
	}
	promised := p.known()
	crashed := fs.CrashClone(vfs.CrashCloneCfg{UnsyncedDataPercent: rng.IntN(3) * 50, RNG: rng})
	stop()
	require.NoError(t, ended())
	require.NoError(t, s.Close())

	s = openOn(t, crashed)
	found := wholeLog(t, s)
	requirePromised(t, promised, found)
	requireWhole(t, found)
	again := openOn(t, crashed.CrashClone(vfs.CrashCloneCfg{}))
	require.Equal(t, found, wholeLog(t, again), "what recovery shows is synced")
	appended := mustAppend(t, again, "after", eventstore.NoStream, "after")
	require.EqualValues(t, len(found)+1, appended.Position.Commit)
	require.NoError(t, errors.Join(s.Close(), again.Close()))
}

// underLoad lets writers and followers go on until the context ends; ended waits for them, failed has the first error.
func underLoad(ctx context.Context, s *Store, p *promises) (ended func() error, failed <-chan error) {
	const writers, followers = 8, 2
	errs := make(chan error, writers+followers)
	var wg sync.WaitGroup
	start := func(work func() error) {
		wg.Go(func() {
			if err := work(); err != nil {
				errs <- err
			}
		})
	}
	for w := range writers {
		start(func() error { return writeUntil(ctx, s, p, w) })
	}
	for range followers {
		start(func() error { return followUntil(ctx, s, p) })
	}
	return func() error {
		wg.Wait()
		close(errs)
		return <-errs
	}, errs
}

// writeUntil appends to a stream shared by two writers, and notes what is acknowledged.
func writeUntil(ctx context.Context, s *Store, p *promises, writer int) error {
	rng := rand.New(rand.NewPCG(uint64(writer), 5))
	name := fmt.Sprintf("deal-%d", writer/2)
	expected := eventstore.NoStream
	for n := 0; ; n++ {
		events := together(fmt.Sprintf("%d/%d", writer, n), 1+rng.IntN(4))
		appended, err := s.Append(ctx, name, expected, events)
		if conflict := (*eventstore.ConflictError)(nil); errors.As(err, &conflict) {
			expected = conflict.Current
			continue
		}
		if errors.Is(err, context.Canceled) {
			return nil
		}
		if err != nil {
			return err
		}
		for i, e := range events {
			expected++
			position := appended.Position
			position.Commit -= uint64(len(events) - 1 - i)
			if err := p.add(position, place{e.ID, name, expected}); err != nil {
				return err
			}
		}
	}
}

// followUntil notes what it sees.
func followUntil(ctx context.Context, s *Store, p *promises) error {
	for m, err := range s.Follow(ctx, eventstore.Position{}, eventstore.Filter{}) {
		if errors.Is(err, context.Canceled) {
			return nil
		}
		if err == nil && m.Kind == eventstore.Appeared {
			err = p.add(m.Position, place{m.Event.ID, m.Event.Stream, m.Event.Revision})
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func requirePromised(t *testing.T, promised map[uint64]place, found []eventstore.Recorded) {
	t.Helper()
	require.GreaterOrEqual(t, len(found), len(promised))
	for position, at := range promised {
		e := found[position-1]
		require.Equal(t, position, e.Position.Commit)
		got := place{e.ID, e.Stream, e.Revision}
		require.Equal(t, at, got)
	}
}

// requireWhole checks that every append is there with all its events or not at all, and every stream without a gap.
func requireWhole(t *testing.T, found []eventstore.Recorded) {
	t.Helper()
	next := map[string]eventstore.Revision{}
	var of, i int
	var name, before string
	for _, e := range found {
		require.Equal(t, next[e.Stream], e.Revision)
		next[e.Stream]++
		last := i
		_, err := fmt.Sscanf(string(e.Data), "%s %d of %d", &name, &i, &of)
		require.NoError(t, err)
		if i > 1 {
			require.Equal(t, before, name)
			require.Equal(t, last+1, i)
		} else {
			require.Zero(t, last, "%s isn't whole", before)
		}
		if before = name; i == of {
			i = 0
		}
	}
	require.Zero(t, i, "%s isn't whole", before)
}
