package timeline

import (
	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/account"
	"github.com/channelledger/channelledger/domain/clawback"
	"github.com/channelledger/channelledger/domain/dispute"
	"github.com/channelledger/channelledger/domain/mdf"
	"github.com/channelledger/channelledger/domain/partner"
	"github.com/channelledger/channelledger/domain/payable"
	"github.com/channelledger/channelledger/domain/payout"
	"github.com/channelledger/channelledger/domain/rebate"
	"github.com/channelledger/channelledger/domain/statement"
)

// lead is where an event leads to: another stream, and what of it bears on the case.
type lead struct {
	stream string
	scope  scope
}

// leadsOf are the streams that an event names, or that are named after it. An aggregate whose events lead elsewhere is a
// line here.
func leadsOf(e domain.Event, env domain.Envelope) []lead {
	switch e := e.(type) {
	case account.Event:
		return accountLeads(e)
	case mdf.BudgetEvent, mdf.FundEvent:
		return fundLeads(e, env)
	case rebate.Event:
		return rebateLeads(e, env)
	case dispute.Event:
		return disputeLeads(e)
	case payable.Raised:
		if e.Source.Kind == payable.KindClaim { // of a fund only what is about the claim
			return []lead{{e.Source.Stream, about(e.Source.ID)}}
		}
	case payable.Claimed:
		return []lead{{domain.StreamName(payout.Category, e.PayoutID), about(e.PayoutID)}}
	}
	return nil
}

// party is a partner that has a part in the case.
func party(id uuid.UUID) []lead {
	if id == uuid.Nil {
		return nil
	}
	return []lead{{domain.StreamName(partner.Category, id), scope{standing: true}}}
}

func accountLeads(e account.Event) []lead {
	switch e := e.(type) {
	case account.DealRegistered:
		return append(party(e.PartnerID), party(e.ViaPartnerID)...)
	case account.PreferenceRecorded:
		return party(e.PartnerID)
	case account.InfluenceRecorded:
		return party(e.PartnerID)
	case account.DealReassigned:
		return party(e.To)
	case account.HoldPlaced:
		return []lead{{domain.StreamName(dispute.Category, e.DisputeID), whole}}
	case account.ConflictFound:
		if e.With.AccountID != uuid.Nil {
			return []lead{{domain.StreamName(account.Category, e.With.AccountID), about(e.With.DealID, e.With.OpportunityID)}}
		}
	}
	return nil
}

func fundLeads(e domain.Event, env domain.Envelope) []lead {
	switch e := e.(type) {
	case mdf.FundCredited:
		return fundParties(e.FundRef)
	case mdf.RequestSubmitted:
		return fundParties(e.FundRef)
	case mdf.ClaimFiled:
		return append(fundParties(e.FundRef), lead{env.Stream, about(e.RequestID, e.ClaimID)})
	case mdf.ClaimApproved:
		return owed(env)
	case mdf.ClaimClawedBack:
		return recovery(e.ClawbackID)
	}
	return nil
}

func fundParties(ref mdf.FundRef) []lead {
	return append(party(ref.PartnerID), lead{domain.StreamName(mdf.BudgetCategory, ref.BudgetID), about(ref.FundID)})
}

func rebateLeads(e rebate.Event, env domain.Envelope) []lead {
	switch e := e.(type) {
	case rebate.AgreementOpened:
		return party(e.PartnerID)
	case rebate.Approved, rebate.Adjusted, rebate.SpiffEarned:
		return owed(env)
	case rebate.ClawedBack:
		return recovery(e.ClawbackID)
	case rebate.SpiffReversed:
		if e.FromPaid.Sign() > 0 {
			return recovery(e.ReversalID)
		}
	}
	return nil
}

// owed is the payable that an event leads to.
func owed(env domain.Envelope) []lead {
	return []lead{{domain.StreamName(payable.Category, payable.IDOf(env.EventID)), whole}}
}

// recovery is how what was clawed back is paid back.
func recovery(id uuid.UUID) []lead {
	return []lead{{domain.StreamName(clawback.Category, id), whole}}
}

// disputeLeads are what is contested, the parties, and every event that somebody pointed at.
func disputeLeads(e dispute.Event) (leads []lead) {
	refs := func(refs []dispute.EventRef) {
		for _, r := range refs {
			leads = append(leads, lead{r.Stream, about(r.EventID)})
		}
	}
	switch e := e.(type) {
	case dispute.Opened:
		leads = append(contested(e.Subject.Stream, e.Subject), party(e.Claimant.PartnerID)...)
		for _, stream := range e.Streams {
			leads = append(leads, contested(stream, e.Subject)...)
		}
		for _, p := range e.Respondents {
			leads = append(leads, party(p.PartnerID)...)
		}
	case dispute.EvidenceSubmitted:
		if e.Visibility != dispute.VisibleToAdjudicator { // those are followed apart: see pointed.go
			refs(e.EventRefs)
		}
	case dispute.RulingIssued:
		refs(e.Cites)
	case dispute.AppealRuled:
		refs(e.Cites)
	case dispute.RemedyApplied:
		refs([]dispute.EventRef{e.Event})
	}
	return leads
}

// contested is what of a stream a dispute is about: of a fund the claim, of a partner its standing, of a bank's statement,
// which tells of everybody, the event itself, and otherwise everything.
func contested(stream string, s dispute.Subject) []lead {
	switch category, _, _ := domain.ParseStream(stream); category {
	case mdf.FundCategory:
		return []lead{{stream, about(s.EventID, s.ClaimID)}}
	case partner.Category:
		return []lead{{stream, scope{standing: true}}}
	case statement.Category:
		return []lead{{stream, about(s.EventID)}}
	}
	return []lead{{stream, whole}}
}
