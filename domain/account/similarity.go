package account

import "slices"

// exactly is the score of what is equal; scores are in ten-thousandths.
const exactly = 10_000

// Winkler's parameters: names that are alike already gain a tenth of what they lack for each letter of a common beginning,
// up to four.
const (
	boostFrom = 7_000 // of the Jaro similarity, in ten-thousandths, exclusive
	maxPrefix = 4
)

// jaroWinkler is how alike two texts are, in ten-thousandths, 0 to 10000, rounded down once, at the end: what is shown
// never reaches a threshold that the exact value misses. It is computed in whole numbers: texts of some hundred letters,
// as names are, are far from overflow.
// Source: W. Winkler, String Comparator Metrics and Enhanced Decision Rules in the Fellegi-Sunter Model of Record Linkage,
// 1990; transpositions are halved and rounded down, as in his program.
func jaroWinkler(a, b []rune) int {
	if slices.Equal(a, b) {
		return exactly
	}
	if slices.Compare(a, b) > 0 {
		a, b = b, a // Jaro takes the first match that comes: which text goes first may matter, who is asked about may not
	}
	matched, outOfOrder := common(a, b)
	if matched == 0 {
		return 0
	}
	// Jaro: the mean of m/|a|, m/|b| and (m-t)/m, as num/den.
	m, t, la, lb := int64(matched), int64(outOfOrder/2), int64(len(a)), int64(len(b))
	num, den := m*m*(la+lb)+(m-t)*la*lb, 3*m*la*lb
	if num*exactly > den*boostFrom {
		p := int64(commonPrefix(a, b))
		num, den = 10*num+p*(den-num), 10*den
	}
	return int(num * exactly / den)
}

// common counts the letters that both texts have at about the same place, and how many of these stand in another order.
func common(a, b []rune) (matched, outOfOrder int) {
	reach := max(len(a), len(b))/2 - 1
	inA, inB := make([]bool, len(a)), make([]bool, len(b))
	for i, r := range a {
		for j := max(0, i-reach); j < min(len(b), i+reach+1); j++ {
			if !inB[j] && b[j] == r {
				inA[i], inB[j] = true, true
				matched++
				break
			}
		}
	}
	j := 0
	for i, r := range a {
		if !inA[i] {
			continue
		}
		for !inB[j] {
			j++
		}
		if b[j] != r {
			outOfOrder++
		}
		j++
	}
	return matched, outOfOrder
}

func commonPrefix(a, b []rune) (n int) {
	for n < min(len(a), len(b), maxPrefix) && a[n] == b[n] {
		n++
	}
	return n
}
