package account

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
)

// Deal is one registration and all that became of it. It is the one definition of how a deal changes: the account's state
// and the read models fold it by Apply, each from the events that name the deal and nothing else.
type Deal struct {
	ID            uuid.UUID           `json:"id"`
	AccountID     uuid.UUID           `json:"account_id"` // whose stream it stands in
	PartnerID     uuid.UUID           `json:"partner_id"`
	SellerID      uuid.UUID           `json:"seller_id"`
	ViaPartnerID  uuid.UUID           `json:"via_partner_id,omitzero"`
	Kind          Kind                `json:"kind"`
	Route         Route               `json:"route"`
	Source        Source              `json:"source"`
	Status        Status              `json:"status"`
	Lines         []DealLine          `json:"lines"`
	Stage         domain.Dated[Stage] `json:"stage"`
	ExpectedClose domain.Date         `json:"expected_close,omitzero"`
	MDFRequestID  uuid.UUID           `json:"mdf_request_id,omitzero"` // the funded activity that it came of

	Place      int64     `json:"place"`     // in the order of submission: the revision of the submission that counts
	PlacedAt   time.Time `json:"placed_at"` // when that submission took effect
	RankedAt   time.Time `json:"ranked_at"` // when it was recorded: the order among registrations on several accounts
	ReviewDue  time.Time `json:"review_due"`
	ResubmitBy time.Time `json:"resubmit_by,omitzero"` // of the last return; inclusive

	// The last step of each sort that was taken.
	Submitted   Step `json:"submitted"`
	Returned    Step `json:"returned,omitzero"`
	Resubmitted Step `json:"resubmitted,omitzero"`
	Approved    Step `json:"approved,omitzero"`
	Reopened    Step `json:"reopened,omitzero"`
	Closed      Step `json:"closed,omitzero"` // into the present status: rejected, withdrawn, won, lost or expired

	ProtectedFrom  time.Time  `json:"protected_from,omitzero"`  // since a ruling reinstated it; else from its approval
	ProtectedUntil time.Time  `json:"protected_until,omitzero"` // exclusive; see Protection
	Policy         string     `json:"policy,omitempty"`         // that it was approved under, kind@version
	Benefit        Benefit    `json:"benefit,omitzero"`         // holds as long as the protection
	Shortened      Step       `json:"shortened,omitzero"`       // why the protection ends earlier than it was granted for
	Extension      *Extension `json:"extension,omitempty"`      // the last one that was asked for
	Extensions     int        `json:"extensions"`               // granted so far

	Report     *WinReport  `json:"report,omitempty"` // the partner's last; counts nothing
	Win        *Win        `json:"win,omitempty"`
	Findings   []Finding   `json:"findings,omitempty"`
	Breaches   []Breach    `json:"breaches,omitempty"`
	Influences []Influence `json:"influences,omitempty"` // other partners' help, what was revoked included
	CRM        []CRMLink   `json:"crm,omitempty" partner:"internal"`

	Holds      []Hold        `json:"holds,omitempty"`  // by disputes, what was lifted included
	Credit     []CreditShare `json:"credit,omitempty"` // how a ruling splits it; empty: all of it is the partner's
	Reassigned Step          `json:"reassigned,omitzero"`
	Reinstated Step          `json:"reinstated,omitzero"`

	Revision int64     `json:"revision"` // of the last event that names the deal
	EventID  uuid.UUID `json:"event_id"` // of the same
}

// DealLine is one product of a deal and what it is expected to bring, or brought.
type DealLine struct {
	Product string                     `json:"product"`
	Line    string                     `json:"line"`
	Amount  domain.Dated[domain.Money] `json:"amount"`
	Outcome Outcome                    `json:"outcome,omitempty"` // empty while the deal is open
	Won     domain.Money               `json:"won,omitzero"`      // before reversals
}

// CRMLink names a record of another system.
type CRMLink struct {
	System    string `json:"system"`
	Reference string `json:"reference"`
}

// Apply folds one event into the deal. Events come in recorded order, and those that took effect after the moment asked
// for are left out. An event of a deal whose registration is left out changes nothing: its ID stays zero.
func (d *Deal) Apply(e DealEvent, env domain.Envelope) {
	if _, first := e.(DealRegistered); !first && d.ID != e.Deal() {
		return
	}
	e.apply(d, env)
	d.Revision, d.EventID = env.Revision, env.EventID
}

// Pending reports whether the registration waits: for a review, or for the partner to complete it.
func (d *Deal) Pending() bool { return d.Status == StatusSubmitted || d.Status == StatusReturned }

// endless stands for the end of a protection that goes on until somebody decides.
var endless = time.Date(9999, time.December, 31, 0, 0, 0, 0, time.UTC)

// Protection is the interval in which the deal is protected: from its approval, or from when a ruling reinstated it, to its
// close or ProtectedUntil, the end exclusive. While an extension is undecided, or a dispute holds the deal, it ends in the year
// 9999. Both are zero where it was never approved.
func (d *Deal) Protection() (from, until time.Time) {
	if !d.Approved.Taken() {
		return time.Time{}, time.Time{}
	}
	until = d.ProtectedUntil
	if d.extensionPending() || d.heldOpen() {
		until = endless
	}
	if d.Closed.Taken() && d.Closed.At.Before(until) {
		until = d.Closed.At
	}
	return later(d.Approved.At, d.ProtectedFrom), until
}

// ProtectedAt reports whether the deal is protected at a moment, whether or not its expiry is recorded yet.
func (d *Deal) ProtectedAt(at time.Time) bool {
	from, until := d.Protection()
	return !at.Before(from) && at.Before(until)
}

// Currency is that of every amount of the deal.
func (d *Deal) Currency() string {
	if len(d.Lines) == 0 {
		return ""
	}
	return d.Lines[0].Amount.Latest().Currency()
}

// since is when the step took effect that later steps need: an outcome needs the approval, whatever expired meanwhile.
func (d *Deal) since() time.Time {
	switch {
	case d.Status == StatusReturned:
		return d.Returned.At
	case d.Status == StatusSubmitted && d.Resubmitted.Taken():
		return d.Resubmitted.At
	case d.Status == StatusSubmitted:
		return d.Submitted.At
	case d.Status != StatusApproved && d.Status != StatusExpired:
		return d.Closed.At
	case d.Reopened.Taken():
		return later(d.Reopened.At, d.Reinstated.At)
	default:
		return later(d.Approved.At, d.Reinstated.At)
	}
}

// makers are who submitted first and who resubmitted last.
func (d *Deal) makers() []domain.Actor {
	makers := []domain.Actor{d.Submitted.Actor()}
	if d.Resubmitted.Taken() {
		makers = append(makers, d.Resubmitted.Actor())
	}
	return makers
}

// lineKeys is what the deal's product lines are compared by, each once.
func (d *Deal) lineKeys() (keys []string) {
	for _, l := range d.Lines {
		if key := keyOf(l.Line); !slices.Contains(keys, key) {
			keys = append(keys, key)
		}
	}
	return keys
}

// close takes the deal to its end; an undecided extension lapses with it.
func (d *Deal) close(to Status, env domain.Envelope, reason string) {
	d.Status, d.Closed = to, stepOf(env, reason)
	d.lapseExtension()
	d.endHeld()
}

func (d *Deal) lapseExtension() {
	if d.extensionPending() {
		d.Extension.Status = ExtensionLapsed
	}
}
