package export_test

import (
	"iter"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/projections/export"
	"github.com/channelledger/channelledger/projections/journal"
)

// BenchmarkJournal makes files of 20 000 entries, each of four lines, of a thousand partners.
func BenchmarkJournal(b *testing.B) {
	const many = 20_000
	var entries iter.Seq2[journal.Entry, error] = func(yield func(journal.Entry, error) bool) {
		for n := range many {
			e := fxEntry()
			e.Event = domain.DeriveID("event", string(rune(n)))
			e.Lines[3].Account = journal.OfPartner(journal.LiabilityMDFPayable, domain.DeriveID("partner", string(rune(n%1000))))
			if !yield(e, nil) {
				return
			}
		}
	}
	for _, format := range export.Formats() {
		b.Run(string(format), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				file, err := export.Journal(format, about, journal.ByPosted, entries)
				require.NoError(b, err)
				require.EqualValues(b, 4*many, file.Rows)
				require.NoError(b, file.Close())
			}
			b.ReportMetric(float64(4*many*b.N)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}
