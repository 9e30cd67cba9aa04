package api_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
)

// referral is a second registration that a reviewer leaves to a dispute with the first one's partner.
type referral struct {
	*trial
	second  string // the deal's path
	stream  string
	finding string
}

func (w *world) refers(north, south ally) referral {
	w.t.Helper()
	north.approved("acme", "10.00")
	r := referral{second: south.registers("acme", "GTX", "20.00")}
	r.stream = w.streamOf(r.second)
	r.finding = findingsOf(w.desk(), r.second)[0]["id"].(string)
	w.desk().post(r.second+"/refer", object{"finding_ids": []string{r.finding}, "reason": "both brought the customer"}).is(200)
	r.trial = w.opensItself("deal_ownership", w.eventOf(r.stream, "deal.conflict_referred.v1"))
	return r
}

// opensItself waits for the case of a kind that nobody opened.
func (w *world) opensItself(kind string, subject object) *trial {
	w.t.Helper()
	var opened []any
	w.eventually("a case is opened", func() bool {
		opened = w.now("/v1/disputes?kind=" + kind).list("data")
		return len(opened) == 1
	})
	return &trial{world: w, path: "/v1/disputes/" + opened[0].(object)["id"].(string), subject: subject}
}

// remedy is what lets the second registration stand.
func (r referral) override() object {
	return object{"kind": "override_conflicts", "stream": r.stream, "deal_id": dealID(r.second), "finding_ids": []string{r.finding}}
}

// held waits until the case holds the deal, or does no longer.
func (r referral) held(held bool) {
	r.t.Helper()
	r.eventually("the hold is there, or gone", func() bool {
		holds, _ := r.now(r.second).field("data", "holds").([]any)
		return len(holds) == 1 && (holds[0].(object)["lifted"] == nil) == held
	})
}

func (r referral) status() any { return findingsOf(r.desk(), r.second)[0]["status"] }

// What a reviewer sends to a dispute, the ruling decides: then, and not before, the desk approves.
func TestAConflictThatAReviewerSendsThere(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	north, south := w.partner("north"), w.partner("south")
	r := w.refers(north, south)
	c := w.now(r.path)
	require.Equal(t, object{"partner_id": south.id}, c.field("data", "claimant"))
	require.Equal(t, []any{object{"partner_id": north.id}}, c.list("data", "respondents"))
	require.Equal(t, "both brought the customer", c.text("data", "statement"))
	require.Equal(t, "deal.conflict_referred.v1", c.text("data", "subject", "type"))
	require.Equal(t, "channel_manager", c.text("data", "level"))
	r.held(true)
	require.Equal(t, "referred", r.status())
	require.Len(t, w.now("/v1/conflicts?status=referred").list("data"), 1)
	body := object{"finding_ids": []string{r.finding}, "reason": "the desk knows better"}
	w.desk().post(r.second+"/override", body).problem(409, "finding_referred")
	w.desk().post(r.second+"/refer", body).problem(409, "finding_referred")
	w.desk().post(r.second+"/reject", object{"reason": "no"}).problem(409, "finding_referred")
	w.desk().post(r.second+"/approve", object{}).problem(409, "conflict")
	w.ops().post(r.path+"/adjudicator", object{"adjudicator": "desk-1"}).problem(409, "adjudicator_excluded")
	own := south.people().get(r.second).is(200)
	require.NotContains(t, string(own.body), "desk-1")

	r.upheld(south.admin(), north.admin(), r.override())
	r.held(false)
	found := findingsOf(w.desk(), r.second)[0]
	require.Equal(t, "overridden", found["status"])
	file := "dispute-" + strings.TrimPrefix(r.path, "/v1/disputes/")
	require.Equal(t, w.eventOf(file, "dispute.became_final.v1")["event_id"], found["ruling"])
	w.desk().post(r.second+"/approve", object{}).is(200)
	require.Len(t, w.now("/v1/disputes").list("data"), 1)
}

// An override that was carried out at once is taken back on appeal; then the desk decides again.
func TestAnOverrideIsTakenBackOnAppeal(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	north, south := w.partner("north"), w.partner("south")
	r := w.refers(north, south)
	r.atOnce(north.admin(), r.override())
	require.Equal(t, "overridden", r.status())
	r.overturned(north.admin())
	r.held(false)
	require.Equal(t, "open", r.status())
	w.eventOf(r.stream, "deal.conflict_override_undone.v1")
	w.desk().post(r.second+"/approve", object{}).problem(409, "conflict")
	w.desk().post(r.second+"/reject", object{"reason": "as the board said"}).is(200)
}

// What the desk did with an override can't be taken back by itself.
func TestAnOverrideThatWasUsedIsParkedOnAppeal(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	north, south := w.partner("north"), w.partner("south")
	r := w.refers(north, south)
	r.atOnce(north.admin(), r.override())
	w.desk().post(r.second+"/approve", object{}).is(200)
	r.does(north.admin(), "appeal", object{"grounds": "the ledger shows something else"})
	r.does(r.judge("judge-2"), "appeal/ruling", r.verdict("denied"))
	r.eventually("people have to look at it", func() bool { return r.remedy(0)["status"] == "parked" })
	require.Contains(t, r.remedy(0)["missing"], "approved since")
	require.Equal(t, "overridden", r.status())
}

// What stands on another account is disputed, too; who the customer is there the other side isn't told.
func TestAConflictAcrossAccountsIsReferred(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	north, south := w.partner("North"), w.partner("South")
	first := pathOf(north.registersAs("nordwind"))
	require.NoError(t, w.caughtUp())
	second := pathOf(south.registersAs("suedlicht"))
	found := findingsOf(w.desk(), second)[0]
	w.desk().post(second+"/refer", object{"finding_ids": []any{found["id"]}, "reason": "two records of one customer?"}).is(200)
	x := w.opensItself("deal_ownership", w.eventOf(w.streamOf(second), "deal.conflict_referred.v1"))
	require.Equal(t, []any{w.streamOf(first)}, w.now(x.path).list("data", "streams"))
	require.Equal(t, []any{object{"partner_id": north.id}}, w.now(x.path).list("data", "respondents"))
	told := func(who caller) string {
		return string(who.get(x.path + "/timeline?wait_for=" + w.end().String()).is(200).body)
	}
	for _, name := range []string{"nordwind", "suedlicht"} {
		require.Contains(t, told(w.desk()), name)
	}
	require.NotContains(t, told(south.admin()), "nordwind")
	require.Contains(t, told(south.admin()), "suedlicht")
	require.NotContains(t, told(north.admin()), "suedlicht")
	x.does(south.admin(), "withdraw", object{"reason": "it is theirs"})
	x.becomes("closed")
	r := referral{trial: x, second: second}
	r.held(false)
	require.Equal(t, "open", r.status())
}

// sent is what a payout paid to a partner.
type sent struct {
	ally
	payable, stream string // the stream that it follows from
	amount          domain.Money
}

// isOwed is what is payable to the partner because of a claim or an agreement, once it is.
func (a ally) isOwed(source, stream, amount string) sent {
	a.t.Helper()
	a.owing(source, amount)
	id := a.now("/v1/payables?source_id=" + source).list("data")[0].(object)["id"].(string)
	return sent{a, id, stream, domain.Must(domain.ParseMoney(amount, "EUR"))}
}

func (a ally) isOwedARebate() sent {
	a.t.Helper()
	path, id, stream := a.rebate()
	return a.isOwed(id, stream, a.now(path).text("data", "payable", "amount"))
}

func (a ally) isOwedAClaim(amount string) sent {
	a.t.Helper()
	m := a.markets(a.budget("5000.00"), "2000.00")
	claim := m.files(m.request("300.00"), "240.00")
	a.finance().post("/v1/mdf/claims/"+claim+"/approve", object{"approved": eur(amount)}).is(200)
	return a.isOwed(claim, "mdf_fund-"+m.fund, amount)
}

func (w *world) paysAll() (payout string) {
	w.t.Helper()
	body := w.preparation()
	body["debtor"] = object{"name": "Vendor SE", "iban": ourAccount, "bic": "ABNANL2A"}
	path := w.treasury().post("/v1/payouts", body).is(201).header.Get("Location")
	w.finance().post(path+"/approve", object{}).is(200)
	w.treasury().post(path+"/send", object{"format": "csv"}).is(200)
	w.waits()
	return strings.TrimPrefix(path, "/v1/payouts/")
}

func (s sent) line(more string) string {
	return s.plus(more) + ":" + strings.ReplaceAll(s.payable, "-", "")
}

func (s sent) plus(more string) string {
	return domain.Must(s.amount.Add(domain.Must(domain.ParseMoney(more, "EUR")))).Decimal()
}

// What the bank shows less, or more, than was paid is disputed by whose money it is, once; within tolerance it isn't.
func TestADifferenceBeyondToleranceOpensACase(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	north := w.partner("north").isOwedARebate()
	south, west := w.partner("south").isOwedAClaim("120.00"), w.partner("west").isOwedAClaim("80.00")
	w.mayBePaid(north.ally, south.ally, west.ally)
	payout := w.paysAll()
	file := bankFile("2026-1", "9000.00", north.line("-50.00"), south.line("40.00"), west.line("-0.50"))
	id := w.finance().reconciles(file)
	statement := "/v1/statements/" + id
	side := func(s sent, amount string) object {
		return object{"payable_id": s.payable, "payout_id": payout, "amount": eur(amount)}
	}
	short, over, charged := side(north, north.plus("-50.00")), side(south, south.plus("0.00")), side(west, west.plus("0.00"))
	short["short"] = eur("50.00")
	confirmed := w.treasury().post(statement+"/confirm", object{"matches": []object{
		{"lines": []int{1}, "to": []object{short}, "rule": "end_to_end", "reason_code": "short_paid"},
		{"lines": []int{2}, "to": []object{over}, "rule": "end_to_end", "reason_code": "overpaid", "overpaid": eur("40.00")},
		{"lines": []int{3}, "to": []object{charged}, "rule": "end_to_end", "reason_code": "bank_charge", "variance": eur("-0.50")},
	}}).is(200)
	require.Empty(t, confirmed.field("data", "refused"))

	cases := map[string]object{}
	w.eventually("two cases are opened", func() bool {
		opened := w.now("/v1/disputes?kind=rebate_amount").list("data")
		for _, c := range opened {
			c := w.now("/v1/disputes/" + c.(object)["id"].(string)).field("data").(object)
			claimant, _ := c["claimant"].(object)["partner_id"].(string)
			cases[claimant] = c
		}
		return len(opened) == 2
	})
	require.Equal(t, []any{object{"vendor": true}}, cases[north.id]["respondents"])
	require.Equal(t, []any{north.stream, "payable-" + north.payable}, cases[north.id]["streams"])
	require.Contains(t, cases[north.id]["statement"], "50.00 EUR less")
	require.Equal(t, object{"vendor": true}, cases[""]["claimant"])
	require.Equal(t, []any{object{"partner_id": south.id}}, cases[""]["respondents"])
	require.Contains(t, cases[""]["statement"], "40.00 EUR more")

	path := "/v1/disputes/" + cases[north.id]["id"].(string)
	told := north.admin().get(path + "/timeline?wait_for=" + w.end().String()).is(200)
	for _, others := range []string{south.id, south.payable, west.id, west.payable} {
		require.NotContains(t, string(told.body), others)
	}
	types := func(a answer) (types []any) {
		for _, e := range a.list("data", "entries") {
			types = append(types, e.(object)["type"])
		}
		return types
	}
	require.NotContains(t, types(told), "statement.lines_matched.v1", "the bank's statement is the vendor's")
	whole := types(w.now(path + "/timeline"))
	require.Contains(t, whole, "statement.lines_matched.v1")
	require.NotContains(t, whole, "statement.lines_recorded.v1", "of the statement what is disputed, and no more")
	claimed := types(w.now("/v1/disputes/" + cases[""]["id"].(string) + "/timeline"))
	require.Contains(t, claimed, "mdf.claim_approved.v1", "of the fund what the payment is for")
	require.NotContains(t, claimed, "mdf.fund_credited.v1")

	first := w.now(statement + "/matches").list("data")[0].(object)["match_id"].(string)
	w.treasury().post(statement+"/matches/"+first+"/undo", object{"reason": "look again"}).is(200)
	w.waits()
	x := &trial{world: w, path: path, subject: w.eventOf("statement-"+id, "statement.lines_matched.v1")}
	x.upheld(north.admin(), w.vendor(), object{"kind": "adjust_amount", "stream": north.stream, "amount": eur("50.00")})
	require.Len(t, w.now("/v1/disputes").list("data"), 2)
}
