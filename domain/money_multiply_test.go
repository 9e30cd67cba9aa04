package domain

import (
	"math"
	"math/big"
	"testing"

	"github.com/cockroachdb/apd/v3"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func big2(a, b int64) *big.Int { return new(big.Int).Add(big.NewInt(a), big.NewInt(b)) }

func rate(text string) Rate { return Must(ParseRate(text)) }

func TestMulRoundsHalfToEven(t *testing.T) {
	for _, c := range []struct{ amount, rate, want string }{
		{"0.01", "0.5", "0.00"},
		{"0.03", "0.5", "0.02"},
		{"0.05", "0.5", "0.02"},
		{"0.07", "0.5", "0.04"},
		{"-0.01", "0.5", "0.00"},
		{"-0.03", "0.5", "-0.02"},
		{"-0.05", "0.5", "-0.02"},
		{"0.05", "-0.5", "-0.02"},
		{"0.01", "0.500000000000000001", "0.01"},
		{"0.01", "0.499999999999999999", "0.00"},
		{"0.03", "0.499999999999999999", "0.01"},
		{"100.00", "0.333333333333333333", "33.33"},
		{"1.00", "2.675", "2.68"},
		{"1.00", "2.665", "2.66"},
		{"10.00", "0", "0.00"},
		{"92233720368547758.07", "1", "92233720368547758.07"},
		{"92233720368547758.07", "0.5", "46116860184273879.04"},
	} {
		require.Equal(t, eur(c.want), Must(eur(c.amount).Mul(rate(c.rate))), "%s × %s", c.amount, c.rate)
	}
}

func TestMulRoundsOnceAtTheEnd(t *testing.T) {
	require.Equal(t, eur("0.01"), Must(eur("0.01").Mul(rate("0.5"), rate("2"))), "twice rounded it would be 0.00")
	require.Equal(t, eur("0.01"), Must(eur("0.01").Mul()))
}

func TestPercent(t *testing.T) {
	require.Equal(t, eur("50.00"), Must(eur("100").Percent(rate("50"))))
	require.Equal(t, eur("2.18"), Must(eur("87.25").Percent(rate("2.5"))))
	require.Equal(t, eur("0.02"), Must(eur("0.05").Percent(rate("50"))))
}

func TestConvert(t *testing.T) {
	for _, c := range []struct{ amount, currency, rate, target, want string }{
		{"1234.56", "EUR", "1.0837", "USD", "1337.89"}, // the vector of domain.md section 11
		{"-1234.56", "EUR", "1.0837", "USD", "-1337.89"},
		{"100.00", "EUR", "163.455", "JPY", "16346"},
		{"100.00", "EUR", "163.445", "JPY", "16344"},
		{"16345", "JPY", "0.0061", "EUR", "99.70"},
		{"1.00", "EUR", "0.3345", "KWD", "0.334"},
		{"1.005", "KWD", "1", "EUR", "1.00"},
		{"1.015", "KWD", "1", "EUR", "1.02"},
		{"0.01", "EUR", "1", "EUR", "0.01"},
		{"1", "JPY", "0.01", "CLF", "0.0100"},
	} {
		m := Must(ParseMoney(c.amount, c.currency))
		require.Equal(t, c.want+" "+c.target, Must(m.Convert(rate(c.rate), c.target)).String())
	}
}

func TestConvertRefuses(t *testing.T) {
	for _, c := range []struct{ rate, target, want string }{
		{"0", "USD", "want a rate above 0"},
		{"-1", "USD", "want a rate above 0"},
		{"1.1", "EUR", "from EUR to EUR: want 1"},
		{"1", "usd", "want an ISO 4217 code"},
		{"999999999999999999", "USD", "want at most 92233720368547758.07 USD"},
	} {
		_, err := eur("1000").Convert(rate(c.rate), c.target)
		require.ErrorContains(t, err, c.want)
		require.Equal(t, KindInvalid, AsRejection(err).Kind)
	}
}

func TestMulOverflows(t *testing.T) {
	for _, r := range []string{"2", "-2", "1.00000000000000001", "999999999999999999"} {
		_, err := Must(NewMoney(math.MaxInt64, "EUR")).Mul(rate(r))
		require.Equal(t, RuleAmountOverflow, AsRejection(err).Rule, r)
	}
}

// apd computes the same product in its own way: arbitrary precision, rounded by its own half-even.
func TestMulAgreesWithAnotherDecimalLibrary(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m, r := anyMoney("EUR", "JPY", "KWD").Draw(t, "m"), anyRate().Draw(t, "r")
		want := new(apd.Decimal)
		exact := apd.BaseContext.WithPrecision(100)
		exact.Rounding = apd.RoundHalfEven
		_, err := exact.Mul(want, apd.New(m.Minor(), 0), mustApd(apd.NewFromString(r.String())))
		require.NoError(t, err)
		_, err = exact.Quantize(want, want, 0)
		require.NoError(t, err)
		got, err := m.Mul(r)
		minor, fits := want.Int64()
		if fits != nil || minor == math.MinInt64 {
			require.Equal(t, RuleAmountOverflow, AsRejection(err).Rule)
			return
		}
		require.NoError(t, err)
		require.Equal(t, minor, got.Minor())
	})
}

func mustApd(d *apd.Decimal, _ apd.Condition, err error) *apd.Decimal { return Must(d, err) }
