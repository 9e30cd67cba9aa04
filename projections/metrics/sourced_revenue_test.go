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
			for _, d := range p.wins() {
				note(d.Win.Net(), d.Source == account.SourcePartner, true, false)
			}
		})
	})
}
