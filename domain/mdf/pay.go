package mdf

import (
	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
)

// PayClaim records that the partner has what it is owed, all of it, by a payment made outside of this ledger: imported
// history. What payouts pay is recorded by itself.
type PayClaim struct {
	ClaimID   uuid.UUID `json:"claim_id"`
	Reference string    `json:"reference"` // of the payment
}

func (PayClaim) roles() []domain.Role { return schedulerRoles() }

func (c PayClaim) decide(s *FundState, h domain.Header, f FundFacts) ([]FundEvent, error) {
	claim, _, err := s.claim(c.ClaimID)
	if err != nil {
		return nil, err
	}
	if err := domain.FirstOf(
		domain.AdmitText("reference", c.Reference, MaxName),
		claim.stepFrom(h, ClaimIsApproved),
	); err != nil {
		return nil, err
	}
	owed := claim.Owed()
	switch {
	case owed.Sign() <= 0:
		return nil, domain.Refuse("nothing_owed", "claim_id", "all of the claim was clawed back: nothing is owed")
	case f.Payables.Known && f.Payables.Taken != owed:
		return nil, domain.Refuse("payable_exists", "claim_id", "a payout has the claim's payable, or has sent it: it is paid by that")
	}
	e := s.paid(claim, owed, c.Reference)
	e.PaymentID = paymentID(s, h)
	return []FundEvent{e}, nil
}

func paymentID(s *FundState, h domain.Header) uuid.UUID {
	return domain.EntityID(h.CommandID, domain.StreamName(FundCategory, s.Fund.ID), "payment")
}

// paid is a payment of an amount, up to what is owed: of the draw it settles as much in proportion, and the rest with the rest.
func (s *FundState) paid(claim *Claim, amount domain.Money, reference string) ClaimPaid {
	owed := claim.Owed()
	e := ClaimPaid{FundRef: s.Fund.Ref(), OfClaim: claim.of(), Amount: amount, Reference: reference}
	e.Drawn = proportion(domain.Must(claim.left().Drawn.Sub(claim.PaidDrawn)), amount.Minor(), owed.Minor())
	if rest := domain.Must(owed.Sub(amount)); rest.Sign() > 0 {
		e.Owed = rest
	}
	return e
}

// SettleClaim records that the bank confirmed a payment for the claim's payable: the reactor's.
type SettleClaim struct {
	ClaimID   uuid.UUID
	PayableID uuid.UUID
	PaymentID uuid.UUID
	Amount    domain.Money // in the claim's currency
	Reference string       // of the bank
}

func (SettleClaim) roles() []domain.Role { return schedulerRoles() }

func (c SettleClaim) decide(s *FundState, h domain.Header, _ FundFacts) ([]FundEvent, error) {
	claim, _, err := s.claim(c.ClaimID)
	if err != nil {
		return nil, err
	}
	if err := domain.FirstOf(
		reactorOnly(h, "SettleClaim"),
		claim.stepFrom(h, ClaimIsApproved),
		checkSome("amount", c.Amount, claim.Currency()),
	); err != nil {
		return nil, err
	}
	if owed := claim.Owed(); c.Amount.Minor() > owed.Minor() {
		return nil, domain.Refuse("above_owed", "amount", "%s are owed: %s is more", owed, c.Amount)
	}
	e := s.paid(claim, c.Amount, c.Reference)
	e.PayableID, e.PaymentID = c.PayableID, c.PaymentID
	return []FundEvent{e}, nil
}

// ReturnClaimPayment records that a confirmed payment came back, or a part of it: the reactor's.
type ReturnClaimPayment struct {
	ClaimID   uuid.UUID
	PayableID uuid.UUID
	PaymentID uuid.UUID
	Amount    domain.Money // in the claim's currency
	Reason    string
}

func (ReturnClaimPayment) roles() []domain.Role { return schedulerRoles() }

func (c ReturnClaimPayment) decide(s *FundState, h domain.Header, _ FundFacts) ([]FundEvent, error) {
	claim, _, err := s.claim(c.ClaimID)
	if err != nil {
		return nil, err
	}
	if err := domain.FirstOf(
		reactorOnly(h, "ReturnClaimPayment"),
		claim.stepFrom(h, ClaimIsApproved, ClaimIsPaid),
		checkSome("amount", c.Amount, claim.Currency()),
	); err != nil {
		return nil, err
	}
	if c.Amount.Minor() > claim.Paid.Minor() {
		return nil, domain.Refuse("above_paid", "amount", "%s were paid: %s is more", claim.Paid, c.Amount)
	}
	return []FundEvent{ClaimPaymentReturned{
		FundRef: s.Fund.Ref(), OfClaim: claim.of(), Amount: c.Amount,
		Drawn:     proportion(claim.settledDraw(), c.Amount.Minor(), claim.Paid.Minor()),
		PayableID: c.PayableID, PaymentID: c.PaymentID, Reason: c.Reason,
	}}, nil
}

// settledDraw is what of the draw payments settled, also where it was clawed back since.
func (c *Claim) settledDraw() domain.Money {
	settled := c.PaidDrawn
	for _, b := range c.Clawbacks {
		if b.Paid && !b.Reversed.Taken() {
			settled = domain.Must(settled.Add(b.Drawn))
		}
	}
	return settled
}

// Payables are what a claim's payables say, as far as a decision needs it.
type Payables struct {
	Known bool         // there is one: else the claim is older than payables
	Open  domain.Money // of all of them: not sent yet
	Taken domain.Money // by the claw-back or payment at hand
}

// paid reports whether a claw-back takes what was sent to the partner. What is still open is taken on the payables first, all
// of it or nothing: so no payout pays it.
func (p Payables) paid(total, owed domain.Money) (bool, error) {
	open := p.Open
	switch {
	case !p.Known:
		open = owed
		if open.Minor() >= total.Minor() {
			return false, nil
		}
	case p.Taken == total:
		return false, nil
	case p.Taken.Sign() == 0 && open.Minor() >= total.Minor():
		return false, domain.Refuse("payable_open", "amount", "%s are still to be paid: take it back on the payable first", open)
	}
	if open.Sign() > 0 || p.Taken.Sign() > 0 {
		return false, domain.Refuse("partly_paid", "amount", "%s are not paid yet: claw that back first, then the rest", open)
	}
	return true, nil
}

// Taking is what a command takes on a claim's payables before it is given: a claw-back, or a payment outside of this ledger.
type Taking struct {
	ID       uuid.UUID     // of the claw-back or payment
	ClaimID  uuid.UUID     //
	Raised   []domain.Step // the events that made something payable
	Amount   domain.Money  // in the claim's currency, tax included
	InputTax domain.Money  // of it
	Reason   string
	Payment  bool // else a claw-back
}

// TakingOf is what a command takes on payables first; false: nothing, or the command is wrong, and refused by itself.
func TakingOf(s *FundState, h domain.Header, c FundCommand) (t Taking, ok bool) {
	switch c := c.(type) {
	case ClawBack:
		t, ok = c.taking(clawbackID(s, h)), true
	case FinishClawback:
		t, ok = c.taking(c.ClawbackID), true
	case PayClaim:
		t = Taking{
			ID: paymentID(s, h), ClaimID: c.ClaimID, Reason: "paid outside of this ledger: " + c.Reference, Payment: true,
		}
		ok = true
	}
	claim := s.Claims[t.ClaimID]
	if !ok || claim == nil || !claim.approved() {
		return t, false
	}
	t.Raised = claim.raised()
	if t.Payment {
		t.Amount = claim.Owed()
	}
	return t, t.Amount.Sign() > 0 && t.Amount.Currency() == claim.Currency()
}

func (c ClawBack) taking(id uuid.UUID) Taking {
	total, err := c.Amount.Add(c.InputTax)
	if err != nil {
		total = domain.Money{}
	}
	return Taking{ID: id, ClaimID: c.ClaimID, Amount: total, InputTax: c.InputTax, Reason: c.Reason}
}

// raised are the events that made something of the claim payable: its approval, and each claw-back of what was not paid that
// is undone.
func (c *Claim) raised() []domain.Step {
	steps := []domain.Step{c.Decided}
	for _, b := range c.Clawbacks {
		if !b.Paid && b.Reversed.Taken() {
			steps = append(steps, b.Reversed)
		}
	}
	return steps
}
