package api

import (
	"context"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/partner"
	"github.com/channelledger/channelledger/eventstore/ledger"
)

type partnerTarget = target[*partner.State, partner.Command, partner.Facts, partner.Event]

func (s *Server) partners() *partnerTarget {
	return &partnerTarget{
		server:  s,
		decider: partner.Decider(),
		handler: func() *ledger.Partners { return s.Ledger.Partners },
		tag:     "Partners", noun: "partner", base: "/v1/partners", id: "partner_id", view: answer[partner.Partner]{},
		parse:  idAt,
		home:   func(_ context.Context, id uuid.UUID) (uuid.UUID, error) { return id, nil },
		show:   func(p *partner.State, _ uuid.UUID) (any, int64, bool) { return p, p.Revision, p.Exists() },
		sealed: sealedPartner,
	}
}

func (s *Server) partnerRoutes() {
	t := s.partners()
	t.create(t.base, "Apply to become a partner", partner.Apply{}, creation[partner.Command]{
		stream: func(_ context.Context, _ partner.Command, command uuid.UUID) (uuid.UUID, error) {
			return domain.EntityID(command, "", partner.Category), nil
		},
		made:     func(stream uuid.UUID, _ []domain.Event) uuid.UUID { return stream },
		location: func(id uuid.UUID, _ []domain.Event) string { return t.base + "/" + id.String() },
	})
	t.post("apply", "Apply again, after a refusal or a deactivation", partner.Apply{})
	t.post("approve", "Let an applicant in", partner.Approve{})
	t.post("decline", "Refuse an application", partner.Decline{})
	t.post("agreements", "Sign an agreement", partner.SignAgreement{})
	t.post("agreements/{agreement_id}/renew", "Move an agreement's last day out", partner.RenewAgreement{})
	t.post("agreements/{agreement_id}/terminate", "End an agreement before its time", partner.TerminateAgreement{})
	t.post("onboarding-steps", "Record a completed onboarding step", partner.CompleteStep{})
	t.post("onboard", "Make an approved partner active", partner.Onboard{})
	t.post("kind", "Change what sort of partner it is", partner.ChangeKind{})
	t.post("sellers", "Add a seller", partner.AddSeller{})
	t.post("sellers/{seller_id}/remove", "Remove a seller", partner.RemoveSeller{})
	t.post("sellers/{seller_id}/trainings", "Record a training that a seller finished", partner.CompleteTraining{})
	t.post("sellers/{seller_id}/certifications", "Record a certificate that a seller earned or renewed", partner.EarnCertification{})
	t.post("tier", "Put it on another tier", partner.ChangeTier{})
	t.post("tier/grace", "Start the grace of a partner that fails its tier", partner.StartTierGrace{})
	t.post("tier/grace/lift", "End a grace: the partner meets its tier again", partner.LiftTierGrace{})
	t.post("tier/waivers", "Keep it on its tier until a day, whatever it fails", partner.GrantTierWaiver{})
	t.post("territories", "Assign a territory, or replace its countries", partner.AssignTerritory{})
	t.post("territories/remove", "Take a territory away", partner.RemoveTerritory{})
	t.post("parent", "Put it below a distributor", partner.AssignParent{})
	t.post("parent/remove", "Take it out from below its distributor", partner.RemoveParent{})
	t.post("payees", "Propose an account for the partner's money", partner.ProposePayee{})
	t.post("payees/{payee_id}/approve", "Let money go to an account, as somebody else than who proposed it", partner.ApprovePayee{})
	t.post("payees/{payee_id}/revoke", "Let nothing more go to an account", partner.RevokePayee{})
	t.post("suspend", "Stop everything new", partner.Suspend{})
	t.post("reinstate", "End a suspension", partner.Reinstate{})
	t.post("deactivate", "End the partnership", partner.Deactivate{})
	s.partnerReads()
}
