package dispute

import (
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
)

// IDOf is the id of the case that a command opens.
func IDOf(command uuid.UUID) uuid.UUID { return domain.DeriveID("dispute", command.String()) }

// Open contests a recorded event. A partner's people do it for their partner; the vendor's for the vendor, or for whoever is
// named as claimant: so a reactor does for what opens a case by itself. Without respondents the vendor is the one; where what is contested
// is the vendor's own doing, the vendor is always one of them.
// Errors: a field is wrong; the event, a partner or a further stream isn't there; the kind doesn't fit the event
// (kind_of_event); the time to dispute it is over (too_late), unless partner operations admits it and says why.
type Open struct {
	Kind         Kind      `json:"kind"`
	Stream       string    `json:"stream"`   // of the disputed event
	EventID      uuid.UUID `json:"event_id"` // of the same
	Streams      []string  `json:"streams,omitempty"`
	Claimant     Party     `json:"claimant,omitzero"`     // by default the actor's side
	Respondents  []Party   `json:"respondents,omitempty"` // by default the vendor
	RemedySought string    `json:"remedy_sought"`
	Statement    string    `json:"statement"`
	LateReason   string    `json:"late_reason,omitempty"`
}

func (Open) roles() []domain.Role { return partyRoles() }

func (Open) in() []Status { return nil }

func (c Open) decide(_ *State, h domain.Header, f Facts) ([]Event, error) {
	if c.Claimant == (Party{}) {
		c.Claimant = Party{PartnerID: h.Actor.PartnerID, Vendor: !h.Actor.OfPartner()}
	}
	c.Respondents = c.against()
	if err := domain.FirstOf(
		h.Actor.AllowPartner("Open", c.Claimant.PartnerID),
		domain.AdmitOneOf("kind", c.Kind, Kinds()...),
		domain.AdmitText("remedy_sought", c.RemedySought, MaxReason),
		domain.AdmitText("statement", c.Statement, MaxText),
		domain.AdmitOptionalText("late_reason", c.LateReason, MaxReason),
		c.checkSubject(f),
		c.checkStreams(f),
		c.checkParties(f),
		c.inTime(h, f),
	); err != nil {
		return nil, err
	}
	return c.opened(h, f)
}

// against are the respondents: those who are named, the vendor where nobody is, and wherever it answers for what was done.
func (c Open) against() []Party {
	vendor := Party{Vendor: true}
	against := slices.Clone(c.Respondents)
	if c.Claimant != vendor && (len(against) == 0 || c.Kind.againstVendor()) && !slices.Contains(against, vendor) {
		against = append(against, vendor)
	}
	return against
}

func (c Open) checkSubject(f Facts) error {
	if f.Subject == nil || f.Subject.EventID != c.EventID {
		return domain.NotFound("event_unknown", "event_id", "stream %q has no event %s", c.Stream, c.EventID)
	}
	if !c.Kind.fits(*f.Subject) {
		return domain.Refuse("kind_of_event", "kind", "%s is not contested by an event %s", c.Kind, f.Subject.Type)
	}
	return nil
}

// fits reports whether a dispute of the kind may be about the event.
func (k Kind) fits(s Subject) bool {
	category, _, _ := domain.ParseStream(s.Stream)
	switch k {
	case KindMDFDenial:
		return s.Type == "mdf.claim_denied.v1"
	case KindRebateAmount: // also what was paid of it, and what the bank shows
		return category == "rebate" || category == "payable" || category == "statement"
	case KindTierDecision:
		return category == "partner"
	case KindClawback:
		return s.ClawbackID != uuid.Nil
	case KindDealOwnership, KindDealExpiry, KindDirectConflict, KindCustomerBypass, KindPricing:
	}
	return s.DealID != uuid.Nil
}

func (c Open) checkStreams(f Facts) error {
	if len(c.Streams) > MaxStreams {
		return domain.Invalid("streams", "at most %d streams", MaxStreams)
	}
	for i, stream := range c.Streams {
		path := fmt.Sprintf("streams[%d]", i)
		switch {
		case stream == c.Stream || slices.Contains(c.Streams[:i], stream):
			return domain.Invalid(path, "%.100q is there already", stream)
		case !f.Streams[stream]:
			return domain.NotFound("stream_unknown", path, "there is no stream %.100q", stream)
		}
	}
	return nil
}

func (c Open) checkParties(f Facts) error {
	if err := c.Claimant.check("claimant", f); err != nil {
		return err
	}
	if len(c.Respondents) == 0 || len(c.Respondents) > MaxRespondents {
		return domain.Invalid("respondents", "want 1 to %d", MaxRespondents)
	}
	for i, p := range c.Respondents {
		path := fmt.Sprintf("respondents[%d]", i)
		if err := p.check(path, f); err != nil {
			return err
		}
		if p == c.Claimant || slices.Contains(c.Respondents[:i], p) {
			return domain.Invalid(path, "is a party already")
		}
	}
	return nil
}

func (p Party) check(path string, f Facts) error {
	switch {
	case p.Vendor != (p.PartnerID == uuid.Nil):
		return domain.Invalid(path, "want a partner_id, or vendor true")
	case !p.Vendor && !f.Partners[p.PartnerID]:
		return domain.NotFound("partner_unknown", path+".partner_id", "there is no partner %s", p.PartnerID)
	}
	return nil
}

func (c Open) inTime(h domain.Header, f Facts) error {
	if f.Subject == nil {
		return nil // refused elsewhere
	}
	until := f.Rules.Dispute.Body.OpenUntil(f.Subject.RecordedAt, f.zone())
	late := !h.Now.Before(until)
	switch mayAdmit := h.Actor.Is(domain.PartnerOps, domain.ServiceRole); {
	case !late && c.LateReason != "":
		return domain.Invalid("late_reason", "it is in time: until %s", stamp(until))
	case !late, h.Actor.Kind == domain.Reactor, mayAdmit && c.LateReason != "":
		return nil
	case mayAdmit:
		return domain.Refuse("too_late", "late_reason", "it could be disputed until %s: say why it is admitted", stamp(until))
	}
	return domain.Refuse("too_late", "event_id", "it could be disputed until %s: partner operations may admit it", stamp(until))
}

func (c Open) opened(h domain.Header, f Facts) ([]Event, error) {
	id, terms := IDOf(h.CommandID), f.Rules.Dispute
	stream := domain.StreamName(Category, id)
	e := Opened{
		DisputeID: id, Kind: c.Kind, Subject: *f.Subject, Streams: slices.Concat(c.Streams), Claimant: c.Claimant,
		Respondents: c.Respondents, RemedySought: c.RemedySought, Statement: c.Statement, LateReason: c.LateReason,
		ExcludedActors: slices.Concat(f.Involved), Policy: terms.Ref(), Terms: terms.Body,
	}
	if opener := h.Actor; opener.Kind != domain.Reactor {
		self := EventRef{Stream: stream, EventID: domain.EventID(h.CommandID, stream, 0)}
		e.exclude(opener.ID, self)
		e.exclude(opener.OnBehalfOf, self)
	}
	if len(e.ExcludedActors) > MaxExcluded {
		return nil, domain.Refuse("too_many", "stream", "more than %d people had a hand in it", MaxExcluded)
	}
	vendor := Party{Vendor: true}
	for _, p := range append([]Party{c.Claimant}, c.Respondents...) {
		if p != vendor {
			e.ExcludedPartners = append(e.ExcludedPartners, p.PartnerID)
		}
	}
	for _, id := range f.Related {
		if !slices.Contains(e.ExcludedPartners, id) {
			e.ExcludedPartners = append(e.ExcludedPartners, id)
		}
	}
	e.Level = terms.Body.FirstLevel(c.Claimant == vendor || slices.Contains(c.Respondents, vendor))
	e.ResponseDue = terms.Body.ResponseDue(h.Now, f.zone())
	lastDay := e.ResponseDue.Add(-time.Nanosecond) // due is exclusive: the time for a ruling runs from the last day for responses
	e.RulingDue = terms.Body.RulingDue(lastDay, f.zone())
	return []Event{e}, nil
}

func (e *Opened) exclude(actor string, because EventRef) {
	if actor != "" && !slices.ContainsFunc(e.ExcludedActors, func(x Excluded) bool { return x.Actor == actor }) {
		e.ExcludedActors = append(e.ExcludedActors, Excluded{Actor: actor, BecauseOf: because})
	}
}
