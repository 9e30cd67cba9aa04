package api

import (
	"context"
	"errors"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/mdf"
	"github.com/channelledger/channelledger/eventstore"
	"github.com/channelledger/channelledger/eventstore/ledger"
	"github.com/channelledger/channelledger/projections"
	funds "github.com/channelledger/channelledger/projections/mdf"
)

type (
	budgetTarget = target[*mdf.Budget, mdf.BudgetCommand, mdf.BudgetFacts, mdf.BudgetEvent]
	fundTarget   = target[*mdf.FundState, mdf.FundCommand, mdf.FundFacts, mdf.FundEvent]
)

const tagMDF = "Market development funds"

func itself(_ context.Context, id uuid.UUID) (uuid.UUID, error) { return id, nil }

func (s *Server) budgets() *budgetTarget {
	return &budgetTarget{
		server:  s,
		decider: mdf.BudgetDecider(),
		handler: func() *ledger.Budgets { return s.Ledger.Budgets },
		tag:     tagMDF, noun: "budget", base: "/v1/mdf/budgets", id: "budget_id", view: answer[mdf.Budget]{},
		parse: idAt, home: itself,
		show: func(b *mdf.Budget, id uuid.UUID) (any, int64, bool) { return b, b.Revision, b.ID == id },
	}
}

func (s *Server) funds() *fundTarget {
	return &fundTarget{
		server:  s,
		decider: mdf.FundDecider(),
		handler: func() *ledger.Funds { return s.Ledger.Funds },
		tag:     tagMDF, noun: "fund", base: "/v1/mdf/funds", id: "fund_id", view: answer[mdf.Fund]{},
		parse: idAt, home: itself,
		show: func(st *mdf.FundState, id uuid.UUID) (any, int64, bool) {
			return st.Fund, st.Fund.Revision, st.Fund.ID == id
		},
	}
}

// releases are given on a budget, for one partner's fund of it.
func (s *Server) releases() *fundTarget {
	t := s.funds()
	t.base, t.id = "/v1/mdf/budgets", "budget_id"
	t.of = func(c mdf.FundCommand, budget uuid.UUID) uuid.UUID {
		release, _ := c.(mdf.ReleaseFund)
		return mdf.FundID(budget, release.PartnerID)
	}
	return t
}

// fundRequests are things in their fund's stream.
func (s *Server) fundRequests() *fundTarget {
	t := s.funds()
	t.noun, t.base, t.id, t.view = "request", "/v1/mdf/requests", "request_id", answer[mdf.Request]{}
	t.home = s.fundOfRequest
	t.show = func(st *mdf.FundState, id uuid.UUID) (any, int64, bool) {
		r, ok := st.Requests[id]
		if !ok {
			return nil, 0, false
		}
		return r, r.Revision, true
	}
	return t
}

// fundClaims are things in their fund's stream.
func (s *Server) fundClaims() *fundTarget {
	t := s.funds()
	t.noun, t.base, t.id, t.view = "claim", "/v1/mdf/claims", "claim_id", answer[mdf.Claim]{}
	t.home = s.fundOfClaim
	t.show = func(st *mdf.FundState, id uuid.UUID) (any, int64, bool) {
		c, ok := st.Claims[id]
		if !ok {
			return nil, 0, false
		}
		return c, c.Revision, true
	}
	t.do = s.Ledger.DoFund
	return t
}

func (s *Server) mdfRoutes() {
	s.budgetRoutes()
	s.fundRequestRoutes()
	s.fundClaimRoutes()
	s.mdfReads()
}

func (s *Server) budgetRoutes() {
	t := s.budgets()
	t.create(t.base, "Open a budget", mdf.OpenBudget{}, creation[mdf.BudgetCommand]{
		stream: func(_ context.Context, _ mdf.BudgetCommand, command uuid.UUID) (uuid.UUID, error) {
			return mdf.BudgetID(command), nil
		},
		made:     func(stream uuid.UUID, _ []domain.Event) uuid.UUID { return stream },
		location: func(id uuid.UUID, _ []domain.Event) string { return t.base + "/" + id.String() },
	})
	t.post("increase", "Add money to a budget", mdf.IncreaseBudget{})
	t.post("allocate", "Give a part of the budget to a partner", mdf.Allocate{})
	t.post("carry-over", "Ask to use expired money again", mdf.RequestCarryOver{})
	t.post("carry-over/{carry_over_id}/approve", "Agree to use expired money again", mdf.ApproveCarryOver{})
	t.post("close", "End allocating", mdf.CloseBudget{})
	s.releases().post("release", "Give available money of a partner's fund back to the budget", mdf.ReleaseFund{})
}

func (s *Server) fundRequestRoutes() {
	t := s.fundRequests()
	t.create("/v1/mdf/funds/{fund_id}/requests", "Ask for money for an activity", mdf.SubmitRequest{}, creation[mdf.FundCommand]{
		stream: func(_ context.Context, c mdf.FundCommand, _ uuid.UUID) (uuid.UUID, error) {
			return c.(mdf.SubmitRequest).FundID, nil
		},
		made:     s.submitted,
		location: func(id uuid.UUID, _ []domain.Event) string { return t.base + "/" + id.String() },
	})
	t.post("approve", "Reserve money for an activity, first or second", mdf.ApproveRequest{})
	t.post("decline", "Refuse a request", mdf.DeclineRequest{})
	t.post("cancel", "End a request: what is still reserved is free again", mdf.CancelRequest{})
	t.post("extend", "Let claims come later", mdf.ExtendDeadline{})
	t.post("attribute", "Say that a deal came of the activity", mdf.AttributePipeline{})
}

func (s *Server) fundClaimRoutes() {
	t := s.fundClaims()
	t.create("/v1/mdf/requests/{request_id}/claims", "File a claim on an approved request", mdf.FileClaim{}, creation[mdf.FundCommand]{
		stream: func(ctx context.Context, c mdf.FundCommand, _ uuid.UUID) (uuid.UUID, error) {
			return s.fundOfRequest(ctx, c.(mdf.FileClaim).RequestID)
		},
		made:     s.filed,
		location: func(id uuid.UUID, _ []domain.Event) string { return t.base + "/" + id.String() },
	})
	t.post("approve", "Approve a claim, first or second", mdf.ApproveClaim{})
	t.post("deny", "Refuse a claim", mdf.DenyClaim{})
	t.post("return", "Return it to be completed", mdf.ReturnClaim{})
	t.post("refile", "File a returned one again", mdf.RefileClaim{})
	t.post("withdraw", "Give it up", mdf.WithdrawClaim{})
	t.post("override", "Say that it is no duplicate", mdf.OverrideDuplicate{})
	t.post("reopen", "Let a denied one be decided again", mdf.ReopenClaim{})
	t.post("pay", "Record a payment made outside of this ledger", mdf.PayClaim{})
	t.post("claw-back", "Take back a part of an approved claim, or all", mdf.ClawBack{})
	t.post("clawbacks/{clawback_id}/reverse", "Undo a claw-back", mdf.ReverseClawback{})
}

// submitted finds the new request among what its submission recorded, and remembers its fund.
func (s *Server) submitted(stream uuid.UUID, recorded []domain.Event) uuid.UUID {
	for _, e := range recorded {
		if r, ok := e.(mdf.RequestSubmitted); ok {
			s.homes.put(r.RequestID, stream)
			return r.RequestID
		}
	}
	return uuid.Nil // every submission records one
}

// filed finds the new claim among what its filing recorded, and remembers its fund.
func (s *Server) filed(stream uuid.UUID, recorded []domain.Event) uuid.UUID {
	for _, e := range recorded {
		if c, ok := e.(mdf.ClaimFiled); ok {
			s.homes.put(c.ClaimID, stream)
			return c.ClaimID
		}
	}
	return uuid.Nil // every filing records one
}

func (s *Server) fundOfRequest(ctx context.Context, id uuid.UUID) (uuid.UUID, error) {
	return fundOf(ctx, s, "request", id, funds.GetRequest, func(r *mdf.Request) uuid.UUID { return r.FundID })
}

func (s *Server) fundOfClaim(ctx context.Context, id uuid.UUID) (uuid.UUID, error) {
	return fundOf(ctx, s, "claim", id, funds.GetClaim, func(c *mdf.Claim) uuid.UUID { return c.FundID })
}

// fundOf is the fund that a thing stands in. While the read model is being built it waits a little: right behind a start
// that is soon done.
// Errors: 404 where there is no such thing.
func fundOf[R any](
	ctx context.Context, s *Server, noun string, id uuid.UUID,
	get func(context.Context, projections.Querier, uuid.UUID) (*R, error), fund func(*R) uuid.UUID,
) (uuid.UUID, error) {
	if home, ok := s.homes.get(id); ok {
		return home, nil
	}
	row, _, err := find(ctx, s, funds.Name, get, id)
	if errors.Is(err, projections.ErrBuilding) && s.waitForModel(ctx, funds.Name, eventstore.Position{}) == nil {
		row, _, err = find(ctx, s, funds.Name, get, id)
	}
	if err != nil {
		return uuid.Nil, err
	}
	if row == nil {
		return uuid.Nil, notFound(noun, id.String())
	}
	s.homes.put(id, fund(row))
	return fund(row), nil
}
