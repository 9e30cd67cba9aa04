package dispute

import (
	"slices"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
)

// Withheld stands for what a party doesn't see.
const Withheld = "[withheld: sealed]"

// SeesAll reports whether an actor sees papers whosesoever they are: who hears the case or heard it, and the vendor's auditors.
func (c *Case) SeesAll(a domain.Actor) bool {
	return c.Heard(a) || a.Is(domain.Auditor) && !a.OfPartner()
}

// For is the case as an actor sees it, and how many fields of it the actor doesn't see: all of it, or what its side does.
func (c *Case) For(a domain.Actor) (seen *Case, withheld int) {
	if c.SeesAll(a) {
		return c, 0
	}
	return c.ForParty(SideOf(a))
}

// SideOf is whose side an actor is on, whether or not it is one of a case's parties.
func SideOf(a domain.Actor) Party { return Party{PartnerID: a.PartnerID, Vendor: !a.OfPartner()} }

// ForParty is the case as one party sees it, and how many fields it doesn't see. Evidence that only the adjudicator sees is
// there, with its summary where it is sealed, and without anything else that it says. The vendor's own notes, who of its people
// was excluded, who of the other sides' people took a step, and who of another partner's is to have a deal, are left out.
func (c *Case) ForParty(p Party) (seen *Case, withheld int) {
	own := *c
	own.Evidence = slices.Clone(c.Evidence)
	for i := range own.Evidence {
		if x := &own.Evidence[i]; x.By != p && x.sealed() {
			withheld += x.withhold()
		}
	}
	if p.Vendor {
		return &own, withheld
	}
	own.ExcludedActors = nil
	own.Acknowledged = c.Acknowledged.WithoutNote()
	own.Assignments = slices.Clone(c.Assignments)
	for i := range own.Assignments {
		own.Assignments[i].Step = own.Assignments[i].Step.WithoutNote()
	}
	own.unsign(p)
	own.withoutSellers(p.PartnerID) // of what unsign copied
	return &own, withheld
}

// unsign takes out who of the other sides' people took a step. Who judges stays: the parties know.
func (c *Case) unsign(p Party) {
	others := func(by Party, s domain.Step) domain.Step {
		if by != p {
			return s.Unsigned()
		}
		return s
	}
	nobody := Party{}
	c.Opened, c.Final, c.Closed = others(c.Claimant, c.Opened), others(nobody, c.Final), others(nobody, c.Closed)
	c.Responses, c.Remedies = slices.Clone(c.Responses), slices.Clone(c.Remedies)
	for i, r := range c.Responses {
		c.Responses[i].Step = others(r.By, r.Step)
	}
	for i, x := range c.Evidence { // it is a clone already
		c.Evidence[i].Submitted = others(x.By, x.Submitted)
	}
	for i := range c.Remedies {
		for _, carried := range []**Carried{&c.Remedies[i].Applied, &c.Remedies[i].Undone} {
			if *carried != nil {
				unsigned := **carried
				unsigned.Step = others(nobody, unsigned.Step)
				*carried = &unsigned
			}
		}
	}
	if c.Appeal != nil {
		appeal := *c.Appeal
		appeal.Filed = others(appeal.By, appeal.Filed)
		c.Appeal = &appeal
	}
	if c.Settlement != nil {
		offer := *c.Settlement
		offer.Proposed = others(offer.By, offer.Proposed)
		c.Settlement = &offer
	}
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

// sealed reports whether only the adjudicator is to see it, granted or not.
func (e *Evidence) sealed() bool { return e.Visibility == VisibleToAdjudicator }

// PaperBy is whose paper an event of the case shows, or decides about, that only the adjudicator is to see; false: it does
// neither.
func (c *Case) PaperBy(e domain.Event) (by Party, ok bool) {
	var id uuid.UUID
	switch e := e.(type) {
	case EvidenceSubmitted:
		return e.By, e.Visibility == VisibleToAdjudicator
	case SealingGranted:
		id = e.EvidenceID
	case SealingRefused:
		id = e.EvidenceID
	default:
		return by, false
	}
	if x := c.evidence(id); x != nil {
		by = x.By
	}
	return by, true
}

// OpenOfPaper are the fields of an event about such a paper that every party sees.
func OpenOfPaper() []string {
	return []string{"evidence_id", "by.partner_id", "by.vendor", "visibility", "summary"}
}

// WithoutContent is an event of a case without what only the adjudicator sees, and whether that is less.
func WithoutContent(e domain.Event) (seen domain.Event, less bool) {
	switch e := e.(type) {
	case EvidenceSubmitted:
		x := Evidence{EvidenceSubmitted: e}
		if x.sealed() {
			x.withhold()
			return x.EvidenceSubmitted, true
		}
	case SealingGranted:
		e.Reason = Withheld
		return e, true
	case SealingRefused:
		e.Reason = Withheld
		return e, true
	}
	return e, false
}
