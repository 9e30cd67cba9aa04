package rebate

import (
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/policy"
)

// ProposeAdjustment asks for more, or less, than the scheme gives, behind the close. It moves nothing before somebody else
// approves it.
type ProposeAdjustment struct {
	Delta  domain.Money `json:"delta"` // not 0; below 0 it takes, up to what is owed
	Reason string       `json:"reason"`
}

func (ProposeAdjustment) roles() []domain.Role { return financeRoles() }

func (c ProposeAdjustment) decide(s *State, h domain.Header, _ Facts) ([]Event, error) {
	a := &s.Agreement
	if err := domain.FirstOf(
		domain.AdmitText("reason", c.Reason, MaxReason),
		a.closedBy(h),
		a.checkDelta(c.Delta),
	); err != nil {
		return nil, err
	}
	if len(a.Adjustments) >= MaxProposals {
		return nil, domain.Refuse("too_many", "", "at most %d adjustments", MaxProposals)
	}
	return []Event{AdjustmentProposed{AdjustmentID: a.newID(h, "adjustment"), Delta: c.Delta, Reason: c.Reason}}, nil
}

// ApproveAdjustment makes a proposed adjustment. Nobody approves what they proposed. Above the limit of the approval policy
// a second person has to approve too; adjustments of one agreement within the policy's days add up, so that a large one
// can't be cut into small ones.
type ApproveAdjustment struct {
	AdjustmentID uuid.UUID `json:"adjustment_id"`
	Reason       string    `json:"reason,omitempty"`
}

func (ApproveAdjustment) roles() []domain.Role { return financeRoles() }

func (c ApproveAdjustment) decide(s *State, h domain.Header, f Facts) ([]Event, error) {
	a := &s.Agreement
	x, err := a.undecided(c.AdjustmentID)
	if err != nil {
		return nil, err
	}
	if err := domain.FirstOf(
		domain.AdmitOptionalText("reason", c.Reason, MaxReason),
		domain.AdmitAfter(h, "proposal", x.Proposed.At),
		domain.AdmitChecker("ApproveAdjustment", x.Proposed.Actor(), h.Actor, a.PartnerID, c.Reason),
		a.checkDelta(x.Delta),
	); err != nil {
		return nil, err
	}
	limit, limited := f.approval().Limit(policy.ApproveAdjustment, a.Currency())
	if limited && f.approval().NeedsSecond(policy.ApproveAdjustment, a.adjustedLately(x, h.EffectiveAt, f)) {
		if x.Status != ProposalFirstApproved {
			return []Event{AdjustmentFirstApproved{
				AdjustmentID: x.ID, Limit: limit, Policy: f.approvalVersion(), Reason: c.Reason,
			}}, nil
		}
		if err := a.admitSecond("ApproveAdjustment", x.FirstApproved, h, c.Reason); err != nil {
			return nil, err
		}
	}
	taken := a.takeBelow(x.Delta)
	return []Event{Adjusted{
		PartnerID: a.PartnerID, AdjustmentID: x.ID, Kind: AdjustedByHand, Delta: x.Delta, Total: sum(a.Total(), x.Delta),
		FromPayable: taken.FromPayable, FromPaid: taken.FromPaid, Policy: f.approvalVersion(), Reason: x.Proposed.Reason,
	}}, nil
}

// adjustedLately is the adjustment and those made by hand within the approval policy's days, whichever way each went.
func (a *Agreement) adjustedLately(x *Adjustment, at time.Time, f Facts) domain.Money {
	all, since := x.Delta.Abs(), policy.AddDays(at, -f.approval().WindowDays, f.zone())
	for _, other := range a.Adjustments {
		if other.Status == ProposalApproved && other.Decided.At.After(since) {
			all = sum(all, other.Delta.Abs())
		}
	}
	return all
}

// DeclineAdjustment says that a proposed adjustment is not made; who proposed it may say so too.
type DeclineAdjustment struct {
	AdjustmentID uuid.UUID `json:"adjustment_id"`
	Reason       string    `json:"reason"`
}

func (DeclineAdjustment) roles() []domain.Role { return financeRoles() }

func (c DeclineAdjustment) decide(s *State, h domain.Header, _ Facts) ([]Event, error) {
	x, err := s.Agreement.undecided(c.AdjustmentID)
	if err != nil {
		return nil, err
	}
	if err := domain.FirstOf(
		domain.AdmitText("reason", c.Reason, MaxReason),
		domain.AdmitAfter(h, "proposal", x.Proposed.At),
	); err != nil {
		return nil, err
	}
	return []Event{AdjustmentDeclined(c)}, nil
}

func (a *Agreement) undecided(id uuid.UUID) (*Adjustment, error) {
	x := a.adjustment(id)
	switch {
	case x == nil:
		return nil, domain.NotFound("adjustment_unknown", "adjustment_id", "the agreement has no proposed adjustment %s", id)
	case x.Decided.Taken():
		return nil, domain.Refuse("adjustment_decided", "adjustment_id", "the adjustment is %s already", x.Status)
	}
	return x, nil
}

// closedBy refuses what needs the close, and comes or takes effect before it.
func (a *Agreement) closedBy(h domain.Header) error {
	if !a.Closed.Taken() {
		return domain.Refuse("wrong_status", "", "the agreement is %s: until the close its sales are corrected, not the rebate", a.Status)
	}
	return domain.AdmitAfter(h, "close", a.Closed.At)
}

// checkDelta refuses what changes nothing, is out of all measure, or takes more than is owed.
func (a *Agreement) checkDelta(delta domain.Money) error {
	switch {
	case delta.Sign() == 0 || delta.Currency() != a.Currency():
		return domain.Invalid("delta", "want an amount in %s that isn't 0", a.Currency())
	case delta.Abs().Minor() > MaxSold:
		return domain.Invalid("delta", "want at most %d minor units", int64(MaxSold))
	case delta.Sign() < 0 && sum(a.Left(), delta).Sign() < 0:
		return domain.Refuse("more_than_owed", "delta", "%s are owed: %s is more", a.Left(), delta.Abs())
	}
	return nil
}
