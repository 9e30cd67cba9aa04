package demo

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/mdf"
	"github.com/channelledger/channelledger/domain/policy"
	"github.com/channelledger/channelledger/domain/program"
	"github.com/channelledger/channelledger/domain/rebate"
)

// incentives: a year's marketing money, from the budget to claims in every state, and rebates in two currencies.
func (t *teller) incentives(north, alpine, iberia, lake ally) {
	t.moneyRules()
	budget := t.budget(380, "Partner marketing", 60_000)
	for _, who := range []ally{north, alpine, iberia, lake} {
		t.budgetDoes(375, budget, mdf.Allocate{PartnerID: who.id, Amount: euros(12_000)})
	}
	t.settle(375)
	t.paidAndClawedBack(budget, north)
	t.argued(budget, iberia)
	t.abroad(budget, lake)
	t.stillWaiting(budget, alpine)
	t.rebateOnWins(north)
	t.rebateOnSellOut(lake)
	t.settle(0)
}

// moneyRules publishes what the defaults don't say: from which amount on two approve, and a scheme in dollars.
func (t *teller) moneyRules() {
	approval := policy.DefaultApproval()
	approval.Limits = []policy.Limit{{Action: policy.ApproveClaim, UpTo: euros(4_000)}}
	rebates := policy.DefaultRebate()
	rebates.Schemes = append(rebates.Schemes, policy.Scheme{
		Name: "us_sell_out", Kind: policy.SchemeRetroactive, Basis: policy.BasisSellOut, Currency: "USD",
		Bands: []policy.Band{{From: dollars(5_000), Percent: rate("2")}, {From: dollars(25_000), Percent: rate("4")}},
	})
	t.publish(approval)
	t.publish(rebates)
}

// publish takes effect when it is recorded, as every publication; it holds from the story's beginning, or where disputes led
// to it from the story's last day.
func (t *teller) publish(body policy.Body, becauseOf ...uuid.UUID) {
	header := t.header(0, "partner-operations", uuid.Nil)
	header.Actor.Kind, header.Actor.Roles = domain.User, []domain.Role{domain.PartnerOps}
	header.EffectiveAt = time.Time{} // now
	raw, err := json.Marshal(body)
	command := program.Publish{Kind: body.Kind(), EffectiveFrom: t.day(firstDay + applicationDays).String(), Body: raw, BecauseOf: becauseOf}
	if becauseOf != nil {
		command.EffectiveFrom = t.day(0).String()
	}
	t.fail(err, command)
	if t.err == nil {
		_, err := t.ledger.Programs.Do(t.ctx, program.DefaultID, header, command)
		t.fail(err, command)
	}
}

// paidAndClawedBack: a trade fair, claimed in two parts; the second part was paid, and a part of it came out as wrong.
func (t *teller) paidAndClawedBack(budget uuid.UUID, north ally) {
	fund := mdf.FundID(budget, north.id)
	fair := t.requests(340, north, fund, mdf.ActivityEvent, "Hall 7, trade fair", 320, 8_000)
	t.settle(319)
	stand := t.claims(300, north, fund, fair, "Messebau Kern", "2210", 4_000)
	t.financeDoes(290, "finance", fund, mdf.ApproveClaim{ClaimID: stand, Approved: euros(2_000)})
	t.financeDoes(270, "treasury", fund, mdf.PayClaim{ClaimID: stand, Reference: "SEPA-7001"})
	hall := t.claims(295, north, fund, fair, "Messe AG", "88-104", 3_000)
	t.financeDoes(286, "finance", fund, mdf.ApproveClaim{ClaimID: hall, Approved: euros(1_500), Final: true})
	t.financeDoes(120, "finance", fund, mdf.ClawBack{ClaimID: stand, Amount: euros(400), Reason: "the invoice was credited in part"})
}

// argued: returned and refiled, denied, withdrawn.
func (t *teller) argued(budget uuid.UUID, iberia ally) {
	fund := mdf.FundID(budget, iberia.id)
	campaign := t.requests(200, iberia, fund, mdf.ActivityCampaign, "Spring campaign", 170, 6_000)
	t.settle(169)
	ads := t.claims(160, iberia, fund, campaign, "Publicidad Sol", "F-301", 2_000)
	t.financeDoes(158, "finance", fund, mdf.ReturnClaim{ClaimID: ads, Reason: "the invoice names another campaign"})
	refiled := t.invoice("Publicidad Sol", "F-301B", 150, 2_000)
	t.fundDoes(150, iberia.name, iberia.id, fund, mdf.RefileClaim{
		ClaimID: ads, Supplier: refiled.Supplier, InvoiceNumber: refiled.InvoiceNumber, InvoiceDate: refiled.InvoiceDate,
		Net: refiled.Net, Gross: refiled.Gross, Settlement: refiled.Settlement, Proof: refiled.Proof,
	})
	t.financeDoes(145, "finance", fund, mdf.ApproveClaim{ClaimID: ads, Approved: euros(1_000)})
	dinner := t.claims(140, iberia, fund, campaign, "Casa Paco", "77", 900)
	t.financeDoes(138, "finance", fund, mdf.DenyClaim{ClaimID: dinner, Reason: "a dinner is no campaign"})
	t.contested.fund, t.contested.denied = fund, dinner
	twice := t.claims(137, iberia, fund, campaign, "Imprenta Luna", "12/3", 500)
	t.fundDoes(136, iberia.name, iberia.id, fund, mdf.WithdrawClaim{ClaimID: twice, Reason: "filed by mistake"})
}

// abroad: a claim in another currency than the fund's, at the approval's rate.
func (t *teller) abroad(budget uuid.UUID, lake ally) {
	fund := mdf.FundID(budget, lake.id)
	webinar := t.requests(115, lake, fund, mdf.ActivityContent, "Webinar series", 90, 3_000)
	t.settle(89)
	header := t.header(80, lake.name, lake.id)
	t.fundGives(header, fund, mdf.FileClaim{
		RequestID: webinar, Supplier: "Studio Nine Inc.", InvoiceNumber: "S9-44", InvoiceDate: t.day(85),
		Net: dollars(2_500), Gross: dollars(2_500), Settlement: mdf.PartnerInvoice, Proof: proof("invoice.pdf"),
	})
	claim := domain.EntityID(header.CommandID, domain.StreamName(mdf.FundCategory, fund), "claim")
	t.financeDoes(70, "finance", fund, mdf.ApproveClaim{
		ClaimID: claim, Approved: dollars(1_250), Final: true, FX: mdf.FX{Rate: rate("0.9228"), Source: "ECB reference rate"},
	})
}

// stillWaiting: approved by one of two, filed and not looked at, returned; and a request that nobody has decided.
func (t *teller) stillWaiting(budget uuid.UUID, alpine ally) {
	fund := mdf.FundID(budget, alpine.id)
	training := t.requests(60, alpine, fund, mdf.ActivityTraining, "Partner academy", 30, 10_000)
	t.settle(29)
	large := t.claims(25, alpine, fund, training, "Akademie Zürich", "A-1", 9_000)
	t.financeDoes(20, "finance", fund, mdf.ApproveClaim{ClaimID: large, Approved: euros(4_500), Reason: "programme checked"})
	t.claims(9, alpine, fund, training, "Hotel Seeblick", "4711", 700)
	rooms := t.claims(8, alpine, fund, training, "Hotel Seeblick", "4712", 300)
	t.financeDoes(6, "finance", fund, mdf.ReturnClaim{ClaimID: rooms, Reason: "who stayed there?"})
	t.fundDoes(5, alpine.name, alpine.id, fund, mdf.SubmitRequest{
		FundID: fund, Activity: mdf.ActivityEvent, Title: "Winter roadshow", Starts: t.day(-20), Ends: t.day(-22),
		TotalCost: euros(3_000), Requested: euros(1_500), ExpectedPipeline: euros(80_000),
	})
}

// rebateOnWins: what was won in a quarter, closed, approved by somebody else, and taken back in part.
func (t *teller) rebateOnWins(north ally) {
	open := rebate.OpenAgreement{PartnerID: north.id, Scheme: "standard", Period: rebate.Period{FirstDay: t.day(330), LastDay: t.day(241)}}
	t.rebateDoes(330, "channel-manager", open.ID(), open)
	t.settle(240)
	t.rebateDoes(250, "channel-manager", open.ID(), rebate.EarnSpiff{
		SellerID: north.seller, Amount: euros(250), Treatment: rebate.TreatmentExpense, Reference: "launch contest",
	})
	t.rebateDoes(235, "finance", open.ID(), rebate.ClosePeriod{})
	t.rebateDoes(230, "finance-lead", open.ID(), rebate.ApproveRebate{})
	t.rebateDoes(100, "finance", open.ID(), rebate.ClawBack{Amount: euros(300), Reason: "the second delivery was cancelled"})
}

// rebateOnSellOut: what the partner reports that it sold on, in dollars.
func (t *teller) rebateOnSellOut(lake ally) {
	open := rebate.OpenAgreement{PartnerID: lake.id, Scheme: "us_sell_out", Period: rebate.Period{FirstDay: t.day(130), LastDay: t.day(-40)}}
	t.rebateDoes(130, "channel-manager", open.ID(), open)
	for i, amount := range []int64{3_000, 4_000, 20_000} {
		t.rebateDoes(120-10*i, "sell-out-import", open.ID(), rebate.RecordSale{
			Source: policy.BasisSellOut, SourceRef: "INV-" + string(rune('A'+i)), Product: "Core Router", Amount: dollars(amount),
		})
	}
}

// budget opens one that the story doesn't outlive, also where it is told of a day long ago: what a late record finds expired
// expires with it.
func (t *teller) budget(daysAgo int, name string, amount int64) uuid.UUID {
	header := t.header(daysAgo, "channel-manager", uuid.Nil)
	id := mdf.BudgetID(header.CommandID)
	t.budgetGives(header, id, mdf.OpenBudget{
		Name: name, Period: mdf.Period{From: t.day(daysAgo), To: t.day(daysAgo - 5*365)}, Amount: euros(amount),
	})
	return id
}

func (t *teller) budgetDoes(daysAgo int, id uuid.UUID, command mdf.BudgetCommand) {
	t.budgetGives(t.header(daysAgo, "channel-manager", uuid.Nil), id, command)
}

func (t *teller) budgetGives(header domain.Header, id uuid.UUID, command mdf.BudgetCommand) {
	if t.err == nil {
		_, err := t.ledger.Budgets.Do(t.ctx, id, header, command)
		t.fail(err, command)
	}
}

// requests asks for half of what an activity costs, and somebody of the vendor's agrees two days later.
func (t *teller) requests(daysAgo int, who ally, fund uuid.UUID, activity mdf.Activity, title string, ends int, cost int64) uuid.UUID {
	header := t.header(daysAgo, who.name, who.id)
	t.fundGives(header, fund, mdf.SubmitRequest{
		FundID: fund, Activity: activity, Title: title, Starts: t.day(ends + 2), Ends: t.day(ends), TotalCost: euros(cost), Requested: euros(cost / 2),
	})
	id := domain.EntityID(header.CommandID, domain.StreamName(mdf.FundCategory, fund), "request")
	t.financeDoes(daysAgo-2, "channel-manager", fund, mdf.ApproveRequest{
		RequestID: id, Amount: euros(cost / 2), Treatment: mdf.ContraRevenue, Basis: "no distinct service to us",
	})
	return id
}

// claims files a claim for one invoice.
func (t *teller) claims(daysAgo int, who ally, fund, request uuid.UUID, supplier, number string, net int64) uuid.UUID {
	command := t.invoice(supplier, number, daysAgo+5, net)
	command.RequestID = request
	header := t.header(daysAgo, who.name, who.id)
	t.fundGives(header, fund, command)
	return domain.EntityID(header.CommandID, domain.StreamName(mdf.FundCategory, fund), "claim")
}

func (t *teller) invoice(supplier, number string, daysAgo int, net int64) mdf.FileClaim {
	return mdf.FileClaim{
		Supplier: supplier, InvoiceNumber: number, InvoiceDate: t.day(daysAgo), Net: euros(net), Gross: euros(net),
		Settlement: mdf.PartnerInvoice, Proof: proof("invoice.pdf"),
	}
}

// proof names a document that the demo doesn't hold.
func proof(name string) []mdf.Proof {
	return []mdf.Proof{{Name: name, Size: 20_480, SHA256: strings.Repeat("de", 32)}}
}

func (t *teller) financeDoes(daysAgo int, who string, fund uuid.UUID, command mdf.FundCommand) {
	t.fundDoes(daysAgo, who, uuid.Nil, fund, command)
}

func (t *teller) fundDoes(daysAgo int, who string, of, fund uuid.UUID, command mdf.FundCommand) {
	t.fundGives(t.header(daysAgo, who, of), fund, command)
}

func (t *teller) fundGives(header domain.Header, fund uuid.UUID, command mdf.FundCommand) {
	if t.err == nil {
		_, err := t.ledger.DoFund(t.ctx, fund, header, command)
		t.fail(err, command)
	}
}

func (t *teller) rebateDoes(daysAgo int, who string, id uuid.UUID, command rebate.Command) {
	header := t.header(daysAgo, who, uuid.Nil)
	if t.err == nil {
		_, err := t.ledger.Rebates.Do(t.ctx, id, header, command)
		t.fail(err, command)
	}
}

func euros(whole int64) domain.Money { return domain.Must(domain.NewMoney(whole*100, "EUR")) }

func dollars(whole int64) domain.Money { return domain.Must(domain.NewMoney(whole*100, "USD")) }

func rate(text string) domain.Rate { return domain.Must(domain.ParseRate(text)) }
