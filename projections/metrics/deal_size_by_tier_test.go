package metrics_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/account"
	"github.com/channelledger/channelledger/projections/metrics"
)

func TestDealSizeByTier(t *testing.T) {
	demandEqual(t, "deal_size_by_tier@1", func(p plain) (values []metrics.Value) {
		for _, currency := range []string{"EUR", "JPY"} {
			var sizes []int64
			for _, d := range p.wins() {
				if d.Currency() == currency && (p.tier == "" || p.tier == tierAtWin(p, d)) {
					sizes = append(sizes, d.Win.Net().Minor())
				}
			}
			if len(sizes) == 0 {
				continue
			}
			slices.Sort(sizes)
			total := int64(0)
			for _, size := range sizes {
				total += size
			}
			amount := func(minor int64) string { return domain.Must(domain.NewMoney(minor, currency)).Decimal() }
			values = append(values, metrics.Value{
				Currency: currency, Numerator: amount(total), Denominator: fmt.Sprint(len(sizes)),
				Figures: []metrics.Figure{{Name: "median", Value: amount(sizes[(len(sizes)-1)/2])}},
			})
		}
		return values
	})
}

func tierAtWin(p plain, d *account.Deal) string {
	if folded := p.partners[d.PartnerID]; folded != nil {
		if tier, _ := folded.Tier.At(d.Win.Step.At); tier != "" {
			return tier
		}
	}
	return metrics.None
}
