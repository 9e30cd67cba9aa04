package payout

import (
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
)

// PrepareWithin is how long claiming payables for a payout may take. One that isn't prepared by then was left behind by a
// crash: it is given up, and what it had claimed is free again. Longer than any request may run.
const PrepareWithin = 15 * time.Minute

// Open begins a payout. Its id is IDOf the command.
type Open struct {
	Currency    string      `json:"currency"` // ISO 4217
	Filter      Filter      `json:"filter,omitzero"`
	Debtor      Debtor      `json:"debtor"`
	ExecutionOn domain.Date `json:"execution_on"` // today or later, within MaxAhead days

	Rates       []ExchangeRate `json:"rates,omitempty"`       // of other currencies that are paid along
	Withholding []Withholding  `json:"withholding,omitempty"` // by default nothing is withheld
}

func (Open) roles() []domain.Role { return treasuryRoles() }

func (c Open) decide(p *Payout, h domain.Header, f Facts) ([]Event, error) {
	_, err := domain.NewMoney(0, c.Currency)
	if err := domain.FirstOf(
		named("currency", err),
		c.Filter.check("filter"),
		c.Debtor.check("debtor"),
		c.Terms().check(),
		checkExecution(c.ExecutionOn, domain.DateOf(h.EffectiveAt, f.zone())),
	); err != nil {
		return nil, err
	}
	if p.Exists() {
		return nil, domain.Refuse("wrong_status", "", "the payout is %s already", p.Status)
	}
	return []Event{Opened{
		PayoutID: IDOf(h.CommandID), Currency: c.Currency, Filter: c.Filter, Debtor: c.Debtor, ExecutionOn: c.ExecutionOn,
		Rates: c.Rates, Withholding: c.Withholding,
	}}, nil
}

func checkExecution(on, today domain.Date) error {
	switch {
	case on.IsZero():
		return domain.Invalid("execution_on", "want the day that the bank is to pay on")
	case on.Compare(today) < 0:
		return domain.Invalid("execution_on", "%s is over", on)
	case on.Compare(today.AddDays(MaxAhead)) > 0:
		return domain.Invalid("execution_on", "want a day within %d days", MaxAhead)
	}
	return nil
}

func (f Filter) check(path string) error {
	if len(f.PartnerIDs) > MaxPartners {
		return domain.Invalid(path+".partner_ids", "at most %d partners", MaxPartners)
	}
	if slices.Contains(f.PartnerIDs, uuid.Nil) {
		return domain.Invalid(path+".partner_ids", "a partner's id must not be empty")
	}
	if len(f.Kinds) > MaxKinds {
		return domain.Invalid(path+".kinds", "at most %d kinds", MaxKinds)
	}
	for i, kind := range f.Kinds {
		if err := domain.AdmitText(fmt.Sprintf("%s.kinds[%d]", path, i), kind, MaxName); err != nil {
			return err
		}
	}
	return nil
}

// Takes reports whether the filter takes a payable.
func (f Filter) Takes(partner uuid.UUID, kind string, due domain.Date) bool {
	return (len(f.PartnerIDs) == 0 || slices.Contains(f.PartnerIDs, partner)) &&
		(len(f.Kinds) == 0 || slices.Contains(f.Kinds, kind)) &&
		(f.DueUntil.IsZero() || due.Compare(f.DueUntil) <= 0)
}

func (d Debtor) check(path string) error {
	if err := domain.FirstOf(
		domain.AdmitText(path+".name", d.Name, MaxName),
		domain.AdmitIBAN(path+".iban", d.IBAN),
	); err != nil || d.BIC == "" {
		return err
	}
	return domain.AdmitBIC(path+".bic", d.BIC)
}

// Abandon ends a payout that wasn't sent. What it had claimed is free again.
type Abandon struct {
	Reason string `json:"reason"`
}

func (Abandon) roles() []domain.Role { return checkerRoles() }

func (c Abandon) decide(p *Payout, h domain.Header, _ Facts) ([]Event, error) {
	if err := domain.FirstOf(
		domain.AdmitText("reason", c.Reason, MaxReason),
		p.is(StatusOpen, StatusPrepared, StatusFirstApproved, StatusApproved),
		domain.AdmitAfter(h, "opening", p.Opened.At),
	); err != nil {
		return nil, err
	}
	return []Event{Abandoned{PayoutID: p.ID, Reason: c.Reason}}, nil
}

// GiveUp abandons a payout that wasn't prepared in time; any other stays as it is. Only a reactor gives it.
type GiveUp struct{}

func (GiveUp) roles() []domain.Role { return nil }

func (GiveUp) decide(p *Payout, h domain.Header, _ Facts) ([]Event, error) {
	if p.Status != StatusOpen || h.EffectiveAt.Before(p.Opened.RecordedAt.Add(PrepareWithin)) {
		return nil, nil
	}
	return []Event{Abandoned{PayoutID: p.ID, Reason: "it was not prepared in time"}}, nil
}
