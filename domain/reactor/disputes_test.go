package reactor_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/account"
	"github.com/channelledger/channelledger/domain/dispute"
	"github.com/channelledger/channelledger/domain/mdf"
	"github.com/channelledger/channelledger/domain/reactor"
)

// breach is what a rule sees of a breach of a deal's protection.
func breach(effective, recorded time.Time) (domain.Event, domain.Envelope) {
	return account.ProtectionBreached{DealID: deal, OpportunityID: domain.DeriveID("opportunity"), By: account.BreachByOpening}, domain.Envelope{
		EventID: domain.DeriveID("breach", effective.String()), Stream: domain.StreamName("account", deal), RecordedAt: recorded,
		Metadata: domain.Metadata{EffectiveAt: effective},
	}
}

func TestABreachOpensACaseForTheDealsPartner(t *testing.T) {
	r := reactor.NewDisputes()
	r.Observe(registered(), domain.Envelope{Stream: domain.StreamName("account", deal)})
	e, env := breach(day(1), day(1))
	r.Observe(e, env)
	orders := r.Due(day(1))
	require.Len(t, orders, 1)
	open, ok := orders[0].Command.(dispute.Open)
	require.True(t, ok)
	require.Equal(t, dispute.KindDirectConflict, open.Kind)
	require.Equal(t, dispute.Party{PartnerID: north}, open.Claimant)
	require.Equal(t, env.EventID, open.EventID)
	id := dispute.IDOf(orders[0].Header(r.Name()).CommandID)
	require.Equal(t, domain.StreamName(dispute.Category, id), orders[0].Stream, "the case's id follows from the order")
	require.Empty(t, r.Due(day(1)))

	r.Observe(dispute.Opened{
		DisputeID: id, Kind: open.Kind, Subject: dispute.Subject{DealID: deal, EventRef: dispute.EventRef{EventID: env.EventID}},
	}, domain.Envelope{Stream: orders[0].Stream, EventID: id})
	require.IsType(t, account.PlaceHold{}, r.Due(day(1))[0].Command)
	e, env = breach(day(2), day(2))
	r.Observe(e, env)
	require.Empty(t, r.Due(day(2)), "a case about the same is open")
}

func TestOldBreachesOpenNothing(t *testing.T) {
	r := reactor.NewDisputes()
	r.Observe(registered(), domain.Envelope{Stream: domain.StreamName("account", deal)})
	e, env := breach(day(1), day(40)) // imported
	r.Observe(e, env)
	require.Empty(t, r.Due(day(40)))
	e, env = breach(day(41), day(41)) // a reactor that is new to an old ledger
	r.Observe(e, env)
	require.Empty(t, r.Due(day(80)))
}

// A protection that is given again may be breached already: that stands in the same append, and the remedy is still known.
func TestAReinstatementIsTakenBackAlsoWhereABreachCameWithIt(t *testing.T) {
	r := reactor.NewDisputes()
	id, remedy := domain.DeriveID("case"), domain.DeriveID("remedy")
	onCase := func(name string) domain.Envelope {
		return domain.Envelope{Stream: domain.StreamName(dispute.Category, id), EventID: domain.DeriveID(name), RecordedAt: day(1)}
	}
	home := domain.StreamName("account", deal)
	r.Observe(dispute.Opened{DisputeID: id, Kind: dispute.KindTierDecision}, onCase("opened"))
	r.Observe(dispute.RulingIssued{Decision: dispute.Decision{Outcome: dispute.OutcomeUpheld, Remedies: []dispute.Remedy{{
		RemedyID: remedy, Kind: dispute.RemedyReinstateProtection, Stream: home, DealID: deal, ProtectedUntil: day(9), AtOnce: true,
	}}}}, onCase("ruled"))
	orders := r.Due(day(1))
	require.Len(t, orders, 1)
	target := domain.Envelope{Stream: home, EventID: domain.DeriveID("reinstated"), RecordedAt: day(1), Metadata: domain.Metadata{
		CommandID: orders[0].Header(r.Name()).CommandID, EffectiveAt: day(1),
	}}
	r.Observe(account.DealReinstated{DealID: deal, ProtectedUntil: day(9), Replaces: day(2)}, target)
	target.EventID = domain.DeriveID("breached")
	r.Observe(account.ProtectionBreached{DealID: deal}, target)
	orders = r.Due(day(1))
	require.Len(t, orders, 1)
	done, ok := orders[0].Command.(dispute.RecordRemedy)
	require.True(t, ok)
	require.Equal(t, domain.DeriveID("reinstated"), done.Event.EventID)

	r.Observe(dispute.RemedyApplied{RemedyID: remedy, Event: done.Event}, onCase("applied"))
	r.Observe(dispute.Appealed{}, onCase("appealed"))
	r.Observe(dispute.AppealRuled{Decision: dispute.Decision{Outcome: dispute.OutcomeDenied}}, onCase("overturned"))
	r.Observe(dispute.BecameFinal{Outcome: dispute.OutcomeDenied}, onCase("final"))
	orders = r.Due(day(1))
	require.Len(t, orders, 1)
	require.Equal(t, account.UndoReinstatement{DealID: deal, Until: day(2)}, orders[0].Command)
}

// A claim is approved on the ruling's terms, and clawed back whole, with the tax that was paid along.
func TestAClaimIsApprovedOnTheRulingsTerms(t *testing.T) {
	t.Parallel()
	r := reactor.NewDisputes()
	id := domain.DeriveID("case")
	onCase := func(name string) domain.Envelope {
		return domain.Envelope{Stream: domain.StreamName(dispute.Category, id), EventID: domain.DeriveID(name), RecordedAt: day(1)}
	}
	remedy := dispute.Remedy{
		RemedyID: domain.DeriveID("remedy"), Kind: dispute.RemedyApproveClaim, Stream: onFund("").Stream, ClaimID: claimID,
		Amount: euros("1234.56"), InputTax: euros("234.57"), Reserve: euros("1.00"), AtOnce: true,
		FX: dispute.FX{Rate: domain.Must(domain.ParseRate("1.0837")), Source: "ECB"},
	}
	r.Observe(dispute.Opened{DisputeID: id, Kind: dispute.KindMDFDenial}, onCase("opened"))
	r.Observe(dispute.RulingIssued{Decision: dispute.Decision{Outcome: dispute.OutcomeUpheld, Remedies: []dispute.Remedy{remedy}}}, onCase("ruled"))
	orders := r.Due(day(1))
	require.Len(t, orders, 1)
	require.Equal(t, mdf.ApproveByRuling{
		ClaimID: claimID, Amount: euros("1234.56"), InputTax: euros("234.57"), Reserve: euros("1.00"),
		FX:     mdf.FX{Rate: domain.Must(domain.ParseRate("1.0837")), Source: "ECB"},
		Ruling: domain.DeriveID("ruled"), Reason: "dispute " + id.String(),
	}, orders[0].Command)

	target := onFund("approved")
	target.CommandID = orders[0].Header(r.Name()).CommandID
	approved := approvedFor("1234.56")
	approved.InputTax = euros("234.57")
	r.Observe(approved, target)
	done := r.Due(day(1))[0].Command.(dispute.RecordRemedy)
	r.Observe(dispute.RemedyApplied{RemedyID: remedy.RemedyID, Event: done.Event}, onCase("applied"))
	r.Observe(dispute.Appealed{}, onCase("appealed"))
	r.Observe(dispute.AppealRuled{Decision: dispute.Decision{Outcome: dispute.OutcomeDenied}}, onCase("overturned"))
	r.Observe(dispute.BecameFinal{Outcome: dispute.OutcomeDenied}, onCase("final"))
	require.Equal(t, mdf.ClawBack{
		ClaimID: claimID, Amount: euros("1234.56"), InputTax: euros("234.57"), Reason: "dispute " + id.String() + ": overturned",
	}, r.Due(day(1))[0].Command)
}
