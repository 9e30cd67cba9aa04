package mdf_test

import (
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/domaintest"
	"github.com/channelledger/channelledger/domain/mdf"
	"github.com/channelledger/channelledger/domain/policy"
)

func TestWhatIsWrongWithAnInvoice(t *testing.T) {
	s := newStory(t)
	id := s.approved("1000.00")
	for name, c := range map[string]struct {
		change func(*mdf.FileClaim)
		field  string
	}{
		"supplier":        {func(c *mdf.FileClaim) { c.Supplier = "" }, "supplier"},
		"no letters":      {func(c *mdf.FileClaim) { c.Supplier = "***" }, "supplier"},
		"number":          {func(c *mdf.FileClaim) { c.InvoiceNumber = "" }, "invoice_number"},
		"dashes":          {func(c *mdf.FileClaim) { c.InvoiceNumber = "--" }, "invoice_number"},
		"no date":         {func(c *mdf.FileClaim) { c.InvoiceDate = domain.Date{} }, "invoice_date"},
		"future":          {func(c *mdf.FileClaim) { c.InvoiceDate = date(day(2)) }, "invoice_date"},
		"no net":          {func(c *mdf.FileClaim) { c.Net = domain.Money{} }, "net"},
		"negative":        {func(c *mdf.FileClaim) { c.Net = eur("-1") }, "net"},
		"sum":             {func(c *mdf.FileClaim) { c.Gross = eur("119.01") }, "gross"},
		"no gross":        {func(c *mdf.FileClaim) { c.Gross = domain.Money{} }, "gross"},
		"other currency":  {func(c *mdf.FileClaim) { c.Tax = usd("19") }, "tax"},
		"no code":         {func(c *mdf.FileClaim) { c.TaxCode = "" }, "tax_code"},
		"too recoverable": {func(c *mdf.FileClaim) { c.Recoverable = eur("19.01") }, "recoverable"},
		"settlement":      {func(c *mdf.FileClaim) { c.Settlement = "cash" }, "settlement"},
		"no proof":        {func(c *mdf.FileClaim) { c.Proof = nil }, "proof"},
		"hash":            {func(c *mdf.FileClaim) { c.Proof[0].SHA256 = "AB" }, "proof[0].sha256"},
		"size":            {func(c *mdf.FileClaim) { c.Proof[0].Size = 0 }, "proof[0].size"},
		"name":            {func(c *mdf.FileClaim) { c.Proof[0].Name = "" }, "proof[0].name"},
		"twice":           {func(c *mdf.FileClaim) { c.Proof = append(c.Proof, c.Proof[0]) }, "proof[1].sha256"},
		"too many":        {func(c *mdf.FileClaim) { c.Proof = make([]mdf.Proof, mdf.MaxProofs+1) }, "proof"},
	} {
		t.Run(name, func(*testing.T) {
			wrong := invoice(id, "1", eur("100.00"))
			wrong.Tax, wrong.TaxCode, wrong.Recoverable, wrong.Gross = eur("19.00"), "DE19", eur("19.00"), eur("119.00")
			c.change(&wrong)
			s.refuses(wrong, invalid, "invalid_field", c.field)
		})
	}
	s.refuses(invoice(domain.DeriveID("nothing"), "1", eur("1")), missing, "request_unknown", "request_id")
	unapproved := s.requests("10.00")
	s.refuses(invoice(unapproved, "1", eur("1")), conflict, "wrong_status", "request_id")
	unheld := invoice(id, "1", eur("100.00"))
	s.facts.NotStored = mdf.ProofOf(unheld)
	s.refuses(unheld, conflict, "document_unknown", "proof[0].sha256")
	s.facts.NotStored = nil
	s.facts.Rules.MDF.Body.ProofRequired = false
	bare := invoice(id, "1", eur("100.00"))
	bare.Proof = nil
	s.do(bare)
}

func TestTheFundDrawsNetAndUnrecoverableTax(t *testing.T) {
	s := newStory(t)
	id := s.approved("2000.00")
	c := invoice(id, "1", eur("1000.00"))
	c.Tax, c.TaxCode, c.Recoverable, c.Gross = eur("190.00"), "DE19", eur("90.00"), eur("1190.00")
	claim := s.files(c)
	s.refuses(mdf.ApproveClaim{ClaimID: claim, Approved: eur("550.01")}, conflict, "above_share", "approved")
	s.refuses(mdf.ApproveClaim{ClaimID: claim, Approved: eur("1100.01")}, conflict, "above_cost", "approved")
	s.refuses(mdf.ApproveClaim{ClaimID: claim, Approved: eur("1"), InputTax: eur("90.01")}, conflict, "above_tax", "input_tax")
	s.wants(mdf.ApproveClaim{ClaimID: claim, Approved: eur("550.00"), InputTax: eur("45.00")}, []mdf.FundEvent{
		mdf.ClaimApproved{
			FundRef: ref, OfClaim: mdf.OfClaim{RequestID: id, ClaimID: claim}, Released: eur("0.00"), Settlement: mdf.PartnerInvoice,
			Approval: "approval@1",
			Terms: mdf.Terms{
				Approved: eur("550.00"), InputTax: eur("45.00"), Drawn: eur("550.00"), ProvenCost: eur("1100.00"),
				Split: []mdf.SplitLine{{Treatment: mdf.ContraRevenue, Amount: eur("550.00"), Basis: basis}},
			},
		},
		mdf.ObligationReleased{
			FundRef: ref, OfRequest: mdf.OfRequest{RequestID: id}, Treatment: mdf.ContraRevenue, Amount: eur("550.00"),
		},
	})
	s.balance("8000.00", "1450.00", "550.00", "0.00")
	require.Equal(t, eur("595.00"), s.claim(claim).Owed())
}

// The vector of domain.md section 11.
func TestAClaimInAnotherCurrency(t *testing.T) {
	s, id := inDollars(t)
	claim := s.files(invoice(id, "1", eur("2469.12")))
	rate := mdf.FX{Rate: domain.Must(domain.ParseRate("1.0837")), Source: "ECB 2026-04-01"}
	approve := mdf.ApproveClaim{ClaimID: claim, Approved: eur("1234.56"), Final: true}
	s.refuses(approve, invalid, "invalid_field", "fx.rate")
	approve.FX.Rate = rate.Rate
	s.refuses(approve, invalid, "invalid_field", "fx.source")
	approve.FX = rate
	approve.Approved = usd("1")
	s.refuses(approve, invalid, "invalid_field", "approved")
	approve.Approved = eur("1234.56")
	terms := s.do(approve)[0].(mdf.ClaimApproved).Terms
	require.Equal(t, usd("1337.89"), terms.Drawn)
	require.Equal(t, rate, terms.FX)
	require.Equal(t, usd("1337.89"), terms.Split[0].Amount)
	require.Equal(t, eur("1234.56"), s.claim(claim).Owed())
	s.balance("8662.11", "0.00", "1337.89", "0.00")

	first := s.do(mdf.ClawBack{ClaimID: claim, Amount: eur("411.52"), Reason: "a third"})[0].(mdf.ClaimClawedBack)
	second := s.do(mdf.ClawBack{ClaimID: claim, Amount: eur("823.04"), Reason: "the rest"})[0].(mdf.ClaimClawedBack)
	require.Equal(t, usd("1337.89"), domain.Must(first.Drawn.Add(second.Drawn)), "parts add up to what was drawn")
	require.Equal(t, usd("445.96"), first.Drawn)
	s.balance("10000.00", "0.00", "0.00", "0.00")
}

func TestSeveralClaimsOfOneRequest(t *testing.T) {
	s := newStory(t)
	id := s.approved("1000.00")
	a, b := s.files(invoice(id, "A", eur("1000.00"))), s.files(invoice(id, "B", eur("1500.00")))
	s.refuses(mdf.ApproveClaim{ClaimID: a, Approved: eur("500.00"), Final: true}, conflict, "claims_open", "final")
	s.do(mdf.ApproveClaim{ClaimID: a, Approved: eur("500.00")})
	s.refuses(mdf.ApproveClaim{ClaimID: b, Approved: eur("500.01")}, conflict, "above_approval", "approved")
	events := s.do(mdf.ApproveClaim{ClaimID: b, Approved: eur("200.00"), Final: true})
	require.Equal(t, eur("300.00"), events[0].(mdf.ClaimApproved).Released)
	require.Equal(t, eur("500.00"), events[1].(mdf.ObligationReleased).Amount)
	require.Equal(t, mdf.RequestIsCompleted, s.request(id).Status)
	s.balance("9300.00", "0.00", "700.00", "0.00")
	s.refuses(invoice(id, "C", eur("1")), conflict, "wrong_status", "request_id")
}

func TestTheSplitAddsUp(t *testing.T) {
	s := newStory(t)
	id := s.approved("1000.00")
	claim := s.files(invoice(id, "1", eur("200.00")))
	line := func(treatment mdf.Treatment, amount string) mdf.SplitLine {
		return mdf.SplitLine{Treatment: treatment, Amount: eur(amount), Basis: basis}
	}
	approve := func(lines ...mdf.SplitLine) mdf.ApproveClaim {
		return mdf.ApproveClaim{ClaimID: claim, Approved: eur("100.00"), Split: lines}
	}
	s.refuses(approve(line(mdf.Expense, "99.99")), invalid, "invalid_field", "split")
	s.refuses(approve(line(mdf.Expense, "50.00"), line(mdf.Expense, "50.00")), invalid, "invalid_field", "split[1].treatment")
	s.refuses(approve(line("gift", "100.00")), invalid, "invalid_field", "split[0].treatment")
	s.refuses(approve(line(mdf.Expense, "0.00")), invalid, "invalid_field", "split[0].amount")
	s.refuses(approve(mdf.SplitLine{Treatment: mdf.Expense, Amount: eur("100.00")}), invalid, "invalid_field", "split[0].basis")
	s.do(approve(line(mdf.Expense, "33.33"), line(mdf.ContraRevenue, "66.67")))
	back := s.do(mdf.ClawBack{ClaimID: claim, Amount: eur("50.00"), Reason: "half"})[0].(mdf.ClaimClawedBack)
	require.Equal(t, []mdf.SplitLine{line(mdf.Expense, "16.67"), line(mdf.ContraRevenue, "33.33")}, back.Split)
	back = s.do(mdf.ClawBack{ClaimID: claim, Amount: eur("50.00"), Reason: "half"})[0].(mdf.ClaimClawedBack)
	require.Equal(t, []mdf.SplitLine{line(mdf.Expense, "16.66"), line(mdf.ContraRevenue, "33.34")}, back.Split)
}

func TestALargeClaimNeedsTwo(t *testing.T) {
	s := newStory(t)
	s.facts.Rules = limited(policy.ApproveClaim, eur("400.00"))
	id := s.approved("1000.00")
	claim := s.files(invoice(id, "1", eur("1000.00")))
	approve := mdf.ApproveClaim{ClaimID: claim, Approved: eur("500.00"), Final: true}
	s.do(approve)
	require.Equal(t, mdf.ClaimIsFirstApproved, s.claim(claim).Status)
	s.balance("9000.00", "1000.00", "0.00", "0.00")
	s.refuses(mdf.ApproveClaim{ClaimID: claim}, forbidden, "maker_is_checker", "")
	second := by(domaintest.Another(domaintest.Finance()))
	s.refuses(mdf.ApproveClaim{ClaimID: claim, Approved: eur("499.00"), Final: true}, conflict, "other_terms", "", second)
	s.do(mdf.ApproveClaim{ClaimID: claim}, second)
	s.balance("9500.00", "0.00", "500.00", "0.00")
}

func TestReturnAndRefile(t *testing.T) {
	s := newStory(t)
	id := s.approved("1000.00")
	claim := s.files(invoice(id, "1", eur("100.00")), on(20))
	again := mdf.RefileClaim{
		ClaimID: claim, Supplier: "Messebau Nord GmbH", InvoiceNumber: "1", InvoiceDate: date(day0), Net: eur("90.00"),
		Gross: eur("90.00"), Settlement: mdf.PartnerInvoice, Proof: []mdf.Proof{{Name: "x", Size: 1, SHA256: sha("x")}},
	}
	s.refuses(again, conflict, "wrong_status", "claim_id", on(21))
	s.do(mdf.ReturnClaim{ClaimID: claim, Reason: "what is it?"}, on(21))
	s.refuses(mdf.ApproveClaim{ClaimID: claim, Approved: eur("1")}, conflict, "wrong_status", "claim_id", on(22))
	events := s.do(again, on(36)) // 15 days later to the hour: too late to keep the date
	require.False(t, events[0].(mdf.ClaimRefiled).KeepsDate)
	require.Equal(t, day(36), s.claim(claim).FiledAt)
	require.Equal(t, eur("90.00"), s.claim(claim).Net)

	s.do(mdf.ReturnClaim{ClaimID: claim, Reason: "again"}, on(40))
	s.refuses(again, conflict, "deadline_passed", "", on(75))
	s.do(mdf.WithdrawClaim{ClaimID: claim}, on(75))
	s.files(invoice(id, "1", eur("1")), on(41))
}

func TestDenialAndReopening(t *testing.T) {
	s := newStory(t)
	id := s.approved("1000.00")
	claim := s.files(invoice(id, "1", eur("1000.00")), on(60))
	s.do(mdf.DenyClaim{ClaimID: claim, Reason: "no stand in the picture"}, on(70))
	at, due := s.request(id).LapsesAt()
	require.True(t, due)
	require.Equal(t, day(100), at, "the time for a dispute")
	s.balance("9000.00", "1000.00", "0.00", "0.00")
	other := by(domaintest.Another(domaintest.Finance()))
	reopen := mdf.ReopenClaim{ClaimID: claim, Reason: "better picture"}
	s.refuses(reopen, forbidden, "maker_is_checker", "", on(71))
	s.refuses(mdf.ReopenClaim{ClaimID: claim, Reason: "x", Reserve: eur("1")}, invalid, "invalid_field", "reserve", on(71), other)
	s.do(reopen, on(71), other)
	s.do(mdf.DenyClaim{ClaimID: claim, Reason: "the same picture"}, on(72))
	s.do(mdf.LapseRequest{RequestID: id}, on(102))
	s.balance("10000.00", "0.00", "0.00", "0.00")

	reopen.Ruling = domain.DeriveID("ruling")
	s.refuses(reopen, invalid, "invalid_field", "reserve", on(103), other)
	reopen.Reserve = eur("1000.01")
	s.refuses(reopen, conflict, "above_approval", "reserve", on(103), other)
	reopen.Reserve = eur("500.00")
	s.wants(reopen, []mdf.FundEvent{
		mdf.ClaimReopened{
			FundRef: ref, OfClaim: mdf.OfClaim{RequestID: id, ClaimID: claim}, Reserved: eur("500.00"), Ruling: reopen.Ruling,
			Reason: "better picture",
		},
		mdf.ObligationAccrued{FundRef: ref, OfRequest: mdf.OfRequest{RequestID: id}, Treatment: mdf.ContraRevenue, Amount: eur("500.00")},
	}, on(103), other)
	s.do(mdf.ApproveClaim{ClaimID: claim, Approved: eur("500.00"), Final: true}, on(104))
	s.balance("9500.00", "0.00", "500.00", "0.00")
}

func TestClawbackAndItsReversal(t *testing.T) {
	s := newStory(t)
	id := s.approved("1000.00")
	c := invoice(id, "1", eur("1000.00"))
	c.Tax, c.TaxCode, c.Recoverable, c.Gross = eur("190.00"), "DE19", eur("190.00"), eur("1190.00")
	claim := s.files(c)
	s.refuses(mdf.ClawBack{ClaimID: claim, Amount: eur("1"), Reason: "x"}, conflict, "wrong_status", "claim_id")
	s.do(mdf.ApproveClaim{ClaimID: claim, Approved: eur("500.00"), InputTax: eur("95.00"), Final: true})
	unpaid := s.do(mdf.ClawBack{ClaimID: claim, Amount: eur("100.00"), InputTax: eur("19.00"), Reason: "smaller"})[0].(mdf.ClaimClawedBack)
	require.False(t, unpaid.Paid)
	require.Equal(t, eur("476.00"), s.claim(claim).Owed())
	s.do(mdf.PayClaim{ClaimID: claim, Reference: "P-1"})
	require.Equal(t, mdf.ClaimIsPaid, s.claim(claim).Status)
	s.refuses(mdf.PayClaim{ClaimID: claim, Reference: "P-1"}, conflict, "wrong_status", "claim_id")
	s.refuses(mdf.ClawBack{ClaimID: claim, Amount: eur("400.01"), Reason: "x"}, conflict, "above_approval", "amount")
	s.refuses(mdf.ClawBack{ClaimID: claim, Amount: eur("1"), InputTax: eur("76.01"), Reason: "x"}, conflict, "above_tax", "input_tax")
	paid := s.do(mdf.ClawBack{ClaimID: claim, Amount: eur("50.00"), Reason: "smaller still"})[0].(mdf.ClaimClawedBack)
	require.True(t, paid.Paid)
	s.balance("9650.00", "0.00", "350.00", "0.00")

	reverse := mdf.ReverseClawback{ClaimID: claim, ClawbackID: unpaid.ClawbackID, Reason: "it wasn't"}
	other := by(domaintest.Another(domaintest.Finance()))
	s.refuses(reverse, forbidden, "maker_is_checker", "")
	s.wants(reverse, []mdf.FundEvent{mdf.ClawbackReversed{
		FundRef: ref, OfClaim: mdf.OfClaim{RequestID: id, ClaimID: claim}, ClawbackTerms: unpaid.ClawbackTerms, Reason: "it wasn't",
	}}, other)
	s.refuses(reverse, conflict, "wrong_status", "clawback_id", other)
	s.refuses(mdf.ReverseClawback{ClaimID: claim, ClawbackID: uuid.Nil, Reason: "x"}, missing, "clawback_unknown", "clawback_id", other)
	require.Equal(t, mdf.ClaimIsApproved, s.claim(claim).Status)
	require.Equal(t, eur("119.00"), s.claim(claim).Owed())
	s.refuses(mdf.ClawBack{ClaimID: claim, Amount: eur("300.00"), Reason: "x"}, conflict, "partly_paid", "amount")
	s.do(mdf.PayClaim{ClaimID: claim, Reference: "P-2"})
	require.Equal(t, eur("595.00"), s.claim(claim).Paid)
	s.balance("9550.00", "0.00", "450.00", "0.00")
	s.do(mdf.ReleaseAll{Reason: "x"})
	s.refuses(mdf.ReverseClawback{ClaimID: claim, ClawbackID: paid.ClawbackID, Reason: "x"}, conflict, "fund_short", "clawback_id", other)
}

func TestNothingIsPaidTwice(t *testing.T) {
	s := newStory(t)
	id := s.approved("1000.00")
	claim := s.files(invoice(id, "1", eur("200.00")))
	s.do(mdf.ApproveClaim{ClaimID: claim, Approved: eur("100.00")})
	s.do(mdf.ClawBack{ClaimID: claim, Amount: eur("100.00"), Reason: "never happened"})
	s.refuses(mdf.PayClaim{ClaimID: claim, Reference: "P-1"}, conflict, "nothing_owed", "claim_id")
}

func TestDuplicates(t *testing.T) {
	s := newStory(t)
	id := s.approved("5000.00")
	first := s.files(invoice(id, "RE-1", eur("200.00")))
	same := invoice(id, " re 1"[1:], eur("300.00"))
	same.Supplier = "MESSEBAU nord  GmbH"
	s.refuses(same, conflict, "duplicate_invoice", "invoice_number")

	events := s.do(invoice(id, "RE-2", eur("200.00")))
	second := s.created("claim")
	found := events[1].(mdf.DuplicateFound)
	require.Equal(t, mdf.SameAmount, found.Rule)
	require.Equal(t, mdf.DuplicateOf{FundID: fundID, ClaimID: first}, found.With)
	s.refuses(mdf.ApproveClaim{ClaimID: second, Approved: eur("100.00")}, conflict, "duplicate_claim", "claim_id")
	s.refuses(mdf.ApproveClaim{ClaimID: first, Approved: eur("100.00")}, conflict, "duplicate_claim", "claim_id")
	override := mdf.OverrideDuplicate{ClaimID: second, FindingIDs: []uuid.UUID{found.FindingID}, Reason: "two halves"}
	s.refuses(mdf.OverrideDuplicate{ClaimID: second, Reason: "x"}, invalid, "invalid_field", "finding_ids")
	s.refuses(mdf.OverrideDuplicate{ClaimID: second, FindingIDs: []uuid.UUID{first}, Reason: "x"}, missing, "finding_unknown", "finding_ids[0]")
	s.do(override)
	s.refuses(override, conflict, "finding_overridden", "finding_ids[0]")
	s.do(mdf.ApproveClaim{ClaimID: second, Approved: eur("100.00")})
	s.do(mdf.WithdrawClaim{ClaimID: first})
	third := s.files(invoice(id, "RE-1", eur("210.00")))

	// The partner's other fund has the invoice too: found when the approval asks, though nobody knew at the filing.
	other := newStory(t)
	there := other.approved("1000.00")
	elsewhere := other.files(invoice(there, "RE-1", eur("210.00")))
	approve := mdf.ApproveClaim{ClaimID: third, Approved: eur("100.00")}
	s.facts.Elsewhere = []mdf.Elsewhere{mdf.LookElsewhere(approve, s.state, other.state, s.facts.Rules)}
	require.Equal(t, elsewhere, s.facts.Elsewhere[0].Duplicates[0].With.ClaimID)
	require.Equal(t, mdf.SameInvoice, s.facts.Elsewhere[0].Duplicates[0].Rule)
	s.refuses(approve, conflict, "duplicate_claim", "claim_id")
	finding := domain.DeriveID("mdf duplicate", third.String(), string(mdf.SameInvoice), elsewhere.String())
	require.Len(t, s.do(mdf.OverrideDuplicate{ClaimID: third, FindingIDs: []uuid.UUID{finding}, Reason: "shared stand"}), 2)
	s.do(approve)
}

func TestAttribution(t *testing.T) {
	s := newStory(t)
	id := s.approved("1000.00")
	deal, account := domain.DeriveID("deal"), domain.DeriveID("account")
	c := mdf.AttributePipeline{RequestID: id, AccountID: account, DealID: deal, Amount: usd("600.00")}
	s.refuses(c, missing, "deal_unknown", "deal_id")
	s.facts.Deal = mdf.DealFact{Known: true, PartnerID: account, Amount: usd("1000.00")}
	s.refuses(c, conflict, "other_partner", "deal_id")
	s.facts.Deal.PartnerID = north
	s.do(c)
	s.refuses(c, conflict, "above_deal", "amount")
	c.Amount = eur("1")
	s.refuses(c, invalid, "invalid_field", "amount")
	c.Amount = domain.Money{}
	s.facts.Elsewhere = []mdf.Elsewhere{{Attributed: usd("150.00")}}
	s.wants(c, []mdf.FundEvent{mdf.PipelineAttributed{
		OfRequest: mdf.OfRequest{RequestID: id}, AccountID: account, DealID: deal, Amount: usd("250.00"),
	}}, by(domaintest.Desk()))
	s.refuses(c, invalid, "invalid_field", "amount")
	s.wants(c, nil, by(domaintest.Scheduler()))
	require.Equal(t, usd("850.00"), domain.Must(mdf.LookElsewhere(c, nil, s.state, s.facts.Rules).Attributed.Add(usd("0"))))
	a, d, ok := mdf.DealOf(c)
	require.True(t, ok)
	require.Equal(t, []uuid.UUID{account, deal}, []uuid.UUID{a, d})
	declined := s.requests("10.00")
	s.do(mdf.DeclineRequest{RequestID: declined, Reason: "no"})
	c.RequestID = declined
	s.refuses(c, conflict, "wrong_status", "request_id")
}
