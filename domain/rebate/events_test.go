package rebate_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/domaintest"
	"github.com/channelledger/channelledger/domain/policy"
	"github.com/channelledger/channelledger/domain/rebate"
)

// TestFixtures freezes the wire contract: the files under testdata/events are never overwritten.
func TestFixtures(t *testing.T) {
	samples := map[string]any{}
	for _, e := range sampleEvents() {
		samples[e.EventType()] = e
	}
	byPayable := samples["rebate.paid.v1"].(rebate.Paid)
	byPayable.PayableID, byPayable.Overpaid = domain.DeriveID("payable"), money("20.00")
	samples["rebate.paid.v1+payable"] = byPayable
	fromPaid := samples["rebate.spiff_reversed.v1"].(rebate.SpiffReversed)
	fromPaid.ReversalID, fromPaid.FromPaid = domain.DeriveID("reversal"), money("20.00")
	samples["rebate.spiff_reversed.v1+from_paid"] = fromPaid
	domaintest.Fixtures(t, "testdata/events", rebate.Types(), samples)
}

func sampleEvents() []rebate.Event {
	id := func(name string) uuid.UUID { return domain.DeriveID("sample", name) }
	agreement, partner, sale, reversal, adjustment := id("agreement"), id("partner"), id("sale"), id("reversal"), id("adjustment")
	moment := time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)
	calculation := rebate.Calculation{
		Revenue: money("78000.00"), Counted: money("70000.00"), Prior: money("60000.00"), Base: money("10000.00"),
		Bands:     []rebate.BandShare{{From: money("5000.00"), Percent: rate("10.5"), Amount: money("5000.00"), Unrounded: "525.00"}},
		Unrounded: "525.00", Rounded: money("525.00"), Cap: money("500.00"),
	}
	return []rebate.Event{
		rebate.AgreementOpened{
			AgreementID: agreement, PartnerID: partner, Policy: "rebate@2",
			Scheme: policy.Scheme{
				Name: "growth_emea", Kind: policy.SchemeGrowth, Basis: policy.BasisSellOut, Currency: "EUR",
				Bands:   []policy.Band{{From: money("5000.00"), Percent: rate("10.5")}},
				Minimum: money("1000.00"), Maximum: money("70000.00"), Cap: money("500.00"), Baseline: money("50000.00"),
				ProductLines: []string{"GTX"},
			},
			Period: rebate.Period{FirstDay: domain.Date{Year: 2026, Month: 1, Day: 1}, LastDay: domain.Date{Year: 2026, Month: 3, Day: 31}},
			From:   moment.AddDate(0, -3, 0), Until: moment, PriorPeriodRevenue: money("60000.00"),
		},
		rebate.SaleRecorded{
			SaleID: sale, Source: policy.BasisSellOut, SourceRef: "INV-7/2", DealID: id("deal"), Product: "GTX Pro", Line: "GTX",
			Amount: money("1337.89"), FX: &rebate.FX{Original: in("1449.87", "USD"), Rate: rate("0.92277"), Source: "ECB 2026-01-05"},
		},
		rebate.SaleReversed{
			SaleID: sale, ReversalID: reversal, Amount: money("92.28"), Original: in("100.00", "USD"),
			Reason: rebate.ReversalReturned, Reference: "CN-3", Note: "one licence",
		},
		rebate.Accrued{
			PartnerID: partner, SaleID: sale, ReversalID: reversal, Delta: money("-9.69"), Cumulative: money("500.00"), Calculation: calculation,
		},
		rebate.PeriodClosed{PartnerID: partner, Final: money("500.00"), Revenue: money("78000.00"), Reason: "quarter's end"},
		rebate.FirstApproved{PartnerID: partner, Total: money("500.00"), Limit: money("250.00"), Policy: "approval@2", Reason: "checked"},
		rebate.Approved{PartnerID: partner, Amount: money("500.00"), Total: money("480.00"), Policy: "approval@2", Reason: "checked"},
		rebate.AdjustmentProposed{AdjustmentID: adjustment, Delta: money("-20.00"), Reason: "a promotion was counted twice"},
		rebate.AdjustmentFirstApproved{AdjustmentID: adjustment, Limit: money("10.00"), Policy: "approval@2", Reason: "checked"},
		rebate.AdjustmentDeclined{AdjustmentID: adjustment, Reason: "it was not"},
		rebate.Adjusted{
			PartnerID: partner, AdjustmentID: adjustment, Kind: rebate.AdjustedByScheme, Delta: money("-20.00"), Total: money("480.00"),
			FromPayable: money("15.00"), FromPaid: money("5.00"), SaleID: sale, ReversalID: reversal, Calculation: &calculation,
			Policy: "approval@2", Reason: "a reversal came in behind the close",
		},
		rebate.ClawedBack{
			PartnerID: partner, ClawbackID: id("clawback"), Amount: money("30.00"), FromPayable: money("10.00"), FromPaid: money("20.00"),
			Reason: "sold outside the territory",
		},
		rebate.ClawbackReversed{
			PartnerID: partner, ClawbackID: id("clawback"), Amount: money("30.00"), FromPayable: money("10.00"), FromPaid: money("20.00"),
			Reason: "it was inside",
		},
		rebate.Paid{PartnerID: partner, PaymentID: id("payment"), Amount: money("470.00"), Reference: "SEPA-1"},
		rebate.PaymentReturned{
			PartnerID: partner, PaymentID: id("payment"), PayableID: id("payable"), Amount: money("470.00"), Overpaid: money("20.00"),
			Reason: "account closed",
		},
		rebate.SpiffEarned{
			PartnerID: partner, SpiffID: id("spiff"), SellerID: id("seller"), Amount: money("50.00"), Treatment: rebate.TreatmentExpense,
			Reference: "spring contest",
		},
		rebate.SpiffReversed{
			PartnerID: partner, SpiffID: id("spiff"), SellerID: id("seller"), Amount: money("50.00"), Treatment: rebate.TreatmentExpense,
			Reason: rebate.ReversalEntryError, Note: "won by another",
		},
	}
}
