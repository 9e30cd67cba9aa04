package domain

import "math/big"

// Rate is an exact decimal: a percentage, a share, an exchange rate. It has at most 18 significant digits and at most 18
// decimals, so it lies between -(10^18-1) and 10^18-1. Trailing zeros are dropped, so == is numeric equality: 1.10 is 1.1.
// The zero Rate is 0.
type Rate struct{ decimal }

const (
	maxRate         = 1e18 - 1
	maxRateDecimals = 18
)

// ParseRate reads a decimal string such as 1.0837: no exponent, no plus sign, no leading zeros.
// Errors: a *Rejection of kind invalid, without a field, for another form or too many digits.
func ParseRate(text string) (Rate, error) {
	d, err := parseDecimal(text, maxRateDecimals)
	r := canonical(d)
	if err == nil && magnitude(r.value) > maxRate {
		err = errRange
	}
	if err != nil {
		return Rate{}, notation("rate", text, err)
	}
	return r, nil
}

func canonical(d decimal) Rate {
	for d.decimals > 0 && d.value%10 == 0 {
		d.value, d.decimals = d.value/10, d.decimals-1
	}
	return Rate{d}
}

// IsZero reports whether the rate is 0, which JSON's omitzero may drop: it reads back as 0.
func (r Rate) IsZero() bool { return r.value == 0 }

// Sign is -1, 0 or 1, as the rate is below, at or above 0.
func (r Rate) Sign() int { return Money{minor: r.value}.Sign() }

// Equal reports the same rate; it is ==, for libraries that look for the method.
func (r Rate) Equal(other Rate) bool { return r == other }

// Compare is -1, 0 or 1, as the rate is below, equal to or above the other.
func (r Rate) Compare(other Rate) int {
	decimals := max(r.decimals, other.decimals)
	return r.scaled(decimals).Cmp(other.scaled(decimals))
}

// Add is the exact sum. Errors: it has more than 18 digits (RuleAmountOverflow).
func (r Rate) Add(other Rate) (Rate, error) {
	decimals := max(r.decimals, other.decimals)
	sum := r.scaled(decimals)
	sum.Add(sum, other.scaled(decimals))
	if sum.CmpAbs(big.NewInt(maxRate)) > 0 {
		return Rate{}, &Rejection{
			Kind: KindInvalid, Rule: RuleAmountOverflow,
			Detail: "rate out of range: the sum of " + r.String() + " and " + other.String() + " has more than 18 digits",
		}
	}
	return canonical(decimal{sum.Int64(), decimals}), nil
}

// String is the canonical decimal string, as in 1.0837.
func (r Rate) String() string { return string(r.append(make([]byte, 0, maxDecimalLen))) }

// MarshalJSON writes the decimal string.
func (r Rate) MarshalJSON() ([]byte, error) {
	b := append(make([]byte, 0, maxDecimalLen+2), '"')
	return append(r.append(b), '"'), nil
}

// UnmarshalJSON reads a decimal string, and refuses a number: most readers of JSON make a binary float of it.
func (r *Rate) UnmarshalJSON(data []byte) error {
	s := jsonScanner{data}
	text, ok := s.text()
	if !ok || !s.atEnd() {
		return Invalid("", "rate %s: want a decimal string such as \"1.0837\", in quotes", quote(string(data)))
	}
	rate, err := ParseRate(string(text))
	if err == nil {
		*r = rate
	}
	return err
}

// scaled is the rate × 10^decimals, exactly; decimals are not fewer than the rate's own.
func (r Rate) scaled(decimals uint8) *big.Int {
	value := big.NewInt(r.value)
	return value.Mul(value, big.NewInt(pow10(decimals-r.decimals)))
}
