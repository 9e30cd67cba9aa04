package account

import (
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
)

// ConflictReferred says: a reviewer leaves these findings to a dispute. A case is opened about this event; until it is over
// nobody overrides them but a ruling.
type ConflictReferred struct {
	DealID     uuid.UUID   `json:"deal_id"`
	FindingIDs []uuid.UUID `json:"finding_ids"`
	Reason     string      `json:"reason"` // the statement that the case begins with: its parties read it
}

// EventType is deal.conflict_referred.v1.
func (ConflictReferred) EventType() string { return "deal.conflict_referred.v1" }

// ConflictOverrideUndone says: the ruling that let these findings stand was overturned. They block again.
type ConflictOverrideUndone struct {
	DealID     uuid.UUID   `json:"deal_id"`
	FindingIDs []uuid.UUID `json:"finding_ids"`
	Ruling     uuid.UUID   `json:"ruling"` // the event that had ordered it
}

// EventType is deal.conflict_override_undone.v1.
func (ConflictOverrideUndone) EventType() string { return "deal.conflict_override_undone.v1" }

// HoldPlaced says: the deal is disputed. Until the hold is lifted its protection doesn't end, and no rival is approved.
type HoldPlaced struct {
	DealID    uuid.UUID `json:"deal_id"`
	DisputeID uuid.UUID `json:"dispute_id"`
	Subject   uuid.UUID `json:"subject,omitzero"` // the event that the dispute is about; holds of before don't say
}

// EventType is deal.hold_placed.v1.
func (HoldPlaced) EventType() string { return "deal.hold_placed.v1" }

// HoldLifted says: the dispute is over.
type HoldLifted struct {
	DealID    uuid.UUID `json:"deal_id"`
	DisputeID uuid.UUID `json:"dispute_id"`
	// ProtectedUntil is when the protection ends that the hold kept: as it would have, or with this event where that is later;
	// exclusive. Zero where it kept none, or another hold still does.
	ProtectedUntil time.Time `json:"protected_until,omitzero"`
}

// EventType is deal.hold_lifted.v1.
func (HoldLifted) EventType() string { return "deal.hold_lifted.v1" }

// DealReassigned says: a ruling gives the deal to another partner, with everything that it brings.
type DealReassigned struct {
	DealID     uuid.UUID `json:"deal_id"`
	From       uuid.UUID `json:"from"` // partners
	To         uuid.UUID `json:"to"`
	FromSeller uuid.UUID `json:"from_seller"`
	ToSeller   uuid.UUID `json:"to_seller"`
	Ruling     uuid.UUID `json:"ruling"` // the event that orders it
}

// EventType is deal.reassigned.v1.
func (DealReassigned) EventType() string { return "deal.reassigned.v1" }

// CreditShare is one partner's part of what a deal brings.
type CreditShare struct {
	PartnerID uuid.UUID   `json:"partner_id"`
	Share     domain.Rate `json:"share"` // above 0; those of a deal sum to 1
}

// CreditSplitSet says: a ruling splits the deal's credit between partners, or gives all of it to the deal's own again. The
// deal stays its partner's.
type CreditSplitSet struct {
	DealID   uuid.UUID     `json:"deal_id"`
	Shares   []CreditShare `json:"shares,omitempty"`   // empty: all of it is the deal's partner's
	Replaces []CreditShare `json:"replaces,omitempty"` // what held before
	Ruling   uuid.UUID     `json:"ruling"`             // the event that orders it
}

// EventType is deal.credit_split_set.v1.
func (CreditSplitSet) EventType() string { return "deal.credit_split_set.v1" }

// DealReinstated says: a ruling protects the deal, from now on, that had expired or would end too early.
type DealReinstated struct {
	DealID         uuid.UUID `json:"deal_id"`
	From           Status    `json:"from"`            // expired or approved
	ProtectedUntil time.Time `json:"protected_until"` // exclusive
	Replaces       time.Time `json:"replaces"`        // when it ended, or would have
	Ruling         uuid.UUID `json:"ruling"`          // the event that orders it
}

// EventType is deal.reinstated.v1.
func (DealReinstated) EventType() string { return "deal.reinstated.v1" }
