package intake

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
)

func TestLayouts(t *testing.T) {
	for _, c := range []struct{ layout, text, want string }{
		{"M/D/YYYY", "10/20/2016", "2016-10-20"},
		{"M/D/YYYY", "1/2/2016", "2016-01-02"},
		{"M/D/YYYY", "01/02/2016", "2016-01-02"},
		{"MM/DD/YYYY", "01/02/2016", "2016-01-02"},
		{"DD.MM.YYYY", "20.10.2016", "2016-10-20"},
		{"YYYY-MM-DD", "2016-10-20", "2016-10-20"},
		{"D MMM YYYY", "2 Jan 2016", "2016-01-02"},
		{"MMM D, YYYY", "Feb 29, 2016", "2016-02-29"},
		{"YYYYMMDD", "20161020", "2016-10-20"},
	} {
		var l Layout
		require.NoError(t, l.UnmarshalText([]byte(c.layout)))
		got, err := ParseDay(c.text, []Layout{l})
		require.NoError(t, err, c.layout)
		require.Equal(t, c.want, got.String())
		require.Equal(t, c.layout, l.String())
		for _, wrong := range []string{"", "x", "0/0/0", "2/30/2016", "2015-02-29", c.text + "x"} {
			_, err := ParseDay(wrong, []Layout{l})
			require.ErrorContains(t, err, "is no day written as "+c.layout)
		}
	}
	for _, wrong := range []string{"", "M/D", "M/D/YY", "M/M/D/YYYY", "2006-01-02", "YYYY-MM-DDThh:mm", "M\\D\\YYYY"} {
		require.ErrorContains(t, new(Layout).UnmarshalText([]byte(wrong)), "want year, month and day once each")
	}
}

func TestTheFirstLayoutThatFits(t *testing.T) {
	layouts := make([]Layout, 2)
	require.NoError(t, layouts[0].UnmarshalText([]byte("D/M/YYYY")))
	require.NoError(t, layouts[1].UnmarshalText([]byte("M/D/YYYY")))
	got, err := ParseDay("2/3/2016", layouts)
	require.NoError(t, err)
	require.Equal(t, "2016-03-02", got.String())
	got, err = ParseDay("2/13/2016", layouts)
	require.NoError(t, err)
	require.Equal(t, "2016-02-13", got.String())
}

func TestNearest(t *testing.T) {
	known := newNames([]string{"GTX Pro", "GTX Basic", "MG Special", "ab", "aa"})
	for name, want := range map[string]string{
		"GTXPro": "GTX Pro", "gtx basik": "GTX Basic", " MG SPECIAL ": "MG Special", "ac": "aa", "": "aa",
		strings.Repeat("x", 1<<20): "GTX Basic",
	} {
		require.Equal(t, want, known.nearest(name))
		require.Equal(t, want, known.nearest(name), "from memory")
	}
	require.Empty(t, newNames(nil).nearest("x"))
}

func TestReadFiles(t *testing.T) {
	m := example(t)
	dir, apart := t.TempDir(), t.TempDir()
	write := func(dir, name string) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, []byte(name), 0o600))
		return path
	}
	write(dir, "accounts.csv")
	write(dir, "products.csv")
	_, err := ReadFiles(m, dir)
	require.ErrorContains(t, err, "sales_pipeline.csv is not in "+dir)
	deals := write(dir, "sales_pipeline.csv")
	_, err = ReadFiles(m, dir)
	require.ErrorContains(t, err, "sales_teams.csv is in "+dir+" 0 times: want it once")
	teams := write(apart, "sales_teams.csv")

	got, err := ReadFiles(m, dir, teams)
	require.NoError(t, err)
	require.Equal(t, []File{{"sales_pipeline.csv", []byte("sales_pipeline.csv")}}, got.Deals)
	require.ElementsMatch(t, []string{"accounts.csv", "products.csv", "sales_teams.csv"}, sortedKeys(got.Others))

	// Files by another name, given by themselves, hold deals.
	first, second := write(apart, "rejects.csv"), write(apart, "more.csv")
	got, err = ReadFiles(m, first, dir, teams, second)
	require.NoError(t, err)
	require.Equal(t, []string{"rejects.csv", "more.csv"}, []string{got.Deals[0].Name, got.Deals[1].Name})
	require.Len(t, got.Deals, 2)

	_, err = ReadFiles(m, deals, dir, apart, teams)
	require.ErrorContains(t, err, "sales_teams.csv is in")
	require.ErrorContains(t, err, "2 times")
	_, err = ReadFiles(m, filepath.Join(dir, "none"))
	require.ErrorIs(t, err, os.ErrNotExist)
	_, err = ReadFiles(m, dir, teams, os.DevNull)
	require.ErrorContains(t, err, "is no file")
}

func TestSchedule(t *testing.T) {
	var mu sync.Mutex
	var done []int
	queues := func(fail int) []queue {
		all := make([]queue, 10)
		for place := range 200 {
			n := place % 7 % 10
			all[n] = append(all[n], task{place, func(context.Context) error {
				mu.Lock()
				defer mu.Unlock()
				if place == fail {
					return errors.New("failed")
				}
				done = append(done, place)
				return nil
			}})
		}
		return all
	}
	for _, workers := range []int{1, 4, 50} {
		done = nil
		calls := 0
		require.NoError(t, (&schedule{done: func() { calls++ }}).run(t.Context(), workers, queues(-1)))
		require.Len(t, done, 200)
		require.Equal(t, 200, calls)
		if workers == 1 {
			require.IsIncreasing(t, done)
		}
		for n := range 7 {
			require.IsIncreasing(t, slices.DeleteFunc(slices.Clone(done), func(place int) bool { return place%7 != n }))
		}
		require.ErrorContains(t, (&schedule{}).run(t.Context(), workers, queues(100)), "failed")
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	why := errors.New("stop")
	done = nil
	require.ErrorIs(t, (&schedule{done: func() { cancel(why) }}).run(ctx, 1, queues(-1)), why)
	require.Len(t, done, 1)
	require.NoError(t, (&schedule{}).run(ctx, 4, nil), "nothing was left to do")
}

// Whatever a file holds, each row is read or set aside, and the rejects file gives back what was set aside.
func FuzzRows(f *testing.F) {
	for _, r := range []string{
		"A,Ann,GTXPro,Acme,Won,2/1/2017,3/1/2017,90", "B,Sam,GTX Basic,Bolt,Lost,1/5/2017,1/20/2017,", `C,"An""n",x`, "\"", ",,,,,,,",
		"D,Ann,GTX Pro,\"Ac\nme\",Engaging,2/1/2017,,1", "E,Ann,GTX Pro,Acme,Won,2/1/2017,3/1/2017,-1e9", "\xff,Ann,\x00",
	} {
		f.Add(r)
	}
	m := example(f)
	f.Fuzz(func(t *testing.T, text string) {
		e, err := readExport(&m, small(text))
		require.NoError(t, err)
		today := domain.DateOf(now, time.UTC)
		var rejects []*Reject
		for n, record := range e.deals[0].rows {
			r := e.read(e.deals[0], record, n, today)
			if r.rejected != nil {
				require.NotEmpty(t, r.rejected.Reason)
				require.NotEmpty(t, r.rejected.Detail)
				rejects = append(rejects, r.rejected)
				continue
			}
			require.NotEmpty(t, r.id)
			require.NotZero(t, r.identity)
			require.False(t, r.registeredOn.IsZero())
		}
		var b strings.Builder
		require.NoError(t, writeRejects(&b, ',', e.deals, rejects))
		again, err := readTable(File{Name: "rejects.csv", Data: []byte(b.String())}, ',')
		require.NoError(t, err)
		require.Len(t, again.rows, len(rejects))
	})
}
