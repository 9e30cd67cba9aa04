package account

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/channelledger/channelledger/domain"
)

// TestIdentityVectors holds the identities to the golden vectors: a change here would give other ids to customers who are
// in somebody's ledger. Vectors are added, never changed.
func TestIdentityVectors(t *testing.T) {
	data, err := os.ReadFile("testdata/identity.json")
	require.NoError(t, err)
	var vectors []struct {
		Why, Name, Domain, Country string
		TaxID                      string `json:"tax_id"`
		Key                        string
		AccountID                  string `json:"account_id"`
		WrongField                 string `json:"wrong_field"`
	}
	require.NoError(t, json.Unmarshal(data, &vectors))
	require.NotEmpty(t, vectors)
	for _, v := range vectors {
		identity, err := Identify(v.Name, v.Domain, v.Country, v.TaxID)
		if v.WrongField != "" {
			if rejection := domain.AsRejection(err); assert.NotNil(t, rejection, v.Why) {
				assert.Equal(t, v.WrongField, rejection.Field, v.Why)
			}
			continue
		}
		if assert.NoError(t, err, v.Why) {
			assert.Equal(t, v.Key, identity.Key, v.Why)
			assert.Equal(t, v.AccountID, identity.AccountID.String(), v.Why)
		}
	}
}

// The algorithm's own vectors, from the public suffix list's tests (CC0), for rules of the frozen snapshot.
func TestRegistrableDomain(t *testing.T) {
	for host, want := range map[string]string{
		"com": "", "b.biz": "b.biz", "a.b.biz": "b.biz", "uk.com": "", "b.example.uk.com": "", "c.mm": "", "b.c.mm": "b.c.mm",
		"a.b.c.mm": "b.c.mm", "ac.jp": "", "test.ac.jp": "test.ac.jp", "www.test.ac.jp": "test.ac.jp", "ide.kyoto.jp": "",
		"b.ide.kyoto.jp": "b.ide.kyoto.jp", "c.kobe.jp": "", "b.c.kobe.jp": "b.c.kobe.jp", "city.kobe.jp": "city.kobe.jp",
		"www.city.kobe.jp": "city.kobe.jp", "ck": "", "test.ck": "", "b.test.ck": "b.test.ck", "www.ck": "www.ck",
		"www.www.ck": "www.ck", "k12.ak.us": "", "test.k12.ak.us": "test.k12.ak.us", "xn--85x722f.com.cn": "xn--85x722f.com.cn",
		"www.xn--85x722f.xn--55qx5d.cn": "xn--85x722f.xn--55qx5d.cn", "xn--fiqs8s": "", "shishi.xn--fiqs8s": "shishi.xn--fiqs8s",
		"localhost": "", "acme.corp": "", "": "",
	} {
		got, _ := registrableDomain(host)
		assert.Equal(t, want, got, host)
	}
}

func TestFrozenListsAreWhole(t *testing.T) {
	assert.Greater(t, len(suffixRules()), 9000)
	for rule := range suffixRules() {
		assert.NotContains(t, rule, "..", "a label of %q was not understood", rule)
		assert.False(t, strings.HasSuffix(rule, "."), rule)
	}
	for shared := range sharedDomains() {
		host, err := hostOf(shared)
		require.NoError(t, err)
		assert.Equal(t, shared, host)
	}
	for letter, base := range foldings() {
		assert.NotContains(t, foldings(), []rune(base)[0], "%c folds to %s, which folds on", letter, base)
	}
	for _, form := range append(legalForms().behind, legalForms().before...) {
		text := strings.Join(form, " ")
		assert.Equal(t, text, strings.Join(strings.Fields(foldText(text)), " "), "a legal form that no name can show")
	}
}

// RFC 3492 section 7.1.
func TestPunycode(t *testing.T) {
	for text, want := range map[string]string{
		"他们为什么不说中文":                    "ihqwcrb4cv8a8dqg056pqjye",
		"почемужеонинеговорятпорусски": "b1abfaaepdrnnbgefbadotcwatmq2g4l",
		"3年b組金八先生":                     "3b-ww4c5e180e575a65lsy2b",
		"münchen":                      "mnchen-3ya",
	} {
		got, ok := punycode(text)
		assert.True(t, ok)
		assert.Equal(t, want, got)
	}
}

// Whatever is typed, identifying gives an identity or a rejection that names a field, and the key is stable under what it
// promises to overlook.
func TestIdentifyNeverPanics(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name, host := rapid.String().Draw(t, "name"), rapid.String().Draw(t, "domain")
		country, tax := rapid.SampledFrom([]string{"", "DE", "uk", "xyz", "F1"}).Draw(t, "country"), rapid.String().Draw(t, "tax")
		identity, err := Identify(name, host, country, tax)
		if err != nil {
			require.NotEmpty(t, domain.AsRejection(err).Field)
			return
		}
		require.NotEmpty(t, identity.Key)
		again, err := Identify(name, strings.ToUpper(host), strings.ToLower(country), tax)
		if err == nil && isASCII(host) {
			require.Equal(t, identity, again)
		}
	})
}
