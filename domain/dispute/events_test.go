package dispute_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/dispute"
	"github.com/channelledger/channelledger/domain/domaintest"
	"github.com/channelledger/channelledger/domain/policy"
)

// TestFixtures freezes the wire contract: the files under testdata/events are never overwritten.
func TestFixtures(t *testing.T) {
	samples := map[string]any{}
	for _, e := range sampleEvents() {
		samples[e.EventType()] = e
	}
	for name, e := range laterSamples() {
		samples[name] = e
	}
	for _, e := range overridingSamples() {
		samples[e.EventType()+"+finding_ids"] = e
	}
	domaintest.Fixtures(t, "testdata/events", dispute.Types(), samples)
}

// overridingSamples show a remedy's finding_ids, which came later.
func overridingSamples() []dispute.Event {
	id := func(name string) uuid.UUID { return domain.DeriveID("sample", name) }
	moment := time.Date(2026, time.March, 20, 23, 0, 0, 0, time.UTC)
	remedy := dispute.Remedy{
		RemedyID: id("remedy"), Kind: dispute.RemedyOverrideConflicts, Stream: account, DealID: id("deal"),
		FindingIDs: []uuid.UUID{id("finding")},
	}
	decision := dispute.Decision{
		Outcome: dispute.OutcomeUpheld, Remedies: []dispute.Remedy{remedy}, Rationale: "both may sell it", Policy: "conflict@1",
		Cites: []dispute.EventRef{{Stream: account, Revision: 3, EventID: id("referral")}},
	}
	return []dispute.Event{
		dispute.RulingIssued{Decision: decision, Level: "partner_operations", AppealUntil: moment},
		dispute.AppealRuled{Decision: decision, Level: "appeal_board"},
		dispute.SettlementProposed{
			SettlementID: id("offer"), By: dispute.Party{PartnerID: id("north")}, Text: "both sell", Terms: []dispute.Remedy{remedy},
		},
	}
}

func sampleEvents() []dispute.Event {
	id := func(name string) uuid.UUID { return domain.DeriveID("sample", name) }
	moment := time.Date(2026, time.March, 20, 23, 0, 0, 0, time.UTC)
	eventRef := dispute.EventRef{Stream: account, Revision: 3, EventID: id("approved")}
	rate := func(s string) domain.Rate { return domain.Must(domain.ParseRate(s)) }
	eur := func(s string) domain.Money { return domain.Must(domain.ParseMoney(s, "EUR")) }
	terms := policy.DefaultDispute()
	terms.Holidays = []domain.Date{{Year: 2026, Month: time.May, Day: 1}}
	// No remedy has all of these fields; the example shows how each is written.
	remedy := dispute.Remedy{
		RemedyID: id("remedy"), Kind: dispute.RemedySplitCredit, Stream: account, DealID: id("deal"), PartnerID: id("north"),
		SellerID:       id("seller"),
		Shares:         []dispute.Share{{PartnerID: id("north"), Share: rate("0.4")}, {PartnerID: id("south"), Share: rate("0.6")}},
		ProtectedUntil: moment, ClaimID: id("claim"), ClawbackID: id("clawback"), Amount: eur("1200.00"), Reserve: eur("1200.00"),
		Tier: "gold", AtOnce: true,
	}
	decision := dispute.Decision{
		Outcome: dispute.OutcomePartlyUpheld, Remedies: []dispute.Remedy{remedy}, Rationale: "both brought the customer",
		Cites: []dispute.EventRef{eventRef}, RestsOn: []uuid.UUID{id("evidence")}, Policy: "conflict@1",
		Agreements: []dispute.AgreementRef{{PartnerID: id("north"), AgreementID: id("agreement")}},
	}
	north := dispute.Party{PartnerID: id("north"), Vendor: true} // no party is both; the example shows how each is written
	return []dispute.Event{
		dispute.Opened{
			DisputeID: id("dispute"), Kind: dispute.KindDealOwnership,
			Subject: dispute.Subject{
				EventRef: eventRef, Type: "deal.approved.v1", RecordedAt: moment, EffectiveAt: moment, DealID: id("deal"),
				ClaimID: id("claim"), ClawbackID: id("clawback"), AdjustmentID: id("adjustment"),
			},
			Streams: []string{"rebate-" + id("rebate").String()}, Claimant: north, Respondents: []dispute.Party{north},
			RemedySought: "the deal", Statement: "we were first", LateReason: "the mail was lost",
			ExcludedActors:   []dispute.Excluded{{Actor: "desk-1", BecauseOf: eventRef}},
			ExcludedPartners: []uuid.UUID{id("north")}, Policy: "dispute@1", Terms: terms, Level: "partner_operations",
			ResponseDue: moment, RulingDue: moment,
		},
		dispute.Acknowledged{Note: "taken in"},
		dispute.ResponseFiled{By: north, Statement: "no, we were"},
		dispute.EvidenceSubmitted{
			EvidenceID: id("evidence"), By: north, Name: "offer.pdf", Size: 48_211, SHA256: sha, Note: "signed",
			EventRefs: []dispute.EventRef{eventRef}, Visibility: dispute.VisibleToAdjudicator, SealingReason: "holds our prices",
		},
		dispute.SealingGranted{EvidenceID: id("evidence"), Reason: "prices", Summary: "an offer of 3 March, signed"},
		dispute.SealingRefused{EvidenceID: id("evidence"), Reason: "no secret in it"},
		dispute.AdjudicatorAssigned{Level: "partner_operations", Adjudicator: "judge-1", Reason: "next in the roster"},
		dispute.Escalated{From: "channel_manager", To: "partner_operations", Reason: "no ruling", RulingDue: moment},
		dispute.DeadlineMissed{Which: dispute.DeadlineResponse, Due: moment, Level: "channel_manager", Parties: []dispute.Party{north}},
		dispute.RulingIssued{Decision: decision, Level: "partner_operations", AppealUntil: moment},
		dispute.Appealed{By: north, Grounds: "the clock was wrong", Level: "appeal_board", RulingDue: moment},
		dispute.AppealWaived{By: north},
		dispute.AppealRuled{Decision: decision, Confirms: true, Level: "appeal_board"},
		dispute.SettlementProposed{SettlementID: id("offer"), By: north, Text: "we share", Terms: []dispute.Remedy{remedy}},
		dispute.SettlementAccepted{SettlementID: id("offer"), By: north},
		dispute.Withdrawn{By: north, Appeal: true, Reason: "not worth it"},
		dispute.BecameFinal{
			Outcome: dispute.OutcomeSettled, Because: dispute.FinalBySettlement, CarryOut: []uuid.UUID{id("remedy")},
			TakeBack: []uuid.UUID{id("other")},
		},
		dispute.RemedyApplied{RemedyID: id("remedy"), Undone: true, Event: eventRef, Note: "done in the CRM"},
		dispute.RemedyParked{RemedyID: id("remedy"), Undo: true, Attempt: 2, Rule: "fund_short", Missing: "the fund has 3.00 EUR", RetryAt: moment},
		dispute.RemedyRetried{RemedyID: id("remedy"), Reason: "the fund was filled"},
		dispute.Closed{Outcome: dispute.OutcomeUpheld, Reason: "all done"},
	}
}

const sha = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"

// laterSamples show fields that remedies have had since.
func laterSamples() map[string]dispute.Event {
	remedy := dispute.Remedy{
		RemedyID: domain.DeriveID("remedy"), Kind: dispute.RemedyApproveClaim, Stream: "mdf_fund-" + domain.DeriveID("fund").String(),
		ClaimID: domain.DeriveID("claim"), Amount: domain.Must(domain.ParseMoney("1234.56", "EUR")),
		InputTax: domain.Must(domain.ParseMoney("234.56", "EUR")),
		FX:       dispute.FX{Rate: domain.Must(domain.ParseRate("1.0837")), Source: "ECB reference rate 2026-03-02"},
	}
	moment := time.Date(2026, time.March, 20, 23, 0, 0, 0, time.UTC)
	decision := dispute.Decision{
		Outcome: dispute.OutcomeUpheld, Remedies: []dispute.Remedy{remedy}, Rationale: "the stand is in the picture", Policy: "dispute@1",
		Cites: []dispute.EventRef{{Stream: remedy.Stream, Revision: 3, EventID: domain.DeriveID("denied")}},
	}
	return map[string]dispute.Event{
		"dispute.ruling_issued.v1+fx": dispute.RulingIssued{Decision: decision, Level: "partner_operations", AppealUntil: moment},
		"dispute.appeal_ruled.v1+fx":  dispute.AppealRuled{Decision: decision, Level: "appeal_board"},
		"dispute.settlement_proposed.v1+fx": dispute.SettlementProposed{
			SettlementID: domain.DeriveID("offer"), By: dispute.Party{Vendor: true}, Text: "we pay it", Terms: []dispute.Remedy{remedy},
		},
	}
}
