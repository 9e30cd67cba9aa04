package dispute

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/policy"
)

// Case is one dispute as everybody sees it. It is the one definition of how a case changes: the aggregate, the reactor and
// the read models fold it by Apply.
type Case struct {
	ID           uuid.UUID `json:"id"`
	Kind         Kind      `json:"kind"`
	Status       Status    `json:"status"`
	Outcome      Outcome   `json:"outcome,omitempty"` // of the ruling that stands, or how it ended without one
	Subject      Subject   `json:"subject"`
	Streams      []string  `json:"streams,omitempty"`
	Claimant     Party     `json:"claimant"`
	Respondents  []Party   `json:"respondents"`
	RemedySought string    `json:"remedy_sought"`
	Statement    string    `json:"statement"`
	LateReason   string    `json:"late_reason,omitempty"`

	ExcludedActors   []Excluded     `json:"excluded_actors,omitempty"`
	ExcludedPartners []uuid.UUID    `json:"excluded_partners,omitempty"`
	Policy           string         `json:"policy"`
	Terms            policy.Dispute `json:"terms"`

	Level       string       `json:"level"`                 // who hears it now
	Adjudicator string       `json:"adjudicator,omitempty"` // the actor who does
	Assignments []Assignment `json:"assignments,omitempty"`
	Escalations int          `json:"escalations"`

	// What is due, exclusive; zero where nothing of the sort is.
	ResponseDue time.Time          `json:"response_due,omitzero"`
	RulingDue   time.Time          `json:"ruling_due,omitzero"`
	AppealUntil time.Time          `json:"appeal_until,omitzero"`
	Missed      []MissedDeadline   `json:"missed,omitempty"`
	Responses   []Response         `json:"responses,omitempty"`
	Evidence    []Evidence         `json:"evidence,omitempty"`
	Ruling      *Ruling            `json:"ruling,omitempty"` // of the first instance
	Appeal      *Appeal            `json:"appeal,omitempty"`
	Waived      []Party            `json:"waived,omitempty"` // their right to appeal
	Settlement  *Settlement        `json:"settlement,omitempty"`
	Remedies    []RemedyInProgress `json:"remedies,omitempty"` // of every ruling and of the settlement that was accepted

	Opened       domain.Step `json:"opened"`
	Acknowledged domain.Step `json:"acknowledged,omitzero"`
	Final        domain.Step `json:"final,omitzero"`
	FinalBecause FinalReason `json:"final_because,omitempty"`
	Closed       domain.Step `json:"closed,omitzero"`
	Revision     int64       `json:"revision"` // of the stream's last event
	EventID      uuid.UUID   `json:"event_id"` // of the same

	spoken []string // actors who spoke for a party; for decisions only, so that no document has it
}

// Assignment is who was to hear the case, and when that began.
type Assignment struct {
	Level       string      `json:"level"`
	Adjudicator string      `json:"adjudicator"`
	Appeal      bool        `json:"appeal,omitempty"`
	Step        domain.Step `json:"step"`
}

// MissedDeadline is what was due and wasn't there.
type MissedDeadline struct {
	DeadlineMissed
	Step domain.Step `json:"step"`
}

// Response is one respondent's answer.
type Response struct {
	ResponseFiled
	Step domain.Step `json:"step"`
}

// Evidence is what a party shows.
type Evidence struct {
	EvidenceSubmitted
	Sealing   Sealing     `json:"sealing,omitempty"` // empty: it was never asked for
	Summary   string      `json:"summary,omitempty"` // for the other side, where it is sealed
	Submitted domain.Step `json:"submitted"`
	Decided   domain.Step `json:"decided,omitzero"` // the wish to seal it
}

// Ruling is a decision and when it was made.
type Ruling struct {
	Decision
	Level string      `json:"level"`
	Step  domain.Step `json:"step"`
}

// Appeal is who asked for another decision, and what it was.
type Appeal struct {
	Appealed
	Filed    domain.Step `json:"filed"`
	Confirms bool        `json:"confirms,omitempty"`
	Ruling   *Ruling     `json:"ruling,omitempty"`
}

// Settlement is the last offer, and who agreed to it.
type Settlement struct {
	SettlementProposed
	Accepted []Party     `json:"accepted,omitempty"`
	Proposed domain.Step `json:"proposed"`
}

// RemedyInProgress is a remedy and how far it is.
type RemedyInProgress struct {
	Remedy
	Status   RemedyStatus `json:"status"`
	Stands   bool         `json:"stands"`             // what decided the case, as it is now, orders it
	Applied  *Carried     `json:"applied,omitempty"`  // how it was carried out
	Undone   *Carried     `json:"undone,omitempty"`   // how it was taken back
	Missing  string       `json:"missing,omitempty"`  // while it is parked
	RetryAt  time.Time    `json:"retry_at,omitzero"`  // while it is parked
	Attempts int          `json:"attempts,omitempty"` // that failed
}

// Carried is the event that carried a remedy out, or took it back, and who said so.
type Carried struct {
	Event EventRef    `json:"event"`
	Note  string      `json:"note,omitempty"`
	Step  domain.Step `json:"step"`
}

// Apply folds one event. Events come in recorded order, and those that took effect after the moment asked for are left out.
// A case whose opening is left out stays empty: its ID is zero.
func (c *Case) Apply(e Event, env domain.Envelope) {
	if _, first := e.(Opened); !first && c.ID == uuid.Nil {
		return
	}
	e.apply(c, env)
	c.heardFrom(e, env.Actor)
	c.Revision, c.EventID = env.Revision, env.EventID
}

// Parties are the claimant and the respondents.
func (c *Case) Parties() []Party { return append([]Party{c.Claimant}, c.Respondents...) }

// PartyOf is the party that an actor speaks for; false where it is none.
func (c *Case) PartyOf(a domain.Actor) (Party, bool) {
	party := SideOf(a)
	return party, slices.Contains(c.Parties(), party)
}

// IsParty reports whether a partner is a party.
func (c *Case) IsParty(partner uuid.UUID) bool {
	return slices.Contains(c.Parties(), Party{PartnerID: partner})
}

// VendorIsParty reports whether the vendor is one of the parties.
func (c *Case) VendorIsParty() bool { return slices.Contains(c.Parties(), Party{Vendor: true}) }

// Unanswered are the respondents who filed no response.
func (c *Case) Unanswered() (parties []Party) {
	for _, p := range c.Respondents {
		if !slices.ContainsFunc(c.Responses, func(r Response) bool { return r.By == p }) {
			parties = append(parties, p)
		}
	}
	return parties
}

// HasMissed reports whether it is recorded that a deadline was missed that was due then.
func (c *Case) HasMissed(which Deadline, due time.Time) bool {
	return slices.ContainsFunc(c.Missed, func(m MissedDeadline) bool { return m.Which == which && m.Due.Equal(due) })
}

// losers are the parties against whom a case was decided.
func (c *Case) losers(o Outcome) []Party {
	switch o {
	case OutcomeUpheld:
		return c.Respondents
	case OutcomeDenied:
		return []Party{c.Claimant}
	case OutcomePartlyUpheld, OutcomeSettled, OutcomeWithdrawn:
	}
	return c.Parties()
}

// evidence is a piece of it, or nil.
func (c *Case) evidence(id uuid.UUID) *Evidence {
	at := slices.IndexFunc(c.Evidence, func(e Evidence) bool { return e.EvidenceID == id })
	if at < 0 {
		return nil
	}
	return &c.Evidence[at]
}

// Remedy is a remedy of the case, or nil.
func (c *Case) Remedy(id uuid.UUID) *RemedyInProgress {
	at := slices.IndexFunc(c.Remedies, func(r RemedyInProgress) bool { return r.RemedyID == id })
	if at < 0 {
		return nil
	}
	return &c.Remedies[at]
}

// SeenBy reports whether a party sees the evidence, in full or as a summary.
func (e *Evidence) SeenBy(p Party) bool {
	return e.By == p || e.Visibility == VisibleToParties || e.Sealing == SealingIsGranted
}

// carried reports whether the remedy is carried out and wasn't taken back.
func (r *RemedyInProgress) carried() bool { return r.Applied != nil && r.Undone == nil }

// Outstanding is what is to be done about the remedy once the case is final, or at once: to carry it out, or to take it back.
func (r *RemedyInProgress) Outstanding() (apply, undo bool) {
	return r.Stands && r.Applied == nil, !r.Stands && r.carried()
}

// Outstanding are the remedies about which something is to be done by now: those that are at once before the case is final,
// all of them then. While an appeal is heard, nothing further is carried out.
func (c *Case) Outstanding() (remedies []*RemedyInProgress) {
	for i := range c.Remedies {
		r := &c.Remedies[i]
		apply, undo := r.Outstanding()
		switch {
		case c.Status == StatusFinal && (apply || undo),
			c.Status == StatusRuled && apply && r.AtOnce:
			remedies = append(remedies, r)
		}
	}
	return remedies
}
