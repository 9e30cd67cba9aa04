package metrics

// registrationVolume is how many deals partners register.
func registrationVolume() Metric {
	return Metric{
		Name: "registration_volume", Version: 1,
		Title:     "Registration volume",
		Counts:    "Deals registered in the period, whatever became of them.",
		Unit:      Deals,
		Numerator: "deals whose registration took effect in the period",
		Span:      Quarter,
		Groups:    GroupBys(),
		Source:    "The count of registrations that programs report per quarter.",
		needs:     needs{registered: true},
		count: func(f *Facts) (entries []Entry) {
			for _, d := range f.Deals {
				if f.Window.Holds(d.Registered) {
					entries = append(entries, d.entry().with(d.Expected, true))
				}
			}
			return entries
		},
	}
}
