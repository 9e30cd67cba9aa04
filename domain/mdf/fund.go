package mdf

import (
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
)

// Fund is what one partner has of one budget. It is the one definition of how a fund changes: the aggregate and the read
// models fold it by Apply.
type Fund struct {
	ID        uuid.UUID `json:"id"`
	BudgetID  uuid.UUID `json:"budget_id"`
	PartnerID uuid.UUID `json:"partner_id"`
	Balance
	ExpiresAt time.Time `json:"expires_at"` // exclusive
	Revision  int64     `json:"revision"`   // of the last event
	EventID   uuid.UUID `json:"event_id"`   // of the same
}

// Apply folds one event into the fund. Events come in recorded order; some may be left out, where an answer is bounded.
func (f *Fund) Apply(e FundEvent, env domain.Envelope) {
	e.move(&f.Balance)
	if e, ok := e.(FundCredited); ok {
		f.ID, f.BudgetID, f.PartnerID = e.FundID, e.BudgetID, e.PartnerID
		f.ExpiresAt = later(f.ExpiresAt, e.ExpiresAt)
	}
	f.Revision, f.EventID = env.Revision, env.EventID
}

// Currency is that of the fund's amounts.
func (f *Fund) Currency() string { return f.Credited.Currency() }

// Ref is whose fund it is, as events that move money say it.
func (f *Fund) Ref() FundRef {
	return FundRef{FundID: f.ID, BudgetID: f.BudgetID, PartnerID: f.PartnerID}
}

// ExpiredAt reports whether what is free has expired at a moment, whether or not that is recorded yet.
func (f *Fund) ExpiredAt(at time.Time) bool { return !at.Before(f.ExpiresAt) }

// FundState is a fund as its decisions need it: its money, each request and claim, and what finds duplicates and sums
// without going through the whole history.
type FundState struct {
	Fund     Fund
	Requests map[uuid.UUID]*Request
	Claims   map[uuid.UUID]*Claim

	byInvoice  map[string][]uuid.UUID     // claims by supplier and invoice number
	byAmount   map[string][]uuid.UUID     // claims by invoice date and gross
	attributed map[uuid.UUID]domain.Money // by deal
}

func newFundState() *FundState {
	return &FundState{
		Requests: map[uuid.UUID]*Request{}, Claims: map[uuid.UUID]*Claim{},
		byInvoice: map[string][]uuid.UUID{}, byAmount: map[string][]uuid.UUID{}, attributed: map[uuid.UUID]domain.Money{},
	}
}

// FundDecider is the fund seen from outside.
func FundDecider() domain.Decider[*FundState, FundCommand, FundFacts, FundEvent] {
	return domain.Decider[*FundState, FundCommand, FundFacts, FundEvent]{
		Category: FundCategory,
		Types:    FundTypes(),
		Initial:  newFundState,
		Decide:   decideFund,
		Evolve: func(s *FundState, e FundEvent, env domain.Envelope) *FundState {
			s.apply(e, env)
			return s
		},
	}
}

func (s *FundState) apply(e FundEvent, env domain.Envelope) {
	s.Fund.Apply(e, env)
	if e, ok := e.(RequestEvent); ok {
		s.applyRequest(e, env)
	}
	if e, ok := e.(ClaimEvent); ok {
		s.applyClaim(e, env)
	}
	if e, ok := e.(PipelineAttributed); ok {
		s.attributed[e.DealID] = domain.Must(s.attributed[e.DealID].Add(e.Amount))
	}
}

func (s *FundState) applyRequest(e RequestEvent, env domain.Envelope) {
	r := s.Requests[e.Request()]
	if r == nil {
		r = &Request{}
	}
	r.Apply(e, env)
	if r.ID != uuid.Nil { // else its submission took effect later than what this fold is bounded by
		s.Requests[r.ID] = r
	}
}

// applyClaim takes the claim out of the indexes, changes it, and puts it where it now belongs.
func (s *FundState) applyClaim(e ClaimEvent, env domain.Envelope) {
	c := s.Claims[e.Claim()]
	if c == nil {
		c = &Claim{}
	}
	s.unindex(c)
	c.Apply(e, env)
	if c.ID != uuid.Nil {
		s.Claims[c.ID] = c
		s.index(c)
	}
}

// request finds a request of the fund.
func (s *FundState) request(id uuid.UUID) (*Request, error) {
	if r, ok := s.Requests[id]; ok {
		return r, nil
	}
	return nil, domain.NotFound("request_unknown", "request_id", "the fund has no request %s", id)
}

// claim finds a claim of the fund, and its request.
func (s *FundState) claim(id uuid.UUID) (*Claim, *Request, error) {
	c, ok := s.Claims[id]
	if !ok {
		return nil, nil, domain.NotFound("claim_unknown", "claim_id", "the fund has no claim %s", id)
	}
	r, err := s.request(c.RequestID)
	return c, r, err
}

// mustHave refuses to take more than what is available, and says how much that is.
func (s *FundState) mustHave(field string, amount domain.Money) error {
	if amount.Minor() > s.Fund.Available.Minor() {
		return domain.Refuse("fund_short", field, "%s of the fund are available: %s is more", s.Fund.Available, amount)
	}
	return nil
}

// notExpired refuses what needs money that may still be reserved.
func (s *FundState) notExpired(h domain.Header) error {
	if s.Fund.ExpiredAt(h.EffectiveAt) {
		return domain.Refuse("fund_expired", "", "the fund expired %s: nothing new can be drawn on it", stamp(s.Fund.ExpiresAt))
	}
	return nil
}

// freeing adds to events what follows from money that they free: once the fund has expired it expires in the same append.
func (s *FundState) freeing(h domain.Header, events ...FundEvent) []FundEvent {
	if !s.Fund.ExpiredAt(later(h.Now, h.EffectiveAt)) {
		return events
	}
	after := s.Fund.Balance
	for _, e := range events {
		e.move(&after)
	}
	if after.Available.Sign() <= 0 {
		return events
	}
	return append(events, FundsExpired{FundRef: s.Fund.Ref(), Amount: after.Available})
}

func later(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }
