package eventstore

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/google/uuid"
)

// keyringHeader is the first line of a keyring file: what it is, its format, and the log it belongs to.
const keyringHeader = "channelledger keyring v1 "

// FileKeyring keeps keys in an append-only text file of mode 0600, one line a subject, synced before a key is used.
type FileKeyring struct {
	mu   sync.RWMutex
	file *os.File
	keys map[uuid.UUID][]byte
}

// OpenKeyring opens the keyring file of the log with this origin, or makes one if create is set. Pass create only for a
// log without events: a ledger whose keyring is missing must not start as if every person had been erased.
// Errors: fs.ErrNotExist, another log's keyring, a damaged line (by number).
func OpenKeyring(path, origin string, create bool) (*FileKeyring, error) {
	raw, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) && create {
		raw = []byte(keyringHeader + origin + "\n")
		err = writeSynced(path, raw)
	}
	if err != nil {
		return nil, fmt.Errorf("keyring: %w", err)
	}
	keys, whole, err := parseKeyring(raw, origin)
	if err != nil {
		return nil, fmt.Errorf("keyring %s: %w", path, err)
	}
	file, err := os.OpenFile(path, os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("keyring: %w", err)
	}
	if err := cutTo(file, int64(whole)); err != nil {
		return nil, errors.Join(fmt.Errorf("keyring %s: %w", path, err), file.Close())
	}
	return &FileKeyring{file: file, keys: keys}, nil
}

// parseKeyring reads the whole lines and says how many bytes they are. What stands behind the last line end is a key that
// a crash kept from becoming durable, so nothing was ever sealed with it.
func parseKeyring(raw []byte, origin string) (keys map[uuid.UUID][]byte, whole int, err error) {
	whole = bytes.LastIndexByte(raw, '\n') + 1
	lines := strings.Split(string(raw[:whole]), "\n")
	if lines[0] != keyringHeader+origin {
		return nil, 0, fmt.Errorf("first line is %q, want %q: this is not the keyring of this log", lines[0], keyringHeader+origin)
	}
	keys = map[uuid.UUID][]byte{}
	for i, line := range lines[1:] {
		if line == "" {
			continue
		}
		subject, text, _ := strings.Cut(line, " ")
		id, idErr := uuid.Parse(subject)
		key, keyErr := hex.DecodeString(text)
		if idErr != nil || keyErr != nil || len(key) != 32 {
			return nil, 0, fmt.Errorf("line %d is damaged: want a subject's uuid and 64 hex digits", i+2)
		}
		keys[id] = key
	}
	return keys, whole, nil
}

// Key is a subject's key. Errors: ErrNoKey.
func (k *FileKeyring) Key(subject uuid.UUID) ([]byte, error) {
	k.mu.RLock()
	defer k.mu.RUnlock()
	if key, ok := k.keys[subject]; ok {
		return key, nil
	}
	return nil, ErrNoKey
}

// Ensure is the subject's key, made and synced where there was none.
func (k *FileKeyring) Ensure(subject uuid.UUID) ([]byte, error) {
	if key, err := k.Key(subject); err == nil {
		return key, nil
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if key, ok := k.keys[subject]; ok {
		return key, nil
	}
	key := newKey()
	if err := k.append(keyringLine(subject, key)); err != nil {
		return nil, fmt.Errorf("keyring: %w", err)
	}
	k.keys[subject] = key
	return key, nil
}

// append writes a line whole or not at all: after a failure the file is cut back, so that the next line starts a line.
func (k *FileKeyring) append(line string) error {
	end, err := k.file.Seek(0, 2)
	if err != nil {
		return err
	}
	if _, err = k.file.WriteString(line); err == nil {
		err = k.file.Sync()
	}
	if err != nil {
		return errors.Join(err, cutTo(k.file, end))
	}
	return nil
}

// CopyTo writes the keys to a file for the log with that origin, instead of what is there, and says how many they are.
func (k *FileKeyring) CopyTo(path, origin string) (int, error) {
	k.mu.RLock()
	defer k.mu.RUnlock()
	var b strings.Builder
	b.WriteString(keyringHeader + origin + "\n")
	for _, subject := range slices.SortedFunc(maps.Keys(k.keys), func(a, b uuid.UUID) int { return bytes.Compare(a[:], b[:]) }) {
		b.WriteString(keyringLine(subject, k.keys[subject]))
	}
	if err := writeSynced(path, []byte(b.String())); err != nil {
		return 0, fmt.Errorf("keyring: %w", err)
	}
	return len(k.keys), nil
}

func keyringLine(subject uuid.UUID, key []byte) string {
	return subject.String() + " " + hex.EncodeToString(key) + "\n"
}

// Close closes the file.
func (k *FileKeyring) Close() error { return k.file.Close() }

func cutTo(file *os.File, size int64) error {
	if err := file.Truncate(size); err != nil {
		return err
	}
	return file.Sync()
}

// writeSynced creates a file with its content, whole or not at all, and makes both it and its name durable.
func writeSynced(path string, content []byte) error {
	file, err := os.OpenFile(path+".new", os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	if err == nil {
		err = file.Sync()
	}
	if err = errors.Join(err, file.Close()); err != nil {
		return err
	}
	if err := os.Rename(file.Name(), path); err != nil {
		return err
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}
