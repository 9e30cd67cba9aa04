package api

import (
	"context"
	"net/http"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/eventstore"
	"github.com/channelledger/channelledger/projections"
	"github.com/channelledger/channelledger/projections/incentives"
	"github.com/channelledger/channelledger/projections/listing"
)

type incentivesInput struct {
	PartnerID string            `path:"partner_id" format:"uuid"`
	From      string            `query:"from" doc:"First moment or day of the period, inclusive; by default the beginning"`
	Until     string            `query:"until" doc:"End of the period, exclusive: a moment or a day; by default there is none"`
	Kind      []incentives.Kind `query:"kind"`
	ID        []string          `query:"id" doc:"Of agreements or funds"`
	Cursor    string            `query:"cursor" maxLength:"4096" doc:"next of the page before, with the same filters"`
	Limit     int               `query:"limit" minimum:"1" maximum:"500" default:"100" doc:"How many movements at most"`
	PageLink
	BoundsInput
}

// incentivesOutput is a page of a statement.
type incentivesOutput struct {
	Link         string              `header:"Link" doc:"The next page, rel=next (RFC 8288)"`
	Position     eventstore.Position `header:"Ledger-Position"`
	CacheControl string              `header:"Cache-Control"`
	Body         incentivesBody
}

type incentivesBody struct {
	AsOf AsOfInfo             `json:"as_of"`
	Data incentives.Statement `json:"data"`
	Next string               `json:"next,omitempty" doc:"cursor of the next page; the header Link has all of its URL"`
}

func (s *Server) incentiveRoutes() {
	register(s, s.operation(http.MethodGet, "/v1/partners/{partner_id}/incentives",
		"Read a partner's statement: balances and movements of its rebates and funds", "Incentives"), inQuery, s.readIncentives)
}

func (s *Server) readIncentives(ctx context.Context, in *incentivesInput) (*incentivesOutput, error) {
	query, err := s.incentivesQuery(ctx, in)
	if err != nil {
		return nil, err
	}
	out := &incentivesOutput{CacheControl: privately}
	out.Body.AsOf, err = s.readAt(ctx, incentives.Projection(), in.BoundsInput, func(q projections.Querier) (err error) {
		out.Body.Data, out.Body.Next, err = incentives.Read(ctx, q, query)
		return err
	})
	if err != nil {
		return nil, err
	}
	out.Position = out.Body.AsOf.Position
	if out.Body.Next != "" {
		out.Link = in.next("cursor", out.Body.Next)
	}
	return out, nil
}

func (s *Server) incentivesQuery(ctx context.Context, in *incentivesInput) (q incentives.Query, err error) {
	q = incentives.Query{Kind: in.Kind, Request: listing.Request{Cursor: in.Cursor, Limit: in.Limit}}
	scope, err := scopeOf(actorOf(ctx))
	if err != nil {
		return q, err
	}
	if q.Partner, err = idAt("path.partner_id", in.PartnerID); err != nil {
		return q, err
	}
	if scope != uuid.Nil && scope != q.Partner {
		return q, notFound("partner", q.Partner.String())
	}
	if q.ID, err = idsOf("id", in.ID); err != nil {
		return q, err
	}
	if q.Period.From, err = s.parseMoment("from", in.From); err != nil {
		return q, err
	}
	if q.Period.Until, err = s.parseMoment("until", in.Until); err != nil {
		return q, err
	}
	if !q.Period.Until.IsZero() && !q.Period.From.Before(q.Period.Until) {
		return q, domain.Invalid("until", "must be behind from")
	}
	return q, nil
}
