package rebate

import (
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
)

// ReverseSale takes a part of a sale back, or all of it, also behind the period's end and behind the close. It may be
// repeated, up to what was sold; the same reference again records nothing.
type ReverseSale struct {
	SaleID    uuid.UUID      `json:"sale_id"`
	Amount    domain.Money   `json:"amount"` // above 0, in the currency that it was sold in, up to what is left
	Reason    ReversalReason `json:"reason"`
	Reference string         `json:"reference,omitempty"` // names the reversal in its source
	Note      string         `json:"note,omitempty"`
}

func (ReverseSale) roles() []domain.Role { return keeperRoles() }

func (c ReverseSale) decide(s *State, h domain.Header, _ Facts) ([]Event, error) {
	x, ok := s.sales[c.SaleID]
	if !ok {
		return nil, domain.NotFound("sale_unknown", "sale_id", "the agreement has no sale %s", c.SaleID)
	}
	id := c.id(s, h)
	if amount, known := s.reversals[id]; known && amount == c.Amount.Minor() {
		return nil, nil
	} else if known {
		return nil, domain.Refuse("reversal_differs", "reference", "this reversal is recorded already, with another amount")
	}
	if err := domain.FirstOf(
		domain.AdmitOneOf("reason", c.Reason, ReversalReasons()...),
		domain.AdmitOptionalText("reference", c.Reference, MaxReference),
		domain.AdmitOptionalText("note", c.Note, MaxReason),
		domain.AdmitAfter(h, "sale", time.UnixMicro(x.at)),
		x.checkReversal(s, c.Amount),
	); err != nil {
		return nil, err
	}
	event := SaleReversed{
		SaleID: c.SaleID, ReversalID: id, Reason: c.Reason, Reference: c.Reference, Note: c.Note,
	}
	event.Amount, event.Original = x.take(s, c.Amount)
	a := &s.Agreement
	settled, err := a.settle(sum(a.Revenue, event.Amount.Neg()), c.SaleID, id, h)
	return []Event{event, settled}, err
}

func (c ReverseSale) id(s *State, h domain.Header) uuid.UUID {
	if c.Reference == "" {
		return s.Agreement.newID(h, "reversal")
	}
	return domain.DeriveID("rebate_reversal", c.SaleID.String(), c.Reference)
}

// left is what was sold and not taken back yet, in the currency that it was sold in.
func (x *sale) left(s *State) domain.Money {
	if x.fx == nil {
		return s.money(x.amount - x.reversed)
	}
	return domain.Must(domain.NewMoney(x.fx.Original.Minor()-x.fx.reversed, x.fx.Original.Currency()))
}

func (x *sale) checkReversal(s *State, amount domain.Money) error {
	left := x.left(s)
	switch {
	case amount.Sign() <= 0:
		return domain.Invalid("amount", "want more than 0 and its currency")
	case amount.Currency() != left.Currency():
		return domain.Invalid("amount", "it was sold in %s", left.Currency())
	case amount.Minor() > left.Minor():
		return domain.Refuse("reversal_above_sale", "amount", "%s of the sale are left: %s is more", left, amount)
	}
	return nil
}

// take is a reversal in the agreement's currency, and as it was sold where that is another. It goes by the sale's own rate,
// and by what was taken back in all, so that the last part leaves nothing behind.
func (x *sale) take(s *State, amount domain.Money) (own, original domain.Money) {
	if x.fx == nil {
		return amount, domain.Money{}
	}
	all := domain.Must(domain.NewMoney(x.fx.reversed+amount.Minor(), amount.Currency()))
	converted := domain.Must(all.Convert(x.fx.Rate, s.Agreement.Currency())) // at most what was sold
	return sum(converted, s.money(x.reversed).Neg()), amount
}
