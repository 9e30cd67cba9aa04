package dispute

import (
	"slices"

	"github.com/channelledger/channelledger/domain"
)

// Withheld stands for what a party doesn't see.
const Withheld = "[withheld: sealed]"

// ForParty is the case as one party sees it, and how many fields it doesn't see. Evidence that only the adjudicator sees is
// there, with its summary where it is sealed, and without anything else that it says. The vendor's own notes and who of its
// people was excluded are left out.
func (c *Case) ForParty(p Party) (seen *Case, withheld int) {
	own := *c
	own.Evidence = slices.Clone(c.Evidence)
	for i := range own.Evidence {
		if x := &own.Evidence[i]; x.By != p && x.Visibility == VisibleToAdjudicator {
			withheld += x.withhold()
		}
	}
	if p.Vendor {
		return &own, withheld
	}
	own.ExcludedActors = nil
	own.Acknowledged = withoutNotes(c.Acknowledged)
	own.Assignments = slices.Clone(c.Assignments)
	for i := range own.Assignments {
		own.Assignments[i].Step = withoutNotes(own.Assignments[i].Step)
	}
	return &own, withheld
}

// withhold takes out what the evidence says, and counts the fields.
func (e *Evidence) withhold() (fields int) {
	for _, text := range []*string{&e.Name, &e.SHA256, &e.Note, &e.SealingReason, &e.Decided.Reason} {
		if *text != "" {
			*text = Withheld
			fields++
		}
	}
	if e.Size != 0 {
		e.Size = 0
		fields++
	}
	if len(e.EventRefs) > 0 {
		e.EventRefs = nil
		fields++
	}
	return fields
}

// withoutNotes leaves of a step of the vendor's that it was taken, and when.
func withoutNotes(s domain.Step) domain.Step {
	s.By, s.OnBehalfOf, s.Reason = "", "", ""
	return s
}

// WithoutContent is the event without what only the adjudicator sees.
func (e EvidenceSubmitted) WithoutContent() EvidenceSubmitted {
	if e.Visibility == VisibleToAdjudicator {
		x := Evidence{EvidenceSubmitted: e}
		x.withhold()
		return x.EvidenceSubmitted
	}
	return e
}
