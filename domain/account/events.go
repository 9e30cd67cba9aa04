package account

import (
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/policy"
)

// Event is a fact in an account's stream.
type Event interface {
	domain.Event
	evolve(*State, domain.Envelope)
}

// CustomerEvent is a fact about the customer itself.
type CustomerEvent interface {
	Event
	applyTo(*Account, domain.Envelope)
}

// DealEvent is a fact about one deal.
type DealEvent interface {
	Event
	Deal() uuid.UUID // the deal's id
	apply(*Deal, domain.Envelope)
}

// Types lists every event type that an account's stream may hold.
func Types() []domain.Type {
	return []domain.Type{
		domain.TypeOf[Identified](),
		domain.TypeOf[AliasLinked](),
		domain.TypeOf[OwnershipSet](),
		domain.TypeOf[PreferenceRecorded](),
		domain.TypeOf[PreferenceWithdrawn](),
		domain.TypeOf[DirectOpportunityOpened](),
		domain.TypeOf[DirectOpportunityClosed](),
		domain.TypeOf[DealRegistered](),
		domain.TypeOf[ConflictFound](),
		domain.TypeOf[ConflictOverridden](),
		domain.TypeOf[ConflictReferred](),
		domain.TypeOf[ConflictOverrideUndone](),
		domain.TypeOf[DealApproved](),
		domain.TypeOf[DealReturned](),
		domain.TypeOf[DealResubmitted](),
		domain.TypeOf[DealRejected](),
		domain.TypeOf[DealWithdrawn](),
		domain.TypeOf[ExtensionRequested](),
		domain.TypeOf[ExtensionGranted](),
		domain.TypeOf[ExtensionDeclined](),
		domain.TypeOf[StageAdvanced](),
		domain.TypeOf[AmountRevised](),
		domain.TypeOf[WinReported](),
		domain.TypeOf[DealWon](),
		domain.TypeOf[WinReversed](),
		domain.TypeOf[DealLost](),
		domain.TypeOf[DealReopened](),
		domain.TypeOf[DealExpired](),
		domain.TypeOf[ProtectionBreached](),
		domain.TypeOf[ProtectionShortened](),
		domain.TypeOf[InfluenceRecorded](),
		domain.TypeOf[InfluenceRevoked](),
		domain.TypeOf[CRMLinked](),
		domain.TypeOf[HoldPlaced](),
		domain.TypeOf[HoldLifted](),
		domain.TypeOf[DealReassigned](),
		domain.TypeOf[CreditSplitSet](),
		domain.TypeOf[DealReinstated](),
	}
}

// Identified says: the customer is known from here on. It is the first event of its stream.
type Identified struct {
	AccountID uuid.UUID `json:"account_id"` // derived from the key
	Key       string    `json:"key"`        // the identity, see Identify
	Name      string    `json:"name"`
	Domain    string    `json:"domain,omitempty"`
	Country   string    `json:"country,omitempty"` // ISO 3166-1 alpha-2
	TaxID     string    `json:"tax_id,omitempty"`
}

// EventType is account.identified.v1.
func (Identified) EventType() string { return "account.identified.v1" }

// AliasLinked says: this record and another are one customer. It stands in the stream with the greater id, which takes no
// registration any more.
type AliasLinked struct {
	AccountID uuid.UUID `json:"account_id"` // the other record, where new registrations go
	Reason    string    `json:"reason"`
}

// EventType is account.alias_linked.v1.
func (AliasLinked) EventType() string { return "account.alias_linked.v1" }

// OwnershipSet says: who sells to the customer.
type OwnershipSet struct {
	Owner  Owner  `json:"owner"`
	Rep    string `json:"rep,omitempty"` // the vendor's representative: an opaque id, never a name
	Reason string `json:"reason"`
}

// EventType is account.ownership_set.v1.
func (OwnershipSet) EventType() string { return "account.ownership_set.v1" }

// PreferenceRecorded says: the customer wrote whom it wants to buy from. It holds until another letter, or until withdrawn.
type PreferenceRecorded struct {
	PartnerID      uuid.UUID `json:"partner_id,omitzero"`       // that partner, or
	Direct         bool      `json:"direct,omitempty"`          // the vendor itself
	DocumentSHA256 string    `json:"document_sha256,omitempty"` // of the letter, hex; empty: not at hand in imported history
}

// EventType is account.customer_preference_recorded.v1.
func (PreferenceRecorded) EventType() string { return "account.customer_preference_recorded.v1" }

// PreferenceWithdrawn says: what the customer wrote holds no more.
type PreferenceWithdrawn struct {
	DocumentSHA256 string `json:"document_sha256,omitempty"` // of the letter that takes it back, where there is one; hex
	Reason         string `json:"reason"`
}

// EventType is account.customer_preference_withdrawn.v1.
func (PreferenceWithdrawn) EventType() string { return "account.customer_preference_withdrawn.v1" }

// DirectOpportunityOpened says: the vendor itself sells to the customer.
type DirectOpportunityOpened struct {
	OpportunityID uuid.UUID `json:"opportunity_id"`
	Lines         []string  `json:"lines"`         // product lines
	Rep           string    `json:"rep,omitempty"` // an opaque id, never a name
	Reference     string    `json:"reference,omitempty"`
}

// EventType is account.direct_opportunity_opened.v1.
func (DirectOpportunityOpened) EventType() string { return "account.direct_opportunity_opened.v1" }

// DirectOpportunityClosed says: the vendor's own opportunity came to its end.
type DirectOpportunityClosed struct {
	OpportunityID uuid.UUID    `json:"opportunity_id"`
	Outcome       Outcome      `json:"outcome"`
	Amount        domain.Money `json:"amount,omitzero"` // of a won one
}

// EventType is account.direct_opportunity_closed.v1.
func (DirectOpportunityClosed) EventType() string { return "account.direct_opportunity_closed.v1" }

// Line is one product of a deal, the product line that it competes on, and an amount.
type Line struct {
	Product string       `json:"product"`
	Line    string       `json:"line"`
	Amount  domain.Money `json:"amount"`
}

// DealRegistered says: a partner asks for protection on some product lines of the account.
type DealRegistered struct {
	DealID        uuid.UUID   `json:"deal_id"`
	PartnerID     uuid.UUID   `json:"partner_id"`
	SellerID      uuid.UUID   `json:"seller_id"`
	Kind          Kind        `json:"kind"`
	Route         Route       `json:"route"`
	ViaPartnerID  uuid.UUID   `json:"via_partner_id,omitzero"` // the distributor
	Lines         []Line      `json:"lines"`                   // amounts of one currency
	ExpectedClose domain.Date `json:"expected_close,omitzero"`
	Source        Source      `json:"source"`
	ReviewDue     time.Time   `json:"review_due"`
	MDFRequestID  uuid.UUID   `json:"mdf_request_id,omitzero"` // the funded activity that it came of
}

// EventType is deal.registered.v1.
func (DealRegistered) EventType() string { return "deal.registered.v1" }

// With is what a finding compares a registration with: one of them is set, or none where its rule looks at the registration
// and its partner alone.
type With struct {
	DealID        uuid.UUID `json:"deal_id,omitzero"`        // another registration
	AccountID     uuid.UUID `json:"account_id,omitzero"`     // that it stands on, where that is another account than the finding's
	OpportunityID uuid.UUID `json:"opportunity_id,omitzero"` // the vendor's own opportunity
	Owner         Owner     `json:"owner,omitempty"`         // whose account it is, or that the customer prefers the vendor
	PartnerID     uuid.UUID `json:"partner_id,omitzero"`     // whom the customer prefers
}

// ConflictFound says: a rule speaks against a registration.
type ConflictFound struct {
	FindingID uuid.UUID           `json:"finding_id"` // one for each deal, rule and what it was compared with
	DealID    uuid.UUID           `json:"deal_id"`
	With      With                `json:"with"`
	Rule      policy.ConflictRule `json:"rule"`
	Score     string              `json:"score"` // decimal, 0 to 1; 1 is exact
	Evidence  map[string]string   `json:"evidence"`
}

// EventType is deal.conflict_found.v1.
func (ConflictFound) EventType() string { return "deal.conflict_found.v1" }

// ConflictOverridden says: the findings stand, and don't keep the deal from being approved any more.
type ConflictOverridden struct {
	DealID     uuid.UUID   `json:"deal_id"`
	FindingIDs []uuid.UUID `json:"finding_ids"`
	Reason     string      `json:"reason"`
	Ruling     uuid.UUID   `json:"ruling,omitzero"` // the event that orders it; left out: the desk decided by itself
}

// EventType is deal.conflict_overridden.v1.
func (ConflictOverridden) EventType() string { return "deal.conflict_overridden.v1" }

// DealApproved says: the partner is protected from here on.
type DealApproved struct {
	DealID         uuid.UUID `json:"deal_id"`
	ProtectedUntil time.Time `json:"protected_until"` // exclusive
	Policy         string    `json:"policy"`          // kind@version
	Benefit        Benefit   `json:"benefit,omitzero"`
	Reason         string    `json:"reason,omitempty"`
}

// Benefit is what the partner gets for a deal that it registered, as long as the deal is protected.
type Benefit struct {
	DiscountPercent domain.Rate `json:"discount_percent"` // on top of the partner's usual one: above 0, up to 100
	Tier            string      `json:"tier,omitempty"`   // the partner's, where the benefit depends on it
}

// EventType is deal.approved.v1.
func (DealApproved) EventType() string { return "deal.approved.v1" }

// DealReturned says: the registration lacks something.
type DealReturned struct {
	DealID     uuid.UUID `json:"deal_id"`
	ResubmitBy time.Time `json:"resubmit_by"` // until then, inclusive, it keeps its place in the order of submission
	Reason     string    `json:"reason"`
}

// EventType is deal.returned.v1.
func (DealReturned) EventType() string { return "deal.returned.v1" }

// DealResubmitted says: what was returned is complete now.
type DealResubmitted struct {
	DealID     uuid.UUID `json:"deal_id"`
	KeepsPlace bool      `json:"keeps_place"` // in the order of submission; else it moves to the end
	ReviewDue  time.Time `json:"review_due"`
	Note       string    `json:"note,omitempty"`
}

// EventType is deal.resubmitted.v1.
func (DealResubmitted) EventType() string { return "deal.resubmitted.v1" }

// DealRejected says: the registration is refused for good.
type DealRejected struct {
	DealID uuid.UUID `json:"deal_id"`
	Reason string    `json:"reason"`
}

// EventType is deal.rejected.v1.
func (DealRejected) EventType() string { return "deal.rejected.v1" }

// DealWithdrawn says: the partner gives the registration up.
type DealWithdrawn struct {
	DealID uuid.UUID `json:"deal_id"`
	Reason string    `json:"reason,omitempty"`
}

// EventType is deal.withdrawn.v1.
func (DealWithdrawn) EventType() string { return "deal.withdrawn.v1" }

// ExtensionRequested says: the partner asks for longer protection. Until it is decided the protection goes on.
type ExtensionRequested struct {
	DealID   uuid.UUID `json:"deal_id"`
	Until    time.Time `json:"until"` // counted from the old end
	Evidence string    `json:"evidence"`
	Policy   string    `json:"policy"` // kind@version
}

// EventType is deal.extension_requested.v1.
func (ExtensionRequested) EventType() string { return "deal.extension_requested.v1" }

// ExtensionGranted says: the protection lasts longer.
type ExtensionGranted struct {
	DealID         uuid.UUID `json:"deal_id"`
	ProtectedUntil time.Time `json:"protected_until"` // exclusive
	Policy         string    `json:"policy"`          // kind@version
	Reason         string    `json:"reason,omitempty"`
}

// EventType is deal.extension_granted.v1.
func (ExtensionGranted) EventType() string { return "deal.extension_granted.v1" }

// ExtensionDeclined says: the protection ends when it would have, or with this decision where that is later.
type ExtensionDeclined struct {
	DealID         uuid.UUID `json:"deal_id"`
	ProtectedUntil time.Time `json:"protected_until"` // exclusive
	Reason         string    `json:"reason"`
}

// EventType is deal.extension_declined.v1.
func (ExtensionDeclined) EventType() string { return "deal.extension_declined.v1" }

// StageAdvanced says: how far the sale is.
type StageAdvanced struct {
	DealID uuid.UUID `json:"deal_id"`
	Stage  Stage     `json:"stage"`
}

// EventType is deal.stage_advanced.v1.
func (StageAdvanced) EventType() string { return "deal.stage_advanced.v1" }

// AmountRevised says: some lines are expected to bring other amounts.
type AmountRevised struct {
	DealID uuid.UUID `json:"deal_id"`
	Lines  []Line    `json:"lines"` // those that changed
	Reason string    `json:"reason,omitempty"`
}

// EventType is deal.amount_revised.v1.
func (AmountRevised) EventType() string { return "deal.amount_revised.v1" }

// WinReported says: the partner says that the deal is won. It counts nothing before the vendor confirms it.
type WinReported struct {
	DealID         uuid.UUID `json:"deal_id"`
	Lines          []Line    `json:"lines"`
	OrderReference string    `json:"order_reference,omitempty"`
}

// EventType is deal.win_reported.v1.
func (WinReported) EventType() string { return "deal.win_reported.v1" }

// DealWon says: the customer ordered the lines that are named; the deal's other lines are lost.
type DealWon struct {
	DealID         uuid.UUID `json:"deal_id"`
	SellerID       uuid.UUID `json:"seller_id"`
	Lines          []Line    `json:"lines"`
	OrderReference string    `json:"order_reference,omitempty"`
	Protected      bool      `json:"protected"` // whether the protection held at that moment
}

// EventType is deal.won.v1.
func (DealWon) EventType() string { return "deal.won.v1" }

// WinReversed says: a part of the win, or all of it, is taken back.
type WinReversed struct {
	DealID uuid.UUID      `json:"deal_id"`
	Amount domain.Money   `json:"amount"` // positive
	Reason ReversalReason `json:"reason"`
	Note   string         `json:"note,omitempty"`
}

// EventType is deal.win_reversed.v1.
func (WinReversed) EventType() string { return "deal.win_reversed.v1" }

// DealLost says: the customer bought nothing of it.
type DealLost struct {
	DealID uuid.UUID `json:"deal_id"`
	Reason string    `json:"reason"`
}

// EventType is deal.lost.v1.
func (DealLost) EventType() string { return "deal.lost.v1" }

// DealReopened says: the deal was not won, or not lost, after all. What was won counts no more.
type DealReopened struct {
	DealID         uuid.UUID `json:"deal_id"`
	From           Status    `json:"from"`            // won or lost
	To             Status    `json:"to"`              // approved, or expired where the protection is over or another's holds
	ProtectedUntil time.Time `json:"protected_until"` // exclusive; where To is expired, when the protection ended
	Reason         string    `json:"reason"`
}

// EventType is deal.reopened.v1.
func (DealReopened) EventType() string { return "deal.reopened.v1" }

// DealExpired says: the protection came to its end, at the event's effective time.
type DealExpired struct {
	DealID uuid.UUID `json:"deal_id"`
}

// EventType is deal.expired.v1.
func (DealExpired) EventType() string { return "deal.expired.v1" }

// ProtectionBreached says: the vendor itself went for what the deal protects.
type ProtectionBreached struct {
	DealID        uuid.UUID `json:"deal_id"`
	OpportunityID uuid.UUID `json:"opportunity_id"`
	By            BreachBy  `json:"by"`
	// At is when the vendor did it, and the event's effective time, where a protection that is recorded late makes it a
	// breach; empty: it was found with the opening or the win itself.
	At time.Time `json:"at,omitzero"`
}

// EventType is deal.protection_breached.v1.
func (ProtectionBreached) EventType() string { return "deal.protection_breached.v1" }

// TookEffect is when the vendor did it.
func (e ProtectionBreached) TookEffect() time.Time { return e.At }

// ProtectionShortened says: the protection ends earlier than it was granted for. An undecided extension lapses with it.
type ProtectionShortened struct {
	DealID         uuid.UUID     `json:"deal_id"`
	ProtectedUntil time.Time     `json:"protected_until"` // exclusive
	Because        ShortenReason `json:"because"`
	Policy         string        `json:"policy"` // kind@version
}

// EventType is deal.protection_shortened.v1.
func (ProtectionShortened) EventType() string { return "deal.protection_shortened.v1" }

// InfluenceRecorded says: another partner helped to sell the deal.
type InfluenceRecorded struct {
	DealID    uuid.UUID     `json:"deal_id"`
	PartnerID uuid.UUID     `json:"partner_id"` // never the deal's own
	Role      InfluenceRole `json:"role"`
	Note      string        `json:"note,omitempty"`
}

// EventType is deal.influence_recorded.v1.
func (InfluenceRecorded) EventType() string { return "deal.influence_recorded.v1" }

// InfluenceRevoked says: that partner did not help in that role after all.
type InfluenceRevoked struct {
	DealID    uuid.UUID     `json:"deal_id"`
	PartnerID uuid.UUID     `json:"partner_id"`
	Role      InfluenceRole `json:"role"`
	Reason    string        `json:"reason"`
}

// EventType is deal.influence_revoked.v1.
func (InfluenceRevoked) EventType() string { return "deal.influence_revoked.v1" }

// CRMLinked says: a record of another system is this deal.
type CRMLinked struct {
	DealID    uuid.UUID `json:"deal_id"`
	System    string    `json:"system"`
	Reference string    `json:"reference"`
}

// EventType is deal.crm_linked.v1.
func (CRMLinked) EventType() string { return "deal.crm_linked.v1" }
