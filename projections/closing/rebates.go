package closing

import (
	"context"
	"fmt"
	"time"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/policy"
	"github.com/channelledger/channelledger/domain/rebate"
	"github.com/channelledger/channelledger/projections"
	"github.com/channelledger/channelledger/projections/listing"
	"github.com/channelledger/channelledger/projections/rebates"
)

// nearness is how near a band is, as a part of its start: a tenth.
const nearness = 10

// rebateBands: an agreement a little below its next band may reach it with one sale that is reported late; a retroactive scheme
// then owes more on all that was sold.
func rebateBands() Check {
	const title = "No open rebate agreement is within 10 % of its next band"
	return Check{"rebate_bands", title, func(ctx context.Context, books Books) (found []Finding, err error) {
		err = books.Ask(ctx, rebates.Name, func(q projections.Querier) error {
			return eachAgreement(ctx, q, books, func(a rebate.Agreement) error {
				missing, near, err := toNextBand(a)
				if near {
					what := fmt.Sprintf("%s short of the next band of scheme %s", missing, a.Scheme.Name)
					found = append(found, Finding{What: what, Amount: missing, Entity: a.ID, Warning: true})
				}
				return err
			})
		})
		return found, err
	}}
}

// eachAgreement goes through the open agreements whose period reaches into the month. A day more on either side covers every
// program's zone.
func eachAgreement(ctx context.Context, q projections.Querier, books Books, take func(rebate.Agreement) error) error {
	from, until := books.Month.In(time.UTC)
	query := rebates.Query{
		Status: []rebate.Status{rebate.StatusOpen}, Period: listing.Period{From: from.AddDate(0, 0, -1), Until: until.AddDate(0, 0, 1)},
	}
	for {
		page, err := rebates.List(ctx, q, query)
		if err != nil {
			return err
		}
		for _, a := range page.Items {
			if err := take(a); err != nil {
				return err
			}
		}
		if query.Cursor = page.Next; page.Next == "" {
			return nil
		}
	}
}

// toNextBand is what an agreement lacks to its next band, and whether that is near.
func toNextBand(a rebate.Agreement) (missing domain.Money, near bool, err error) {
	if a.Scheme.Kind == policy.SchemeFlat {
		return missing, false, nil
	}
	calculation, err := rebate.Calculate(a.Scheme, a.PriorPeriodRevenue, a.Revenue)
	if err != nil {
		return missing, false, err
	}
	for _, band := range a.Scheme.Bands {
		if band.From.Minor() > calculation.Base.Minor() {
			missing, err = band.From.Sub(calculation.Base)
			return missing, err == nil && missing.Minor() <= band.From.Minor()/nearness, err
		}
	}
	return missing, false, nil
}
