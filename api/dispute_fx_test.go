package api_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
)

func usd(amount string) object { return object{"amount": amount, "currency": "USD"} }

// marketsInDollars is the partner's fund of USD 2 000, and an approved request for all of it.
func (a ally) marketsInDollars() (m marketing, request string) {
	a.t.Helper()
	budget := a.finance().post("/v1/mdf/budgets", object{
		"name": "H1", "period": object{"from": "2026-01-01", "to": "2026-06-30"}, "amount": usd("5000.00"),
	}).is(201).text("data", "id")
	m = marketing{ally: a, budget: budget, claims: new(int), proof: a.admin().stores("a picture of the stand")}
	allocated := a.finance().post("/v1/mdf/budgets/"+budget+"/allocate", object{"partner_id": a.id, "amount": usd("2000.00")}).is(200)
	listed := a.finance().get("/v1/mdf/funds?partner_id=" + a.id + "&wait_for=" + allocated.position()).is(200).list("data")
	m.fund = listed[0].(object)["id"].(string)
	body := m.submission("2000.00")
	body["total_cost"], body["requested"] = usd("100000.00"), usd("2000.00")
	request = m.admin().post("/v1/mdf/funds/"+m.fund+"/requests", body).is(201).text("data", "id")
	approval := approval("2000.00")
	approval["amount"] = usd("2000.00")
	m.finance().post("/v1/mdf/requests/"+request+"/approve", approval).is(200)
	return m, request
}

// postedIn is what the entries of a type of event, in a stream, come to in each financial account and currency.
func (w *world) postedIn(stream, name string) map[string]string {
	w.t.Helper()
	sums := map[string]domain.Money{}
	for _, entry := range w.now("/v1/books/journal?book=financial&limit=500&stream=" + stream + "&type=" + name).list("data") {
		for _, line := range entry.(object)["lines"].([]any) {
			amount := line.(object)["amount"].(object)
			currency := amount["currency"].(string)
			key := line.(object)["account"].(object)["name"].(string) + " " + currency
			sums[key] = domain.Must(sums[key].Add(domain.Must(domain.ParseMoney(amount["amount"].(string), currency))))
		}
	}
	texts := map[string]string{}
	for key, sum := range sums {
		texts[key] = sum.Decimal()
	}
	return texts
}

// booksAreZero holds that the financial and the budgetary book add up to nought in each currency.
func (w *world) booksAreZero() {
	w.t.Helper()
	totals := w.now("/v1/books/trial-balance").list("data", "totals")
	require.NotEmpty(w.t, totals)
	for _, total := range totals {
		require.Equal(w.t, "0.00", total.(object)["closing"].(object)["amount"], "%v", total)
	}
}

// A denied claim in euros on a fund in dollars is approved at the ruling's rate, and taken back when the appeal overturns it.
// Source: the vector of domain.md section 11.
func TestADisputedClaimInAnotherCurrency(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	m, request := w.partner("north").marketsInDollars()
	claim := m.files(request, "2469.12")
	w.finance().post("/v1/mdf/claims/"+claim+"/deny", object{"reason": "no stand in the picture"}).is(200)
	fund := "mdf_fund-" + m.fund
	x := m.disputes("mdf_denial", w.eventOf(fund, "mdf.claim_denied.v1"))
	remedy := object{"kind": "approve_claim", "stream": fund, "claim_id": claim, "amount": eur("1234.56")}
	remedy["fx"] = object{"rate": "1.0837", "source": "ECB reference rate 2026-03-02"}
	x.atOnce(w.vendor(), remedy)

	approved := w.now("/v1/mdf/claims/" + claim)
	require.Equal(t, "approved", approved.text("data", "status"))
	require.Equal(t, usd("1337.89"), approved.field("data", "terms", "drawn"))
	require.Equal(t, usd("1337.89"), w.now("/v1/mdf/funds/"+m.fund).field("data", "spent"))
	require.Equal(t, map[string]string{
		"contra_revenue:mdf USD": "1337.89", "equity:fx USD": "-1337.89", "equity:fx EUR": "1234.56", "liability:mdf_payable EUR": "-1234.56",
	}, w.postedIn(fund, "mdf.claim_approved.v1"))
	w.owing(claim, "1234.56")
	w.booksAreZero()

	x.overturned(w.vendor())
	require.Equal(t, map[string]string{
		"contra_revenue:mdf USD": "-1337.89", "equity:fx USD": "1337.89", "equity:fx EUR": "-1234.56", "liability:mdf_payable EUR": "1234.56",
	}, w.postedIn(fund, "mdf.claim_clawed_back.v1"))
	w.owing(claim, "0.00")
	require.Equal(t, usd("0.00"), w.now("/v1/mdf/funds/"+m.fund).field("data", "spent"))
	w.booksAreZero()
}

// A rate that the claim doesn't need is no remedy: it is parked, and the case says why.
func TestARateThatIsNotNeededIsParked(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	m := w.partner("north").markets(w.budget("5000.00"), "2000.00")
	claim := m.files(m.request("100.00"), "200.00")
	w.finance().post("/v1/mdf/claims/"+claim+"/deny", object{"reason": "no stand in the picture"}).is(200)
	fund := "mdf_fund-" + m.fund
	x := m.disputes("mdf_denial", w.eventOf(fund, "mdf.claim_denied.v1"))
	remedy := object{"kind": "approve_claim", "stream": fund, "claim_id": claim, "amount": eur("60.00"), "at_once": true}
	remedy["fx"] = object{"rate": "1.1", "source": "ECB"}
	x.heard(w.vendor(), remedy)
	w.eventually("it is parked", func() bool { return x.remedy(0)["status"] == "parked" })
	require.Contains(t, x.remedy(0)["missing"], "the claim is in the fund's currency")
}
