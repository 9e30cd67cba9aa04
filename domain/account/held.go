package account

import (
	"cmp"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
)

// Held says who held an account at a moment, by what was recorded: who sells to it, whom the customer prefers, and on each
// product line who is protected, who waits, and what the vendor itself sells there. Beside each stands the event that says so.
type Held struct {
	At         time.Time       `json:"at"` // the moment
	Owner      HeldOwner       `json:"owner"`
	Preference *HeldPreference `json:"preference,omitempty"` // whom the customer wrote that it wants to buy from
	Lines      []HeldLine      `json:"lines"`                // by name; only those on which anything is live
}

// HeldOwner is who sells to the account; channel where nobody said anything.
type HeldOwner struct {
	Ownership
	Set Step `json:"set,omitzero"`
}

// HeldPreference is what the customer wrote.
type HeldPreference struct {
	Preference
	Recorded Step `json:"recorded"`
}

// HeldLine is what is live on one product line.
type HeldLine struct {
	Line          string            `json:"line"`
	Protected     []HeldDeal        `json:"protected,omitempty"`     // by the start of the protection: one, unless recorded so
	Pending       []HeldDeal        `json:"pending,omitempty"`       // submitted or returned, in the order of submission
	Opportunities []HeldOpportunity `json:"opportunities,omitempty"` // the vendor's own, open
}

// HeldDeal is one live registration.
type HeldDeal struct {
	DealID         uuid.UUID `json:"deal_id"`
	PartnerID      uuid.UUID `json:"partner_id"`
	Status         Status    `json:"status"`
	Place          int64     `json:"place"`                    // in the order of submission
	Submitted      Step      `json:"submitted"`                // the submission that counts
	Approved       Step      `json:"approved,omitzero"`        // what it is protected by
	ProtectedUntil time.Time `json:"protected_until,omitzero"` // exclusive; the year 9999 while an extension is undecided
}

// HeldOpportunity is one opportunity of the vendor's own.
type HeldOpportunity struct {
	OpportunityID uuid.UUID `json:"opportunity_id"`
	Rep           string    `json:"rep,omitempty"`
	Reference     string    `json:"reference,omitempty"`
	Opened        Step      `json:"opened"`
}

// History is an account's state, and which events its dated values come from.
type History struct {
	*State
	owned, preferred domain.Dated[Step] // beside the account's own dated values
}

// NewHistory has no event.
func NewHistory() *History { return &History{State: newState()} }

// Apply folds the next event.
func (h *History) Apply(e Event, env domain.Envelope) {
	e.evolve(h.State, env)
	switch e := e.(type) {
	case OwnershipSet:
		h.owned.Set(env.EffectiveAt, stepOf(env, e.Reason))
	case PreferenceRecorded, PreferenceWithdrawn:
		h.preferred.Set(env.EffectiveAt, stepOf(env, ""))
	}
}

// RegisteredBy reports whether the partner registered a deal on the account.
func (h *History) RegisteredBy(partner uuid.UUID) bool {
	for _, d := range h.Deals {
		if d.PartnerID == partner {
			return true
		}
	}
	return false
}

// HeldAt is who held the account at a moment. What took effect later must not have been folded: a deal that is closed by
// now no longer waits.
func (h *History) HeldAt(at time.Time) Held {
	held := Held{At: at, Owner: HeldOwner{Ownership: Ownership{Owner: OwnerChannel}}, Lines: []HeldLine{}}
	if o, said := h.Account.Ownership.At(at); said {
		held.Owner.Ownership = o
		held.Owner.Set, _ = h.owned.At(at)
	}
	if p, _ := h.Account.Preference.At(at); p != (Preference{}) {
		held.Preference = &HeldPreference{Preference: p}
		held.Preference.Recorded, _ = h.preferred.At(at)
	}
	for key, l := range h.lines {
		if line := l.heldAt(key, at); line.Line != "" {
			held.Lines = append(held.Lines, line)
		}
	}
	slices.SortFunc(held.Lines, func(a, b HeldLine) int { return cmp.Compare(a.Line, b.Line) })
	return held
}

// heldAt is what is live on a line; without a name where nothing is.
func (l *line) heldAt(key string, at time.Time) (held HeldLine) {
	for _, d := range l.granted {
		if d.ProtectedAt(at) {
			held.Line = d.nameOf(key)
			held.Protected = append(held.Protected, d.heldDeal())
		}
	}
	slices.SortStableFunc(held.Protected, func(a, b HeldDeal) int {
		return cmp.Or(a.Approved.At.Compare(b.Approved.At), cmp.Compare(a.Place, b.Place))
	})
	for _, d := range l.pending {
		held.Line = cmp.Or(held.Line, d.nameOf(key))
		held.Pending = append(held.Pending, d.heldDeal())
	}
	for _, o := range l.opportunities {
		at := slices.IndexFunc(o.Lines, func(name string) bool { return keyOf(name) == key })
		held.Line = cmp.Or(held.Line, o.Lines[at])
		held.Opportunities = append(held.Opportunities, HeldOpportunity{
			OpportunityID: o.ID, Rep: o.Rep, Reference: o.Reference, Opened: o.Opened,
		})
	}
	return held
}

// nameOf is a product line as the deal has it.
func (d *Deal) nameOf(key string) string {
	at := slices.IndexFunc(d.Lines, func(l DealLine) bool { return keyOf(l.Line) == key })
	return d.Lines[at].Line
}

func (d *Deal) heldDeal() HeldDeal {
	held := HeldDeal{DealID: d.ID, PartnerID: d.PartnerID, Status: d.Status, Place: d.Place, Submitted: d.Submitted}
	if d.Resubmitted.Taken() && d.Resubmitted.Revision == d.Place {
		held.Submitted = d.Resubmitted
	}
	if d.Approved.Taken() {
		held.Approved = d.Approved
		_, held.ProtectedUntil = d.Protection()
	}
	return held
}
