package api

import (
	"context"
	"fmt"
	"hash/fnv"
	"net/http"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain/mdf"
	"github.com/channelledger/channelledger/projections"
	"github.com/channelledger/channelledger/projections/listing"
	funds "github.com/channelledger/channelledger/projections/mdf"
)

type budgetsInput struct {
	Text     string             `query:"q" doc:"Somewhere in the name, capitals or not"`
	ID       []string           `query:"id"`
	Status   []mdf.BudgetStatus `query:"status"`
	Currency []string           `query:"currency"`
	PageInput
	BoundsInput
}

type budgetInput struct {
	BudgetID string `path:"budget_id" format:"uuid"`
	ThingInput
	BoundsInput
}

type fundsInput struct {
	ID       []string `query:"id"`
	Budget   []string `query:"budget_id"`
	Partner  []string `query:"partner_id"`
	Currency []string `query:"currency"`
	PageInput
	BoundsInput
}

type fundInput struct {
	FundID string `path:"fund_id" format:"uuid"`
	ThingInput
	BoundsInput
}

type fundRequestsInput struct {
	Text            string              `query:"q" doc:"Somewhere in the title, capitals or not"`
	ID              []string            `query:"id"`
	Fund            []string            `query:"fund_id"`
	Budget          []string            `query:"budget_id"`
	Partner         []string            `query:"partner_id"`
	Status          []mdf.RequestStatus `query:"status"`
	Activity        []mdf.Activity      `query:"activity"`
	Currency        []string            `query:"currency"`
	SubmittedFrom   string              `query:"submitted_from" doc:"A moment or a day, inclusive"`
	SubmittedUntil  string              `query:"submitted_until" doc:"A moment or a day, exclusive"`
	ClaimUntilFrom  string              `query:"claim_until_from" doc:"Of the deadline for claims: a moment or a day, inclusive"`
	ClaimUntilUntil string              `query:"claim_until_until" doc:"Of the deadline for claims: a moment or a day, exclusive"`
	PageInput
	BoundsInput
}

type fundRequestInput struct {
	RequestID string `path:"request_id" format:"uuid"`
	ThingInput
	BoundsInput
}

type fundClaimsInput struct {
	Supplier      string            `query:"supplier" doc:"Somewhere in the name, capitals or not"`
	InvoiceNumber []string          `query:"invoice_number,explode"`
	ID            []string          `query:"id"`
	Fund          []string          `query:"fund_id"`
	Budget        []string          `query:"budget_id"`
	Partner       []string          `query:"partner_id"`
	Request       []string          `query:"request_id"`
	Status        []mdf.ClaimStatus `query:"status"`
	Currency      []string          `query:"currency" doc:"Of the claim"`
	Flagged       string            `query:"flagged" enum:"true,false" doc:"Whether somebody has to say that it is no duplicate"`
	FiledFrom     string            `query:"filed_from" doc:"A moment or a day, inclusive"`
	FiledUntil    string            `query:"filed_until" doc:"A moment or a day, exclusive"`
	PageInput
	BoundsInput
}

type fundClaimInput struct {
	ClaimID string `path:"claim_id" format:"uuid"`
	ThingInput
	BoundsInput
}

func (s *Server) mdfReads() {
	register(s, s.operation(http.MethodGet, "/v1/mdf/budgets", "List budgets", tagMDF), inQuery, s.listBudgets)
	op := s.thing("/v1/mdf/budgets/{budget_id}", "Read a budget", tagMDF)
	op.Description = "Where its money stands: authority = unallocated + in_transit + available + reserved + spent + expired."
	register(s, op, inQuery, s.readBudget)
	register(s, s.operation(http.MethodGet, "/v1/mdf/funds", "List funds", tagMDF), inQuery, s.listFunds)
	register(s, s.thing("/v1/mdf/funds/{fund_id}", "Read a fund", tagMDF), inQuery, s.readFund)
	register(s, s.operation(http.MethodGet, "/v1/mdf/requests", "List requests for funds", tagMDF), inQuery, s.listFundRequests)
	register(s, s.thing("/v1/mdf/requests/{request_id}", "Read a request for funds", tagMDF), inQuery, s.readFundRequest)
	register(s, s.operation(http.MethodGet, "/v1/mdf/claims", "List claims", tagMDF), inQuery, s.listFundClaims)
	register(s, s.thing("/v1/mdf/claims/{claim_id}", "Read a claim", tagMDF), inQuery, s.readFundClaim)
}

func (s *Server) listBudgets(ctx context.Context, in *budgetsInput) (*listOutput[funds.BudgetWithMoney], error) {
	if err := mayReadAll(actorOf(ctx)); err != nil {
		return nil, err
	}
	query := funds.BudgetQuery{Text: in.Text, Status: in.Status, Currency: in.Currency, Request: in.request()}
	if err := readIDs(filter{"id", in.ID, &query.ID}); err != nil {
		return nil, err
	}
	return listed(ctx, s, in.PageInput, in.BoundsInput, func(q projections.Querier) (listing.Page[funds.BudgetWithMoney], error) {
		return funds.Budgets(ctx, q, query)
	})
}

func (s *Server) listFunds(ctx context.Context, in *fundsInput) (*listOutput[mdf.Fund], error) {
	query := funds.FundQuery{Currency: in.Currency, Request: in.request()}
	var err error
	if query.Scope, err = scopeOf(actorOf(ctx)); err != nil {
		return nil, err
	}
	if err := readIDs(filter{"id", in.ID, &query.ID}, filter{"budget_id", in.Budget, &query.Budget}, filter{"partner_id", in.Partner, &query.Partner}); err != nil {
		return nil, err
	}
	return listed(ctx, s, in.PageInput, in.BoundsInput, func(q projections.Querier) (listing.Page[mdf.Fund], error) {
		return funds.Funds(ctx, q, query)
	})
}

func (s *Server) listFundRequests(ctx context.Context, in *fundRequestsInput) (*listOutput[mdf.Request], error) {
	query := funds.RequestQuery{Text: in.Text, Status: in.Status, Activity: in.Activity, Currency: in.Currency, Request: in.request()}
	var err error
	if query.Scope, err = scopeOf(actorOf(ctx)); err != nil {
		return nil, err
	}
	if err := readIDs(filter{"id", in.ID, &query.ID}, filter{"fund_id", in.Fund, &query.Fund},
		filter{"budget_id", in.Budget, &query.Budget}, filter{"partner_id", in.Partner, &query.Partner}); err != nil {
		return nil, err
	}
	if query.Submitted, err = s.period("submitted", in.SubmittedFrom, in.SubmittedUntil); err != nil {
		return nil, err
	}
	if query.ClaimUntil, err = s.period("claim_until", in.ClaimUntilFrom, in.ClaimUntilUntil); err != nil {
		return nil, err
	}
	return listed(ctx, s, in.PageInput, in.BoundsInput, func(q projections.Querier) (listing.Page[mdf.Request], error) {
		return funds.Requests(ctx, q, query)
	})
}

func (s *Server) listFundClaims(ctx context.Context, in *fundClaimsInput) (*listOutput[mdf.Claim], error) {
	query := funds.ClaimQuery{
		Supplier: in.Supplier, InvoiceNumber: in.InvoiceNumber, Status: in.Status, Currency: in.Currency, Flagged: flagOf(in.Flagged),
		Request: in.request(),
	}
	var err error
	if query.Scope, err = scopeOf(actorOf(ctx)); err != nil {
		return nil, err
	}
	if err := readIDs(filter{"id", in.ID, &query.ID}, filter{"fund_id", in.Fund, &query.Fund}, filter{"budget_id", in.Budget, &query.Budget},
		filter{"partner_id", in.Partner, &query.Partner}, filter{"request_id", in.Request, &query.RequestID}); err != nil {
		return nil, err
	}
	if query.Filed, err = s.period("filed", in.FiledFrom, in.FiledUntil); err != nil {
		return nil, err
	}
	return listed(ctx, s, in.PageInput, in.BoundsInput, func(q projections.Querier) (listing.Page[mdf.Claim], error) {
		return funds.Claims(ctx, q, query)
	})
}

// filter is a filter by ids, and where they go.
type filter struct {
	name  string
	texts []string
	into  *[]uuid.UUID
}

func readIDs(filters ...filter) (err error) {
	for _, f := range filters {
		if *f.into, err = idsOf(f.name, f.texts); err != nil {
			return err
		}
	}
	return nil
}

// listed is a page of what the read model of funds holds, now or within bounds.
func listed[R any](
	ctx context.Context, s *Server, in PageInput, bounds BoundsInput, query func(projections.Querier) (listing.Page[R], error),
) (*listOutput[R], error) {
	var page listing.Page[R]
	asOf, err := s.readAt(ctx, funds.Projection(), bounds, func(q projections.Querier) (err error) {
		page, err = query(q)
		return err
	})
	if err != nil {
		return nil, err
	}
	return pageOf(&in, asOf, page), nil
}

func (s *Server) readBudget(ctx context.Context, in *budgetInput) (*thingOutput[funds.BudgetWithMoney], error) {
	if err := mayReadAll(actorOf(ctx)); err != nil {
		return nil, err
	}
	return fundThing(ctx, s, "budget", in.BudgetID, in.ThingInput, in.BoundsInput, funds.GetBudget,
		func(b *funds.BudgetWithMoney) (uuid.UUID, string) { return uuid.Nil, budgetTag(b) })
}

func (s *Server) readFund(ctx context.Context, in *fundInput) (*thingOutput[mdf.Fund], error) {
	return fundThing(ctx, s, "fund", in.FundID, in.ThingInput, in.BoundsInput, funds.GetFund,
		func(f *mdf.Fund) (uuid.UUID, string) { return f.PartnerID, etagOf(f.Revision) })
}

func (s *Server) readFundRequest(ctx context.Context, in *fundRequestInput) (*thingOutput[mdf.Request], error) {
	return fundThing(ctx, s, "request", in.RequestID, in.ThingInput, in.BoundsInput, funds.GetRequest,
		func(r *mdf.Request) (uuid.UUID, string) { return r.PartnerID, etagOf(r.Revision) })
}

func (s *Server) readFundClaim(ctx context.Context, in *fundClaimInput) (*thingOutput[mdf.Claim], error) {
	return fundThing(ctx, s, "claim", in.ClaimID, in.ThingInput, in.BoundsInput, funds.GetClaim,
		func(c *mdf.Claim) (uuid.UUID, string) { return c.PartnerID, etagOf(c.Revision) })
}

// budgetTag is the revision, with a note of where the money stands: that changes with the funds, and who asks whether anything
// changed must hear of it. If-Match goes by the revision.
func budgetTag(b *funds.BudgetWithMoney) string {
	m := b.Money
	sum := fnv.New64a()
	_, _ = fmt.Fprint(sum, m.Unallocated, m.InTransit, m.Available, m.Reserved, m.Spent, m.Expired) // a hash takes everything
	letters := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return 'g' + r - '0'
		}
		return r
	}, strconv.FormatUint(sum.Sum64(), 16))
	return `"` + revisionText(b.Revision) + "." + letters + `"`
}

// fundThing is one thing of the read model of funds, now or within bounds, for the vendor's people and its own partner's.
func fundThing[R any](
	ctx context.Context, s *Server, noun, text string, in ThingInput, bounds BoundsInput,
	get func(context.Context, projections.Querier, uuid.UUID) (*R, error), about func(*R) (partner uuid.UUID, etag string),
) (*thingOutput[R], error) {
	scope, err := scopeOf(actorOf(ctx))
	if err != nil {
		return nil, err
	}
	id, err := idAt("path."+noun+"_id", text)
	if err != nil {
		return nil, err
	}
	row, asOf, err := fundThingAt(ctx, s, id, bounds, get)
	if err != nil {
		return nil, err
	}
	if row == nil {
		return nil, notFoundWithin(bounds, noun, id.String())
	}
	partner, etag := about(row)
	if scope != uuid.Nil && partner != scope {
		return nil, notFoundWithin(bounds, noun, id.String())
	}
	if bounds.bounded() {
		etag = "" // of an answer that isn't the present one nothing can be decided
	}
	return thingOf(in, asOf, etag, *row), nil
}

func fundThingAt[R any](
	ctx context.Context, s *Server, id uuid.UUID, bounds BoundsInput,
	get func(context.Context, projections.Querier, uuid.UUID) (*R, error),
) (row *R, asOf AsOfInfo, err error) {
	if bounds.bounded() {
		asOf, err = s.readAt(ctx, funds.Projection(), bounds, func(q projections.Querier) (err error) {
			row, err = get(ctx, q, id)
			return err
		})
		return row, asOf, err
	}
	if err := s.waitFor(ctx, funds.Name, bounds.WaitFor); err != nil {
		return nil, asOf, err
	}
	row, at, err := find(ctx, s, funds.Name, get, id)
	return row, s.now(at), err
}
