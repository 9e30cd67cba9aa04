package rebate

import (
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/policy"
)

// Conversion says at which rate an amount in another currency counts.
type Conversion struct {
	Rate   domain.Rate `json:"rate"`   // units of the agreement's currency for one of the sale's
	Source string      `json:"source"` // where the rate is from
}

// RecordSale counts a sale from the command's effective time on, which is when it was sold. The same sale again, by its
// source and reference, records nothing.
type RecordSale struct {
	Source    policy.Basis `json:"source"`
	SourceRef string       `json:"source_ref"` // names the sale in its source: an invoice line, an order, a report's row
	DealID    uuid.UUID    `json:"deal_id,omitzero"`
	Product   string       `json:"product"`
	Line      string       `json:"line,omitempty"` // the product line that it was sold under; by default the catalogue's
	Amount    domain.Money `json:"amount"`         // above 0, net of tax, freight and discounts, as it was sold
	FX        Conversion   `json:"fx,omitzero"`    // where it was sold in another currency than the agreement's
}

func (RecordSale) roles() []domain.Role { return keeperRoles() }

func (c RecordSale) decide(s *State, h domain.Header, f Facts) ([]Event, error) {
	a := &s.Agreement
	if err := c.check(a); err != nil {
		return nil, err
	}
	event, err := c.event(a, f)
	if err != nil {
		return nil, err
	}
	if known := s.sales[event.SaleID]; known != nil {
		return nil, known.again(event.Amount, h)
	}
	if err := domain.FirstOf(
		a.duringPeriod(h.EffectiveAt),
		f.partner(a.PartnerID),
		a.room(event.Amount),
	); err != nil {
		return nil, err
	}
	settled, err := a.settle(sum(a.Revenue, event.Amount), event.SaleID, uuid.Nil, h)
	return []Event{event, settled}, err
}

func (c RecordSale) check(a *Agreement) error {
	if err := domain.FirstOf(
		domain.AdmitOneOf("source", c.Source, policy.Bases()...),
		domain.AdmitText("source_ref", c.SourceRef, MaxReference),
		domain.AdmitText("product", c.Product, MaxName),
		domain.AdmitOptionalText("line", c.Line, MaxName),
	); err != nil {
		return err
	}
	switch {
	case c.Source != a.Scheme.Basis:
		return domain.Refuse("wrong_source", "source", "scheme %s counts %s: a sale from %s does not count",
			a.Scheme.Name, a.Scheme.Basis, c.Source)
	case c.Amount.Sign() <= 0:
		return domain.Invalid("amount", "want more than 0 and its currency")
	}
	return nil
}

func (c RecordSale) event(a *Agreement, f Facts) (SaleRecorded, error) {
	catalogue := f.Rules.Catalogue.Body
	e := SaleRecorded{
		SaleID: SaleID(a.Scheme.Name, c.Source, c.SourceRef), Source: c.Source, SourceRef: c.SourceRef, DealID: c.DealID,
		Product: catalogue.Product(c.Product), Line: orDefault(c.Line, catalogue.Line(c.Product)),
	}
	if !a.Scheme.Counts(e.Line) {
		return e, domain.Refuse("line_not_counted", "product", "scheme %s does not count product line %q", a.Scheme.Name, e.Line)
	}
	var err error
	e.Amount, e.FX, err = c.converted(a.Currency())
	return e, err
}

// converted is the amount in the agreement's currency, and how it came to be.
func (c RecordSale) converted(currency string) (domain.Money, *FX, error) {
	none := c.FX == Conversion{}
	switch {
	case c.Amount.Currency() == currency && none:
		return c.Amount, nil, nil
	case c.Amount.Currency() == currency:
		return c.Amount, nil, domain.Invalid("fx", "leave it out: the sale is in %s, as the agreement", currency)
	case none:
		return c.Amount, nil, domain.Refuse("fx_missing", "fx", "the agreement is in %s: want the rate from %s and its source",
			currency, c.Amount.Currency())
	}
	if err := domain.AdmitText("fx.source", c.FX.Source, MaxReference); err != nil {
		return c.Amount, nil, err
	}
	converted, err := c.Amount.Convert(c.FX.Rate, currency)
	if r := domain.AsRejection(err); r != nil {
		return converted, nil, domain.Invalid("fx.rate", "%s", r.Detail)
	}
	return converted, &FX{Original: c.Amount, Rate: c.FX.Rate, Source: c.FX.Source}, err
}

// again takes the same sale a second time, and refuses another one under its name.
func (x *sale) again(amount domain.Money, h domain.Header) error {
	if x.amount == amount.Minor() && x.at == h.EffectiveAt.UnixMicro() {
		return nil
	}
	return domain.Refuse("sale_differs", "source_ref", "this sale is recorded already, with another amount or day: reverse it first")
}

// duringPeriod refuses what was sold outside the agreement's period.
func (a *Agreement) duringPeriod(at time.Time) error {
	if !at.Before(a.From) && at.Before(a.Until) {
		return nil
	}
	return domain.Refuse("outside_period", "effective_at", "%s is outside the agreement's period, %s to %s",
		at.UTC().Format(time.RFC3339), a.Period.FirstDay, a.Period.LastDay)
}

// room refuses what would get an agreement beyond all measure.
func (a *Agreement) room(amount domain.Money) error {
	if amount.Minor() <= MaxSold-a.Sold.Minor() {
		return nil
	}
	return domain.Refuse("too_much", "amount", "one agreement counts at most %d minor units", int64(MaxSold))
}

// settle is what the scheme makes of the revenue as it is now: an accrual, or behind the close an adjustment.
func (a *Agreement) settle(revenue domain.Money, saleID, reversalID uuid.UUID, h domain.Header) (Event, error) {
	calculation, err := Calculate(a.Scheme, a.PriorPeriodRevenue, revenue)
	if err != nil {
		return nil, err
	}
	delta := sum(calculation.Result(), a.byScheme().Neg())
	if !a.Closed.Taken() {
		return Accrued{
			PartnerID: a.PartnerID, SaleID: saleID, ReversalID: reversalID, Delta: delta,
			Cumulative: calculation.Result(), Calculation: calculation,
		}, nil
	}
	taken := a.takeBelow(delta)
	return Adjusted{
		PartnerID: a.PartnerID, AdjustmentID: a.newID(h, "adjustment"), Kind: AdjustedByScheme, Delta: delta,
		Total: sum(a.Total(), delta), FromPayable: taken.FromPayable, FromPaid: taken.FromPaid, SaleID: saleID, ReversalID: reversalID,
		Calculation: &calculation, Reason: reasonOf(reversalID),
	}, nil
}

func reasonOf(reversalID uuid.UUID) string {
	if reversalID == uuid.Nil {
		return "a sale came in behind the close"
	}
	return "a reversal came in behind the close"
}

// takeBelow says where a delta below 0 is taken from.
func (a *Agreement) takeBelow(delta domain.Money) Taken {
	if delta.Sign() >= 0 {
		return Taken{}
	}
	return a.take(delta.Neg())
}

// newID is an id derived from the command, for what it makes.
func (a *Agreement) newID(h domain.Header, kind string) uuid.UUID {
	return domain.EntityID(h.CommandID, domain.StreamName(Category, a.ID), kind)
}
