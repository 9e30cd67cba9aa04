package api_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// FuzzCommandBody sends any body to any command: the answer is never worse than a refusal, and well-formed.
func FuzzCommandBody(f *testing.F) {
	w := newWorld(f)
	north := w.partner("north")
	deal := north.registers("acme", "GTX", "10.00")
	paths := []string{
		"/v1/deals", deal + "/approve", deal + "/amount", deal + "/override", deal + "/win", deal + "/reverse-win", deal + "/stage",
		"/v1/partners", "/v1/partners/" + north.id + "/agreements", "/v1/partners/" + north.id + "/sellers",
		"/v1/accounts", "/v1/programs/default/policies", "/v1/programs/default/policies/catalogue/1/retire",
	}
	for i, seed := range []string{
		"", "{}", "null", "[", `{"effective_at":"2026-03-02T09:00:00Z"}`,
		string(encoded(f, north.registration("globex", "GTX", "1.00"))),
		`{"lines":[{"product":"GTX","amount":{"amount":"9999999999999999999","currency":"EUR"}}]}`,
		`{"lines":[{"product":"GTX","amount":{"currency":"EUR","amount":"1e3"}}],"reason":"\u0000"}`,
		`{"customer":{"name":"` + strings.Repeat("ü", 300) + `"}}`,
		`{"kind":"catalogue","body":{"products":[{"name":"a","aliases":["b"]}]}}`,
		`{"kind":"approval","body":` + strings.Repeat("[", 2000) + strings.Repeat("]", 2000) + `}`,
		`{"legal_name":"x","kind":"var","country":"DE","domain":"x.de","territories":["a"]}`,
		"\xff\xfe{}", `{"a":1e999}`, `{"reason":"\ud800"}`,
	} {
		f.Add(uint8(i), seed)
	}
	f.Fuzz(func(t *testing.T, route uint8, body string) {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, paths[int(route)%len(paths)], strings.NewReader(body))
		r.Host = "localhost"
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("X-Actor", "fuzzer")
		r.Header.Set("X-Roles", "service,partner_ops,deal_desk")
		recorded := httptest.NewRecorder()
		w.api.ServeHTTP(recorded, r)
		a := answer{t: t, status: recorded.Code, header: recorded.Header(), body: recorded.Body.Bytes()}
		require.Less(t, a.status, 500, "%s", a.body)
		if a.status >= 400 {
			a.problem(a.status, a.text("rule"))
		} else {
			require.NotEmpty(t, a.text("data", "id"))
		}
	})
}
