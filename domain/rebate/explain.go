package rebate

import (
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/policy"
)

// ExplainedStep is one step of how an agreement's amount came about: a sale or reversal with what it earned, or a change
// behind the close.
type ExplainedStep struct {
	Step        int          `json:"step"` // counted from 1
	What        string       `json:"what"` // opened, sale, reversal, closed, adjusted, clawed_back, …: the event without its prefix
	At          time.Time    `json:"at"`   // when it took effect
	Stream      string       `json:"stream"`
	Revision    int64        `json:"revision"` // of the event that moved the total
	EventID     uuid.UUID    `json:"event_id"` // of the same
	Agreement   *Terms       `json:"agreement,omitempty"`
	Sale        *SoldOrBack  `json:"sale,omitempty"`
	Calculation *Calculation `json:"calculation,omitempty"`
	Delta       domain.Money `json:"delta,omitzero"`
	Total       domain.Money `json:"total"` // running: accrued, adjusted, less what was clawed back
	Reason      string       `json:"reason,omitempty"`
}

// Terms are what the amount is calculated by.
type Terms struct {
	ID                 uuid.UUID     `json:"id"`
	PartnerID          uuid.UUID     `json:"partner_id"`
	Policy             string        `json:"policy"`
	Scheme             policy.Scheme `json:"scheme"`
	Period             Period        `json:"period"`
	PriorPeriodRevenue domain.Money  `json:"prior_period_revenue,omitzero"`
}

// SoldOrBack is a sale, or what was taken back of one: then its amount is below 0.
type SoldOrBack struct {
	ID        uuid.UUID    `json:"id"`
	SourceRef string       `json:"source_ref,omitempty"`
	Product   string       `json:"product,omitempty"`
	Amount    domain.Money `json:"amount"`
	FX        *FX          `json:"fx,omitempty"`
	Original  domain.Money `json:"original,omitzero"` // of a reversal, in the currency that it was sold in
}

// Explainer tells how an amount came about, event by event. It keeps totals only, so that any number of sales can be told.
type Explainer struct {
	agreement Agreement
	sold      *SoldOrBack // told with what it earned, which is the next event
	reason    string
	steps     int
}

// Explain folds the next event of the agreement's stream; false where there is nothing to tell of it yet.
func (x *Explainer) Explain(event Event, env domain.Envelope) (ExplainedStep, bool) {
	x.agreement.Apply(event, env)
	step := ExplainedStep{At: env.EffectiveAt, Stream: env.Stream, Revision: env.Revision, EventID: env.EventID}
	switch e := event.(type) {
	case SaleRecorded:
		x.sold = &SoldOrBack{ID: e.SaleID, SourceRef: e.SourceRef, Product: e.Product, Amount: e.Amount, FX: e.FX}
		return step, false
	case SaleReversed:
		x.sold, x.reason = &SoldOrBack{ID: e.SaleID, SourceRef: e.Reference, Amount: e.Amount.Neg(), Original: e.Original.Neg()}, string(e.Reason)
		return step, false
	case AgreementOpened:
		step.What, step.Agreement = "opened", &Terms{
			ID: e.AgreementID, PartnerID: e.PartnerID, Policy: e.Policy, Scheme: e.Scheme, Period: e.Period,
			PriorPeriodRevenue: e.PriorPeriodRevenue,
		}
	case Accrued:
		step.Delta, step.Calculation = e.Delta, &e.Calculation
		x.takeSold(&step)
	case Adjusted:
		step.What, step.Delta, step.Calculation, step.Reason = "adjusted", e.Delta, e.Calculation, e.Reason
		if e.Kind == AdjustedByScheme {
			x.takeSold(&step)
		}
	case PeriodClosed:
		step.What, step.Reason = "closed", e.Reason
	case Approved:
		step.What, step.Reason = "approved", e.Reason
	case ClawedBack:
		step.What, step.Delta, step.Reason = "clawed_back", e.Amount.Neg(), e.Reason
	case ClawbackReversed:
		step.What, step.Delta, step.Reason = "clawback_reversed", e.Amount, e.Reason
	default: // moves nothing, or SPIFFs, which stand beside the rebate
		return step, false
	}
	x.steps++
	step.Step, step.Total = x.steps, x.agreement.Left()
	return step, true
}

// takeSold tells the sale or reversal that came before in the same append.
func (x *Explainer) takeSold(step *ExplainedStep) {
	step.What, step.Sale = "sale", x.sold
	if x.sold != nil && x.sold.Amount.Sign() < 0 || x.reason != "" {
		step.What, step.Reason = "reversal", x.reason
	}
	x.sold, x.reason = nil, ""
}
