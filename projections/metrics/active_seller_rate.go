package metrics

import (
	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/partner"
)

// activeSellerRate is the share of the partners' people who sell.
func activeSellerRate() Metric {
	return Metric{
		Name: "active_seller_rate", Version: 1,
		Title: "Active-seller rate",
		Counts: "Persons who closed at least one won deal in the quarter, of all who sold for a partner in the program on any " +
			"day of it. A deal counts for who closed it, while something of the win is left.",
		Unit:        Sellers,
		Numerator:   "sellers of the denominator who closed at least one deal of that partner, won in the period",
		Denominator: "sellers who belonged, on any day of the period, to a partner that was in the program on that day",
		Span:        Quarter,
		Groups:      GroupBys(),
		Source:      "The active-seller rate of channel scorecards, for whole quarters, so that it doesn't fall as one begins.",
		needs:       needs{sellers: true, closed: true},
		count:       func(f *Facts) []Entry { return activeSellers(f, closing) },
	}
}

// engagedSellerRate also counts who registers and who learns.
func engagedSellerRate() Metric {
	m := activeSellerRate()
	m.Version = 2
	m.Title = "Active-seller rate, with engagement"
	m.Counts = "As version 1, but a registration, a training or a certification in the quarter counts too."
	m.Numerator = "sellers of the denominator who closed a won deal, registered a deal, completed a training or earned a certification in the period"
	m.needs.registered = true
	m.count = func(f *Facts) []Entry { return activeSellers(f, engaged) }
	return m
}

// membership is a seller of a partner.
type membership struct{ partner, seller uuid.UUID }

// activeSellers counts who belonged, and for whom the window shows anything.
func activeSellers(f *Facts, active func(*Facts, map[membership]Entry) []Entry) (entries []Entry) {
	members := map[membership]Entry{}
	for _, s := range f.Sellers {
		if p := f.Partner(s.PartnerID); p != nil && s.BelongedTo(p, f.Window) {
			e := s.entry(f.Window)
			members[membership{s.PartnerID, s.SellerID}] = e
			entries = append(entries, e)
		}
	}
	return append(entries, active(f, members)...)
}

func closing(f *Facts, members map[membership]Entry) (entries []Entry) {
	for _, d := range f.Deals {
		if own, ok := members[membership{d.PartnerID, d.Closer}]; ok && d.IsWon() && f.Window.Holds(d.ClosedAt) {
			entries = append(entries, d.behind(own).with(d.Won, true))
		}
	}
	return entries
}

func engaged(f *Facts, members map[membership]Entry) []Entry {
	entries := closing(f, members)
	for _, d := range f.Deals {
		own, ok := members[membership{d.PartnerID, d.SellerID}]
		closed := d.Closer == d.SellerID && d.IsWon() && f.Window.Holds(d.ClosedAt) // is counted already
		if ok && !closed && f.Window.Holds(d.Registered) {
			entries = append(entries, d.behind(own))
		}
	}
	for _, s := range f.Sellers {
		if own, ok := members[membership{s.PartnerID, s.SellerID}]; ok {
			entries = append(entries, s.learning(own, f.Window)...)
		}
	}
	return entries
}

// learning are the trainings and certifications of the window, as one entry.
func (s *Seller) learning(own Entry, w Window) []Entry {
	e := Entry{PartnerID: s.PartnerID, SellerID: s.SellerID, Numerator: true, subject: own.subject}
	for _, r := range s.row.Learned {
		if w.Holds(r.At) {
			e.add(domain.StreamName(partner.Category, s.PartnerID), r)
		}
	}
	if len(e.proof) == 0 {
		return nil
	}
	return []Entry{e}
}
