package sqlview

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/channelledger/channelledger/projections"
)

// claim makes an empty file PREFIX-NUMBER.db with a number that no other build has, nor had since this process opened the
// folder: the files of a build whose last reader is just leaving are still to be removed.
func (v *Views) claim(dir, prefix string) (string, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for {
		v.claimed++
		path := filepath.Join(dir, fmt.Sprintf("%s-%06d.db", prefix, v.claimed))
		f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o640)
		switch {
		case err == nil:
			return path, f.Close()
		case !errors.Is(err, fs.ErrExist):
			return "", fmt.Errorf("%w: %w", projections.ErrStorage, err)
		}
	}
}

// removeFiles deletes a build with what SQLite keeps beside it.
func removeFiles(path string) error {
	for _, suffix := range []string{"", "-wal", "-shm", "-journal"} {
		if err := os.Remove(path + suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("%w: %w", projections.ErrStorage, err)
		}
	}
	return nil
}

// replaceFile writes a file so that a reader, or the next start after a power cut, finds the old content or the new one.
func replaceFile(dir, name string, content []byte) error {
	temp := filepath.Join(dir, name+".new")
	if err := os.WriteFile(temp, content, 0o640); err != nil {
		return err
	}
	if err := syncPath(temp); err != nil {
		return err
	}
	if err := os.Rename(temp, filepath.Join(dir, name)); err != nil {
		return err
	}
	return syncPath(dir)
}

// syncPath makes a file, or a folder's names, durable.
func syncPath(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
