package api

import (
	"context"
	"net/http"

	"github.com/channelledger/channelledger/domain/account"
	"github.com/channelledger/channelledger/projections"
	"github.com/channelledger/channelledger/projections/conflicts"
	"github.com/channelledger/channelledger/projections/listing"
)

type breachesInput struct {
	Deal          []string           `query:"deal_id"`
	Account       []string           `query:"account_id"`
	Partner       []string           `query:"partner_id" doc:"Whose deal was protected"`
	Opportunity   []string           `query:"opportunity_id" doc:"The vendor's own"`
	By            []account.BreachBy `query:"by"`
	BreachedFrom  string             `query:"breached_from" doc:"A moment or a day, inclusive"`
	BreachedUntil string             `query:"breached_until" doc:"A moment or a day, exclusive"`
	PageInput
	WaitInput
}

func (s *Server) breachRoutes() {
	op := s.operation(http.MethodGet, "/v1/breaches", "List breaches of protections", "Conflicts")
	op.Description = "The vendor opened, or won, an opportunity of its own on a line where a partner's deal was protected."
	register(s, op, inQuery, s.listBreaches)
}

func (s *Server) listBreaches(ctx context.Context, in *breachesInput) (*listOutput[conflicts.RecordedBreach], error) {
	query, err := s.breachQuery(ctx, in)
	if err != nil {
		return nil, err
	}
	var page listing.Page[conflicts.RecordedBreach]
	asOf, err := s.live(ctx, conflicts.Name, in.WaitInput, func(q projections.Querier) (err error) {
		page, err = conflicts.Breaches(ctx, q, query)
		return err
	})
	if err != nil {
		return nil, err
	}
	return pageOf(&in.PageInput, asOf, page), nil
}

func (s *Server) breachQuery(ctx context.Context, in *breachesInput) (q conflicts.BreachQuery, err error) {
	q = conflicts.BreachQuery{By: in.By, Request: in.request()}
	if q.Scope, err = scopeOf(actorOf(ctx)); err != nil {
		return q, err
	}
	if q.Deal, err = idsOf("deal_id", in.Deal); err != nil {
		return q, err
	}
	if q.Account, err = idsOf("account_id", in.Account); err != nil {
		return q, err
	}
	if q.Partner, err = idsOf("partner_id", in.Partner); err != nil {
		return q, err
	}
	if q.Opportunity, err = idsOf("opportunity_id", in.Opportunity); err != nil {
		return q, err
	}
	q.Breached, err = s.period("breached", in.BreachedFrom, in.BreachedUntil)
	return q, err
}
