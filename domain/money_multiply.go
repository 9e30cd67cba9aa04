package domain

import "math/big"

// Mul is the amount times every rate, exactly, rounded once at the end: half to even (IEEE 754 roundTiesToEven) to the
// minor unit, as every rounding here. Errors: the product is out of range (RuleAmountOverflow).
func (m Money) Mul(rates ...Rate) (Money, error) { return m.scale(m.currency, 0, rates...) }

// Percent is so many per cent of the amount: Percent of 50 is the half. Errors: as of Mul.
func (m Money) Percent(percentage Rate) (Money, error) { return m.scale(m.currency, -2, percentage) }

// Convert is the amount in the target currency; the rate is how many units of the target (euros, not cents) one unit of
// the source buys. No amount stays no amount.
// Errors: the target is unknown; the rate is not above 0, or not 1 within one currency; the result is out of range.
func (m Money) Convert(rate Rate, target string) (Money, error) {
	to, err := lookUpCurrency(target)
	switch {
	case err != nil:
		return Money{}, err
	case rate.Sign() <= 0:
		return Money{}, Invalid("", "exchange rate %s: want a rate above 0", rate)
	case m.IsZero():
		return Money{}, nil
	case to.code == m.currency && rate != one:
		return Money{}, Invalid("", "exchange rate %s from %s to %s: want 1", rate, m.currency, target)
	}
	return m.scale(to.code, int(to.decimals)-int(currencies[m.currency].decimals), rate)
}

var one = Rate{decimal{value: 1}}

// scale is minor × rates × 10^exponent, as an amount of the currency.
func (m Money) scale(currency string, exponent int, rates ...Rate) (Money, error) {
	product := big.NewInt(m.minor)
	for _, r := range rates {
		product.Mul(product, big.NewInt(r.value))
		exponent -= int(r.decimals)
	}
	product = shift(product, exponent)
	if product.CmpAbs(maxMinor) > 0 {
		return Money{}, overflow(currency)
	}
	return Money{product.Int64(), currency}, nil
}

var maxMinor = big.NewInt(1<<63 - 1)

// shift is v × 10^exponent, half to even.
func shift(v *big.Int, exponent int) *big.Int {
	power := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(max(exponent, -exponent))), nil)
	if exponent >= 0 {
		return v.Mul(v, power)
	}
	return roundHalfEven(v, power)
}

// roundHalfEven is the quotient by a positive divisor, rounded to the nearest, and to the even one of two equally near.
func roundHalfEven(v, divisor *big.Int) *big.Int {
	quotient, rest := new(big.Int).QuoRem(v, divisor, new(big.Int))
	twice := new(big.Int).Lsh(rest, 1)
	if nearer := twice.CmpAbs(divisor); nearer < 0 || (nearer == 0 && quotient.Bit(0) == 0) {
		return quotient
	}
	return quotient.Add(quotient, big.NewInt(int64(v.Sign())))
}
