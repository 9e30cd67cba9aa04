package api

import (
	"context"
	"net/http"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/api/intake/bank"
	"github.com/channelledger/channelledger/api/intake/reconcile"
	"github.com/channelledger/channelledger/domain/statement"
	"github.com/channelledger/channelledger/projections"
	"github.com/channelledger/channelledger/projections/listing"
	"github.com/channelledger/channelledger/projections/statements"
)

type statementsInput struct {
	ID          []string           `query:"id"`
	Status      []statement.Status `query:"status"`
	BankAccount []string           `query:"bank_account"`
	Currency    []string           `query:"currency"`
	SHA256      []string           `query:"sha256" doc:"Of the file"`
	PageInput
	BoundsInput
}

type statementInput struct {
	StatementID string `path:"statement_id" format:"uuid"`
	ThingInput
	BoundsInput
}

type linesInput struct {
	StatementID string                 `path:"statement_id" format:"uuid"`
	Status      []statement.LineStatus `query:"status"`
	Owner       []string               `query:"owner"`
	Reference   []string               `query:"reference" doc:"Of the bank"`
	PageInput
	BoundsInput
}

type lineInput struct {
	StatementID string `path:"statement_id" format:"uuid"`
	Line        int    `path:"line" minimum:"1"`
	ThingInput
	BoundsInput
}

type matchesInput struct {
	StatementID string   `path:"statement_id" format:"uuid"`
	Rule        []string `query:"rule"`
	PageInput
	BoundsInput
}

type unmatchedInput struct {
	BankAccount []string `query:"bank_account"`
	Currency    []string `query:"currency"`
	Owner       []string `query:"owner"`
	PageInput
	BoundsInput
}

type ageingInput struct {
	BankAccount string `query:"bank_account" doc:"One of ours; all without it"`
	BoundsInput
}

// UnmatchedLine is a line that waits for somebody, and for how long.
type UnmatchedLine struct {
	statements.Line
	AgeDays int64             `json:"age_days" doc:"Calendar days since it was booked"`
	Bucket  statements.Bucket `json:"bucket" enum:"0-30,31-60,61-90,90+"`
}

// LineView is a line with what its file says of it beside the books.
type LineView struct {
	statements.Line
	Other   *bank.Party   `json:"other,omitempty" doc:"The other side of the payment, from the stored file"`
	Payment *bank.Payment `json:"payment,omitempty" doc:"What the payer's order said, from the stored file"`
	Text    string        `json:"text,omitempty" doc:"Remittance, from the stored file"`
}

func (s *Server) statementReads() {
	base := "/v1/statements"
	register(s, s.operation(http.MethodGet, base, "List bank statements", tagStatements), inQuery, s.listStatements)
	register(s, s.thing(base+"/{statement_id}", "Read a bank statement", tagStatements), inQuery, s.readStatement)
	op := s.operation(http.MethodGet, base+"/{statement_id}/lines", "List the lines of a statement", tagStatements)
	register(s, op, inQuery, s.listLines)
	op = s.thing(base+"/{statement_id}/lines/{line}", "Read a line, with names and texts from its file", tagStatements)
	op.Middlewares = append(op.Middlewares[:0:0], s.authenticate, s.unhurried)
	register(s, op, inQuery, s.readLine)
	op = s.operation(http.MethodGet, base+"/{statement_id}/matches", "List the matches of a statement", tagStatements)
	register(s, op, inQuery, s.listMatches)
	op = s.operation(http.MethodGet, base+"/{statement_id}/suggestions", "What the rules make of the lines that aren't settled", tagStatements)
	op.Description = "Read from the stored file and the payments as they stand. Suggestions are confirmed as they are; of ambiguous lines " +
		"somebody decides."
	registerLong(s, op, inQuery, s.suggestMatches)
	op = s.operation(http.MethodGet, base+"/unmatched", "List the lines that wait for somebody, the oldest first", tagStatements)
	register(s, op, inQuery, s.listUnmatched)
	register(s, s.operation(http.MethodGet, base+"/ageing", "How old unmatched lines are", tagStatements), inQuery, s.readAgeing)
}

func (s *Server) listStatements(ctx context.Context, in *statementsInput) (*listOutput[statement.Summary], error) {
	if err := mayReadAll(actorOf(ctx)); err != nil {
		return nil, err
	}
	query := statements.Query{Status: in.Status, BankAccount: in.BankAccount, Currency: in.Currency, SHA256: in.SHA256, Request: in.request()}
	if err := idFilters(idFilter{"id", in.ID, &query.ID}); err != nil {
		return nil, err
	}
	return listAt(ctx, s, statements.Projection(), in.BoundsInput, &in.PageInput,
		func(q projections.Querier) (listing.Page[statement.Summary], error) {
			return statements.List(ctx, q, query)
		})
}

func (s *Server) readStatement(ctx context.Context, in *statementInput) (*thingOutput[statement.Summary], error) {
	row, asOf, err := s.statementAt(ctx, in.StatementID, in.BoundsInput)
	if err != nil {
		return nil, err
	}
	return thingOf(in.ThingInput, asOf, etagUnless(in.bounded(), row.Revision), *row), nil
}

// statementAt is a statement's row, for whoever may read it.
func (s *Server) statementAt(ctx context.Context, text string, in BoundsInput) (*statement.Summary, AsOfInfo, error) {
	if err := mayReadAll(actorOf(ctx)); err != nil {
		return nil, AsOfInfo{}, err
	}
	id, err := idAt("path.statement_id", text)
	if err != nil {
		return nil, AsOfInfo{}, err
	}
	row, asOf, err := rowAt(ctx, s, statements.Projection(), in, statements.Get, id)
	if err == nil && row == nil {
		err = notFound("statement", id.String())
	}
	return row, asOf, err
}

func (s *Server) listLines(ctx context.Context, in *linesInput) (*listOutput[statements.Line], error) {
	row, _, err := s.statementAt(ctx, in.StatementID, in.BoundsInput)
	if err != nil {
		return nil, err
	}
	query := statements.LineQuery{
		Statement: []uuid.UUID{row.ID}, Status: in.Status, Owner: in.Owner, Reference: in.Reference, Request: in.request(),
	}
	return listAt(ctx, s, statements.Projection(), in.BoundsInput, &in.PageInput,
		func(q projections.Querier) (listing.Page[statements.Line], error) {
			return statements.Lines(ctx, q, query)
		})
}

// readLine adds to a line what only its file says: persons' names and accounts stay there.
func (s *Server) readLine(ctx context.Context, in *lineInput) (*thingOutput[LineView], error) {
	row, _, err := s.statementAt(ctx, in.StatementID, in.BoundsInput)
	if err != nil {
		return nil, err
	}
	get := func(ctx context.Context, q projections.Querier, id uuid.UUID) (*statements.Line, error) {
		return statements.GetLine(ctx, q, id, in.Line)
	}
	line, asOf, err := rowAt(ctx, s, statements.Projection(), in.BoundsInput, get, row.ID)
	if err != nil {
		return nil, err
	}
	if line == nil {
		return nil, notFound("line", row.Number)
	}
	r, err := s.bankFiles()
	if err != nil {
		return nil, err
	}
	told, err := r.Line(ctx, *row, in.Line)
	if err != nil {
		return nil, err
	}
	view := LineView{Line: *line, Other: &told.Other, Payment: &told.Payment, Text: told.Text}
	return thingOf(in.ThingInput, asOf, etagUnless(in.bounded(), line.Revision), view), nil
}

func (s *Server) listMatches(ctx context.Context, in *matchesInput) (*listOutput[statements.Match], error) {
	row, _, err := s.statementAt(ctx, in.StatementID, in.BoundsInput)
	if err != nil {
		return nil, err
	}
	query := statements.MatchQuery{Statement: []uuid.UUID{row.ID}, Rule: in.Rule, Request: in.request()}
	return listAt(ctx, s, statements.Projection(), in.BoundsInput, &in.PageInput,
		func(q projections.Querier) (listing.Page[statements.Match], error) {
			return statements.Matches(ctx, q, query)
		})
}

func (s *Server) suggestMatches(ctx context.Context, in *statementPath) (*thingOutput[reconcile.Suggestions], error) {
	if err := mayReadAll(actorOf(ctx)); err != nil {
		return nil, err
	}
	id, err := idAt("path.statement_id", in.StatementID)
	if err != nil {
		return nil, err
	}
	r, err := s.bankFiles()
	if err != nil {
		return nil, err
	}
	all, err := r.Suggest(ctx, id)
	if err != nil {
		return nil, err
	}
	end, err := s.logEnd(ctx)
	return thingOf(ThingInput{}, s.now(end), "", all), err
}

// listUnmatched tells ages by the day that is asked for.
func (s *Server) listUnmatched(ctx context.Context, in *unmatchedInput) (*listOutput[UnmatchedLine], error) {
	if err := mayReadAll(actorOf(ctx)); err != nil {
		return nil, err
	}
	today, err := s.today(ctx, in.BoundsInput)
	if err != nil {
		return nil, err
	}
	query := statements.LineQuery{
		Status: []statement.LineStatus{statement.LineUnmatched}, BankAccount: in.BankAccount, Currency: in.Currency, Owner: in.Owner,
		Request: in.request(),
	}
	return listAt(ctx, s, statements.Projection(), in.BoundsInput, &in.PageInput,
		func(q projections.Querier) (aged listing.Page[UnmatchedLine], err error) {
			page, err := statements.Lines(ctx, q, query)
			aged.Next = page.Next
			for _, l := range page.Items {
				aged.Items = append(aged.Items, UnmatchedLine{
					Line: l, AgeDays: statements.Day(today) - statements.Day(l.BookedOn), Bucket: statements.BucketOf(l.BookedOn, today),
				})
			}
			return aged, err
		})
}

func (s *Server) readAgeing(ctx context.Context, in *ageingInput) (*thingOutput[[]statements.Ageing], error) {
	if err := mayReadAll(actorOf(ctx)); err != nil {
		return nil, err
	}
	today, err := s.today(ctx, in.BoundsInput)
	if err != nil {
		return nil, err
	}
	all := []statements.Ageing{}
	asOf, err := s.readAt(ctx, statements.Projection(), in.BoundsInput, func(q projections.Querier) error {
		some, err := statements.Unmatched(ctx, q, in.BankAccount, today)
		all = append(all, some...)
		return err
	})
	if err != nil {
		return nil, err
	}
	return thingOf(ThingInput{}, asOf, "", all), nil
}
