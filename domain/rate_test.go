package domain

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func anyRate() *rapid.Generator[Rate] {
	return rapid.Custom(func(t *rapid.T) Rate {
		value := rapid.OneOf(rapid.Int64Range(-maxRate, maxRate), rapid.Int64Range(-20000, 20000)).Draw(t, "value")
		decimals := uint8(rapid.IntRange(0, maxRateDecimals).Draw(t, "decimals"))
		return canonical(decimal{value, decimals})
	})
}

func TestParseRate(t *testing.T) {
	for text, want := range map[string]string{
		"1.0837":               "1.0837",
		"50":                   "50",
		"100":                  "100",
		"1.10":                 "1.1",
		"1.000":                "1",
		"1.000000000000000000": "1",
		"0.00":                 "0",
		"-0":                   "0",
		"-2.50":                "-2.5",
		"0.000000000000000001": "0.000000000000000001",
		"999999999999999999":   "999999999999999999",
		"0.999999999999999999": "0.999999999999999999",
	} {
		r, err := ParseRate(text)
		require.NoError(t, err)
		require.Equal(t, want, r.String())
		require.Equal(t, r, rate(want), "== is numeric equality")
	}
}

func TestParseRateSaysWhatWouldBeRight(t *testing.T) {
	for text, want := range map[string]string{
		"":                      "want a decimal string",
		"+1":                    "want a decimal string",
		"1e-3":                  "want a decimal string",
		"50%":                   "want a decimal string",
		"1/3":                   "want a decimal string",
		"01.5":                  "want a decimal string",
		"0.0000000000000000001": "want at most 18 decimals",
		"1000000000000000000":   "want at most 18 digits",
		"-1.000000000000000001": "want at most 18 digits",
		strings.Repeat("9", 99): "want at most 18 digits",
	} {
		_, err := ParseRate(text)
		require.ErrorContains(t, err, want, text)
		require.Equal(t, KindInvalid, AsRejection(err).Kind)
	}
}

func TestRateJSON(t *testing.T) {
	type body struct {
		Share   Rate  `json:"share"`
		Omitted Rate  `json:"omitted,omitzero"`
		FX      *Rate `json:"fx"`
	}
	fx := rate("1.0837")
	data := requireJSON(t, `{"share":"0","fx":"1.0837"}`, body{FX: &fx})
	var back body
	require.NoError(t, json.Unmarshal(data, &back))
	require.Equal(t, body{FX: &fx}, back)
	require.NoError(t, back.Share.UnmarshalJSON([]byte(` "2.50" `)))
	require.Equal(t, rate("2.5"), back.Share)
}

func TestRateJSONRefusesNumbers(t *testing.T) {
	for _, text := range []string{`1.0837`, `1`, `null`, `{}`, `[]`, `true`, `"1`, `"1" 2`, `"\u0031"`} {
		r := rate("7")
		err := r.UnmarshalJSON([]byte(text))
		require.ErrorContains(t, err, `want a decimal string such as "1.0837", in quotes`, text)
		require.Equal(t, rate("7"), r)
	}
	var r Rate
	require.ErrorContains(t, json.Unmarshal([]byte(`"1e3"`), &r), "want a decimal string")
}

func TestRateOrder(t *testing.T) {
	require.Equal(t, -1, rate("0.999999999999999999").Compare(rate("1")))
	require.Equal(t, 1, rate("999999999999999999").Compare(rate("0.000000000000000001")))
	require.Equal(t, 0, rate("1.10").Compare(rate("1.1")))
	require.True(t, rate("1.10").Equal(rate("1.1")))
	require.Equal(t, []int{-1, 0, 1}, []int{rate("-0.1").Sign(), Rate{}.Sign(), rate("0.1").Sign()})
	require.True(t, rate("0.00").IsZero())
	require.False(t, rate("0.01").IsZero())
}

func TestRateAdd(t *testing.T) {
	require.Equal(t, rate("100"), Must(rate("33.34").Add(rate("66.66"))))
	require.Equal(t, Rate{}, Must(rate("0.1").Add(rate("-0.1"))))
	_, err := rate("999999999999999999").Add(rate("1"))
	require.Equal(t, RuleAmountOverflow, AsRejection(err).Rule)
	_, err = rate("999999999999999999").Add(rate("0.1"))
	require.ErrorContains(t, err, "more than 18 digits")
}

func TestRateReadsWhatItWrites(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := anyRate().Draw(t, "a"), anyRate().Draw(t, "b")
		require.Equal(t, a, rate(a.String()))
		require.Equal(t, a.Compare(b), -b.Compare(a))
		require.Equal(t, a == b, a.Compare(b) == 0)
		if sum, err := a.Add(b); err == nil {
			require.Equal(t, sum.Compare(a), b.Sign())
		}
	})
}
