package domain

import (
	"math"
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestSplit(t *testing.T) {
	for name, c := range map[string]struct {
		amount  string
		weights []int64
		want    []string
	}{
		"exact":                             {"100", []int64{1, 1}, []string{"50", "50"}},
		"equal remainders: the first":       {"100", []int64{1, 1, 1}, []string{"33.34", "33.33", "33.33"}},
		"two units left over":               {"0.05", []int64{1, 1, 1}, []string{"0.02", "0.02", "0.01"}},
		"the largest remainder, not weight": {"0.10", []int64{47, 16, 15, 12, 6, 4}, []string{"0.05", "0.02", "0.01", "0.01", "0.01", "0"}},
		"weight 0 gets nothing":             {"0.05", []int64{0, 1, 1}, []string{"0", "0.03", "0.02"}},
		"a reversal mirrors":                {"-100", []int64{1, 1, 1}, []string{"-33.34", "-33.33", "-33.33"}},
		"one part":                          {"0.07", []int64{9}, []string{"0.07"}},
		"nothing to split":                  {"0", []int64{1, 2}, []string{"0", "0"}},
		"fewer units than parts":            {"0.01", []int64{1, 1, 1}, []string{"0.01", "0", "0"}},
		"the largest amount and weights":    {"92233720368547758.07", []int64{math.MaxInt64 - 1, 1}, []string{"92233720368547758.06", "0.01"}},
	} {
		t.Run(name, func(t *testing.T) {
			want := make([]Money, len(c.want))
			for i, amount := range c.want {
				want[i] = eur(amount)
			}
			require.Equal(t, want, Must(eur(c.amount).Split(c.weights)))
		})
	}
}

func TestSplitRefusesItsWeights(t *testing.T) {
	for name, c := range map[string]struct {
		weights []int64
		want    string
	}{
		"none":          {nil, "at least one weight above 0"},
		"all 0":         {[]int64{0, 0}, "at least one weight above 0"},
		"negative":      {[]int64{2, -1}, "weight -1: want weights of 0 and above"},
		"sum too large": {[]int64{math.MaxInt64, 1}, "add up to more than"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := eur("1").Split(c.weights)
			require.ErrorContains(t, err, c.want)
		})
	}
}

func TestAllocate(t *testing.T) {
	shares := []Rate{rate("33.3"), rate("33.3"), rate("33.4")}
	require.Equal(t, []Money{eur("33.3"), eur("33.3"), eur("33.4")}, Must(eur("100").Allocate(shares)))
	require.Equal(t, []Money{eur("0.50"), eur("0.50")}, Must(eur("1").Allocate([]Rate{rate("0.125"), rate("0.125")})))
	_, err := eur("1").Allocate([]Rate{rate("100"), rate("0.000000000000000001")})
	require.ErrorContains(t, err, "too many digits")
	_, err = eur("1").Allocate(nil)
	require.ErrorContains(t, err, "at least one weight")
}

func TestSplitAddsUpAndIsFair(t *testing.T) {
	weight := rapid.OneOf(rapid.Int64Range(0, 5), rapid.Int64Range(0, 1<<56))
	rapid.Check(t, func(t *rapid.T) {
		m := anyMoney("EUR", "JPY").Draw(t, "m")
		weights := rapid.SliceOfN(weight, 1, 12).Filter(addUp).Draw(t, "weights")
		parts := Must(m.Split(weights))
		var sum Money
		for i, part := range parts {
			sum = Must(sum.Add(part))
			requireWithinOneUnit(t, m, part, weights, i)
			requireStable(t, parts, weights, i)
		}
		require.Equal(t, m, sum, "the parts add up to the whole")
	})
}

func addUp(weights []int64) bool {
	for _, w := range weights {
		if w > 0 {
			return true
		}
	}
	return false
}

// requireWithinOneUnit: |part − m × weight ÷ total| < 1, as |part × total − m × weight| < total.
func requireWithinOneUnit(t *rapid.T, m, part Money, weights []int64, i int) {
	t.Helper()
	var sum int64
	for _, w := range weights {
		sum += w
	}
	total := big.NewInt(sum)
	got := new(big.Int).Mul(big.NewInt(part.Minor()), total)
	exact := new(big.Int).Mul(big.NewInt(m.Minor()), big.NewInt(weights[i]))
	require.Negative(t, got.Sub(got, exact).CmpAbs(total))
}

// requireStable: of equal weights the earlier never gets less.
func requireStable(t *rapid.T, parts []Money, weights []int64, i int) {
	t.Helper()
	for j := range i {
		if weights[j] == weights[i] {
			require.GreaterOrEqual(t, parts[j].Abs().Minor(), parts[i].Abs().Minor())
		}
	}
}
