package domaintest

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
)

// UpdateVariable is the environment variable that lets Fixtures write missing files: UPDATE_FIXTURES=1 go test ./domain/...
const UpdateVariable = "UPDATE_FIXTURES"

var (
	errTrailing = errors.New("there is more behind the value")
	typeName    = regexp.MustCompile(`^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*\.v[1-9][0-9]*$`)
)

// FixtureOption makes an exception from what Fixtures demands.
type FixtureOption func(*fixtures)

// MayBeZero lets fields of one event type stay at their zero value in its fixture, for a reason that the caller knows; a
// path is the JSON names from the top, as in lines.product.
func MayBeZero(eventType string, paths ...string) FixtureOption {
	return func(f *fixtures) { f.mayBeZero[eventType] = append(f.mayBeZero[eventType], paths...) }
}

// Fixtures holds recorded events to frozen examples, one file dir/<type>.json for each of the types, old versions included:
//
//   - it decodes, without unknown fields, and sets every field (in a list: some element does);
//   - a current version encodes to the same bytes again; an old one is read as a current event;
//   - a file of a type that is no more is refused: what was written once must stay readable.
//
// An optional field that came later is shown by a further example, dir/<type>+<field>.json, whose sample has that name: the
// first one stays as it was frozen, and the fields that neither sets are the ones that are missing.
//
// With UPDATE_FIXTURES=1 a missing file is written from the sample of its type, and then checked like the others. A file
// that exists is never written: its bytes stand for those in somebody's ledger.
func Fixtures(t TB, dir string, types []domain.Type, samples map[string]any, options ...FixtureOption) {
	t.Helper()
	f := &fixtures{t: t, dir: dir, types: types, samples: samples, mayBeZero: map[string][]string{}}
	for _, set := range options {
		set(f)
	}
	seen := map[string]bool{}
	for _, ty := range types {
		assert.False(t, seen[ty.Name], "%s is listed twice", ty.Name)
		assert.Regexp(t, typeName, ty.Name, "want <noun>.<past_tense>.v<N>")
		seen[ty.Name] = true
		f.check(ty)
	}
	f.checkNoOthers(seen)
}

type fixtures struct {
	t         TB
	dir       string
	types     []domain.Type
	samples   map[string]any
	mayBeZero map[string][]string // by event type
}

func (f *fixtures) check(ty domain.Type) {
	f.t.Helper()
	missing := f.checkOne(ty, ty.Name)
	for _, name := range f.additions(ty.Name) {
		still := f.checkOne(ty, name)
		missing = slices.DeleteFunc(missing, func(path string) bool { return !slices.Contains(still, path) })
	}
	for _, path := range missing {
		assert.Contains(f.t, f.mayBeZero[ty.Name], path, "%s: the fixture leaves %s at its zero value", ty.Name, path)
	}
}

// additions are the names of the examples that show fields which came later, in order.
func (f *fixtures) additions(eventType string) (names []string) {
	for name := range f.samples {
		if strings.HasPrefix(name, eventType+"+") {
			names = append(names, name)
		}
	}
	files, err := filepath.Glob(filepath.Join(f.dir, eventType+"+*.json"))
	require.NoError(f.t, err)
	for _, file := range files {
		names = append(names, strings.TrimSuffix(filepath.Base(file), ".json"))
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// checkOne checks one example, and says which fields it leaves at their zero value.
func (f *fixtures) checkOne(ty domain.Type, name string) (missing []string) {
	f.t.Helper()
	frozen, ok := f.read(name)
	if !ok {
		return nil
	}
	pointer := ty.New()
	require.NoError(f.t, decodeStrictly(frozen, pointer), "%s: decode the fixture", name)
	f.checkReadsAsCurrent(ty, pointer, frozen)
	return unset(pointer)
}

func (f *fixtures) checkReadsAsCurrent(ty domain.Type, pointer any, frozen []byte) {
	f.t.Helper()
	event := ty.Value(pointer)
	if event.EventType() == ty.Name {
		assert.Equal(f.t, string(frozen), string(encode(f.t, event)), "%s: encoding again changed the bytes", ty.Name)
		return
	}
	listed := slices.ContainsFunc(f.types, func(other domain.Type) bool { return other.Name == event.EventType() })
	assert.True(f.t, listed, "%s is upcast to %s, which is no listed type", ty.Name, event.EventType())
}

// read is the fixture of a type, written first where it is missing and may be.
func (f *fixtures) read(name string) ([]byte, bool) {
	f.t.Helper()
	path := filepath.Join(f.dir, name+".json")
	frozen, err := os.ReadFile(path)
	if err == nil {
		return frozen, true
	}
	require.ErrorIs(f.t, err, os.ErrNotExist)
	sample, ok := f.samples[name]
	if !assert.True(f.t, ok, "%s has neither a fixture nor a sample: add a sample", name) {
		return nil, false
	}
	if !assert.Equal(f.t, "1", os.Getenv(UpdateVariable), "%s is missing: set %s=1 to write it", path, UpdateVariable) {
		return nil, false
	}
	return f.write(path, encode(f.t, sample)), true
}

func (f *fixtures) write(path string, data []byte) []byte {
	f.t.Helper()
	require.NoError(f.t, os.MkdirAll(f.dir, 0o755))
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644) // O_EXCL: never over another
	require.NoError(f.t, err)
	_, err = file.Write(data)
	require.NoError(f.t, errors.Join(err, file.Close()))
	return data
}

func (f *fixtures) checkNoOthers(known map[string]bool) {
	f.t.Helper()
	files, err := os.ReadDir(f.dir)
	if errors.Is(err, os.ErrNotExist) {
		return
	}
	require.NoError(f.t, err)
	for _, file := range files {
		name, isJSON := strings.CutSuffix(file.Name(), ".json")
		eventType, _, _ := strings.Cut(name, "+")
		assert.True(f.t, isJSON && known[eventType],
			"%s belongs to no listed event type: events once written stay readable", filepath.Join(f.dir, file.Name()))
	}
}

// encode is the JSON of a fixture: indented for people, as the codec writes it otherwise.
func encode(t TB, value any) []byte {
	t.Helper()
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	require.NoError(t, e.Encode(value))
	return b.Bytes()
}
