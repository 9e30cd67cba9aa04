package api

import (
	"context"
	"net/http"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/account"
	"github.com/channelledger/channelledger/eventstore"
	"github.com/channelledger/channelledger/projections"
	"github.com/channelledger/channelledger/projections/listing"
	"github.com/channelledger/channelledger/projections/pipeline"
)

type dealInput struct {
	DealID string `path:"deal_id" format:"uuid"`
	ThingInput
	BoundsInput
}

type dealsInput struct {
	Status   []account.Status `query:"status"`
	Stage    []account.Stage  `query:"stage"`
	Partner  []string         `query:"partner_id"`
	Seller   []string         `query:"seller_id" doc:"Who the deal counts for: who closed it once it is won, until then who registered it"`
	Account  []string         `query:"account_id"`
	Product  []string         `query:"product,explode" doc:"As the deal was registered with; may be repeated"`
	Kind     []account.Kind   `query:"kind"`
	Source   []account.Source `query:"source"`
	Currency []string         `query:"currency"`
	Month    []string         `query:"month" doc:"yyyy-mm in the program's zone: of the close where won or lost, else of the submission"`
	Record   []string         `query:"reference,explode" doc:"Of a record in another system; may be repeated"`

	InfluencedBy []string `query:"influenced_by" doc:"A partner whose help with the deal counts"`
	Breached     string   `query:"breached" enum:"true,false" doc:"Whether the vendor ever went for what it protects"`

	AtLeast string `query:"amount_min" doc:"Expected amount, in the one currency given" example:"1000.00"`
	AtMost  string `query:"amount_max" doc:"Expected amount, in the one currency given" example:"1000.00"`

	SubmittedFrom  string `query:"submitted_from" doc:"A moment or a day, inclusive"`
	SubmittedUntil string `query:"submitted_until" doc:"A moment or a day, exclusive"`
	ClosedFrom     string `query:"closed_from" doc:"A moment or a day, inclusive"`
	ClosedUntil    string `query:"closed_until" doc:"A moment or a day, exclusive"`
	ProtectedFrom  string `query:"protected_until_from" doc:"Of the protection's end: a moment or a day, inclusive"`
	ProtectedUntil string `query:"protected_until_until" doc:"Of the protection's end: a moment or a day, exclusive"`

	PageInput
	BoundsInput
}

func (s *Server) dealReads() {
	register(s, s.operation(http.MethodGet, "/v1/deals", "List deals", "Deals"), inQuery, s.listDeals)
	register(s, s.thing("/v1/deals/{deal_id}", "Read a deal", "Deals"), inQuery, s.readDeal)
}

func (s *Server) listDeals(ctx context.Context, in *dealsInput) (*listOutput[account.Deal], error) {
	scope, err := scopeOf(actorOf(ctx))
	if err != nil {
		return nil, err
	}
	filter, err := s.dealFilter(in)
	if err != nil {
		return nil, err
	}
	filter.Scope = scope
	var page listing.Page[account.Deal]
	asOf, err := s.readAt(ctx, pipeline.Projection(s.zone()), in.BoundsInput, func(q projections.Querier) (err error) {
		page, err = pipeline.List(ctx, q, pipeline.Query{Filter: filter, Request: in.request()})
		return err
	})
	if err != nil {
		return nil, err
	}
	if scope != uuid.Nil {
		for i := range page.Items {
			page.Items[i] = *page.Items[i].ForPartner()
		}
	}
	return pageOf(&in.PageInput, asOf, page), nil
}

func (s *Server) dealFilter(in *dealsInput) (f pipeline.Filter, err error) {
	f = pipeline.Filter{
		Status: in.Status, Stage: in.Stage, Product: in.Product, Kind: in.Kind, Source: in.Source,
		Currency: in.Currency, Month: in.Month, Reference: in.Record, Breached: flagOf(in.Breached),
	}
	if f.Partner, err = idsOf("partner_id", in.Partner); err != nil {
		return f, err
	}
	if f.Seller, err = idsOf("seller_id", in.Seller); err != nil {
		return f, err
	}
	if f.Account, err = idsOf("account_id", in.Account); err != nil {
		return f, err
	}
	if f.InfluencedBy, err = idsOf("influenced_by", in.InfluencedBy); err != nil {
		return f, err
	}
	if f.AtLeast, err = amountIn("amount_min", in.AtLeast, in.Currency); err != nil {
		return f, err
	}
	if f.AtMost, err = amountIn("amount_max", in.AtMost, in.Currency); err != nil {
		return f, err
	}
	if f.Submitted, err = s.period("submitted", in.SubmittedFrom, in.SubmittedUntil); err != nil {
		return f, err
	}
	if f.Closed, err = s.period("closed", in.ClosedFrom, in.ClosedUntil); err != nil {
		return f, err
	}
	f.ProtectedUntil, err = s.period("protected_until", in.ProtectedFrom, in.ProtectedUntil)
	return f, err
}

// period is from <name>_from, inclusive, to <name>_until, exclusive.
func (s *Server) period(name, from, until string) (p listing.Period, err error) {
	if p.From, err = s.parseMoment(name+"_from", from); err != nil {
		return p, err
	}
	p.Until, err = s.parseMoment(name+"_until", until)
	return p, err
}

// amountIn reads an amount whose currency is a filter of its own.
func amountIn(field, amount string, currencies []string) (domain.Money, error) {
	switch {
	case amount == "":
		return domain.Money{}, nil
	case len(currencies) != 1:
		return domain.Money{}, domain.Invalid(field, "want the filter currency with it, of one currency")
	}
	money, err := domain.ParseMoney(amount, currencies[0])
	if r := domain.AsRejection(err); r != nil {
		return money, domain.Invalid(field, "%s", r.Detail)
	}
	return money, err
}

func (s *Server) readDeal(ctx context.Context, in *dealInput) (*thingOutput[account.Deal], error) {
	scope, err := scopeOf(actorOf(ctx))
	if err != nil {
		return nil, err
	}
	id, err := idAt("path.deal_id", in.DealID)
	if err != nil {
		return nil, err
	}
	deal, asOf, err := s.dealAt(ctx, id, in.BoundsInput)
	if err != nil {
		return nil, err
	}
	if scope != uuid.Nil {
		if deal.PartnerID != scope {
			return nil, notFoundWithin(in.BoundsInput, "deal", id.String())
		}
		deal = deal.ForPartner()
	}
	etag := etagOf(deal.Revision)
	if in.bounded() {
		etag = "" // of an answer that isn't the present one nothing can be decided
	}
	return thingOf(in.ThingInput, asOf, etag, *deal), nil
}

// dealAt is a deal as it is, or as it would have been within the bounds.
func (s *Server) dealAt(ctx context.Context, id uuid.UUID, in BoundsInput) (deal *account.Deal, asOf AsOfInfo, err error) {
	if !in.bounded() {
		if err := s.waitFor(ctx, pipeline.Name, in.WaitFor); err != nil {
			return nil, asOf, err
		}
		deal, at, err := s.findDeal(ctx, id)
		return deal, s.now(at), err
	}
	asOf, err = s.readAt(ctx, pipeline.Projection(s.zone()), in, func(q projections.Querier) (err error) {
		deal, err = pipeline.Get(ctx, q, id)
		return err
	})
	if err == nil && deal == nil {
		err = notFoundWithin(in, "deal", id.String())
	}
	return deal, asOf, err
}

// findDeal is a deal as it is. Errors: 404 where there is none.
func (s *Server) findDeal(ctx context.Context, id uuid.UUID) (*account.Deal, eventstore.Position, error) {
	deal, at, err := find(ctx, s, pipeline.Name, pipeline.Get, id)
	if err == nil && deal == nil {
		err = notFound("deal", id.String())
	}
	return deal, at, err
}
