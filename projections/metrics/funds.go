package metrics

import (
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/mdf"
	"github.com/channelledger/channelledger/projections"
)

// fundRow is what a partner was given out of a budget: the dated facts behind "allocated".
type fundRow struct {
	ID        uuid.UUID   `json:"id"`
	BudgetID  uuid.UUID   `json:"budget"`
	PartnerID uuid.UUID   `json:"partner"`
	Moves     []amountRow `json:"moves"` // in the budget's stream, in recorded order
}

// amountRow is an amount that an event added, or took away where it is below nought.
type amountRow struct {
	ref
	Amount  domain.Money `json:"amount"`
	ClaimID uuid.UUID    `json:"claim,omitzero"`
}

// activityRow is a funded activity: what was paid for it, and the deals that came of it.
type activityRow struct {
	ID        uuid.UUID   `json:"id"`
	FundID    uuid.UUID   `json:"fund"`
	PartnerID uuid.UUID   `json:"partner"`
	Submitted ref         `json:"submitted"`
	Starts    domain.Date `json:"starts"`
	Ends      domain.Date `json:"ends"`
	Paid      []amountRow `json:"paid,omitempty"`  // net of claw-backs, in the fund's currency, in recorded order
	Filed     []claimRow  `json:"filed,omitempty"` // the dates of claims, in recorded order: the last one counts
	Deals     []dealOf    `json:"deals,omitempty"` // attributed, in recorded order
}

type claimRow struct {
	ref
	ClaimID uuid.UUID `json:"claim"`
}

type dealOf struct {
	ref
	AccountID uuid.UUID `json:"account"`
	DealID    uuid.UUID `json:"deal"`
}

// tellsOfFunds reports whether an event says anything that a metric asks of funds, or of disputes about claims.
func tellsOfFunds(e domain.Event) bool {
	switch e.(type) {
	case mdf.Allocated, mdf.AllocationReleased, mdf.RequestSubmitted, mdf.ClaimFiled, mdf.ClaimRefiled, mdf.ClaimApproved, mdf.ClaimDenied,
		mdf.ClaimPaid, mdf.ClaimPaymentReturned, mdf.ClaimClawedBack, mdf.ClawbackReversed, mdf.PipelineAttributed:
		return true
	}
	return false
}

func newFundRows(s *projections.Schema) *projections.Table[fundRow] {
	return projections.NewTable[fundRow](s, "funds")
}

func newActivities(s *projections.Schema) *projections.Table[activityRow] {
	return projections.NewTable[activityRow](s, "activities")
}

func newAttributed(s *projections.Schema) *projections.Table[attributedDeal] {
	return projections.NewTable[attributedDeal](s, "attributed")
}

// attributedDeal lets the deals be found that came of activities. Its key is the deal's id.
type attributedDeal struct {
	DealID uuid.UUID `json:"deal"`
}

func (t *tables) applyBudget(e mdf.BudgetEvent, env domain.Envelope) error {
	switch e := e.(type) {
	case mdf.Allocated:
		return t.given(e.FundRef, e.Amount, env)
	case mdf.AllocationReleased:
		if e.Cause == mdf.CauseReleased {
			return t.given(e.FundRef, e.Amount.Neg(), env)
		}
	}
	return nil
}

func (t *tables) given(to mdf.FundRef, amount domain.Money, env domain.Envelope) error {
	return t.funds.Update(to.FundID.String(), func(f *fundRow) {
		f.ID, f.BudgetID, f.PartnerID = to.FundID, to.BudgetID, to.PartnerID
		f.Moves = append(f.Moves, amountRow{ref: refOf(env), Amount: amount})
	})
}

func (t *tables) applyActivity(e mdf.RequestEvent, env domain.Envelope) error {
	key := e.Request().String()
	if first, ok := e.(mdf.RequestSubmitted); ok {
		t.activities.Put(key, &activityRow{
			ID: first.RequestID, FundID: first.FundID, PartnerID: first.PartnerID, Submitted: refOf(env), Starts: first.Starts, Ends: first.Ends,
		})
		return nil
	}
	row, err := t.activities.Get(key)
	if err != nil || row == nil { // its submission is left out, and so is the activity
		return err
	}
	row.take(e, refOf(env))
	if e, ok := e.(mdf.PipelineAttributed); ok {
		t.attributed.Put(e.DealID.String(), &attributedDeal{DealID: e.DealID})
	}
	t.activities.Put(key, row)
	return nil
}

func (a *activityRow) take(e mdf.RequestEvent, by ref) {
	switch e := e.(type) {
	case mdf.ClaimFiled:
		a.Filed = append(a.Filed, claimRow{by, e.ClaimID})
	case mdf.ClaimRefiled:
		if !e.KeepsDate {
			a.Filed = append(a.Filed, claimRow{by, e.ClaimID})
		}
	case mdf.ClaimPaid:
		a.Paid = append(a.Paid, amountRow{by, e.Drawn, e.ClaimID})
	case mdf.ClaimPaymentReturned:
		a.Paid = append(a.Paid, amountRow{by, e.Drawn.Neg(), e.ClaimID})
	case mdf.ClaimClawedBack:
		if e.Paid {
			a.Paid = append(a.Paid, amountRow{by, e.Drawn.Neg(), e.ClaimID})
		}
	case mdf.ClawbackReversed:
		if e.Paid {
			a.Paid = append(a.Paid, amountRow{by, e.Drawn, e.ClaimID})
		}
	case mdf.PipelineAttributed:
		a.Deals = append(a.Deals, dealOf{by, e.AccountID, e.DealID})
	}
}

// Fund is what a partner was given out of a budget, as it was at a moment.
type Fund struct {
	row    *fundRow
	moves  []ref
	Amount domain.Money // allocated, net of what was given back
}

// at is the fund at a moment; nil before anything was allocated.
func (r *fundRow) at(moment time.Time) *Fund {
	f := &Fund{row: r}
	for _, m := range r.Moves {
		if !m.At.After(moment) {
			f.Amount, f.moves = domain.Must(f.Amount.Add(m.Amount)), append(f.moves, m.ref)
		}
	}
	if f.moves == nil {
		return nil
	}
	return f
}

// entry is the fund, counted.
func (f *Fund) entry() Entry {
	e := Entry{PartnerID: f.row.PartnerID, FundID: f.row.ID, Amount: f.Amount, subject: f.row.ID}
	e.add(domain.StreamName(mdf.BudgetCategory, f.row.BudgetID), f.moves...)
	return e
}

// Activity is a funded activity as it was at a moment.
type Activity struct {
	row *activityRow
	at  time.Time
}

// paid are the payments that took effect in (after, through], net of claw-backs, and the events that say so.
func (a *Activity) paid(after, through time.Time) (sum domain.Money, events []ref) {
	for _, p := range a.row.Paid {
		if p.At.After(after) && !p.At.After(through) {
			sum, events = domain.Must(sum.Add(p.Amount)), append(events, p.ref)
		}
	}
	return sum, events
}

// entry is the activity, counted with an amount.
func (a *Activity) entry(amount domain.Money, events []ref) Entry {
	e := Entry{PartnerID: a.row.PartnerID, FundID: a.row.FundID, RequestID: a.row.ID, Amount: amount, subject: a.row.ID}
	e.add(domain.StreamName(mdf.FundCategory, a.row.FundID), events...)
	return e
}

// cycle is a claim's way from its filing to its first payment.
type cycle struct {
	claim uuid.UUID
	filed ref
	paid  ref
}

// cycles are those of the claims that were paid by the moment, in the order of their payments.
func (a *Activity) cycles() (cycles []cycle) {
	seen := map[uuid.UUID]bool{}
	for _, p := range a.row.Paid {
		if p.At.After(a.at) || p.Amount.Sign() <= 0 || seen[p.ClaimID] {
			continue
		}
		if filed, ok := a.filed(p.ClaimID); ok {
			seen[p.ClaimID] = true
			cycles = append(cycles, cycle{p.ClaimID, filed, p.ref})
		}
	}
	return cycles
}

func (a *Activity) filed(claim uuid.UUID) (filed ref, ok bool) {
	for _, f := range a.row.Filed {
		if f.ClaimID == claim && !f.At.After(a.at) {
			filed, ok = f.ref, true
		}
	}
	return filed, ok
}
