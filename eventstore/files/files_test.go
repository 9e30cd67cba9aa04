package files_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"
	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/eventstore/files"
)

const limit = 1 << 20

var errDisk = errors.New("the disk says no")

func hashOf(content string) string {
	sum := sha256.Sum256([]byte(content))
	return hex.EncodeToString(sum[:])
}

func put(t *testing.T, s *files.Store, content string) files.File {
	t.Helper()
	f, err := s.Put(t.Context(), strings.NewReader(content), limit)
	require.NoError(t, err)
	require.Equal(t, files.File{SHA256: hashOf(content), Size: int64(len(content))}, f)
	return f
}

// read is a document's bytes, checked.
func read(ctx context.Context, s *files.Store, hash string) (string, error) {
	d, err := s.Get(ctx, hash)
	if err != nil {
		return "", err
	}
	content, err := io.ReadAll(d)
	return string(content), errors.Join(err, d.Close())
}

func all(t *testing.T, s *files.Store) (found []files.File) {
	t.Helper()
	for f, err := range s.All() {
		require.NoError(t, err)
		found = append(found, f)
	}
	return found
}

// on runs a test on the disk and in memory.
func on(t *testing.T, test func(t *testing.T, open func() *files.Store)) {
	t.Helper()
	memory := vfs.NewMem()
	for name, open := range map[string]func(dir string) (*files.Store, error){
		"disk":   files.Open,
		"memory": func(dir string) (*files.Store, error) { return files.OpenOn(memory, dir) },
	} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "data", "files")
			test(t, func() *files.Store {
				s, err := open(dir)
				require.NoError(t, err)
				return s
			})
		})
	}
}

func TestADocumentIsFoundByItsHash(t *testing.T) {
	on(t, func(t *testing.T, open func() *files.Store) {
		t.Helper()
		s := open()
		large := strings.Repeat("0123456789", limit/10)
		for _, content := range []string{"x", "a contract", "\x00\xff", large} {
			f := put(t, s, content)
			require.Equal(t, f, put(t, s, content), "again is the same")
			got, err := read(t.Context(), open(), f.SHA256) // also by the next owner
			require.NoError(t, err)
			require.Equal(t, hashOf(content), hashOf(got), "%d bytes", len(content))
		}
		found := all(t, s)
		require.Len(t, found, 4)
		require.IsIncreasing(t, []string{found[0].SHA256, found[1].SHA256, found[2].SHA256, found[3].SHA256})
	})
}

func TestWhatIsNotThere(t *testing.T) {
	on(t, func(t *testing.T, open func() *files.Store) {
		t.Helper()
		s := open()
		put(t, s, "a contract")
		for _, hash := range []string{
			hashOf("another"), "", "incoming", "../../etc/passwd", strings.ToUpper(hashOf("a contract")), hashOf("a contract") + "\n",
		} {
			_, err := s.Get(t.Context(), hash)
			require.ErrorIs(t, err, files.ErrNotFound, hash)
		}
	})
}

func TestWhatIsNotTakenLeavesNothing(t *testing.T) {
	on(t, func(t *testing.T, open func() *files.Store) {
		t.Helper()
		s := open()
		_, err := s.Put(t.Context(), strings.NewReader("12345678"), 7)
		var tooLarge *files.TooLargeError
		require.ErrorAs(t, err, &tooLarge)
		require.Equal(t, int64(7), tooLarge.Limit)
		_, err = s.Put(t.Context(), strings.NewReader("1234567"), 7)
		require.NoError(t, err)
		_, err = s.Put(t.Context(), strings.NewReader(""), limit)
		require.ErrorIs(t, err, files.ErrEmpty)
		broken := errors.New("the line broke")
		_, err = s.Put(t.Context(), io.MultiReader(strings.NewReader("half"), iotest.ErrReader(broken)), limit)
		require.ErrorIs(t, err, broken)
		gone, leave := context.WithCancel(t.Context())
		leave()
		_, err = s.Put(gone, strings.NewReader("a contract"), limit)
		require.ErrorIs(t, err, context.Canceled)
		require.Len(t, all(t, s), 1)
	})
}

func TestADamagedDocumentIsNotServedAndCanBeHealed(t *testing.T) {
	dir := t.TempDir()
	s, err := files.Open(dir)
	require.NoError(t, err)
	f := put(t, s, "a contract")
	path := filepath.Join(dir, f.SHA256[:2], f.SHA256)
	require.NoError(t, os.WriteFile(path, []byte("a contracT"), 0o600))
	_, err = s.Get(t.Context(), f.SHA256)
	var corrupt *files.CorruptError
	require.ErrorAs(t, err, &corrupt)
	require.Equal(t, files.CorruptError{SHA256: f.SHA256, Found: hashOf("a contracT")}, *corrupt)

	put(t, s, "a contract")
	got, err := read(t.Context(), s, f.SHA256)
	require.NoError(t, err)
	require.Equal(t, "a contract", got)
}

func TestOpenRemovesWhatWasOnItsWay(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "incoming"), 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "incoming", "7.part"), []byte("half a con"), 0o600))
	_, err := files.Open(dir)
	require.NoError(t, err)
	left, err := os.ReadDir(filepath.Join(dir, "incoming"))
	require.NoError(t, err)
	require.Empty(t, left)
}

// Whatever operation of the disk fails, the document is refused, nothing half is left, and the next try succeeds.
func TestEveryFailureOfTheDisk(t *testing.T) {
	for n := 0; ; n++ {
		inner, operations := vfs.NewMem(), 0
		fsys := errorfs.Wrap(inner, errorfs.InjectorFunc(func(errorfs.Op) error {
			if operations++; operations == n+1 {
				return errDisk
			}
			return nil
		}))
		s, err := files.OpenOn(fsys, "files")
		if err == nil {
			_, err = s.Put(t.Context(), strings.NewReader("a contract"), limit)
		}
		if operations <= n {
			require.NoError(t, err)
			require.Greater(t, n, 8, "so many operations there are at least")
			return
		}
		if err != nil { // a failure that a later try makes good is none
			require.ErrorIs(t, err, errDisk)
		}
		s, err = files.OpenOn(inner, "files")
		require.NoError(t, err)
		put(t, s, "a contract")
		left, err := inner.List("files/incoming")
		require.NoError(t, err)
		require.Empty(t, left)
		require.Len(t, all(t, s), 1)
	}
}

// The power goes in the middle of many uploads: whatever was acknowledged is there, whole; nothing that is there is damaged.
func TestPowerCutTakesNothingThatWasAcknowledged(t *testing.T) {
	for round := range 20 {
		t.Run(fmt.Sprint(round), func(t *testing.T) { cutPower(t, rand.New(rand.NewPCG(uint64(round), 7))) })
	}
}

func cutPower(t *testing.T, rng *rand.Rand) {
	t.Helper()
	disk := vfs.NewCrashableMem()
	s, err := files.OpenOn(disk, "data/files")
	require.NoError(t, err)
	var mu sync.Mutex
	var promised []string
	cutAt, cut := 1+rng.IntN(60), make(chan struct{})
	acknowledged := func(hash string) {
		mu.Lock()
		defer mu.Unlock()
		if promised = append(promised, hash); len(promised) == cutAt {
			close(cut)
		}
	}
	var writers sync.WaitGroup
	for w := range 4 {
		writers.Go(func() {
			for n := range 40 {
				content := strings.Repeat(fmt.Sprintf("%d/%d ", w/2, n), 1+n*20) // two writers store the same
				f, err := s.Put(context.Background(), strings.NewReader(content), limit)
				if err == nil {
					acknowledged(f.SHA256)
				}
			}
		})
	}
	<-cut
	mu.Lock()
	kept := slices.Clone(promised)
	mu.Unlock()
	crashed := disk.CrashClone(vfs.CrashCloneCfg{UnsyncedDataPercent: rng.IntN(3) * 50, RNG: rng})
	writers.Wait()

	after, err := files.OpenOn(crashed, "data/files")
	require.NoError(t, err)
	for _, hash := range kept {
		_, err := read(t.Context(), after, hash)
		require.NoError(t, err, "acknowledged, and gone")
	}
	for _, f := range all(t, after) {
		_, err := read(t.Context(), after, f.SHA256)
		require.NoError(t, err)
	}
	left, err := crashed.List("data/files/incoming")
	require.NoError(t, err)
	require.Empty(t, left)
}

func TestCopyTo(t *testing.T) {
	on(t, func(t *testing.T, open func() *files.Store) {
		t.Helper()
		s := open()
		target, err := files.OpenMemory()
		require.NoError(t, err)
		put(t, target, "there already")
		for _, content := range []string{"there already", "a contract", "a proof"} {
			put(t, s, content)
		}
		for _, want := range []int{2, 0} {
			copied, err := s.CopyTo(t.Context(), target)
			require.NoError(t, err)
			require.Equal(t, want, copied)
		}
		require.Equal(t, all(t, s), all(t, target))
	})
}

func TestADamagedDocumentIsNotCopied(t *testing.T) {
	dir := t.TempDir()
	s, err := files.Open(dir)
	require.NoError(t, err)
	f := put(t, s, "a contract")
	require.NoError(t, os.WriteFile(filepath.Join(dir, f.SHA256[:2], f.SHA256), []byte("a contracT"), 0o600))
	target, err := files.OpenMemory()
	require.NoError(t, err)
	_, err = s.CopyTo(t.Context(), target)
	var corrupt *files.CorruptError
	require.ErrorAs(t, err, &corrupt)
	require.Empty(t, all(t, target))
}
