package metrics_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain/partner"
	"github.com/channelledger/channelledger/projections/metrics"
)

func TestActiveSellerRate(t *testing.T) {
	demandEqual(t, "active_seller_rate@1", func(p plain) []metrics.Value { return sellers(p, closers(p)) })
}

func TestEngagedSellerRate(t *testing.T) {
	demandEqual(t, "active_seller_rate@2", func(p plain) []metrics.Value {
		busy := closers(p)
		for _, d := range p.mine() {
			if p.window.Holds(d.Submitted.At) {
				busy[pair{d.PartnerID, d.SellerID}] = true
			}
		}
		for id, folded := range p.partners {
			for _, s := range folded.Sellers {
				learned := slices.ContainsFunc(s.Trainings, func(t partner.Training) bool { return p.window.Holds(t.CompletedAt) }) ||
					slices.ContainsFunc(s.Certifications, func(c partner.Certification) bool { return p.window.Holds(c.EarnedAt) })
				busy[pair{id, s.ID}] = busy[pair{id, s.ID}] || learned
			}
		}
		return sellers(p, busy)
	})
}

type pair struct{ partner, seller uuid.UUID }

func closers(p plain) map[pair]bool {
	all := map[pair]bool{}
	for _, d := range p.wins() {
		all[pair{d.PartnerID, d.Win.SellerID}] = true
	}
	return all
}

// sellers counts persons, looking at every hour of the window: nothing in a history happens in between.
func sellers(p plain, busy map[pair]bool) []metrics.Value {
	all, in := map[uuid.UUID]bool{}, map[uuid.UUID]bool{}
	for id, folded := range p.partners {
		for _, s := range folded.Sellers {
			if p.keep(id) && belonged(folded, s.ID, p.window) {
				all[s.ID] = true
				if busy[pair{id, s.ID}] {
					in[s.ID] = true
				}
			}
		}
	}
	return counts(len(in), len(all))
}

func belonged(p *partner.Partner, seller uuid.UUID, w metrics.Window) bool {
	for at := w.After.Add(1); !at.After(w.Through); at = at.Add(time.Hour) {
		if p.SellerAt(seller, at) && inProgram(p, at) {
			return true
		}
	}
	return false
}
