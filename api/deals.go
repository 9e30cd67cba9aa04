package api

import (
	"context"
	"errors"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/account"
	"github.com/channelledger/channelledger/eventstore"
	"github.com/channelledger/channelledger/projections"
	"github.com/channelledger/channelledger/projections/pipeline"
)

// deals are things in their account's stream.
func (s *Server) deals() *accountTarget {
	t := s.accounts()
	t.tag, t.noun, t.base, t.id, t.view = "Deals", "deal", "/v1/deals", "deal_id", answer[account.Deal]{}
	t.home = s.homeOf
	t.forPartner = func(view any) any { return view.(*account.Deal).ForPartner() }
	t.show = func(st *account.State, id uuid.UUID) (any, int64, bool) {
		d, ok := st.Deals[id]
		if !ok {
			return nil, 0, false
		}
		return d, d.Revision, true
	}
	return t
}

func (s *Server) dealRoutes() {
	t := s.deals()
	t.create(t.base, "Register a deal", account.RegisterDeal{}, creation[account.Command]{
		stream:   func(_ context.Context, c account.Command, _ uuid.UUID) (uuid.UUID, error) { return account.IDOf(c) },
		made:     s.registered,
		location: func(id uuid.UUID, _ []domain.Event) string { return t.base + "/" + id.String() },
	})
	t.post("approve", "Approve: the partner is protected from here on", account.ApproveDeal{})
	t.post("return", "Return it to be completed", account.ReturnDeal{})
	t.post("resubmit", "Submit a returned one again", account.ResubmitDeal{})
	t.post("reject", "Refuse it for good", account.RejectDeal{})
	t.post("override", "Let findings stand without keeping it from approval", account.OverrideConflicts{})
	t.post("refer", "Leave findings to a dispute, which is opened", account.ReferConflicts{})
	t.post("withdraw", "Give it up", account.WithdrawDeal{})
	t.post("request-extension", "Ask for longer protection", account.RequestExtension{})
	t.post("grant-extension", "Grant longer protection", account.GrantExtension{})
	t.post("decline-extension", "Decline longer protection", account.DeclineExtension{})
	t.post("stage", "Say how far the sale is", account.AdvanceStage{})
	t.post("amount", "Revise what it is expected to bring", account.ReviseAmount{})
	t.post("report-win", "Report a win, as the partner", account.ReportWin{})
	t.post("win", "Record the win", account.WinDeal{})
	t.post("reverse-win", "Take back a part of the win, or all", account.ReverseWin{})
	t.post("lose", "Record the loss", account.LoseDeal{})
	t.post("reopen", "Open a won or lost one again", account.ReopenDeal{})
	t.post("influences", "Record that another partner helped", account.RecordInfluence{})
	t.post("influences/revoke", "Say that it did not help after all", account.RevokeInfluence{})
	t.post("links", "Link it with a record of another system", account.LinkCRM{})
	s.dealReads()
}

// registered finds the new deal among what its registration recorded, and remembers its account.
func (s *Server) registered(stream uuid.UUID, recorded []domain.Event) uuid.UUID {
	for _, e := range recorded {
		if r, ok := e.(account.DealRegistered); ok {
			s.homes.put(r.DealID, stream)
			return r.DealID
		}
	}
	return uuid.Nil // every registration records one
}

// homeOf is the account that a deal stands on. While the read model is being built it waits a little: right behind a start
// that is soon done.
func (s *Server) homeOf(ctx context.Context, deal uuid.UUID) (uuid.UUID, error) {
	if home, ok := s.homes.get(deal); ok {
		return home, nil
	}
	d, _, err := s.findDeal(ctx, deal)
	if errors.Is(err, projections.ErrBuilding) && s.waitForModel(ctx, pipeline.Name, eventstore.Position{}) == nil {
		d, _, err = s.findDeal(ctx, deal)
	}
	if err != nil {
		return uuid.Nil, err
	}
	s.homes.put(deal, d.AccountID)
	return d.AccountID, nil
}
