package domain

import (
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func eur(amount string) Money { return Must(ParseMoney(amount, "EUR")) }

// anyMoney draws amounts of every size, the ends of the range included.
func anyMoney(currencies ...string) *rapid.Generator[Money] {
	return rapid.Custom(func(t *rapid.T) Money {
		minor := rapid.OneOf(
			rapid.Int64Range(-math.MaxInt64, math.MaxInt64),
			rapid.Int64Range(-1000, 1000),
			rapid.SampledFrom([]int64{-math.MaxInt64, -math.MaxInt64 + 1, math.MaxInt64 - 1, math.MaxInt64}),
		).Draw(t, "minor")
		return Must(NewMoney(minor, rapid.SampledFrom(currencies).Draw(t, "currency")))
	})
}

func TestParseMoney(t *testing.T) {
	for _, c := range []struct {
		amount, currency string
		minor            int64
		canonical        string
	}{
		{"1250.00", "EUR", 125000, "1250.00"},
		{"1250", "EUR", 125000, "1250.00"},
		{"1250.5", "EUR", 125050, "1250.50"},
		{"0.07", "EUR", 7, "0.07"},
		{"-0.07", "EUR", -7, "-0.07"},
		{"-12.30", "EUR", -1230, "-12.30"},
		{"0", "EUR", 0, "0.00"},
		{"-0.00", "EUR", 0, "0.00"},
		{"1250", "JPY", 1250, "1250"},
		{"0", "JPY", 0, "0"},
		{"1.250", "KWD", 1250, "1.250"},
		{"0.0001", "CLF", 1, "0.0001"},
		{"92233720368547758.07", "EUR", math.MaxInt64, "92233720368547758.07"},
		{"-92233720368547758.07", "EUR", -math.MaxInt64, "-92233720368547758.07"},
		{"9223372036854775807", "JPY", math.MaxInt64, "9223372036854775807"},
	} {
		t.Run(c.amount+" "+c.currency, func(t *testing.T) {
			m, err := ParseMoney(c.amount, c.currency)
			require.NoError(t, err)
			require.Equal(t, Must(NewMoney(c.minor, c.currency)), m)
			require.Equal(t, c.canonical, m.Decimal())
			require.Equal(t, c.canonical+" "+c.currency, m.String())
			require.Equal(t, c.minor, m.Minor())
			require.Equal(t, c.currency, m.Currency())
		})
	}
}

func TestParseMoneySaysWhatWouldBeRight(t *testing.T) {
	const form = "want a decimal string such as 1250.00"
	for _, c := range []struct{ amount, currency, want string }{
		{"", "EUR", form},
		{"-", "EUR", form},
		{".", "EUR", form},
		{".5", "EUR", form},
		{"5.", "EUR", form},
		{"+5", "EUR", form},
		{"--5", "EUR", form},
		{" 5", "EUR", form},
		{"5 ", "EUR", form},
		{"05", "EUR", form},
		{"1e3", "EUR", form},
		{"1E3", "EUR", form},
		{"0x10", "EUR", form},
		{"1_000", "EUR", form},
		{"1,250.00", "EUR", form},
		{"1250,00", "EUR", form},
		{"1.2.3", "EUR", form},
		{"1.-2", "EUR", form},
		{"NaN", "EUR", form},
		{"Inf", "EUR", form},
		{"١٢", "EUR", form},
		{"1.000", "EUR", "EUR has at most 2 decimals"},
		{"1.00000000000000000000", "EUR", "EUR has at most 2 decimals"},
		{"1.0", "JPY", "JPY has at most 0 decimals"},
		{"1.0000", "KWD", "KWD has at most 3 decimals"},
		{"92233720368547758.08", "EUR", "want at most 92233720368547758.07 EUR"},
		{"-92233720368547758.08", "EUR", "want at most 92233720368547758.07 EUR"},
		{"92233720368547759", "EUR", "want at most 92233720368547758.07 EUR"},
		{"9223372036854775808", "JPY", "want at most 9223372036854775807 JPY"},
		{strings.Repeat("9", 400), "EUR", "want at most 92233720368547758.07 EUR"},
		{"1", "", "want an ISO 4217 code in capitals"},
		{"1", "eur", "want an ISO 4217 code in capitals"},
		{"1", "EURO", "want an ISO 4217 code in capitals"},
		{"1", "XXX", "want an ISO 4217 code in capitals"},
		{strings.Repeat("x", 4000), "EUR", form},
	} {
		t.Run(c.amount+" "+c.currency, func(t *testing.T) {
			m, err := ParseMoney(c.amount, c.currency)
			require.ErrorContains(t, err, c.want)
			require.Equal(t, KindInvalid, AsRejection(err).Kind)
			require.Less(t, len(err.Error()), 250, "a message quotes the input shortened")
			require.Equal(t, Money{}, m)
		})
	}
}

func TestNewMoney(t *testing.T) {
	_, err := NewMoney(1, "ABC")
	require.ErrorContains(t, err, `currency "ABC"`)
	_, err = NewMoney(math.MinInt64, "EUR")
	require.Equal(t, RuleAmountOverflow, AsRejection(err).Rule)
}

func TestMust(t *testing.T) {
	require.Equal(t, eur("1"), Must(eur("3").Sub(eur("2"))))
	require.Panics(t, func() { Must(ParseMoney("1", "")) })
}

func TestNoMoneyIsNoughtOfAnyCurrency(t *testing.T) {
	var none Money
	require.True(t, none.IsZero())
	require.False(t, eur("0").IsZero(), "an amount of nought is given: omitzero must keep it")
	require.Zero(t, eur("0").Sign())
	require.Zero(t, none.Sign())
	require.Equal(t, none, none.Neg())
	require.Equal(t, none, Must(none.Add(none)))
	require.Equal(t, eur("5"), Must(none.Add(eur("5"))))
	require.Equal(t, eur("5"), Must(eur("5").Add(none)))
	require.Equal(t, eur("-5"), Must(none.Sub(eur("5"))))
	require.Equal(t, -1, Must(none.Compare(eur("5"))))
	require.Equal(t, none, Must(none.Mul(Must(ParseRate("2")))))
	require.Equal(t, none, Must(none.Convert(Must(ParseRate("2")), "USD")))
	require.Equal(t, []Money{none, none}, Must(none.Split([]int64{1, 1})))
	require.Equal(t, "0", none.Decimal())
	require.Equal(t, "no amount", none.String())
}

func TestTwoCurrenciesNeverMix(t *testing.T) {
	usd := Must(ParseMoney("1", "USD"))
	_, errAdd := eur("1").Add(usd)
	_, errSub := eur("1").Sub(usd)
	_, errCompare := eur("1").Compare(usd)
	for _, err := range []error{errAdd, errSub, errCompare} {
		require.ErrorContains(t, err, "1.00 EUR and ")
		require.Equal(t, RuleCurrencyMismatch, AsRejection(err).Rule)
	}
	require.False(t, eur("1").Equal(usd))
}

func TestSigns(t *testing.T) {
	require.Equal(t, []int{-1, 0, 1}, []int{eur("-2").Sign(), eur("0").Sign(), eur("2").Sign()})
	require.Equal(t, eur("2"), eur("-2").Abs())
	require.Equal(t, eur("2"), eur("2").Abs())
}

func TestMoneyReadsWhatItWrites(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := anyMoney("EUR", "JPY", "KWD", "CLF").Draw(t, "m")
		require.Equal(t, m, Must(ParseMoney(m.Decimal(), m.Currency())))
	})
}

func TestAddingAndTakingAwayCancelOut(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := anyMoney("EUR").Draw(t, "a"), anyMoney("EUR").Draw(t, "b")
		sum, err := a.Add(b)
		swapped, errSwapped := b.Add(a)
		require.Equal(t, err, errSwapped)
		require.Equal(t, sum, swapped)
		if err != nil {
			return
		}
		require.Equal(t, a, Must(sum.Sub(b)))
		require.Equal(t, b, Must(sum.Sub(a)))
		require.Equal(t, a.Sign() == 0, a == a.Neg())
		require.Equal(t, Must(a.Compare(b)), -Must(b.Compare(a)))
	})
}

func TestOverflowIsAnErrorExactlyOutsideTheRange(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := anyMoney("EUR").Draw(t, "a"), anyMoney("EUR").Draw(t, "b")
		sum, err := a.Add(b)
		exact := big2(a.Minor(), b.Minor())
		if exact.CmpAbs(maxMinor) > 0 {
			require.Equal(t, RuleAmountOverflow, AsRejection(err).Rule)
			return
		}
		require.NoError(t, err)
		require.Equal(t, exact.Int64(), sum.Minor())
	})
}
