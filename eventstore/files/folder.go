package files

import (
	"errors"
	"iter"
	"slices"
)

// All yields every stored document in the order of their hashes, for whoever copies or checks them all. It looks at names
// and sizes only: Get checks the bytes. Errors: those of the disk, after which it ends.
func (s *Store) All() iter.Seq2[File, error] {
	return func(yield func(File, error) bool) {
		shards, err := s.list(s.dir)
		if err != nil {
			yield(File{}, err)
			return
		}
		for _, shard := range shards {
			if shard != incoming && !s.allIn(shard, yield) {
				return
			}
		}
	}
}

func (s *Store) allIn(shard string, yield func(File, error) bool) (more bool) {
	names, err := s.list(s.path(shard))
	if err != nil {
		return yield(File{}, err) && false
	}
	for _, name := range names {
		if !isHash.MatchString(name) || name[:2] != shard {
			continue // none of ours
		}
		info, err := s.fs.Stat(s.path(shard, name))
		if err != nil {
			return yield(File{}, err) && false
		}
		if !yield(File{name, info.Size()}, nil) {
			return false
		}
	}
	return true
}

func (s *Store) list(dir string) ([]string, error) {
	names, err := s.fs.List(dir)
	slices.Sort(names)
	return names, err
}

// makeDir makes a folder so that it is still there after a power cut: each parent is synced.
func (s *Store) makeDir(dir string) error {
	if _, err := s.fs.Stat(dir); err == nil {
		return nil
	}
	parent := s.fs.PathDir(dir)
	if parent != dir {
		if err := s.makeDir(parent); err != nil {
			return err
		}
	}
	if err := s.fs.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	return s.syncDir(parent)
}

func (s *Store) syncDir(dir string) error {
	d, err := s.fs.OpenDir(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
