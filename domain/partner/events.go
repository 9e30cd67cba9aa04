// Package partner holds a channel partner's life in the program: application, agreements, onboarding, people, suspension,
// and the question that other aggregates ask, whether it may act at a moment (domain.md section 3).
package partner

import (
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
)

// Event is what a partner's stream holds.
type Event interface {
	domain.Event
	evolve(*Partner, domain.Envelope)
}

// Applied asks to become a partner, for the first time or again.
type Applied struct {
	LegalName   string   `json:"legal_name"`
	Kind        Kind     `json:"kind"`
	Country     string   `json:"country,omitempty"` // ISO 3166-1 alpha-2; empty: not known in imported history
	Domain      string   `json:"domain,omitempty"`  // of its web site, lower case
	Territories []string `json:"territories,omitempty"`
	Verticals   []string `json:"verticals,omitempty"`
}

// Approved lets the partner in: an agreement and onboarding may follow.
type Approved struct {
	Reason string `json:"reason,omitempty"`
}

// Declined ends the application.
type Declined struct {
	Reason string `json:"reason"`
}

// AgreementSigned starts an agreement. It is in force from `from` until `until`, exclusive: the dates as moments in the
// program's zone.
type AgreementSigned struct {
	AgreementID    uuid.UUID   `json:"agreement_id"`
	Kind           string      `json:"kind"`
	DocumentSHA256 string      `json:"document_sha256,omitempty"` // hex; empty: not at hand in imported history
	ValidFrom      domain.Date `json:"valid_from"`                // first day
	ValidTo        domain.Date `json:"valid_to,omitzero"`         // last day; empty: until it is terminated
	From           time.Time   `json:"from"`
	Until          time.Time   `json:"until,omitzero"`
}

// AgreementRenewed moves the end of an agreement out.
type AgreementRenewed struct {
	AgreementID    uuid.UUID   `json:"agreement_id"`
	DocumentSHA256 string      `json:"document_sha256,omitempty"`
	ValidTo        domain.Date `json:"valid_to,omitzero"`
	Until          time.Time   `json:"until,omitzero"`
}

// AgreementExpired records that an agreement's last day is over, effective at the start of the day after it.
type AgreementExpired struct {
	AgreementID uuid.UUID `json:"agreement_id"`
}

// AgreementTerminated ends an agreement before its time.
type AgreementTerminated struct {
	AgreementID uuid.UUID `json:"agreement_id"`
	Reason      string    `json:"reason"`
}

// OnboardingStepCompleted records one step on the way in.
type OnboardingStepCompleted struct {
	Step string `json:"step"`
}

// Onboarded makes the partner active, on the lowest tier of the program.
type Onboarded struct {
	Tier string `json:"tier,omitempty"` // empty: recorded before there were tiers
}

// KindChanged says what the partner is from now on.
type KindChanged struct {
	From Kind `json:"from"`
	To   Kind `json:"to"`
}

// SellerAdded says that a person sells for the partner.
type SellerAdded struct {
	SellerID uuid.UUID       `json:"seller_id"`
	Name     domain.Personal `json:"name" subject:"seller_id"`
	Email    domain.Personal `json:"email,omitempty" subject:"seller_id"`
}

// SellerRemoved says that a person sells for the partner no longer.
type SellerRemoved struct {
	SellerID uuid.UUID `json:"seller_id"`
}

// Suspended stops everything new: no registrations, no requests, no rebates earned, payouts held.
type Suspended struct {
	Reason string `json:"reason"`
}

// Reinstated ends a suspension.
type Reinstated struct {
	Reason string `json:"reason"`
}

// Deactivated ends the partnership; the partner may apply again.
type Deactivated struct {
	Reason string `json:"reason"`
}

// TrainingCompleted says that a person of the partner's finished a course. A course taken again is recorded again.
type TrainingCompleted struct {
	SellerID uuid.UUID `json:"seller_id"`
	Course   string    `json:"course"` // a short name
}

// CertificationEarned says that a person of the partner's earned a certificate, or renewed it. It is held from the event's
// effective time until `until`, exclusive: the day after valid_to as a moment in the program's zone.
type CertificationEarned struct {
	SellerID      uuid.UUID   `json:"seller_id"`
	Certification string      `json:"certification"`     // a short name
	ValidTo       domain.Date `json:"valid_to,omitzero"` // last day; empty: for good
	Until         time.Time   `json:"until,omitzero"`
}

// CertificationExpired records that a certificate's last day is over and nothing renewed it, effective at the start of the
// day after it.
type CertificationExpired struct {
	SellerID      uuid.UUID `json:"seller_id"`
	Certification string    `json:"certification"`
}

// TierChanged says which tier the partner is on from then on.
type TierChanged struct {
	From   string     `json:"from,omitempty"` // empty: it was on none
	To     string     `json:"to"`
	Reason TierReason `json:"reason"`
	Note   string     `json:"note,omitempty"` // why, in words, where a person decided
	Policy string     `json:"policy"`         // kind@version that names the tiers
}

// TierGraceStarted warns: the partner fails what its tier asks for, and goes down at `until` unless the grace is lifted.
type TierGraceStarted struct {
	From    string    `json:"from"`
	To      string    `json:"to"`
	Until   time.Time `json:"until"`
	Failing []string  `json:"failing"` // the criteria that aren't met, short names
	Policy  string    `json:"policy"`  // kind@version that says how long a grace is
}

// TierGraceLifted ends a grace: the partner keeps its tier.
type TierGraceLifted struct {
	Reason GraceEnd `json:"reason"`
}

// TierWaiverGranted keeps the partner from going down until `until`, exclusive, whatever it fails.
type TierWaiverGranted struct {
	ValidTo domain.Date `json:"valid_to"` // last day
	Until   time.Time   `json:"until"`    // the day after it as a moment
	Reason  string      `json:"reason"`
}

// TerritoryAssigned says where the partner may sell from then on; assigned again, its countries are replaced.
type TerritoryAssigned struct {
	Territory string   `json:"territory"`
	Countries []string `json:"countries"` // ISO 3166-1 alpha-2, at least one
}

// TerritoryRemoved takes a territory away.
type TerritoryRemoved struct {
	Territory string `json:"territory"`
}

// ParentAssigned says through which distributor the partner buys from then on.
type ParentAssigned struct {
	ParentID uuid.UUID `json:"parent_id"`
}

// ParentRemoved says that the partner has no distributor above it any more.
type ParentRemoved struct {
	ParentID uuid.UUID `json:"parent_id"` // until then
}

// PayeeProposed says: the partner's money in a currency is to go to this account. Nothing goes there before it is approved.
type PayeeProposed struct {
	PayeeID        uuid.UUID       `json:"payee_id"`
	Name           domain.Personal `json:"name" subject:"payee_id"`    // of the account's holder
	Account        domain.Personal `json:"account" subject:"payee_id"` // an IBAN without spaces
	BIC            string          `json:"bic,omitempty"`              // of the bank, where it is needed
	Currency       string          `json:"currency"`                   // ISO 4217: what is paid in it goes there
	DocumentSHA256 string          `json:"document_sha256,omitempty"`  // hex, of what shows whose account it is
}

// PayeeApproved says: somebody else made sure that the account is the partner's. It replaces the one of the same currency.
type PayeeApproved struct {
	PayeeID  uuid.UUID `json:"payee_id"`
	Verified string    `json:"verified"` // how: "called back the number in the contract"
}

// PayeeRevoked says: nothing goes to this account any more. The one that it replaced stays replaced.
type PayeeRevoked struct {
	PayeeID uuid.UUID `json:"payee_id"`
	Reason  string    `json:"reason"`
}

// EventType is partner.applied.v1.
func (Applied) EventType() string { return "partner.applied.v1" }

// EventType is partner.approved.v1.
func (Approved) EventType() string { return "partner.approved.v1" }

// EventType is partner.declined.v1.
func (Declined) EventType() string { return "partner.declined.v1" }

// EventType is partner.agreement_signed.v1.
func (AgreementSigned) EventType() string { return "partner.agreement_signed.v1" }

// EventType is partner.agreement_renewed.v1.
func (AgreementRenewed) EventType() string { return "partner.agreement_renewed.v1" }

// EventType is partner.agreement_expired.v1.
func (AgreementExpired) EventType() string { return "partner.agreement_expired.v1" }

// EventType is partner.agreement_terminated.v1.
func (AgreementTerminated) EventType() string { return "partner.agreement_terminated.v1" }

// EventType is partner.onboarding_step_completed.v1.
func (OnboardingStepCompleted) EventType() string { return "partner.onboarding_step_completed.v1" }

// EventType is partner.onboarded.v1.
func (Onboarded) EventType() string { return "partner.onboarded.v1" }

// EventType is partner.kind_changed.v1.
func (KindChanged) EventType() string { return "partner.kind_changed.v1" }

// EventType is partner.seller_added.v1.
func (SellerAdded) EventType() string { return "partner.seller_added.v1" }

// EventType is partner.seller_removed.v1.
func (SellerRemoved) EventType() string { return "partner.seller_removed.v1" }

// EventType is partner.suspended.v1.
func (Suspended) EventType() string { return "partner.suspended.v1" }

// EventType is partner.reinstated.v1.
func (Reinstated) EventType() string { return "partner.reinstated.v1" }

// EventType is partner.deactivated.v1.
func (Deactivated) EventType() string { return "partner.deactivated.v1" }

// EventType is partner.training_completed.v1.
func (TrainingCompleted) EventType() string { return "partner.training_completed.v1" }

// EventType is partner.certification_earned.v1.
func (CertificationEarned) EventType() string { return "partner.certification_earned.v1" }

// EventType is partner.certification_expired.v1.
func (CertificationExpired) EventType() string { return "partner.certification_expired.v1" }

// EventType is partner.tier_changed.v1.
func (TierChanged) EventType() string { return "partner.tier_changed.v1" }

// EventType is partner.tier_grace_started.v1.
func (TierGraceStarted) EventType() string { return "partner.tier_grace_started.v1" }

// EventType is partner.tier_grace_lifted.v1.
func (TierGraceLifted) EventType() string { return "partner.tier_grace_lifted.v1" }

// EventType is partner.tier_waiver_granted.v1.
func (TierWaiverGranted) EventType() string { return "partner.tier_waiver_granted.v1" }

// EventType is partner.territory_assigned.v1.
func (TerritoryAssigned) EventType() string { return "partner.territory_assigned.v1" }

// EventType is partner.territory_removed.v1.
func (TerritoryRemoved) EventType() string { return "partner.territory_removed.v1" }

// EventType is partner.parent_assigned.v1.
func (ParentAssigned) EventType() string { return "partner.parent_assigned.v1" }

// EventType is partner.parent_removed.v1.
func (ParentRemoved) EventType() string { return "partner.parent_removed.v1" }

// EventType is partner.payee_proposed.v1.
func (PayeeProposed) EventType() string { return "partner.payee_proposed.v1" }

// EventType is partner.payee_approved.v1.
func (PayeeApproved) EventType() string { return "partner.payee_approved.v1" }

// EventType is partner.payee_revoked.v1.
func (PayeeRevoked) EventType() string { return "partner.payee_revoked.v1" }

// Types lists every event of a partner.
func Types() []domain.Type {
	return []domain.Type{
		domain.TypeOf[Applied](),
		domain.TypeOf[Approved](),
		domain.TypeOf[Declined](),
		domain.TypeOf[AgreementSigned](),
		domain.TypeOf[AgreementRenewed](),
		domain.TypeOf[AgreementExpired](),
		domain.TypeOf[AgreementTerminated](),
		domain.TypeOf[OnboardingStepCompleted](),
		domain.TypeOf[Onboarded](),
		domain.TypeOf[KindChanged](),
		domain.TypeOf[SellerAdded](),
		domain.TypeOf[SellerRemoved](),
		domain.TypeOf[Suspended](),
		domain.TypeOf[Reinstated](),
		domain.TypeOf[Deactivated](),
		domain.TypeOf[TrainingCompleted](),
		domain.TypeOf[CertificationEarned](),
		domain.TypeOf[CertificationExpired](),
		domain.TypeOf[TierChanged](),
		domain.TypeOf[TierGraceStarted](),
		domain.TypeOf[TierGraceLifted](),
		domain.TypeOf[TierWaiverGranted](),
		domain.TypeOf[TerritoryAssigned](),
		domain.TypeOf[TerritoryRemoved](),
		domain.TypeOf[ParentAssigned](),
		domain.TypeOf[ParentRemoved](),
		domain.TypeOf[PayeeProposed](),
		domain.TypeOf[PayeeApproved](),
		domain.TypeOf[PayeeRevoked](),
	}
}
