package main

import (
	"context"
	"encoding/csv"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
)

// The real export, and what it means; the tests that need it are skipped where it isn't there.
const (
	mapping = "../../docs/examples/crm-opportunities.mapping.yaml"
	export  = "../../../shared/data/crm-opportunities"
)

func needsExport(t *testing.T) {
	t.Helper()
	if _, err := os.Stat(export); err != nil {
		t.Skip("the real export is not here")
	}
}

// spreadsheet adds the won amounts up as one would by hand: by manager, over rows that have an account.
func spreadsheet(t *testing.T) map[string]int64 {
	t.Helper()
	managers := map[string]string{}
	for _, row := range readCSV(t, "sales_teams.csv") {
		managers[row["sales_agent"]] = row["manager"]
	}
	won := map[string]int64{}
	for _, row := range readCSV(t, "sales_pipeline.csv") {
		if row["deal_stage"] == "Won" && row["account"] != "" {
			value, err := strconv.ParseInt(row["close_value"], 10, 64)
			require.NoError(t, err)
			won[managers[row["sales_agent"]]] += 100 * value // cents
		}
	}
	return won
}

func readCSV(t *testing.T, name string) (rows []map[string]string) {
	t.Helper()
	file, err := os.Open(filepath.Join(export, name))
	require.NoError(t, err)
	defer func() { _ = file.Close() }()
	lines, err := csv.NewReader(file).ReadAll()
	require.NoError(t, err)
	for _, line := range lines[1:] {
		row := map[string]string{}
		for i, column := range lines[0] {
			row[column] = line[i]
		}
		rows = append(rows, row)
	}
	return rows
}

// groups is an answer on the pipeline.
type groups struct {
	Data []struct {
		Value string `json:"value"`
		Sums  []struct {
			Status string       `json:"status"`
			Deals  int          `json:"deals"`
			Won    domain.Money `json:"won"`
		} `json:"sums"`
	} `json:"data"`
}

// deals is how many deals each group has.
func (g groups) deals() map[string]int {
	counts := map[string]int{}
	for _, group := range g.Data {
		for _, sum := range group.Sums {
			counts[group.Value] += sum.Deals
		}
	}
	return counts
}

// won is what each group's deals brought, in minor units.
func (g groups) won() map[string]int64 {
	won := map[string]int64{}
	for _, group := range g.Data {
		for _, sum := range group.Sums {
			won[group.Value] += sum.Won.Minor()
		}
	}
	return won
}

// names is every partner's name, by id.
func (s served) names(t *testing.T) map[string]string {
	t.Helper()
	var partners struct {
		Data []struct {
			ID        string `json:"id"`
			LegalName string `json:"legal_name"`
		} `json:"data"`
	}
	s.get(t, "/v1/partners", &partners)
	names := map[string]string{}
	for _, p := range partners.Data {
		names[p.ID] = p.LegalName
	}
	return names
}

// settle waits until the scheduler has ended all that was open, which is over, and the read models show it.
func (s served) settle(t *testing.T, open int) {
	t.Helper()
	for s.status(t, "/readyz") != http.StatusOK {
	}
	for expired := -1; expired != open; {
		var now groups
		s.get(t, "/v1/pipeline?group_by=status", &now)
		expired = now.deals()["expired"]
	}
}

func TestARealExportGoesInAndThePipelineComesOut(t *testing.T) {
	needsExport(t)
	if testing.Short() {
		t.Skip("goes through all of it; a part goes through every store in TestEveryStoreTellsTheSame")
	}
	importAndAsk(t)
}

// TestARealExportGoesIntoARealServer does it on the server at ESDB_URL (make test-esdb). It takes minutes.
func TestARealExportGoesIntoARealServer(t *testing.T) {
	needsExport(t)
	if os.Getenv(realServer) == "" {
		t.Skip(realServer + " names no server")
	}
	importAndAsk(t, remoteStore(t)...)
}

func importAndAsk(t *testing.T, store ...string) {
	t.Helper()
	data := newFolder(t)
	args := append([]string{"import", "crm", "--data", data, "--mapping", mapping, export}, store...)
	first := must(t, args...)
	for _, line := range []string{
		"8 800 rows read", "7 212 deals imported", "4 238 won, worth USD 10 005 534.00", "2 473 lost",
		"1 588 quarantined", "1 425 without account", "163 without engage_date",
	} {
		require.Contains(t, first, line)
	}
	require.Contains(t, must(t, args...), "\n0 events appended")

	s := serve(t, data, store...)
	defer s.end()
	s.settle(t, 501)
	var byPartner, asOf groups
	s.get(t, "/v1/pipeline?group_by=partner", &byPartner)
	won := map[string]int64{}
	for id, name := range s.names(t) {
		won[name] = byPartner.won()[id]
	}
	require.Equal(t, spreadsheet(t), won)
	s.get(t, "/v1/pipeline?group_by=status&effective_at=2018-01-01T00:00:00Z", &asOf)
	require.Equal(t, map[string]int{"approved": 262, "expired": 239, "won": 4238, "lost": 2473}, asOf.deals())

	beside := must(t, args...)
	require.Contains(t, beside, "\n0 events appended", "an import beside a running serve runs inside it")
}

// TestKilledImportsEndLikeWholeOnes kills the import at random moments; what was left undone is done by the next.
func TestKilledImportsEndLikeWholeOnes(t *testing.T) {
	needsExport(t)
	if testing.Short() {
		t.Skip("runs the import several times")
	}
	whole, killed := filepath.Join(t.TempDir(), "whole"), filepath.Join(t.TempDir(), "killed")
	must(t, "import", "crm", "--data", whole, "--mapping", mapping, export)
	kills := 0
	for range 6 {
		ctx, cancel := context.WithTimeout(t.Context(), time.Duration(rand.IntN(2500))*time.Millisecond)
		program := exec.CommandContext(ctx, os.Args[0], "import", "crm", "--data", killed, "--mapping", mapping, export)
		program.Env = append(os.Environ(), asProgram+"=1")
		if program.Run() != nil { // CommandContext ends it by SIGKILL
			kills++
		}
		cancel()
	}
	require.NotZero(t, kills)
	summary := must(t, "import", "crm", "--data", killed, "--mapping", mapping, export)
	require.Contains(t, summary, "7 212 deals imported")
	require.Equal(t, facts(t, whole), facts(t, killed))
}

// facts is every stream's events, in the stream's order, without what depends on when and in which order streams were
// written.
func facts(t *testing.T, data string, store ...string) map[string][]string {
	t.Helper()
	streams := map[string][]string{}
	for line := range strings.Lines(must(t, append([]string{"events", "--data", data}, store...)...)) {
		stream, id := field(line, "stream"), field(line, "id")
		streams[stream] = append(streams[stream], field(line, "type")+" "+id)
	}
	return streams
}

func field(line, name string) string {
	_, rest, _ := strings.Cut(line, `"`+name+`":"`)
	value, _, _ := strings.Cut(rest, `"`)
	return value
}
