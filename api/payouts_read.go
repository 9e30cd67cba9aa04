package api

import (
	"context"
	"net/http"

	"github.com/channelledger/channelledger/domain/payable"
	"github.com/channelledger/channelledger/domain/payout"
	"github.com/channelledger/channelledger/projections"
	"github.com/channelledger/channelledger/projections/listing"
	"github.com/channelledger/channelledger/projections/payouts"
)

type payoutsInput struct {
	ID          []string        `query:"id"`
	Status      []payout.Status `query:"status"`
	Currency    []string        `query:"currency"`
	Debtor      []string        `query:"debtor" doc:"IBAN of the account that pays"`
	Partner     []string        `query:"partner_id" doc:"That it pays, or holds something of"`
	Payable     []string        `query:"payable_id" doc:"That it pays, or holds"`
	OpenedFrom  string          `query:"opened_from" doc:"A moment or a day, inclusive"`
	OpenedUntil string          `query:"opened_until" doc:"A moment or a day, exclusive"`
	PageInput
	BoundsInput
}

type payoutInput struct {
	PayoutID string `path:"payout_id" format:"uuid"`
	ThingInput
	BoundsInput
}

type payoutItemsInput struct {
	Payout  []string             `query:"payout_id"`
	Payable []string             `query:"payable_id"`
	Partner []string             `query:"partner_id"`
	Kind    []payable.Kind       `query:"kind"`
	Status  []payouts.ItemStatus `query:"status"`
	PageInput
	BoundsInput
}

func (s *Server) payoutReads() {
	register(s, s.operation(http.MethodGet, "/v1/payouts", "List payouts", tagPayouts), inQuery, s.listPayouts)
	register(s, s.thing("/v1/payouts/{payout_id}", "Read a payout", tagPayouts), inQuery, s.readPayout)
	items := s.operation(http.MethodGet, "/v1/payout-items", "List payments, and what was held", tagPayouts)
	items.Description = "A partner's people see their own partner's."
	register(s, items, inQuery, s.listPayoutItems)
	s.payoutFileRoute()
}

func (s *Server) listPayouts(ctx context.Context, in *payoutsInput) (*listOutput[payouts.WithCounts], error) {
	if err := mayReadAll(actorOf(ctx)); err != nil {
		return nil, err
	}
	query := payouts.Query{Status: in.Status, Currency: in.Currency, Debtor: in.Debtor, Request: in.request()}
	if err := readIDs(filter{"id", in.ID, &query.ID}, filter{"partner_id", in.Partner, &query.Partner},
		filter{"payable_id", in.Payable, &query.Payable}); err != nil {
		return nil, err
	}
	var err error
	if query.Opened, err = s.period("opened", in.OpenedFrom, in.OpenedUntil); err != nil {
		return nil, err
	}
	return listAt(ctx, s, payouts.Projection(), in.BoundsInput, &in.PageInput,
		func(q projections.Querier) (listing.Page[payouts.WithCounts], error) {
			return payouts.List(ctx, q, query)
		})
}

func (s *Server) readPayout(ctx context.Context, in *payoutInput) (*thingOutput[payouts.WithCounts], error) {
	if err := mayReadAll(actorOf(ctx)); err != nil {
		return nil, err
	}
	id, err := idAt("path.payout_id", in.PayoutID)
	if err != nil {
		return nil, err
	}
	p, asOf, err := rowAt(ctx, s, payouts.Projection(), in.BoundsInput, payouts.Get, id)
	if err != nil {
		return nil, err
	}
	if p == nil {
		return nil, notFound("payout", id.String())
	}
	return thingOf(in.ThingInput, asOf, etagUnless(in.bounded(), p.Revision), *p), nil
}

func (s *Server) listPayoutItems(ctx context.Context, in *payoutItemsInput) (*listOutput[payouts.Payment], error) {
	query := payouts.ItemQuery{Kind: texts(in.Kind), Status: in.Status, Request: in.request()}
	var err error
	if query.Scope, err = scopeOf(actorOf(ctx)); err != nil {
		return nil, err
	}
	if err := readIDs(filter{"payout_id", in.Payout, &query.Payout}, filter{"payable_id", in.Payable, &query.Payable},
		filter{"partner_id", in.Partner, &query.Partner}); err != nil {
		return nil, err
	}
	return listAt(ctx, s, payouts.Projection(), in.BoundsInput, &in.PageInput,
		func(q projections.Querier) (listing.Page[payouts.Payment], error) {
			return payouts.Items(ctx, q, query)
		})
}
