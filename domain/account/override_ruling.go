package account

import (
	"fmt"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
)

func (e ConflictOverrideUndone) apply(d *Deal, _ domain.Envelope) {
	for _, id := range e.FindingIDs {
		if f := d.finding(id); f != nil {
			f.Override, f.Ruling = Step{}, uuid.Nil
		}
	}
}

// OverrideByRuling lets findings stand as a ruling orders, also those that wait for it.
// Errors: the deal was decided meanwhile (wrong_status); it has no such finding (finding_unknown); somebody overrode it
// already (finding_overridden).
type OverrideByRuling struct {
	DealID     uuid.UUID   `json:"deal_id"`
	FindingIDs []uuid.UUID `json:"finding_ids"`
	Reason     string      `json:"reason"`
	Ruling     uuid.UUID   `json:"ruling"` // the event that orders it
}

func (OverrideByRuling) roles() []domain.Role { return reactorRoles() }

func (c OverrideByRuling) dealID() uuid.UUID { return c.DealID }

func (c OverrideByRuling) decide(s *State, h domain.Header, _ Facts) ([]Event, error) {
	d, err := s.ruledOn(c.DealID, h, "OverrideByRuling")
	if err != nil {
		return nil, err
	}
	if err := firstOf(someFindings(c.FindingIDs), d.decidable(c.FindingIDs, h)); err != nil {
		return nil, err
	}
	for i, id := range c.FindingIDs {
		path := fmt.Sprintf("finding_ids[%d]", i)
		switch f := d.finding(id); {
		case f == nil:
			return nil, domain.NotFound("finding_unknown", path, "the deal has no finding %s", id)
		case f.Override.Taken():
			return nil, domain.Refuse("finding_overridden", path, "%s is overridden already", id)
		}
	}
	return []Event{ConflictOverridden(c)}, nil
}

// UndoOverride lets findings block again that a ruling overrode, which was overturned.
// Errors: the ruling didn't override them, or that is undone already (not_overridden); the deal was approved since
// (approved_since): what that brought has to be looked at by people.
type UndoOverride struct {
	DealID     uuid.UUID   `json:"deal_id"`
	FindingIDs []uuid.UUID `json:"finding_ids"`
	Ruling     uuid.UUID   `json:"ruling"` // the event that had ordered it
}

func (UndoOverride) roles() []domain.Role { return reactorRoles() }

func (c UndoOverride) dealID() uuid.UUID { return c.DealID }

func (c UndoOverride) decide(s *State, h domain.Header, _ Facts) ([]Event, error) {
	d, err := s.ruledOn(c.DealID, h, "UndoOverride")
	if err := firstOf(err, someFindings(c.FindingIDs)); err != nil {
		return nil, err
	}
	for i, id := range c.FindingIDs {
		switch f := d.finding(id); {
		case f == nil || !f.Override.Taken() || f.Ruling != c.Ruling:
			return nil, domain.Refuse("not_overridden", fmt.Sprintf("finding_ids[%d]", i), "the ruling doesn't override %s", id)
		case d.Approved.Taken() && d.Approved.Revision > f.Override.Revision:
			return nil, domain.Refuse("approved_since", "deal_id", "the deal was approved since the ruling was carried out")
		}
	}
	return []Event{ConflictOverrideUndone(c)}, nil
}

func someFindings(ids []uuid.UUID) error {
	if len(ids) == 0 {
		return domain.Invalid("finding_ids", "want at least one finding")
	}
	return nil
}
