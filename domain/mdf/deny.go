package mdf

import (
	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/policy"
)

// DenyClaim refuses a claim. Its money stays reserved until the deadline and the time for a dispute have passed.
type DenyClaim struct {
	ClaimID uuid.UUID `json:"claim_id"`
	Reason  string    `json:"reason"`
}

func (DenyClaim) roles() []domain.Role { return financeRoles() }

func (c DenyClaim) decide(s *FundState, h domain.Header, f FundFacts) ([]FundEvent, error) {
	claim, err := s.reviewed(c.ClaimID, h, "DenyClaim", c.Reason)
	if err != nil {
		return nil, err
	}
	until := policy.AddDays(h.EffectiveAt, f.Rules.MDF.Body.DisputeDays, zoneOf(f.Rules))
	return []FundEvent{ClaimDenied{OfClaim: claim.of(), DisputeUntil: until, Reason: c.Reason}}, nil
}

// ReopenClaim lets a denied claim be decided again; a second person says so, not who denied it. Where the request has ended
// meanwhile, money is reserved anew, as far as the fund has some.
type ReopenClaim struct {
	ClaimID uuid.UUID    `json:"claim_id"`
	Reserve domain.Money `json:"reserve,omitzero"` // of a request that has ended; up to what is left of its approval
	Ruling  uuid.UUID    `json:"ruling,omitzero"`  // the event that orders it
	Reason  string       `json:"reason"`
}

func (ReopenClaim) roles() []domain.Role { return financeRoles() }

func (c ReopenClaim) decide(s *FundState, h domain.Header, _ FundFacts) ([]FundEvent, error) {
	claim, r, err := s.claim(c.ClaimID)
	if err != nil {
		return nil, err
	}
	if err := domain.FirstOf(
		domain.AdmitText("reason", c.Reason, MaxReason),
		claim.stepFrom(h, ClaimIsDenied),
		domain.AdmitChecker("ReopenClaim", claim.Decided.Actor(), h.Actor, claim.PartnerID, c.Reason),
		c.checkReserve(s, r, h),
	); err != nil {
		return nil, err
	}
	events := []FundEvent{ClaimReopened{
		FundRef: s.Fund.Ref(), OfClaim: claim.of(), Reserved: orNought(c.Reserve, s.Fund.Currency()), Ruling: c.Ruling, Reason: c.Reason,
	}}
	if r.Accrued && c.Reserve.Sign() > 0 {
		events = append(events, r.accrue(r.Approval.Treatment, c.Reserve))
	}
	return events, nil
}

// checkReserve wants money for a request that has ended, and none for one that still has it.
func (c ReopenClaim) checkReserve(s *FundState, r *Request, h domain.Header) error {
	if r.Status == RequestIsApproved {
		if !c.Reserve.IsZero() {
			return domain.Invalid("reserve", "%s of the request are still reserved", r.Reserved)
		}
		return nil
	}
	if err := domain.FirstOf(
		domain.AdmitAfter(h, "end of the request", r.Closed.At),
		checkSome("reserve", c.Reserve, s.Fund.Currency()),
	); err != nil {
		return err
	}
	if left := domain.Must(r.Approval.Amount.Sub(r.Drawn)); c.Reserve.Minor() > left.Minor() {
		return domain.Refuse("above_approval", "reserve", "%s of the request's approval are left: %s is more", left, c.Reserve)
	}
	return s.mustHave("reserve", c.Reserve)
}
