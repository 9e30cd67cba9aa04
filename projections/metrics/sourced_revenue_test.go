package metrics_test

import (
	"testing"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/account"
	"github.com/channelledger/channelledger/projections/metrics"
)

func TestSourcedRevenue(t *testing.T) {
	demandEqual(t, "sourced_revenue@1", func(p plain) []metrics.Value {
		return amounts("", func(note func(m domain.Money, in, out, apart bool)) {
			for _, d := range p.all().wins() {
				for _, part := range p.kept(d, d.Win.Net()) {
					note(part.Amount, d.Source == account.SourcePartner, true, false)
				}
			}
		})
	})
}
