package metrics

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/account"
	"github.com/channelledger/channelledger/domain/dispute"
	"github.com/channelledger/channelledger/domain/partner"
)

// Entry is one line behind a number: what was counted, and the events that say so. A partner that counts for three deals
// has four entries: its own, and one with each deal.
type Entry struct {
	PartnerID   uuid.UUID        `json:"partner_id,omitzero"`
	SellerID    uuid.UUID        `json:"seller_id,omitzero"`
	AccountID   uuid.UUID        `json:"account_id,omitzero"`
	DealID      uuid.UUID        `json:"deal_id,omitzero"`
	FundID      uuid.UUID        `json:"fund_id,omitzero"`
	RequestID   uuid.UUID        `json:"request_id,omitzero"` // for funds
	ClaimID     uuid.UUID        `json:"claim_id,omitzero"`
	Matter      Matter           `json:"matter,omitempty"`   // what kind of thing may be disputed, or is
	MatterID    uuid.UUID        `json:"matter_id,omitzero"` // a change of tier and what is elsewhere go by the event
	DisputeID   uuid.UUID        `json:"dispute_id,omitzero"`
	DisputeKind dispute.Kind     `json:"dispute_kind,omitempty"`
	Group       string           `json:"group,omitempty"` // that the entry counts in
	Numerator   bool             `json:"numerator"`       // it counts in the numerator too, not only in the denominator
	Apart       string           `json:"apart,omitempty"` // it counts in neither, but in this number beside them
	Amount      domain.Money     `json:"amount,omitzero"` // that counts
	Days        map[string]int64 `json:"days,omitempty"`  // calendar days that count
	Events      []Event          `json:"events"`          // behind it, by stream and revision

	subject uuid.UUID // what is counted: entries of one subject count once
	part    uuid.UUID // whose part of the subject the amount is; zero: it is all of it
	dispute *Dispute  // of which it tells, where it tells how that went
	tier    string    // of the partner at a moment of the metric's own
	dated   bool      // there is such a tier
	proof   []proof   // what Events are made of, for those that are shown
	place   string    // in the order of the entries
}

// proof is events of one stream.
type proof struct {
	stream string
	events []ref
}

// Event names an event behind an entry.
type Event struct {
	Stream      string    `json:"stream"`
	Revision    int64     `json:"revision"`
	EventID     uuid.UUID `json:"event_id"`
	Type        string    `json:"type"`
	EffectiveAt time.Time `json:"effective_at"`
}

func (e *Entry) add(stream string, events ...ref) {
	e.proof = append(e.proof, proof{stream, events})
}

// show fills in the events, by stream and revision.
func (e *Entry) show() {
	for _, p := range e.proof {
		for _, r := range p.events {
			e.Events = append(e.Events, Event{
				Stream: p.stream, Revision: r.Revision, EventID: r.EventID, Type: r.Type, EffectiveAt: r.At,
			})
		}
	}
	slices.SortStableFunc(e.Events, func(a, b Event) int {
		return cmp.Or(strings.Compare(a.Stream, b.Stream), cmp.Compare(a.Revision, b.Revision))
	})
}

// key orders the entries and tells them apart.
func (e *Entry) key() string {
	return strings.Join([]string{
		e.PartnerID.String(), e.SellerID.String(), e.AccountID.String(), e.DealID.String(), e.FundID.String(), e.RequestID.String(),
		e.ClaimID.String(), string(e.Matter), e.MatterID.String(), e.DisputeID.String(), e.Apart, strconv.FormatBool(e.Numerator),
	}, "/")
}

// entry is the partner itself, counted.
func (p *Partner) entry() Entry {
	e := Entry{PartnerID: p.ID, subject: p.ID}
	e.add(domain.StreamName(partner.Category, p.ID), until(p.row.Events, p.at)...)
	return e
}

// entry is the seller, counted.
func (s *Seller) entry(w Window) Entry {
	e := Entry{PartnerID: s.PartnerID, SellerID: s.SellerID, subject: s.SellerID}
	e.add(domain.StreamName(partner.Category, s.PartnerID), until(s.row.Events, w.At)...)
	return e
}

// entry is the deal, counted for its partner.
func (d *Deal) entry() Entry {
	e := Entry{PartnerID: d.PartnerID, AccountID: d.AccountID, DealID: d.ID, subject: d.ID}
	e.add(domain.StreamName(account.Category, d.AccountID), d.events...)
	return e
}

// behind is the deal as a reason for something else to count in the numerator.
func (d *Deal) behind(other Entry) Entry {
	e := d.entry()
	e.PartnerID, e.SellerID, e.subject, e.Numerator = other.PartnerID, other.SellerID, other.subject, true
	return e
}

// helped is the deal, counted for a partner that helped with it.
func (d *Deal) helped(by uuid.UUID) Entry {
	e := d.entry()
	e.PartnerID = by
	for _, h := range d.help {
		if h.PartnerID == by {
			e.add(domain.StreamName(account.Category, d.AccountID), h.ref)
		}
	}
	return e
}

// with is the entry with an amount that counts.
func (e Entry) with(amount domain.Money, numerator bool) Entry {
	e.Amount, e.Numerator = amount, numerator
	return e
}

// nothing is nought of an amount's currency.
func nothing(m domain.Money) domain.Money { return domain.Must(m.Sub(m)) }
