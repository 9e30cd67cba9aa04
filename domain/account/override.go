package account

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
)

func (e ConflictOverridden) apply(d *Deal, env domain.Envelope) {
	for _, id := range e.FindingIDs {
		if f := d.finding(id); f != nil {
			f.Override, f.Ruling = stepOf(env, e.Reason), e.Ruling
		}
	}
}

// OverrideConflicts lets findings stand without keeping the deal from being approved. An override holds for the pair of
// deals, whatever becomes of the other one. One that came late, to a deal that was protected already, is settled by it. A
// finding that an approval was refused for, and that isn't recorded on the deal yet, is recorded with its override.
// Errors: a field is wrong; the deal has no such finding (finding_unknown); it is overridden already (finding_overridden), or
// a dispute decides it (finding_referred).
type OverrideConflicts struct {
	DealID     uuid.UUID   `json:"deal_id"`
	FindingIDs []uuid.UUID `json:"finding_ids"` // 1 to 1000, none overridden yet
	Reason     string      `json:"reason"`
}

func (OverrideConflicts) roles() []domain.Role { return deskRoles() }

func (c OverrideConflicts) dealID() uuid.UUID { return c.DealID }

func (c OverrideConflicts) decide(s *State, h domain.Header, f Facts) ([]Event, error) {
	unrecorded, err := s.review(sifting{c.DealID, c.FindingIDs, c.Reason, "OverrideConflicts", MaxFindings}, h, f)
	if err != nil {
		return nil, err
	}
	return append(unrecorded, ConflictOverridden{DealID: c.DealID, FindingIDs: c.FindingIDs, Reason: c.Reason}), nil
}

// sifting is what a reviewer says of some findings.
type sifting struct {
	deal     uuid.UUID
	findings []uuid.UUID
	reason   string
	action   string
	most     int // findings
}

// review checks that the desk may decide about the findings, and is the events for those that aren't recorded yet.
func (s *State) review(c sifting, h domain.Header, f Facts) (unrecorded []Event, err error) {
	d, err := s.deal(c.deal)
	if err != nil {
		return nil, err
	}
	if err := firstOf(
		domain.AdmitText("reason", c.reason, MaxReason),
		d.decidable(c.findings, h),
		d.mayReview(h, c.action, c.reason),
	); err != nil {
		return nil, err
	}
	if len(c.findings) == 0 || len(c.findings) > c.most {
		return nil, domain.Invalid("finding_ids", "want 1 to %d findings, not %d", c.most, len(c.findings))
	}
	claim := d.claim()
	unrecorded = claim.record(d, claim.findings(s, f, h.EffectiveAt))
	unrecorded = slices.DeleteFunc(unrecorded, func(e Event) bool {
		return !slices.Contains(c.findings, e.(ConflictFound).FindingID)
	})
	return unrecorded, d.checkFindings(c.findings, h, unrecorded)
}

// decidable lets findings be decided about while the deal waits, and those that came late also while it is protected.
func (d *Deal) decidable(findings []uuid.UUID, h domain.Header) error {
	for _, id := range findings {
		if f := d.finding(id); f == nil || !f.Late {
			return d.stepFrom(h, StatusSubmitted, StatusReturned)
		}
	}
	return d.stepFrom(h, StatusSubmitted, StatusReturned, StatusApproved)
}

// checkFindings refuses findings that the deal doesn't have, has twice, has had overridden, or that a dispute decides.
func (d *Deal) checkFindings(findings []uuid.UUID, h domain.Header, unrecorded []Event) error {
	for i, id := range findings {
		path := fmt.Sprintf("finding_ids[%d]", i)
		finding := d.finding(id)
		isNew := slices.ContainsFunc(unrecorded, func(e Event) bool { return e.(ConflictFound).FindingID == id })
		switch {
		case slices.Contains(findings[:i], id):
			return domain.Invalid(path, "%s is named twice", id)
		case finding == nil && !isNew:
			return domain.NotFound("finding_unknown", path, "the deal has no finding %s", id)
		case finding != nil && finding.Override.Taken():
			return domain.Refuse("finding_overridden", path, "%s is overridden already", id)
		case finding != nil && d.Awaits(finding):
			return domain.Refuse("finding_referred", path, "%s was sent to a dispute: the case decides", id)
		case finding != nil && h.EffectiveAt.Before(finding.Found.At):
			return notBefore(h, "finding", finding.Found.At)
		}
	}
	return nil
}

// obstacles are the findings that keep the deal from being approved at a moment: they block by the policy or a dispute decides
// them, their reason still stands, and nobody has overridden them by then.
func (d *Deal) obstacles(s *State, f Facts, at time.Time) (found []Finding) {
	for _, finding := range d.claim().findings(s, f, at) {
		known := d.finding(finding.ID)
		blocks := f.blocks(finding.Rule) || known != nil && d.Awaits(known)
		if blocks && (known == nil || !known.overridden(at)) {
			found = append(found, finding)
		}
	}
	return found
}

// conflicted refuses an approval, naming what has to be overridden, so that it can be.
func conflicted(obstacles []Finding) error {
	const shown = 5
	var names []string
	for _, f := range obstacles[:min(shown, len(obstacles))] {
		names = append(names, fmt.Sprintf("%s with %s (finding %s)", f.Rule, f.With, f.ID))
	}
	return domain.Refuse("conflict", "deal_id", "%d findings stand in the way: %s", len(obstacles), strings.Join(names, "; "))
}

// String names what it is, for people.
func (w With) String() string {
	switch {
	case w.DealID != uuid.Nil:
		return "deal " + w.DealID.String()
	case w.OpportunityID != uuid.Nil:
		return "opportunity " + w.OpportunityID.String()
	case w.PartnerID != uuid.Nil:
		return "partner " + w.PartnerID.String()
	case w.Owner != "":
		return string(w.Owner) + " account"
	default:
		return "the registration itself"
	}
}

// excused reports whether somebody had overridden the conflict of two deals at a moment, on either.
func excused(a, b *Deal, at time.Time) bool { return a.overrode(b.ID, at) || b.overrode(a.ID, at) }

func (d *Deal) overrode(other uuid.UUID, at time.Time) bool {
	return slices.ContainsFunc(d.Findings, func(f Finding) bool { return f.With.DealID == other && f.overridden(at) })
}

// overridden reports whether somebody had overridden the finding at a moment.
func (f *Finding) overridden(at time.Time) bool {
	return f.Override.Taken() && !f.Override.At.After(at)
}

// rivalAfter is another partner's deal on one of the lines whose protection lasts beyond a moment, without an override
// between the two by now; nil where there is none.
func (s *State) rivalAfter(d *Deal, beyond, now time.Time) *Deal {
	for _, key := range d.lineKeys() {
		for rival := range s.line(key).protectedAfter(beyond) {
			if rival.PartnerID != d.PartnerID && !excused(d, rival, now) {
				return rival
			}
		}
	}
	return nil
}

// warnRivals records on every other partner's registration that waits on the lines that this deal is protected now.
func (s *State) warnRivals(d *Deal, until time.Time) (events []Event) {
	for _, rival := range s.waiting(d.lineKeys()...) {
		if claim := rival.claim(); rival.PartnerID != d.PartnerID {
			events = append(events, claim.record(rival, []Finding{claim.protectedFinding(d, until)})...)
		}
	}
	return events
}
