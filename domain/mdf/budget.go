package mdf

import (
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
)

// Budget is the money of a period. The aggregate and the read models fold it by Apply.
type Budget struct {
	ID          uuid.UUID    `json:"id"`
	Name        string       `json:"name"`
	Period      Period       `json:"period"`
	Status      BudgetStatus `json:"status"`
	Authority   domain.Money `json:"authority"` // all there is: opened and increased, less what was given back at the close
	Unallocated domain.Money `json:"unallocated"`
	Allocated   domain.Money `json:"allocated"`            // to funds, net of what they gave back and what was carried over
	Expired     domain.Money `json:"expired"`              // in funds, and not carried over; a part of what is allocated
	CarriedOver domain.Money `json:"carried_over"`         // in all
	ExpiresAt   time.Time    `json:"expires_at"`           // of what is allocated now; exclusive
	CarryOver   *CarryOver   `json:"carry_over,omitempty"` // the last that was asked for
	Policy      string       `json:"policy"`

	Opened domain.Step `json:"opened"`
	Closed domain.Step `json:"closed,omitzero"`

	Revision int64     `json:"revision"` // of the last event
	EventID  uuid.UUID `json:"event_id"` // of the same
}

// BudgetStatus tells whether money is still allocated.
type BudgetStatus string

// The states of a budget.
const (
	BudgetIsOpen   BudgetStatus = "open"
	BudgetIsClosed BudgetStatus = "closed"
)

// BudgetStatuses lists every state.
func BudgetStatuses() []BudgetStatus { return []BudgetStatus{BudgetIsOpen, BudgetIsClosed} }

// CarryOver is somebody's wish to use expired money again.
type CarryOver struct {
	ID        uuid.UUID    `json:"id"`
	Amount    domain.Money `json:"amount"`
	ExpiresAt time.Time    `json:"expires_at"` // when it expires again, exclusive
	Requested domain.Step  `json:"requested"`
	Approved  domain.Step  `json:"approved,omitzero"`
}

// BudgetDecider is the budget seen from outside.
func BudgetDecider() domain.Decider[*Budget, BudgetCommand, BudgetFacts, BudgetEvent] {
	return domain.Decider[*Budget, BudgetCommand, BudgetFacts, BudgetEvent]{
		Category: BudgetCategory,
		Types:    BudgetTypes(),
		Initial:  func() *Budget { return &Budget{} },
		Decide:   decideBudget,
		Evolve: func(b *Budget, e BudgetEvent, env domain.Envelope) *Budget {
			b.Apply(e, env)
			return b
		},
	}
}

// Apply folds one event into the budget. Events come in recorded order; some may be left out, where an answer is bounded.
func (b *Budget) Apply(e BudgetEvent, env domain.Envelope) {
	e.evolve(b, env)
	b.Revision, b.EventID = env.Revision, env.EventID
}

// Exists reports whether the budget was opened.
func (b *Budget) Exists() bool { return b.Opened.Taken() }

// Currency is that of the budget's amounts.
func (b *Budget) Currency() string { return b.Authority.Currency() }

func (e BudgetOpened) evolve(b *Budget, env domain.Envelope) {
	b.ID, b.Name, b.Period, b.Status = e.BudgetID, e.Name, e.Period, BudgetIsOpen
	b.ExpiresAt, b.Policy, b.Opened = e.ExpiresAt, e.Policy, domain.StepOf(env, "")
	none := nought(e.Amount.Currency())
	for _, part := range []*domain.Money{&b.Allocated, &b.Expired, &b.CarriedOver} {
		*part = domain.Must(part.Add(none))
	}
	b.grow(e.Amount)
}

func (e BudgetIncreased) evolve(b *Budget, _ domain.Envelope) { b.grow(e.Amount) }

func (b *Budget) grow(amount domain.Money) {
	b.Authority = domain.Must(b.Authority.Add(amount))
	b.Unallocated = domain.Must(b.Unallocated.Add(amount))
}

func (e Allocated) evolve(b *Budget, _ domain.Envelope) {
	shift(&b.Unallocated, &b.Allocated, e.Amount)
}

func (e AllocationReleased) evolve(b *Budget, _ domain.Envelope) {
	if e.Cause == CauseExpired {
		b.Expired = domain.Must(b.Expired.Add(e.Amount))
		return
	}
	shift(&b.Allocated, &b.Unallocated, e.Amount)
}

func (e CarryOverRequested) evolve(b *Budget, env domain.Envelope) {
	b.CarryOver = &CarryOver{
		ID: e.CarryOverID, Amount: e.Amount, ExpiresAt: e.ExpiresAt, Requested: domain.StepOf(env, e.Reason),
	}
}

func (e BudgetCarriedOver) evolve(b *Budget, env domain.Envelope) {
	b.Expired = domain.Must(b.Expired.Sub(e.Amount))
	b.CarriedOver = domain.Must(b.CarriedOver.Add(e.Amount))
	shift(&b.Allocated, &b.Unallocated, e.Amount)
	b.ExpiresAt = e.ExpiresAt
	if b.CarryOver != nil && b.CarryOver.ID == e.CarryOverID {
		b.CarryOver.Approved = domain.StepOf(env, e.Reason)
	}
}

func (e BudgetClosed) evolve(b *Budget, env domain.Envelope) {
	b.Authority = domain.Must(b.Authority.Sub(e.Amount))
	b.Unallocated = domain.Must(b.Unallocated.Sub(e.Amount))
	b.Status = BudgetIsClosed
	if !b.Closed.Taken() {
		b.Closed = domain.StepOf(env, e.Reason)
	}
}
