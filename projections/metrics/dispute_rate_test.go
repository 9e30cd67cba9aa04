package metrics_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/account"
	"github.com/channelledger/channelledger/domain/dispute"
	"github.com/channelledger/channelledger/domain/mdf"
	"github.com/channelledger/channelledger/domain/partner"
	"github.com/channelledger/channelledger/domain/payable"
	"github.com/channelledger/channelledger/domain/rebate"
	"github.com/channelledger/channelledger/projections"
	"github.com/channelledger/channelledger/projections/listing/histories"
	"github.com/channelledger/channelledger/projections/metrics"
	"github.com/channelledger/channelledger/projections/projectionstest"
)

// matter is something that may be disputed.
type matter struct {
	of    string
	to    uuid.UUID
	since time.Time
}

// mattersOf is what may be disputed, of everybody and all times, by id.
func mattersOf(p plain) map[uuid.UUID]matter {
	all := map[uuid.UUID]matter{}
	for id, d := range p.deals {
		if d.ID != uuid.Nil {
			all[id] = matter{"deals", d.PartnerID, d.Submitted.At}
		}
	}
	for _, r := range p.events {
		_, stream, _ := domain.ParseStream(r.Envelope.Stream)
		var id uuid.UUID
		m := matter{since: r.Envelope.EffectiveAt}
		switch e := r.Event.(type) {
		case mdf.ClaimApproved:
			id, m.of, m.to = e.ClaimID, "claims", e.PartnerID
		case mdf.ClaimDenied:
			id, m.of, m.to = e.ClaimID, "claims", requestOf(p, e.RequestID).PartnerID
		case mdf.ClaimClawedBack:
			id, m.of, m.to = e.ClawbackID, "clawbacks", e.PartnerID
		case rebate.ClawedBack:
			id, m.of, m.to = e.ClawbackID, "clawbacks", e.PartnerID
		case rebate.PeriodClosed:
			id, m.of, m.to = stream, "rebates", e.PartnerID
		case partner.TierChanged:
			id, m.of, m.to = r.Envelope.EventID, "tiers", stream
		default:
			continue
		}
		if had, ok := all[id]; !ok || m.since.Before(had.since) {
			all[id] = m
		}
	}
	return all
}

// aboutOf is what a dispute is about; zero where that is nothing that is counted.
func aboutOf(p plain, c *dispute.Case) uuid.UUID {
	s := c.Subject
	switch matterOf(c.Kind) {
	case "deals":
		return s.DealID
	case "claims":
		return s.ClaimID
	case "clawbacks":
		return s.ClawbackID
	case "tiers":
		if s.Type == "partner.tier_changed.v1" {
			return s.EventID
		}
	case "rebates":
		category, id, _ := domain.ParseStream(s.Stream)
		for _, r := range p.events {
			if e, ok := r.Event.(payable.Raised); ok && category == payable.Category && e.PayableID == id {
				return e.Source.ID
			}
		}
		return id
	}
	return uuid.Nil
}

func TestDisputeRate(t *testing.T) {
	demandEqual(t, "dispute_rate@1", func(p plain) []metrics.Value {
		mine := func(of string, to uuid.UUID) bool { return p.keep(to) && (p.tier == "" || p.tier == of) }
		all, in, elsewhere := 0, map[uuid.UUID]bool{}, 0
		by := map[dispute.Kind]map[uuid.UUID]bool{}
		matters := mattersOf(p)
		for _, m := range matters {
			if p.window.Holds(m.since) && mine(m.of, m.to) {
				all++
			}
		}
		for _, c := range casesOf(p) {
			id := aboutOf(p, c)
			m, ok := matters[id]
			if id == uuid.Nil && p.window.Holds(c.Opened.At) && mine(matterOf(c.Kind), c.Claimant.PartnerID) {
				elsewhere++
			}
			if !ok || !p.window.Holds(m.since) || !mine(m.of, m.to) {
				continue
			}
			if in[id] = true; by[c.Kind] == nil {
				by[c.Kind] = map[uuid.UUID]bool{}
			}
			by[c.Kind][id] = true
		}
		values := counts(len(in), all, "elsewhere", elsewhere)
		for _, k := range dispute.Kinds() {
			values[0].Figures = append(values[0].Figures, metrics.Figure{Name: string(k), Value: fmt.Sprint(len(by[k]))})
		}
		return values
	})
}

// contested is a first quarter in which each kind of thing was done twice (deals four times) and some of it disputed, and a
// second one; told by hand, so that its numbers are known.
func contested() (h *histories.History, lastDay time.Time) {
	h = histories.New(0)
	north, south := dispute.Party{PartnerID: h.Partners[0]}, dispute.Party{PartnerID: h.Partners[1]}
	registers := func(n int) histories.Recorded {
		id := domain.DeriveID("deal", fmt.Sprint(n))
		return note(h, account.Category, domain.DeriveID("account", fmt.Sprint(n)), 0, account.DealRegistered{
			DealID: id, PartnerID: north.PartnerID,
		})
	}
	changes := func(revision int64, e partner.Event) histories.Recorded {
		return note(h, partner.Category, north.PartnerID, revision, e)
	}
	first, second := registers(1), registers(2)
	registers(3)
	registers(4)
	denied := denies(h, "denied", north.PartnerID)
	denies(h, "too", south.PartnerID)
	paid := closes(h, "closed", north.PartnerID)
	closes(h, "too", south.PartnerID)
	tier := changes(0, partner.TierChanged{To: "gold"})
	changes(1, partner.TierChanged{From: "gold", To: "silver"})
	grace := changes(2, partner.TierGraceStarted{From: "silver", To: "registered"})
	back := note(h, rebate.Category, domain.DeriveID("agreement", "closed"), 1, rebate.ClawedBack{
		PartnerID: north.PartnerID, ClawbackID: domain.DeriveID("clawback", "1"),
	})
	note(h, rebate.Category, domain.DeriveID("agreement", "closed"), 2, rebate.ClawedBack{
		PartnerID: north.PartnerID, ClawbackID: domain.DeriveID("clawback", "2"),
	})
	running := note(h, rebate.Category, domain.DeriveID("agreement", "running"), 0, rebate.SaleRecorded{})

	h.Now = histories.Begin.AddDate(0, 0, 10)
	opens(h, "1", dispute.KindDealOwnership, south, first)
	opens(h, "2", dispute.KindMDFDenial, north, denied)
	opens(h, "3", dispute.KindRebateAmount, north, paid) // of the payable: the agreement is what it is about
	opens(h, "4", dispute.KindTierDecision, north, tier)
	opens(h, "5", dispute.KindTierDecision, north, grace) // changes no tier
	opens(h, "6", dispute.KindClawback, north, back)
	opens(h, "7", dispute.KindRebateAmount, north, running) // isn't closed yet

	h.Now = histories.Begin.AddDate(0, 0, 100) // in the second quarter
	opens(h, "8", dispute.KindPricing, north, first)
	opens(h, "9", dispute.KindDealOwnership, south, second)
	opens(h, "10", dispute.KindDealExpiry, north, registers(5))
	h.Note(rebate.Category, domain.DeriveID("agreement", "running"), 1, rebate.PeriodClosed{PartnerID: north.PartnerID})
	approved := mdf.ClaimApproved{OfClaim: denied.Event.(mdf.ClaimDenied).OfClaim} // as a ruling has it: it was decided before
	approved.PartnerID = north.PartnerID
	_, fund, _ := domain.ParseStream(denied.Envelope.Stream)
	h.Note(mdf.FundCategory, fund, 2, approved)
	return h, h.Now
}

func TestDisputeRateByHand(t *testing.T) {
	t.Parallel()
	h, end := contested()
	metric := find(t, "dispute_rate")
	ask := func(view projections.Reader, q metrics.Question) metrics.Answer {
		q.Metric = metric
		return histories.Ask(t, view, func(from projections.Querier) (metrics.Answer, error) { return metrics.Ask(t.Context(), from, q) })
	}
	early := histories.Begin.AddDate(0, 0, 10)
	before := map[string]string{"deals": "1 of 4", "claims": "1 of 2", "rebates": "1 of 2", "tiers": "1 of 2", "clawbacks": "1 of 2"}
	after := map[string]string{"deals": "2 of 4", "claims": "1 of 2", "rebates": "1 of 2", "tiers": "1 of 2", "clawbacks": "1 of 2"}
	for _, bounds := range []projections.Bounds{{}, {EffectiveAt: end}, {KnownAt: end}} {
		view := h.View(t, metrics.Projection(), bounds)
		require.Equal(t, before, groupsSay(t, ask(view, metrics.Question{Period: "2024-Q1", At: early})))

		quarter := ask(view, metrics.Question{Period: "2024-Q1", At: end})
		require.Equal(t, after, groupsSay(t, quarter), "a dispute counts where its thing came about, and twice disputed counts once")
		said := figuresSay(quarter.Total[0])
		total := quarter.Total[0]
		require.Equal(t, []string{"6", "12", "0.5"}, []string{total.Numerator, total.Denominator, total.Ratio})
		require.Equal(t, []string{"2", "1", "0", "1"}, []string{said["deal_ownership"], said["pricing"], said["deal_expiry"], said["elsewhere"]})

		next := ask(view, metrics.Question{Period: "2024-Q2", At: end})
		require.Equal(t, map[string]string{"deals": "1 of 1", "rebates": "1 of 1"}, groupsSay(t, next))
	}
	bounded := h.View(t, metrics.Projection(), projections.Bounds{EffectiveAt: early})
	require.Equal(t, before, groupsSay(t, ask(bounded, metrics.Question{Period: "2024-Q1", At: early})))
	require.Equal(t, "0 of 4", groupsSay(t, ask(bounded, metrics.Question{At: histories.Begin}))["deals"])
}

// Behind a deal that was disputed twice stand its registration and both openings.
func TestDisputesDrillDown(t *testing.T) {
	t.Parallel()
	h, end := contested()
	view := h.View(t, metrics.Projection(), projections.Bounds{})
	entries := drill(t, view, metrics.Question{Metric: find(t, "dispute_rate"), Period: "2024-Q1", At: end, GroupBy: metrics.ByMatter}, "deals")
	demandEvents(t, h, entries, end)
	var types []string
	for _, e := range entries {
		if e.DealID == domain.DeriveID("deal", "1") {
			for _, event := range e.Events {
				types = append(types, event.Type)
			}
		}
	}
	require.ElementsMatch(t, []string{
		"deal.registered.v1", "deal.registered.v1", "dispute.opened.v1", "deal.registered.v1", "dispute.opened.v1",
	}, types)
	projectionstest.Check(t, metrics.Projection(), h.Codec, h.Log)
}
