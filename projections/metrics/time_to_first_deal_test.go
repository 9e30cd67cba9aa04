package metrics_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/account"
	"github.com/channelledger/channelledger/domain/partner"
	"github.com/channelledger/channelledger/projections/metrics"
)

func TestTimeToFirstDeal(t *testing.T) {
	demandEqual(t, "time_to_first_deal@1", func(p plain) []metrics.Value {
		won, registered, all := []int{}, []int{}, 0
		for id, folded := range p.partners {
			if !p.keep(id) || len(folded.Agreements) == 0 || !p.window.Holds(signed(folded)) {
				continue
			}
			all++
			var wins, registrations []int
			for _, d := range p.deals {
				if d.ID != uuid.Nil && d.PartnerID == id {
					registrations = append(registrations, daysFrom(signed(folded), d.Submitted.At, p.zone))
				}
				if d.ID != uuid.Nil && wonAny(d) && earns(d, id) {
					wins = append(wins, daysFrom(signed(folded), d.Win.Step.At, p.zone))
				}
			}
			if len(wins) > 0 {
				won = append(won, slices.Min(wins))
			}
			if len(registrations) > 0 {
				registered = append(registered, slices.Min(registrations))
			}
		}
		values := counts(len(won), all)
		values[0].Figures = append(figures("won", won, all), figures("registered", registered, all)...)
		return values
	})
}

// earns reports whether a partner has some of what a won deal brought.
func earns(d *account.Deal, id uuid.UUID) bool {
	return slices.ContainsFunc(partsOf(d, d.Win.Net()), func(part metrics.Part) bool {
		return part.PartnerID == id && part.Amount.Sign() > 0
	})
}

func signed(p *partner.Partner) time.Time {
	first := p.Agreements[0].SignedAt
	for _, a := range p.Agreements {
		if a.SignedAt.Before(first) {
			first = a.SignedAt
		}
	}
	return first
}

// daysFrom counts midnights.
func daysFrom(a, b time.Time, zone *time.Location) (n int) {
	for day := domain.DateOf(a, zone); day.Compare(domain.DateOf(b, zone)) < 0; day = day.AddDays(1) {
		n++
	}
	return n
}

func figures(of string, days []int, all int) []metrics.Figure {
	rank := func(percent int) string {
		for _, v := range slices.Sorted(slices.Values(days)) {
			notAbove := 0
			for _, other := range days {
				if other <= v {
					notAbove++
				}
			}
			if 100*notAbove >= percent*len(days) {
				return fmt.Sprint(v)
			}
		}
		return ""
	}
	return []metrics.Figure{
		{Name: of + "_median_days", Value: rank(50)}, {Name: of + "_p90_days", Value: rank(90)},
		{Name: "without_" + of, Value: fmt.Sprint(all - len(days))},
	}
}

func TestNearestRankIsDeclared(t *testing.T) {
	t.Parallel()
	for _, n := range find(t, "time_to_first_deal").Figures[:2] {
		require.Contains(t, n.Text, "nearest rank")
	}
}
