package domain

import (
	"math/big"
	"strings"
)

// Exact is an amount of one currency before its rounding, such as a sum of percentages of several amounts: what is to be
// rounded once, at the end, is added up here. The zero Exact is nought, of no currency yet. It is never changed in place.
type Exact struct {
	value    *big.Int // × 10^-decimals, in units of the currency; nil is 0
	decimals int
	currency string
}

// PercentExact is so many per cent of the amount, unrounded.
func (m Money) PercentExact(percentage Rate) Exact {
	product := new(big.Int).Mul(big.NewInt(m.minor), big.NewInt(percentage.value))
	return Exact{product, int(currencies[m.currency].decimals) + int(percentage.decimals) + 2, m.currency}
}

// Add is the exact sum. Errors: two currencies (RuleCurrencyMismatch).
func (e Exact) Add(other Exact) (Exact, error) {
	currency, err := Money{currency: e.currency}.common(Money{currency: other.currency})
	if err != nil {
		return Exact{}, err
	}
	decimals := max(e.decimals, other.decimals)
	return Exact{new(big.Int).Add(e.scaled(decimals), other.scaled(decimals)), decimals, currency}, nil
}

// Round is the amount in minor units, half to even. Errors: it is out of range (RuleAmountOverflow).
func (e Exact) Round() (Money, error) {
	if e.value == nil {
		return Money{currency: e.currency}, nil
	}
	minor := shift(e.scaled(e.decimals), int(currencies[e.currency].decimals)-e.decimals)
	if minor.CmpAbs(maxMinor) > 0 {
		return Money{}, overflow(e.currency)
	}
	return Money{minor.Int64(), e.currency}, nil
}

// String is the decimal string with at least the currency's decimals and no more zeros at its end, as in 560.00 or 560.005.
func (e Exact) String() string {
	text := e.scaled(e.decimals).String()
	unsigned, negative := strings.CutPrefix(text, "-")
	if missing := e.decimals + 1 - len(unsigned); missing > 0 {
		unsigned = strings.Repeat("0", missing) + unsigned
	}
	whole, fraction := unsigned[:len(unsigned)-e.decimals], unsigned[len(unsigned)-e.decimals:]
	least := int(currencies[e.currency].decimals)
	for len(fraction) > least && fraction[len(fraction)-1] == '0' {
		fraction = fraction[:len(fraction)-1]
	}
	fraction += strings.Repeat("0", max(0, least-len(fraction)))
	if fraction != "" {
		whole += "." + fraction
	}
	if negative {
		return "-" + whole
	}
	return whole
}

// scaled is value × 10^decimals as a number of its own; decimals are not fewer than the amount's.
func (e Exact) scaled(decimals int) *big.Int {
	if e.value == nil {
		return new(big.Int)
	}
	return shift(new(big.Int).Set(e.value), decimals-e.decimals)
}
