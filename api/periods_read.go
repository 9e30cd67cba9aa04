package api

import (
	"context"
	"fmt"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/period"
	"github.com/channelledger/channelledger/eventstore"
	"github.com/channelledger/channelledger/projections"
	"github.com/channelledger/channelledger/projections/closing"
	"github.com/channelledger/channelledger/projections/journal"
	"github.com/channelledger/channelledger/projections/listing"
	"github.com/channelledger/channelledger/projections/periods"
)

type periodsInput struct {
	Status []period.Status `query:"status"`
	PageInput
	BoundsInput
}

type periodInput struct {
	Month string `path:"month" pattern:"^[0-9]{4}-[0-9]{2}$" example:"2026-10"`
	ThingInput
	BoundsInput
}

type booksInput struct {
	Month   string `path:"month" pattern:"^[0-9]{4}-[0-9]{2}$" example:"2026-10"`
	Version int    `query:"version" minimum:"1" doc:"Of the cut: the books as they were known then. Without one, the last cut that holds, or else the books as they are now."`
	BoundsInput
}

// TrialBalanceView is a month's trial balance.
type TrialBalanceView struct {
	Month    period.Month      `json:"month"`
	Version  int               `json:"version,omitempty" doc:"Of the cut that it stands for; left out where it is of no cut, and may change"`
	By       journal.Basis     `json:"by" doc:"The date that entries count from: posted, always"`
	SHA256   string            `json:"sha256" doc:"Of the trial balance as CSV, 64 hex digits"`
	Closed   string            `json:"closed_sha256,omitempty" doc:"What the version was closed with: the same, for ever"`
	Balances []journal.Balance `json:"balances"`
}

// ChecksView is what the checks say of a month.
type ChecksView struct {
	Month   period.Month     `json:"month"`
	Version int              `json:"version,omitempty" doc:"Of the cut that they look at; left out where they look at the books as they are now"`
	SHA256  string           `json:"trial_balance_sha256" doc:"Of the trial balance as CSV: a closing names it"`
	Passed  bool             `json:"passed" doc:"No check failed"`
	Checks  []closing.Result `json:"checks"`
}

type csvOutput struct {
	ContentType string              `header:"Content-Type" hidden:"true"`
	Disposition string              `header:"Content-Disposition" hidden:"true"`
	Hash        string              `header:"Content-SHA256" doc:"Of these bytes, 64 hex digits"`
	Position    eventstore.Position `header:"Ledger-Position"`
	Body        []byte
}

func (s *Server) periodReads() {
	register(s, s.operation(http.MethodGet, "/v1/periods", "List the months that were ever cut", tagPeriods), inQuery, s.listPeriods)
	register(s, s.thing("/v1/periods/{month}", "Read a month, and each version of it", tagPeriods), inQuery, s.readPeriod)
	op := s.operation(http.MethodGet, "/v1/periods/{month}/checks", "What stands in the way of closing a month", tagPeriods)
	op.Description = "Each check by its name, with what it found. One that failed has to be accepted by name, with a reason."
	register(s, op, inQuery, s.readChecks)
	op = s.operation(http.MethodGet, "/v1/periods/{month}/trial-balance", "A month's trial balance, in any version", tagPeriods)
	op.Description = "By posting date, at the month's end, as it was known at the cut: whatever was recorded since."
	register(s, op, inQuery, s.readTrialBalance)
	op = s.operation(http.MethodGet, "/v1/periods/{month}/trial-balance.csv", "The file whose hash closes the month", tagPeriods)
	op.Responses["200"] = &huma.Response{
		Description: "OK", Content: map[string]*huma.MediaType{"text/csv": {Schema: &huma.Schema{Type: huma.TypeString}}},
	}
	register(s, op, inQuery, s.readTrialBalanceFile)
}

func (s *Server) listPeriods(ctx context.Context, in *periodsInput) (*listOutput[period.Period], error) {
	if err := mayReadAll(actorOf(ctx)); err != nil {
		return nil, err
	}
	query := periods.Query{Status: in.Status, Request: in.request()}
	return listAt(ctx, s, periods.Projection(), in.BoundsInput, &in.PageInput,
		func(q projections.Querier) (listing.Page[period.Period], error) { return periods.List(ctx, q, query) })
}

func (s *Server) readPeriod(ctx context.Context, in *periodInput) (*thingOutput[period.Period], error) {
	if err := mayReadAll(actorOf(ctx)); err != nil {
		return nil, err
	}
	m, err := monthAt("path.month", in.Month)
	if err != nil {
		return nil, err
	}
	p, asOf, err := rowAt(ctx, s, periods.Projection(), in.BoundsInput, periods.Get, period.IDOf(m))
	if err != nil {
		return nil, err
	}
	if p == nil {
		return nil, notFound("period", m.String())
	}
	return thingOf(in.ThingInput, asOf, etagUnless(in.bounded(), p.Revision), *p), nil
}

func (s *Server) readChecks(ctx context.Context, in *booksInput) (*thingOutput[ChecksView], error) {
	books, err := s.askedBooks(ctx, in)
	if err != nil {
		return nil, err
	}
	results, err := closing.Run(ctx, books.Books)
	if err != nil {
		return nil, err
	}
	view := ChecksView{Month: books.Month, Version: books.version, SHA256: books.sha256, Passed: true, Checks: results}
	for _, r := range results {
		view.Passed = view.Passed && r.Result != period.Failed
		for i := range r.Findings {
			r.Findings[i].Link = books.drillDown(r.Findings[i])
		}
	}
	return thingOf(ThingInput{}, books.asOf, "", view), nil
}

func (s *Server) readTrialBalance(ctx context.Context, in *booksInput) (*thingOutput[TrialBalanceView], error) {
	books, err := s.askedBooks(ctx, in)
	if err != nil {
		return nil, err
	}
	return thingOf(ThingInput{}, books.asOf, "", TrialBalanceView{
		Month: books.Month, Version: books.version, By: journal.ByPosted, SHA256: books.sha256, Closed: books.closed,
		Balances: append([]journal.Balance{}, books.Balances...),
	}), nil
}

func (s *Server) readTrialBalanceFile(ctx context.Context, in *booksInput) (*csvOutput, error) {
	books, err := s.askedBooks(ctx, in)
	if err != nil {
		return nil, err
	}
	return &csvOutput{
		ContentType: "text/csv; charset=utf-8", Disposition: fmt.Sprintf(`attachment; filename="trial-balance-%s.csv"`, books.Month),
		Hash: books.sha256, Position: books.asOf.Position, Body: periods.CSV(books.Balances),
	}, nil
}

func (s *Server) askedBooks(ctx context.Context, in *booksInput) (books monthBooks, err error) {
	if err := mayReadBooks(actorOf(ctx)); err != nil {
		return books, err
	}
	m, err := monthAt("path.month", in.Month)
	if err != nil {
		return books, err
	}
	if in.Version > 0 && in.bounded() {
		return books, domain.Invalid("version", "a version says what was known: leave out known_at and effective_at")
	}
	return s.booksOf(ctx, m, in.Version, in.BoundsInput)
}
