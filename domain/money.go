package domain

import (
	"cmp"
	"errors"
	"math"
)

// Rules that arithmetic on money can break, as found in Rejection.Rule.
const (
	RuleAmountOverflow   = "amount_overflow"
	RuleCurrencyMismatch = "currency_mismatch"
)

// Money is an exact amount in one currency, kept as a whole number of the currency's minor units (ISO 4217: cents for
// EUR, the yen itself for JPY, fils for KWD) from -(2^63-1) to 2^63-1. The range is symmetric so that negating never fails.
//
// The zero Money has no currency: no amount is given. It counts as nought of any currency, so a sum may start from it.
// Zero euros are an amount: Sign is 0, but IsZero is false.
//
// Money is comparable: == holds for equal amounts of the same currency. Every error of its functions is a *Rejection of
// kind invalid, without a field: the caller knows the path.
type Money struct {
	minor    int64
	currency string // a key of currencies, or empty
}

// NewMoney is an amount of minor units, -(2^63-1) to 2^63-1, of an ISO 4217 currency such as EUR.
// Errors: the currency is unknown; the amount is out of range.
func NewMoney(minor int64, currency string) (Money, error) {
	known, err := lookUpCurrency(currency)
	if err != nil {
		return Money{}, err
	}
	if minor == math.MinInt64 {
		return Money{}, overflow(currency)
	}
	return Money{minor, known.code}, nil
}

// ParseMoney reads a decimal string such as -1250.00, with at most as many decimals as the currency has (ISO 4217).
// Errors: the currency is unknown; the amount has another form, surplus decimals, or is out of range.
func ParseMoney(amount, currency string) (Money, error) {
	known, err := lookUpCurrency(currency)
	if err != nil {
		return Money{}, err
	}
	d, err := parseDecimal(amount, known.decimals)
	switch {
	case errors.Is(err, errDecimals):
		return Money{}, Invalid("", "amount %s: %s has at most %d decimals", quote(amount), known.code, known.decimals)
	case errors.Is(err, errRange):
		return Money{}, overflow(known.code)
	case err != nil:
		return Money{}, notation("amount", amount, err)
	}
	minor, ok := d.withDecimals(known.decimals)
	if !ok {
		return Money{}, overflow(known.code)
	}
	return Money{minor, known.code}, nil
}

// Must returns the value, or panics on an error. It is for what cannot fail any more: a fold of what Decide has
// already added up, a constant in a test.
func Must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

// Minor is the amount in minor units of the currency.
func (m Money) Minor() int64 { return m.minor }

// Currency is the ISO 4217 code, or empty where no amount is given.
func (m Money) Currency() string { return m.currency }

// IsZero reports whether no amount is given, as with any Go zero value: JSON's omitzero must not drop zero euros, which
// would come back without their currency. Use Sign to ask for an amount of nought.
func (m Money) IsZero() bool { return m.currency == "" }

// Sign is -1, 0 or 1, as the amount is below, at or above nought.
func (m Money) Sign() int { return cmp.Compare(m.minor, 0) }

// Equal reports the same amount of the same currency; it is ==, for libraries that look for the method.
func (m Money) Equal(other Money) bool { return m == other }

// Neg is the amount with the other sign.
func (m Money) Neg() Money { return Money{-m.minor, m.currency} }

// Abs is the amount without its sign.
func (m Money) Abs() Money {
	if m.minor < 0 {
		return m.Neg()
	}
	return m
}

// Add is the sum of two amounts of one currency.
// Errors: two currencies (RuleCurrencyMismatch); the sum is out of range (RuleAmountOverflow).
func (m Money) Add(other Money) (Money, error) {
	currency, err := m.common(other)
	if err != nil {
		return Money{}, err
	}
	sum := m.minor + other.minor
	if wrapped := (sum > m.minor) != (other.minor > 0) && other.minor != 0; wrapped || sum == math.MinInt64 {
		return Money{}, overflow(currency)
	}
	return Money{sum, currency}, nil
}

// Sub is the difference of two amounts of one currency. Errors: as of Add.
func (m Money) Sub(other Money) (Money, error) { return m.Add(other.Neg()) }

// Compare is -1, 0 or 1, as the amount is below, equal to or above the other.
// Errors: two currencies (RuleCurrencyMismatch).
func (m Money) Compare(other Money) (int, error) {
	if _, err := m.common(other); err != nil {
		return 0, err
	}
	return cmp.Compare(m.minor, other.minor), nil
}

// Decimal is the amount as a decimal string with exactly the currency's decimals, as in 1250.00.
func (m Money) Decimal() string { return string(m.appendDecimal(make([]byte, 0, maxDecimalLen))) }

// String is the amount and its currency for people, as in "1250.00 EUR".
func (m Money) String() string {
	if m.IsZero() {
		return "no amount"
	}
	return m.Decimal() + " " + m.currency
}

func (m Money) appendDecimal(b []byte) []byte {
	return decimal{m.minor, currencies[m.currency].decimals}.append(b)
}

// common is the one currency of both amounts.
func (m Money) common(other Money) (string, error) {
	switch {
	case m.currency == other.currency || other.IsZero():
		return m.currency, nil
	case m.IsZero():
		return other.currency, nil
	default:
		return "", &Rejection{
			Kind: KindInvalid, Rule: RuleCurrencyMismatch,
			Detail: m.String() + " and " + other.String() + " differ in currency: convert one of them first",
		}
	}
}

func overflow(currency string) error {
	most := Money{math.MaxInt64, currency}
	return &Rejection{
		Kind: KindInvalid, Rule: RuleAmountOverflow,
		Detail: "amount out of range: want at most " + most.String() + " either way",
	}
}

func lookUpCurrency(code string) (currency, error) {
	if known, ok := currencies[code]; ok {
		return known, nil
	}
	return currency{}, Invalid("", "currency %s: want an ISO 4217 code in capitals, such as EUR", quote(code))
}
