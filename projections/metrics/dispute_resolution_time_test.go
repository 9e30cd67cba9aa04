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
	"github.com/channelledger/channelledger/domain/dispute"
	"github.com/channelledger/channelledger/projections"
	"github.com/channelledger/channelledger/projections/listing/histories"
	"github.com/channelledger/channelledger/projections/metrics"
	"github.com/channelledger/channelledger/projections/projectionstest"
)

func TestDisputeResolutionTime(t *testing.T) {
	demandEqual(t, "dispute_resolution_time@1", func(p plain) []metrics.Value {
		var days []int
		all, open, ended, appeals, overturned := 0, 0, 0, 0, 0
		for _, c := range casesOf(p) {
			if c.ID == uuid.Nil || !p.window.Holds(c.Opened.At) || !p.keep(c.Claimant.PartnerID) || p.tier != "" && p.tier != matterOf(c.Kind) {
				continue
			}
			all++
			switch {
			case c.Ruling != nil:
				from, to := domain.DateOf(c.Opened.At, p.zone).In(time.UTC), domain.DateOf(c.Ruling.Step.At, p.zone).In(time.UTC)
				days = append(days, int(to.Sub(from)/(24*time.Hour)))
			case c.Status == dispute.StatusOpen:
				open++
			default:
				ended++
			}
			if c.Appeal != nil && c.Appeal.Ruling != nil {
				appeals++
				if !c.Appeal.Confirms {
					overturned++
				}
			}
		}
		slices.Sort(days)
		values := counts(len(days), all)
		for _, percent := range []int{50, 90} {
			f := metrics.Figure{Name: map[int]string{50: "ruled_median_days", 90: "ruled_p90_days"}[percent]}
			if len(days) > 0 {
				f.Value = fmt.Sprint(days[(percent*len(days)+99)/100-1])
			}
			values[0].Figures = append(values[0].Figures, f)
		}
		for i, n := range []int{open, ended, appeals, overturned} {
			name := []string{"open", "ended_without_ruling", "appeals_ruled", "overturned"}[i]
			values[0].Figures = append(values[0].Figures, metrics.Figure{Name: name, Value: fmt.Sprint(n)})
		}
		return values
	})
}

// resolved is twelve disputes of one day: ten ruled on after 1 to 10 days, one withdrawn on day 4, one left open. Of three appeals
// decided on day 20 one takes the ruling's place; a fourth is still heard. One more dispute is the vendor's.
func resolved() *histories.History {
	h := histories.New(0)
	about := note(h, account.Category, domain.DeriveID("account", "acme"), 0, account.DealRegistered{
		DealID: domain.DeriveID("deal", "acme"), PartnerID: h.Partners[0],
	})
	north := dispute.Party{PartnerID: h.Partners[0]}
	var cases []uuid.UUID
	for n := range 12 {
		cases = append(cases, opens(h, fmt.Sprint(n), dispute.KindDealOwnership, north, about))
	}
	day := func(n int) { h.Now = histories.Begin.AddDate(0, 0, n) }
	for n := range 10 {
		day(n + 1)
		h.Note(dispute.Category, cases[n], 1, dispute.RulingIssued{})
		if n == 3 {
			h.Note(dispute.Category, cases[10], 1, dispute.BecameFinal{Because: dispute.FinalByWithdrawal})
		}
	}
	for n := range 4 {
		h.Note(dispute.Category, cases[n], 2, dispute.Appealed{})
	}
	day(20)
	for n := range 3 {
		h.Note(dispute.Category, cases[n], 3, dispute.AppealRuled{Confirms: n > 0})
	}
	day(100)
	opens(h, "vendor", dispute.KindPricing, dispute.Party{Vendor: true}, about)
	return h
}

func TestDisputeResolutionTimeByHand(t *testing.T) {
	t.Parallel()
	h := resolved()
	metric := find(t, "dispute_resolution_time")
	for _, c := range []struct {
		day  int
		says string
		want map[string]string
	}{
		{0, "0 of 12", map[string]string{
			"ruled_median_days": "", "ruled_p90_days": "", "open": "12", "ended_without_ruling": "0",
			"appeals_ruled": "0", "overturned": "0", "overturn_rate": "",
		}},
		{5, "5 of 12", map[string]string{
			"ruled_median_days": "3", "ruled_p90_days": "5", "open": "6", "ended_without_ruling": "1",
			"appeals_ruled": "0", "overturned": "0", "overturn_rate": "",
		}},
		{20, "10 of 12", map[string]string{
			"ruled_median_days": "5", "ruled_p90_days": "9", "open": "1", "ended_without_ruling": "1",
			"appeals_ruled": "3", "overturned": "1", "overturn_rate": "0.333333",
		}},
	} {
		at := histories.Begin.AddDate(0, 0, c.day)
		for _, bounds := range []projections.Bounds{{}, {EffectiveAt: at}, {KnownAt: at}} {
			view := h.View(t, metrics.Projection(), bounds)
			q := metrics.Question{Metric: metric, Period: "2024-Q1", At: at}
			a := histories.Ask(t, view, func(from projections.Querier) (metrics.Answer, error) { return metrics.Ask(t.Context(), from, q) })
			require.Equal(t, c.says, a.Total[0].Numerator+" of "+a.Total[0].Denominator)
			require.Equal(t, c.want, figuresSay(a.Total[0]))
			demandEvents(t, h, drill(t, view, q, ""), at)
		}
	}
	view := h.View(t, metrics.Projection(), projections.Bounds{})
	q := metrics.Question{Metric: metric, At: h.Now, GroupBy: metrics.ByPartner}
	a := histories.Ask(t, view, func(from projections.Querier) (metrics.Answer, error) { return metrics.Ask(t.Context(), from, q) })
	require.Equal(t, map[string]string{h.Partners[0].String(): "10 of 12", metrics.None: "0 of 1"}, groupsSay(t, a))
	projectionstest.Check(t, metrics.Projection(), h.Codec, h.Log)
}
