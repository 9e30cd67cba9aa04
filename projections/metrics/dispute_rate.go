package metrics

import (
	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain/dispute"
	"github.com/channelledger/channelledger/projections/numbers"
)

// disputeRate is how much of what may be disputed was.
func disputeRate() Metric {
	return Metric{
		Name: "dispute_rate", Version: 1,
		Title: "Dispute rate",
		Counts: "Of what came about in the window and may be disputed, what was disputed by the moment asked, whatever came of it: deals " +
			"by their registration (deal_ownership, deal_expiry, direct_conflict, customer_bypass, pricing), claims on funds by their " +
			"first approval or denial (mdf_denial), rebate agreements by the close of their period (rebate_amount), changes of tier " +
			"(tier_decision) and claw-backs (clawback). A thing that was disputed twice counts once, and disputed before it came " +
			"about, as a rebate before its close, it counts from then on. The total adds up unlike things: the groups are what to look at.",
		Unit:        Matters,
		Numerator:   "those of the denominator with a dispute of a kind that is about them",
		Denominator: "deals registered, claims decided, rebate agreements closed, changes of tier and claw-backs in the window",
		Apart: []Note{{
			"elsewhere", "disputes opened in the window about an event that belongs to nothing in the denominator: a line of a bank's statement, " +
				"a payable that is no rebate's, a partner's event that changed no tier",
		}},
		Figures:    disputedBy(),
		Span:       Ever,
		Groups:     AllGroupBys(),
		GroupedBy:  ByMatter,
		Source:     "Disputes over what could be disputed, each kind over its own, by when that came about: so the numerator is part of it.",
		VendorOnly: true,
		needs:      needs{registered: true, matters: true, disputes: true},
		count:      disputedMatters,
		sum:        disputeRateSum,
	}
}

func disputedBy() (figures []Note) {
	for _, k := range dispute.Kinds() {
		figures = append(figures, Note{string(k), "of the numerator, those with a dispute of the kind " + string(k)})
	}
	return figures
}

func disputedMatters(f *Facts) (entries []Entry) {
	type about struct {
		matter Matter
		id     uuid.UUID
	}
	disputes := map[about][]*Dispute{}
	for _, d := range f.Disputes {
		if !d.row.Elsewhere {
			of := about{matterOf(d.row.Kind), d.row.MatterID}
			disputes[of] = append(disputes[of], d)
			continue
		}
		if f.Window.Holds(d.row.Opened.At) {
			e := d.entry()
			e.Apart = "elsewhere"
			entries = append(entries, e)
		}
	}
	for _, own := range f.matters() {
		entries = append(entries, own)
		for _, d := range disputes[about{own.Matter, own.MatterID}] {
			entries = append(entries, d.against(own))
		}
	}
	return entries
}

// matters are what came about in the window, each counted.
func (f *Facts) matters() (entries []Entry) {
	for _, d := range f.Deals {
		if f.Window.Holds(d.Registered) {
			e := d.entry()
			e.Matter, e.MatterID = MatterDeals, d.ID
			entries = append(entries, e)
		}
	}
	for _, m := range f.Matters {
		if f.Window.Holds(m.Since) {
			entries = append(entries, m.entry())
		}
	}
	return entries
}

func disputeRateSum(m Metric, entries []Entry) ([]Value, error) {
	values, err := countSum(m, entries)
	if err != nil {
		return nil, err
	}
	by := map[dispute.Kind][]Entry{}
	for _, e := range splitOf(entries).in {
		by[e.DisputeKind] = append(by[e.DisputeKind], e)
	}
	for _, k := range dispute.Kinds() {
		values[0].Figures = append(values[0].Figures, Figure{string(k), numbers.Decimal(count(by[k]))})
	}
	return values, nil
}
