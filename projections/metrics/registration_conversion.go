package metrics

// registrationConversion is how many of the deals registered in a period were won.
func registrationConversion() Metric {
	return Metric{
		Name: "registration_conversion", Version: 1,
		Title: "Registration conversion",
		Counts: "Of the deals registered in the period and decided by the moment asked, those that were won. What is still open " +
			"stands apart, so a young cohort shows how much of it is undecided.",
		Unit:        Deals,
		Numerator:   "deals of the cohort that are won, while something of the win is left",
		Denominator: "deals of the cohort that are won, lost, expired, rejected or withdrawn",
		Apart:       []Note{{"open", "deals of the cohort that are submitted, returned or approved"}},
		Span:        YearOrPeriod,
		Groups:      GroupBys(),
		Source:      "Won over closed registrations, by cohort, so that wins of old registrations don't flatter new ones.",
		needs:       needs{registered: true},
		count:       conversion,
	}
}

func conversion(f *Facts) (entries []Entry) {
	for _, d := range f.Deals {
		if !f.Window.Holds(d.Registered) {
			continue
		}
		e := d.entry()
		if isClosed(d.Status) {
			e = e.with(d.Won, d.IsWon())
		} else {
			e = e.with(d.Expected, false)
			e.Apart = "open"
		}
		entries = append(entries, e)
	}
	return entries
}
