package reactor_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/channelledger/channelledger/domain/payable"
)

// In whatever order things come, are carried out and start anew: in the end what is held is what should be, and a process that
// starts has nothing to do.
func TestHoldsInWhateverOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c, m := newCourt(t), &docket{held: map[payable.Disputed]bool{}, sales: map[string][2]int{}}
		for range rapid.IntRange(1, 40).Draw(t, "steps") {
			m.step(t, c)
		}
		c.settles()
		for id, p := range c.payables {
			require.Equal(t, m.should(p.Source.ID), holdsOf(p), "%s", id)
		}
		c.anew()
		c.takes()
		require.Empty(t, c.orders)
		_, planned := c.rule.Next()
		require.False(t, planned)
	})
}

// docket is what the test itself says about holds and sales.
type docket struct {
	held  map[payable.Disputed]bool
	sales map[string][2]int // agreement and deal
	named int
}

func (m *docket) step(t *rapid.T, c *court) {
	deal, dispute := rapid.IntRange(0, 1).Draw(t, "deal"), rapid.IntRange(0, 1).Draw(t, "dispute")
	agreement, by := rapid.IntRange(0, 1).Draw(t, "agreement"), payable.Disputed{DisputeID: disputes[dispute], DealID: deals[deal]}
	switch rapid.IntRange(0, 8).Draw(t, "step") {
	case 0, 1:
		c.holds(deal, dispute)
		m.held[by] = true
	case 2:
		c.lifts(deal, dispute)
		delete(m.held, by)
	case 3:
		m.named++
		sale := fmt.Sprint("sale ", m.named)
		c.sells(agreement, deal, sale)
		m.sales[sale] = [2]int{agreement, deal}
	case 4:
		if m.named > 0 {
			sale := fmt.Sprint("sale ", rapid.IntRange(1, m.named).Draw(t, "sale"))
			if of, there := m.sales[sale]; there {
				c.takesBack(of[0], sale, "10.00")
				delete(m.sales, sale)
			}
		}
	case 5:
		c.owes(agreement)
	case 6:
		c.takes()
	case 7:
		if len(c.orders) > 0 {
			c.carriesOut()
		}
	case 8:
		c.anew()
	}
}

// should are the holds of what is payable by an agreement.
func (m *docket) should(agreement uuid.UUID) (all []string) {
	for by := range m.held {
		for _, of := range m.sales {
			if agreements[of[0]] == agreement && deals[of[1]] == by.DealID {
				all = append(all, by.DisputeID.String()+by.DealID.String())
			}
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func holdsOf(p *payable.Payable) (all []string) {
	for _, h := range p.Holds {
		if !h.Lifted.Taken() {
			all = append(all, h.DisputeID.String()+h.DealID.String())
		}
	}
	slices.Sort(all)
	return all
}
