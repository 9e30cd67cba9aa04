package mdf

import (
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/policy"
)

// Deadline is something that a fund does by itself when a time comes.
type Deadline struct {
	Key     string    // tells the fund's deadlines apart
	At      time.Time // zero: nothing is to come under this key
	Command FundCommand
}

// Deadlines are those that an event may have set, moved or lifted: of the fund, and of the request that it is about.
func (s *FundState) Deadlines(e FundEvent) (deadlines []Deadline) {
	switch e.(type) {
	case FundCredited:
		deadlines = append(deadlines, Deadline{Key: "expiry", At: s.Fund.ExpiresAt, Command: ExpireFunds{}})
	case FundsExpired:
		deadlines = append(deadlines, Deadline{Key: "expiry"})
	}
	of, ok := e.(RequestEvent)
	if !ok {
		return deadlines
	}
	if r := s.Requests[of.Request()]; r != nil {
		lapses, _ := r.LapsesAt()
		accrues, _ := r.AccruesAt()
		deadlines = append(deadlines,
			Deadline{Key: "accrual " + r.ID.String(), At: accrues, Command: AccrueObligation{RequestID: r.ID}},
			Deadline{Key: "lapse " + r.ID.String(), At: lapses, Command: LapseRequest{RequestID: r.ID}},
		)
	}
	return deadlines
}

// ExtendDeadline lets claims on an approved request come later.
type ExtendDeadline struct {
	RequestID uuid.UUID   `json:"request_id"`
	Until     domain.Date `json:"until"` // last day, later than now and by at most 366 days
	Reason    string      `json:"reason"`
}

func (ExtendDeadline) roles() []domain.Role { return financeRoles() }

func (c ExtendDeadline) decide(s *FundState, h domain.Header, f FundFacts) ([]FundEvent, error) {
	r, err := s.request(c.RequestID)
	if err != nil {
		return nil, err
	}
	if err := domain.FirstOf(
		domain.AdmitText("reason", c.Reason, MaxReason),
		r.stepFrom(h, RequestIsApproved),
		domain.AdmitChecker("ExtendDeadline", r.Submitted.Actor(), h.Actor, r.PartnerID, c.Reason),
	); err != nil {
		return nil, err
	}
	if c.Until.IsZero() {
		return nil, domain.Invalid("until", "want the last day")
	}
	until, from := endOf(c.Until, 0, f.Rules), r.Approval.ClaimUntil
	most := policy.AddDays(later(from, h.EffectiveAt), MaxExtension, zoneOf(f.Rules))
	if !until.After(from) || until.After(most) {
		return nil, domain.Invalid("until", "want a day whose end is after %s and not after %s", stamp(from), stamp(most))
	}
	return []FundEvent{DeadlineExtended{OfRequest: OfRequest{RequestID: r.ID}, Until: until, Reason: c.Reason}}, nil
}

// LapseRequest frees what nobody can claim any more. It takes effect at the request's LapsesAt exactly; given for another
// moment there is nothing to record.
type LapseRequest struct {
	RequestID uuid.UUID `json:"request_id"`
}

func (LapseRequest) roles() []domain.Role { return schedulerRoles() }

func (c LapseRequest) decide(s *FundState, h domain.Header, _ FundFacts) ([]FundEvent, error) {
	r, err := s.request(c.RequestID)
	if err != nil {
		return nil, err
	}
	if at, due := r.LapsesAt(); !due || !h.EffectiveAt.Equal(at) {
		return nil, nil
	}
	lapsed := RequestLapsed{FundRef: s.Fund.Ref(), OfRequest: OfRequest{RequestID: r.ID}, Freed: r.Reserved}
	return s.freeing(h, append([]FundEvent{lapsed}, r.releaseObligation(r.Obligation)...)...), nil
}

// AccrueObligation puts into the books what is reserved at the activity's end. Given for another moment, or where it stands
// there already, there is nothing to record.
type AccrueObligation struct {
	RequestID uuid.UUID `json:"request_id"`
}

func (AccrueObligation) roles() []domain.Role { return schedulerRoles() }

func (c AccrueObligation) decide(s *FundState, h domain.Header, _ FundFacts) ([]FundEvent, error) {
	r, err := s.request(c.RequestID)
	if err != nil {
		return nil, err
	}
	if at, due := r.AccruesAt(); !due || !h.EffectiveAt.Equal(at) || r.Reserved.Sign() <= 0 {
		return nil, nil
	}
	return []FundEvent{r.accrue(r.Approval.Treatment, r.Reserved)}, nil
}

func (r *Request) accrue(treatment Treatment, amount domain.Money) FundEvent {
	return ObligationAccrued{FundRef: r.FundRef, OfRequest: OfRequest{RequestID: r.ID}, Treatment: treatment, Amount: amount}
}

// releaseObligation takes a part of what is accrued out of the books again; none where nothing is.
func (r *Request) releaseObligation(amount domain.Money) []FundEvent {
	if amount.Sign() <= 0 {
		return nil
	}
	return []FundEvent{ObligationReleased{
		FundRef: r.FundRef, OfRequest: OfRequest{RequestID: r.ID}, Treatment: r.Approval.Treatment, Amount: amount,
	}}
}
