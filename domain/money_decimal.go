package domain

import (
	"errors"
	"math"
	"strconv"
	"strings"
)

// decimal is value × 10^-decimals, exactly: what money and rates have in common.
type decimal struct {
	value    int64
	decimals uint8
}

// maxDecimalLen holds a sign, 19 digits, a point and a zero before it.
const maxDecimalLen = 24

var (
	errForm     = errors.New("want a decimal string such as 1250.00: no sign but a minus, no spaces, separators or exponent")
	errRange    = errors.New("want at most 18 digits")
	errDecimals = errors.New("want at most 18 decimals")
)

// parseDecimal reads -?(0|[1-9][0-9]*)(\.[0-9]+)?, the number of RFC 8259 without its exponent: one text has one meaning
// in every locale. Errors: errForm; errDecimals above the given number of decimals; errRange above 2^63-1.
func parseDecimal(text string, decimals uint8) (decimal, error) {
	unsigned, negative := strings.CutPrefix(text, "-")
	whole, fraction, pointed := strings.Cut(unsigned, ".")
	if whole == "" || (pointed && fraction == "") || (len(whole) > 1 && whole[0] == '0') {
		return decimal{}, errForm
	}
	if !onlyDigits(whole) || !onlyDigits(fraction) {
		return decimal{}, errForm
	}
	if len(fraction) > int(decimals) {
		return decimal{}, errDecimals
	}
	value, ok := appendDigits(0, whole)
	if ok {
		value, ok = appendDigits(value, fraction)
	}
	if !ok {
		return decimal{}, errRange
	}
	if negative {
		value = -value
	}
	return decimal{value, uint8(len(fraction))}, nil
}

func onlyDigits(text string) bool {
	for _, c := range []byte(text) {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}

// appendDigits is the number that value becomes with the digits written after it; false where it does not fit.
func appendDigits(value int64, digits string) (int64, bool) {
	for _, c := range []byte(digits) {
		digit := int64(c - '0')
		if value > (math.MaxInt64-digit)/10 {
			return 0, false
		}
		value = value*10 + digit
	}
	return value, true
}

// withDecimals is the value at a finer or equal scale; false where it does not fit.
func (d decimal) withDecimals(decimals uint8) (value int64, ok bool) {
	factor := pow10(decimals - d.decimals)
	if limit := math.MaxInt64 / factor; d.value > limit || d.value < -limit {
		return 0, false
	}
	return d.value * factor, true
}

// append writes the canonical text: exactly the decimals, no sign before nought.
func (d decimal) append(b []byte) []byte {
	var digits [maxDecimalLen]byte
	magnitude := strconv.AppendUint(digits[:0], magnitude(d.value), 10)
	if d.value < 0 {
		b = append(b, '-')
	}
	whole := len(magnitude) - int(d.decimals)
	if whole <= 0 {
		b = append(b, '0')
	} else {
		b = append(b, magnitude[:whole]...)
	}
	if d.decimals == 0 {
		return b
	}
	b = append(b, '.')
	for ; whole < 0; whole++ {
		b = append(b, '0')
	}
	return append(b, magnitude[max(whole, 0):]...)
}

// magnitude is |v|; no value of the package is -2^63.
func magnitude(v int64) uint64 { return uint64(max(v, -v)) }

// pow10 is 10^n for n up to 18.
func pow10(n uint8) int64 {
	p := int64(1)
	for range n {
		p *= 10
	}
	return p
}

// notation refuses a text that is no decimal string.
func notation(what, text string, err error) error {
	return Invalid("", "%s %s: %v", what, quote(text), err)
}

// quote shows wrong input in a message, shortened. It copies, so that parsing right input allocates nothing.
func quote(text string) string {
	const most = 40
	if len(text) <= most {
		return strconv.Quote(text)
	}
	return strconv.Quote(text[:most]) + "…"
}
