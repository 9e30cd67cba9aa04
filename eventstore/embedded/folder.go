package embedded

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"
)

// format is the version of keys and records: raised when a program of before could misread them.
const format = "1"

// lockDir makes the folder where it is missing and takes it.
func lockDir(fsys vfs.FS, dir string) (*pebble.Lock, error) {
	if err := makeDir(fsys, dir); err != nil {
		return nil, fmt.Errorf("make event log folder: %w", err)
	}
	lock, err := pebble.LockDirectory(dir, fsys)
	if pathErr := (*fs.PathError)(nil); errors.As(err, &pathErr) {
		return nil, fmt.Errorf("lock event log folder: %w", err)
	}
	if err != nil { // not about the file, so about its lock
		return nil, fmt.Errorf("%s: %w", dir, ErrLocked)
	}
	return lock, nil
}

// makeDir makes a folder so that it is still there after a power cut: each parent is synced.
func makeDir(fsys vfs.FS, dir string) error {
	if _, err := fsys.Stat(dir); err == nil {
		return nil
	}
	parent := fsys.PathDir(dir)
	if parent != dir {
		if err := makeDir(fsys, parent); err != nil {
			return err
		}
	}
	if err := fsys.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	return syncDir(fsys, parent)
}

func syncDir(fsys vfs.FS, dir string) error {
	d, err := fsys.OpenDir(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// identify gives the origin of a log whose format is ours, and makes one for a log that is new.
func identify(db *pebble.DB, empty bool) (origin string, err error) {
	found, err := meta(db, formatKey)
	switch {
	case errors.Is(err, pebble.ErrNotFound) && empty:
		return create(db)
	case errors.Is(err, pebble.ErrNotFound):
		return "", fmt.Errorf("%w: it names no format", ErrFormat)
	case err != nil:
		return "", err
	case found != format:
		return "", fmt.Errorf("%w: it is of format %s, this program reads %s", ErrFormat, found, format)
	}
	return meta(db, originKey)
}

func create(db *pebble.DB) (origin string, err error) {
	var id [4]byte
	if _, err := rand.Read(id[:]); err != nil {
		return "", err
	}
	origin = "emb-" + hex.EncodeToString(id[:])
	batch := db.NewBatch()
	if err := errors.Join(
		batch.Set([]byte(formatKey), []byte(format), nil),
		batch.Set([]byte(originKey), []byte(origin), nil),
	); err != nil {
		return "", err
	}
	return origin, batch.Commit(pebble.Sync)
}

func meta(db *pebble.DB, key string) (string, error) {
	value, closer, err := db.Get([]byte(key))
	if err != nil {
		return "", err
	}
	text := string(value)
	return text, closer.Close()
}
