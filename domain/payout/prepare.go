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
		if err := item.check(path, p.Terms()); err != nil {
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

// check holds that an item says who is paid, and that its amounts follow from the payout's terms.
func (i Item) check(path string, terms Terms) error {
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
	want := i
	if err := terms.Pay(&want); err != nil {
		return atPath(path, err)
	}
	switch {
	case want.FX != i.FX:
		return domain.Invalid(path+".fx", "want the rate that the payout was opened with")
	case want.Percent != i.Percent:
		return domain.Invalid(path+".withheld_percent", "want %s", want.Percent)
	case want.Withheld != i.Withheld:
		return domain.Invalid(path+".withheld", "want %s", want.Withheld)
	case want.Paid != i.Paid:
		return domain.Invalid(path+".paid", "want %s", want.Paid)
	}
	return nil
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
