package rebate_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/policy"
	"github.com/channelledger/channelledger/domain/rebate"
)

// The vectors of the design and of issue 6, sale by sale.
func TestVectors(t *testing.T) {
	capped := scheme(policy.SchemeIncremental)
	capped.Cap = money("2000")
	growth := scheme(policy.SchemeGrowth)
	growth.Bands = bands("0", "10")
	baseline := growth
	baseline.Baseline = money("60000")
	retroactive := scheme(policy.SchemeRetroactive)
	retroactive.Bands = bands("5000", "2", "25000", "4")
	flat := scheme(policy.SchemeFlat)
	flat.Bands = bands("0", "1.5")
	minimum := flat
	minimum.Minimum = money("10000")
	maximum := flat
	maximum.Maximum = money("10000")
	issue := []string{"8000", "30000", "40000"}
	for name, c := range map[string]struct {
		scheme        policy.Scheme
		prior         string
		sales, deltas []string
	}{
		"incremental":               {scheme(policy.SchemeIncremental), "", issue, []string{"0", "560", "1640"}},
		"retroactive":               {scheme(policy.SchemeRetroactive), "", issue, []string{"0", "760", "3140"}},
		"incremental, capped":       {capped, "", issue, []string{"0", "560", "1440"}},
		"growth":                    {growth, "60000", issue, []string{"0", "0", "1800"}},
		"growth over a baseline":    {baseline, "", issue, []string{"0", "0", "1800"}},
		"growth, prior comes first": {baseline, "70000", issue, []string{"0", "0", "800"}},
		"growth over nought":        {growth, "0", issue, []string{"800", "3000", "4000"}},
		"growth without a prior":    {growth, "", issue, []string{"0", "0", "0"}},
		"retroactive of the design": {retroactive, "", []string{"3000", "4000", "20000"}, []string{"0", "140", "940"}},
		"on a band's start":         {retroactive, "", []string{"5000", "20000"}, []string{"100", "900"}},
		"flat":                      {flat, "", issue, []string{"120", "450", "600"}},
		"minimum":                   {minimum, "", issue, []string{"0", "570", "600"}},
		"maximum":                   {maximum, "", issue, []string{"120", "30", "0"}},
		"one rounding":              {flat, "", []string{"0.33", "0.33", "0.01", "0.33"}, []string{"0", "0.01", "0", "0.01"}},
	} {
		t.Run(name, func(t *testing.T) {
			st := opened(t, c.scheme, func(o *rebate.OpenAgreement) {
				if c.prior != "" {
					prior(c.prior)(o)
				}
			})
			total := money("0")
			for i, amount := range c.sales {
				got := delta(t, st.do(sale(string(rune('a'+i)), amount)))
				require.Equal(t, money(c.deltas[i]), got, "sale %d", i)
				total = domain.Must(total.Add(got))
			}
			require.Equal(t, total, st.agreement().Accrued, "deltas add up")
		})
	}
}

// 29 000 of the second sale come back after all three.
func TestAReturnsDeltaIsExact(t *testing.T) {
	for kind, want := range map[policy.SchemeKind][2]string{
		policy.SchemeIncremental: {"-1420", "780"},
		policy.SchemeRetroactive: {"-2920", "980"},
	} {
		st := opened(t, scheme(kind))
		for ref, amount := range map[string]string{"a": "8000", "b": "30000", "c": "40000"} {
			st.do(sale(ref, amount))
		}
		require.Equal(t, money(want[0]), delta(t, st.do(reversal("b", "29000"))), kind)
		require.Equal(t, money(want[1]), st.agreement().Total(), kind)
	}
}

func TestAnAccrualExplainsItself(t *testing.T) {
	s := scheme(policy.SchemeIncremental)
	s.Bands = bands("0", "0", "10000", "2.125", "50000", "5")
	s.Cap = money("1000")
	st := opened(t, s)
	st.do(sale("a", "8000"))
	st.wants(sale("b", "42000.20"), []rebate.Event{
		rebate.SaleRecorded{
			SaleID: saleID("b"), Source: policy.BasisSellOut, SourceRef: "b", Product: "GTX Pro", Line: "GTX", Amount: money("42000.20"),
		},
		rebate.Accrued{
			PartnerID: north, SaleID: saleID("b"), Delta: money("850.01"), Cumulative: money("850.01"),
			Calculation: rebate.Calculation{
				Revenue: money("50000.20"), Counted: money("50000.20"), Base: money("50000.20"),
				Bands: []rebate.BandShare{
					{From: money("0"), Percent: rate("0"), Amount: money("10000"), Unrounded: "0.00"},
					{From: money("10000"), Percent: rate("2.125"), Amount: money("40000"), Unrounded: "850.00"},
					{From: money("50000"), Percent: rate("5"), Amount: money("0.20"), Unrounded: "0.01"},
				},
				Unrounded: "850.01", Rounded: money("850.01"),
			},
		},
	})
	last := st.do(sale("c", "30000.01"))[1].(rebate.Accrued)
	require.Equal(t, "2350.0105", last.Calculation.Unrounded)
	require.Equal(t, money("2350.01"), last.Calculation.Rounded)
	require.Equal(t, money("1000"), last.Calculation.Cap)
	require.Equal(t, money("149.99"), last.Delta)
}

func TestASaleInAnotherCurrencyCountsAtItsOwnRate(t *testing.T) {
	s := scheme(policy.SchemeFlat)
	s.Currency, s.Bands = "USD", []policy.Band{{From: in("0", "USD"), Percent: rate("10")}}
	st := opened(t, s)
	foreign := sale("a", "1234.56")
	st.refuses(foreign, domain.KindConflict, "fx_missing", "fx")
	foreign.FX = rebate.Conversion{Rate: rate("1.0837"), Source: "ECB 2026-01-05"}
	recorded := st.do(foreign)[0].(rebate.SaleRecorded)
	require.Equal(t, in("1337.89", "USD"), recorded.Amount)
	require.Equal(t, &rebate.FX{Original: money("1234.56"), Rate: rate("1.0837"), Source: "ECB 2026-01-05"}, recorded.FX)

	st.refuses(rebate.ReverseSale{SaleID: recorded.SaleID, Amount: in("1", "USD"), Reason: rebate.ReversalReturned},
		domain.KindInvalid, "invalid_field", "amount")
	for range 3 { // parts of it leave nothing behind
		st.do(reversal("a", "411.52"))
	}
	require.Equal(t, in("0", "USD"), st.agreement().Revenue)
	require.Equal(t, in("0", "USD"), st.agreement().Total())
	st.refuses(reversal("a", "0.01"), domain.KindConflict, "reversal_above_sale", "amount")
}

func TestCurrenciesWithoutAndWithThreeDecimals(t *testing.T) {
	for currency, want := range map[string]string{"JPY": "12", "KWD": "12.346"} {
		s := scheme(policy.SchemeFlat)
		s.Currency, s.Bands = currency, []policy.Band{{From: in("0", currency), Percent: rate("1")}}
		st := opened(t, s)
		st.do(rebate.RecordSale{Source: policy.BasisSellOut, SourceRef: "a", Product: "X", Amount: in(map[string]string{
			"JPY": "1235", "KWD": "1234.567"}[currency], currency)})
		require.Equal(t, in(want, currency), st.agreement().Total())
	}
}
