package numbers

import (
	"cmp"
	"math/big"
	"slices"
	"time"

	"github.com/channelledger/channelledger/domain"
)

// The decimals of what is written.
const (
	exactDecimals   = 18 // a number that ends within them is written whole
	roundedDecimals = 6  // any other is rounded to these
)

// Whole is a whole number.
func Whole(n int64) *big.Rat { return new(big.Rat).SetInt64(n) }

// Decimal writes a number.
func Decimal(r *big.Rat) string {
	if n, ends := r.FloatPrec(); ends && n <= exactDecimals {
		return r.FloatString(n)
	}
	return r.FloatString(roundedDecimals) // never half-way between two: such a number would end
}

// Ratio is a ÷ b; empty where b is nought.
func Ratio(a, b *big.Rat) string {
	if b.Sign() == 0 {
		return ""
	}
	return Decimal(new(big.Rat).Quo(a, b))
}

// Rank is the value at a percentile, 1 to 100, by nearest rank: the smallest one that at least so many percent of the values
// don't exceed. It is always one of the values; false where there are none.
func Rank[T cmp.Ordered](values []T, percent int) (value T, ok bool) {
	if len(values) == 0 {
		return value, false
	}
	sorted := slices.Sorted(slices.Values(values))
	return sorted[(percent*len(sorted)+99)/100-1], true
}

// RankText is Rank, written; empty where there are no values.
func RankText(values []int64, percent int) string {
	value, ok := Rank(values, percent)
	if !ok {
		return ""
	}
	return Decimal(Whole(value))
}

// DaysBetween are calendar days in the zone, 0 where b comes first.
func DaysBetween(a, b time.Time, zone *time.Location) int64 {
	from, to := domain.DateOf(a, zone).In(time.UTC), domain.DateOf(b, zone).In(time.UTC)
	return max(0, int64(to.Sub(from)/(24*time.Hour)))
}
