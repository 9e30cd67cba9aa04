package mdf_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/domaintest"
	"github.com/channelledger/channelledger/domain/mdf"
)

// TestFixtures freezes the wire contract: the files under testdata/events are never overwritten.
func TestFixtures(t *testing.T) {
	samples := map[string]any{}
	for _, e := range sampleEvents() {
		samples[e.EventType()] = e
	}
	byPayable := samples["mdf.claim_paid.v1"].(mdf.ClaimPaid)
	byPayable.PayableID, byPayable.PaymentID, byPayable.Owed = domain.DeriveID("payable"), domain.DeriveID("payment"), eur("0.01")
	samples["mdf.claim_paid.v1+payable"] = byPayable
	domaintest.Fixtures(t, "testdata/events", slices.Concat(mdf.BudgetTypes(), mdf.FundTypes()), samples)
}

func sampleEvents() []domain.Event {
	id := func(name string) uuid.UUID { return domain.DeriveID("sample", name) }
	moment := time.Date(2026, 7, 31, 22, 0, 0, 0, time.UTC)
	day := func(month time.Month, d int) domain.Date { return domain.Date{Year: 2026, Month: month, Day: d} }
	budget := id("budget")
	ref := mdf.FundRef{FundID: mdf.FundID(budget, id("partner")), BudgetID: budget, PartnerID: id("partner")}
	ofRequest, of := mdf.OfRequest{RequestID: id("request")}, mdf.OfClaim{RequestID: id("request"), ClaimID: id("claim")}
	rate := domain.Must(domain.ParseRate("1.0837"))
	invoice := mdf.Invoice{
		Supplier: "Messebau Nord GmbH", InvoiceNumber: "RE-2026-0815", InvoiceDate: day(time.May, 22), Net: eur("2469.12"),
		Tax: eur("469.13"), TaxCode: "DE19", Recoverable: eur("469.13"), Gross: eur("2938.25"), Settlement: mdf.PartnerInvoice,
		Proof: []mdf.Proof{{Name: "stand.jpg", Size: 48_211, SHA256: sha("stand")}},
	}
	split := []mdf.SplitLine{{Treatment: mdf.ContraRevenue, Amount: usd("1337.89"), Basis: "no distinct good or service"}}
	terms := mdf.Terms{
		Approved: eur("1234.56"), InputTax: eur("234.57"), Drawn: usd("1337.89"), ProvenCost: usd("2675.79"), Final: true,
		Split: split, FX: mdf.FX{Rate: rate, Source: "ECB reference rate 2026-05-29"},
	}
	back := mdf.ClawbackTerms{
		ClawbackID: id("clawback"), Amount: eur("234.56"), InputTax: eur("44.57"), Drawn: usd("254.19"), Paid: true,
		Split: []mdf.SplitLine{{Treatment: mdf.ContraRevenue, Amount: usd("254.19"), Basis: "no distinct good or service"}},
	}
	return []domain.Event{
		mdf.BudgetOpened{
			BudgetID: budget, Name: "EMEA Q2", Period: mdf.Period{From: day(time.April, 1), To: day(time.June, 30)},
			Amount: usd("50000.00"), ExpiresAt: moment, Policy: "mdf@1",
		},
		mdf.BudgetIncreased{BudgetID: budget, Amount: usd("5000.00"), Reason: "launch"},
		mdf.Allocated{FundRef: ref, Amount: usd("10000.00"), ExpiresAt: moment},
		mdf.AllocationReleased{FundRef: ref, Amount: usd("100.00"), Cause: mdf.CauseReleased, Source: id("release")},
		mdf.CarryOverRequested{BudgetID: budget, CarryOverID: id("carry"), Amount: usd("700.00"), ExpiresAt: moment, Reason: "fair moved"},
		mdf.BudgetCarriedOver{BudgetID: budget, CarryOverID: id("carry"), Amount: usd("700.00"), ExpiresAt: moment, Reason: "agreed"},
		mdf.BudgetClosed{BudgetID: budget, Amount: usd("45000.00"), Reason: "year end"},
		mdf.FundCredited{FundRef: ref, Source: mdf.FromAllocation, Ref: id("allocated"), Amount: usd("10000.00"), ExpiresAt: moment},
		mdf.FundReleased{FundRef: ref, Amount: usd("100.00"), Reason: "not needed"},
		mdf.FundsExpired{FundRef: ref, Amount: usd("700.00")},
		mdf.RequestSubmitted{
			FundRef: ref, OfRequest: ofRequest, Activity: mdf.ActivityEvent, Title: "Stand at the fair", Description: "12 m², hall 3",
			Starts: day(time.May, 18), Ends: day(time.May, 21), TotalCost: usd("6000.00"), Requested: usd("3000.00"),
			ExpectedPipeline: usd("90000.00"),
		},
		mdf.RequestFirstApproved{
			OfRequest: ofRequest, Amount: usd("2500.00"), Treatment: mdf.ContraRevenue, Basis: "no distinct good or service",
			AddsUpTo: usd("5500.00"), Approval: "approval@2", Reason: "as planned",
		},
		mdf.RequestApproved{
			FundRef: ref, OfRequest: ofRequest, Amount: usd("2500.00"), Treatment: mdf.ContraRevenue, Basis: "no distinct good or service",
			VendorSharePercent: domain.Must(domain.ParseRate("50")), ClaimUntil: moment, AccruesAt: moment, AddsUpTo: usd("5500.00"),
			Policy: "mdf@1", Approval: "approval@2", Reason: "imported history",
		},
		mdf.RequestDeclined{OfRequest: ofRequest, Reason: "no fit"},
		mdf.RequestCancelled{FundRef: ref, OfRequest: ofRequest, Freed: usd("2500.00"), Reason: "fair called off"},
		mdf.RequestLapsed{FundRef: ref, OfRequest: ofRequest, Freed: usd("1162.11")},
		mdf.DeadlineExtended{OfRequest: ofRequest, Until: moment, Reason: "invoice is late"},
		mdf.ObligationAccrued{FundRef: ref, OfRequest: ofRequest, Treatment: mdf.ContraRevenue, Amount: usd("2500.00")},
		mdf.ObligationReleased{FundRef: ref, OfRequest: ofRequest, Treatment: mdf.ContraRevenue, Amount: usd("1337.89")},
		mdf.ClaimFiled{FundRef: ref, OfClaim: of, Invoice: invoice},
		mdf.ClaimReturned{OfClaim: of, RefileUntil: moment, Reason: "which stand?"},
		mdf.ClaimRefiled{OfClaim: of, Invoice: invoice, KeepsDate: true},
		mdf.ClaimWithdrawn{OfClaim: of, Reason: "wrong request"},
		mdf.DuplicateFound{
			OfClaim: of, FindingID: id("finding"), With: mdf.DuplicateOf{FundID: id("other fund"), ClaimID: id("other claim")},
			Rule: mdf.SameInvoice, Evidence: map[string]string{"invoice_number": "RE-2026-0815"},
		},
		mdf.DuplicateOverridden{OfClaim: of, FindingIDs: []uuid.UUID{id("finding")}, Reason: "two halves of one stand"},
		mdf.ClaimFirstApproved{OfClaim: of, Terms: terms, Approval: "approval@2", Reason: "as shown"},
		mdf.ClaimApproved{
			FundRef: ref, OfClaim: of, Terms: terms, Released: usd("1162.11"), Settlement: mdf.PartnerInvoice, Approval: "approval@2",
			Reason: "imported history",
		},
		mdf.ClaimDenied{OfClaim: of, DisputeUntil: moment, Reason: "no stand in the picture"},
		mdf.ClaimReopened{FundRef: ref, OfClaim: of, Reserved: usd("1337.89"), Ruling: id("ruling"), Reason: "ruled"},
		mdf.ClaimPaid{FundRef: ref, OfClaim: of, Amount: eur("1469.13"), Drawn: usd("1337.89"), Reference: "SEPA 2026-06-12/7"},
		mdf.ClaimPaymentReturned{
			FundRef: ref, OfClaim: of, Amount: eur("100.00"), Drawn: usd("91.06"), PayableID: id("payable"), PaymentID: id("payment"),
			Reason: "account closed",
		},
		mdf.ClaimClawedBack{FundRef: ref, OfClaim: of, ClawbackTerms: back, Reason: "stand was smaller"},
		mdf.ClawbackReversed{FundRef: ref, OfClaim: of, ClawbackTerms: back, Ruling: id("ruling"), Reason: "it wasn't"},
		mdf.PipelineAttributed{OfRequest: ofRequest, AccountID: id("account"), DealID: id("deal"), Amount: usd("12000.00")},
	}
}
