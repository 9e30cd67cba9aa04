package rebate

import "github.com/channelledger/channelledger/domain"

// ClosePeriod says what the period's rebate is, once the period is over. What comes in later adjusts it.
type ClosePeriod struct {
	Reason string `json:"reason,omitempty"`
}

func (ClosePeriod) roles() []domain.Role { return financeRoles() }

func (c ClosePeriod) decide(s *State, h domain.Header, _ Facts) ([]Event, error) {
	a := &s.Agreement
	if err := domain.AdmitOptionalText("reason", c.Reason, MaxReason); err != nil {
		return nil, err
	}
	switch {
	case a.Status != StatusOpen:
		return nil, domain.Refuse("wrong_status", "", "the agreement is %s: want %s", a.Status, StatusOpen)
	case h.EffectiveAt.Before(a.Until):
		return nil, domain.Refuse("period_running", "effective_at", "the period ends with %s", a.Period.LastDay)
	}
	return []Event{PeriodClosed{PartnerID: a.PartnerID, Final: a.Accrued, Revenue: a.Revenue, Reason: c.Reason}}, nil
}
