package mdf

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
)

// Claim is what a partner shows that it spent, and what became of it. The aggregate and the read models fold it by Apply.
type Claim struct {
	ID        uuid.UUID `json:"id"`
	RequestID uuid.UUID `json:"request_id"`
	FundRef
	Status ClaimStatus `json:"status"`
	Invoice
	FiledAt      time.Time    `json:"filed_at"`               // the date that counts for the deadline
	RefileUntil  time.Time    `json:"refile_until,omitzero"`  // of the last return; exclusive
	DisputeUntil time.Time    `json:"dispute_until,omitzero"` // of the last denial; exclusive
	Findings     []Finding    `json:"findings,omitempty"`     // what it looks like a duplicate of
	Terms        *Terms       `json:"terms,omitempty"`        // first approved, or approved
	Paid         domain.Money `json:"paid,omitzero"`          // in the claim's currency
	// PaidDrawn is what of the draw is paid and not clawed back, in the fund's currency. It is below 0 as long as a payment that
	// was clawed back isn't confirmed.
	PaidDrawn domain.Money `json:"paid_drawn,omitzero"`
	Payment   string       `json:"payment,omitempty"` // reference of the last one
	Clawbacks []Clawback   `json:"clawbacks,omitempty"`

	// The last step of each sort that was taken.
	Filed         domain.Step `json:"filed"`
	Returned      domain.Step `json:"returned,omitzero"`
	Refiled       domain.Step `json:"refiled,omitzero"`
	FirstApproved domain.Step `json:"first_approved,omitzero" partner:"internal"`
	Decided       domain.Step `json:"decided,omitzero"` // approved, denied or withdrawn
	Reopened      domain.Step `json:"reopened,omitzero"`
	PaidStep      domain.Step `json:"paid_step,omitzero"`

	Revision int64     `json:"revision"` // of the last event that names the claim
	EventID  uuid.UUID `json:"event_id"` // of the same
}

// Clawback is a part of what was approved that was taken back, unless it is reversed.
type Clawback struct {
	ClawbackTerms
	Step     domain.Step `json:"step"`
	Reversed domain.Step `json:"reversed,omitzero"`
}

// Finding says that the claim looks like another one.
type Finding struct {
	ID       uuid.UUID         `json:"id"`
	With     DuplicateOf       `json:"with"`
	Rule     DuplicateRule     `json:"rule"`
	Evidence map[string]string `json:"evidence"`
	Found    domain.Step       `json:"found"`
	Override domain.Step       `json:"override,omitzero" partner:"internal"`
}

// Apply folds one event into the claim. An event of a claim whose filing is left out changes nothing.
func (c *Claim) Apply(e ClaimEvent, env domain.Envelope) {
	if _, first := e.(ClaimFiled); !first && c.ID != e.Claim() {
		return
	}
	e.claim(c, env)
	c.Revision, c.EventID = env.Revision, env.EventID
}

// Currency is that of the claim's amounts.
func (c *Claim) Currency() string { return c.Net.Currency() }

// Cost is what counts of an invoice: net and the tax that isn't recoverable. Amounts of one claim always add up: filing
// bounds them.
func (i Invoice) Cost() domain.Money {
	return domain.Must(domain.Must(i.Net.Add(i.Tax)).Sub(i.Recoverable))
}

// Owed is what is still to be paid to the partner, in the claim's currency.
func (c *Claim) Owed() domain.Money {
	if c.Terms == nil || !c.approved() {
		return nought(c.Currency())
	}
	owed := domain.Must(c.Terms.Payable().Sub(c.Paid))
	for _, b := range c.Clawbacks {
		if !b.Reversed.Taken() && !b.Paid {
			owed = domain.Must(owed.Sub(b.Payable()))
		}
	}
	return owed
}

// Payable is what the terms make the vendor owe.
func (t Terms) Payable() domain.Money { return domain.Must(t.Approved.Add(t.InputTax)) }

// Booked is what the payable stands at in the books of a fund in another currency; no amount where it is the claim's own.
func (t Terms) Booked() domain.Money {
	if t.FX == (FX{}) {
		return domain.Money{}
	}
	return domain.Must(t.Drawn.Add(domain.Must(t.InputTax.Convert(t.FX.Rate, t.Drawn.Currency()))))
}

// Payable is what the claw-back takes from what the vendor owes, or paid.
func (t ClawbackTerms) Payable() domain.Money { return domain.Must(t.Amount.Add(t.InputTax)) }

// Booked is as of Terms, at the rate that the part was drawn at.
func (t ClawbackTerms) Booked() domain.Money {
	amount, tax := t.Amount.Minor(), t.InputTax.Minor()
	if t.Drawn.Currency() == t.Amount.Currency() || amount == 0 {
		return domain.Money{}
	}
	booked := domain.Must(t.Drawn.Add(proportion(t.Drawn, tax%amount, amount)))
	for range tax / amount {
		booked = domain.Must(booked.Add(t.Drawn))
	}
	return booked
}

func (c *Claim) approved() bool { return c.Status == ClaimIsApproved || c.Status == ClaimIsPaid }

// since is when the step took effect that the next one needs.
func (c *Claim) since() time.Time {
	switch c.Status {
	case ClaimIsReturned:
		return c.Returned.At
	case ClaimIsFirstApproved:
		return c.FirstApproved.At
	case ClaimIsFiled:
		return later(c.Filed.At, later(c.Refiled.At, c.Reopened.At))
	default:
		return c.Decided.At
	}
}

// stepFrom refuses a step that the claim's status doesn't allow, or that would take effect before what led to it.
func (c *Claim) stepFrom(h domain.Header, allowed ...ClaimStatus) error {
	if !slices.Contains(allowed, c.Status) {
		return domain.Refuse("wrong_status", "claim_id", "the claim is %s: want %v", c.Status, allowed)
	}
	return domain.AdmitAfter(h, "step", c.since())
}

// mayReview holds that neither who filed the claim or filed it again, nor who approved it first, nor anyone of the partner
// decides it.
func (c *Claim) mayReview(h domain.Header, action, reason string) error {
	for _, maker := range []domain.Step{c.Filed, c.Refiled, c.FirstApproved} {
		if !maker.Taken() {
			continue
		}
		if err := domain.AdmitChecker(action, maker.Actor(), h.Actor, c.PartnerID, reason); err != nil {
			return err
		}
	}
	return nil
}

func (c *Claim) finding(id uuid.UUID) *Finding {
	at := slices.IndexFunc(c.Findings, func(f Finding) bool { return f.ID == id })
	if at < 0 {
		return nil
	}
	return &c.Findings[at]
}

func (c *Claim) clawback(id uuid.UUID) *Clawback {
	at := slices.IndexFunc(c.Clawbacks, func(b Clawback) bool { return b.ClawbackID == id })
	if at < 0 {
		return nil
	}
	return &c.Clawbacks[at]
}

// ---- fold

func (e ClaimFiled) claim(c *Claim, env domain.Envelope) {
	*c = Claim{
		ID: e.ClaimID, RequestID: e.RequestID, FundRef: e.FundRef, Status: ClaimIsFiled, Invoice: e.Invoice,
		FiledAt: env.EffectiveAt, Filed: domain.StepOf(env, ""),
	}
}

func (e ClaimReturned) claim(c *Claim, env domain.Envelope) {
	c.Status, c.Returned, c.RefileUntil = ClaimIsReturned, domain.StepOf(env, e.Reason), e.RefileUntil
	c.FirstApproved, c.Terms = domain.Step{}, nil
}

func (e ClaimRefiled) claim(c *Claim, env domain.Envelope) {
	c.Status, c.Refiled, c.Invoice = ClaimIsFiled, domain.StepOf(env, ""), e.Invoice
	if !e.KeepsDate {
		c.FiledAt = env.EffectiveAt
	}
}

func (e ClaimWithdrawn) claim(c *Claim, env domain.Envelope) {
	c.Status, c.Decided = ClaimIsWithdrawn, domain.StepOf(env, e.Reason)
}

func (e DuplicateFound) claim(c *Claim, env domain.Envelope) {
	c.Findings = append(c.Findings, Finding{
		ID: e.FindingID, With: e.With, Rule: e.Rule, Evidence: e.Evidence, Found: domain.StepOf(env, ""),
	})
}

func (e DuplicateOverridden) claim(c *Claim, env domain.Envelope) {
	for _, id := range e.FindingIDs {
		if f := c.finding(id); f != nil {
			f.Override = domain.StepOf(env, e.Reason)
		}
	}
}

func (e ClaimFirstApproved) claim(c *Claim, env domain.Envelope) {
	c.Status, c.FirstApproved, c.Terms = ClaimIsFirstApproved, domain.StepOf(env, e.Reason), &e.Terms
}

func (e ClaimApproved) claim(c *Claim, env domain.Envelope) {
	c.Status, c.Decided, c.Terms = ClaimIsApproved, domain.StepOf(env, e.Reason), &e.Terms
	c.Paid, c.PaidDrawn = nought(c.Currency()), nought(e.Drawn.Currency())
}

func (e ClaimDenied) claim(c *Claim, env domain.Envelope) {
	c.Status, c.Decided, c.DisputeUntil = ClaimIsDenied, domain.StepOf(env, e.Reason), e.DisputeUntil
	c.FirstApproved, c.Terms = domain.Step{}, nil
}

func (e ClaimReopened) claim(c *Claim, env domain.Envelope) {
	c.Status, c.Reopened = ClaimIsFiled, domain.StepOf(env, e.Reason)
}

func (e ClaimPaid) claim(c *Claim, env domain.Envelope) {
	c.PaidStep, c.Payment = domain.StepOf(env, ""), e.Reference
	c.Paid = domain.Must(c.Paid.Add(e.Amount))
	c.PaidDrawn = domain.Must(c.PaidDrawn.Add(e.Drawn))
	c.settle()
}

func (e ClaimPaymentReturned) claim(c *Claim, _ domain.Envelope) {
	c.Paid = domain.Must(c.Paid.Sub(e.Amount))
	c.PaidDrawn = domain.Must(c.PaidDrawn.Sub(e.Drawn))
	c.settle()
}

// settle says whether something is still to be paid of what was approved.
func (c *Claim) settle() {
	if c.approved() {
		c.Status = ClaimIsPaid
		if c.Owed().Sign() > 0 {
			c.Status = ClaimIsApproved
		}
	}
}

func (e ClaimClawedBack) claim(c *Claim, env domain.Envelope) {
	c.Clawbacks = append(c.Clawbacks, Clawback{ClawbackTerms: e.ClawbackTerms, Step: domain.StepOf(env, e.Reason)})
	if e.Paid {
		c.PaidDrawn = domain.Must(c.PaidDrawn.Sub(e.Drawn))
	}
}

func (e ClawbackReversed) claim(c *Claim, env domain.Envelope) {
	if b := c.clawback(e.ClawbackID); b != nil {
		b.Reversed = domain.StepOf(env, e.Reason)
	}
	if e.Paid {
		c.PaidDrawn = domain.Must(c.PaidDrawn.Add(e.Drawn))
	} else { // it is to be paid again
		c.Status = ClaimIsApproved
	}
}
