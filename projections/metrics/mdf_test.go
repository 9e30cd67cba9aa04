package metrics_test

import (
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/account"
	"github.com/channelledger/channelledger/domain/mdf"
	"github.com/channelledger/channelledger/projections"
	"github.com/channelledger/channelledger/projections/listing/histories"
	"github.com/channelledger/channelledger/projections/metrics"
)

// claimsOf are the claims of the partners whose share is asked for, folded from the events that had taken effect.
func claimsOf(p plain) map[uuid.UUID]*mdf.Claim {
	claims := map[uuid.UUID]*mdf.Claim{}
	for _, r := range p.events {
		if e, ok := r.Event.(mdf.ClaimEvent); ok {
			if claims[e.Claim()] == nil {
				claims[e.Claim()] = &mdf.Claim{}
			}
			claims[e.Claim()].Apply(e, r.Envelope)
		}
	}
	for id, c := range claims {
		if c.ID == uuid.Nil || !p.keep(c.PartnerID) {
			delete(claims, id)
		}
	}
	return claims
}

func cents(n int64) domain.Money { return domain.Must(domain.NewMoney(n, "EUR")) }

func TestMDFUtilisation(t *testing.T) {
	demandEqual(t, "mdf_utilisation@1", func(p plain) []metrics.Value {
		paid, given, some := cents(0), cents(0), false
		for _, r := range p.events {
			switch e := r.Event.(type) {
			case mdf.Allocated:
				if p.keep(e.PartnerID) {
					given, some = domain.Must(given.Add(e.Amount)), true
				}
			case mdf.AllocationReleased:
				if p.keep(e.PartnerID) && e.Cause == mdf.CauseReleased {
					given = domain.Must(given.Sub(e.Amount))
				}
			}
		}
		var days []int64
		for _, c := range claimsOf(p) {
			if !c.PaidStep.Taken() {
				continue
			}
			paid = domain.Must(paid.Add(c.PaidDrawn))
			from, to := domain.DateOf(c.FiledAt, p.zone).In(time.UTC), domain.DateOf(c.PaidStep.At, p.zone).In(time.UTC)
			days = append(days, int64(to.Sub(from)/(24*time.Hour)))
		}
		if !some {
			return nil
		}
		slices.Sort(days)
		figure := func(name string, percent int) metrics.Figure {
			if len(days) == 0 {
				return metrics.Figure{Name: name}
			}
			return metrics.Figure{Name: name, Value: strconv.FormatInt(days[(percent*len(days)+99)/100-1], 10)}
		}
		return []metrics.Value{{
			Currency: "EUR", Numerator: paid.Decimal(), Denominator: given.Decimal(),
			Figures: []metrics.Figure{figure("cycle_median_days", 50), figure("cycle_p90_days", 90)},
		}}
	})
}

func TestMDFToPipelineRate(t *testing.T) {
	demandEqual(t, "mdf_to_pipeline_rate@1", func(p plain) []metrics.Value {
		return amounts("maturing", func(note func(m domain.Money, in, out, apart bool)) {
			for request, amount := range paidInWindow(p) {
				r := requestOf(p, request)
				young := r.Ends.AddDays(91).In(p.zone).After(p.window.At)
				note(amount, !young && ledToADeal(p, r), !young, young)
			}
		})
	})
}

// paidInWindow is what was paid and clawed back again in the window, by request.
func paidInWindow(p plain) map[uuid.UUID]domain.Money {
	paid := map[uuid.UUID]domain.Money{}
	for _, r := range p.events {
		var amount domain.Money
		switch e := r.Event.(type) {
		case mdf.ClaimPaid:
			amount = e.Drawn
		case mdf.ClaimClawedBack:
			if e.Paid {
				amount = e.Drawn.Neg()
			}
		}
		if e, ok := r.Event.(mdf.ClaimEvent); ok && !amount.IsZero() && p.window.Holds(r.Envelope.EffectiveAt) && p.keep(requestOf(p, e.Request()).PartnerID) {
			paid[e.Request()] = domain.Must(paid[e.Request()].Add(amount))
		}
	}
	return paid
}

func requestOf(p plain, id uuid.UUID) *mdf.Request {
	request := &mdf.Request{}
	for _, r := range p.events {
		if e, ok := r.Event.(mdf.RequestEvent); ok && e.Request() == id {
			request.Apply(e, r.Envelope)
		}
	}
	return request
}

func ledToADeal(p plain, r *mdf.Request) bool {
	return slices.ContainsFunc(r.Attributions, func(a mdf.Attribution) bool {
		d := p.deals[a.DealID]
		return d != nil && d.ID != uuid.Nil && d.Source == account.SourcePartner &&
			!d.Submitted.At.Before(r.Starts.In(p.zone)) && d.Submitted.At.Before(r.Ends.AddDays(181).In(p.zone))
	})
}

// What is behind the numbers of funds names the activity, and events of its fund.
func TestFundsDrillDown(t *testing.T) {
	t.Parallel()
	h := told(7)
	view := h.View(t, metrics.Projection(), projections.Bounds{})
	for _, id := range []string{"mdf_utilisation@1", "mdf_to_pipeline_rate@1"} {
		entries := drill(t, view, metrics.Question{Metric: find(t, id), At: h.Now, Period: metrics.YearOf(histories.Begin, time.UTC).Name}, "")
		requests := 0
		for _, e := range entries {
			require.NotEqual(t, uuid.Nil, e.FundID)
			if e.RequestID != uuid.Nil {
				requests++
			}
		}
		require.NotZero(t, requests, id)
		demandEvents(t, h, entries, h.Now)
	}
}
