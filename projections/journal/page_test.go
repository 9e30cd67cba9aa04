package journal

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/projections/listing/histories"
)

// page is what people read of the posting table.
const page = "../../docs/explanation/the-books.md"

// TestThePageTellsTheTable: each event with a row in the code has one row on the page, in the same place, which names the
// accounts of each book that the event touches in random histories, and no other of the chart.
func TestThePageTellsTheTable(t *testing.T) {
	t.Parallel()
	told, order := readPage(t)
	require.ElementsMatch(t, Posts(), order)
	f := newFolded()
	for seed := range uint64(40) {
		for _, r := range histories.New(seed).RunBooks(500).RunRebates(100).Events {
			f.post(t, r)
		}
	}
	for _, event := range Posts() {
		for touched := range f.touched[event] {
			if book, account, _ := strings.Cut(touched, " "); slices.Contains(Chart(), account) {
				require.Contains(t, told[event][Book(book)], "`"+account+"`", event)
			}
		}
		for _, book := range Books() {
			for _, account := range Chart() {
				if strings.Contains(told[event][book], "`"+account+"`") {
					require.True(t, f.touched[event][string(book)+" "+account], "%s: no history moved %s", event, account)
				}
			}
		}
	}
}

// readPage is the two cells of each event's row.
func readPage(t *testing.T) (told map[string]map[Book]string, order []string) {
	t.Helper()
	text, err := os.ReadFile(page)
	require.NoError(t, err)
	told = map[string]map[Book]string{}
	for line := range strings.Lines(string(text)) {
		cells := strings.Split(strings.TrimSpace(line), " |")
		if len(cells) < 3 || !strings.HasPrefix(line, "| `") {
			continue
		}
		for _, event := range strings.Split(strings.TrimPrefix(cells[0], "| "), ", ") {
			event = strings.Trim(event, "`")
			order = append(order, event)
			told[event] = map[Book]string{Budgetary: cells[1], Financial: cells[2]}
		}
	}
	return told, order
}
