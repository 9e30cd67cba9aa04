package domain

import (
	"cmp"
	"math"
	"math/bits"
	"slices"
)

// Split parts the amount in proportion to the weights, so that the parts add up to it and each is less than a minor unit
// away from its exact share: the largest remainders get the units left over (Hamilton's method), equal remainders in the
// given order. A negative amount splits as the positive one does, so that a reversal mirrors what it reverses.
// Errors: no weight, a negative one, or a sum of the weights that is 0 or above 2^63-1.
func (m Money) Split(weights []int64) ([]Money, error) {
	total, err := totalWeight(weights)
	if err != nil {
		return nil, err
	}
	parts, remainders := make([]Money, len(weights)), make([]uint64, len(weights))
	left := magnitude(m.minor)
	for i, w := range weights {
		high, low := bits.Mul64(magnitude(m.minor), uint64(w))
		share, rest := bits.Div64(high, low, total) // cannot overflow: w ≤ total
		parts[i], remainders[i] = Money{int64(share), m.currency}, rest
		left -= share
	}
	for _, i := range byRemainder(remainders)[:left] {
		parts[i].minor++
	}
	if m.minor < 0 {
		for i := range parts {
			parts[i] = parts[i].Neg()
		}
	}
	return parts, nil
}

// Allocate splits by shares that are exact decimals, such as percentages; they need not add up to 100.
// Errors: as of Split; the shares have more than 18 digits at their common number of decimals.
func (m Money) Allocate(shares []Rate) ([]Money, error) {
	weights := make([]int64, len(shares))
	var decimals uint8
	for _, s := range shares {
		decimals = max(decimals, s.decimals)
	}
	for i, s := range shares {
		weight, ok := s.withDecimals(decimals)
		if !ok {
			return nil, Invalid("", "share %s: too many digits beside shares with %d decimals", s, decimals)
		}
		weights[i] = weight
	}
	return m.Split(weights)
}

func totalWeight(weights []int64) (uint64, error) {
	var total uint64
	for _, w := range weights {
		if w < 0 {
			return 0, Invalid("", "weight %d: want weights of 0 and above", w)
		}
		if total += uint64(w); total > math.MaxInt64 {
			return 0, Invalid("", "the weights add up to more than %d", math.MaxInt64)
		}
	}
	if total == 0 {
		return 0, Invalid("", "nothing to split by: want at least one weight above 0")
	}
	return total, nil
}

// byRemainder is the order in which the parts get the units left over. There are fewer such units than remainders above
// 0, so a part of weight 0 gets none.
func byRemainder(remainders []uint64) []int {
	order := make([]int, len(remainders))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(remainders[b], remainders[a]) })
	return order
}
