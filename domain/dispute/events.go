package dispute

import (
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/policy"
)

// Event is a fact in a case's stream.
type Event interface {
	domain.Event
	// apply changes the case as everybody sees it.
	apply(*Case, domain.Envelope)
}

// Types lists every event type that a case's stream may hold.
func Types() []domain.Type {
	return []domain.Type{
		domain.TypeOf[Opened](),
		domain.TypeOf[Acknowledged](),
		domain.TypeOf[ResponseFiled](),
		domain.TypeOf[EvidenceSubmitted](),
		domain.TypeOf[SealingGranted](),
		domain.TypeOf[SealingRefused](),
		domain.TypeOf[AdjudicatorAssigned](),
		domain.TypeOf[Escalated](),
		domain.TypeOf[DeadlineMissed](),
		domain.TypeOf[RulingIssued](),
		domain.TypeOf[Appealed](),
		domain.TypeOf[AppealWaived](),
		domain.TypeOf[AppealRuled](),
		domain.TypeOf[SettlementProposed](),
		domain.TypeOf[SettlementAccepted](),
		domain.TypeOf[Withdrawn](),
		domain.TypeOf[BecameFinal](),
		domain.TypeOf[RemedyApplied](),
		domain.TypeOf[RemedyParked](),
		domain.TypeOf[RemedyRetried](),
		domain.TypeOf[Closed](),
	}
}

// EventRef names a recorded event.
type EventRef struct {
	Stream   string    `json:"stream"`
	Revision int64     `json:"revision"`
	EventID  uuid.UUID `json:"event_id"`
}

// Party is one side: a partner, or the vendor.
type Party struct {
	PartnerID uuid.UUID `json:"partner_id,omitzero"`
	Vendor    bool      `json:"vendor,omitempty"`
}

// Subject is what is contested: an event as its stream has it, and the things that it names.
type Subject struct {
	EventRef
	Type         string    `json:"type"`
	RecordedAt   time.Time `json:"recorded_at"`
	EffectiveAt  time.Time `json:"effective_at"`
	DealID       uuid.UUID `json:"deal_id,omitzero"`
	ClaimID      uuid.UUID `json:"claim_id,omitzero"`
	ClawbackID   uuid.UUID `json:"clawback_id,omitzero"`
	AdjustmentID uuid.UUID `json:"adjustment_id,omitzero"`
}

// Excluded is somebody who can't judge, because of what they did.
type Excluded struct {
	Actor     string   `json:"actor"`
	BecauseOf EventRef `json:"because_of"`
}

// Opened says: somebody contests what was recorded. It is the first event of its stream.
type Opened struct {
	DisputeID    uuid.UUID `json:"dispute_id"`
	Kind         Kind      `json:"kind"`
	Subject      Subject   `json:"subject"`
	Streams      []string  `json:"streams,omitempty"` // further ones that it is about, as a rival's account
	Claimant     Party     `json:"claimant"`
	Respondents  []Party   `json:"respondents"`
	RemedySought string    `json:"remedy_sought"`
	Statement    string    `json:"statement"`
	LateReason   string    `json:"late_reason,omitempty"` // why it was admitted after its time

	ExcludedActors   []Excluded  `json:"excluded_actors,omitempty"`   // whoever had a hand in the disputed streams
	ExcludedPartners []uuid.UUID `json:"excluded_partners,omitempty"` // the parties, their parents and their children

	Policy      string         `json:"policy"` // kind@version: by which it runs to its end
	Terms       policy.Dispute `json:"terms"`  // that version
	Level       string         `json:"level"`  // who hears it first
	ResponseDue time.Time      `json:"response_due"`
	RulingDue   time.Time      `json:"ruling_due"` // both exclusive
}

// EventType is dispute.opened.v1.
func (Opened) EventType() string { return "dispute.opened.v1" }

// Acknowledged says: the vendor has taken the case in.
type Acknowledged struct {
	Note string `json:"note,omitempty"`
}

// EventType is dispute.acknowledged.v1.
func (Acknowledged) EventType() string { return "dispute.acknowledged.v1" }

// ResponseFiled says: a respondent answers.
type ResponseFiled struct {
	By        Party  `json:"by"`
	Statement string `json:"statement"`
}

// EventType is dispute.response_filed.v1.
func (ResponseFiled) EventType() string { return "dispute.response_filed.v1" }

// EvidenceSubmitted says: a party shows something. A document is named by its hash; what the ledger has itself, by events.
type EvidenceSubmitted struct {
	EvidenceID    uuid.UUID  `json:"evidence_id"`
	By            Party      `json:"by"`
	Name          string     `json:"name"`
	Size          int64      `json:"size,omitempty"`   // bytes
	SHA256        string     `json:"sha256,omitempty"` // hex, lower case
	Note          string     `json:"note,omitempty"`
	EventRefs     []EventRef `json:"event_refs,omitempty"`
	Visibility    Visibility `json:"visibility"`
	SealingReason string     `json:"sealing_reason,omitempty"` // why only the adjudicator should see it
}

// EventType is dispute.evidence_submitted.v1.
func (EvidenceSubmitted) EventType() string { return "dispute.evidence_submitted.v1" }

// SealingGranted says: only the adjudicator sees the evidence, the other side a summary.
type SealingGranted struct {
	EvidenceID uuid.UUID `json:"evidence_id"`
	Reason     string    `json:"reason"`
	Summary    string    `json:"summary"` // what the evidence shows, for the other side
}

// EventType is dispute.sealing_granted.v1.
func (SealingGranted) EventType() string { return "dispute.sealing_granted.v1" }

// SealingRefused says: the evidence is not kept from the other side, and so doesn't count. It may be submitted openly.
type SealingRefused struct {
	EvidenceID uuid.UUID `json:"evidence_id"`
	Reason     string    `json:"reason"`
}

// EventType is dispute.sealing_refused.v1.
func (SealingRefused) EventType() string { return "dispute.sealing_refused.v1" }

// AdjudicatorAssigned says: who hears the case, or the appeal, from here on.
type AdjudicatorAssigned struct {
	Level       string `json:"level"`
	Adjudicator string `json:"adjudicator"` // an actor's id
	Reason      string `json:"reason,omitempty"`
}

// EventType is dispute.adjudicator_assigned.v1.
func (AdjudicatorAssigned) EventType() string { return "dispute.adjudicator_assigned.v1" }

// Escalated says: the next level hears the case. It needs another adjudicator.
type Escalated struct {
	From      string    `json:"from"`
	To        string    `json:"to"`
	Reason    string    `json:"reason"`
	RulingDue time.Time `json:"ruling_due"` // exclusive
}

// EventType is dispute.escalated.v1.
func (Escalated) EventType() string { return "dispute.escalated.v1" }

// DeadlineMissed says: what was due by a moment wasn't there.
type DeadlineMissed struct {
	Which   Deadline  `json:"which"`
	Due     time.Time `json:"due"`               // exclusive
	Level   string    `json:"level,omitempty"`   // of a ruling: who should have ruled
	Parties []Party   `json:"parties,omitempty"` // of a response: who didn't answer
}

// EventType is dispute.deadline_missed.v1.
func (DeadlineMissed) EventType() string { return "dispute.deadline_missed.v1" }

// Decision is what a ruling says, at first or on appeal.
type Decision struct {
	Outcome    Outcome        `json:"outcome"`
	Remedies   []Remedy       `json:"remedies,omitempty"`
	Rationale  string         `json:"rationale"`
	Cites      []EventRef     `json:"cites"`                // the events that it rests on, at least one
	RestsOn    []uuid.UUID    `json:"rests_on,omitempty"`   // evidence
	Policy     string         `json:"policy"`               // that it applies, kind@version, in force at the disputed moment
	Agreements []AgreementRef `json:"agreements,omitempty"` // of the parties, in force at the disputed moment
}

// AgreementRef names an agreement with a partner.
type AgreementRef struct {
	PartnerID   uuid.UUID `json:"partner_id"`
	AgreementID uuid.UUID `json:"agreement_id"`
}

// RulingIssued says: the adjudicator decided the case.
type RulingIssued struct {
	Decision
	Level       string    `json:"level"`
	AppealUntil time.Time `json:"appeal_until"` // exclusive
}

// EventType is dispute.ruling_issued.v1.
func (RulingIssued) EventType() string { return "dispute.ruling_issued.v1" }

// Appealed says: a party that lost asks the appeal's level to decide again.
type Appealed struct {
	By        Party     `json:"by"`
	Grounds   string    `json:"grounds"`
	Level     string    `json:"level"`
	RulingDue time.Time `json:"ruling_due"` // exclusive
}

// EventType is dispute.appealed.v1.
func (Appealed) EventType() string { return "dispute.appealed.v1" }

// AppealWaived says: a party takes the ruling as it is.
type AppealWaived struct {
	By Party `json:"by"`
}

// EventType is dispute.appeal_waived.v1.
func (AppealWaived) EventType() string { return "dispute.appeal_waived.v1" }

// AppealRuled says: the appeal is decided, and the case with it. Confirmed, the ruling and its remedies stand; otherwise what
// this decision orders takes their place, and what was carried out already is taken back.
type AppealRuled struct {
	Decision
	Confirms bool   `json:"confirms,omitempty"`
	Level    string `json:"level"`
}

// EventType is dispute.appeal_ruled.v1.
func (AppealRuled) EventType() string { return "dispute.appeal_ruled.v1" }

// SettlementProposed says: a party offers to end the case on terms. It takes the place of an earlier offer.
type SettlementProposed struct {
	SettlementID uuid.UUID `json:"settlement_id"`
	By           Party     `json:"by"`
	Text         string    `json:"text"`
	Terms        []Remedy  `json:"terms,omitempty"`
}

// EventType is dispute.settlement_proposed.v1.
func (SettlementProposed) EventType() string { return "dispute.settlement_proposed.v1" }

// SettlementAccepted says: another party agrees. Once all did, the case is settled.
type SettlementAccepted struct {
	SettlementID uuid.UUID `json:"settlement_id"`
	By           Party     `json:"by"`
}

// EventType is dispute.settlement_accepted.v1.
func (SettlementAccepted) EventType() string { return "dispute.settlement_accepted.v1" }

// Withdrawn says: the claimant gives up the dispute, or whoever appealed the appeal.
type Withdrawn struct {
	By     Party  `json:"by"`
	Appeal bool   `json:"appeal,omitempty"` // only the appeal: the ruling stands
	Reason string `json:"reason"`
}

// EventType is dispute.withdrawn.v1.
func (Withdrawn) EventType() string { return "dispute.withdrawn.v1" }

// BecameFinal says: nobody can contest it any more. What was decided is carried out, and what was carried out against it is
// taken back.
type BecameFinal struct {
	Outcome  Outcome     `json:"outcome"`
	Because  FinalReason `json:"because"`
	CarryOut []uuid.UUID `json:"carry_out,omitempty"` // remedies that stand and aren't applied
	TakeBack []uuid.UUID `json:"take_back,omitempty"` // remedies that were applied and don't stand
}

// EventType is dispute.became_final.v1.
func (BecameFinal) EventType() string { return "dispute.became_final.v1" }

// RemedyApplied says: a remedy was carried out, or taken back, and which event did it.
type RemedyApplied struct {
	RemedyID uuid.UUID `json:"remedy_id"`
	Undone   bool      `json:"undone,omitempty"`
	Event    EventRef  `json:"event"`
	Note     string    `json:"note,omitempty"` // of somebody who did it by hand
}

// EventType is dispute.remedy_applied.v1.
func (RemedyApplied) EventType() string { return "dispute.remedy_applied.v1" }

// RemedyParked says: a remedy can't be carried out, or taken back, for now, and what is missing.
type RemedyParked struct {
	RemedyID uuid.UUID `json:"remedy_id"`
	Undo     bool      `json:"undo,omitempty"` // it was to be taken back
	Attempt  int       `json:"attempt"`        // 1 for the first
	Rule     string    `json:"rule"`           // that is in the way
	Missing  string    `json:"missing"`
	RetryAt  time.Time `json:"retry_at"`
}

// EventType is dispute.remedy_parked.v1.
func (RemedyParked) EventType() string { return "dispute.remedy_parked.v1" }

// RemedyRetried says: what was missing is there now, somebody says.
type RemedyRetried struct {
	RemedyID uuid.UUID `json:"remedy_id"`
	Reason   string    `json:"reason"`
}

// EventType is dispute.remedy_retried.v1.
func (RemedyRetried) EventType() string { return "dispute.remedy_retried.v1" }

// Closed says: all is done. The case takes nothing any more.
type Closed struct {
	Outcome Outcome `json:"outcome"`
	Reason  string  `json:"reason,omitempty"`
}

// EventType is dispute.closed.v1.
func (Closed) EventType() string { return "dispute.closed.v1" }
