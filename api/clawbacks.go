package api

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/clawback"
	"github.com/channelledger/channelledger/eventstore/ledger"
)

type clawbackTarget = target[*clawback.State, clawback.Command, clawback.Facts, clawback.Event]

// ReceivableView is what a partner owes because something was taken back after it had been paid.
type ReceivableView struct {
	ClawbackID uuid.UUID           `json:"clawback_id" doc:"Or of the adjustment, of a SPIFF's reversal, or of the payment that was too much"`
	PartnerID  uuid.UUID           `json:"partner_id"`
	Stream     string              `json:"stream" doc:"Of the fund or agreement"`
	Since      time.Time           `json:"since"`
	Owed       domain.Money        `json:"owed" doc:"In all; nought once the claw-back is undone"`
	Recovered  domain.Money        `json:"recovered"`
	Pending    domain.Money        `json:"pending" doc:"Offset on payables and not recorded yet"`
	Left       domain.Money        `json:"left" doc:"Owed, neither recovered nor pending"`
	Recoveries []clawback.Recovery `json:"recoveries"`
	Clearings  []clawback.Clearing `json:"clearings" doc:"Lines of bank statements that show its payments, also undone matches"`
}

type clawbackInput struct {
	ClawbackID string `path:"clawback_id" format:"uuid"`
	ThingInput
	WaitInput
}

func (s *Server) clawbacks() *clawbackTarget {
	return &clawbackTarget{
		server:  s,
		decider: clawback.Decider(),
		handler: func() *ledger.Clawbacks { return s.Ledger.Clawbacks },
		tag:     "Claw-backs", noun: "clawback", base: "/v1/clawbacks", id: "clawback_id", view: answer[clawback.State]{},
		parse: idAt, home: itself,
		// whether there is such a claw-back, the aggregate says: before the first recovery it has no stream
		show: func(c *clawback.State, _ uuid.UUID) (any, int64, bool) { return c, c.Revision, true },
		do:   s.Ledger.DoClawback,
	}
}

func (s *Server) clawbackRoutes() {
	t := s.clawbacks()
	t.post("recover", "Say that the partner no longer owes a part: it paid, it is offset or written off", clawback.Recover{})
	op := s.thing("/v1/clawbacks/{clawback_id}", "What does the partner owe because of a claw-back?", t.tag)
	register(s, op, inQuery, s.readClawback)
}

func (s *Server) readClawback(ctx context.Context, in *clawbackInput) (*thingOutput[ReceivableView], error) {
	scope, err := scopeOf(actorOf(ctx))
	if err != nil {
		return nil, err
	}
	id, err := idAt("path.clawback_id", in.ClawbackID)
	if err != nil {
		return nil, err
	}
	end, err := s.endAt(ctx, in.WaitFor)
	if err != nil {
		return nil, err
	}
	r, err := s.Ledger.ReceivableOf(ctx, id)
	if err != nil {
		return nil, err
	}
	if r.Stream == "" || scope != uuid.Nil && r.Debt.PartnerID != scope {
		return nil, notFound("clawback", id.String())
	}
	return thingOf(in.ThingInput, s.now(end), "", receivableView(id, r)), nil
}

func receivableView(id uuid.UUID, r ledger.Receivable) ReceivableView {
	nought := domain.Must(r.Debt.Amount.Sub(r.Debt.Amount))
	return ReceivableView{
		ClawbackID: id, PartnerID: r.Debt.PartnerID, Stream: r.Stream, Since: stamp(r.Debt.Since), Owed: r.Debt.Amount,
		Recovered: domain.Must(nought.Add(r.Recovered)), Pending: domain.Must(nought.Add(r.Pending)), Left: r.Left(r.Facts),
		Recoveries: r.Recoveries, Clearings: append([]clawback.Clearing{}, r.Clearings...),
	}
}
