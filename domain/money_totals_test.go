package domain

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestTotalsKeepCurrenciesApart(t *testing.T) {
	usd, yen := Must(ParseMoney("3", "USD")), Must(ParseMoney("700", "JPY"))
	totals := Must(SumMoney(usd, eur("1.10"), yen, Money{}, eur("2.20"), usd.Neg()))
	require.Equal(t, Totals{eur("3.30"), yen, Must(ParseMoney("0", "USD"))}, totals)
	require.Equal(t, eur("3.30"), totals.In("EUR"))
	require.Equal(t, "0.000 KWD", totals.In("KWD").String())
	require.True(t, totals.In("???").IsZero())
	requireJSON(t, `[{"amount":"1.00","currency":"EUR"}]`, Must(SumMoney(eur("1"))))
}

func TestTotalsCloneSharesNothing(t *testing.T) {
	totals := Must(SumMoney(eur("1")))
	clone := totals.Clone()
	require.NoError(t, clone.Add(eur("1")))
	require.Equal(t, eur("1"), totals.In("EUR"))
}

func TestTotalsOverflow(t *testing.T) {
	most := Must(NewMoney(math.MaxInt64, "EUR"))
	totals := Must(SumMoney(most))
	require.Equal(t, RuleAmountOverflow, AsRejection(totals.Add(eur("0.01"))).Rule)
	require.Equal(t, Totals{most}, totals)
	_, err := SumMoney(most, most)
	require.Error(t, err)
}

func TestTotalsDoNotDependOnTheOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		small := rapid.Custom(func(t *rapid.T) Money {
			code := rapid.SampledFrom([]string{"EUR", "USD", "JPY", "KWD"}).Draw(t, "currency")
			return Must(NewMoney(rapid.Int64Range(-1e9, 1e9).Draw(t, "minor"), code))
		})
		amounts := rapid.SliceOf(small).Draw(t, "amounts")
		shuffled := rapid.Permutation(amounts).Draw(t, "shuffled")
		require.Equal(t, Must(SumMoney(amounts...)), Must(SumMoney(shuffled...)))
	})
}
