package metrics

import (
	"context"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/projections"
)

// Facts are what a metric counts from: partners, sellers and deals as seen from the window's moment.
type Facts struct {
	Window   Window
	Zone     *time.Location
	Partners []*Partner
	Sellers  []*Seller
	Deals    []*Deal // those that the metric needs, perhaps others too

	Funds      []*Fund
	Activities []*Activity

	Matters  []*MatterSeen // but deals
	Disputes []*Dispute

	byID map[uuid.UUID]*Partner
}

// Partner is a partner by its id; nil where nothing is known of it.
func (f *Facts) Partner(id uuid.UUID) *Partner { return f.byID[id] }

// needs says which facts a metric reads; partners are always read.
type needs struct {
	sellers    bool
	closed     bool // deals that were closed in the window
	registered bool // deals that were registered in it
	open       bool // deals that were open at its end
	all        bool // deals of all times
	funds      bool // funds, their activities, and the deals that came of those
	matters    bool // what may be disputed, but deals
	disputes   bool
}

// rows are facts as they are stored.
type rows struct {
	partners []partnerRow
	sellers  []sellerRow
	deals    []dealRow

	funds      []fundRow
	activities []activityRow

	matters  []matterRow
	disputes []disputeRow
}

func load(ctx context.Context, q projections.Querier, n needs, w Window) (r rows, err error) {
	if r.partners, err = projections.All[partnerRow](ctx, q, "SELECT doc FROM partners ORDER BY key"); err != nil {
		return r, err
	}
	if n.sellers {
		if r.sellers, err = projections.All[sellerRow](ctx, q, "SELECT doc FROM sellers ORDER BY key"); err != nil {
			return r, err
		}
	}
	if n.funds {
		if r.funds, err = projections.All[fundRow](ctx, q, "SELECT doc FROM funds ORDER BY key"); err != nil {
			return r, err
		}
		if r.activities, err = projections.All[activityRow](ctx, q, "SELECT doc FROM activities ORDER BY key"); err != nil {
			return r, err
		}
	}
	if n.matters {
		if r.matters, err = projections.All[matterRow](ctx, q, "SELECT doc FROM matters ORDER BY key"); err != nil {
			return r, err
		}
	}
	if n.disputes {
		if r.disputes, err = projections.All[disputeRow](ctx, q, "SELECT doc FROM disputes ORDER BY key"); err != nil {
			return r, err
		}
	}
	if where, args, some := n.deals(w); some {
		r.deals, err = projections.All[dealRow](ctx, q, "SELECT doc FROM deals"+where+" ORDER BY key", args...)
	}
	return r, err
}

// deals is a condition that lets pass every deal which is needed. It may let others pass: columns are exact to the
// microsecond only, and know nothing of what an earlier moment would show.
func (n needs) deals(w Window) (where string, args []any, some bool) {
	after, through := w.After.UnixMicro(), w.Through.UnixMicro()
	var any []string
	add := func(condition string, values ...int64) {
		any = append(any, "("+condition+")")
		for _, v := range values {
			args = append(args, v)
		}
	}
	switch {
	case n.all:
		return "", nil, true
	case n.closed:
		add("first_closed <= ? AND last_closed >= ?", through, after)
	}
	if n.registered {
		add("registered >= ? AND registered <= ?", after, through)
	}
	if n.funds {
		add("key IN (SELECT key FROM attributed)")
	}
	if n.open {
		at := w.At.UnixMicro()
		add("registered <= ? AND (ended IS NULL OR ended >= ?)", at, at)
	}
	return " WHERE " + strings.Join(any, " OR "), args, len(any) > 0
}

// seen are the facts as seen from the window's moment.
func (r rows) seen(w Window, zone *time.Location) *Facts {
	f := &Facts{Window: w, Zone: zone, byID: map[uuid.UUID]*Partner{}}
	for i := range r.partners {
		p := &Partner{ID: r.partners[i].Partner.ID, row: &r.partners[i], at: w.At}
		f.Partners, f.byID[p.ID] = append(f.Partners, p), p
	}
	for i := range r.sellers {
		s := &r.sellers[i]
		f.Sellers = append(f.Sellers, &Seller{PartnerID: s.PartnerID, SellerID: s.SellerID, row: s})
	}
	for i := range r.deals {
		if d := r.deals[i].at(w.At); d != nil {
			f.Deals = append(f.Deals, d)
		}
	}
	for i := range r.funds {
		if fund := r.funds[i].at(w.At); fund != nil {
			f.Funds = append(f.Funds, fund)
		}
	}
	for i := range r.activities {
		if a := &r.activities[i]; !a.Submitted.At.After(w.At) {
			f.Activities = append(f.Activities, &Activity{row: a, at: w.At})
		}
	}
	for i := range r.matters {
		if m := r.matters[i].at(w.At); m != nil {
			f.Matters = append(f.Matters, m)
		}
	}
	for i := range r.disputes {
		if d := &r.disputes[i]; !d.Opened.At.After(w.At) {
			f.Disputes = append(f.Disputes, &Dispute{row: d, at: w.At})
		}
	}
	return f
}
