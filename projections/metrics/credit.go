package metrics

import (
	"slices"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/account"
)

// creditRow is who has a deal's credit from a ruling on. It holds whoever the deal is given to afterwards, and however often
// that is won: until the next one.
type creditRow struct {
	ref
	Shares []account.CreditShare `json:"shares,omitempty"` // in recorded order; empty: all of it is the deal's partner's
}

// Part is one partner's part of what a deal is expected to bring, or brought.
type Part struct {
	PartnerID uuid.UUID
	Amount    domain.Money
}

// Parts shares an amount of the deal out between the partners who have credit for it, in recorded order. It is split once and
// as a whole, by largest remainder: the parts add up to it, to the minor unit.
func (d *Deal) Parts(amount domain.Money) []Part {
	if len(d.Credit) == 0 {
		return []Part{{d.PartnerID, amount}}
	}
	rates := make([]domain.Rate, len(d.Credit))
	for i, s := range d.Credit {
		rates[i] = s.Share
	}
	parts := make([]Part, len(d.Credit))
	for i, share := range domain.Must(amount.Allocate(rates)) { // recording the shares has added them up
		parts[i] = Part{d.Credit[i].PartnerID, share}
	}
	return parts
}

// isTheirs reports whether the partner has the deal, or a part of its credit: then its help is no other partner's.
func (d *Deal) isTheirs(partner uuid.UUID) bool {
	return d.PartnerID == partner ||
		slices.ContainsFunc(d.Credit, func(s account.CreditShare) bool { return s.PartnerID == partner })
}

// shared is the deal, counted for each partner who has credit for it with that partner's part of an amount.
func (d *Deal) shared(amount domain.Money, numerator bool) (entries []Entry) {
	for _, p := range d.Parts(amount) {
		e := d.entry().with(p.Amount, numerator)
		e.PartnerID, e.part = p.PartnerID, p.PartnerID
		entries = append(entries, e)
	}
	return entries
}

// sharedCredit is what definitions say of amounts.
const sharedCredit = " Credit that a ruling splits counts for each partner with its part."
