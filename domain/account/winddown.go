package account

import (
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
)

func (e ProtectionShortened) apply(d *Deal, env domain.Envelope) {
	d.ProtectedUntil, d.Shortened = e.ProtectedUntil, stepOf(env, string(e.Because))
	d.lapseExtension()
}

// WindDownDeal ends what a partner has on the account when it leaves the program: a registration that waits is withdrawn, a
// protection ends so many days after the partner left as the policy gives, unless it ends before. It never refuses: of a
// deal that is closed, that ends in time anyhow, or whose standing was decided anew later than the command takes effect,
// there is nothing to record.
type WindDownDeal struct {
	DealID uuid.UUID `json:"deal_id"`
	LeftAt time.Time `json:"left_at"` // when the partner left
}

func (WindDownDeal) roles() []domain.Role { return []domain.Role{domain.ServiceRole} }

func (c WindDownDeal) dealID() uuid.UUID { return c.DealID }

func (c WindDownDeal) decide(s *State, h domain.Header, f Facts) ([]Event, error) {
	d, err := s.deal(c.DealID)
	if err != nil {
		return nil, err
	}
	switch {
	case h.EffectiveAt.Before(d.decidedAt()):
		return nil, nil
	case d.Pending():
		return []Event{DealWithdrawn{DealID: d.ID, Reason: leftTheProgram}}, nil
	case d.Status == StatusApproved:
		return c.shorten(d, h, f), nil
	}
	return nil, nil
}

// leftTheProgram is why the registrations of a partner that was deactivated are withdrawn.
const leftTheProgram = "the partner left the program"

// shorten ends the protection; recorded later than it should have ended, it ends with the record's effect.
func (c WindDownDeal) shorten(d *Deal, h domain.Header, f Facts) []Event {
	until := later(f.days(c.LeftAt, f.registration().WindDown()), h.EffectiveAt)
	if !d.extensionPending() && !until.Before(d.ProtectedUntil) {
		return nil
	}
	if d.ProtectedUntil.Before(until) {
		until = later(d.ProtectedUntil, h.EffectiveAt)
	}
	return []Event{ProtectionShortened{
		DealID: d.ID, ProtectedUntil: until, Because: ShortenedByDeactivation, Policy: f.registrationVersion(),
	}}
}

// decidedAt is when the last step took effect that the deal's standing and the end of its protection rest on.
func (d *Deal) decidedAt() time.Time {
	at := d.since()
	if d.Status == StatusApproved && d.Extension != nil {
		at = later(later(at, d.Extension.Requested.At), d.Extension.Decided.At)
	}
	return at
}
