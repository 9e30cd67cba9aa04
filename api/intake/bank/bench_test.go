package bank

import (
	"encoding/csv"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// benchLines is the size of a benchmark's file: BenchmarkCamt053 says in lines/s what a file of any size takes.
const benchLines = 100_000

func BenchmarkCamt053(b *testing.B) {
	text := message(benchLines, "")
	measure(b, len(text), func() int { return countLines(b, Camt053(Limits{}), text) })
}

// BenchmarkRawTokens is what the XML decoder takes by itself to find the tokens of the same file, without looking at any.
func BenchmarkRawTokens(b *testing.B) {
	text := message(benchLines, "")
	measure(b, len(text), func() int {
		d, entries := xml.NewDecoder(strings.NewReader(text)), 0
		for {
			t, err := d.RawToken()
			if errors.Is(err, io.EOF) {
				return entries
			}
			require.NoError(b, err)
			if e, is := t.(xml.EndElement); is && e.Name.Local == "Ntry" {
				entries++
			}
		}
	})
}

func BenchmarkCSV(b *testing.B) {
	read := rowsReader(b, benchMapping, Given{Number: "1"})
	text := benchRows()
	measure(b, len(text), func() int { return countLines(b, read, text) })
}

// BenchmarkRawRows is what encoding/csv takes by itself for the rows of the same file.
func BenchmarkRawRows(b *testing.B) {
	text := benchRows()
	measure(b, len(text), func() int {
		r, n := csv.NewReader(strings.NewReader(text)), -3 // opening, header and closing
		r.ReuseRecord, r.FieldsPerRecord = true, -1
		for {
			_, err := r.Read()
			if errors.Is(err, io.EOF) {
				return n
			}
			require.NoError(b, err)
			n++
		}
	})
}

const benchMapping = `account: DE89370400440532013000
currency: EUR
dates: [YYYY-MM-DD]
columns: {booked_on: day, amount: amount, reference: ref, end_to_end_id: e2e, counterparty: name, counterparty_account: iban}
text: [text]
labels: {opening: opening, closing: closing}
`

func benchRows() string {
	var b strings.Builder
	b.WriteString("opening,1000000.00\nday,amount,ref,e2e,name,iban,text\n")
	for i := range benchLines {
		fmt.Fprintf(&b, "2026-10-07,-1.00,REF-%d,%032x,Partner %d,DE02120300000000202051,MDF claim %d\n", i, i, i, i)
	}
	fmt.Fprintf(&b, "closing,%d.00\n", 1_000_000-benchLines)
	return b.String()
}

func countLines(b *testing.B, read Reader, text string) (lines int) {
	b.Helper()
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	for item, err := range read(b.Context(), strings.NewReader(text)) {
		require.NoError(b, err)
		if _, is := item.(Line); !is {
			continue
		}
		if lines++; lines == benchLines { // all that the reader holds of the file is still there
			b.StopTimer()
			runtime.GC()
			runtime.ReadMemStats(&after)
			b.ReportMetric(float64(int64(after.HeapAlloc)-int64(before.HeapAlloc))/benchLines, "heldB/line")
			b.StartTimer()
		}
	}
	return lines
}

func measure(b *testing.B, size int, read func() int) {
	b.Helper()
	b.ReportAllocs()
	b.SetBytes(int64(size))
	for b.Loop() {
		require.Equal(b, benchLines, read())
	}
	b.ReportMetric(float64(benchLines)*float64(b.N)/b.Elapsed().Seconds(), "lines/s")
}
