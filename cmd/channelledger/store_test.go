package main

import (
	"encoding/csv"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/eventstore/files"
)

// part is every n-th row of the real export.
func part(t *testing.T, n int) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"accounts.csv", "products.csv", "sales_teams.csv", "sales_pipeline.csv"} {
		text, err := os.ReadFile(filepath.Join(export, name))
		require.NoError(t, err)
		if name == "sales_pipeline.csv" {
			text = everyNth(t, string(text), n)
		}
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), text, 0o600))
	}
	return dir
}

func everyNth(t *testing.T, text string, n int) []byte {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	require.NoError(t, err)
	var out strings.Builder
	w := csv.NewWriter(&out)
	for i, row := range rows {
		if i == 0 || i%n == 0 {
			require.NoError(t, w.Write(row))
		}
	}
	w.Flush()
	return []byte(out.String())
}

// told is what a ledger tells of the part that was imported into it.
type told struct {
	Summary string
	Facts   map[string][]string
	Status  map[string]int
	Won     map[string]int64
	Then    map[string]int
}

// TestEveryStoreTellsTheSame imports, serves, asks and rebuilds on each store: all but times and positions is equal.
func TestEveryStoreTellsTheSame(t *testing.T) {
	needsExport(t)
	source := part(t, 20)
	embedded := tellAll(t, source)
	require.NotEmpty(t, embedded.Facts)
	require.NotEmpty(t, embedded.Won)
	require.Equal(t, embedded, tellAll(t, source, remoteStore(t)...))
}

func tellAll(t *testing.T, source string, store ...string) (all told) {
	t.Helper()
	data := newFolder(t)
	in := func(words ...string) []string { return append(append(words, "--data", data), store...) }
	all.Summary = must(t, in("import", "crm", "--mapping", mapping, source)...)
	open, err := strconv.Atoi(regexp.MustCompile(`(\d+) open`).FindStringSubmatch(all.Summary)[1])
	require.NoError(t, err)
	require.Contains(t, must(t, in("import", "crm", "--mapping", mapping, source)...), "\n0 events appended")

	s := serve(t, data, store...)
	s.settle(t, open)
	var status, partners, then groups
	s.get(t, "/v1/pipeline?group_by=status", &status)
	s.get(t, "/v1/pipeline?group_by=partner", &partners)
	s.get(t, "/v1/pipeline?group_by=status&effective_at=2017-08-01T00:00:00Z", &then)
	all.Status, all.Won, all.Then = status.deals(), partners.won(), then.deals()
	s.end()

	live := checksums(t, data, store)
	must(t, in("rebuild")...)
	require.Equal(t, live, checksums(t, data, store), "rebuilt equals live")
	all.Facts = facts(t, data, store...)
	return all
}

// TestALedgerIsCopiedThereAndBack: equal hashes, equal read models, equal answers for one known_at.
func TestALedgerIsCopiedThereAndBack(t *testing.T) {
	here, there, back := newFolder(t), newFolder(t), newFolder(t)
	store := remoteStore(t)
	serve(t, here, "--demo", "--demo-date", "2026-06-30").end()
	hash := storeFile(t, here, "a contract")
	out := must(t, "copy", "--from", here, "--to", store[1], "--to-data", there)
	in := must(t, "copy", "--from", store[1], "--from-data", there, "--to", back)
	require.Regexp(t, `^(\d+) events copied by this run; equal on both sides: \d+ events`, out)
	require.Equal(t, proof(t, out), proof(t, in))
	require.Contains(t, out, "keys of persons written to "+filepath.Join(there, keyringFile))
	require.Contains(t, out, "next: channelledger serve --data "+there+" --store "+store[1])

	for _, dir := range []string{here, there, back} {
		require.FileExists(t, filepath.Join(dir, fileFolder, hash[:2], hash))
	}

	sums := checksums(t, here, nil)
	require.Equal(t, sums, checksums(t, there, store))
	require.Equal(t, sums, checksums(t, back, nil))
	require.Equal(t, plain(t, here), plain(t, there, store...), "events print the same, persons in them, and when they were recorded")
	require.Equal(t, plain(t, here), plain(t, back))

	again := must(t, "copy", "--from", here, "--to", store[1], "--to-data", there)
	require.Contains(t, again, "0 events copied by this run")
	require.Equal(t, proof(t, out), proof(t, again))

	lines := strings.Split(must(t, "events", "--data", here), "\n")
	known := field(lines[len(lines)*3/4], "recorded_at")
	require.NotEmpty(t, known)
	answer := func(data string, store ...string) groups {
		s := serve(t, data, store...)
		defer s.end()
		for s.status(t, "/readyz") != http.StatusOK {
		}
		var then groups
		s.get(t, "/v1/pipeline?group_by=status&known_at="+url.QueryEscape(known), &then)
		return then
	}
	first := answer(here)
	require.NotEmpty(t, first.Data)
	require.Equal(t, first, answer(there, store...))
	require.Equal(t, first, answer(back))
}

// storeFile keeps a document in a data folder that nobody has open.
func storeFile(t *testing.T, data, content string) (sha256 string) {
	t.Helper()
	documents, err := files.Open(filepath.Join(data, fileFolder))
	require.NoError(t, err)
	f, err := documents.Put(t.Context(), strings.NewReader(content), 1<<20)
	require.NoError(t, err)
	return f.SHA256
}

// proof is what both sides of a copy have in common.
func proof(t *testing.T, summary string) string {
	t.Helper()
	found := regexp.MustCompile(`\d+ events in \d+ streams, SHA-256 [0-9a-f]{64}`).FindString(summary)
	require.NotEmpty(t, found, summary)
	return found
}

// plain is every event as it is printed, without its place in the one log or the other.
func plain(t *testing.T, data string, store ...string) string {
	t.Helper()
	text := must(t, append([]string{"events", "--data", data}, store...)...)
	return regexp.MustCompile(`"position":"[^"]*"`).ReplaceAllString(text, "")
}

func TestWhatCannotBeCopiedIsRefused(t *testing.T) {
	here, other := newFolder(t), newFolder(t)
	serve(t, here, "--demo", "--demo-date", "2026-06-30").end()
	s := serve(t, other, "--demo", "--demo-date", "2026-06-29")
	for says, args := range map[string][]string{
		"nobody serves it":           {"--from", here, "--to", other},
		"both ledgers would have":    {"--from", here, "--to", "esdb://127.0.0.1:1?tls=false", "--to-data", here},
		"belong to an event log":     {"--from", here, "--to", newFolder(t), "--store-user", "x"},
		"there is no ledger in":      {"--from", newFolder(t), "--to", newFolder(t)},
		"names a data folder alread": {"--from", here, "--from-data", other, "--to", newFolder(t)},
	} {
		_, _, err := call(t, append([]string{"copy"}, args...)...)
		require.ErrorContains(t, err, says)
	}
	s.end()
	_, _, err := call(t, "copy", "--from", here, "--to", other)
	require.ErrorContains(t, err, "the target holds other events")

	broken := newFolder(t)
	require.NoError(t, os.CopyFS(broken, os.DirFS(here)))
	require.NoError(t, os.Remove(filepath.Join(broken, keyringFile)))
	_, _, err = call(t, "copy", "--from", broken, "--to", newFolder(t))
	require.ErrorContains(t, err, "keyring")
}
