package metrics_test

import (
	"testing"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/account"
	"github.com/channelledger/channelledger/projections/metrics"
)

func TestSourcedPipeline(t *testing.T) {
	demandEqual(t, "sourced_pipeline@1", func(p plain) []metrics.Value {
		return amounts("", func(note func(m domain.Money, in, out, apart bool)) {
			for _, d := range p.all().mine() {
				if d.Status != account.StatusApproved {
					continue
				}
				for _, part := range p.kept(d, expected(d)) {
					note(part.Amount, d.Source == account.SourcePartner, true, false)
				}
			}
		})
	})
}

func expected(d *account.Deal) (sum domain.Money) {
	for _, l := range d.Lines {
		sum = domain.Must(sum.Add(l.Amount.Latest()))
	}
	return sum
}
