package dispute

import (
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/policy"
)

// RecordRemedy records back that a remedy was carried out, or taken back, and by which event. The reactor that does it gives
// it; of what was done by hand, partner operations or finance do, with a note.
// Errors: there is no such remedy; it is not to be carried out (remedy_not_due), or not to be taken back; the event isn't
// there.
type RecordRemedy struct {
	RemedyID uuid.UUID `json:"remedy_id"`
	Undone   bool      `json:"undone,omitempty"`
	Event    EventRef  `json:"event"`
	Note     string    `json:"note,omitempty"`
}

func (RecordRemedy) roles() []domain.Role { return enforcerRoles() }

func (RecordRemedy) in() []Status { return []Status{StatusRuled, StatusAppealed, StatusFinal} }

// What a reactor reports has happened, whatever was decided meanwhile: so it can be taken back.
func (c RecordRemedy) decide(s *State, h domain.Header, f Facts) ([]Event, error) {
	r := s.Remedy(c.RemedyID)
	if r == nil {
		return nil, domain.NotFound("remedy_unknown", "remedy_id", "the case has no remedy %s", c.RemedyID)
	}
	if c.Undone && !r.carried() || !c.Undone && r.Applied != nil {
		return nil, domain.Refuse("remedy_not_due", "remedy_id", "the remedy is %s", r.Status)
	}
	if err := f.checkEvents("event", []EventRef{c.Event}); err != nil {
		return nil, err
	}
	if h.Actor.Kind != domain.Reactor {
		if err := domain.FirstOf(domain.AdmitText("note", c.Note, MaxReason), s.dueByHand(r, c.Undone)); err != nil {
			return nil, err
		}
	}
	return []Event{RemedyApplied{RemedyID: r.RemedyID, Undone: c.Undone, Event: c.Event, Note: c.Note}}, nil
}

func (c *Case) dueByHand(r *RemedyInProgress, undo bool) error {
	for _, due := range c.Outstanding() {
		if apply, back := due.Outstanding(); due == r && (apply && !undo || back && undo) {
			return nil
		}
	}
	return domain.Refuse("remedy_not_due", "remedy_id", "nothing is to be done about the remedy now: it is %s", r.Status)
}

// ParkRemedy records that a remedy can't be carried out, or taken back, and what is missing. Only the reactor gives it. It
// is tried again after a day, then after two, four and so on, up to 32.
type ParkRemedy struct {
	RemedyID uuid.UUID `json:"remedy_id"`
	Undo     bool      `json:"undo,omitempty"`
	Rule     string    `json:"rule"`
	Missing  string    `json:"missing"`
}

func (ParkRemedy) roles() []domain.Role { return reactorRoles() }

func (ParkRemedy) in() []Status { return []Status{StatusRuled, StatusAppealed, StatusFinal} }

func (ParkRemedy) scheduled() {}

func (c ParkRemedy) decide(s *State, h domain.Header, f Facts) ([]Event, error) {
	if h.Actor.Kind != domain.Reactor {
		return nil, domain.Forbid("reactor_only", "ParkRemedy follows from what a target refused, nobody gives it by hand")
	}
	r := s.Remedy(c.RemedyID)
	if r == nil || c.Undo && !r.carried() || !c.Undo && r.Applied != nil {
		return nil, nil // it was done meanwhile
	}
	return []Event{RemedyParked{
		RemedyID: r.RemedyID, Undo: c.Undo, Attempt: r.Attempts + 1, Rule: c.Rule, Missing: c.Missing,
		RetryAt: retryAt(h.Now, r.Attempts, f.zone()),
	}}, nil
}

func retryAt(now time.Time, attempts int, zone *time.Location) time.Time {
	const doublings = 5
	return policy.AddDays(now, 1<<min(attempts, doublings), zone)
}

// RetryRemedy has a parked remedy tried again at once: what was missing is there now.
// Errors: there is no such remedy, or it isn't parked (remedy_not_parked).
type RetryRemedy struct {
	RemedyID uuid.UUID `json:"remedy_id"`
	Reason   string    `json:"reason"`
}

func (RetryRemedy) roles() []domain.Role { return enforcerRoles() }

func (RetryRemedy) in() []Status { return []Status{StatusRuled, StatusFinal} }

func (c RetryRemedy) decide(s *State, _ domain.Header, _ Facts) ([]Event, error) {
	if err := domain.AdmitText("reason", c.Reason, MaxReason); err != nil {
		return nil, err
	}
	switch r := s.Remedy(c.RemedyID); {
	case r == nil:
		return nil, domain.NotFound("remedy_unknown", "remedy_id", "the case has no remedy %s", c.RemedyID)
	case r.Status != RemedyIsParked:
		return nil, domain.Refuse("remedy_not_parked", "remedy_id", "the remedy is %s", r.Status)
	}
	return []Event{RemedyRetried(c)}, nil
}

// Close ends a case that is final and about which nothing is left to be done. Only the reactor gives it.
// Errors: a remedy is still to be carried out, or taken back (remedies_outstanding).
type Close struct {
	Reason string `json:"reason,omitempty"`
}

func (Close) roles() []domain.Role { return reactorRoles() }

func (Close) in() []Status { return []Status{StatusFinal} }

func (c Close) decide(s *State, _ domain.Header, _ Facts) ([]Event, error) {
	if err := domain.AdmitOptionalText("reason", c.Reason, MaxReason); err != nil {
		return nil, err
	}
	if n := len(s.Outstanding()); n > 0 {
		return nil, domain.Refuse("remedies_outstanding", "", "%d remedies are still to be carried out, or taken back", n)
	}
	return []Event{Closed{Outcome: s.Outcome, Reason: c.Reason}}, nil
}

func enforcerRoles() []domain.Role {
	return []domain.Role{domain.PartnerOps, domain.Finance, domain.ServiceRole}
}
