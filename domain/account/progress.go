package account

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
)

func (e StageAdvanced) apply(d *Deal, env domain.Envelope) { d.Stage.Set(env.EffectiveAt, e.Stage) }

func (e AmountRevised) apply(d *Deal, env domain.Envelope) {
	for _, l := range e.Lines {
		if at := d.product(l.Product); at >= 0 {
			d.Lines[at].Amount.Set(env.EffectiveAt, l.Amount)
		}
	}
}

// product is the index of a product by the name it was registered under, or -1.
func (d *Deal) product(name string) int {
	return slices.IndexFunc(d.Lines, func(l DealLine) bool { return l.Product == name })
}

// approvedAt refuses a moment at which the deal was not approved: before the approval, after the close, or after the
// protection's end. Late facts are taken, whatever the deal has become meanwhile.
func (d *Deal) approvedAt(at time.Time) error {
	if d.ProtectedAt(at) {
		return nil
	}
	if !d.Approved.Taken() {
		return domain.Refuse("not_approved", "deal_id", "the deal is %s: want an approved one", d.Status)
	}
	from, until := d.Protection()
	return domain.Refuse("not_approved", "effective_at", "at %s the deal was not approved: it was from %s to %s",
		stamp(at), stamp(from), stamp(until))
}

// AdvanceStage says how far the sale is from a moment on; the deal is approved at that moment. The stage that holds already
// records nothing.
type AdvanceStage struct {
	DealID uuid.UUID `json:"deal_id"`
	Stage  Stage     `json:"stage"`
}

func (AdvanceStage) roles() []domain.Role { return deskRoles() }

func (c AdvanceStage) dealID() uuid.UUID { return c.DealID }

func (c AdvanceStage) decide(s *State, h domain.Header, _ Facts) ([]Event, error) {
	d, err := s.deal(c.DealID)
	if err != nil {
		return nil, err
	}
	if err := firstOf(
		oneOf("stage", c.Stage, StageProspecting, StageQualified, StageProposal, StageNegotiation),
		d.approvedAt(h.EffectiveAt),
	); err != nil {
		return nil, err
	}
	if now, _ := d.Stage.At(h.EffectiveAt); now == c.Stage {
		return nil, nil
	}
	return []Event{StageAdvanced(c)}, nil
}

// ReviseAmount says what some lines are expected to bring from a moment on, at which the deal waits or is approved. The
// partner's people may as long as it waits, then only the vendor. Amounts that hold already record nothing.
type ReviseAmount struct {
	DealID uuid.UUID    `json:"deal_id"`
	Lines  []LineAmount `json:"lines"`
	Reason string       `json:"reason,omitempty"`
}

func (ReviseAmount) roles() []domain.Role { return append(partnerRoles(), domain.DealDesk) }

func (c ReviseAmount) dealID() uuid.UUID { return c.DealID }

func (c ReviseAmount) decide(s *State, h domain.Header, f Facts) ([]Event, error) {
	d, err := s.deal(c.DealID)
	if err != nil {
		return nil, err
	}
	if err := firstOf(optionalText("reason", c.Reason, MaxReason), d.revisable(h)); err != nil {
		return nil, err
	}
	lines, err := d.linesOf(c.Lines, f.catalogue())
	if err != nil {
		return nil, err
	}
	lines = slices.DeleteFunc(lines, func(l Line) bool {
		now, _ := d.Lines[d.product(l.Product)].Amount.At(h.EffectiveAt)
		return now == l.Amount
	})
	if len(lines) == 0 {
		return nil, nil
	}
	return []Event{AmountRevised{DealID: d.ID, Lines: lines, Reason: c.Reason}}, nil
}

func (d *Deal) revisable(h domain.Header) error {
	switch {
	case d.Pending() || h.EffectiveAt.Before(d.Approved.At):
		return notBefore(h, "submission", d.Submitted.At)
	case d.ProtectedAt(h.EffectiveAt) && h.Actor.OfPartner():
		return domain.Forbid("vendor_only", "after the approval only the vendor revises amounts")
	default:
		return d.approvedAt(h.EffectiveAt)
	}
}
