package metrics

import (
	"context"
	"time"

	"github.com/channelledger/channelledger/projections"
)

// maxQuarters is how many quarters a history may have; a longer one is told by years.
const maxQuarters = 40

// History is what a metric says of every quarter since the first deal or partner, the running one included, seen from a
// moment; by years where that is more than 40 quarters. It is empty before there is any.
// Errors: a sum gets out of range, or the rows can't be read.
func History(ctx context.Context, q projections.Querier, m Metric, at time.Time, zone *time.Location) (answers []Answer, err error) {
	everything := m.needs
	everything.all = true
	r, err := load(ctx, q, everything, Window{})
	if err != nil {
		return nil, err
	}
	begin, ok := r.begin()
	if !ok {
		return nil, nil
	}
	for _, period := range periodsOf(begin, at, zone) {
		question := Question{Metric: m, Period: period.Name, At: at, Zone: zone}
		w, err := question.check()
		if err != nil {
			return nil, err
		}
		a, err := question.answer(question.countIn(r.seen(w, question.Zone)))
		if err != nil {
			return nil, err
		}
		a.Window = w
		answers = append(answers, a)
	}
	return answers, nil
}

// begin is when the first partner or deal appears; false where there is none.
func (r rows) begin() (first time.Time, ok bool) {
	look := func(events []ref) {
		for _, e := range events {
			if !ok || e.At.Before(first) {
				first, ok = e.At, true
			}
		}
	}
	for _, p := range r.partners {
		look(p.Events)
	}
	for _, d := range r.deals {
		look([]ref{d.Registered})
	}
	return first, ok
}

func periodsOf(begin, at time.Time, zone *time.Location) (periods []Period) {
	for _, of := range []func(time.Time, *time.Location) Period{QuarterOf, YearOf} {
		periods = nil
		for p := of(begin, zone); !p.From.After(at); p = of(p.Until, zone) {
			periods = append(periods, p)
		}
		if len(periods) <= maxQuarters {
			break
		}
	}
	return periods
}
