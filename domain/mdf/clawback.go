package mdf

import (
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
)

// ClawBack takes back a part of what was approved, or all of it. What was not paid yet is no longer owed; what was paid is
// owed back. The fund has the money again, unless it has expired.
type ClawBack struct {
	ClaimID  uuid.UUID    `json:"claim_id"`
	Amount   domain.Money `json:"amount"`             // of what was approved, above 0, in the claim's currency
	InputTax domain.Money `json:"input_tax,omitzero"` // of the tax paid along; 0 by default
	Reason   string       `json:"reason"`
}

func (ClawBack) roles() []domain.Role { return financeRoles() }

func (c ClawBack) decide(s *FundState, h domain.Header, f FundFacts) ([]FundEvent, error) {
	return c.as(clawbackID(s, h), s, h, f)
}

// FinishClawback is the second half of a claw-back whose first half, on the payables, stands there alone: the reactor's.
type FinishClawback struct {
	ClawBack
	ClawbackID uuid.UUID
}

func (c FinishClawback) decide(s *FundState, h domain.Header, f FundFacts) ([]FundEvent, error) {
	if err := reactorOnly(h, "FinishClawback"); err != nil {
		return nil, err
	}
	if claim, _, err := s.claim(c.ClaimID); err != nil || claim.clawback(c.ClawbackID) != nil {
		return nil, err
	}
	return c.as(c.ClawbackID, s, h, f)
}

func clawbackID(s *FundState, h domain.Header) uuid.UUID {
	return domain.EntityID(h.CommandID, domain.StreamName(FundCategory, s.Fund.ID), "clawback")
}

func (c ClawBack) as(id uuid.UUID, s *FundState, h domain.Header, f FundFacts) ([]FundEvent, error) {
	claim, _, err := s.claim(c.ClaimID)
	if err != nil {
		return nil, err
	}
	c.InputTax = orNought(c.InputTax, claim.Currency())
	if err := domain.FirstOf(
		domain.AdmitText("reason", c.Reason, MaxReason),
		claim.stepFrom(h, ClaimIsApproved, ClaimIsPaid),
		checkSome("amount", c.Amount, claim.Currency()),
		checkAmount("input_tax", c.InputTax, claim.Currency()),
	); err != nil {
		return nil, err
	}
	if claim.clawback(id) != nil { // the reactor was first
		return nil, nil
	}
	if len(claim.Clawbacks) >= MaxClawbacks {
		return nil, domain.Refuse("too_many_clawbacks", "claim_id", "a claim has at most %d claw-backs", MaxClawbacks)
	}
	left := claim.left()
	switch {
	case c.Amount.Minor() > left.Amount.Minor():
		return nil, domain.Refuse("above_approval", "amount", "%s of what was approved are left: %s is more", left.Amount, c.Amount)
	case c.InputTax.Minor() > left.InputTax.Minor():
		return nil, domain.Refuse("above_tax", "input_tax", "%s of the tax paid along are left: %s is more", left.InputTax, c.InputTax)
	}
	terms := left.part(c.Amount, c.InputTax)
	if terms.Paid, err = f.Payables.paid(terms.Payable(), claim.Owed()); err != nil {
		return nil, err
	}
	terms.ClawbackID = id
	return s.freeing(h, ClaimClawedBack{FundRef: s.Fund.Ref(), OfClaim: claim.of(), ClawbackTerms: terms, Reason: c.Reason}), nil
}

// left is what was approved and not clawed back.
func (c *Claim) left() ClawbackTerms {
	t := c.Terms
	left := ClawbackTerms{Amount: t.Approved, InputTax: t.InputTax, Drawn: t.Drawn, Split: append([]SplitLine(nil), t.Split...)}
	for _, b := range c.Clawbacks {
		if b.Reversed.Taken() {
			continue
		}
		left.Amount = domain.Must(left.Amount.Sub(b.Amount))
		left.InputTax = domain.Must(left.InputTax.Sub(b.InputTax))
		left.Drawn = domain.Must(left.Drawn.Sub(b.Drawn))
		for _, line := range b.Split {
			for at := range left.Split {
				if left.Split[at].Treatment == line.Treatment {
					left.Split[at].Amount = domain.Must(left.Split[at].Amount.Sub(line.Amount))
				}
			}
		}
	}
	return left
}

// part is what an amount of what is left comes to in the fund's currency and in the books: in proportion, and the whole
// where it is the whole, so that parts always add up to what was drawn.
func (t ClawbackTerms) part(amount, tax domain.Money) ClawbackTerms {
	part := ClawbackTerms{Amount: amount, InputTax: tax, Split: []SplitLine{}}
	part.Drawn = proportion(t.Drawn, amount.Minor(), t.Amount.Minor())
	weights := make([]int64, len(t.Split))
	for at, line := range t.Split {
		weights[at] = line.Amount.Minor()
	}
	if t.Drawn.Sign() == 0 {
		return part
	}
	amounts := domain.Must(part.Drawn.Split(weights))
	for at, line := range t.Split {
		if line.Amount = amounts[at]; line.Amount.Sign() > 0 {
			part.Split = append(part.Split, line)
		}
	}
	return part
}

// proportion is amount × part ÷ whole, 0 ≤ part ≤ whole, rounded to the nearest minor unit.
func proportion(amount domain.Money, part, whole int64) domain.Money {
	if whole == 0 {
		return nought(amount.Currency())
	}
	return domain.Must(amount.Split([]int64{part, whole - part}))[0]
}

// ReverseClawback undoes a claw-back, exactly; a second person says so, not who clawed back. The fund must have the money.
type ReverseClawback struct {
	ClaimID    uuid.UUID `json:"claim_id"`
	ClawbackID uuid.UUID `json:"clawback_id"`
	Ruling     uuid.UUID `json:"ruling,omitzero"` // the event that orders it
	Reason     string    `json:"reason"`
}

func (ReverseClawback) roles() []domain.Role { return financeRoles() }

func (c ReverseClawback) decide(s *FundState, h domain.Header, f FundFacts) ([]FundEvent, error) {
	claim, _, err := s.claim(c.ClaimID)
	if err != nil {
		return nil, err
	}
	back := claim.clawback(c.ClawbackID)
	switch {
	case back == nil:
		return nil, domain.NotFound("clawback_unknown", "clawback_id", "the claim has no claw-back %s", c.ClawbackID)
	case back.Reversed.Taken():
		return nil, domain.Refuse("wrong_status", "clawback_id", "the claw-back is reversed already")
	case f.Recovered:
		return nil, domain.Refuse("clawback_recovered", "clawback_id", "something of the claw-back is recovered from the partner already")
	}
	if err := domain.FirstOf(
		domain.AdmitText("reason", c.Reason, MaxReason),
		domain.AdmitAfter(h, "claw-back", back.Step.At),
		domain.AdmitChecker("ReverseClawback", back.Step.Actor(), h.Actor, claim.PartnerID, c.Reason),
		s.mustHave("clawback_id", back.Drawn),
	); err != nil {
		return nil, err
	}
	return []FundEvent{ClawbackReversed{
		FundRef: s.Fund.Ref(), OfClaim: claim.of(), ClawbackTerms: back.ClawbackTerms, Ruling: c.Ruling, Reason: c.Reason,
	}}, nil
}

// Reversed is the claw-back that a command undoes; none: it undoes none.
func Reversed(c FundCommand) (clawback uuid.UUID) {
	if c, ok := c.(ReverseClawback); ok {
		return c.ClawbackID
	}
	return uuid.Nil
}

// Receivable is what the partner owes because of a claw-back of what was paid, and since when; false: there is none.
func (s *FundState) Receivable(clawback uuid.UUID) (amount domain.Money, since time.Time, ok bool) {
	for _, claim := range s.Claims {
		b := claim.clawback(clawback)
		switch {
		case b == nil || !b.Paid:
		case b.Reversed.Taken():
			return nought(claim.Currency()), b.Step.At, true
		default:
			return b.Payable(), b.Step.At, true
		}
	}
	return amount, since, false
}

// Owing is what the partner owes more because of an event; an amount below 0: less.
type Owing struct {
	ID        uuid.UUID // of the claw-back
	PartnerID uuid.UUID
	Amount    domain.Money
}

// OwingOf is what an event says of what the partner owes; nought: nothing.
func OwingOf(e FundEvent) Owing {
	switch e := e.(type) {
	case ClaimClawedBack:
		if e.Paid {
			return Owing{e.ClawbackID, e.PartnerID, e.Payable()}
		}
	case ClawbackReversed:
		if e.Paid {
			return Owing{e.ClawbackID, e.PartnerID, e.Payable().Neg()}
		}
	}
	return Owing{}
}
