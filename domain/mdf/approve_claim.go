package mdf

import (
	"fmt"
	"slices"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/policy"
)

// ApproveClaim makes the vendor owe the partner an amount, which the fund is drawn by. Above what one person may approve the
// first approval waits for a second one, by somebody else and on the same terms.
//
// What is approved of a request's claims is at most what was approved of the request, and at most the vendor's share of what
// the claims prove: net and the tax that isn't recoverable. Recoverable tax may be paid along; it doesn't draw the fund.
type ApproveClaim struct {
	ClaimID  uuid.UUID    `json:"claim_id"`
	Approved domain.Money `json:"approved,omitzero"`  // in the claim's currency; the second approver may leave all terms out
	InputTax domain.Money `json:"input_tax,omitzero"` // recoverable tax paid along, up to the claim's; 0 by default
	Final    bool         `json:"final,omitempty"`    // no more comes of the request: the rest is released
	Split    []SplitLine  `json:"split,omitempty"`    // by default all as the request was approved
	FX       FX           `json:"fx,omitzero"`        // of a claim in another currency than the fund's
	Reason   string       `json:"reason,omitempty"`   // a service that approves what it filed must say why
}

func (ApproveClaim) roles() []domain.Role { return financeRoles() }

func (c ApproveClaim) decide(s *FundState, h domain.Header, f FundFacts) ([]FundEvent, error) {
	claim, r, err := s.claim(c.ClaimID)
	if err != nil {
		return nil, err
	}
	if err := domain.FirstOf(
		domain.AdmitOptionalText("reason", c.Reason, MaxReason),
		claim.stepFrom(h, ClaimIsFiled, ClaimIsFirstApproved),
		claim.mayReview(h, "ApproveClaim", c.Reason),
		r.stepFrom(h, RequestIsApproved),
	); err != nil {
		return nil, err
	}
	terms, err := c.terms(claim, r)
	if err != nil {
		return nil, err
	}
	if err := domain.FirstOf(r.allows(terms), s.noObstacle(claim, f)); err != nil {
		return nil, err
	}
	if claim.Terms == nil && h.Actor.Kind != domain.Reactor && needsSecond(f.Rules.Approval.Body, terms) {
		return []FundEvent{ClaimFirstApproved{
			OfClaim: claim.of(), Terms: terms, Approval: refOf(f.Rules.Approval), Reason: c.Reason,
		}}, nil
	}
	return s.approved(claim, r, terms, c.Reason, h, f), nil
}

func (c ApproveClaim) elsewhere(own, other *FundState, _ policy.Rules) Elsewhere {
	return duplicatesOf(c.ClaimID, own, other)
}

// terms are those of the command, or of the first approval, which a second one must not change.
func (c ApproveClaim) terms(claim *Claim, r *Request) (Terms, error) {
	first := claim.Terms
	if first != nil && c.Approved.IsZero() && c.InputTax.IsZero() && !c.Final && c.Split == nil && c.FX == (FX{}) {
		return *first, nil
	}
	terms, err := c.ownTerms(claim, r)
	if err == nil && first != nil && !first.equal(terms) {
		err = domain.Refuse("other_terms", "", "the first approval has other terms: deny or return the claim, or leave the terms out")
	}
	return terms, err
}

func (t Terms) equal(other Terms) bool {
	return t.Approved == other.Approved && t.InputTax == other.InputTax && t.Drawn == other.Drawn &&
		t.ProvenCost == other.ProvenCost && t.Final == other.Final && t.FX == other.FX && slices.Equal(t.Split, other.Split)
}

func (c ApproveClaim) ownTerms(claim *Claim, r *Request) (t Terms, err error) {
	t = Terms{Approved: c.Approved, InputTax: orNought(c.InputTax, claim.Currency()), Final: c.Final, FX: c.FX}
	if err := domain.FirstOf(
		checkSome("approved", t.Approved, claim.Currency()),
		checkAmount("input_tax", t.InputTax, claim.Currency()),
		c.FX.check(claim.Currency(), r.Currency()),
	); err != nil {
		return t, err
	}
	switch cost := claim.Cost(); {
	case t.Approved.Minor() > cost.Minor():
		return t, domain.Refuse("above_cost", "approved", "the claim proves %s: %s is more", cost, t.Approved)
	case t.InputTax.Minor() > claim.Recoverable.Minor():
		return t, domain.Refuse("above_tax", "input_tax", "%s of the claim's tax are recoverable: %s is more", claim.Recoverable, t.InputTax)
	}
	if t.Drawn, err = c.FX.convert(t.Approved, r.Currency()); err != nil {
		return t, err
	}
	if t.ProvenCost, err = c.FX.convert(claim.Cost(), r.Currency()); err != nil {
		return t, err
	}
	if t.Drawn.Sign() == 0 || t.ProvenCost.Minor() > MaxAmount {
		return t, domain.Invalid("fx.rate", "makes %s of %s", t.Drawn, t.Approved)
	}
	t.Split, err = c.split(t.Drawn, r.Approval)
	return t, err
}

// check wants a rate and its source for a claim in another currency, and none for one in the fund's own.
func (x FX) check(from, to string) error {
	switch {
	case from == to && x != (FX{}):
		return domain.Invalid("fx", "the claim is in the fund's currency, %s", to)
	case from == to:
		return nil
	case x.Rate.Sign() <= 0:
		return domain.Invalid("fx.rate", "want how many %s one %s is", to, from)
	}
	return domain.AdmitText("fx.source", x.Source, MaxName)
}

func (x FX) convert(amount domain.Money, to string) (domain.Money, error) {
	if amount.Currency() == to {
		return amount, nil
	}
	converted, err := amount.Convert(x.Rate, to)
	if r := domain.AsRejection(err); r != nil {
		return converted, domain.Invalid("fx.rate", "%s", r.Detail)
	}
	return converted, err
}

// split says where the amount drawn goes in the books: as the approver says, or all as the request was approved.
func (c ApproveClaim) split(drawn domain.Money, as *Approval) ([]SplitLine, error) {
	if len(c.Split) == 0 {
		return []SplitLine{{Treatment: as.Treatment, Amount: drawn, Basis: as.Basis}}, nil
	}
	sum := nought(drawn.Currency())
	for at, line := range c.Split {
		path := fmt.Sprintf("split[%d]", at)
		if err := domain.FirstOf(
			domain.AdmitOneOf(path+".treatment", line.Treatment, Treatments()...),
			checkSome(path+".amount", line.Amount, drawn.Currency()),
			domain.AdmitText(path+".basis", line.Basis, MaxReason),
		); err != nil {
			return nil, err
		}
		if slices.ContainsFunc(c.Split[:at], func(other SplitLine) bool { return other.Treatment == line.Treatment }) {
			return nil, domain.Invalid(path+".treatment", "%s is there twice", line.Treatment)
		}
		sum = domain.Must(sum.Add(line.Amount))
	}
	if sum != drawn {
		return nil, domain.Invalid("split", "adds up to %s, and the fund is drawn by %s", sum, drawn)
	}
	return c.Split, nil
}

// allows refuses what is more than the request's approval or the vendor's share, and a final claim while others are open.
func (r *Request) allows(t Terms) error {
	if t.Drawn.Minor() > r.Reserved.Minor() {
		return domain.Refuse("above_approval", "approved", "%s of the request's approval are left: %s is more", r.Reserved, t.Drawn)
	}
	share := r.Approval.VendorSharePercent
	most, err := plus(r.ProvenCost, t.ProvenCost).Percent(share)
	if err != nil {
		return err
	}
	if plus(r.Drawn, t.Drawn).Minor() > most.Minor() {
		left := domain.Must(most.Sub(r.Drawn))
		return domain.Refuse("above_share", "approved", "the vendor's share is %s %% of the proven cost, %s are left of it: %s is more",
			share, left, t.Drawn)
	}
	if t.Final && r.otherOpen() {
		return domain.Refuse("claims_open", "final", "the request has other claims that are open: decide them first")
	}
	return nil
}

// otherOpen reports whether a second claim of the request waits for somebody.
func (r *Request) otherOpen() bool {
	open := 0
	for _, c := range r.Claims {
		if c.Status == ClaimIsFiled || c.Status == ClaimIsFirstApproved || c.Status == ClaimIsReturned {
			open++
		}
	}
	return open > 1
}

// needsSecond holds what is drawn, and what is owed in another currency, against the limits.
func needsSecond(limits policy.Approval, t Terms) bool {
	return limits.NeedsSecond(policy.ApproveClaim, t.Drawn) || limits.NeedsSecond(policy.ApproveClaim, t.Payable())
}

// approved draws the fund. What was accrued for it stands in the books as a liability now.
func (s *FundState) approved(c *Claim, r *Request, t Terms, reason string, h domain.Header, f FundFacts) []FundEvent {
	released, accrued := nought(r.Currency()), least(r.Obligation, t.Drawn)
	if t.Final {
		released, accrued = domain.Must(r.Reserved.Sub(t.Drawn)), r.Obligation
	}
	events := []FundEvent{ClaimApproved{
		FundRef: s.Fund.Ref(), OfClaim: c.of(), Terms: t, Released: released, Settlement: c.Settlement,
		Approval: refOf(f.Rules.Approval), Reason: reason,
	}}
	return s.freeing(h, append(events, r.releaseObligation(accrued)...)...)
}
