package api

import (
	"context"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/payable"
	"github.com/channelledger/channelledger/domain/payout"
	"github.com/channelledger/channelledger/eventstore"
	"github.com/channelledger/channelledger/eventstore/ledger"
)

type (
	payoutTarget     = target[*payout.Payout, payout.Command, payout.Facts, payout.Event]
	payoutItemTarget = target[*payable.Payable, payable.Command, payable.Facts, payable.Event]
)

const tagPayouts = "Payouts"

func (s *Server) payouts() *payoutTarget {
	return &payoutTarget{
		server:  s,
		decider: payout.Decider(),
		handler: func() *ledger.Payouts { return s.Ledger.Payouts },
		tag:     tagPayouts, noun: "payout", base: "/v1/payouts", id: "payout_id", view: answer[payout.Payout]{},
		parse: idAt, home: itself,
		show:     func(p *payout.Payout, id uuid.UUID) (any, int64, bool) { return p.Summary(), p.Revision, p.ID == id },
		complete: s.writeFile,
		do:       s.doPayout,
	}
}

// payoutItems are payments, which live in the streams of their payables.
func (s *Server) payoutItems() *payoutItemTarget {
	return &payoutItemTarget{
		server:  s,
		decider: payable.Decider(),
		handler: func() *ledger.Payables { return s.Ledger.Payables },
		tag:     tagPayouts, noun: "payable", base: "/v1/payouts/{payout_id}/items", id: "payable_id", view: answer[payable.Payable]{},
		parse: idAt, home: itself,
		show: func(p *payable.Payable, id uuid.UUID) (any, int64, bool) { return p, p.Revision, p.ID == id },
	}
}

func (s *Server) payoutRoutes() {
	t := s.payouts()
	t.create(t.base, "Prepare a payout: claim what is open and may be paid", payout.Open{}, creation[payout.Command]{
		stream: func(_ context.Context, _ payout.Command, command uuid.UUID) (uuid.UUID, error) {
			return payout.IDOf(command), nil
		},
		made:     func(stream uuid.UUID, _ []domain.Event) uuid.UUID { return stream },
		location: func(id uuid.UUID, _ []domain.Event) string { return t.base + "/" + id.String() },
	})
	t.post("approve", "Approve a payout, first or second", payout.Approve{})
	t.post("send", "Make the file for the bank: from here on the payments count as made", payout.Send{})
	t.post("abandon", "Let a payout go that wasn't sent", payout.Abandon{})
	items := s.payoutItems()
	items.post("confirm", "Say that the bank carried a payment out", payable.Confirm{})
	items.post("return", "Say that a payment failed or came back, or a part: it is open again", payable.Return{})
	s.payoutReads()
}

// doPayout prepares a payout where one is to be opened, which takes many appends; any other command is one.
func (s *Server) doPayout(
	ctx context.Context, id uuid.UUID, header domain.Header, c payout.Command, conditions ...eventstore.Precondition[*payout.Payout],
) (eventstore.Outcome, error) {
	if open, opens := c.(payout.Open); opens {
		return s.Ledger.PreparePayout(ctx, header, open, conditions...)
	}
	return s.Ledger.Payouts.Do(ctx, id, header, c, conditions...)
}

// writeFile adds to a sending what is sent: the hash of the file, made without what may not be paid any more. Whoever may not
// send, or not now, is refused by the aggregate.
func (s *Server) writeFile(ctx context.Context, c payout.Command, id uuid.UUID) (payout.Command, error) {
	send, sends := c.(payout.Send)
	if actor := actorOf(ctx); !sends || !actor.Is(domain.Treasury, domain.ServiceRole) || actor.OfPartner() {
		return c, nil
	}
	p, _, err := s.Ledger.Payouts.Fold(ctx, id)
	if err != nil || p.Status != payout.StatusApproved {
		return c, err
	}
	if send.Held, err = s.Ledger.HeldOf(ctx, id, domain.Header{Actor: actorOf(ctx)}); err != nil {
		return c, err
	}
	p.LeftOut = send.Held
	if len(p.Payments()) == 0 {
		return send, nil
	}
	file, err := s.payoutFile(ctx, p, send.Format)
	if err != nil {
		return c, err
	}
	send.SHA256 = file.sha256
	return send, nil
}
