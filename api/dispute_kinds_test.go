package api_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
)

// A ruling that names what isn't there is refused: nobody could ever carry it out, and nobody could correct it.
func TestARemedyIsAboutWhatThereIs(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	north, south := w.partner("north"), w.partner("south")
	deal := north.approved("acme", "10.00")
	stream := w.streamOf(deal)
	x := south.disputes("deal_ownership", w.eventOf(stream, "deal.approved.v1"), north)
	x.does(north.admin(), "response", object{"statement": "no"})
	judge := x.judge("judge-1")
	refused := func(who caller, action string, body object, rule, location string) {
		t.Helper()
		require.Equal(t, location, who.post(x.path+"/"+action, body).problem(404, rule).Errors[0].Location)
	}
	elsewhere := south.reassignment("/v1/deals/"+newID(), stream)
	refused(judge, "ruling", x.verdict("upheld", elsewhere), "thing_unknown", "body.remedies[0].deal_id")
	refused(south.admin(), "settlement", object{"text": "ours", "terms": []object{elsewhere}}, "thing_unknown", "body.terms[0].deal_id")
	theirs := south.reassignment(deal, stream)
	theirs["seller_id"] = north.seller
	refused(judge, "ruling", x.verdict("upheld", theirs), "seller_unknown", "body.remedies[0].seller_id")
	findings := object{"kind": "override_conflicts", "stream": stream, "deal_id": theirs["deal_id"], "finding_ids": []string{newID()}}
	refused(judge, "ruling", x.verdict("upheld", findings), "thing_unknown", "body.remedies[0].finding_ids[0]")
	tier := object{"kind": "set_tier", "stream": "partner-" + south.id, "tier": "platin"}
	refused(judge, "ruling", x.verdict("upheld", tier), "tier_unknown", "body.remedies[0].tier")
	x.does(judge, "ruling", x.verdict("upheld", south.reassignment(deal, stream)))
}

func (w *world) vendor() caller { return w.as("ops-3", domain.PartnerOps) }

// heard has the respondent answer, and the first judge rule that the claimant is right.
func (x *trial) heard(respondent caller, remedy object) {
	x.t.Helper()
	x.does(respondent, "response", object{"statement": "it is as it should be"})
	x.does(x.judge("judge-1"), "ruling", x.verdict("upheld", remedy))
}

// upheld has all sides take the ruling as it is; its remedy is carried out.
func (x *trial) upheld(claimant, respondent caller, remedy object) {
	x.t.Helper()
	x.heard(respondent, remedy)
	x.does(claimant, "appeal/waive", object{})
	x.does(respondent, "appeal/waive", object{})
	x.becomes("closed")
	require.Equal(x.t, "applied", x.remedy(0)["status"])
}

// atOnce has the remedy carried out before the ruling is final.
func (x *trial) atOnce(respondent caller, remedy object) {
	x.t.Helper()
	remedy["at_once"] = true
	x.heard(respondent, remedy)
	x.eventually("the remedy is carried out", func() bool { return x.remedy(0)["status"] == "applied" })
}

// overturned has the appeal decide otherwise; the remedy is taken back.
func (x *trial) overturned(respondent caller) {
	x.t.Helper()
	x.does(respondent, "appeal", object{"grounds": "the ledger shows something else"})
	x.does(x.judge("judge-2"), "appeal/ruling", x.verdict("denied"))
	x.becomes("closed")
	require.Equal(x.t, "undone", x.remedy(0)["status"])
}

func (w *world) eventually(what string, holds func() bool) {
	w.t.Helper()
	require.Eventually(w.t, holds, time.Minute, time.Millisecond, what)
}

// now reads something with everything that the log holds by now.
func (w *world) now(path string) answer {
	w.t.Helper()
	join := "?"
	if strings.Contains(path, "?") {
		join = "&"
	}
	return w.auditor().get(path + join + "wait_for=" + w.end().String()).is(200)
}

// posted is what the entries of a type of event, in a stream, come to in each financial account.
func (w *world) posted(stream, name string) map[string]string {
	w.t.Helper()
	sums := map[string]domain.Money{}
	for _, entry := range w.now("/v1/books/journal?book=financial&limit=500&stream=" + stream + "&type=" + name).list("data") {
		for _, line := range entry.(object)["lines"].([]any) {
			account := line.(object)["account"].(object)["name"].(string)
			amount := domain.Must(domain.ParseMoney(line.(object)["amount"].(object)["amount"].(string), "EUR"))
			sums[account] = domain.Must(sums[account].Add(amount))
		}
	}
	texts := map[string]string{}
	for account, sum := range sums {
		texts[account] = sum.Decimal()
	}
	return texts
}

// balance is what an account closes with in the trial balance, which as a whole is nought.
func (w *world) balance(account string) string {
	w.t.Helper()
	a := w.now("/v1/books/trial-balance?account=" + account)
	for _, total := range w.now("/v1/books/trial-balance").list("data", "totals") {
		require.Equal(w.t, eur("0.00"), total.(object)["closing"])
	}
	rows := a.list("data", "accounts")
	require.Len(w.t, rows, 1, account)
	return rows[0].(object)["closing"].(object)["amount"].(string)
}

// owing waits until what is open of the payables of a claim or an agreement comes to an amount.
func (w *world) owing(source, amount string) {
	w.t.Helper()
	w.eventually("of "+source+" "+amount+" is to be paid", func() bool {
		sum := domain.Must(domain.ParseMoney("0.00", "EUR"))
		for _, p := range w.now("/v1/payables?source_id=" + source).list("data") {
			sum = domain.Must(sum.Add(domain.Must(domain.ParseMoney(p.(object)["open"].(object)["amount"].(object)["amount"].(string), "EUR"))))
		}
		return sum.Decimal() == amount
	})
}

// pipelineOf is what a partner has sourced of what is open.
func (a ally) pipelineOf() string {
	a.t.Helper()
	return a.numeratorOf("sourced_pipeline")
}

// numeratorOf is a partner's part of an amount, by everybody's answer.
func (a ally) numeratorOf(metric string) string {
	a.t.Helper()
	groups, _ := a.now("/v1/metrics/"+metric+"?group_by=partner").field("data", "groups").([]any) // none, of nothing
	for _, g := range groups {
		if g := g.(object); g["value"] == a.id {
			return g["values"].([]any)[0].(object)["numerator"].(string)
		}
	}
	return "0.00"
}

// rebate is an approved one: the agreement's path, its id, and its stream.
func (a ally) rebate() (path, id, stream string) {
	a.t.Helper()
	path, _ = a.sells("60000.00")
	a.clock.pass(24 * hour)
	a.finance().post(path+"/close", object{}).is(200)
	a.secondFinance().post(path+"/approve", object{}).is(200)
	id = strings.TrimPrefix(path, "/v1/rebates/agreements/")
	return path, id, "rebate-" + id
}

func dealID(path string) string { return strings.TrimPrefix(path, "/v1/deals/") }

// The deal is the other's at once, and the first one's again when the appeal is won; so is what it counts.
func TestADealOwnershipDispute(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	north, south := w.partner("north"), w.partner("south")
	deal := north.approved("acme", "10.00")
	stream := w.streamOf(deal)
	x := south.disputes("deal_ownership", w.eventOf(stream, "deal.approved.v1"), north)
	x.atOnce(north.admin(), south.reassignment(deal, stream))
	require.Equal(t, south.id, w.now(deal).text("data", "partner_id"))
	require.Equal(t, []string{"0.00", "10.00"}, []string{north.pipelineOf(), south.pipelineOf()})
	x.overturned(north.admin())
	require.Equal(t, north.id, w.now(deal).text("data", "partner_id"))
	require.Equal(t, []string{"10.00", "0.00"}, []string{north.pipelineOf(), south.pipelineOf()})
}

// A partner that was gone around has a part of the credit, until the appeal is won.
func TestACustomerBypassDispute(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	north, south := w.partner("north"), w.partner("south")
	deal := north.approved("acme", "10.00")
	stream := w.streamOf(deal)
	x := south.disputes("customer_bypass", w.eventOf(stream, "deal.approved.v1"), north)
	require.Equal(t, []string{"10.00", "0.00"}, []string{north.pipelineOf(), south.pipelineOf()})
	x.atOnce(north.admin(), north.split("0.7", south, "0.3", deal, stream))
	require.Len(t, w.now(deal).list("data", "credit"), 2)
	require.Equal(t, []string{"7.00", "3.00"}, []string{north.pipelineOf(), south.pipelineOf()})
	whole := w.now("/v1/metrics/sourced_pipeline").list("data", "total")[0].(object)
	require.Equal(t, []any{"10.00", "10.00"}, []any{whole["numerator"], whole["denominator"]})
	own := south.admin().get("/v1/metrics/sourced_pipeline/drilldown").is(200).list("data")
	require.Len(t, own, 1, "its people see the deal that it has a part of")
	split := own[0].(object)["events"].([]any)
	require.Equal(t, "deal.credit_split_set.v1", split[len(split)-1].(object)["type"])

	x.overturned(north.admin())
	require.Nil(t, w.now(deal).field("data", "credit"))
	require.Equal(t, []string{"10.00", "0.00"}, []string{north.pipelineOf(), south.pipelineOf()})
}

// What a split deal brought is both partners', the cent left over the first one's; what the pipeline lists stays the deal's.
func TestACustomerBypassDisputeOfAWin(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	north, south := w.partner("north"), w.partner("south")
	deal := north.approved("acme", "10.01")
	stream := w.streamOf(deal)
	w.as("import-1", domain.ServiceRole).post(deal+"/win", object{"lines": []object{{"product": "GTX", "amount": eur("10.01")}}}).is(200)
	revenue := func() []string {
		return []string{north.numeratorOf("sourced_revenue"), south.numeratorOf("sourced_revenue")}
	}
	require.Equal(t, []string{"10.01", "0.00"}, revenue())
	require.Equal(t, "1 of 2", w.activated())
	x := south.disputes("customer_bypass", w.eventOf(stream, "deal.won.v1"), north)
	x.atOnce(north.admin(), north.split("0.5", south, "0.5", deal, stream))
	require.Equal(t, []string{"5.01", "5.00"}, revenue())
	require.Equal(t, "2 of 2", w.activated())
	for _, g := range w.now("/v1/pipeline?group_by=partner").list("data") {
		require.Equal(t, north.id, g.(object)["value"])
	}
	x.overturned(north.admin())
	require.Equal(t, []string{"10.01", "0.00"}, revenue())
	require.Equal(t, "1 of 2", w.activated())
}

// split is the remedy that divides a deal's credit between the partner and another one.
func (a ally) split(share string, other ally, rest, deal, stream string) object {
	return object{"kind": "split_credit", "stream": stream, "deal_id": dealID(deal), "shares": []object{
		{"partner_id": a.id, "share": share}, {"partner_id": other.id, "share": rest},
	}}
}

// activated are the partners that brought revenue, of those in the program.
func (w *world) activated() string {
	w.t.Helper()
	total := w.now("/v1/metrics/activation_rate").list("data", "total")[0].(object)
	return total["numerator"].(string) + " of " + total["denominator"].(string)
}

// A protection that had ended is there again, and the deal in the pipeline.
func TestADealExpiryDispute(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	north := w.partner("north")
	deal := north.approved("acme", "10.00")
	stream := w.streamOf(deal)
	w.clock.pass(200 * 24 * hour)
	trial := &trial{world: w}
	trial.wake()
	w.eventually("it expires", func() bool { return w.now(deal).text("data", "status") == "expired" })
	require.Equal(t, "0.00", north.pipelineOf())
	until := w.clock.now().Add(60 * 24 * hour).UTC().Truncate(time.Second).Format(time.RFC3339)
	x := north.disputes("deal_expiry", w.eventOf(stream, "deal.expired.v1"))
	x.upheld(north.admin(), w.vendor(), object{
		"kind": "reinstate_protection", "stream": stream, "deal_id": dealID(deal), "protected_until": until,
	})
	shown := w.now(deal)
	require.Equal(t, []string{"approved", until}, []string{shown.text("data", "status"), shown.text("data", "protected_until")})
	require.Equal(t, "10.00", north.pipelineOf())
	w.eventOf(stream, "deal.hold_lifted.v1")
}

// What the vendor's own sales did opens a case by itself; the longer protection ends as it would have once that is overturned.
func TestADirectConflictDispute(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	north := w.partner("north")
	deal := north.approved("acme", "10.00")
	stream := w.streamOf(deal)
	before := w.now(deal).text("data", "protected_until")
	account := strings.TrimPrefix(stream, "account-")
	w.desk().post("/v1/accounts/"+account+"/opportunities", object{"products": []string{"GTX"}}).is(200)
	var opened []any
	w.eventually("a case is opened", func() bool {
		opened = w.now("/v1/disputes?kind=direct_conflict").list("data")
		return len(opened) == 1
	})
	x := &trial{
		world: w, path: "/v1/disputes/" + opened[0].(object)["id"].(string), subject: w.eventOf(stream, "deal.protection_breached.v1"),
	}
	until := w.clock.now().Add(400 * 24 * hour).UTC().Truncate(time.Second).Format(time.RFC3339)
	x.atOnce(w.vendor(), object{
		"kind": "reinstate_protection", "stream": stream, "deal_id": dealID(deal), "protected_until": until,
	})
	require.Equal(t, until, w.now(deal).text("data", "protected_until"))
	x.overturned(w.vendor())
	require.Equal(t, before, w.now(deal).text("data", "protected_until"))
	require.Len(t, w.now("/v1/disputes?kind=direct_conflict").list("data"), 1, "one breach, one case")
}

// A denied claim is owed as soon as it is ruled so, and no longer once that is overturned.
func TestAnMDFDenialDispute(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	m := w.partner("north").markets(w.budget("5000.00"), "2000.00")
	claim := m.files(m.request("100.00"), "200.00")
	w.finance().post("/v1/mdf/claims/"+claim+"/deny", object{"reason": "no stand in the picture"}).is(200)
	fund := "mdf_fund-" + m.fund
	x := m.disputes("mdf_denial", w.eventOf(fund, "mdf.claim_denied.v1"))
	x.atOnce(w.vendor(), object{"kind": "approve_claim", "stream": fund, "claim_id": claim, "amount": eur("60.00")})
	require.Equal(t, "approved", w.now("/v1/mdf/claims/"+claim).text("data", "status"))
	posted := map[string]string{"contra_revenue:mdf": "60.00", "liability:mdf_payable": "-60.00"}
	require.Equal(t, posted, w.posted(fund, "mdf.claim_approved.v1"))
	w.owing(claim, "60.00")
	require.Equal(t, "-60.00", w.balance("liability:mdf_payable"))

	x.overturned(w.vendor())
	posted = map[string]string{"contra_revenue:mdf": "-60.00", "liability:mdf_payable": "60.00"}
	require.Equal(t, posted, w.posted(fund, "mdf.claim_clawed_back.v1"))
	w.owing(claim, "0.00")
	require.Equal(t, "0.00", w.balance("liability:mdf_payable"))
	require.Equal(t, "0.00", w.now("/v1/mdf/funds/"+m.fund).text("data", "spent", "amount"))
}

// A claw-back of a claim is undone: what it took is owed again.
func TestAClawbackDispute(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	m := w.partner("north").markets(w.budget("5000.00"), "2000.00")
	claim := m.files(m.request("300.00"), "240.00")
	path, fund := "/v1/mdf/claims/"+claim, "mdf_fund-"+m.fund
	w.finance().post(path+"/approve", object{"approved": eur("120.00")}).is(200)
	w.owing(claim, "120.00")
	w.finance().post(path+"/claw-back", object{"amount": eur("20.00"), "reason": "a smaller stand"}).is(200)
	w.owing(claim, "100.00")
	back := w.now(path).list("data", "clawbacks")[0].(object)["clawback_id"]
	x := m.disputes("clawback", w.eventOf(fund, "mdf.claim_clawed_back.v1"))
	x.upheld(m.admin(), w.vendor(), object{"kind": "undo_clawback", "stream": fund, "claim_id": claim, "clawback_id": back})
	posted := map[string]string{"contra_revenue:mdf": "20.00", "liability:mdf_payable": "-20.00"}
	require.Equal(t, posted, w.posted(fund, "mdf.clawback_reversed.v1"))
	w.owing(claim, "120.00")
	require.Equal(t, "-120.00", w.balance("liability:mdf_payable"))
	require.Equal(t, "120.00", w.now("/v1/mdf/funds/"+m.fund).text("data", "spent", "amount"))
}

// A claw-back of a rebate is undone at once, and done again when the appeal is won.
func TestARebatesClawbackDispute(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	north := w.partner("north")
	path, id, stream := north.rebate()
	owed := w.now(path).text("data", "payable", "amount")
	w.owing(id, owed)
	w.finance().post(path+"/claw-back", object{"amount": eur("300.00"), "reason": "outside the territory"}).is(200)
	less := w.now(path).text("data", "payable", "amount")
	w.owing(id, less)
	back := w.now(path).list("data", "clawbacks")[0].(object)["id"]
	x := north.disputes("clawback", w.eventOf(stream, "rebate.clawed_back.v1"))
	x.atOnce(w.vendor(), object{"kind": "undo_clawback", "stream": stream, "clawback_id": back})
	posted := map[string]string{"contra_revenue:rebate": "300.00", "liability:rebate_payable": "-300.00"}
	require.Equal(t, posted, w.posted(stream, "rebate.clawback_reversed.v1"))
	w.owing(id, owed)
	x.overturned(w.vendor())
	w.owing(id, less)
	require.Equal(t, "-"+less, w.balance("liability:rebate_payable"))
}

// A rebate is more than it came to, until the appeal is won.
func TestARebateAmountDispute(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	north := w.partner("north")
	path, id, stream := north.rebate()
	owed := w.now(path).text("data", "payable", "amount")
	x := north.disputes("rebate_amount", w.eventOf(stream, "rebate.approved.v1"))
	x.atOnce(w.vendor(), object{"kind": "adjust_amount", "stream": stream, "amount": eur("25.00")})
	more := map[string]string{"contra_revenue:rebate": "25.00", "liability:rebate_payable": "-25.00"}
	require.Equal(t, more, w.posted(stream, "rebate.adjusted.v1"))
	adjusted := domain.Must(domain.Must(domain.ParseMoney(owed, "EUR")).Add(domain.Must(domain.ParseMoney("25.00", "EUR")))).Decimal()
	w.owing(id, adjusted)
	require.Equal(t, adjusted, w.now(path).text("data", "payable", "amount"))
	incentives := w.now("/v1/partners/"+north.id+"/incentives?kind=rebate").list("data", "accounts")
	require.Equal(t, eur(adjusted), incentives[0].(object)["closing"])
	x.overturned(w.vendor())
	w.owing(id, owed)
	require.Equal(t, "-"+owed, w.balance("liability:rebate_payable"))
}

// What a deal was priced at is made good with a rebate.
func TestAPricingDispute(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	north := w.partner("north")
	path, _, stream := north.rebate()
	before := w.balance("liability:rebate_payable")
	subject := w.eventOf(w.streamOf(north.approved("acme", "10.00")), "deal.approved.v1")
	opened := north.admin().post("/v1/disputes", object{
		"kind": "pricing", "stream": subject["stream"], "event_id": subject["event_id"], "streams": []string{stream},
		"remedy_sought": "the discount that was promised", "statement": "it was 5 %",
	}).is(201)
	x := &trial{world: w, path: opened.header.Get("Location"), subject: subject}
	x.upheld(north.admin(), w.vendor(), object{"kind": "adjust_amount", "stream": stream, "amount": eur("0.50")})
	posted := map[string]string{"contra_revenue:rebate": "0.50", "liability:rebate_payable": "-0.50"}
	require.Equal(t, posted, w.posted(stream, "rebate.adjusted.v1"))
	require.Equal(t, "0.50", w.now(path).text("data", "manual_adjusted", "amount"))
	require.NotEqual(t, before, w.balance("liability:rebate_payable"))
}

// A tier is set as ruled.
func TestATierDecisionDispute(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	north := w.partner("north")
	w.ops().post("/v1/partners/"+north.id+"/tier", object{"to": "silver", "reason": "as agreed"}).is(200)
	stream := "partner-" + north.id
	x := north.disputes("tier_decision", w.eventOf(stream, "partner.tier_changed.v1"))
	x.upheld(north.admin(), w.vendor(), object{"kind": "set_tier", "stream": stream, "tier": "gold"})
	require.Equal(t, "gold", w.now("/v1/partners/"+north.id).text("data", "standing", "tier"))
}
