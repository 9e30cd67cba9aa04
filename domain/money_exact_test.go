package domain

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestExactAmountsRoundOnceAtTheEnd(t *testing.T) {
	third := eur("0.10").PercentExact(rate("5"))
	require.Equal(t, "0.005", third.String())
	require.Equal(t, eur("0.00"), Must(third.Round()), "half to even")
	twice := Must(third.Add(third))
	require.Equal(t, "0.01", twice.String())
	require.Equal(t, eur("0.01"), Must(twice.Round()), "rounding each would give nought")
	require.Equal(t, "0.005", third.String(), "adding changes neither")
}

func TestExactText(t *testing.T) {
	for want, e := range map[string]Exact{
		"0":               {},
		"560.00":          eur("28000").PercentExact(rate("2")),
		"-0.0125":         eur("-0.25").PercentExact(rate("5")),
		"0.0000000000001": eur("0.01").PercentExact(rate("0.000000001")),
		"1000":            Must(ParseMoney("20000", "JPY")).PercentExact(rate("5")),
		"0.05":            Must(ParseMoney("1", "JPY")).PercentExact(rate("5")),
		"0.000":           Must(ParseMoney("0", "KWD")).PercentExact(rate("5")),
	} {
		require.Equal(t, want, e.String())
	}
}

func TestExactNeverMixesCurrenciesAndKnowsItsRange(t *testing.T) {
	_, err := eur("1").PercentExact(rate("1")).Add(Must(ParseMoney("1", "USD")).PercentExact(rate("1")))
	require.Equal(t, RuleCurrencyMismatch, AsRejection(err).Rule)
	most := Must(NewMoney(math.MaxInt64, "EUR"))
	_, err = most.PercentExact(rate("101")).Round()
	require.Equal(t, RuleAmountOverflow, AsRejection(err).Rule)
	require.Equal(t, most, Must(most.PercentExact(rate("100")).Round()))
	require.Equal(t, Money{}, Must(Exact{}.Round()))
}

func TestExactOfOnePercentageIsPercent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := anyMoney("EUR", "JPY", "KWD").Draw(t, "m")
		p := canonical(decimal{rapid.Int64Range(-maxRate, maxRate).Draw(t, "p"), rapid.Uint8Range(0, 18).Draw(t, "decimals")})
		want, errWant := m.Percent(p)
		got, errGot := m.PercentExact(p).Round()
		require.Equal(t, errWant, errGot)
		require.Equal(t, want, got)
	})
}
