package payable

import (
	"slices"

	"github.com/channelledger/channelledger/domain"
)

// Hold is a dispute that keeps a payable from being paid.
type Hold struct {
	Disputed
	Placed domain.Step `json:"placed"`
	Lifted domain.Step `json:"lifted,omitzero"`
}

func (e Held) evolve(p *Payable, env domain.Envelope) {
	p.Holds = append(slices.Clone(p.Holds), Hold{Disputed: e.Disputed, Placed: domain.StepOf(env, "")})
}

func (e HoldLifted) evolve(p *Payable, env domain.Envelope) {
	p.Holds = slices.Clone(p.Holds)
	for i := range p.Holds {
		if h := &p.Holds[i]; h.Disputed == e.Disputed && !h.Lifted.Taken() {
			h.Lifted = domain.StepOf(env, "")
		}
	}
}

// Held reports whether a dispute holds it.
func (p *Payable) Held() bool {
	return slices.ContainsFunc(p.Holds, func(h Hold) bool { return !h.Lifted.Taken() })
}

func (p *Payable) heldBy(d Disputed) bool {
	return slices.ContainsFunc(p.Holds, func(h Hold) bool { return h.Disputed == d && !h.Lifted.Taken() })
}

// notHeld refuses to pay, or to set off, what a dispute holds.
func (p *Payable) notHeld() error {
	at := slices.IndexFunc(p.Holds, func(h Hold) bool { return !h.Lifted.Taken() })
	if at < 0 {
		return nil
	}
	return domain.Refuse("payable_held", "", "dispute %s holds it, about deal %s: it is paid when that is closed",
		p.Holds[at].DisputeID, p.Holds[at].DealID)
}

// PlaceHold keeps a payable from being paid while a deal that counts towards it is disputed. Where the dispute holds it
// already, there is nothing to record. What a payout has is held as well, and the payout leaves it out when it is sent; what the
// bank has already is paid all the same, and held only should it come back. Only a reactor gives it.
type PlaceHold struct {
	Disputed
}

func (PlaceHold) roles() []domain.Role { return nil }

func (c PlaceHold) decide(p *Payable, _ domain.Header) ([]Event, error) {
	if err := c.check(""); err != nil || p.heldBy(c.Disputed) {
		return nil, err
	}
	return []Event{Held{PayableID: p.ID, Disputed: c.Disputed}}, nil
}

// LiftHold ends a hold; one that isn't there is no fault. Only a reactor gives it.
type LiftHold struct {
	Disputed
}

func (LiftHold) roles() []domain.Role { return nil }

func (c LiftHold) decide(p *Payable, _ domain.Header) ([]Event, error) {
	if !p.heldBy(c.Disputed) {
		return nil, nil
	}
	return []Event{HoldLifted{PayableID: p.ID, Disputed: c.Disputed}}, nil
}

// check wants both ids; path is where they stand.
func (d Disputed) check(path string) error {
	return domain.FirstOf(domain.AdmitID(path+"dispute_id", d.DisputeID), domain.AdmitID(path+"deal_id", d.DealID))
}
