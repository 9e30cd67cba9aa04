package rebate

import "github.com/channelledger/channelledger/domain"

// AdjustByRuling adds to a rebate, or takes from it, as a dispute's ruling orders. The ruling counts as the approvals.
// Errors: somebody else than the reactor asks (reactor_only); the agreement isn't closed; it takes more than is owed
// (more_than_owed).
type AdjustByRuling struct {
	Delta  domain.Money `json:"delta"`  // not 0; below 0 it takes
	Reason string       `json:"reason"` // names the dispute
}

func (AdjustByRuling) roles() []domain.Role { return []domain.Role{domain.ServiceRole} }

func (c AdjustByRuling) decide(s *State, h domain.Header, f Facts) ([]Event, error) {
	if h.Actor.Kind != domain.Reactor {
		return nil, domain.Forbid("reactor_only", "a ruling is carried out by the reactor, nobody does it by hand")
	}
	proposed, err := ProposeAdjustment(c).decide(s, h, f)
	if err != nil {
		return nil, err
	}
	a := &s.Agreement
	taken := a.takeBelow(c.Delta)
	return append(proposed, Adjusted{
		PartnerID: a.PartnerID, AdjustmentID: a.newID(h, "adjustment"), Kind: AdjustedByHand, Delta: c.Delta, Total: sum(a.Total(), c.Delta),
		FromPayable: taken.FromPayable, FromPaid: taken.FromPaid, Reason: c.Reason,
	}), nil
}
