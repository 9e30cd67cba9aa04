package mdf

import (
	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/policy"
)

// AttributePipeline says that a deal of the partner came of an activity. What is attributed of a deal, over all activities,
// is at most its amount. A reactor gives it where a deal names the activity.
type AttributePipeline struct {
	RequestID uuid.UUID    `json:"request_id"`
	AccountID uuid.UUID    `json:"account_id"`
	DealID    uuid.UUID    `json:"deal_id"`
	Amount    domain.Money `json:"amount,omitzero"` // of the deal, in its currency; by default all that isn't attributed yet
}

func (AttributePipeline) roles() []domain.Role {
	return []domain.Role{domain.Finance, domain.PartnerOps, domain.DealDesk, domain.ServiceRole}
}

func (c AttributePipeline) decide(s *FundState, h domain.Header, f FundFacts) ([]FundEvent, error) {
	r, err := s.request(c.RequestID)
	if err != nil {
		return nil, err
	}
	if err := domain.FirstOf(
		domain.AdmitID("account_id", c.AccountID),
		domain.AdmitID("deal_id", c.DealID),
		r.attributable(h),
		f.Deal.of(s.Fund.PartnerID, c.DealID),
	); err != nil {
		return nil, err
	}
	left, err := c.left(s, f)
	switch {
	case err != nil:
		return nil, err
	case c.Amount.IsZero() && h.Actor.Kind == domain.Reactor && left.Sign() == 0:
		return nil, nil // somebody attributed it by hand before
	case c.Amount.IsZero():
		c.Amount = left
	}
	if err := checkSome("amount", c.Amount, f.Deal.Amount.Currency()); err != nil {
		return nil, err
	}
	if c.Amount.Minor() > left.Minor() {
		return nil, domain.Refuse("above_deal", "amount", "%s of the deal are not attributed yet: %s is more", left, c.Amount)
	}
	return []FundEvent{PipelineAttributed{
		OfRequest: OfRequest{RequestID: r.ID}, AccountID: c.AccountID, DealID: c.DealID, Amount: c.Amount,
	}}, nil
}

func (r *Request) attributable(h domain.Header) error {
	switch {
	case r.Status == RequestIsDeclined || r.Status == RequestIsCancelled:
		return domain.Refuse("wrong_status", "request_id", "the request is %s: nothing can come of it", r.Status)
	case len(r.Attributions) >= MaxDeals:
		return domain.Refuse("too_many_deals", "request_id", "a request has at most %d attributions", MaxDeals)
	}
	return domain.AdmitAfter(h, "submission", r.Submitted.At)
}

// of refuses a deal that isn't there, or is another partner's.
func (d DealFact) of(partner, deal uuid.UUID) error {
	switch {
	case !d.Known:
		return domain.NotFound("deal_unknown", "deal_id", "the account has no deal %s", deal)
	case d.PartnerID != partner:
		return domain.Refuse("other_partner", "deal_id", "the deal is another partner's")
	}
	return nil
}

// left is what of the deal isn't attributed yet, in any of the partner's funds. It is 0 where the deal was revised below it.
func (c AttributePipeline) left(s *FundState, f FundFacts) (domain.Money, error) {
	left, err := f.Deal.Amount.Sub(s.attributed[c.DealID])
	for _, e := range f.Elsewhere {
		if err == nil {
			left, err = left.Sub(e.Attributed)
		}
	}
	if err == nil && left.Sign() < 0 {
		left = nought(left.Currency())
	}
	return left, err
}

func (c AttributePipeline) elsewhere(_, other *FundState, _ policy.Rules) Elsewhere {
	return Elsewhere{Attributed: other.attributed[c.DealID]}
}
