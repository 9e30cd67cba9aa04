package rebate

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/policy"
)

// Agreement is one agreement as everybody sees it: the state of the aggregate and the read models fold it by Apply. It holds
// no sales: there may be a hundred thousand.
type Agreement struct {
	ID        uuid.UUID     `json:"id"`
	PartnerID uuid.UUID     `json:"partner_id"`
	Status    Status        `json:"status"`
	Policy    string        `json:"policy"` // kind@version
	Scheme    policy.Scheme `json:"scheme"`
	Period    Period        `json:"period"`
	From      time.Time     `json:"from"`
	Until     time.Time     `json:"until"` // exclusive

	PriorPeriodRevenue domain.Money `json:"prior_period_revenue,omitzero"`

	Sales     int64        `json:"sales"`     // recorded
	Reversals int64        `json:"reversals"` // recorded
	Sold      domain.Money `json:"sold"`      // before reversals
	Revenue   domain.Money `json:"revenue"`   // net of reversals

	Accrued        domain.Money `json:"accrued"`         // before the close
	Final          domain.Money `json:"final,omitzero"`  // at the close
	SchemeAdjusted domain.Money `json:"scheme_adjusted"` // behind the close, by sales and reversals
	ManualAdjusted domain.Money `json:"manual_adjusted"` // behind the close, by hand
	ClawedBack     domain.Money `json:"clawed_back"`     // net of what was undone
	Paid           domain.Money `json:"paid"`            //
	Payable        domain.Money `json:"payable"`         // closed, adjusted, and neither paid nor taken back
	Receivable     domain.Money `json:"receivable"`      // paid, and taken back since: the partner owes it
	SpiffsEarned   domain.Money `json:"spiffs_earned"`   // net of reversals
	FirstApproved  domain.Step  `json:"first_approved,omitzero" partner:"internal"`
	FirstTotal     domain.Money `json:"first_approved_total,omitzero"` // what the first approval was of
	Opened         domain.Step  `json:"opened"`
	Closed         domain.Step  `json:"closed,omitzero"`
	Approved       domain.Step  `json:"approved,omitzero"`
	Adjustments    []Adjustment `json:"adjustments,omitempty"` // proposed by hand
	Clawbacks      []Clawback   `json:"clawbacks,omitempty"`
	Overpaid       []Debt       `json:"overpaid,omitempty"`         // what payments paid too much, as the partner owes it
	SpiffsOwed     []Debt       `json:"spiffs_owed_back,omitempty"` // paid, and reversed since: the partner owes it, by reversal
	Revision       int64        `json:"revision"`                   // of the stream's last event
	EventID        uuid.UUID    `json:"event_id"`                   // of the same
}

// Adjustment is a change that somebody proposed.
type Adjustment struct {
	ID            uuid.UUID      `json:"id"`
	Delta         domain.Money   `json:"delta"`
	Status        ProposalStatus `json:"status"`
	Proposed      domain.Step    `json:"proposed"`
	FirstApproved domain.Step    `json:"first_approved,omitzero" partner:"internal"`
	Decided       domain.Step    `json:"decided,omitzero"`
}

// Clawback is what was taken back, and where from.
type Clawback struct {
	ID     uuid.UUID    `json:"id"`
	Amount domain.Money `json:"amount"`
	Taken
	Made   domain.Step `json:"made"`
	Undone domain.Step `json:"undone,omitzero"`
}

// Debt is what the partner owes because of one event.
type Debt struct {
	ID     uuid.UUID    `json:"id"` // of the payment, or a SPIFF's reversal
	Amount domain.Money `json:"amount"`
}

// Apply folds one event. Events come in recorded order, and those that took effect after the moment asked for are left out.
// An agreement whose opening is left out stays empty: its ID is zero.
func (a *Agreement) Apply(e Event, env domain.Envelope) {
	if _, first := e.(AgreementOpened); !first && a.ID == uuid.Nil {
		return
	}
	e.apply(a, env)
	a.Revision, a.EventID = env.Revision, env.EventID
}

// Total is what is owed for the period before anything was clawed back or paid: what accrued until the close, and what was
// adjusted since.
func (a *Agreement) Total() domain.Money { return sum(a.byScheme(), a.ManualAdjusted) }

// byScheme is what the scheme gave so far.
func (a *Agreement) byScheme() domain.Money { return sum(a.Accrued, a.SchemeAdjusted) }

// Left is what can still be clawed back.
func (a *Agreement) Left() domain.Money { return sum(a.Total(), a.ClawedBack.Neg()) }

// Currency is that of every amount of the agreement.
func (a *Agreement) Currency() string { return a.Scheme.Currency }

func (a *Agreement) adjustment(id uuid.UUID) *Adjustment {
	at := slices.IndexFunc(a.Adjustments, func(x Adjustment) bool { return x.ID == id })
	if at < 0 {
		return nil
	}
	return &a.Adjustments[at]
}

func (a *Agreement) clawback(id uuid.UUID) *Clawback {
	at := slices.IndexFunc(a.Clawbacks, func(x Clawback) bool { return x.ID == id })
	if at < 0 {
		return nil
	}
	return &a.Clawbacks[at]
}

// Taken says whom an amount is taken from: what is still to be paid comes first, the rest the partner owes.
type Taken struct {
	FromPayable domain.Money `json:"from_payable"`
	FromPaid    domain.Money `json:"from_paid"`
}

// take says where an amount above 0 would be taken from.
func (a *Agreement) take(amount domain.Money) Taken { return a.takeAtMost(amount, amount) }

// takeAtMost takes at most so much from what is still to be paid.
func (a *Agreement) takeAtMost(amount, most domain.Money) Taken {
	fromPayable := max(0, min(amount.Minor(), most.Minor(), a.Payable.Minor()))
	payable := domain.Must(domain.NewMoney(fromPayable, a.Currency()))
	return Taken{FromPayable: payable, FromPaid: sum(amount, payable.Neg())}
}

// ---- fold

func (e AgreementOpened) apply(a *Agreement, env domain.Envelope) {
	nought := domain.Must(domain.NewMoney(0, e.Scheme.Currency))
	*a = Agreement{
		ID: e.AgreementID, PartnerID: e.PartnerID, Status: StatusOpen, Policy: e.Policy, Scheme: e.Scheme, Period: e.Period,
		From: e.From, Until: e.Until, PriorPeriodRevenue: e.PriorPeriodRevenue, Opened: domain.StepOf(env, ""),
		Sold: nought, Revenue: nought, Accrued: nought, SchemeAdjusted: nought, ManualAdjusted: nought,
		ClawedBack: nought, Paid: nought, Payable: nought, Receivable: nought, SpiffsEarned: nought,
	}
}

func (e SaleRecorded) apply(a *Agreement, _ domain.Envelope) {
	a.Sales++
	a.Sold, a.Revenue = sum(a.Sold, e.Amount), sum(a.Revenue, e.Amount)
}

func (e SaleReversed) apply(a *Agreement, _ domain.Envelope) {
	a.Reversals++
	a.Revenue = sum(a.Revenue, e.Amount.Neg())
}

func (e Accrued) apply(a *Agreement, _ domain.Envelope) { a.Accrued = sum(a.Accrued, e.Delta) }

func (e PeriodClosed) apply(a *Agreement, env domain.Envelope) {
	a.Status, a.Closed, a.Final = StatusClosed, domain.StepOf(env, e.Reason), e.Final
	a.Payable = sum(a.Payable, e.Final)
}

func (e FirstApproved) apply(a *Agreement, env domain.Envelope) {
	a.Status, a.FirstApproved, a.FirstTotal = StatusFirstApproved, domain.StepOf(env, e.Reason), e.Total
}

func (e Approved) apply(a *Agreement, env domain.Envelope) {
	a.Status, a.Approved = StatusApproved, domain.StepOf(env, e.Reason)
}

func (e AdjustmentProposed) apply(a *Agreement, env domain.Envelope) {
	a.Adjustments = append(a.Adjustments, Adjustment{
		ID: e.AdjustmentID, Delta: e.Delta, Status: ProposalPending, Proposed: domain.StepOf(env, e.Reason),
	})
}

func (e AdjustmentFirstApproved) apply(a *Agreement, env domain.Envelope) {
	if x := a.adjustment(e.AdjustmentID); x != nil {
		x.Status, x.FirstApproved = ProposalFirstApproved, domain.StepOf(env, e.Reason)
	}
}

func (e AdjustmentDeclined) apply(a *Agreement, env domain.Envelope) {
	if x := a.adjustment(e.AdjustmentID); x != nil {
		x.Status, x.Decided = ProposalDeclined, domain.StepOf(env, e.Reason)
	}
}

func (e Adjusted) apply(a *Agreement, env domain.Envelope) {
	switch e.Kind {
	case AdjustedByScheme:
		a.SchemeAdjusted = sum(a.SchemeAdjusted, e.Delta)
	case AdjustedByHand:
		a.ManualAdjusted = sum(a.ManualAdjusted, e.Delta)
		if x := a.adjustment(e.AdjustmentID); x != nil {
			x.Status, x.Decided = ProposalApproved, domain.StepOf(env, e.Reason)
		}
	}
	if e.Delta.Sign() >= 0 {
		a.Payable = sum(a.Payable, e.Delta)
		return
	}
	a.takeFrom(Taken{e.FromPayable, e.FromPaid})
}

func (e ClawedBack) apply(a *Agreement, env domain.Envelope) {
	a.ClawedBack = sum(a.ClawedBack, e.Amount)
	a.takeFrom(Taken{e.FromPayable, e.FromPaid})
	a.Clawbacks = append(a.Clawbacks, Clawback{
		ID: e.ClawbackID, Amount: e.Amount, Taken: Taken{e.FromPayable, e.FromPaid}, Made: domain.StepOf(env, e.Reason),
	})
}

func (e ClawbackReversed) apply(a *Agreement, env domain.Envelope) {
	a.ClawedBack = sum(a.ClawedBack, e.Amount.Neg())
	a.takeFrom(Taken{e.FromPayable.Neg(), e.FromPaid.Neg()})
	if x := a.clawback(e.ClawbackID); x != nil {
		x.Undone = domain.StepOf(env, e.Reason)
	}
}

func (e Paid) apply(a *Agreement, _ domain.Envelope) {
	a.Paid, a.Payable = sum(a.Paid, e.Amount), sum(a.Payable, e.Amount.Neg())
	a.overpay(e.PaymentID, e.Overpaid)
}

func (e PaymentReturned) apply(a *Agreement, _ domain.Envelope) {
	a.Paid, a.Payable = sum(a.Paid, e.Amount.Neg()), sum(a.Payable, e.Amount)
	a.overpay(e.PaymentID, e.Overpaid.Neg())
}

// overpay says that so much of a payment is no longer owed to the partner, but by it.
func (a *Agreement) overpay(payment uuid.UUID, amount domain.Money) {
	if amount.Sign() == 0 {
		return
	}
	a.Payable, a.Receivable = sum(a.Payable, amount), sum(a.Receivable, amount)
	at := slices.IndexFunc(a.Overpaid, func(d Debt) bool { return d.ID == payment })
	if at < 0 {
		a.Overpaid = append(a.Overpaid, Debt{ID: payment, Amount: amount})
		return
	}
	a.Overpaid[at].Amount = sum(a.Overpaid[at].Amount, amount)
}

// overpaid is what a payment paid too much, and the partner still has.
func (a *Agreement) overpaid(payment uuid.UUID) domain.Money {
	for _, d := range a.Overpaid {
		if d.ID == payment {
			return d.Amount
		}
	}
	return domain.Must(domain.NewMoney(0, a.Currency()))
}

func (e SpiffEarned) apply(a *Agreement, _ domain.Envelope) {
	a.SpiffsEarned = sum(a.SpiffsEarned, e.Amount)
}

func (e SpiffReversed) apply(a *Agreement, _ domain.Envelope) {
	a.SpiffsEarned = sum(a.SpiffsEarned, e.Amount.Neg())
	if e.FromPaid.Sign() > 0 {
		a.SpiffsOwed = append(a.SpiffsOwed, Debt{ID: e.ReversalID, Amount: e.FromPaid})
	}
}

func (a *Agreement) takeFrom(t Taken) {
	a.Payable, a.Receivable = sum(a.Payable, t.FromPayable.Neg()), sum(a.Receivable, t.FromPaid)
}

// sum of two amounts of the agreement: MaxSold keeps every one of them far from the end of the range.
func sum(a, b domain.Money) domain.Money { return domain.Must(a.Add(b)) }
