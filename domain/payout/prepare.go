package payout

import (
	"fmt"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
)

// Prepare says which payables an open payout pays: those that were claimed for it. Nothing is added later.
type Prepare struct {
	Items []Item `json:"items"`          // 1 to MaxItems, each payable once
	Held  []Held `json:"held,omitempty"` // at most MaxHeld
}

func (Prepare) roles() []domain.Role { return treasuryRoles() }

func (c Prepare) decide(p *Payout, h domain.Header, f Facts) ([]Event, error) {
	if err := domain.FirstOf(
		p.is(StatusOpen),
		domain.AdmitAfter(h, "opening", p.Opened.At),
		c.checkSize(),
		f.allPayable(),
	); err != nil {
		return nil, err
	}
	nought, err := domain.NewMoney(0, p.Currency)
	if err != nil {
		return nil, err
	}
	total, withheld, seen := nought, nought, map[uuid.UUID]bool{}
	for i, item := range c.Items {
		path := fmt.Sprintf("items[%d]", i)
		if seen[item.PayableID] {
			return nil, domain.Invalid(path+".payable_id", "is there twice")
		}
		seen[item.PayableID] = true
		if err := item.check(path, p.Currency); err != nil {
			return nil, err
		}
		if total, err = total.Add(item.Paid); err != nil {
			return nil, named("items", err)
		}
		if withheld, err = withheld.Add(item.Withheld); err != nil {
			return nil, named("items", err)
		}
	}
	return []Event{Prepared{PayoutID: p.ID, Items: c.Items, Total: total, Withheld: withheld, Held: c.Held}}, nil
}

// allPayable refuses what became held since it was looked at.
func (f Facts) allPayable() error {
	if len(f.Held) == 0 {
		return nil
	}
	return domain.Refuse("standing_changed", "items", "what may be paid changed meanwhile: payable %s is held (%s): try again",
		f.Held[0].PayableID, f.Held[0].Reason)
}

func (c Prepare) checkSize() error {
	switch {
	case len(c.Items) == 0:
		return domain.Refuse("nothing_to_pay", "items", "there is nothing that the payout could pay")
	case len(c.Items) > MaxItems:
		return domain.Invalid("items", "at most %d, not %d", MaxItems, len(c.Items))
	case len(c.Held) > MaxHeld:
		return domain.Invalid("held", "at most %d, not %d", MaxHeld, len(c.Held))
	}
	return nil
}

// check holds that an item says who is paid, and that paid and withheld are the amount, converted.
func (i Item) check(path, currency string) error {
	if err := domain.FirstOf(
		domain.AdmitID(path+".payable_id", i.PayableID),
		domain.AdmitID(path+".partner_id", i.PartnerID),
		domain.AdmitID(path+".payee_id", i.PayeeID),
		domain.AdmitText(path+".kind", i.Kind, MaxName),
		domain.AdmitText(path+".remittance", i.Remittance, MaxRemittance),
	); err != nil {
		return err
	}
	if i.Amount.Sign() <= 0 {
		return domain.Invalid(path+".amount", "want more than 0")
	}
	paid, withheld, err := Pay(i.Amount, currency, i.FX, i.Percent)
	switch {
	case err != nil:
		return atPath(path, err)
	case paid != i.Paid:
		return domain.Invalid(path+".paid", "want %s", paid)
	case withheld != i.Withheld:
		return domain.Invalid(path+".withheld", "want %s", withheld)
	case paid.Sign() <= 0:
		return domain.Invalid(path+".paid", "want more than 0")
	}
	return nil
}

// Pay parts an amount that is owed into what the partner gets and what is withheld, a percentage of it from 0 up to, not
// including, 100. Both are in the payout's currency: another one is converted first, at a rate that somebody names.
// Errors: a Rejection of kind Invalid that names fx.rate, fx.source or withheld_percent.
func Pay(amount domain.Money, currency string, fx FX, percent domain.Rate) (paid, withheld domain.Money, err error) {
	if percent.Sign() < 0 || percent.Compare(hundred) >= 0 {
		return paid, withheld, domain.Invalid("withheld_percent", "want 0 to less than 100, not %s", percent)
	}
	gross, err := fx.convert(amount, currency)
	if err != nil {
		return paid, withheld, err
	}
	if withheld, err = gross.Percent(percent); err != nil {
		return paid, withheld, named("withheld_percent", err)
	}
	paid, err = gross.Sub(withheld)
	return paid, withheld, err
}

var hundred = domain.Must(domain.ParseRate("100"))

func (x FX) convert(amount domain.Money, currency string) (domain.Money, error) {
	switch {
	case amount.Currency() == currency && x != (FX{}):
		return amount, domain.Invalid("fx", "the payable is in the payout's currency, %s", currency)
	case amount.Currency() == currency:
		return amount, nil
	case x.Rate.Sign() <= 0:
		return amount, domain.Invalid("fx.rate", "want how many %s one %s is", currency, amount.Currency())
	}
	if err := domain.AdmitText("fx.source", x.Source, MaxSource); err != nil {
		return amount, err
	}
	converted, err := amount.Convert(x.Rate, currency)
	return converted, named("fx.rate", err)
}

// atPath is a refusal of a field inside of something.
func atPath(path string, err error) error {
	if r := domain.AsRejection(err); r != nil && r.Field != "" {
		inside := *r
		inside.Field = path + "." + r.Field
		return &inside
	}
	return err
}
