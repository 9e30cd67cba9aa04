package metrics_test

import (
	"slices"
	"testing"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/account"
	"github.com/channelledger/channelledger/projections/metrics"
)

func TestInfluencedRevenue(t *testing.T) {
	demandEqual(t, "influenced_revenue@1", func(p plain) []metrics.Value {
		everybody := p.all()
		unsourced := map[string]domain.Money{}
		for _, d := range everybody.wins() {
			if d.Source != account.SourcePartner {
				unsourced[d.Currency()] = domain.Must(unsourced[d.Currency()].Add(d.Win.Net()))
			}
		}
		values := amounts("assisted", func(note func(m domain.Money, in, out, apart bool)) {
			for _, d := range everybody.wins() {
				others := helpersOf(d)
				sourced, helped := d.Source == account.SourcePartner, slices.ContainsFunc(others, p.keep)
				alone := len(others) == 0 && p.keep(uuid.Nil)
				if helped || alone && !sourced {
					note(d.Win.Net(), helped && !sourced, false, helped && sourced)
				}
			}
		})
		for i, v := range values {
			nought := domain.Must(domain.NewMoney(0, v.Currency))
			values[i].Denominator = domain.Must(nought.Add(unsourced[v.Currency])).Decimal()
		}
		return values
	})
}

// helpersOf are the influencers who have neither the deal nor a part of it.
func helpersOf(d *account.Deal) []uuid.UUID {
	return slices.DeleteFunc(d.Influencers(), func(id uuid.UUID) bool {
		return id == d.PartnerID || slices.ContainsFunc(d.Credit, func(s account.CreditShare) bool { return s.PartnerID == id })
	})
}
