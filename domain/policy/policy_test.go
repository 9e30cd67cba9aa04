package policy_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/policy"
)

func TestDefaultsAreValidAndReadBack(t *testing.T) {
	kinds := []policy.Kind{}
	for _, body := range policy.Defaults() {
		require.NoError(t, body.Validate(), body.Kind())
		raw, err := json.Marshal(body)
		require.NoError(t, err)
		parsed, err := policy.Parse(body.Kind(), raw)
		require.NoError(t, err)
		assert.Equal(t, body, parsed)
		read, err := policy.Read(body.Kind(), raw)
		require.NoError(t, err)
		assert.Equal(t, body, read)
		kinds = append(kinds, body.Kind())
	}
	assert.Equal(t, policy.Kinds(), kinds)
}

// What the design's table gives as the defaults.
func TestDefaultNumbers(t *testing.T) {
	assert.Equal(t, policy.DealRegistration{
		ProtectionDays: 180, ExtensionDays: 90, MaxExtensions: 1,
		ReviewBusinessDays: 3, ResubmitBusinessDays: 5, ReregisterCoolOffDays: 30,
	}, policy.DefaultDealRegistration())
	assert.Equal(t, 9200, policy.DefaultConflict().Threshold())
	assert.Equal(t, 30, policy.DefaultApproval().WindowDays)
	assert.Equal(t, policy.MDF{
		VendorSharePercent: domain.Must(domain.ParseRate("50")), ProofRequired: true,
		ClaimDays: 60, RefileDays: 15, DisputeDays: 30, ExpiryDays: 30,
	}, policy.DefaultMDF())
	assert.Equal(t, domain.Must(domain.ParseMoney("1", "EUR")), policy.DefaultReconciliation().Tolerance("EUR").Over)
	assert.Equal(t, domain.Must(domain.ParseMoney("0", "JPY")), policy.DefaultReconciliation().Tolerance("JPY").Under)
	for _, rule := range policy.ConflictRules() {
		assert.Equal(t, rule != policy.RuleOutsideTerritory, policy.DefaultConflict().Blocks(rule), rule)
	}
}

func TestCatalogueFindsNames(t *testing.T) {
	c := policy.Catalogue{Products: []policy.Product{
		{Name: "GTX Pro", Aliases: []string{"GTP", "Größe 9"}, Line: "GTX"},
		{Name: "MG Special"},
	}}
	require.NoError(t, c.Validate())
	for name, want := range map[string]string{
		"GTX Pro": "GTX Pro", "gtx  pro ": "GTX Pro", "GTXPro": "GTX Pro", "gtp": "GTX Pro", "GRÖSSE 9": "GRÖSSE 9",
		"GRÖßE 9": "GTX Pro", "MG\tSPECIAL": "MG Special", " Unlisted X ": "Unlisted X",
	} {
		assert.Equal(t, want, c.Product(name), name)
	}
	assert.Equal(t, "GTX", c.Line("gtp"))
	assert.Equal(t, "MG Special", c.Line("mg special"))
	assert.Equal(t, "Unlisted X", c.Line(" Unlisted X"))
	assert.True(t, c.Lists("GTP"))
	assert.False(t, c.Lists("Unlisted X"))
}

func TestTiers(t *testing.T) {
	tiering := policy.DefaultTiering()
	assert.Equal(t, []string{"registered", "silver", "gold", "platinum"}, tiering.Names())
	assert.Equal(t, 90, tiering.GraceDays)
	assert.Equal(t, "registered", tiering.Lowest())
	assert.Equal(t, 2, tiering.Rank("gold"))
	assert.Equal(t, -1, tiering.Rank("Gold"))
	assert.Empty(t, policy.Tiering{}.Lowest())
}

func TestApprovalLimits(t *testing.T) {
	a := policy.Approval{WindowDays: 30, Limits: []policy.Limit{
		{Action: policy.ApproveClaim, UpTo: eur("1000.00")},
		{Action: policy.ApprovePayout, UpTo: eur("0")},
	}}
	require.NoError(t, a.Validate())
	assert.False(t, a.NeedsSecond(policy.ApproveClaim, eur("1000.00")), "the limit itself is within")
	assert.True(t, a.NeedsSecond(policy.ApproveClaim, eur("1000.01")))
	assert.True(t, a.NeedsSecond(policy.ApprovePayout, eur("0.01")))
	assert.False(t, a.NeedsSecond(policy.ApproveRequest, eur("9999999.00")), "no limit on the action")
	assert.False(t, a.NeedsSecond(policy.ApproveClaim, domain.Must(domain.ParseMoney("5000", "JPY"))), "none in the currency")
}

// Parse refuses each body, naming the path of its first wrong field.
func TestParseNamesTheWrongField(t *testing.T) {
	const mdf = `{"vendor_share_percent":"50","proof_required":true,"claim_days":60,"refile_days":15,"dispute_days":30,"expiry_days":30}`
	const deals = `{"protection_days":180,"extension_days":90,"max_extensions":1,"review_business_days":3,` +
		`"resubmit_business_days":5,"reregister_cool_off_days":30}`
	long := strings.Repeat("x", policy.MaxNameLength+1)
	for _, c := range []struct {
		kind              policy.Kind
		body, path, about string
	}{
		{policy.KindDealRegistration, ``, "", "is no JSON"},
		{policy.KindDealRegistration, `{`, "", "is no JSON"},
		{policy.KindDealRegistration, `{"protection_days"`, "", "is no JSON"},
		{policy.KindDealRegistration, `{"protection_days":`, "", "is no JSON"},
		{policy.KindDealRegistration, `[]`, "", "want an object"},
		{policy.KindDealRegistration, `null`, "", "want an object"},
		{policy.KindDealRegistration, deals + `{}`, "", "after top-level value"},
		{policy.KindDealRegistration, deals + `x`, "", "after top-level value"},
		{policy.KindDealRegistration, strings.Replace(deals, "180", `"180"`, 1), "protection_days", "want a whole number, not string"},
		{policy.KindDealRegistration, strings.Replace(deals, "180", `1.5`, 1), "protection_days", "want a whole number"},
		{policy.KindDealRegistration, strings.Replace(deals, "180", `null`, 1), "protection_days", "null"},
		{policy.KindDealRegistration, strings.Replace(deals, "180", `0`, 1), "protection_days", "want 1 to 3650"},
		{policy.KindDealRegistration, strings.Replace(deals, ":90", `:3651`, 1), "extension_days", "want 1 to 3650"},
		{policy.KindDealRegistration, strings.Replace(deals, `s":1,`, `s":21,`, 1), "max_extensions", "want 0 to 20"},
		{policy.KindDealRegistration, strings.Replace(deals, `:3,`, `:0,`, 1), "review_business_days", "want 1 to 260"},
		{policy.KindDealRegistration, strings.Replace(deals, `:5,`, `:261,`, 1), "resubmit_business_days", "want 0 to 260"},
		{policy.KindDealRegistration, strings.Replace(deals, `:30}`, `:-1}`, 1), "reregister_cool_off_days", "want 0 to 3650"},
		{policy.KindDealRegistration, strings.Replace(deals, `:30}`, `:30,"spare":1}`, 1), "spare", "unknown field"},
		{policy.KindDealRegistration, strings.Replace(deals, `:30}`, `:30,"max_extensions":1}`, 1), "max_extensions", "twice"},
		{policy.KindDealRegistration, strings.Replace(deals, `"max_extensions":1,`, ``, 1), "max_extensions", "is missing"},
		{policy.KindDealRegistration, strings.Replace(deals, `max_extensions`, `Max_Extensions`, 1), "Max_Extensions", "unknown field"},

		{policy.KindDealRegistration, plus(deals, `"wind_down_days":-1`), "wind_down_days", "want 0 to 3650"},
		{policy.KindDealRegistration, plus(deals, `"kinds":[{"kind":"odd","protection_days":1}]`), "kinds[0].kind", "unknown kind"},
		{policy.KindDealRegistration, plus(deals, `"kinds":[{"kind":"new","protection_days":0}]`), "kinds[0].protection_days", "want 1"},
		{policy.KindDealRegistration, plus(deals, `"kinds":[{"kind":"new"}]`), "kinds[0].protection_days", "is missing"},
		{policy.KindDealRegistration, plus(deals, `"kinds":[{"kind":"new","protection_days":1},{"kind":"new","protection_days":2}]`),
			"kinds[1].kind", "twice"},
		{policy.KindDealRegistration, plus(deals, `"benefits":[{}]`), "benefits[0].discount_percent", "is missing"},
		{policy.KindDealRegistration, plus(deals, `"benefits":[{"discount_percent":5}]`), "benefits[0].discount_percent", ""},
		{policy.KindDealRegistration, plus(deals, `"benefits":[{"discount_percent":"0"}]`), "benefits[0].discount_percent", "more than 0"},
		{policy.KindDealRegistration, plus(deals, `"benefits":[{"discount_percent":"100.5"}]`), "benefits[0].discount_percent", "at most 100"},
		{policy.KindDealRegistration, plus(deals, `"benefits":[{"kind":"odd","discount_percent":"5"}]`), "benefits[0].kind", "unknown kind"},
		{policy.KindDealRegistration, plus(deals, `"benefits":[{"tier":" ","discount_percent":"5"}]`), "benefits[0].tier", "empty"},
		{policy.KindDealRegistration, plus(deals, `"benefits":[{"kind":"new","discount_percent":"5"},`+
			`{"kind":"new","tier":"gold","discount_percent":"9"}]`), "benefits[1]", "never applies: benefits[0]"},
		{policy.KindDealRegistration, plus(deals, `"benefits":[`+many(policy.MaxBenefits+1, `{"tier":"t%d","discount_percent":"5"}`)+`]`),
			"benefits", "at most 200"},

		{policy.KindCatalogue, `{}`, "products", "is missing"},
		{policy.KindCatalogue, `{"products":null}`, "products", "want a list"},
		{policy.KindCatalogue, `{"products":[{}]}`, "products[0].name", "is missing"},
		{policy.KindCatalogue, `{"products":[{"name":" "}]}`, "products[0].name", "empty"},
		{policy.KindCatalogue, `{"products":[{"name":"` + long + `"}]}`, "products[0].name", "longer"},
		{policy.KindCatalogue, `{"products":[{"name":"A","line":"` + long + `"}]}`, "products[0].line", "longer"},
		{policy.KindCatalogue, `{"products":[{"name":"A","nmae":"A"}]}`, "products[0].nmae", "unknown field"},
		{policy.KindCatalogue, `{"products":[{"name":"A"},{"name":"B","aliases":["C","a "]}]}`, "products[1].aliases[1]", "white space"},
		{policy.KindCatalogue, `{"products":[{"name":"A"},{"name":"B"},{"name":"C","aliases":["a"]}]}`,
			"products[2].aliases[0]", "ambiguous: products[0].name"},
		{policy.KindCatalogue, `{"products":[{"name":"A B"},{"name":"ab"}]}`, "products[1].name", "ambiguous"},
		{policy.KindCatalogue, `{"products":[{"name":"A","aliases":[7]}]}`, "products[0].aliases[0]", "want a text, not number"},
		{policy.KindCatalogue, `{"products":[` + many(policy.MaxProducts+1, `{"name":"p%d"}`) + `]}`, "products", "at most 5000"},
		{policy.KindCatalogue, `{"products":[{"name":"A","aliases":[` + many(policy.MaxAliases+1, `"a%d"`) + `]}]}`,
			"products[0].aliases", "at most 50"},
		{policy.KindCatalogue, `{"products":[` + strings.Repeat(" ", policy.MaxBodySize) + `]}`, "", "bytes"},

		{policy.KindTiering, `{"tiers":[],"grace_days":90}`, "tiers", "want 1 to 20"},
		{policy.KindTiering, `{"tiers":[` + many(policy.MaxTiers+1, `{"name":"t%d"}`) + `],"grace_days":90}`, "tiers", "want 1 to 20"},
		{policy.KindTiering, `{"tiers":[{"name":"Gold"}],"grace_days":90}`, "tiers[0].name", "short name"},
		{policy.KindTiering, `{"tiers":[{"name":"a"},{"name":"a"}],"grace_days":90}`, "tiers[1].name", "already"},
		{policy.KindTiering, `{"tiers":[{"name":"a","criteria":{}}],"grace_days":90}`, "tiers[0].criteria", "unknown field"},
		{policy.KindTiering, `{"tiers":[{"name":"a"}],"grace_days":-1}`, "grace_days", "want 0 to 3650"},
		{policy.KindDispute, dispute(`"open_days":30`, `"open_days":-1`), "open_days", "want 0 to 3650"},
		{policy.KindDispute, dispute(`"response_business_days":5`, `"response_business_days":0`), "response_business_days", "want 1 to 260"},
		{policy.KindDispute, dispute(`"ruling_business_days":10`, `"ruling_business_days":261`), "ruling_business_days", "want 1 to 260"},
		{policy.KindDispute, dispute(`"appeal_days":15`, `"appeal_days":0`), "appeal_days", "want 1 to 3650"},
		{policy.KindDispute, dispute(`["channel_manager","partner_operations","appeal_board"]`, `["one"]`), "levels", "want 2 to 10"},
		{policy.KindDispute, dispute(`"channel_manager",`, `"appeal_board",`), "levels[2]", "already"},
		{policy.KindDispute, dispute(`"channel_manager",`, `"The Board",`), "levels[0]", "short name"},
		{policy.KindDispute, dispute(`"vendor_level":"partner_operations"`, `"vendor_level":"king"`), "vendor_level", "one of the levels"},
		{policy.KindDispute, dispute(`"holidays":[]`, `"holidays":["2026-05-01","2026-05-01"]`), "holidays[1]", "each once"},

		{policy.KindConflict, `{"similarity":"1.01","blocking":["live_registration"]}`, "similarity", "up to 1"},
		{policy.KindConflict, `{"similarity":"0","blocking":["live_registration"]}`, "similarity", "above 0"},
		{policy.KindConflict, `{"similarity":"0.92345","blocking":["live_registration"]}`, "similarity", "4 decimals"},
		{policy.KindConflict, `{"similarity":0.92,"blocking":["live_registration"]}`, "similarity", "want a text, not number"},
		{policy.KindConflict, `{"similarity":"0.9","blocking":["live_registration","nope"]}`, "blocking[1]", "unknown rule"},
		{policy.KindConflict, `{"similarity":"0.9","blocking":["live_registration","live_registration"]}`, "blocking[1]", "twice"},
		{policy.KindConflict, `{"similarity":"0.9","blocking":["similar_name"]}`, "blocking", "live_registration"},

		{policy.KindApproval, `{"window_days":367,"limits":[]}`, "window_days", "want 0 to 366"},
		{policy.KindApproval, `{"window_days":30,"limits":[{"action":"lunch","up_to":{"amount":"1","currency":"EUR"}}]}`,
			"limits[0].action", "unknown action"},
		{policy.KindApproval, `{"window_days":30,"limits":[{"action":"claim","up_to":{"amount":"1.234","currency":"EUR"}}]}`,
			"limits[0].up_to", "at most 2 decimals"},
		{policy.KindApproval, `{"window_days":30,"limits":[{"action":"claim","up_to":{"amount":"-1","currency":"EUR"}}]}`,
			"limits[0].up_to", "0 or more"},
		{policy.KindApproval, `{"window_days":30,"limits":[{"action":"claim","up_to":{"amount":"1","currency":"EUR"}},` +
			`{"action":"claim","up_to":{"amount":"2","currency":"EUR"}}]}`, "limits[1]", "already"},
		{policy.KindApproval, `{"window_days":30,"limits":[` +
			many(policy.MaxLimits+1, `{"action":"claim","up_to":{"amount":"%d","currency":"EUR"}}`) + `]}`, "limits", "at most 500"},

		{policy.KindMDF, strings.Replace(mdf, `"50"`, `"0"`, 1), "vendor_share_percent", "above 0"},
		{policy.KindMDF, strings.Replace(mdf, `"50"`, `"100.5"`, 1), "vendor_share_percent", "up to 100"},
		{policy.KindMDF, strings.Replace(mdf, `"50"`, `50`, 1), "vendor_share_percent", "in quotes"},
		{policy.KindMDF, strings.Replace(mdf, `:60`, `:3651`, 1), "claim_days", "want 0 to 3650"},
		{policy.KindMDF, strings.Replace(mdf, `:15`, `:-1`, 1), "refile_days", "want 0 to 3650"},
		{policy.KindMDF, strings.Replace(mdf, `"dispute_days":30`, `"dispute_days":-1`, 1), "dispute_days", "want 0 to 3650"},
		{policy.KindMDF, strings.Replace(mdf, `"expiry_days":30`, `"expiry_days":-1`, 1), "expiry_days", "want 0 to 3650"},
		{policy.KindMDF, strings.Replace(mdf, `"proof_required":true,`, ``, 1), "proof_required", "is missing"},
		{policy.KindRebate, `{}`, "schemes", "is missing"},
		{policy.KindRebate, schemes(standard + "," + standard), "schemes[1].name", "already"},
		{policy.KindRebate, schemes(strings.Replace(standard, "standard", "Best One", 1)), "schemes[0].name", "short name"},
		{policy.KindRebate, schemes(strings.Replace(standard, "retroactive", "lavish", 1)), "schemes[0].kind", "unknown kind"},
		{policy.KindRebate, schemes(strings.Replace(standard, "sell_out", "gossip", 1)), "schemes[0].basis", "unknown basis"},
		{policy.KindRebate, schemes(strings.Replace(standard, `"EUR","bands"`, `"Euro","bands"`, 1)), "schemes[0].currency", "ISO 4217"},
		{policy.KindRebate, schemes(strings.Replace(standard, `"bands"`, `"baseline":{"amount":"1","currency":"EUR"},"bands"`, 1)),
			"schemes[0].baseline", "growth"},
		{policy.KindRebate, schemes(strings.Replace(standard, "retroactive", "flat", 1)), "schemes[0].bands", "one band, from 0"},
		{policy.KindRebate, schemes(strings.Replace(standard, `"100"`, `"99"`, 1)), "schemes[0].bands[1].from", "want more than 99.00 EUR"},
		{policy.KindRebate, schemes(strings.Replace(standard, `"percent":"5"`, `"percent":"100.1"`, 1)), "schemes[0].bands[1].percent", "0 to 100"},
		{policy.KindRebate, schemes(strings.Replace(standard, `"percent":"5"`, `"percent":5`, 1)), "schemes[0].bands[1].percent", "in quotes"},
		{policy.KindRebate, schemes(strings.Replace(standard, `"99","currency":"EUR"`, `"99","currency":"USD"`, 1)), "schemes[0].bands[0].from", "in EUR"},
		{policy.KindRebate, schemes(strings.Replace(standard, `"bands"`, `"cap":{"amount":"-1","currency":"EUR"},"bands"`, 1)),
			"schemes[0].cap", "0 or more"},
		{policy.KindRebate, schemes(strings.Replace(standard, `"bands"`,
			`"minimum":{"amount":"2","currency":"EUR"},"maximum":{"amount":"1","currency":"EUR"},"bands"`, 1)), "schemes[0].maximum", "below the minimum"},
		{policy.KindRebate, schemes(strings.Replace(standard, `"bands"`, `"product_lines":["GTX","g t x"],"bands"`, 1)),
			"schemes[0].product_lines[1]", "already"},
		{policy.KindRebate, schemes(strings.Replace(standard, `"bands"`, `"product_lines":[" "],"bands"`, 1)), "schemes[0].product_lines[0]", "empty"},
		{policy.KindRebate, schemes(`{"name":"a","kind":"flat","basis":"sell_in","currency":"EUR","bands":[]}`), "schemes[0].bands", "1 to 50"},
		{policy.KindRebate, `{"schemes":[` + many(policy.MaxSchemes+1, `{"name":"s%d","kind":"flat","basis":"sell_in","currency":"EUR","bands":[]}`) + `]}`,
			"schemes", "at most 200"},

		{policy.KindReconciliation, `{"date_days":367,"tolerances":[]}`, "date_days", "want 0 to 366"},
		{policy.KindReconciliation, `{"date_days":5,"tolerances":[{"under":{"amount":"-1","currency":"EUR"},` +
			`"over":{"amount":"1","currency":"EUR"}}]}`, "tolerances[0].under", "0 or more"},
		{policy.KindReconciliation, `{"date_days":5,"tolerances":[{"under":{"amount":"1","currency":"EUR"},` +
			`"over":{"amount":"1","currency":"USD"}}]}`, "tolerances[0].over", "in EUR"},
		{policy.KindReconciliation, `{"date_days":5,"tolerances":[` + many(2, `{"under":{"amount":"%[1]d","currency":"EUR"},`+
			`"over":{"amount":"%[1]d","currency":"EUR"}}`) + `]}`, "tolerances[1]", "already"},

		{"weather", `{}`, "", "unknown kind of policy"},
	} {
		_, err := policy.Parse(c.kind, json.RawMessage(c.body))
		rejection := domain.AsRejection(err)
		require.NotNil(t, rejection, "%s %.80s: %v", c.kind, c.body, err)
		assert.Equal(t, domain.KindInvalid, rejection.Kind)
		assert.Equal(t, c.path, rejection.Field, "%s %.80s: %v", c.kind, c.body, err)
		assert.Contains(t, rejection.Detail, c.about, "%s %.80s", c.kind, c.body)
	}
}

// What was published stays readable when the program knows fewer or more fields than the one that wrote it.
func TestReadIsLenient(t *testing.T) {
	body, err := policy.Read(policy.KindDealRegistration, json.RawMessage(`{"protection_days":90,"of_tomorrow":true}`))
	require.NoError(t, err)
	assert.Equal(t, policy.DealRegistration{ProtectionDays: 90}, body)
	_, err = policy.Read(policy.KindDealRegistration, json.RawMessage(`[]`))
	require.Error(t, err)
	_, err = policy.Read("weather", json.RawMessage(`{}`))
	require.Error(t, err)
}

func FuzzParse(f *testing.F) {
	for _, body := range policy.Defaults() {
		raw, err := json.Marshal(body)
		require.NoError(f, err)
		f.Add(string(body.Kind()), raw)
	}
	f.Fuzz(func(t *testing.T, kind string, raw []byte) {
		body, err := policy.Parse(policy.Kind(kind), raw)
		if err != nil {
			require.NotNil(t, domain.AsRejection(err), "every refusal is a rejection: %v", err)
			return
		}
		written, err := json.Marshal(body)
		require.NoError(t, err)
		again, err := policy.Parse(policy.Kind(kind), written)
		require.NoError(t, err)
		rewritten, err := json.Marshal(again)
		require.NoError(t, err)
		require.Equal(t, string(written), string(rewritten))
	})
}

// standard is a scheme with a mistake in none of its fields.
const standard = `{"name":"standard","kind":"retroactive","basis":"sell_out","currency":"EUR","bands":[` +
	`{"from":{"amount":"99","currency":"EUR"},"percent":"2"},{"from":{"amount":"100","currency":"EUR"},"percent":"5"}]}`

func schemes(list string) string { return `{"schemes":[` + list + `]}` }

func TestSchemesAreFoundByNameAndCountTheirLines(t *testing.T) {
	body, err := policy.Parse(policy.KindRebate, json.RawMessage(schemes(strings.Replace(standard, `"bands"`, `"product_lines":["GTX"],"bands"`, 1))))
	require.NoError(t, err)
	s, ok := body.(policy.Rebate).Scheme("standard")
	require.True(t, ok)
	assert.True(t, s.Counts("gtx"))
	assert.False(t, s.Counts("MG"))
	assert.True(t, policy.Scheme{}.Counts("MG"), "without a list every line counts")
	_, ok = body.(policy.Rebate).Scheme("other")
	assert.False(t, ok)
}

// plus is an object with further fields.
func plus(object, fields string) string { return strings.TrimSuffix(object, "}") + "," + fields + "}" }

func TestTermsByKindAndTier(t *testing.T) {
	d := policy.DefaultDealRegistration()
	require.Equal(t, 30, d.WindDown())
	_, any := d.BenefitFor(policy.DealNew, "gold")
	require.False(t, any)
	d.WindDownDays = 7
	d.Kinds = []policy.KindTerms{{Kind: policy.DealRenewal, ProtectionDays: 60}}
	d.Benefits = []policy.Benefit{
		{Kind: policy.DealNew, Tier: "gold", DiscountPercent: rate("12.5")}, {Tier: "gold", DiscountPercent: rate("5")},
		{Kind: policy.DealNew, DiscountPercent: rate("10")},
	}
	require.NoError(t, d.Validate())
	require.Equal(t, 7, d.WindDown())
	require.Equal(t, 60, d.ProtectionFor(policy.DealRenewal))
	require.Equal(t, 180, d.ProtectionFor(policy.DealNew))
	for _, c := range []struct {
		kind       policy.DealKind
		tier, want string
	}{
		{policy.DealNew, "gold", "12.5"}, {policy.DealRenewal, "gold", "5"}, {policy.DealNew, "", "10"}, {policy.DealRenewal, "silver", "0"},
	} {
		b, _ := d.BenefitFor(c.kind, c.tier)
		require.Equal(t, rate(c.want), b.DiscountPercent, "%s %s", c.kind, c.tier)
	}
}

func rate(text string) domain.Rate { return domain.Must(domain.ParseRate(text)) }

func many(n int, format string) string {
	parts := make([]string, n)
	for i := range parts {
		parts[i] = fmt.Sprintf(format, i)
	}
	return strings.Join(parts, ",")
}

func eur(amount string) domain.Money { return domain.Must(domain.ParseMoney(amount, "EUR")) }

// dispute is the default dispute policy with one part replaced.
func dispute(part, by string) string {
	raw, _ := json.Marshal(policy.DefaultDispute())
	return strings.Replace(string(raw), part, by, 1)
}
