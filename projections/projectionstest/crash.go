package projectionstest

import (
	"context"
	"errors"
	"sync"

	"github.com/channelledger/channelledger/projections"
)

var errCrashed = errors.New("crashed on purpose")

// mortal is a folder of builds whose process dies at one of the next commits: before it, or right behind it. From then on
// nothing is stored any more.
type mortal struct {
	projections.Views

	mu      sync.Mutex
	left    int  // commits until then; negative: never
	behind  bool // that commit is still stored
	crashed chan struct{}
}

func newMortal(v projections.Views, left int, behind bool) *mortal {
	return &mortal{Views: v, left: left, behind: behind, crashed: make(chan struct{})}
}

// Current opens the current build.
func (m *mortal) Current(ctx context.Context, name string, version int, s *projections.Schema) (projections.View, error) {
	return m.wrap(m.Views.Current(ctx, name, version, s))
}

// Create begins a build.
func (m *mortal) Create(ctx context.Context, name string, version int, s *projections.Schema) (projections.View, error) {
	return m.wrap(m.Views.Create(ctx, name, version, s))
}

// Switch makes a build the current one.
func (m *mortal) Switch(ctx context.Context, name string, to projections.View) error {
	if !m.lives() {
		return errCrashed
	}
	return m.Views.Switch(ctx, name, to.(mortalView).View)
}

func (m *mortal) wrap(v projections.View, err error) (projections.View, error) {
	if err != nil {
		return nil, err
	}
	return mortalView{View: v, process: m}, nil
}

func (m *mortal) lives() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.left != 0
}

// step counts a commit down. It reports whether this one is stored, and whether the process lives on.
func (m *mortal) step() (stored, lives bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.left < 0 {
		return true, true
	}
	if m.left == 0 {
		return false, false
	}
	if m.left--; m.left > 0 {
		return true, true
	}
	close(m.crashed)
	return m.behind, false
}

type mortalView struct {
	projections.View
	process *mortal
}

// Commit stores what changed, while the process lives.
func (v mortalView) Commit(ctx context.Context, next projections.Checkpoint) error {
	stored, lives := v.process.step()
	if stored {
		if err := v.View.Commit(ctx, next); err != nil {
			return err
		}
	}
	if !lives {
		return errCrashed
	}
	return nil
}
