package mdf

import (
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
)

// CreditFund takes in what the budget allocated. The reactor gives it for each allocation; the first one makes the fund.
type CreditFund struct {
	FundRef
	Ref       uuid.UUID    `json:"ref"` // the allocation's event
	Amount    domain.Money `json:"amount"`
	ExpiresAt time.Time    `json:"expires_at"` // exclusive
}

func (CreditFund) roles() []domain.Role { return schedulerRoles() }

func (c CreditFund) decide(s *FundState, h domain.Header, _ FundFacts) ([]FundEvent, error) {
	if err := reactorOnly(h, "CreditFund"); err != nil {
		return nil, err
	}
	credited := FundCredited{FundRef: c.FundRef, Source: FromAllocation, Ref: c.Ref, Amount: c.Amount, ExpiresAt: c.ExpiresAt}
	after := &FundState{Fund: s.Fund}
	after.Fund.Apply(credited, domain.Envelope{})
	return append([]FundEvent{credited}, after.freeing(h)...), nil
}

// ReleaseFund gives available money of a partner's fund back to the budget, where it may be allocated again.
type ReleaseFund struct {
	PartnerID uuid.UUID    `json:"partner_id"`
	Amount    domain.Money `json:"amount"` // above 0, up to what is available
	Reason    string       `json:"reason"`
}

func (ReleaseFund) roles() []domain.Role { return financeRoles() }

func (c ReleaseFund) decide(s *FundState, _ domain.Header, _ FundFacts) ([]FundEvent, error) {
	if c.PartnerID != s.Fund.PartnerID {
		return nil, domain.NotFound("fund_unknown", "partner_id", "the fund is not of partner %s", c.PartnerID)
	}
	if err := domain.FirstOf(
		checkSome("amount", c.Amount, s.Fund.Currency()),
		domain.AdmitText("reason", c.Reason, MaxReason),
		s.mustHave("amount", c.Amount),
	); err != nil {
		return nil, err
	}
	return []FundEvent{FundReleased{FundRef: s.Fund.Ref(), Amount: c.Amount, Reason: c.Reason}}, nil
}

// ReleaseAll gives back all that is available: the reactor's, where a partner was deactivated. Nothing available, nothing
// happens.
type ReleaseAll struct {
	Reason string `json:"reason"`
}

func (ReleaseAll) roles() []domain.Role { return schedulerRoles() }

func (c ReleaseAll) decide(s *FundState, _ domain.Header, _ FundFacts) ([]FundEvent, error) {
	if s.Fund.Available.Sign() <= 0 {
		return nil, nil
	}
	return []FundEvent{FundReleased{FundRef: s.Fund.Ref(), Amount: s.Fund.Available, Reason: c.Reason}}, nil
}

// ExpireFunds records that the fund came to its end. It takes effect at ExpiresAt exactly; given for another moment, or with
// nothing available, there is nothing to record.
type ExpireFunds struct{}

func (ExpireFunds) roles() []domain.Role { return schedulerRoles() }

func (ExpireFunds) decide(s *FundState, h domain.Header, _ FundFacts) ([]FundEvent, error) {
	if !h.EffectiveAt.Equal(s.Fund.ExpiresAt) || s.Fund.Available.Sign() <= 0 {
		return nil, nil
	}
	return []FundEvent{FundsExpired{FundRef: s.Fund.Ref(), Amount: s.Fund.Available}}, nil
}
