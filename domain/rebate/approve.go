package rebate

import (
	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/policy"
)

// ApproveRebate makes a closed rebate payable. Nobody approves who opened or closed the agreement, or recorded or reversed
// a sale. Above the limit of the approval policy a second person has to approve too; if the amount was adjusted between the
// two, the first approval is void and the next one is the first.
type ApproveRebate struct {
	Reason string `json:"reason,omitempty"` // wanted of a service that imports history and had a hand in it
}

func (ApproveRebate) roles() []domain.Role { return financeRoles() }

func (c ApproveRebate) decide(s *State, h domain.Header, f Facts) ([]Event, error) {
	a := &s.Agreement
	if a.Status != StatusClosed && a.Status != StatusFirstApproved {
		return nil, domain.Refuse("wrong_status", "", "the agreement is %s: want %s or %s", a.Status, StatusClosed, StatusFirstApproved)
	}
	if err := domain.FirstOf(
		domain.AdmitOptionalText("reason", c.Reason, MaxReason),
		domain.AdmitAfter(h, "close", a.Closed.At),
		s.admitChecker("ApproveRebate", h, c.Reason),
	); err != nil {
		return nil, err
	}
	total := a.Total()
	limit, limited := f.approval().Limit(policy.ApproveRebate, a.Currency())
	if limited && f.approval().NeedsSecond(policy.ApproveRebate, total) {
		if a.Status != StatusFirstApproved || a.FirstTotal != total {
			return []Event{FirstApproved{
				PartnerID: a.PartnerID, Total: total, Limit: limit, Policy: f.approvalVersion(), Reason: c.Reason,
			}}, nil
		}
		if err := a.admitSecond("ApproveRebate", a.FirstApproved, h, c.Reason); err != nil {
			return nil, err
		}
	}
	return []Event{Approved{
		PartnerID: a.PartnerID, Amount: a.Final, Total: total, Policy: f.approvalVersion(), Reason: c.Reason,
	}}, nil
}

// admitSecond holds that the second approver is another person than the first.
func (a *Agreement) admitSecond(action string, first domain.Step, h domain.Header, reason string) error {
	return domain.FirstOf(
		domain.AdmitAfter(h, "first approval", first.At),
		domain.AdmitChecker(action, first.Actor(), h.Actor, a.PartnerID, reason),
	)
}
