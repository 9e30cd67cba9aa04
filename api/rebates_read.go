package api

import (
	"context"
	"net/http"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain/policy"
	"github.com/channelledger/channelledger/domain/rebate"
	"github.com/channelledger/channelledger/projections"
	"github.com/channelledger/channelledger/projections/listing"
	"github.com/channelledger/channelledger/projections/rebates"
)

type agreementInput struct {
	AgreementID string `path:"agreement_id" format:"uuid"`
	ThingInput
	BoundsInput
}

type agreementsInput struct {
	ID       []string        `query:"id"`
	Partner  []string        `query:"partner_id"`
	Status   []rebate.Status `query:"status"`
	Scheme   []string        `query:"scheme"`
	Basis    []policy.Basis  `query:"basis"`
	Currency []string        `query:"currency"`
	From     string          `query:"period_from" doc:"Agreements whose period reaches beyond this moment or day"`
	Until    string          `query:"period_until" doc:"Agreements whose period begins before this moment or day"`
	PageInput
	BoundsInput
}

type saleInput struct {
	AgreementID string `path:"agreement_id" format:"uuid"`
	SaleID      string `path:"sale_id" format:"uuid"`
	ThingInput
	BoundsInput
}

type salesInput struct {
	ID        []string       `query:"id"`
	Agreement []string       `query:"agreement_id"`
	Partner   []string       `query:"partner_id"`
	Deal      []string       `query:"deal_id"`
	Source    []policy.Basis `query:"source"`
	SourceRef []string       `query:"source_ref,explode" doc:"May be repeated"`
	Product   []string       `query:"product,explode" doc:"May be repeated"`
	Line      []string       `query:"line,explode" doc:"Product line; may be repeated"`
	SoldFrom  string         `query:"sold_from" doc:"A moment or a day, inclusive"`
	SoldUntil string         `query:"sold_until" doc:"A moment or a day, exclusive"`
	PageInput
	BoundsInput
}

type spiffsInput struct {
	ID          []string `query:"id"`
	Agreement   []string `query:"agreement_id"`
	Partner     []string `query:"partner_id"`
	Seller      []string `query:"seller_id"`
	EarnedFrom  string   `query:"earned_from" doc:"A moment or a day, inclusive"`
	EarnedUntil string   `query:"earned_until" doc:"A moment or a day, exclusive"`
	PageInput
	BoundsInput
}

func (s *Server) rebateReads() {
	const tag = "Rebates"
	register(s, s.operation(http.MethodGet, "/v1/rebates/agreements", "List agreements", tag), inQuery, s.listAgreements)
	register(s, s.thing("/v1/rebates/agreements/{agreement_id}", "Read an agreement", tag), inQuery, s.readAgreement)
	register(s, s.thing("/v1/rebates/agreements/{agreement_id}/sales/{sale_id}", "Read a sale", tag), inQuery, s.readSale)
	register(s, s.operation(http.MethodGet, "/v1/rebates/sales", "List sales", tag), inQuery, s.listSales)
	register(s, s.operation(http.MethodGet, "/v1/rebates/spiffs", "List SPIFFs", tag), inQuery, s.listSpiffs)
}

func (s *Server) listAgreements(ctx context.Context, in *agreementsInput) (*listOutput[rebate.Agreement], error) {
	query := rebates.Query{
		Status: in.Status, Scheme: in.Scheme, Basis: in.Basis, Currency: in.Currency, Request: in.request(),
	}
	var err error
	if query.Scope, err = scopeOf(actorOf(ctx)); err != nil {
		return nil, err
	}
	if err := idFilters(idFilter{"id", in.ID, &query.ID}, idFilter{"partner_id", in.Partner, &query.Partner}); err != nil {
		return nil, err
	}
	if query.Period, err = s.period("period", in.From, in.Until); err != nil {
		return nil, err
	}
	return listAt(ctx, s, rebates.Projection(), in.BoundsInput, &in.PageInput,
		func(q projections.Querier) (listing.Page[rebate.Agreement], error) {
			return rebates.List(ctx, q, query)
		})
}

// listAt is a page of a list, of a read model as it is or as it would have been within the bounds.
func listAt[R any](
	ctx context.Context, s *Server, def projections.Definition, bounds BoundsInput, in *PageInput,
	list func(projections.Querier) (listing.Page[R], error),
) (*listOutput[R], error) {
	var page listing.Page[R]
	asOf, err := s.readAt(ctx, def, bounds, func(q projections.Querier) (err error) {
		page, err = list(q)
		return err
	})
	if err != nil {
		return nil, err
	}
	return pageOf(in, asOf, page), nil
}

func (s *Server) readAgreement(ctx context.Context, in *agreementInput) (*thingOutput[rebate.Agreement], error) {
	scope, err := scopeOf(actorOf(ctx))
	if err != nil {
		return nil, err
	}
	id, err := idAt("path.agreement_id", in.AgreementID)
	if err != nil {
		return nil, err
	}
	a, asOf, err := rowAt(ctx, s, rebates.Projection(), in.BoundsInput, rebates.Get, id)
	if err != nil {
		return nil, err
	}
	if a == nil || scope != uuid.Nil && a.PartnerID != scope {
		return nil, notFoundWithin(in.BoundsInput, "agreement", id.String())
	}
	return thingOf(in.ThingInput, asOf, etagUnless(in.bounded(), a.Revision), *a), nil
}

func (s *Server) readSale(ctx context.Context, in *saleInput) (*thingOutput[rebates.Sale], error) {
	scope, err := scopeOf(actorOf(ctx))
	if err != nil {
		return nil, err
	}
	agreement, err := idAt("path.agreement_id", in.AgreementID)
	if err != nil {
		return nil, err
	}
	id, err := idAt("path.sale_id", in.SaleID)
	if err != nil {
		return nil, err
	}
	get := func(ctx context.Context, q projections.Querier, id uuid.UUID) (*rebates.Sale, error) {
		return rebates.GetSale(ctx, q, agreement, id)
	}
	sale, asOf, err := rowAt(ctx, s, rebates.Projection(), in.BoundsInput, get, id)
	if err != nil {
		return nil, err
	}
	if sale == nil || scope != uuid.Nil && sale.PartnerID != scope {
		return nil, notFoundWithin(in.BoundsInput, "sale", id.String())
	}
	return thingOf(in.ThingInput, asOf, etagUnless(in.bounded(), sale.Revision), *sale), nil
}

// rowAt is one row as it is, or as it would have been within the bounds; nil where there is none.
func rowAt[R any](
	ctx context.Context, s *Server, def projections.Definition, in BoundsInput,
	get func(context.Context, projections.Querier, uuid.UUID) (*R, error), id uuid.UUID,
) (row *R, asOf AsOfInfo, err error) {
	name, _ := def.Named()
	if !in.bounded() {
		if err := s.waitFor(ctx, name, in.WaitFor); err != nil {
			return nil, asOf, err
		}
		row, at, err := find(ctx, s, name, get, id)
		return row, s.now(at), err
	}
	asOf, err = s.readAt(ctx, def, in, func(q projections.Querier) (err error) {
		row, err = get(ctx, q, id)
		return err
	})
	return row, asOf, err
}

// etagUnless is a tag by which something can be decided: of an answer that isn't the present one nothing can.
func etagUnless(bounded bool, revision int64) string {
	if bounded {
		return ""
	}
	return etagOf(revision)
}

func (s *Server) listSales(ctx context.Context, in *salesInput) (*listOutput[rebates.Sale], error) {
	query := rebates.SaleQuery{
		Source: in.Source, SourceRef: in.SourceRef, Product: in.Product, Line: in.Line, Request: in.request(),
	}
	var err error
	if query.Scope, err = scopeOf(actorOf(ctx)); err != nil {
		return nil, err
	}
	if err := idFilters(
		idFilter{"id", in.ID, &query.ID}, idFilter{"agreement_id", in.Agreement, &query.Agreement},
		idFilter{"partner_id", in.Partner, &query.Partner}, idFilter{"deal_id", in.Deal, &query.Deal},
	); err != nil {
		return nil, err
	}
	if query.Sold, err = s.period("sold", in.SoldFrom, in.SoldUntil); err != nil {
		return nil, err
	}
	return listAt(ctx, s, rebates.Projection(), in.BoundsInput, &in.PageInput,
		func(q projections.Querier) (listing.Page[rebates.Sale], error) { return rebates.Sales(ctx, q, query) })
}

func (s *Server) listSpiffs(ctx context.Context, in *spiffsInput) (*listOutput[rebates.Spiff], error) {
	query := rebates.SpiffQuery{Request: in.request()}
	var err error
	if query.Scope, err = scopeOf(actorOf(ctx)); err != nil {
		return nil, err
	}
	if err := idFilters(
		idFilter{"id", in.ID, &query.ID}, idFilter{"agreement_id", in.Agreement, &query.Agreement},
		idFilter{"partner_id", in.Partner, &query.Partner}, idFilter{"seller_id", in.Seller, &query.Seller},
	); err != nil {
		return nil, err
	}
	if query.Earned, err = s.period("earned", in.EarnedFrom, in.EarnedUntil); err != nil {
		return nil, err
	}
	return listAt(ctx, s, rebates.Projection(), in.BoundsInput, &in.PageInput,
		func(q projections.Querier) (listing.Page[rebates.Spiff], error) { return rebates.Spiffs(ctx, q, query) })
}

// idFilter is a filter of ids: what it is called, what was sent, where it goes.
type idFilter struct {
	name string
	sent []string
	to   *[]uuid.UUID
}

func idFilters(filters ...idFilter) (err error) {
	for _, f := range filters {
		if *f.to, err = idsOf(f.name, f.sent); err != nil {
			return err
		}
	}
	return nil
}
