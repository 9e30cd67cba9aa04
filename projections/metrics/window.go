package metrics

import (
	"fmt"
	"regexp"
	"strconv"
	"time"

	"github.com/channelledger/channelledger/domain"
)

// Span is which stretch of time a metric looks at.
type Span string

// The spans.
const (
	// Moment: how things stand at the moment asked for. A period asks how they stood at its end.
	Moment Span = "moment"
	// TrailingYear: the 12 calendar months up to the moment, (t - 12 months, t]. A period moves the moment to its end.
	TrailingYear Span = "trailing_12_months"
	// YearOrPeriod: the same 12 months, or a calendar period in their place; seen from the moment asked for.
	YearOrPeriod Span = "trailing_12_months_or_period"
	// Quarter: the last quarter that was over at the moment, or a calendar period; seen from the moment asked for.
	Quarter Span = "last_completed_quarter_or_period"
	// Ever: all of history, or a calendar period; seen from the moment asked for.
	Ever Span = "ever_or_period"
)

// Window is what an answer looks at: what took effect in (After, Through], seen with all that took effect by At.
type Window struct {
	Name    string // 2017-Q4, trailing_12_months, moment or ever
	After   time.Time
	Through time.Time
	At      time.Time
}

// Holds reports whether a moment lies in the window.
func (w Window) Holds(t time.Time) bool { return t.After(w.After) && !t.After(w.Through) }

// Bounds are the window's ends for people: a calendar period holds its start and not its end, a trailing window its end and
// not its start. From is zero where the window begins with the log.
func (w Window) Bounds() (from, until time.Time) {
	return wholeMicro(w.After), wholeMicro(w.Through)
}

// wholeMicro is the next whole microsecond: a period's last moment is a nanosecond before its end.
func wholeMicro(t time.Time) time.Time { return t.Add(time.Microsecond - 1).Truncate(time.Microsecond) }

// Period is a calendar month, quarter or year of the program's zone.
type Period struct {
	Name  string
	From  time.Time // inclusive
	Until time.Time // exclusive
}

var periodForm = regexp.MustCompile(`^([1-9]\d{3})(?:-Q([1-4])|-(0[1-9]|1[0-2]))?$`)

// ParsePeriod reads 2017, 2017-Q4 or 2017-10.
// Errors: a Rejection of kind Invalid that names period.
func ParsePeriod(text string, zone *time.Location) (Period, error) {
	parts := periodForm.FindStringSubmatch(text)
	if parts == nil {
		return Period{}, domain.Invalid("period", "want a year, a quarter or a month, as in 2017, 2017-Q4 or 2017-10; not %.50q", text)
	}
	number := func(s string) int { n, _ := strconv.Atoi(s); return n } // the pattern lets digits pass only
	year, month, months := number(parts[1]), 1, 12
	switch {
	case parts[2] != "":
		month, months = 3*number(parts[2])-2, 3
	case parts[3] != "":
		month, months = number(parts[3]), 1
	}
	return periodOf(text, year, time.Month(month), months, zone), nil
}

func periodOf(name string, year int, month time.Month, months int, zone *time.Location) Period {
	start := func(m time.Month) time.Time {
		first := time.Date(year, m, 1, 0, 0, 0, 0, time.UTC) // months beyond December are next year's
		return domain.DateOf(first, time.UTC).In(zone)
	}
	return Period{Name: name, From: start(month), Until: start(month + time.Month(months))}
}

// QuarterOf is the quarter that a moment lies in.
func QuarterOf(t time.Time, zone *time.Location) Period {
	year, month, _ := t.In(zone).Date()
	quarter := (int(month) + 2) / 3
	return periodOf(fmt.Sprintf("%04d-Q%d", year, quarter), year, time.Month(3*quarter-2), 3, zone)
}

// YearOf is the year that a moment lies in.
func YearOf(t time.Time, zone *time.Location) Period {
	year := t.In(zone).Year()
	return periodOf(fmt.Sprintf("%04d", year), year, time.January, 12, zone)
}

// last is the last moment of the period.
func (p Period) last() time.Time { return p.Until.Add(-1) }

// seenFrom is the period as a window; one that isn't over is seen up to the moment.
func (p Period) seenFrom(at time.Time) Window {
	return Window{Name: p.Name, After: p.From.Add(-1), Through: earlier(p.last(), at), At: at}
}

// window is what a metric looks at from a moment; period may be empty.
// Errors: a Rejection of kind Invalid that names period: its form, or it begins later than the moment.
func (s Span) window(period string, at time.Time, zone *time.Location) (Window, error) {
	if period == "" {
		return s.latest(at, zone), nil
	}
	p, err := ParsePeriod(period, zone)
	if err != nil {
		return Window{}, err
	}
	if p.From.After(at) {
		return Window{}, domain.Invalid("period", "%s begins after the moment asked for, %s", p.Name, at.In(zone).Format(time.RFC3339))
	}
	switch s {
	case Moment, TrailingYear:
		w := s.latest(earlier(p.last(), at), zone)
		w.Name = p.Name
		return w, nil
	case YearOrPeriod, Quarter, Ever:
	}
	return p.seenFrom(at), nil
}

// latest is the window that is looked at unless a period is asked for.
func (s Span) latest(at time.Time, zone *time.Location) Window {
	switch s {
	case Quarter:
		return QuarterOf(QuarterOf(at, zone).From.Add(-1), zone).seenFrom(at)
	case TrailingYear, YearOrPeriod:
		return Window{Name: "trailing_12_months", After: yearBefore(at, zone), Through: at, At: at}
	case Ever:
		return Window{Name: "ever", Through: at, At: at}
	case Moment:
	}
	return Window{Name: "moment", Through: at, At: at}
}

// yearBefore is the same day and time twelve calendar months earlier; a 29 February has the 28th before it.
func yearBefore(t time.Time, zone *time.Location) time.Time {
	local := t.In(zone)
	year, month, day := local.Date()
	if month == time.February && day == 29 {
		day = 28
	}
	hour, minute, second := local.Clock()
	return time.Date(year-1, month, day, hour, minute, second, local.Nanosecond(), zone)
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}
