package mdf

import (
	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
)

// OpenBudget sets money aside for a period. What partners have not spent or reserved expires some days after its end, as the
// policy has it.
type OpenBudget struct {
	Name   string       `json:"name"`
	Period Period       `json:"period"`
	Amount domain.Money `json:"amount"` // above 0; its currency is the budget's
}

func (OpenBudget) roles() []domain.Role { return financeRoles() }

func (c OpenBudget) decide(b *Budget, h domain.Header, f BudgetFacts) ([]BudgetEvent, error) {
	if b.Exists() {
		return nil, domain.Refuse("wrong_status", "", "the budget is open already")
	}
	if err := domain.FirstOf(
		domain.AdmitText("name", c.Name, MaxName),
		c.Period.check(),
		checkSome("amount", c.Amount, ""),
	); err != nil {
		return nil, err
	}
	rules := f.Rules.MDF
	return []BudgetEvent{BudgetOpened{
		BudgetID: BudgetID(h.CommandID), Name: c.Name, Period: c.Period, Amount: c.Amount,
		ExpiresAt: endOf(c.Period.To, rules.Body.ExpiryDays, f.Rules), Policy: refOf(rules),
	}}, nil
}

func (p Period) check() error {
	switch {
	case p.From.IsZero():
		return domain.Invalid("period.from", "want the first day")
	case p.To.IsZero():
		return domain.Invalid("period.to", "want the last day")
	case p.To.Compare(p.From) < 0:
		return domain.Invalid("period.to", "%s is before the first day, %s", p.To, p.From)
	}
	return nil
}

// open refuses what a closed budget takes no more.
func (b *Budget) open(h domain.Header) error {
	if b.Status == BudgetIsClosed {
		return domain.Refuse("wrong_status", "", "the budget is closed")
	}
	return domain.AdmitAfter(h, "opening", b.Opened.At)
}

// IncreaseBudget adds money to a budget.
type IncreaseBudget struct {
	Amount domain.Money `json:"amount"` // above 0
	Reason string       `json:"reason"`
}

func (IncreaseBudget) roles() []domain.Role { return financeRoles() }

func (c IncreaseBudget) decide(b *Budget, h domain.Header, _ BudgetFacts) ([]BudgetEvent, error) {
	if err := domain.FirstOf(
		b.open(h),
		checkSome("amount", c.Amount, b.Currency()),
		domain.AdmitText("reason", c.Reason, MaxReason),
	); err != nil {
		return nil, err
	}
	if b.Authority.Minor() > MaxAmount-c.Amount.Minor() {
		return nil, domain.Invalid("amount", "a budget has at most %d minor units", int64(MaxAmount))
	}
	return []BudgetEvent{BudgetIncreased{BudgetID: b.ID, Amount: c.Amount, Reason: c.Reason}}, nil
}

// Allocate gives a part of the budget to a partner. Its fund is credited by a reactor; until then the money is in transit.
type Allocate struct {
	PartnerID uuid.UUID    `json:"partner_id"`
	Amount    domain.Money `json:"amount"` // above 0, up to what is unallocated
}

func (Allocate) roles() []domain.Role { return financeRoles() }

func (c Allocate) decide(b *Budget, h domain.Header, f BudgetFacts) ([]BudgetEvent, error) {
	if err := domain.FirstOf(
		domain.AdmitID("partner_id", c.PartnerID),
		b.open(h),
		checkSome("amount", c.Amount, b.Currency()),
		f.Partner.active(c.PartnerID),
	); err != nil {
		return nil, err
	}
	switch {
	case !h.EffectiveAt.Before(b.ExpiresAt):
		return nil, domain.Refuse("budget_expired", "", "the budget expired %s: carry expired money over first", stamp(b.ExpiresAt))
	case c.Amount.Minor() > b.Unallocated.Minor():
		return nil, domain.Refuse("budget_short", "amount", "%s of the budget are unallocated: %s is more", b.Unallocated, c.Amount)
	}
	ref := FundRef{FundID: FundID(b.ID, c.PartnerID), BudgetID: b.ID, PartnerID: c.PartnerID}
	return []BudgetEvent{Allocated{FundRef: ref, Amount: c.Amount, ExpiresAt: b.ExpiresAt}}, nil
}

// ReleaseAllocation takes in what a fund gave back, or notes what expired in it. The reactor gives it for each such event.
type ReleaseAllocation struct {
	FundRef
	Amount domain.Money `json:"amount"`
	Cause  ReleaseCause `json:"cause"`
	Source uuid.UUID    `json:"source"` // the fund's event
}

func (ReleaseAllocation) roles() []domain.Role { return schedulerRoles() }

func (c ReleaseAllocation) decide(b *Budget, h domain.Header, _ BudgetFacts) ([]BudgetEvent, error) {
	if err := reactorOnly(h, "ReleaseAllocation"); err != nil {
		return nil, err
	}
	events := []BudgetEvent{AllocationReleased(c)}
	if c.Cause == CauseReleased && b.Status == BudgetIsClosed { // back where the rest went
		events = append(events, BudgetClosed{BudgetID: b.ID, Amount: c.Amount})
	}
	return events, nil
}

// CloseBudget ends allocating. What is unallocated goes back; funds run on to their own end.
type CloseBudget struct {
	Reason string `json:"reason"`
}

func (CloseBudget) roles() []domain.Role { return financeRoles() }

func (c CloseBudget) decide(b *Budget, h domain.Header, _ BudgetFacts) ([]BudgetEvent, error) {
	if err := domain.FirstOf(b.open(h), domain.AdmitText("reason", c.Reason, MaxReason)); err != nil {
		return nil, err
	}
	return []BudgetEvent{BudgetClosed{BudgetID: b.ID, Amount: b.Unallocated, Reason: c.Reason}}, nil
}

// RequestCarryOver asks to use expired money of the budget again. Somebody else has to agree.
type RequestCarryOver struct {
	Amount domain.Money `json:"amount"` // above 0, up to what has expired
	Until  domain.Date  `json:"until"`  // last day on which what is allocated from then on may be spent or reserved
	Reason string       `json:"reason"`
}

func (RequestCarryOver) roles() []domain.Role { return financeRoles() }

func (c RequestCarryOver) decide(b *Budget, h domain.Header, f BudgetFacts) ([]BudgetEvent, error) {
	if err := domain.FirstOf(
		b.open(h),
		checkSome("amount", c.Amount, b.Currency()),
		domain.AdmitText("reason", c.Reason, MaxReason),
		b.mustHaveExpired(c.Amount),
	); err != nil {
		return nil, err
	}
	if c.Until.IsZero() {
		return nil, domain.Invalid("until", "want the last day")
	}
	expires := endOf(c.Until, 0, f.Rules)
	if !expires.After(later(b.ExpiresAt, h.EffectiveAt)) {
		return nil, domain.Invalid("until", "want a day after %s, when it expires now", stamp(later(b.ExpiresAt, h.EffectiveAt)))
	}
	return []BudgetEvent{CarryOverRequested{
		BudgetID: b.ID, CarryOverID: domain.EntityID(h.CommandID, domain.StreamName(BudgetCategory, b.ID), "carry_over"),
		Amount: c.Amount, ExpiresAt: expires, Reason: c.Reason,
	}}, nil
}

func (b *Budget) mustHaveExpired(amount domain.Money) error {
	if amount.Minor() > b.Expired.Minor() {
		return domain.Refuse("expired_short", "amount", "%s of the budget have expired: %s is more", b.Expired, amount)
	}
	return nil
}

// ApproveCarryOver agrees to what somebody else asked for. The money may be allocated again.
type ApproveCarryOver struct {
	CarryOverID uuid.UUID `json:"carry_over_id"`
	Reason      string    `json:"reason,omitempty"` // a service that approves what it asked for must say why
}

func (ApproveCarryOver) roles() []domain.Role { return financeRoles() }

func (c ApproveCarryOver) decide(b *Budget, h domain.Header, _ BudgetFacts) ([]BudgetEvent, error) {
	asked := b.CarryOver
	if asked == nil || asked.ID != c.CarryOverID {
		return nil, domain.NotFound("carry_over_unknown", "carry_over_id", "no carry-over %s is asked for", c.CarryOverID)
	}
	if asked.Approved.Taken() {
		return nil, domain.Refuse("wrong_status", "carry_over_id", "the carry-over is approved already")
	}
	if err := domain.FirstOf(
		domain.AdmitOptionalText("reason", c.Reason, MaxReason),
		b.open(h),
		domain.AdmitAfter(h, "request", asked.Requested.At),
		domain.AdmitChecker("ApproveCarryOver", asked.Requested.Actor(), h.Actor, uuid.Nil, c.Reason),
		b.mustHaveExpired(asked.Amount),
	); err != nil {
		return nil, err
	}
	return []BudgetEvent{BudgetCarriedOver{
		BudgetID: b.ID, CarryOverID: asked.ID, Amount: asked.Amount, ExpiresAt: asked.ExpiresAt, Reason: c.Reason,
	}}, nil
}
