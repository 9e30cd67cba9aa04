package api_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
)

func eur(amount string) object { return object{"amount": amount, "currency": "EUR"} }

// today is a day so many days from the world's.
func (w *world) today(days int) string {
	return domain.DateOf(w.clock.now(), time.UTC).AddDays(days).String()
}

func (w *world) finance() caller       { return w.as("finance-1", domain.Finance) }
func (w *world) secondFinance() caller { return w.as("finance-2", domain.Finance) }

// budget is the id of one for the first half of the year.
func (w *world) budget(amount string) string {
	w.t.Helper()
	return w.finance().post("/v1/mdf/budgets", object{
		"name": "H1", "period": object{"from": "2026-01-01", "to": "2026-06-30"}, "amount": eur(amount),
	}).is(201).text("data", "id")
}

// marketing is a partner's fund.
type marketing struct {
	ally
	budget, fund string
	proof        string // its hash
	claims       *int
}

// markets is the partner's fund of a budget, credited.
func (a ally) markets(budget, amount string) marketing {
	a.t.Helper()
	m := marketing{ally: a, budget: budget, claims: new(int)}
	m.proof = a.admin().stores("a picture of the stand")
	allocated := a.finance().post("/v1/mdf/budgets/"+budget+"/allocate", object{"partner_id": a.id, "amount": eur(amount)}).is(200)
	listed := a.finance().get("/v1/mdf/funds?budget_id=" + budget + "&partner_id=" + a.id + "&wait_for=" + allocated.position()).is(200)
	m.fund = listed.list("data")[0].(object)["id"].(string)
	return m
}

// submission asks for an amount for an event next week.
func (m marketing) submission(amount string) object {
	return object{
		"activity": "event", "title": "Stand at the fair", "starts": m.today(7), "ends": m.today(9),
		"total_cost": eur("100000.00"), "requested": eur(amount),
	}
}

// submits is the id of a request that nobody decided.
func (m marketing) submits(amount string) string {
	m.t.Helper()
	return m.admin().post("/v1/mdf/funds/"+m.fund+"/requests", m.submission(amount)).is(201).text("data", "id")
}

func approval(amount string) object {
	return object{"amount": eur(amount), "treatment": "contra_revenue", "basis": "no distinct good or service"}
}

// request is the id of an approved one.
func (m marketing) request(amount string) string {
	m.t.Helper()
	id := m.submits(amount)
	m.finance().post("/v1/mdf/requests/"+id+"/approve", approval(amount)).is(200)
	return id
}

// invoice is a claim without tax; each has a number of its own.
func (m marketing) invoice(net string) object {
	*m.claims++
	return object{
		"supplier": "Messebau Nord GmbH", "invoice_number": fmt.Sprint("RE-", *m.claims), "invoice_date": "2026-03-01",
		"net": eur(net), "gross": eur(net), "settlement": "partner_invoice",
		"proof": []object{{"name": "stand.jpg", "size": 48211, "sha256": m.proof}},
	}
}

// files is the id of a claim on a request.
func (m marketing) files(request, net string) string {
	m.t.Helper()
	return m.admin().post("/v1/mdf/requests/"+request+"/claims", m.invoice(net)).is(201).text("data", "id")
}

// claim is the id of one that waits.
func (m marketing) claim(net string) string {
	m.t.Helper()
	return m.files(m.request("10.00"), net)
}

func everyFundRoute(t *testing.T, w *world, north ally) {
	t.Helper()
	finance, second, importer := w.finance(), w.secondFinance(), w.as("import-1", domain.ServiceRole)
	m := north.markets(w.budget("5000.00"), "2000.00")
	budget, requests, claims := "/v1/mdf/budgets/"+m.budget, "/v1/mdf/requests/", "/v1/mdf/claims/"
	status := []string{"status"}
	walk(t, []step{
		{finance, budget + "/increase", object{"amount": eur("500.00"), "reason": "launch"}, []string{"unallocated", "amount"}, "3500.00"},
		{finance, budget + "/release", object{"partner_id": north.id, "amount": eur("100.00"), "reason": "slow"}, []string{"available", "amount"}, "1900.00"},
	})
	made := north.admin().post("/v1/mdf/funds/"+m.fund+"/requests", m.submission("300.00")).is(201)
	path := made.header.Get("Location")
	require.Equal(t, requests+made.text("data", "id"), path)
	require.Equal(t, "submitted", made.text("data", "status"))
	declined, cancelled := requests+m.submits("10.00"), requests+m.submits("10.00")
	deal := north.registers("fairgoer", "GTX", "77.00")
	account := w.desk().get(deal).is(200).text("data", "account_id")
	walk(t, []step{
		{finance, path + "/approve", approval("250.00"), status, "approved"},
		{finance, declined + "/decline", object{"reason": "no fit"}, status, "declined"},
		{north.people(), cancelled + "/cancel", object{"reason": "called off"}, status, "cancelled"},
		{finance, path + "/extend", object{"until": "2026-06-30", "reason": "late"}, status, "approved"},
		{w.ops(), path + "/attribute", object{"account_id": account, "deal_id": strings.TrimPrefix(deal, "/v1/deals/")}, status, "approved"},
	})
	request := strings.TrimPrefix(path, requests)
	first := north.admin().post(path+"/claims", m.invoice("200.00")).is(201)
	filed, denied, withdrawn := first.header.Get("Location"), claims+m.files(request, "201.00"), claims+m.files(request, "202.00")
	walk(t, []step{
		{finance, filed + "/return", object{"reason": "which stand?"}, status, "returned"},
		{north.admin(), filed + "/refile", m.invoice("210.00"), status, "filed"},
		{north.admin(), withdrawn + "/withdraw", object{}, status, "withdrawn"},
		{finance, denied + "/deny", object{"reason": "no picture"}, status, "denied"},
		{second, denied + "/reopen", object{"reason": "a better picture"}, status, "filed"},
		{finance, denied + "/deny", object{"reason": "it isn't"}, status, "denied"},
		{finance, filed + "/approve", object{"approved": eur("100.00")}, status, "approved"},
		{importer, filed + "/pay", object{"reference": "SEPA 7"}, status, "paid"},
		{finance, filed + "/claw-back", object{"amount": eur("10.00"), "reason": "smaller"}, status, "paid"},
	})
	back := w.finance().get(filed+"?wait_for="+w.end().String()).is(200).list("data", "clawbacks")[0].(object)["clawback_id"].(string)
	walk(t, []step{{second, filed + "/clawbacks/" + back + "/reverse", object{"reason": "it wasn't"}, status, "paid"}})

	twins := m.invoice("55.00")
	north.admin().post(path+"/claims", twins).is(201)
	twins["invoice_number"] = "another"
	twin := north.admin().post(path+"/claims", twins).is(201)
	finding := twin.list("data", "findings")[0].(object)["id"]
	twinPath := twin.header.Get("Location")
	finance.post(twinPath+"/approve", object{"approved": eur("5.00")}).problem(409, "duplicate_claim")
	walk(t, []step{{finance, twinPath + "/override", object{"finding_ids": []any{finding}, "reason": "two halves"}, status, "filed"}})
	twins["invoice_number"] = " ANOTHER"[1:]
	north.admin().post(path+"/claims", twins).problem(409, "duplicate_invoice")

	everyFundRead(t, w, m, north, path, filed)
	carryOver(t, w)
}

func everyFundRead(t *testing.T, w *world, m marketing, north ally, request, claim string) {
	t.Helper()
	wait := "wait_for=" + w.end().String()
	for _, path := range []string{"/v1/mdf/budgets", "/v1/mdf/funds", "/v1/mdf/requests", "/v1/mdf/claims"} {
		listed := w.auditor().get(path + "?limit=2&" + wait).is(200)
		require.NotEmpty(t, listed.list("data"), path)
		one := w.auditor().get(fmt.Sprintf("%s/%s", path, listed.list("data")[0].(object)["id"])).is(200)
		w.auditor().get(fmt.Sprintf("%s/%s", path, one.text("data", "id")), with("If-None-Match", one.header.Get("ETag"))).is(304)
		w.auditor().get(path + "/" + newID()).is(404)
		require.Empty(t, w.auditor().get(path+"?effective_at=2025-01-01").is(200).list("data"), path)
		w.auditor().get(fmt.Sprintf("%s/%s?known_at=2025-01-01", path, one.text("data", "id"))).is(404)
		w.auditor().get(path+"?id=me").problem(422, "invalid_field")
	}
	money := w.finance().get("/v1/mdf/budgets/" + m.budget + "?" + wait).is(200)
	for part, want := range map[string]string{
		"unallocated": "3600.00", "in_transit": "0.00", "available": "1650.00", "reserved": "150.00", "spent": "100.00", "expired": "0.00",
	} {
		require.Equal(t, want, money.text("data", "money", part, "amount"), part)
	}
	require.Len(t, w.finance().get(request).is(200).list("data", "attributions"), 1)
	south := w.partner("southern")
	south.people().get(claim).problem(404, "claim_unknown")
	south.people().get(request).problem(404, "request_unknown")
	require.Empty(t, south.people().get("/v1/mdf/claims").is(200).list("data"))
	require.NotEmpty(t, north.people().get("/v1/mdf/claims?flagged=false&supplier=messebau").is(200).list("data"))
	north.people().get("/v1/mdf/budgets").problem(403, "vendor_only")
	north.people().get("/v1/mdf/budgets/"+m.budget).problem(403, "vendor_only")
}

// carryOver: what expired is used again when two people want it.
func carryOver(t *testing.T, w *world) {
	t.Helper()
	north := w.partner("carried")
	made := w.finance().post("/v1/mdf/budgets", object{
		"name": "old", "period": object{"from": "2025-10-01", "to": w.today(-30)}, "amount": eur("100.00"),
	}).is(201)
	path := made.header.Get("Location")
	w.finance().post(path+"/allocate", object{"partner_id": north.id, "amount": eur("1.00")}).is(200)
	north.markets(made.text("data", "id"), "99.00")
	w.clock.pass(24 * hour) // the 30 days behind the budget's end are over
	w.partner("waker")      // the scheduler looks at its clock when something happens
	for range 3 {           // the expiry, what follows from it, and that it follows
		w.finance().get(path + "?wait_for=" + w.end().String()).is(200)
	}
	require.Equal(t, "100.00", w.finance().get(path).is(200).text("data", "money", "expired", "amount"))
	asked := w.finance().post(path+"/carry-over", object{"amount": eur("60.00"), "until": "2026-12-31", "reason": "fair moved"}).is(200)
	id := asked.text("data", "carry_over", "id")
	w.finance().post(path+"/carry-over/"+id+"/approve", object{}).problem(403, "maker_is_checker")
	walk(t, []step{
		{w.secondFinance(), path + "/carry-over/" + id + "/approve", object{}, []string{"unallocated", "amount"}, "60.00"},
		{w.finance(), path + "/close", object{"reason": "year end"}, []string{"status"}, "closed"},
	})
}

// TestTheLastMoneyIsDrawnOnce: two approvers draw on one fund's last money at once. It is never overdrawn, and the loser is
// told what is left.
func TestTheLastMoneyIsDrawnOnce(t *testing.T) {
	rounds := 200
	if testing.Short() {
		rounds = 20
	}
	w := newWorld(t)
	m := w.partner("north").markets(w.budget("100.00"), "100.00")
	for round := range rounds {
		ids := []string{m.submits("70.00"), m.submits("60.00")}
		answers := make([]answer, len(ids))
		var group sync.WaitGroup
		for i, id := range ids {
			group.Go(func() {
				amount := []string{"70.00", "60.00"}[i]
				answers[i] = w.as(fmt.Sprint("finance-", i), domain.Finance).post("/v1/mdf/requests/"+id+"/approve", approval(amount))
			})
		}
		group.Wait()
		winner, loser := 0, 1
		if answers[0].status != 200 {
			winner, loser = 1, 0
		}
		answers[winner].is(200)
		left := []string{"30.00 EUR", "40.00 EUR"}[winner]
		require.Contains(t, answers[loser].problem(409, "fund_short").Detail, left, "round %d", round)
		m.admin().post("/v1/mdf/requests/"+ids[winner]+"/cancel", object{"reason": "again"}).is(200)
	}
}

// TestAvailableHoldsUnderSixteenClients: requests, approvals and cancellations of sixteen clients at once never draw more
// than there is, by the log itself.
func TestAvailableHoldsUnderSixteenClients(t *testing.T) {
	w := newWorld(t)
	m := w.partner("north").markets(w.budget("1000.00"), "500.00")
	rounds := 12
	if testing.Short() {
		rounds = 3
	}
	var group sync.WaitGroup
	for client := range 16 {
		group.Go(func() {
			approver := w.as(fmt.Sprint("finance-", client), domain.Finance)
			for round := range rounds {
				id := m.submits("90.00")
				a := approver.post("/v1/mdf/requests/"+id+"/approve", approval("90.00"))
				require.Contains(t, []int{200, 409}, a.status, "%s", a.body)
				if a.status == 200 && (client+round)%3 > 0 {
					m.admin().post("/v1/mdf/requests/"+id+"/cancel", object{"reason": "called off"}).is(200)
				}
			}
		})
	}
	group.Wait()
	stream := w.auditor().get("/v1/streams/mdf_fund-" + m.fund + "?limit=500").is(200)
	available, approved := domain.Must(domain.ParseMoney("0.00", "EUR")), 0
	move := func(event object, field string, sign int64) {
		part, ok := event["data"].(object)[field].(object)
		require.True(t, ok, "%v", event)
		amount := domain.Must(domain.ParseMoney(part["amount"].(string), "EUR"))
		available = domain.Must(domain.NewMoney(available.Minor()+sign*amount.Minor(), "EUR"))
	}
	for after := -1; ; {
		for _, item := range stream.list("data") {
			event := item.(object)
			switch event["type"] {
			case "mdf.fund_credited.v1":
				move(event, "amount", 1)
			case "mdf.request_approved.v1":
				approved++
				move(event, "amount", -1)
			case "mdf.request_cancelled.v1":
				move(event, "freed", 1)
			}
			require.GreaterOrEqual(t, available.Sign(), 0, "%v", event["type"])
			after++
		}
		if stream.field("next") == nil {
			break
		}
		stream = w.auditor().get(fmt.Sprintf("/v1/streams/mdf_fund-%s?limit=500&after=%d", m.fund, after)).is(200)
	}
	require.NotZero(t, approved)
	read := w.finance().get("/v1/mdf/funds/" + m.fund + "?wait_for=" + w.end().String()).is(200)
	require.Equal(t, available.Decimal(), read.text("data", "available", "amount"))
}

func TestProofIsHandedInFirst(t *testing.T) {
	w := newWorld(t)
	m := w.partner("Northwind").markets(w.budget("500.00"), "200.00")
	path := "/v1/mdf/requests/" + m.request("100.00") + "/claims"
	claim := m.invoice("50.00")
	claim["proof"] = []object{{"name": "stand.jpg", "size": 48211, "sha256": strings.Repeat("ab", 32)}}
	m.admin().post(path, claim).problem(409, "document_unknown")
	claim["proof"] = []object{{"name": "stand.jpg", "size": 48211, "sha256": m.admin().stores("a stand")}}
	m.admin().post(path, claim).is(201)
}
