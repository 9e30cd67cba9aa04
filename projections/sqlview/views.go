// Package sqlview keeps read models in SQLite: each build of a projection is a file of its own, DIR/NAME/vVERSION-BUILD.db,
// and DIR/NAME/current names the one that answers. Rows and checkpoint are written in one transaction, in WAL mode with
// synchronous=NORMAL: a power cut may take the last transactions, checkpoint and rows together, never a part of one.
package sqlview

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"

	"github.com/channelledger/channelledger/projections"
)

const (
	pointerName = "current"
	scratchDir  = ".scratch" // no projection can be called so
)

// Views is a folder of builds. It has one owner: a second process would sweep what the first one builds.
type Views struct {
	dir     string
	temp    bool // the folder is ours alone and goes with us
	readers int
	maxWAL  int64 // bytes; beyond it a log is folded back even if that waits for a reader

	mu      sync.Mutex
	open    map[string]*View // by path
	claimed int              // the last number that was claimed
}

var _ projections.Views = (*Views)(nil)

// Open takes a folder, made where it doesn't exist. What scratch views of an earlier process left there is removed.
func Open(dir string) (*Views, error) {
	if err := os.RemoveAll(filepath.Join(dir, scratchDir)); err != nil {
		return nil, fmt.Errorf("%w: %w", projections.ErrStorage, err)
	}
	if err := os.MkdirAll(filepath.Join(dir, scratchDir), 0o750); err != nil {
		return nil, fmt.Errorf("%w: %w", projections.ErrStorage, err)
	}
	return &Views{dir: dir, readers: max(4, 2*runtime.GOMAXPROCS(0)), maxWAL: 64 << 20, open: map[string]*View{}}, nil
}

// OpenTemp takes a new temporary folder that Close removes: the read models of a ledger in memory.
func OpenTemp() (*Views, error) {
	dir, err := os.MkdirTemp("", "channelledger-views-")
	if err != nil {
		return nil, fmt.Errorf("%w: %w", projections.ErrStorage, err)
	}
	v, err := Open(dir)
	if err != nil {
		return nil, err
	}
	v.temp = true
	return v, nil
}

// Close closes every build that is still open, each once its readers are done.
func (v *Views) Close() error {
	v.mu.Lock()
	var open []*View
	for _, view := range v.open {
		open = append(open, view)
	}
	v.mu.Unlock()
	var errs []error
	for _, view := range open {
		errs = append(errs, view.Close())
	}
	if v.temp {
		errs = append(errs, os.RemoveAll(v.dir))
	}
	return errors.Join(errs...)
}

// Current opens the build that the pointer names, after sweeping those begun and never switched to.
func (v *Views) Current(ctx context.Context, name string, version int, schema *projections.Schema) (projections.View, error) {
	file, err := v.pointer(name)
	if err != nil {
		return nil, err
	}
	if err := v.sweep(name, file); err != nil {
		return nil, err
	}
	if file == "" {
		return nil, projections.ErrFirstBuild
	}
	if !strings.HasPrefix(file, fmt.Sprintf("v%d-", version)) || filepath.Base(file) != file {
		return nil, fmt.Errorf("%w: %s has %q, version %d is wanted", projections.ErrNoBuild, name, file, version)
	}
	view := v.newView(filepath.Join(v.dir, name, file), schema)
	if err := view.reopen(ctx); err != nil {
		return nil, errors.Join(err, view.Close())
	}
	return view, nil
}

// Create begins an empty build in a file of its own.
func (v *Views) Create(ctx context.Context, name string, version int, schema *projections.Schema) (projections.View, error) {
	dir := filepath.Join(v.dir, name)
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return nil, fmt.Errorf("%w: %w", projections.ErrStorage, err)
	}
	path, err := v.claim(dir, fmt.Sprintf("v%d", version))
	if err != nil {
		return nil, err
	}
	return v.fill(ctx, path, schema, false)
}

// Scratch begins an empty build that is removed when it is closed.
func (v *Views) Scratch(ctx context.Context, schema *projections.Schema) (projections.View, error) {
	path, err := v.claim(filepath.Join(v.dir, scratchDir), "scratch")
	if err != nil {
		return nil, err
	}
	return v.fill(ctx, path, schema, true)
}

// Switch renames a new pointer into place, and sweeps what nobody uses, as builds of an older version.
func (v *Views) Switch(_ context.Context, name string, to projections.View) error {
	view, ok := to.(*View)
	if !ok {
		return fmt.Errorf("switch %s: %T is no build of this folder", name, to)
	}
	dir := filepath.Join(v.dir, name)
	file := filepath.Base(view.path)
	if err := replaceFile(dir, pointerName, []byte(file+"\n")); err != nil {
		return fmt.Errorf("%w: switch %s: %w", projections.ErrStorage, name, err)
	}
	return v.sweep(name, file)
}

func (v *Views) fill(ctx context.Context, path string, schema *projections.Schema, scratch bool) (projections.View, error) {
	view := v.newView(path, schema)
	view.scratch = scratch
	if err := view.create(ctx); err != nil {
		return nil, errors.Join(err, view.Remove())
	}
	return view, nil
}

func (v *Views) newView(path string, schema *projections.Schema) *View {
	view := &View{path: path, schema: schema, readers: v.readers, maxWAL: v.maxWAL, statements: map[string]statements{}}
	view.lease.onIdle = func() error {
		defer func() {
			v.mu.Lock()
			defer v.mu.Unlock()
			if v.open[path] == view { // it may have been opened again meanwhile
				delete(v.open, path) // only now may sweep look at its files
			}
		}()
		return view.teardown()
	}
	v.mu.Lock()
	v.open[path] = view
	v.mu.Unlock()
	return view
}

// pointer is the file name that the current pointer holds, empty where there is none.
func (v *Views) pointer(name string) (string, error) {
	text, err := os.ReadFile(filepath.Join(v.dir, name, pointerName))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("%w: %w", projections.ErrStorage, err)
	}
	return strings.TrimSpace(string(text)), nil
}

// sweep removes the builds of a projection that neither the pointer names nor anyone here holds open.
func (v *Views) sweep(name, keep string) error {
	files, err := filepath.Glob(filepath.Join(v.dir, name, "v*.db"))
	if err != nil {
		return err
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, path := range files {
		if filepath.Base(path) == keep || v.open[path] != nil {
			continue
		}
		if err := removeFiles(path); err != nil {
			return err
		}
	}
	return nil
}
