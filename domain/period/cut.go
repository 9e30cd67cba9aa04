package period

import (
	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
)

// CutPeriod ends a month: what is recorded from now on posts in a later one. Months are cut in order, the first whichever it is.
// Errors: the month isn't over (month_running), it is cut already (wrong_status), the one before isn't (out_of_order), or a
// later one is (later_cut).
type CutPeriod struct {
	Month Month `json:"month"`
}

func (c CutPeriod) decide(p *Period, h domain.Header, f Facts) ([]Event, error) {
	if err := c.check(p, f); err != nil {
		return nil, err
	}
	from, until := c.Month.In(f.Zone)
	if h.Now.Before(until) {
		return nil, domain.Refuse("month_running", "month", "%s isn't over before %s", c.Month, until.Format("2006-01-02T15:04:05Z07:00"))
	}
	return []Event{Cut{Month: c.Month, Version: p.Version + 1, From: from, Until: until}}, nil
}

func (c CutPeriod) check(p *Period, f Facts) error {
	switch {
	case c.Month.IsZero():
		return domain.Invalid("month", "want a month as yyyy-mm")
	case p.Exists() && p.Month != c.Month:
		return domain.Invalid("month", "this is the period of another month, %s", p.Month)
	case p.IsCut():
		return domain.Refuse("wrong_status", "", "%s is %s already", c.Month, p.Status)
	case !f.laterCut(c.Month).IsZero():
		return domain.Refuse("later_cut", "month", "%s is cut, and shuts whatever lies before it", f.laterCut(c.Month))
	case f.Earlier && !f.previousCut(c.Month):
		return domain.Refuse("out_of_order", "month", "months are cut in order: cut %s first", c.Month.Add(-1))
	}
	return nil
}

// RequestReopening asks to lift a month's cut. Somebody else has to agree.
// Errors: the month isn't cut (wrong_status), somebody asked already (reopening_requested), no reason.
type RequestReopening struct {
	Reason string `json:"reason"`
}

func (c RequestReopening) decide(p *Period, _ domain.Header, _ Facts) ([]Event, error) {
	if err := domain.FirstOf(p.mustBeCut(), domain.AdmitText("reason", c.Reason, MaxReason)); err != nil {
		return nil, err
	}
	if p.last().Requested.Taken() {
		return nil, domain.Refuse("reopening_requested", "", "somebody asked for it already: someone else has to agree")
	}
	return []Event{ReopeningRequested{Month: p.Month, Version: p.Version, Reason: c.Reason}}, nil
}

// ReopenPeriod agrees to what somebody else asked for: the cut is lifted. The latest month goes first, as months are cut in order.
// Errors: the month isn't cut (wrong_status), nobody asked (reopening_unknown), the same person asked (maker_is_checker), or a
// later month is cut (later_cut).
type ReopenPeriod struct {
	Reason string `json:"reason,omitempty"` // a service that agrees to what it asked for must say why
}

func (c ReopenPeriod) decide(p *Period, h domain.Header, f Facts) ([]Event, error) {
	if err := domain.FirstOf(p.mustBeCut(), domain.AdmitOptionalText("reason", c.Reason, MaxReason)); err != nil {
		return nil, err
	}
	asked := p.last().Requested
	if !asked.Taken() {
		return nil, domain.Refuse("reopening_unknown", "", "nobody asked to reopen %s: two people have to want it", p.Month)
	}
	if err := domain.AdmitChecker(actionOf(c), asked.Actor(), h.Actor, uuid.Nil, c.Reason); err != nil {
		return nil, err
	}
	if later := f.laterCut(p.Month); !later.IsZero() {
		return nil, domain.Refuse("later_cut", "", "%s is cut: reopen the latest month first", later)
	}
	return []Event{Reopened{Month: p.Month, Version: p.Version, Reason: c.Reason}}, nil
}

func (p *Period) mustBeCut() error {
	if !p.IsCut() {
		return domain.Refuse("wrong_status", "", "%s is %s, not cut", p.Month, p.Status)
	}
	return nil
}
