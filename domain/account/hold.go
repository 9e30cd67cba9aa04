package account

import (
	"slices"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
)

// Hold is a dispute that keeps a deal as it is.
type Hold struct {
	DisputeID uuid.UUID `json:"dispute_id"`
	Subject   uuid.UUID `json:"subject,omitzero"` // the event that the dispute is about
	Placed    Step      `json:"placed"`
	Lifted    Step      `json:"lifted,omitzero"`
	Keeps     bool      `json:"keeps,omitempty"` // it keeps a protection from ending that ran when it was placed
}

func (e HoldPlaced) apply(d *Deal, env domain.Envelope) {
	runs := d.Status == StatusApproved && (d.extensionPending() || env.RecordedAt.Before(d.ProtectedUntil))
	d.Holds = append(slices.Clone(d.Holds), Hold{
		DisputeID: e.DisputeID, Subject: e.Subject, Placed: stepOf(env, ""), Keeps: runs,
	})
}

func (e HoldLifted) apply(d *Deal, env domain.Envelope) {
	d.Holds = slices.Clone(d.Holds)
	for i := range d.Holds {
		if d.Holds[i].DisputeID == e.DisputeID && !d.Holds[i].Lifted.Taken() {
			d.Holds[i].Lifted = stepOf(env, "")
		}
	}
	if !e.ProtectedUntil.IsZero() && d.Status == StatusApproved {
		d.ProtectedUntil = e.ProtectedUntil
	}
}

// Held reports whether a dispute holds the deal.
func (d *Deal) Held() bool {
	return slices.ContainsFunc(d.Holds, func(h Hold) bool { return !h.Lifted.Taken() })
}

func (d *Deal) heldBy(dispute uuid.UUID) bool {
	return slices.ContainsFunc(d.Holds, func(h Hold) bool { return h.DisputeID == dispute && !h.Lifted.Taken() })
}

// heldOpen reports whether a hold keeps the protection from ending.
func (d *Deal) heldOpen() bool {
	return slices.ContainsFunc(d.Holds, func(h Hold) bool { return h.Keeps && !h.Lifted.Taken() })
}

// endHeld lets holds keep no protection any more: the deal is closed.
func (d *Deal) endHeld() {
	d.Holds = slices.Clone(d.Holds)
	for i := range d.Holds {
		d.Holds[i].Keeps = false
	}
}

// lineFree refuses a deal while a dispute holds another partner's on one of its lines.
func (s *State) lineFree(d *Deal) error {
	for _, key := range d.lineKeys() {
		l := s.line(key)
		for _, other := range slices.Concat(l.pending, l.granted) {
			if other.PartnerID != d.PartnerID && other.Held() {
				return domain.Refuse("line_held", "deal_id", "deal %s of another partner is disputed on the line", other.ID)
			}
		}
	}
	return nil
}

// PlaceHold keeps a deal as it is while it is disputed. Where the dispute holds it already, there is nothing to record.
type PlaceHold struct {
	DealID    uuid.UUID `json:"deal_id"`
	DisputeID uuid.UUID `json:"dispute_id"`
	Subject   uuid.UUID `json:"subject,omitzero"` // the event that the dispute is about
}

func (PlaceHold) roles() []domain.Role { return reactorRoles() }

func (c PlaceHold) dealID() uuid.UUID { return c.DealID }

func (c PlaceHold) decide(s *State, h domain.Header, _ Facts) ([]Event, error) {
	d, err := s.ruledOn(c.DealID, h, "PlaceHold")
	if err != nil || d.heldBy(c.DisputeID) {
		return nil, err
	}
	return []Event{HoldPlaced(c)}, nil
}

// LiftHold ends a hold. The protection that it kept ends when it would have, or now where that is later.
type LiftHold struct {
	DealID    uuid.UUID `json:"deal_id"`
	DisputeID uuid.UUID `json:"dispute_id"`
}

func (LiftHold) roles() []domain.Role { return reactorRoles() }

func (c LiftHold) dealID() uuid.UUID { return c.DealID }

func (c LiftHold) decide(s *State, h domain.Header, _ Facts) ([]Event, error) {
	d, err := s.ruledOn(c.DealID, h, "LiftHold")
	if err != nil || !d.heldBy(c.DisputeID) {
		return nil, err
	}
	lifted := HoldLifted{DealID: c.DealID, DisputeID: c.DisputeID}
	others := slices.ContainsFunc(d.Holds, func(x Hold) bool { return x.DisputeID != c.DisputeID && x.Keeps && !x.Lifted.Taken() })
	if d.heldOpen() && !others {
		lifted.ProtectedUntil = later(d.ProtectedUntil, h.EffectiveAt)
	}
	return []Event{lifted}, nil
}

func reactorRoles() []domain.Role { return []domain.Role{domain.ServiceRole} }

// ruledOn finds a deal for what only follows from a dispute: nobody gives it by hand.
func (s *State) ruledOn(id uuid.UUID, h domain.Header, action string) (*Deal, error) {
	if h.Actor.Kind != domain.Reactor {
		return nil, domain.Forbid("reactor_only", "%s follows from a dispute, nobody gives it by hand", action)
	}
	return s.deal(id)
}
