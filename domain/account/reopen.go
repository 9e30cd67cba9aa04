package account

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
)

func (e DealReopened) apply(d *Deal, env domain.Envelope) {
	d.Status, d.Reopened, d.ProtectedUntil = e.To, stepOf(env, e.Reason), e.ProtectedUntil
	d.Win, d.Closed = nil, Step{}
	d.setOutcome("")
	if e.To == StatusExpired {
		d.Closed = d.Reopened
		d.Closed.At = e.ProtectedUntil
	}
}

// ReopenDeal says that the deal was not won, or not lost, after all; a second person says so, not who closed it. Its
// protection goes on until its old end, unless that is past or another partner is protected on the line by now: then the
// deal is open without protection, as after an expiry, and can still be won.
type ReopenDeal struct {
	DealID uuid.UUID `json:"deal_id"`
	Reason string    `json:"reason"`
}

func (ReopenDeal) roles() []domain.Role { return deskRoles() }

func (c ReopenDeal) dealID() uuid.UUID { return c.DealID }

func (c ReopenDeal) decide(s *State, h domain.Header, _ Facts) ([]Event, error) {
	d, err := s.deal(c.DealID)
	if err != nil {
		return nil, err
	}
	if err := firstOf(
		domain.AdmitText("reason", c.Reason, MaxReason),
		d.stepFrom(h, StatusWon, StatusLost),
		domain.AdmitChecker("ReopenDeal", d.Closed.Actor(), h.Actor, d.PartnerID, c.Reason),
	); err != nil {
		return nil, err
	}
	to, until := s.reopened(d, h.EffectiveAt)
	events := []Event{DealReopened{DealID: d.ID, From: d.Status, To: to, ProtectedUntil: until, Reason: c.Reason}}
	if to == StatusApproved {
		events = slices.Concat(events, s.warnRivals(d, until), s.breachesWithin(d, h.EffectiveAt, until))
	}
	return events, nil
}

// reopened is what a reopened deal becomes, and the end of its protection.
func (s *State) reopened(d *Deal, at time.Time) (Status, time.Time) {
	if at.Before(d.ProtectedUntil) && s.rivalAfter(d, at, at) == nil {
		return StatusApproved, d.ProtectedUntil
	}
	_, ended := d.Protection()
	return StatusExpired, ended
}
