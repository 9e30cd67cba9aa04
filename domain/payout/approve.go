package payout

import (
	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/policy"
)

// Approve lets a payout be sent. Nobody approves who opened or prepared it. Above the limit of the approval policy a second
// person has to approve too, another one again.
type Approve struct {
	Reason string `json:"reason,omitempty"` // wanted of a service that imports history and prepared it
}

func (Approve) roles() []domain.Role { return checkerRoles() }

func (c Approve) decide(p *Payout, h domain.Header, f Facts) ([]Event, error) {
	if err := domain.FirstOf(
		domain.AdmitOptionalText("reason", c.Reason, MaxReason),
		p.is(StatusPrepared, StatusFirstApproved),
		domain.AdmitAfter(h, "preparation", p.Prepared.At),
		p.admitChecker(h, c.Reason, p.Opened, p.Prepared, p.FirstApproved),
	); err != nil {
		return nil, err
	}
	approval := f.Rules.Approval
	if p.Status == StatusPrepared && approval.Body.NeedsSecond(policy.ApprovePayout, p.Total) {
		return []Event{FirstApproved{PayoutID: p.ID, Total: p.Total, Approval: approval.Ref(), Reason: c.Reason}}, nil
	}
	return []Event{Approved{PayoutID: p.ID, Total: p.Total, Approval: approval.Ref(), Reason: c.Reason}}, nil
}

// admitChecker holds that who approves took none of the steps before, and is of none of the partners that are paid.
func (p *Payout) admitChecker(h domain.Header, reason string, steps ...domain.Step) error {
	for _, step := range steps {
		if !step.Taken() {
			continue
		}
		if err := domain.AdmitAfter(h, "step before", step.At); err != nil {
			return err
		}
		for _, item := range p.Items {
			if err := domain.AdmitChecker("Approve", step.Actor(), h.Actor, item.PartnerID, reason); err != nil {
				return err
			}
		}
	}
	return nil
}
