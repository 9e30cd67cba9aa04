package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestTheBooksAreExported beside a running server and without one, and other programs take the demo's books.
func TestTheBooksAreExported(t *testing.T) {
	data, out := filepath.Join(t.TempDir(), "data"), t.TempDir()
	s := serve(t, data, "--demo", "--demo-date", "2026-06-30")
	books := filepath.Join(out, "books.hledger")
	told := must(t, "export", "journal", "--data", data, "-o", books)
	require.Regexp(t, `books.hledger: [1-9][0-9]* rows, as of emb-\S+, SHA-256 [0-9a-f]{64}\n`, told)
	served, err := os.ReadFile(books)
	require.NoError(t, err)
	s.end()

	require.Equal(t, told, must(t, "export", "journal", "--data", data, "-o", books), "the same position, the same bytes")
	alone, err := os.ReadFile(books)
	require.NoError(t, err)
	require.Equal(t, string(served), string(alone))

	require.Contains(t, must(t, "export", "claims", "--data", data), "# what,claims")
	require.Contains(t, must(t, "export", "accruals", "--data", data, "--effective-at", "2026-04-01"), "effective_at=2026-04-01T00%3A00%3A00Z")
	must(t, "export", "journal", "--data", data, "-o", filepath.Join(out, "books.beancount"))
	must(t, "export", "trial-balance", "--data", data, "--parties", "-f", "xlsx", "-o", filepath.Join(out, "trial"))
	left, err := os.ReadDir(out)
	require.NoError(t, err)
	require.Len(t, left, 3, "nothing half-written stays")

	for _, check := range [][]string{
		{"hledger", "check", "--strict", "-f", books}, {"bean-check", "-C", filepath.Join(out, "books.beancount")},
	} {
		t.Run(check[0], func(t *testing.T) {
			if _, err := exec.LookPath(check[0]); err != nil {
				t.Skipf("%s isn't installed: apt-get install hledger beancount", check[0])
			}
			said, err := exec.CommandContext(t.Context(), check[0], check[1:]...).CombinedOutput()
			require.NoError(t, err, "%s", said)
		})
	}
}

func TestAnExportThatCannotBeMadeLeavesTheOldFile(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	serve(t, data).end()
	file := filepath.Join(t.TempDir(), "claims.csv")
	require.NoError(t, os.WriteFile(file, []byte("old"), 0o600))
	for want, args := range map[string]string{
		"hledger is no format of claims": "export claims -f hledger -o " + file,
		"want one of [journal":           "export deals -o " + file,
		"want the account":               "export statement -o " + file,
		"bound them with effective_at":   "export accruals --from 2026-01-01 -o " + file,
		"--from":                         "export journal --from yesterday -o " + file,
		"--known-at":                     "export journal --known-at yesterday -o " + file,
		"--output":                       "export claims -o " + filepath.Join(file, "in-a-file.csv"),
	} {
		_, _, err := call(t, append(strings.Fields(args), "--data", data)...)
		require.ErrorContains(t, err, want)
	}
	old, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, "old", string(old))
}
