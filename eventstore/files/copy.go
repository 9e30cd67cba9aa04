package files

import (
	"context"
	"errors"
	"fmt"
)

// CopyTo stores every document in another place too, each checked on the way, and counts those that weren't there. It may be
// started again. A damaged document ends it.
// Errors: *CorruptError, ctx's, and those of both disks.
func (s *Store) CopyTo(ctx context.Context, target *Store) (copied int, err error) {
	for f, err := range s.All() {
		if err != nil {
			return copied, err
		}
		if info, err := target.fs.Stat(target.place(f.SHA256)); err == nil && info.Size() == f.Size {
			continue
		}
		if err := s.copyOne(ctx, target, f); err != nil {
			return copied, fmt.Errorf("copy document %s: %w", f.SHA256, err)
		}
		copied++
	}
	return copied, nil
}

func (s *Store) copyOne(ctx context.Context, target *Store, f File) (err error) {
	document, err := s.Get(ctx, f.SHA256)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, document.Close()) }()
	_, err = target.Put(ctx, document, f.Size)
	return err
}
