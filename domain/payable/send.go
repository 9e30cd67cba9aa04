package payable

import (
	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
)

// Send says that the payment went to the bank: all that the payout has of the payable. What is paid and what is withheld
// settle the amount exactly, at the exchange rate where the payout has another currency. A hold doesn't stop it: the payout
// left out what was held when it was sent, and what it sent is gone.
type Send struct {
	PayoutID    uuid.UUID    `json:"payout_id"`
	BankAccount string       `json:"bank_account"` // of ours
	PayeeID     uuid.UUID    `json:"payee_id"`
	Paid        domain.Money `json:"paid"`              // above 0, in the payout's currency
	Withheld    domain.Money `json:"withheld,omitzero"` // for the tax office, in the same; 0 by default
	FX          FX           `json:"fx,omitzero"`       // where the payout's currency isn't the payable's
}

func (Send) roles() []domain.Role { return treasuryRoles() }

func (c Send) decide(p *Payable, h domain.Header) ([]Event, error) {
	if c.Withheld.Sign() == 0 {
		c.Withheld = domain.Money{}
	}
	if err := c.check(); err != nil {
		return nil, err
	}
	if sent := p.Payment(c.PayoutID); sent != nil {
		return nil, sent.again(c)
	}
	if p.ClaimedBy != c.PayoutID {
		return nil, notClaimed(c.PayoutID)
	}
	if err := domain.FirstOf(domain.AdmitAfter(h, "claim", p.Last.At), c.settles(p.Claimed.Amount)); err != nil {
		return nil, err
	}
	return []Event{Sent{
		PayableID: p.ID, PayeeID: c.PayeeID, FX: c.FX,
		Payment: Payment{
			PayoutID: c.PayoutID, PartnerID: p.PartnerID, Kind: p.Source.Kind, BankAccount: c.BankAccount,
			Amount: p.Claimed.Amount, Paid: c.Paid, Withheld: c.Withheld, Booked: p.Claimed.Booked,
		},
	}}, nil
}

func (c Send) check() error {
	if err := domain.FirstOf(
		domain.AdmitID("payout_id", c.PayoutID),
		domain.AdmitText("bank_account", c.BankAccount, MaxReference),
		domain.AdmitID("payee_id", c.PayeeID),
		checkSome("paid", c.Paid, ""),
	); err != nil || c.Withheld.IsZero() {
		return err
	}
	return checkSome("withheld", c.Withheld, c.Paid.Currency())
}

// again lets the same payment be said twice, and refuses another one by the same payout.
func (x *Paying) again(c Send) error {
	if x.Paid == c.Paid && x.Withheld == c.Withheld && x.PayeeID == c.PayeeID && x.BankAccount == c.BankAccount && x.FX == c.FX {
		return nil
	}
	return domain.Refuse("payable_sent", "payout_id", "this payout has sent it already, otherwise")
}

// settles holds what is paid and withheld against the amount.
func (c Send) settles(amount domain.Money) error {
	due := amount
	if c.Paid.Currency() != amount.Currency() {
		var err error
		if due, err = c.FX.convert(amount, c.Paid.Currency()); err != nil {
			return err
		}
	} else if c.FX != (FX{}) {
		return domain.Invalid("fx", "the payout's currency is the payable's, %s", amount.Currency())
	}
	if total := sum(c.Paid, c.Withheld); total != due {
		return domain.Refuse("amounts_differ", "paid", "%s is paid and withheld of %s", total, due)
	}
	return nil
}

func (x FX) convert(amount domain.Money, to string) (domain.Money, error) {
	if err := domain.AdmitText("fx.source", x.Source, MaxReference); err != nil {
		return domain.Money{}, err
	}
	converted, err := amount.Convert(x.Rate, to)
	if r := domain.AsRejection(err); r != nil {
		return converted, domain.Invalid("fx.rate", "%s", r.Detail)
	}
	return converted, err
}

// Confirm says that the bank carried a payment out, all of it that has not come back.
type Confirm struct {
	PayoutID  uuid.UUID `json:"payout_id"`
	Reference string    `json:"reference"` // of the bank
}

func (Confirm) roles() []domain.Role { return treasuryRoles() }

func (c Confirm) decide(p *Payable, h domain.Header) ([]Event, error) {
	x, err := p.sentBy(c.PayoutID)
	if err != nil {
		return nil, err
	}
	if err := domain.FirstOf(
		domain.AdmitText("reference", c.Reference, MaxReference),
		domain.AdmitAfter(h, "sending", x.SentStep.At),
	); err != nil {
		return nil, err
	}
	switch {
	case x.Confirmed.Taken() && x.Reference == c.Reference:
		return nil, nil
	case x.Confirmed.Taken():
		return nil, domain.Refuse("payment_confirmed", "payout_id", "the payment is confirmed already, as %s", x.Reference)
	case x.Left.Amount.Sign() == 0:
		return nil, domain.Refuse("payment_returned", "payout_id", "all of the payment came back")
	}
	return []Event{Confirmed{PayableID: p.ID, Payment: x.Left, Source: p.Source, Reference: c.Reference}}, nil
}

func (p *Payable) sentBy(payout uuid.UUID) (*Paying, error) {
	if x := p.Payment(payout); x != nil {
		return x, nil
	}
	return nil, domain.NotFound("payment_unknown", "payout_id", "payout %s has not sent the payable", payout)
}

// Return says that a payment failed or came back, or a part of it, confirmed or not: that part is payable again. The part is
// given in the payable's currency or, as a bank says it, in the payout's; left out, it is all that has not come back yet.
type Return struct {
	PayoutID uuid.UUID    `json:"payout_id"`
	Amount   domain.Money `json:"amount,omitzero"` // of the payable
	Paid     domain.Money `json:"paid,omitzero"`   // of what was paid to the partner
	Reason   string       `json:"reason"`

	// MatchID is that of the bank's line that tells of it, where nobody did before: whoever matches says so.
	MatchID uuid.UUID `json:"-"`
}

func (Return) roles() []domain.Role { return treasuryRoles() }

func (c Return) decide(p *Payable, h domain.Header) ([]Event, error) {
	x, err := p.sentBy(c.PayoutID)
	if err != nil {
		return nil, err
	}
	if k := p.clearing(c.MatchID, c.PayoutID); k != nil && k.Undone.Taken() { // then it isn't true
		return nil, nil
	}
	back, err := c.returned(p, x, h)
	if err != nil {
		return nil, err
	}
	return append([]Event{back}, p.mended(mending{behind: back})...), nil
}

// returned is what came back of a payment.
func (c Return) returned(p *Payable, x *Paying, h domain.Header) (e Returned, err error) {
	if err := domain.FirstOf(
		domain.AdmitText("reason", c.Reason, MaxReason),
		domain.AdmitAfter(h, "sending", x.SentStep.At),
		domain.AdmitAfter(h, "confirmation", x.Confirmed.At),
	); err != nil {
		return e, err
	}
	if x.Left.Amount.Sign() == 0 {
		return e, domain.Refuse("payment_returned", "payout_id", "all of the payment came back already")
	}
	part, err := c.part(x.Left)
	return Returned{
		PayableID: p.ID, Payment: part, Source: p.Source, Confirmed: x.Confirmed.Taken(), Reason: c.Reason, MatchID: c.MatchID,
	}, err
}

// part is what comes back of what has not yet.
func (c Return) part(left Payment) (Payment, error) {
	field, part, whole := "amount", c.Amount, left.Amount
	switch {
	case c.Amount.IsZero() && c.Paid.IsZero():
		return left, nil
	case !c.Amount.IsZero() && !c.Paid.IsZero():
		return left, domain.Invalid("paid", "want the amount or what was paid, not both")
	case !c.Paid.IsZero():
		field, part, whole = "paid", c.Paid, left.Paid
	}
	if err := checkSome(field, part, whole.Currency()); err != nil {
		return left, err
	}
	if part.Minor() > whole.Minor() {
		return left, domain.Refuse("above_sent", field, "%s has not come back yet: %s is more", whole, part)
	}
	back := left.part(part, whole)
	if rest := left.minus(back); back.halved() || rest.halved() {
		return left, domain.Invalid(field, "too small a part to be split between %s and %s", left.Amount.Currency(), left.Paid.Currency())
	}
	return back, nil
}

// halved reports whether rounding left something in one currency and nothing in the other.
func (p Payment) halved() bool { return (p.Amount.Sign() == 0) != (p.Paid.Sign() == 0) }
