package policy

import (
	"fmt"
	"slices"

	"github.com/channelledger/channelledger/domain"
)

// Bounds of a reconciliation policy.
const (
	MaxTolerances = 200
	MaxDateDays   = 366
)

// Reconciliation says how far a bank's line and what was paid may differ and still be the same money.
type Reconciliation struct {
	// DateDays: without a reference, the line is booked at most so many calendar days from the sending; 0 to 366.
	DateDays   int         `json:"date_days"`
	Tolerances []Tolerance `json:"tolerances"` // a currency without one has none: every difference is a debt of somebody
}

// Tolerance is the largest difference in one currency that is written off as a variance, inclusive.
type Tolerance struct {
	Under domain.Money `json:"under"` // the bank's line is less than what was paid; 0 or more
	Over  domain.Money `json:"over"`  // it is more; 0 or more
}

// Kind is reconciliation.
func (Reconciliation) Kind() Kind { return KindReconciliation }

// DefaultReconciliation is five days, and one unit of the common currencies either way: roundings and small charges.
func DefaultReconciliation() Reconciliation {
	r := Reconciliation{DateDays: 5}
	for _, currency := range []string{"CHF", "EUR", "GBP", "USD"} {
		one := domain.Must(domain.ParseMoney("1", currency))
		r.Tolerances = append(r.Tolerances, Tolerance{Under: one, Over: one})
	}
	return r
}

// Tolerance is that of a currency; nought where there is none.
func (r Reconciliation) Tolerance(currency string) Tolerance {
	for _, t := range r.Tolerances {
		if t.Under.Currency() == currency {
			return t
		}
	}
	none, err := domain.NewMoney(0, currency)
	if err != nil {
		return Tolerance{}
	}
	return Tolerance{Under: none, Over: none}
}

// Validate refuses negative amounts, a tolerance in two currencies, and two for one.
func (r Reconciliation) Validate() error {
	if err := inRange("date_days", r.DateDays, 0, MaxDateDays); err != nil {
		return err
	}
	if len(r.Tolerances) > MaxTolerances {
		return domain.Invalid("tolerances", "at most %d tolerances", MaxTolerances)
	}
	for i, t := range r.Tolerances {
		path := fmt.Sprintf("tolerances[%d]", i)
		switch {
		case t.Under.IsZero() || t.Under.Sign() < 0:
			return domain.Invalid(path+".under", "want an amount of 0 or more and its currency")
		case t.Over.Sign() < 0 || t.Over.Currency() != t.Under.Currency():
			return domain.Invalid(path+".over", "want an amount of 0 or more in %s", t.Under.Currency())
		case slices.ContainsFunc(r.Tolerances[:i], func(o Tolerance) bool { return o.Under.Currency() == t.Under.Currency() }):
			return domain.Invalid(path, "%s has a tolerance already", t.Under.Currency())
		}
	}
	return nil
}
