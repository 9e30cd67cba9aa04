package domain

import (
	"slices"
	"strings"
)

// Totals are sums in several currencies, which never mix: one amount a currency, in the order of the codes, whatever the
// order of adding. The zero Totals are empty and ready to use. A currency whose sum is back at nought stays.
type Totals []Money

// SumMoney adds up amounts currency by currency. Errors: as of Totals.Add.
func SumMoney(amounts ...Money) (Totals, error) {
	var totals Totals
	for _, m := range amounts {
		if err := totals.Add(m); err != nil {
			return nil, err
		}
	}
	return totals, nil
}

// Add adds an amount to the sum of its currency; no amount changes nothing.
// Errors: that sum gets out of range (RuleAmountOverflow); the totals are then as before.
func (t *Totals) Add(m Money) error {
	if m.IsZero() {
		return nil
	}
	at, found := t.find(m.currency)
	if !found {
		*t = slices.Insert(*t, at, m)
		return nil
	}
	sum, err := (*t)[at].Add(m)
	if err == nil {
		(*t)[at] = sum
	}
	return err
}

// In is the sum in a currency: nought where nothing of a known currency was added, no amount for an unknown code.
func (t Totals) In(currency string) Money {
	if at, found := t.find(currency); found {
		return t[at]
	}
	return Money{currency: currencies[currency].code}
}

// Clone is a copy that shares nothing with the totals.
func (t Totals) Clone() Totals { return slices.Clone(t) }

func (t Totals) find(currency string) (at int, found bool) {
	return slices.BinarySearchFunc(t, currency, func(m Money, code string) int { return strings.Compare(m.currency, code) })
}
