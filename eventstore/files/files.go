// Package files keeps documents by their content: contracts, evidence, proofs. A document's name is its SHA-256, so the same
// document is kept once, and one that changed is another. Nothing here looks inside them.
package files

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"regexp"
	"sync/atomic"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// ErrNotFound says that no such document is stored.
var ErrNotFound = errors.New("no such document is stored")

// ErrEmpty says that a document has no bytes.
var ErrEmpty = errors.New("the document is empty")

// TooLargeError says that a document has more bytes than are taken.
type TooLargeError struct{ Limit int64 }

// Error names the limit.
func (e *TooLargeError) Error() string {
	return fmt.Sprintf("the document has more than %d bytes", e.Limit)
}

// CorruptError says that what is stored under a hash has another one: the disk or somebody changed it.
type CorruptError struct{ SHA256, Found string }

// Error names both hashes.
func (e *CorruptError) Error() string {
	return fmt.Sprintf("document %s is damaged: its bytes hash to %s; restore it from a backup, or store it again", e.SHA256, e.Found)
}

// File names a stored document.
type File struct {
	SHA256 string `json:"sha256"` // hex, lower case
	Size   int64  `json:"size"`   // bytes
}

// Store is a folder of documents: DIR/<first two digits>/<hash>, and DIR/incoming for those on their way. It has one owner.
type Store struct {
	fs      vfs.FS
	dir     string
	arrived atomic.Uint64 // names what is on its way
}

const incoming = "incoming"

// Open opens the documents in a folder, which is made if it is missing. What was on its way when the last owner stopped was
// acknowledged to nobody, and is removed.
func Open(dir string) (*Store, error) { return OpenOn(vfs.Default, dir) }

// OpenMemory keeps documents in memory, until the process ends.
func OpenMemory() (*Store, error) { return OpenOn(vfs.NewMem(), "files") }

// OpenOn is Open on a file system.
func OpenOn(fsys vfs.FS, dir string) (*Store, error) {
	s := &Store{fs: fsys, dir: dir}
	if err := fsys.RemoveAll(s.path(incoming)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("remove unfinished documents: %w", err)
	}
	if err := s.makeDir(s.path(incoming)); err != nil {
		return nil, fmt.Errorf("make folder for documents: %w", err)
	}
	return s, nil
}

func (s *Store) path(parts ...string) string {
	return s.fs.PathJoin(append([]string{s.dir}, parts...)...)
}

func (s *Store) shard(hash string) string { return s.path(hash[:2]) }

func (s *Store) place(hash string) string { return s.path(hash[:2], hash) }

// Put stores what r yields, up to limit bytes, and returns once it would survive a power cut. It is read once and never held
// in memory as a whole. Storing a document again changes nothing, and heals one that was damaged.
// Errors: *TooLargeError, ErrEmpty, ctx's, r's own, and those of the disk; then nothing is left behind.
func (s *Store) Put(ctx context.Context, r io.Reader, limit int64) (f File, err error) {
	name := s.path(incoming, fmt.Sprintf("%d.part", s.arrived.Add(1)))
	defer func() {
		if err != nil {
			_ = s.fs.Remove(name) // may not be there any more; if it is, the next Open removes it
		}
	}()
	if f, err = s.write(ctx, name, r, limit); err != nil {
		return File{}, err
	}
	return f, s.keep(name, f.SHA256)
}

// write fills a new file, synced.
func (s *Store) write(ctx context.Context, name string, r io.Reader, limit int64) (f File, err error) {
	out, err := s.fs.Create(name, vfs.WriteCategoryUnspecified)
	if err != nil {
		return f, err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	sum := sha256.New()
	// The hash comes first: a vfs.File may change the bytes that it is given.
	f.Size, err = io.Copy(io.MultiWriter(sum, out), io.LimitReader(contextReader{ctx, r}, limit+1))
	switch {
	case err != nil:
		return f, err
	case f.Size > limit:
		return f, &TooLargeError{limit}
	case f.Size == 0:
		return f, ErrEmpty
	}
	f.SHA256 = hexOf(sum)
	return f, out.Sync()
}

// keep gives a finished file its name for good. One that has the name already is the same, or damaged: either way it may go.
func (s *Store) keep(name, hash string) error {
	if err := s.makeDir(s.shard(hash)); err != nil {
		return err
	}
	if err := s.fs.Rename(name, s.place(hash)); err != nil {
		return err
	}
	if err := s.syncDir(s.shard(hash)); err != nil {
		return err
	}
	return s.syncDir(s.dir) // another Put may have made the shard and not be that far
}

// Document is a stored document, open for reading; its bytes were checked when it was opened.
type Document struct {
	File
	*io.SectionReader
	file vfs.File
}

// Close ends the reading.
func (d *Document) Close() error { return d.file.Close() }

// Get opens a document and checks it: all of its bytes are read and hashed once before the first is handed out.
// Errors: ErrNotFound, also for what is no hash; *CorruptError; ctx's, and those of the disk.
func (s *Store) Get(ctx context.Context, hash string) (_ *Document, err error) {
	if !isHash.MatchString(hash) {
		return nil, ErrNotFound
	}
	file, err := s.fs.Open(s.place(hash))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, file.Close())
		}
	}()
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	d := &Document{File: File{hash, info.Size()}, SectionReader: io.NewSectionReader(file, 0, info.Size()), file: file}
	return d, d.check(ctx)
}

func (d *Document) check(ctx context.Context) error {
	sum := sha256.New()
	if _, err := io.Copy(sum, contextReader{ctx, d.SectionReader}); err != nil {
		return err
	}
	if found := hexOf(sum); found != d.SHA256 {
		return &CorruptError{d.SHA256, found}
	}
	_, err := d.Seek(0, io.SeekStart)
	return err
}

var isHash = regexp.MustCompile(`^[0-9a-f]{64}$`)

func hexOf(sum hash.Hash) string { return hex.EncodeToString(sum.Sum(nil)) }

// contextReader ends when its context does.
type contextReader struct {
	ctx context.Context
	r   io.Reader
}

func (r contextReader) Read(p []byte) (int, error) {
	if err := context.Cause(r.ctx); err != nil {
		return 0, err
	}
	return r.r.Read(p)
}
