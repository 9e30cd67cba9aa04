package metrics

import "github.com/google/uuid"

// activationRate is the share of partners that sell at all.
func activationRate() Metric {
	return Metric{
		Name: "activation_rate", Version: 1,
		Title: "Activation rate",
		Counts: "Partners that brought net revenue in the last twelve months, of those in the program. A deal counts for its " +
			"partner of record, whatever its source, from the day of its win, while something of the win is left. Where a ruling splits its " +
			"credit it counts for each partner whose part is more than nought, and for no other.",
		Unit:        Partners,
		Numerator:   "partners of the denominator with at least one deal won in the 12 calendar months up to the moment",
		Denominator: "partners let in and not deactivated, with an agreement in force at the moment",
		Span:        TrailingYear,
		Groups:      GroupBys(),
		Source:      "The active-partner rate of channel scorecards, with window and contract made exact.",
		needs:       needs{closed: true},
		count:       func(f *Facts) []Entry { return activePartners(f, (*Deal).IsWon) },
	}
}

// sourcedActivationRate counts only what partners found themselves.
func sourcedActivationRate() Metric {
	m := activationRate()
	m.Version = 2
	m.Title = "Activation rate, partner-sourced"
	m.Counts = "As version 1, but only deals that the partner found itself count: what the vendor referred doesn't."
	m.Numerator = "partners of the denominator with at least one deal of source partner won in the 12 calendar months up to the moment"
	m.count = func(f *Facts) []Entry {
		return activePartners(f, func(d *Deal) bool { return d.IsWon() && d.IsSourced() })
	}
	return m
}

func activePartners(f *Facts, counts func(*Deal) bool) (entries []Entry) {
	inProgram := map[uuid.UUID]Entry{}
	for _, p := range f.Partners {
		if p.InProgram(f.Window.At) {
			inProgram[p.ID] = p.entry()
			entries = append(entries, inProgram[p.ID])
		}
	}
	for _, d := range f.Deals {
		if !counts(d) || !f.Window.Holds(d.ClosedAt) {
			continue
		}
		for _, p := range d.Parts(d.Won) {
			if own, ok := inProgram[p.PartnerID]; ok && p.Amount.Sign() > 0 {
				entries = append(entries, d.behind(own).with(p.Amount, true))
			}
		}
	}
	return entries
}
