package mdf

import (
	"maps"
	"slices"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/policy"
)

// ApproveByRuling reopens a denied claim and approves it in one, as a dispute's ruling orders. The ruling counts as the
// approvals; everything else holds as ever, the money has to be there.
// Errors: somebody else than the reactor asks (reactor_only); as of ReopenClaim and ApproveClaim.
type ApproveByRuling struct {
	ClaimID  uuid.UUID    `json:"claim_id"`
	Amount   domain.Money `json:"amount"`             // in the claim's currency
	InputTax domain.Money `json:"input_tax,omitzero"` // recoverable tax paid along; 0 by default
	FX       FX           `json:"fx,omitzero"`        // of a claim in another currency than the fund's
	Reserve  domain.Money `json:"reserve,omitzero"`   // anew, where the request has ended; by default what the fund is drawn by
	Ruling   uuid.UUID    `json:"ruling"`             // the event that orders it
	Reason   string       `json:"reason"`             // names the dispute
}

func (ApproveByRuling) roles() []domain.Role { return schedulerRoles() }

func (c ApproveByRuling) decide(s *FundState, h domain.Header, f FundFacts) ([]FundEvent, error) {
	if err := reactorOnly(h, "ApproveByRuling"); err != nil {
		return nil, err
	}
	_, r, err := s.claim(c.ClaimID)
	if err != nil {
		return nil, err
	}
	switch { // the ruling can't know whether the request's money is free again by the time that it is final
	case r.Status == RequestIsApproved:
		c.Reserve = domain.Money{}
	case c.Reserve.IsZero():
		if err := c.FX.check(c.Amount.Currency(), s.Fund.Currency()); err != nil {
			return nil, err
		}
		if c.Reserve, err = c.FX.convert(c.Amount, s.Fund.Currency()); err != nil {
			return nil, err
		}
	}
	reopen := ReopenClaim{ClaimID: c.ClaimID, Reserve: c.Reserve, Ruling: c.Ruling, Reason: c.Reason}
	reopened, err := reopen.decide(s, h, f)
	if err != nil {
		return nil, err
	}
	approve := ApproveClaim{ClaimID: c.ClaimID, Approved: c.Amount, InputTax: c.InputTax, FX: c.FX, Reason: c.Reason}
	approved, err := approve.decide(s.behind(c.ClaimID, reopened, h), h, f)
	if err != nil {
		return nil, err
	}
	return append(reopened, approved...), nil
}

func (c ApproveByRuling) elsewhere(own, other *FundState, _ policy.Rules) Elsewhere {
	return duplicatesOf(c.ClaimID, own, other)
}

// behind is the fund, one claim and its request as they will be behind events that are still to be recorded; everything else
// is shared with the state as it is.
func (s *FundState) behind(claim uuid.UUID, events []FundEvent, h domain.Header) *FundState {
	after := *s
	c := *s.Claims[claim]
	r := *s.Requests[c.RequestID]
	r.Claims = slices.Clone(r.Claims)
	env := domain.Envelope{RecordedAt: h.Now, Metadata: h.Metadata(domain.Basis{})}
	for _, e := range events {
		after.Fund.Apply(e, env)
		if e, ok := e.(RequestEvent); ok {
			r.Apply(e, env)
		}
		if e, ok := e.(ClaimEvent); ok {
			c.Apply(e, env)
		}
	}
	after.Claims, after.Requests = maps.Clone(s.Claims), maps.Clone(s.Requests)
	after.Claims[c.ID], after.Requests[r.ID] = &c, &r
	return &after
}
