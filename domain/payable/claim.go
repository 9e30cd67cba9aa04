package payable

import (
	"fmt"
	"slices"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
)

// Raise says that something is to be paid from now on: a reactor does, because of an approval, or a service that imports
// history. The same again raises nothing.
type Raise struct {
	PartnerID uuid.UUID    `json:"partner_id"`
	Source    Source       `json:"source"`
	Amount    domain.Money `json:"amount"`          // above 0
	Booked    domain.Money `json:"booked,omitzero"` // all of it as the books carry it, where they do so in another currency
	Due       domain.Date  `json:"due"`
	Holds     []Disputed   `json:"holds,omitempty"` // that stand already: it is held from the start. A reactor's alone
}

func (Raise) roles() []domain.Role { return serviceRoles() }

func (c Raise) decide(p *Payable, h domain.Header) ([]Event, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	if len(c.Holds) > 0 && h.Actor.Kind != domain.Reactor {
		return nil, domain.Forbid("reactor_only", "holds follow from disputes, nobody places them by hand")
	}
	e := Raised{
		PayableID: IDOf(c.Source.EventID), PartnerID: c.PartnerID, Source: c.Source, Amount: c.Amount, Booked: c.Booked, Due: c.Due,
	}
	switch {
	case !p.Exists():
		events := []Event{e}
		for _, d := range c.Holds {
			events = append(events, Held{PayableID: e.PayableID, Disputed: d})
		}
		return events, nil
	case p.PartnerID != c.PartnerID || p.Source != c.Source || p.Raised != Amounts{Amount: c.Amount, Booked: c.Booked}:
		return nil, domain.Refuse("payable_differs", "source", "this payable is raised already, of another amount, partner or source")
	}
	return nil, nil
}

func (c Raise) check() error {
	if err := domain.FirstOf(
		domain.AdmitID("partner_id", c.PartnerID),
		domain.AdmitOneOf("source.kind", c.Source.Kind, Kinds()...),
		domain.AdmitText("source.stream", c.Source.Stream, MaxReference),
		domain.AdmitID("source.id", c.Source.ID),
		domain.AdmitID("source.event_id", c.Source.EventID),
		checkSome("amount", c.Amount, ""),
	); err != nil {
		return err
	}
	for i, d := range c.Holds {
		if err := d.check(fmt.Sprintf("holds[%d].", i)); err != nil {
			return err
		}
	}
	switch {
	case c.Due.IsZero():
		return domain.Invalid("due", "want the day that it is due")
	case c.Booked.IsZero():
		return nil
	case c.Booked.Currency() == c.Amount.Currency():
		return domain.Invalid("booked", "the books carry it in its own currency, %s: leave it out", c.Amount.Currency())
	}
	return checkSome("booked", c.Booked, "")
}

// Claim takes for a payout all that is open, unless a dispute holds it. A payable pays one payout at a time, and each payout once.
type Claim struct {
	PayoutID uuid.UUID `json:"payout_id"`
}

func (Claim) roles() []domain.Role { return treasuryRoles() }

func (c Claim) decide(p *Payable, h domain.Header) ([]Event, error) {
	if err := domain.AdmitID("payout_id", c.PayoutID); err != nil {
		return nil, err
	}
	switch {
	case p.ClaimedBy == c.PayoutID:
		return nil, nil
	case p.ClaimedBy != uuid.Nil:
		return nil, claimed(p)
	case p.Payment(c.PayoutID) != nil:
		return nil, domain.Refuse("payable_sent", "payout_id", "this payout has sent it already: another one pays what came back")
	case p.Open.Amount.Sign() <= 0:
		return nil, domain.Refuse("nothing_open", "", "nothing of the payable is open: it is %s", p.Status)
	case len(p.Payments) >= MaxPayments:
		return nil, domain.Refuse("too_many", "", "a payable is sent by at most %d payouts", MaxPayments)
	}
	if err := domain.FirstOf(p.notHeld(), domain.AdmitAfter(h, "step", p.Last.At), p.afterReturns(h)); err != nil {
		return nil, err
	}
	return []Event{Claimed{PayableID: p.ID, PayoutID: c.PayoutID, Amount: p.Open.Amount}}, nil
}

// afterReturns holds that what came back is claimed again only from then on.
func (p *Payable) afterReturns(h domain.Header) error {
	for i := range p.Payments {
		if err := domain.AdmitAfter(h, "return", p.Payments[i].Returned.At); err != nil {
			return err
		}
	}
	return nil
}

// claimed refuses what another payout, or any, is in the way of.
func claimed(p *Payable) error {
	return domain.Refuse("payable_claimed", "", "payout %s has the payable: it is free again when that is sent or lets it go", p.ClaimedBy)
}

// Unclaim lets a payable go that a payout has and won't send. One that the payout let go before stays as it is.
type Unclaim struct {
	PayoutID uuid.UUID `json:"payout_id"`
	Reason   string    `json:"reason"`
}

func (Unclaim) roles() []domain.Role { return treasuryRoles() }

func (c Unclaim) decide(p *Payable, h domain.Header) ([]Event, error) {
	if err := domain.FirstOf(
		domain.AdmitID("payout_id", c.PayoutID),
		domain.AdmitText("reason", c.Reason, MaxReason),
	); err != nil {
		return nil, err
	}
	switch {
	case p.ClaimedBy == c.PayoutID:
	case p.Payment(c.PayoutID) != nil:
		return nil, domain.Refuse("payable_sent", "payout_id", "this payout has sent it: it may come back, but can't be let go")
	case slices.Contains(p.Released, c.PayoutID):
		return nil, nil
	default:
		return nil, notClaimed(c.PayoutID)
	}
	if err := domain.AdmitAfter(h, "claim", p.Last.At); err != nil {
		return nil, err
	}
	return append([]Event{Unclaimed{PayableID: p.ID, PayoutID: c.PayoutID, Reason: c.Reason}}, p.mended(mending{unclaims: true})...), nil
}

func notClaimed(payout uuid.UUID) error {
	return domain.Refuse("payable_not_claimed", "payout_id", "payout %s doesn't have the payable", payout)
}
