package api

import (
	"context"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/projections"
	"github.com/channelledger/channelledger/projections/listing"
	"github.com/channelledger/channelledger/projections/partners"
)

type sellersInput struct {
	Text           string   `query:"q" doc:"Somewhere in the name, capitals or not"`
	ID             []string `query:"id"`
	PartnerID      []string `query:"partner_id"`
	Sells          string   `query:"sells" enum:"true,false" doc:"Whether the person sells for the partner at that moment"`
	Certification  []string `query:"certification" doc:"Holds one of these at that moment" example:"sales_expert"`
	ExpiringBefore string   `query:"expiring_before" doc:"One of those certificates, or any, ends before this day or moment as things stand" example:"2026-12-31"`
	At             string   `query:"at" doc:"When membership and certificates are asked for; by default effective_at, else known_at, else now"`
	PageInput
	BoundsInput
}

func (s *Server) listSellers(ctx context.Context, in *sellersInput) (*listOutput[partners.Seller], error) {
	query, err := s.sellerQuery(ctx, in)
	if err != nil {
		return nil, err
	}
	var page listing.Page[partners.Seller]
	asOf, err := s.readAt(ctx, partners.Projection(), in.BoundsInput, func(q projections.Querier) (err error) {
		page, err = partners.Sellers(ctx, q, query)
		return err
	})
	if err != nil {
		return nil, err
	}
	for i := range page.Items {
		sealFor(actorOf(ctx), page.Items[i].PartnerID, &page.Items[i])
	}
	return pageOf(&in.PageInput, asOf, page), nil
}

func (s *Server) sellerQuery(ctx context.Context, in *sellersInput) (q partners.SellerQuery, err error) {
	q = partners.SellerQuery{
		Text: in.Text, Sells: flagOf(in.Sells), Certification: in.Certification, Request: in.request(),
	}
	if q.Scope, err = scopeOf(actorOf(ctx)); err != nil {
		return q, err
	}
	if in.Text != "" && !seesPersons(actorOf(ctx), q.Scope) {
		return q, domain.Forbid("sealed", "q: whoever may not read names may not look for them")
	}
	if q.ID, err = idsOf("id", in.ID); err != nil {
		return q, err
	}
	if q.Partner, err = idsOf("partner_id", in.PartnerID); err != nil {
		return q, err
	}
	if in.ExpiringBefore != "" {
		if q.ExpiringBefore, err = s.parseMoment("expiring_before", in.ExpiringBefore); err != nil {
			return q, err
		}
	}
	q.At, err = s.standingMoment(ctx, "at", in.At, in.BoundsInput)
	return q, err
}
