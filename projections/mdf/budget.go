package mdf

import (
	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/mdf"
)

// BudgetWithMoney is a budget and where its money stands, over all its funds.
type BudgetWithMoney struct {
	mdf.Budget
	Money BudgetMoney `json:"money"`
}

// BudgetMoney is where a budget's authority stands: authority = unallocated + in_transit + available + reserved + spent + expired,
// at every position. An answer bounded by effective_at leaves events out, and may show a part of it below zero.
type BudgetMoney struct {
	Unallocated domain.Money `json:"unallocated"`
	InTransit   domain.Money `json:"in_transit"` // between the budget and a fund
	Available   domain.Money `json:"available"`
	Reserved    domain.Money `json:"reserved"`
	Spent       domain.Money `json:"spent"`
	Expired     domain.Money `json:"expired"` // and not carried over
}

func (b *BudgetWithMoney) apply(e mdf.BudgetEvent, env domain.Envelope) {
	before := b.CarriedOver
	b.Apply(e, env)
	b.Money.Unallocated = b.Unallocated
	if e, ok := e.(mdf.BudgetOpened); ok {
		b.openIn(e.Amount.Currency())
	}
	b.Money.Expired = less(b.Money.Expired, less(b.CarriedOver, before))
	switch e := e.(type) {
	case mdf.Allocated:
		b.Money.InTransit = more(b.Money.InTransit, e.Amount)
	case mdf.AllocationReleased:
		if e.Cause == mdf.CauseReleased {
			b.Money.InTransit = less(b.Money.InTransit, e.Amount)
		}
	}
}

// openIn makes every part an amount of the budget's currency.
func (b *BudgetWithMoney) openIn(currency string) {
	nought := domain.Must(domain.NewMoney(0, currency))
	m := &b.Money
	for _, part := range []*domain.Money{&m.InTransit, &m.Available, &m.Reserved, &m.Spent, &m.Expired} {
		*part = more(*part, nought)
	}
}

// move follows what an event did in one of the funds. What a fund is credited leaves transit, what it gives back enters it.
func (b *BudgetWithMoney) move(before, after mdf.Balance) {
	m := &b.Money
	m.InTransit = less(m.InTransit, less(after.Credited, before.Credited))
	m.InTransit = more(m.InTransit, less(after.Released, before.Released))
	m.Available = more(m.Available, less(after.Available, before.Available))
	m.Reserved = more(m.Reserved, less(after.Reserved, before.Reserved))
	m.Spent = more(m.Spent, less(after.Spent, before.Spent))
	m.Expired = more(m.Expired, less(after.Expired, before.Expired))
}

// A budget's amounts always add up: opening and increasing bound them.
func more(a, b domain.Money) domain.Money { return domain.Must(a.Add(b)) }
func less(a, b domain.Money) domain.Money { return domain.Must(a.Sub(b)) }
