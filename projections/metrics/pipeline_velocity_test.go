package metrics_test

import (
	"fmt"
	"testing"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/account"
	"github.com/channelledger/channelledger/projections/metrics"
)

func TestPipelineVelocity(t *testing.T) {
	demandEqual(t, "pipeline_velocity@1", func(p plain) (values []metrics.Value) {
		for _, currency := range []string{"EUR", "JPY"} {
			if v, some := velocity(t, p, currency); some {
				values = append(values, v)
			}
		}
		return values
	})
}

func velocity(t *testing.T, p plain, currency string) (metrics.Value, bool) {
	t.Helper()
	open, won, closed, days := 0, 0, 0, 0
	amount := domain.Must(domain.NewMoney(0, currency))
	for _, d := range p.all().mine() {
		if d.Source != account.SourcePartner || d.Currency() != currency || len(p.kept(d, expected(d))) == 0 {
			continue
		}
		if d.Status == account.StatusApproved {
			open++
		}
		if (d.Status == account.StatusWon || d.Status == account.StatusLost) && p.window.Holds(d.Closed.At) {
			if closed++; wonAny(d) {
				won++
				days += daysFrom(d.Submitted.At, d.Closed.At, p.zone)
				for _, part := range p.kept(d, d.Win.Net()) {
					amount = domain.Must(amount.Add(part.Amount))
				}
			}
		}
	}
	above := number(amount.Decimal())
	above.Mul(above, number(fmt.Sprint(open*won)))
	digits, _ := above.FloatPrec()
	v := metrics.Value{
		Currency: currency, Numerator: above.FloatString(digits), Denominator: fmt.Sprint(closed * days),
		Figures: []metrics.Figure{
			{Name: "open_deals", Value: fmt.Sprint(open)}, {Name: "won_deals", Value: fmt.Sprint(won)},
			{Name: "closed_deals", Value: fmt.Sprint(closed)}, {Name: "won_amount", Value: amount.Decimal()}, {Name: "days", Value: fmt.Sprint(days)},
		},
	}
	return v, open+closed > 0
}
