package metrics

import (
	"math/big"

	"github.com/channelledger/channelledger/domain/account"
	"github.com/channelledger/channelledger/projections/numbers"
)

// pipelineVelocity is what the open pipeline brings a day, if it goes on as the last year did.
func pipelineVelocity() Metric {
	return Metric{
		Name: "pipeline_velocity", Version: 1,
		Title: "Pipeline velocity",
		Counts: "Open partner-sourced deals × win rate × mean won amount ÷ mean days to close: an amount a day, for each " +
			"currency by itself. Win rate, amount and days are those of partner-sourced deals closed in the 12 calendar months " +
			"up to the moment. Days are calendar days in the program's zone from registration to win. A deal whose credit a ruling splits " +
			"is one of each partner who has a part, and one in the total; what it brought is shared.",
		Unit:        Money,
		Numerator:   "open deals × won amount × deals won: an amount",
		Denominator: "deals won or lost × days that the won ones took: a number",
		Ratio:       "the amount a day; none before a deal was won that took a day",
		Figures: []Note{
			{"open_deals", "deals approved at the moment"},
			{"won_deals", "deals won in the window, while something of the win is left"},
			{"closed_deals", "deals won or lost in the window"},
			{"win_rate", "won_deals ÷ closed_deals"},
			{"won_amount", "what the won deals brought, net"},
			{"mean_won_amount", "won_amount ÷ won_deals"},
			{"days", "that the won deals took, added up"},
			{"mean_days", "days ÷ won_deals"},
		},
		Span:   TrailingYear,
		Groups: GroupBys(),
		Source: "The sales-velocity formula, with each mean kept exact until the last division.",
		needs:  needs{closed: true, open: true},
		count:  velocity,
		sum:    velocitySum,
	}
}

const openDeals = "open_deals"

func velocity(f *Facts) (entries []Entry) {
	for _, d := range f.Deals {
		if !d.IsSourced() {
			continue
		}
		var parts []Entry
		switch {
		case d.Status == account.StatusApproved:
			parts = d.shared(d.Expected, false)
			for i := range parts {
				parts[i].Apart = openDeals
			}
		case !f.Window.Holds(d.ClosedAt):
		case d.IsWon():
			parts = d.shared(d.Won, true)
			for i := range parts {
				parts[i].Days = map[string]int64{firstWon: numbers.DaysBetween(d.Registered, d.ClosedAt, f.Zone)}
			}
		case d.Status == account.StatusWon || d.Status == account.StatusLost:
			parts = d.shared(nothing(d.Expected), false)
		default: // expired, rejected, withdrawn: nobody decided whether to buy
		}
		entries = append(entries, parts...)
	}
	return entries
}

func velocitySum(_ Metric, entries []Entry) ([]Value, error) {
	return byCurrency(entries, func(currency string, s split) (v Value, err error) {
		amount, err := sum(s.in, currency)
		if err != nil {
			return v, err
		}
		open, won, closed, days := count(s.apart[openDeals]), count(s.in), count(s.both()), daysOf(s.in)
		above := product(open, exact(amount), won)
		below := product(closed, days)
		return Value{
			Currency: currency, Numerator: numbers.Decimal(above), Denominator: numbers.Decimal(below), Ratio: numbers.Ratio(above, below),
			Figures: []Figure{
				{openDeals, numbers.Decimal(open)}, {"won_deals", numbers.Decimal(won)}, {"closed_deals", numbers.Decimal(closed)},
				{"win_rate", numbers.Ratio(won, closed)}, {"won_amount", amount.Decimal()}, {"mean_won_amount", numbers.Ratio(exact(amount), won)},
				{"days", numbers.Decimal(days)}, {"mean_days", numbers.Ratio(days, won)},
			},
		}, nil
	})
}

func product(factors ...*big.Rat) *big.Rat {
	p := numbers.Whole(1)
	for _, f := range factors {
		p.Mul(p, f)
	}
	return p
}

func daysOf(entries []Entry) *big.Rat {
	n := int64(0)
	once(entries, bySubject, func(e Entry) { n += e.Days[firstWon] })
	return numbers.Whole(n)
}
