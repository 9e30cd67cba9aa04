package api

import (
	"context"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/dispute"
	"github.com/channelledger/channelledger/eventstore/ledger"
)

type disputeTarget = target[*dispute.State, dispute.Command, dispute.Facts, dispute.Event]

const tagDisputes = "Disputes"

// DisputeView is a case as one reader sees it.
type DisputeView struct {
	dispute.Case `partner:"decided"`
	Withheld     int `json:"withheld" doc:"How many fields of sealed papers this reader doesn't see: each reads [withheld: sealed], or is left out"`
}

func disputeFor(actor domain.Actor, c *dispute.Case) DisputeView {
	seen, withheld := c.For(actor)
	return DisputeView{Case: *seen, Withheld: withheld}
}

// mayReadDispute reports whether an actor may know of a case at all: the vendor's people, and those of the parties.
func mayReadDispute(actor domain.Actor, c *dispute.Case) bool {
	return !actor.OfPartner() || c.IsParty(actor.PartnerID) || c.Heard(actor)
}

func (s *Server) disputes() *disputeTarget {
	return &disputeTarget{
		server:  s,
		decider: dispute.Decider(),
		handler: func() *ledger.Disputes { return s.Ledger.Disputes },
		tag:     tagDisputes, noun: "dispute", base: "/v1/disputes", id: "dispute_id", view: answer[DisputeView]{},
		parse: idAt, home: itself,
		show: func(c *dispute.State, id uuid.UUID) (any, int64, bool) { return c, c.Revision, c.ID == id },
		viewpoint: func(actor domain.Actor, view any) any {
			return disputeFor(actor, view.(*dispute.Case))
		},
	}
}

func (s *Server) disputeRoutes() {
	t := s.disputes()
	t.create(t.base, "Dispute a recorded event", dispute.Open{}, creation[dispute.Command]{
		stream: func(_ context.Context, _ dispute.Command, command uuid.UUID) (uuid.UUID, error) {
			return dispute.IDOf(command), nil
		},
		made:     func(stream uuid.UUID, _ []domain.Event) uuid.UUID { return stream },
		location: func(id uuid.UUID, _ []domain.Event) string { return t.base + "/" + id.String() },
	})
	t.post("acknowledge", "Say that the vendor has taken the case in", dispute.Acknowledge{})
	t.post("response", "Answer for a respondent", dispute.FileResponse{})
	t.post("evidence", "Show a document, or events of the ledger", dispute.SubmitEvidence{})
	t.post("evidence/{evidence_id}/seal", "Keep evidence from the other side, who get a summary", dispute.GrantSealing{})
	t.post("evidence/{evidence_id}/refuse-sealing", "Set evidence aside that is not kept from the other side", dispute.RefuseSealing{})
	t.post("adjudicator", "Say who hears the case, or the appeal", dispute.AssignAdjudicator{})
	t.post("escalate", "Take the case to the next level", dispute.Escalate{})
	t.post("ruling", "Decide the case", dispute.IssueRuling{})
	t.post("appeal", "Ask for another decision", dispute.FileAppeal{})
	t.post("appeal/waive", "Take the ruling as it is", dispute.WaiveAppeal{})
	t.post("appeal/ruling", "Decide the appeal, and the case with it", dispute.RuleOnAppeal{})
	t.post("settlement", "Offer to end the case on terms", dispute.ProposeSettlement{})
	t.post("settlement/{settlement_id}/accept", "Agree to the last offer", dispute.AcceptSettlement{})
	t.post("withdraw", "Give up the dispute, or the appeal", dispute.Withdraw{})
	t.post("remedies/{remedy_id}/record", "Record what was done, or taken back, by hand", dispute.RecordRemedy{})
	t.post("remedies/{remedy_id}/retry", "Have a parked remedy tried again at once", dispute.RetryRemedy{})
	s.disputeReads()
}
