package account_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/account"
	"github.com/channelledger/channelledger/domain/domaintest"
	"github.com/channelledger/channelledger/domain/policy"
)

// TestFixtures freezes the wire contract: the files under testdata/events are never overwritten.
func TestFixtures(t *testing.T) {
	samples := map[string]any{}
	for _, e := range sampleEvents() {
		samples[e.EventType()] = e
	}
	for field, e := range laterSamples() {
		samples[e.EventType()+"+"+field] = e
	}
	domaintest.Fixtures(t, "testdata/events", account.Types(), samples)
}

func sampleEvents() []account.Event {
	id := func(name string) uuid.UUID { return domain.DeriveID("sample", name) }
	deal, moment := id("deal"), time.Date(2026, 3, 2, 9, 30, 0, 0, time.UTC)
	lines := []account.Line{{Product: "GTX Basic", Line: "GTX", Amount: money("550.00")}}
	return []account.Event{
		account.Identified{
			AccountID: id("account"), Key: "domain:acme.de", Name: "Acme GmbH", Domain: "acme.de", Country: "DE", TaxID: "DE123456789",
		},
		account.AliasLinked{AccountID: id("other"), Reason: "the same company"},
		account.OwnershipSet{Owner: account.OwnerHouse, Rep: "rep-7", Reason: "strategic account"},
		account.DirectOpportunityOpened{OpportunityID: id("opportunity"), Lines: []string{"GTX"}, Rep: "rep-7", Reference: "OPP-1"},
		account.DirectOpportunityClosed{OpportunityID: id("opportunity"), Outcome: account.OutcomeWon, Amount: money("900.00")},
		account.DealRegistered{
			DealID: deal, PartnerID: id("partner"), SellerID: id("seller"), Kind: account.KindNew, Route: account.RouteDistribution,
			ViaPartnerID: id("distributor"), Lines: lines, ExpectedClose: domain.Date{Year: 2026, Month: 6, Day: 30},
			Source: account.SourcePartner, ReviewDue: moment,
		},
		account.ConflictFound{
			FindingID: id("finding"), DealID: deal, Rule: policy.RuleLiveRegistration, Score: "1",
			With:     account.With{DealID: id("rival"), AccountID: id("other"), OpportunityID: id("opportunity"), Owner: account.OwnerDirect},
			Evidence: map[string]string{"state": "pending"},
		},
		account.ConflictOverridden{DealID: deal, FindingIDs: []uuid.UUID{id("finding")}, Reason: "the customer asked for both"},
		account.ConflictReferred{DealID: deal, FindingIDs: []uuid.UUID{id("finding")}, Reason: "both brought the customer"},
		account.ConflictOverrideUndone{DealID: deal, FindingIDs: []uuid.UUID{id("finding")}, Ruling: id("ruling")},
		account.DealApproved{DealID: deal, ProtectedUntil: moment, Policy: "deal_registration@1", Reason: "imported history"},
		account.DealReturned{DealID: deal, ResubmitBy: moment, Reason: "which site?"},
		account.DealResubmitted{DealID: deal, KeepsPlace: true, ReviewDue: moment, Note: "Berlin"},
		account.DealRejected{DealID: deal, Reason: "no project"},
		account.DealWithdrawn{DealID: deal, Reason: "budget cut"},
		account.ExtensionRequested{DealID: deal, Until: moment, Evidence: "proof of concept in May", Policy: "deal_registration@1"},
		account.ExtensionGranted{DealID: deal, ProtectedUntil: moment, Policy: "deal_registration@1", Reason: "active"},
		account.ExtensionDeclined{DealID: deal, ProtectedUntil: moment, Reason: "no activity"},
		account.StageAdvanced{DealID: deal, Stage: account.StageProposal},
		account.AmountRevised{DealID: deal, Lines: lines, Reason: "more seats"},
		account.HoldPlaced{DealID: deal, DisputeID: id("dispute")},
		account.HoldLifted{DealID: deal, DisputeID: id("dispute"), ProtectedUntil: moment},
		account.DealReassigned{
			DealID: deal, From: id("partner"), To: id("rival"), FromSeller: id("seller"), ToSeller: id("another"), Ruling: id("ruling"),
		},
		account.CreditSplitSet{
			DealID: deal, Shares: []account.CreditShare{{PartnerID: id("partner"), Share: rate("0.4")}, {PartnerID: id("rival"), Share: rate("0.6")}},
			Replaces: []account.CreditShare{{PartnerID: id("partner"), Share: rate("1")}}, Ruling: id("ruling"),
		},
		account.DealReinstated{DealID: deal, From: account.StatusExpired, ProtectedUntil: moment, Replaces: moment, Ruling: id("ruling")},
		account.WinReported{DealID: deal, Lines: lines, OrderReference: "PO-1"},
		account.DealWon{DealID: deal, SellerID: id("seller"), Lines: lines, OrderReference: "PO-1", Protected: true},
		account.WinReversed{DealID: deal, Amount: money("50.00"), Reason: account.ReversalReturned, Note: "one licence"},
		account.DealLost{DealID: deal, Reason: "price"},
		account.DealReopened{
			DealID: deal, From: account.StatusLost, To: account.StatusApproved, ProtectedUntil: moment, Reason: "the customer came back",
		},
		account.DealExpired{DealID: deal},
		account.ProtectionBreached{DealID: deal, OpportunityID: id("opportunity"), By: account.BreachByOpening},
		account.PreferenceRecorded{PartnerID: id("partner"), Direct: true, DocumentSHA256: letter},
		account.PreferenceWithdrawn{DocumentSHA256: letter, Reason: "they are on good terms again"},
		account.ProtectionShortened{
			DealID: deal, ProtectedUntil: moment, Because: account.ShortenedByDeactivation, Policy: "deal_registration@1",
		},
		account.InfluenceRecorded{DealID: deal, PartnerID: id("other"), Role: account.InfluenceTechnical, Note: "ran the pilot"},
		account.InfluenceRevoked{DealID: deal, PartnerID: id("other"), Role: account.InfluenceTechnical, Reason: "another deal's"},
		account.CRMLinked{DealID: deal, System: "crm", Reference: "1C1I7A6R"},
	}
}

// laterSamples show the optional fields that came later, by their names.
func laterSamples() map[string]account.Event {
	id := func(name string) uuid.UUID { return domain.DeriveID("sample", name) }
	deal, moment := id("deal"), time.Date(2026, 3, 2, 9, 30, 0, 0, time.UTC)
	return map[string]account.Event{
		"mdf_request_id": account.DealRegistered{
			DealID: deal, PartnerID: id("partner"), SellerID: id("seller"), Kind: account.KindNew, Route: account.RouteResale,
			Lines: []account.Line{{Product: "GTX Basic", Line: "GTX", Amount: money("550.00")}}, Source: account.SourcePartner,
			ReviewDue: moment, MDFRequestID: id("mdf request"),
		},
		"with.partner_id": account.ConflictFound{
			FindingID: id("finding"), DealID: deal, Rule: policy.RuleCustomerPreference, Score: "1",
			With: account.With{PartnerID: id("partner")}, Evidence: map[string]string{"document_sha256": letter},
		},
		"with.account_id": account.ConflictFound{
			FindingID: id("finding"), DealID: deal, Rule: policy.RuleSameDomain, Score: "1",
			With: account.With{DealID: id("rival"), AccountID: id("other")}, Evidence: map[string]string{"state": "protected"},
		},
		"ruling": account.ConflictOverridden{
			DealID: deal, FindingIDs: []uuid.UUID{id("finding")}, Reason: "dispute " + id("dispute").String(), Ruling: id("ruling"),
		},
		"subject": account.HoldPlaced{DealID: deal, DisputeID: id("dispute"), Subject: id("referral")},
		"benefit": account.DealApproved{
			DealID: deal, ProtectedUntil: moment, Policy: "deal_registration@2",
			Benefit: account.Benefit{DiscountPercent: domain.Must(domain.ParseRate("7.5")), Tier: "gold"},
		},
		"at": account.ProtectionBreached{DealID: deal, OpportunityID: id("opportunity"), By: account.BreachByOpening, At: moment},
	}
}
