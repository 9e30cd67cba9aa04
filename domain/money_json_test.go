package domain

import (
	"encoding/json"
	"testing"

	goccy "github.com/goccy/go-json"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// requireJSON demands the very bytes, and returns them.
func requireJSON(t *testing.T, want string, value any) []byte {
	t.Helper()
	data, err := json.Marshal(value)
	require.NoError(t, err)
	require.Equal(t, want, string(data))
	return data
}

func TestMoneyJSON(t *testing.T) {
	requireJSON(t, `{"amount":"1250.00","currency":"EUR"}`, eur("1250"))
	for _, text := range []string{
		`{"amount":"1250.00","currency":"EUR"}`,
		`{"currency":"EUR","amount":"1250"}`,
		" {\n\t\"amount\" : \"1250.0\" ,\r\n \"currency\" : \"EUR\" } ",
	} {
		var m Money
		require.NoError(t, json.Unmarshal([]byte(text), &m), text)
		require.Equal(t, eur("1250"), m)
		require.NoError(t, m.UnmarshalJSON([]byte(text)), "also when called with the white space around it")
	}
}

func TestMoneyJSONInsideOthers(t *testing.T) {
	type body struct {
		Paid    Money            `json:"paid"`
		None    Money            `json:"none"`
		Omitted Money            `json:"omitted,omitzero"`
		Nought  Money            `json:"nought,omitzero"`
		ByLine  map[string]Money `json:"by_line"`
		Pointer *Money           `json:"pointer"`
	}
	in := body{Paid: eur("1"), Nought: eur("0"), ByLine: map[string]Money{"a": eur("-2")}}
	data, err := json.Marshal(in)
	require.NoError(t, err)
	require.JSONEq(t, `{"paid":{"amount":"1.00","currency":"EUR"},"none":null,"nought":{"amount":"0.00","currency":"EUR"},
		"by_line":{"a":{"amount":"-2.00","currency":"EUR"}},"pointer":null}`, string(data))
	var out body
	require.NoError(t, json.Unmarshal(data, &out))
	require.Equal(t, in, out)
}

// The codec decodes with goccy/go-json; both libraries must agree to the byte.
func TestMoneyJSONWithGoccy(t *testing.T) {
	type body struct {
		Paid  Money   `json:"paid"`
		None  Money   `json:"none"`
		Parts []Money `json:"parts"`
		Share Rate    `json:"share"`
	}
	in := body{Paid: eur("1"), Parts: []Money{eur("-0.01")}, Share: rate("0.5")}
	data, err := json.Marshal(in)
	require.NoError(t, err)
	same, err := goccy.Marshal(in)
	require.NoError(t, err)
	require.Equal(t, string(data), string(same))
	var out body
	require.NoError(t, goccy.Unmarshal(data, &out))
	require.Equal(t, in, out)
	for _, text := range []string{`{"paid":1}`, `{"paid":{"amount":1,"currency":"EUR"}}`, `{"share":0.5}`} {
		require.ErrorContains(t, goccy.Unmarshal([]byte(text), &out), "want", text)
	}
}

func TestMoneyJSONNullIsNoAmount(t *testing.T) {
	m := eur("5")
	require.NoError(t, json.Unmarshal([]byte("null"), &m))
	require.Equal(t, Money{}, m)
}

func TestMoneyJSONSaysWhatWouldBeRight(t *testing.T) {
	const shape = `want {"amount":"1250.00","currency":"EUR"}`
	for text, want := range map[string]string{
		`1250.00`:                              shape,
		`"1250.00 EUR"`:                        shape,
		`[]`:                                   shape,
		`{}`:                                   shape,
		`{"amount":"1.00"}`:                    shape,
		`{"currency":"EUR"}`:                   shape,
		`{"amount":1250.00,"currency":"EUR"}`:  "amount: want a text in quotes",
		`{"amount":1250,"currency":"EUR"}`:     "amount: want a text in quotes",
		`{"amount":null,"currency":"EUR"}`:     "amount: want a text in quotes",
		`{"amount":"1","currency":978}`:        "currency: want a text in quotes",
		`{"amount":"\u0031","currency":"EUR"}`: "amount: want a text in quotes, without escapes",
		`{"amount":"1","currency":"EUR","rate":"1"}`:               `surplus field "rate"`,
		`{"amount":"1","amount":"2","currency":"EUR"}`:             `surplus field "amount"`,
		`{"Amount":"1","currency":"EUR"}`:                          `surplus field "Amount"`,
		`{"amount":"1.001","currency":"EUR"}`:                      "EUR has at most 2 decimals",
		`{"amount":"","currency":"EUR"}`:                           "want a decimal string",
		`{"amount":"1","currency":""}`:                             "want an ISO 4217 code",
		`{"amount":"99999999999999999999999999","currency":"EUR"}`: "amount out of range",
	} {
		m := eur("7")
		err := json.Unmarshal([]byte(text), &m)
		require.ErrorContains(t, err, want, text)
		require.Equal(t, KindInvalid, AsRejection(err).Kind, "the caller finds the rejection in the error")
		require.Equal(t, eur("7"), m, "wrong input leaves the value as it was")
	}
}

func TestMoneyJSONRefusesBrokenJSON(t *testing.T) {
	for _, text := range []string{
		``, ` `, `{`, `{"`, `{"amount`, `{"amount"`, `{"amount":`, `{"amount":"1"`, `{"amount":"1",`, `{"amount":"1","currency":"EUR"`,
		`{"amount":"1","currency":"EUR"}x`, `{"amount":"1","currency":"EUR",}`, `{,"amount":"1","currency":"EUR"}`,
		`{"amount":"1" "currency":"EUR"}`, `{"amount" "1","currency":"EUR"}`, `{amount:"1","currency":"EUR"}`,
	} {
		var m Money
		require.Error(t, m.UnmarshalJSON([]byte(text)), text)
	}
}

func TestMoneyJSONReadsWhatItWrites(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := anyMoney("EUR", "JPY", "KWD", "CLF").Draw(t, "m")
		data, err := json.Marshal(m)
		require.NoError(t, err)
		var back Money
		require.NoError(t, json.Unmarshal(data, &back))
		require.Equal(t, m, back)
	})
}

func TestMoneyJSONAllocatesLittle(t *testing.T) {
	m, data := eur("1250"), []byte(`{"amount":"1250.00","currency":"EUR"}`)
	require.LessOrEqual(t, testing.AllocsPerRun(100, func() { _, _ = m.MarshalJSON() }), 1.0)
	require.Zero(t, testing.AllocsPerRun(100, func() { _ = m.UnmarshalJSON(data) }))
}

// FuzzMoneyJSON: whatever is read is valid JSON, and is written as one canonical text that reads as the same money.
func FuzzMoneyJSON(f *testing.F) {
	for _, seed := range []string{
		`{"amount":"1250.00","currency":"EUR"}`, `{"currency":"JPY","amount":"-7"}`, `null`, `{"amount":1,"currency":"EUR"}`,
		`{"amount":"-0.00","currency":"EUR"}`, `{"amount":"1e3","currency":"EUR"}`, `{"amount":"\"","currency":"EUR"}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var m, again Money
		if m.UnmarshalJSON(data) != nil {
			return
		}
		require.True(t, json.Valid(data), "took broken JSON")
		written, err := m.MarshalJSON()
		require.NoError(t, err)
		require.NoError(t, again.UnmarshalJSON(written))
		require.Equal(t, m, again)
	})
}

func BenchmarkMoneyJSON(b *testing.B) {
	data := []byte(`{"amount":"1250.00","currency":"EUR"}`)
	b.ReportAllocs()
	for b.Loop() {
		var m Money
		_ = m.UnmarshalJSON(data)
		_, _ = m.MarshalJSON()
	}
}
