package listing

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/channelledger/channelledger/domain"
)

func TestWhere(t *testing.T) {
	t.Parallel()
	var w Where
	require.Empty(t, w.String())
	In[string](&w, "status", nil)
	w.Is("partner", [16]byte{})
	w.Within("closed_at", Period{})
	w.Contains("name", "  ")
	w.Either()
	w.Either(Where{}, w)
	Holds(&w, "product", "products", nil)
	require.Empty(t, w.String(), "what isn't asked for is no condition")
	require.NoError(t, w.Err())

	In(&w, "status", []string{"won", "lost"})
	Holds(&w, "product", "products", []string{"a", "b"})
	w.Within("closed_at", Period{Until: time.UnixMicro(5)})
	require.Equal(t, " WHERE (status IN (?, ?)) AND ((instr(products, ?) > 0) OR (instr(products, ?) > 0))"+
		" AND (closed_at < ? AND closed_at > ?)", w.String())
	require.Equal(t, []any{"won", "lost", "\x1fa\x1f", "\x1fb\x1f", int64(5), Moment(time.Time{})}, w.Args())
}

func TestTheFirstErrorStays(t *testing.T) {
	t.Parallel()
	var w, inner Where
	Holds(&inner, "product", "products", make([]string, MaxValues+1))
	w.Either(inner)
	w.Refuse(errors.New("later"))
	require.Equal(t, "product", domain.AsRejection(w.Err()).Field)
}

func TestSeveral(t *testing.T) {
	t.Parallel()
	require.Empty(t, Several(nil))
	require.Equal(t, "\x1fa\x1fb\x1f", Several([]string{"a", "b"}))
}

func TestTheZeroTimeComesFirst(t *testing.T) {
	t.Parallel()
	require.Less(t, Moment(time.Time{}), Moment(time.Date(1, time.January, 2, 0, 0, 0, 0, time.UTC)))
}

func TestCursorsComeBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		list, key := rapid.String().Draw(t, "list"), rapid.StringN(1, 40, -1).Draw(t, "key")
		value := rapid.OneOf(rapid.Int64().AsAny(), rapid.String().AsAny()).Draw(t, "value")
		c, err := newCursor(list, key, value)
		require.NoError(t, err)
		back, err := readCursor(c.String(), list)
		require.NoError(t, err)
		require.Equal(t, value, back.value())
		require.Equal(t, key, back.Key)
		_, err = readCursor(c.String(), list+"x")
		require.Equal(t, "cursor", domain.AsRejection(err).Field)
	})
	_, err := newCursor("list", "key", 1.5)
	require.ErrorContains(t, err, "float64")
}

func FuzzCursor(f *testing.F) {
	f.Add("")
	f.Add("eyJsIjoiIiwiayI6IngifQ")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := readCursor(text, "list")
		if err != nil {
			require.Equal(t, "cursor", domain.AsRejection(err).Field)
			return
		}
		require.NotEmpty(t, c.Key)
	})
}
