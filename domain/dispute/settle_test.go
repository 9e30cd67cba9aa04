package dispute_test

import (
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/dispute"
	"github.com/channelledger/channelledger/domain/domaintest"
)

func TestSettlement(t *testing.T) {
	t.Parallel()
	s := ruled(t, dispute.OutcomeUpheld, atOnce(reassign()))
	first := s.state.Remedies[0].RemedyID
	s.do(dispute.RecordRemedy{RemedyID: first, Event: ref("approved", 3)})
	offer := dispute.ProposeSettlement{Text: "north keeps it", Terms: []dispute.Remedy{reassign()}}
	offer.Terms[0].PartnerID = north
	s.refuses(dispute.ProposeSettlement{}, invalid, "invalid_field", "text")
	s.refuses(dispute.ProposeSettlement{Text: "x", Terms: []dispute.Remedy{atOnce(reassign())}}, invalid, "invalid_field", "terms[0].at_once")
	s.refuses(dispute.ProposeSettlement{Text: "x", Terms: []dispute.Remedy{{
		Kind: dispute.RemedySetTier, Stream: domain.StreamName("partner", south), Tier: "gold",
	}}}, conflict, "vendor_not_party", "terms[0].kind")
	s.refuses(dispute.ProposeSettlement{Text: "x", Terms: []dispute.Remedy{{
		Kind: dispute.RemedyOverrideConflicts, Stream: account, DealID: deal, FindingIDs: []uuid.UUID{event},
	}}}, conflict, "vendor_not_party", "terms[0].kind") // the vendor's desk decides about findings
	s.refuses(offer, forbidden, "not_a_party", "", by(domaintest.Ops()))
	s.do(offer)
	old := s.created("settlement")
	s.do(offer)
	id, remedy := s.created("settlement"), s.created("remedy 0")
	s.refuses(dispute.AcceptSettlement{SettlementID: old}, missing, "settlement_unknown", "settlement_id")
	accept := dispute.AcceptSettlement{SettlementID: id}
	s.refuses(accept, conflict, "settlement_agreed", "settlement_id", by(domaintest.Admin(south)))
	s.wants(accept, []dispute.Event{
		dispute.SettlementAccepted{SettlementID: id, By: party(north)},
		dispute.BecameFinal{
			Outcome: dispute.OutcomeSettled, Because: dispute.FinalBySettlement,
			CarryOut: []uuid.UUID{remedy}, TakeBack: []uuid.UUID{first},
		},
	})
	assert.Len(t, s.state.Outstanding(), 2)
}

func TestOnlyFinancePromisesTheVendorsMoney(t *testing.T) {
	t.Parallel()
	s := newStory(t)
	open := opening()
	open.Respondents, open.Streams = nil, []string{"rebate-" + deal.String()}
	s.do(open)
	offer := dispute.ProposeSettlement{Text: "pay", Terms: []dispute.Remedy{{
		Kind: dispute.RemedyAdjustAmount, Stream: open.Streams[0], Amount: domain.Must(domain.ParseMoney("10.00", "EUR")),
	}}}
	s.refuses(offer, forbidden, "role", "", by(domaintest.Ops()))
	s.do(offer)
	accept := dispute.AcceptSettlement{SettlementID: s.created("settlement")}
	s.refuses(accept, forbidden, "role", "", by(domaintest.Ops()))
	s.do(accept, by(domaintest.Finance()))
	assert.Equal(t, dispute.OutcomeSettled, s.state.Outcome)
}

func TestEveryPartyHasToAgree(t *testing.T) {
	t.Parallel()
	s := newStory(t)
	open := opening()
	open.Respondents = []dispute.Party{party(north), vendor}
	s.do(open)
	s.do(dispute.ProposeSettlement{Text: "we all forget it"})
	accept := dispute.AcceptSettlement{SettlementID: s.created("settlement")}
	s.do(accept)
	assert.Equal(t, dispute.StatusOpen, s.state.Status)
	s.refuses(accept, conflict, "settlement_agreed", "settlement_id")
	s.do(accept, by(domaintest.Ops()))
	assert.Equal(t, dispute.StatusFinal, s.state.Status)
}

func TestWithdraw(t *testing.T) {
	t.Parallel()
	s := heard(t)
	c := dispute.Withdraw{Reason: "not worth it"}
	s.refuses(c, forbidden, "not_the_claimant", "", by(domaintest.Admin(north)))
	s.refuses(dispute.Withdraw{}, invalid, "invalid_field", "reason")
	s.wants(c, []dispute.Event{
		dispute.Withdrawn{By: party(south), Reason: c.Reason},
		dispute.BecameFinal{Outcome: dispute.OutcomeWithdrawn, Because: dispute.FinalByWithdrawal},
	})
	s.do(dispute.Close{})
}

func TestWithdrawTheAppeal(t *testing.T) {
	t.Parallel()
	s := appealed(t, reassign())
	c := dispute.Withdraw{Reason: "not worth it"}
	s.refuses(c, forbidden, "not_the_appellant", "", by(domaintest.Admin(south)))
	s.wants(c, []dispute.Event{
		dispute.Withdrawn{By: party(north), Appeal: true, Reason: c.Reason},
		dispute.BecameFinal{
			Outcome: dispute.OutcomeUpheld, Because: dispute.FinalByWithdrawal, CarryOut: []uuid.UUID{s.state.Remedies[0].RemedyID},
		},
	}, by(domaintest.Admin(north)))
}

func TestRemediesAreRecordedBack(t *testing.T) {
	t.Parallel()
	s := final(t, reassign())
	id := s.state.Remedies[0].RemedyID
	done := dispute.RecordRemedy{RemedyID: id, Event: ref("approved", 3)}
	s.refuses(dispute.RecordRemedy{RemedyID: deal, Event: done.Event}, missing, "remedy_unknown", "remedy_id")
	s.refuses(dispute.RecordRemedy{RemedyID: id, Event: ref("dream", 3)}, missing, "event_unknown", "event[0]")
	s.refuses(dispute.RecordRemedy{RemedyID: id, Undone: true, Event: done.Event}, conflict, "remedy_not_due", "remedy_id")
	s.refuses(done, invalid, "invalid_field", "note", by(domaintest.Ops()))
	s.refuses(done, forbidden, "role", "", by(domaintest.Desk()))

	park := dispute.ParkRemedy{RemedyID: id, Rule: "line_protected", Missing: "another deal is protected"}
	s.refuses(park, forbidden, "role", "", by(domaintest.Ops()))
	s.refuses(park, forbidden, "reactor_only", "", by(domaintest.Importer()))
	s.refuses(dispute.RetryRemedy{RemedyID: id, Reason: "x"}, conflict, "remedy_not_parked", "remedy_id")
	for attempt, days := range []int{1, 2, 4, 8, 16, 32, 32} {
		s.wants(park, []dispute.Event{dispute.RemedyParked{
			RemedyID: id, Attempt: attempt + 1, Rule: park.Rule, Missing: park.Missing, RetryAt: day0.AddDate(0, 0, days),
		}})
	}
	retry := dispute.RetryRemedy{RemedyID: id, Reason: "it ended"}
	s.refuses(dispute.RetryRemedy{RemedyID: id}, invalid, "invalid_field", "reason")
	s.refuses(dispute.RetryRemedy{RemedyID: deal, Reason: "x"}, missing, "remedy_unknown", "remedy_id")
	s.do(retry)
	s.refuses(dispute.Close{}, conflict, "remedies_outstanding", "")
	s.wants(done, []dispute.Event{dispute.RemedyApplied{RemedyID: id, Event: done.Event}})
	s.refuses(done, conflict, "remedy_not_due", "remedy_id")
	s.wants(park, nil)
	s.wants(dispute.Close{}, []dispute.Event{dispute.Closed{Outcome: dispute.OutcomeUpheld}})
}

func TestByHandOnlyWhatIsDueIsRecorded(t *testing.T) {
	t.Parallel()
	s := ruled(t, dispute.OutcomeUpheld, reassign())
	done := dispute.RecordRemedy{RemedyID: s.state.Remedies[0].RemedyID, Event: ref("approved", 3), Note: "done in the CRM"}
	s.refuses(done, conflict, "remedy_not_due", "remedy_id", by(domaintest.Ops()))
	s.do(dispute.EndAppealWindow{}, at(s.state.AppealUntil))
	s.do(done, by(domaintest.Finance()))
}

func TestEverythingTakesEffectWhenItIsRecorded(t *testing.T) {
	t.Parallel()
	s := opened(t)
	s.refuses(dispute.Acknowledge{}, invalid, "invalid_field", "effective_at", on(2), domaintest.Effective(day0))
}
