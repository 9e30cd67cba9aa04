package api

import (
	"context"
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/payable"
	"github.com/channelledger/channelledger/projections"
	"github.com/channelledger/channelledger/projections/listing"
	"github.com/channelledger/channelledger/projections/payables"
)

type payableInput struct {
	PayableID string `path:"payable_id" format:"uuid"`
	ThingInput
	BoundsInput
}

type payablesInput struct {
	ID       []string         `query:"id"`
	Partner  []string         `query:"partner_id"`
	Source   []string         `query:"source_id" doc:"Of a claim, an agreement or a SPIFF"`
	Payout   []string         `query:"payout_id" doc:"That has it now"`
	Kind     []payable.Kind   `query:"kind"`
	Status   []payable.Status `query:"status"`
	Currency []string         `query:"currency"`
	DueFrom  string           `query:"due_from" doc:"A day, inclusive" example:"2026-03-31"`
	DueUntil string           `query:"due_until" doc:"A day, inclusive" example:"2026-03-31"`
	Open     string           `query:"open" enum:"true,false" doc:"Whether something is still to be paid"`
	Held     string           `query:"held" enum:"true,false" doc:"Whether a dispute about a deal that counts towards it holds it"`
	PageInput
	BoundsInput
}

type payableAgeInput struct {
	On string `query:"on" doc:"A day; by default that of the moment that the answer is of" example:"2026-03-31"`
	BoundsInput
}

type payableAgeOutput struct {
	Body struct {
		AsOf AsOfInfo          `json:"as_of"`
		Data []payables.Ageing `json:"data"`
	}
}

func (s *Server) payableReads() {
	const tag = "Payables"
	register(s, s.operation(http.MethodGet, "/v1/payables", "List what is owed to partners", tag), inQuery, s.listPayables)
	register(s, s.operation(http.MethodGet, "/v1/payables/ageing", "How old is what is to be paid?", tag), inQuery, s.agePayables)
	register(s, s.thing("/v1/payables/{payable_id}", "Read a payable: its events are those of the stream payable-<id>", tag), inQuery, s.readPayable)
}

func (s *Server) listPayables(ctx context.Context, in *payablesInput) (*listOutput[payable.Payable], error) {
	query := payables.Query{
		Kind: in.Kind, Status: in.Status, Currency: in.Currency, Open: flagOf(in.Open), Held: flagOf(in.Held),
		Request: in.request(),
	}
	var err error
	if query.Scope, err = scopeOf(actorOf(ctx)); err != nil {
		return nil, err
	}
	if err := idFilters(
		idFilter{"id", in.ID, &query.ID}, idFilter{"partner_id", in.Partner, &query.Partner},
		idFilter{"source_id", in.Source, &query.Source}, idFilter{"payout_id", in.Payout, &query.Payout},
	); err != nil {
		return nil, err
	}
	if err := domain.FirstOf(dayAt("due_from", in.DueFrom, &query.DueFrom), dayAt("due_until", in.DueUntil, &query.DueUntil)); err != nil {
		return nil, err
	}
	return listAt(ctx, s, payables.Projection(), in.BoundsInput, &in.PageInput,
		func(q projections.Querier) (listing.Page[payable.Payable], error) {
			return payables.List(ctx, q, query)
		})
}

// dayAt reads a day that may be left out.
func dayAt(field, text string, into *domain.Date) error {
	if text == "" {
		return nil
	}
	day, err := domain.ParseDate(text)
	if err != nil {
		return domain.Invalid(field, "%s", err)
	}
	*into = day
	return nil
}

func (s *Server) readPayable(ctx context.Context, in *payableInput) (*thingOutput[payable.Payable], error) {
	scope, err := scopeOf(actorOf(ctx))
	if err != nil {
		return nil, err
	}
	id, err := idAt("path.payable_id", in.PayableID)
	if err != nil {
		return nil, err
	}
	p, asOf, err := rowAt(ctx, s, payables.Projection(), in.BoundsInput, payables.Get, id)
	if err != nil {
		return nil, err
	}
	if p == nil || scope != uuid.Nil && p.PartnerID != scope {
		return nil, notFoundWithin(in.BoundsInput, "payable", id.String())
	}
	return thingOf(in.ThingInput, asOf, etagUnless(in.bounded(), p.Revision), *p), nil
}

func (s *Server) agePayables(ctx context.Context, in *payableAgeInput) (*payableAgeOutput, error) {
	scope, err := scopeOf(actorOf(ctx))
	if err != nil {
		return nil, err
	}
	moment, err := s.moment(ctx, in.BoundsInput)
	if err != nil {
		return nil, err
	}
	on := domain.DateOf(moment, time.UTC)
	if err := dayAt("on", in.On, &on); err != nil {
		return nil, err
	}
	out := &payableAgeOutput{}
	out.Body.Data = []payables.Ageing{}
	out.Body.AsOf, err = s.readAt(ctx, payables.Projection(), in.BoundsInput, func(q projections.Querier) error {
		lines, err := payables.Age(ctx, q, scope, on)
		out.Body.Data = append(out.Body.Data, lines...)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}
