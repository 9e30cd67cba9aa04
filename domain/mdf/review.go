package mdf

import (
	"math"
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/policy"
)

// ApproveRequest reserves money for an activity. Where it and the partner's other requests for the activity add up to more
// than one person may approve, the first approval waits for a second one, by somebody else and on the same terms.
type ApproveRequest struct {
	RequestID uuid.UUID    `json:"request_id"`
	Amount    domain.Money `json:"amount,omitzero"`     // up to what was requested; the second approver may leave it out
	Treatment Treatment    `json:"treatment,omitempty"` // the second approver may leave it out
	Basis     string       `json:"basis,omitempty"`     // why this treatment; the second approver may leave it out
	Reason    string       `json:"reason,omitempty"`    // a service that approves what it submitted must say why
}

func (ApproveRequest) roles() []domain.Role { return financeRoles() }

func (c ApproveRequest) decide(s *FundState, h domain.Header, f FundFacts) ([]FundEvent, error) {
	r, err := s.request(c.RequestID)
	if err != nil {
		return nil, err
	}
	if err := domain.FirstOf(
		domain.AdmitOptionalText("reason", c.Reason, MaxReason),
		r.stepFrom(h, RequestIsSubmitted, RequestIsFirstApproved),
		r.mayReview(h, "ApproveRequest", c.Reason),
		c.sameAs(r.Approval),
	); err != nil {
		return nil, err
	}
	if r.Approval != nil {
		c.Amount, c.Treatment, c.Basis = r.Approval.Amount, r.Approval.Treatment, r.Approval.Basis
	}
	if err := c.check(s, r, h, f); err != nil {
		return nil, err
	}
	addsUp := c.addsUp(s, r, f)
	if r.Approval == nil && h.Actor.Kind != domain.Reactor && f.Rules.Approval.Body.NeedsSecond(policy.ApproveRequest, addsUp) {
		return []FundEvent{RequestFirstApproved{
			OfRequest: OfRequest{RequestID: r.ID}, Amount: c.Amount, Treatment: c.Treatment, Basis: c.Basis, AddsUpTo: addsUp,
			Approval: refOf(f.Rules.Approval), Reason: c.Reason,
		}}, nil
	}
	return c.approved(s, r, h, f, addsUp), nil
}

// sameAs holds a second approver to the terms of the first.
func (c ApproveRequest) sameAs(first *Approval) error {
	switch {
	case first == nil:
		return nil
	case !c.Amount.IsZero() && c.Amount != first.Amount:
		return domain.Refuse("other_terms", "amount", "the first approval is for %s: decline it, or leave the amount out", first.Amount)
	case c.Treatment != "" && c.Treatment != first.Treatment:
		return domain.Refuse("other_terms", "treatment", "the first approval is as %s: decline it, or leave the treatment out", first.Treatment)
	case c.Basis != "" && c.Basis != first.Basis:
		return domain.Refuse("other_terms", "basis", "the first approval has another basis: decline it, or leave the basis out")
	}
	return nil
}

func (c ApproveRequest) check(s *FundState, r *Request, h domain.Header, f FundFacts) error {
	if err := domain.FirstOf(
		checkSome("amount", c.Amount, s.Fund.Currency()),
		domain.AdmitOneOf("treatment", c.Treatment, Treatments()...),
		domain.AdmitText("basis", c.Basis, MaxReason),
		f.Partner.active(s.Fund.PartnerID),
		s.notExpired(h),
	); err != nil {
		return err
	}
	if until := endOf(r.Ends, f.Rules.MDF.Body.ClaimDays, f.Rules); !h.EffectiveAt.Before(until) {
		return domain.Refuse("deadline_passed", "", "claims on this activity had to come before %s", stamp(until))
	}
	if c.Amount.Minor() > r.Requested.Minor() {
		return domain.Refuse("above_request", "amount", "%s were requested: %s is more", r.Requested, c.Amount)
	}
	return s.mustHave("amount", c.Amount)
}

// addsUp is what the limit is held against: the amount, and the partner's other live requests for the activity, in any fund
// of the same currency, that were submitted within the policy's window before or after.
func (c ApproveRequest) addsUp(s *FundState, r *Request, f FundFacts) domain.Money {
	sum := plus(c.Amount, s.addsUpWith(r, f.Rules))
	for _, e := range f.Elsewhere {
		sum = plus(sum, e.AddsUp)
	}
	return sum
}

// plus is the sum, or what is far above every limit where that is out of range: requests are not bounded in number.
func plus(a, b domain.Money) domain.Money {
	sum, err := a.Add(b)
	if err != nil {
		return domain.Must(domain.NewMoney(math.MaxInt64, a.Currency()))
	}
	return sum
}

func (c ApproveRequest) elsewhere(own, other *FundState, rules policy.Rules) Elsewhere {
	r, ok := own.Requests[c.RequestID]
	if !ok || other.Fund.Currency() != own.Fund.Currency() {
		return Elsewhere{}
	}
	return Elsewhere{AddsUp: other.addsUpWith(r, rules)}
}

// addsUpWith is what the fund's other requests for the same activity come to.
func (s *FundState) addsUpWith(r *Request, rules policy.Rules) domain.Money {
	sum := nought(r.Currency())
	window := rules.Approval.Body.WindowDays
	from := policy.AddDays(r.Submitted.At, -window, zoneOf(rules))
	until := policy.AddDays(r.Submitted.At, window, zoneOf(rules))
	for _, other := range s.Requests {
		if other.ID != r.ID && other.Activity == r.Activity && window > 0 && within(other.Submitted.At, from, until) {
			sum = plus(sum, other.weight())
		}
	}
	return sum
}

func within(at, from, until time.Time) bool { return !at.Before(from) && !at.After(until) }

// weight is what a request counts: what it was approved for, or asks for; of one that has ended, what was drawn.
func (r *Request) weight() domain.Money {
	switch r.Status {
	case RequestIsSubmitted:
		return r.Requested
	case RequestIsFirstApproved, RequestIsApproved:
		return r.Approval.Amount
	case RequestIsDeclined, RequestIsCancelled, RequestIsLapsed, RequestIsCompleted:
		return r.Drawn
	}
	return nought(r.Currency())
}

// approved reserves the amount, and accrues it at once where it reduces revenue.
func (c ApproveRequest) approved(s *FundState, r *Request, h domain.Header, f FundFacts, addsUp domain.Money) []FundEvent {
	rules := f.Rules.MDF
	events := []FundEvent{RequestApproved{
		FundRef: s.Fund.Ref(), OfRequest: OfRequest{RequestID: r.ID}, Amount: c.Amount, Treatment: c.Treatment, Basis: c.Basis,
		VendorSharePercent: rules.Body.VendorSharePercent,
		ClaimUntil:         endOf(r.Ends, rules.Body.ClaimDays, f.Rules),
		AccruesAt:          later(endOf(r.Ends, 0, f.Rules), h.EffectiveAt),
		AddsUpTo:           addsUp, Policy: refOf(rules), Approval: refOf(f.Rules.Approval), Reason: c.Reason,
	}}
	if c.Treatment == ContraRevenue {
		events = append(events, r.accrue(c.Treatment, c.Amount))
	}
	return events
}

// DeclineRequest refuses a request for good, also one that waits for a second approver.
type DeclineRequest struct {
	RequestID uuid.UUID `json:"request_id"`
	Reason    string    `json:"reason"`
}

func (DeclineRequest) roles() []domain.Role { return financeRoles() }

func (c DeclineRequest) decide(s *FundState, h domain.Header, _ FundFacts) ([]FundEvent, error) {
	r, err := s.request(c.RequestID)
	if err != nil {
		return nil, err
	}
	if err := domain.FirstOf(
		domain.AdmitText("reason", c.Reason, MaxReason),
		r.stepFrom(h, RequestIsSubmitted, RequestIsFirstApproved),
		domain.AdmitChecker("DeclineRequest", r.Submitted.Actor(), h.Actor, r.PartnerID, c.Reason),
	); err != nil {
		return nil, err
	}
	return []FundEvent{RequestDeclined{OfRequest: OfRequest{RequestID: r.ID}, Reason: c.Reason}}, nil
}

// CancelRequest ends a request; what is still reserved is free again. It waits for claims that are undecided. While a denied
// claim may still be disputed, only the partner may cancel.
type CancelRequest struct {
	RequestID uuid.UUID `json:"request_id"`
	Reason    string    `json:"reason"`
}

func (CancelRequest) roles() []domain.Role { return eitherRoles() }

func (c CancelRequest) decide(s *FundState, h domain.Header, _ FundFacts) ([]FundEvent, error) {
	r, err := s.request(c.RequestID)
	if err != nil {
		return nil, err
	}
	if err := domain.FirstOf(
		domain.AdmitText("reason", c.Reason, MaxReason),
		r.stepFrom(h, RequestIsSubmitted, RequestIsFirstApproved, RequestIsApproved),
		r.nothingOpen(),
	); err != nil {
		return nil, err
	}
	if until := r.disputableUntil(); h.EffectiveAt.Before(until) && !h.Actor.OfPartner() {
		return nil, domain.Refuse("claim_disputable", "request_id", "a denied claim may be disputed until %s", stamp(until))
	}
	cancelled := RequestCancelled{
		FundRef: s.Fund.Ref(), OfRequest: OfRequest{RequestID: r.ID}, Freed: r.Reserved, Reason: c.Reason,
	}
	return s.freeing(h, append([]FundEvent{cancelled}, r.releaseObligation(r.Obligation)...)...), nil
}

// nothingOpen refuses what waits for the claims that the vendor has to decide, or the partner to complete.
func (r *Request) nothingOpen() error {
	for _, c := range r.Claims {
		if c.Status == ClaimIsFiled || c.Status == ClaimIsFirstApproved || c.Status == ClaimIsReturned {
			return domain.Refuse("claims_open", "request_id", "claim %s is %s: it has to be decided first", c.ID, c.Status)
		}
	}
	return nil
}

// disputableUntil is the end of the time in which a denied claim may be disputed; zero where there is none.
func (r *Request) disputableUntil() (until time.Time) {
	for _, c := range r.Claims {
		if c.Status == ClaimIsDenied {
			until = later(until, c.Until)
		}
	}
	return until
}
