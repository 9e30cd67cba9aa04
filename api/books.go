package api

import (
	"context"
	"net/http"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/eventstore"
	"github.com/channelledger/channelledger/projections"
	"github.com/channelledger/channelledger/projections/journal"
	"github.com/channelledger/channelledger/projections/listing"
)

const tagBooks = "Books"

// BooksInput is what every question to the books takes.
type BooksInput struct {
	By   journal.Basis `query:"by" default:"posted" doc:"posted: by the day that an entry is carried on, so that closed months stay as they are; effective: by the day that it took effect"`
	From string        `query:"from" format:"date" doc:"First day, in the program's zone; by default the beginning"`
	To   string        `query:"to" format:"date" doc:"Last day, included; by default there is none"`
	BoundsInput
}

// EntryFilterInput says which entries are wanted.
type EntryFilterInput struct {
	Book     []journal.Book `query:"book"`
	Account  []string       `query:"account" doc:"Entries with a line in one of these, as in liability:mdf_payable"`
	Party    []string       `query:"party" doc:"Entries with a line of one of these: fund:ID, budget:ID, partner:ID, bank:ACCOUNT"`
	Currency []string       `query:"currency" doc:"Entries with a line in one of these"`
	Type     []string       `query:"type" doc:"Of the event, as in payable.sent.v1"`
	Stream   []string       `query:"stream"`
	Event    []string       `query:"event_id"`
}

type journalInput struct {
	EntryFilterInput
	PageInput
	BooksInput
}

type trialBalanceInput struct {
	Book     []journal.Book `query:"book"`
	Account  []string       `query:"account"`
	Party    []string       `query:"party" doc:"fund:ID, budget:ID, partner:ID or bank:ACCOUNT; parties then stand apart"`
	Currency []string       `query:"currency"`
	Parties  string         `query:"parties" enum:"true,false" doc:"Each party of an account apart"`
	Cursor   string         `query:"cursor" maxLength:"4096" doc:"next of the page before, with the same filters"`
	Limit    int            `query:"limit" minimum:"1" maximum:"500" default:"500" doc:"How many accounts at most"`
	PageLink
	BooksInput
}

type bookAccountInput struct {
	Name     string `path:"name" maxLength:"200" example:"liability:mdf_payable"`
	Party    string `query:"party" maxLength:"200" doc:"fund:ID, budget:ID, partner:ID or bank:ACCOUNT; by default all parties together"`
	Currency string `query:"currency" doc:"Only this one; by default each, with a balance of its own"`
	Cursor   string `query:"cursor" maxLength:"4096" doc:"next of the page before, with the same filters"`
	Limit    int    `query:"limit" minimum:"1" maximum:"500" default:"100" doc:"How many lines at most"`
	PageLink
	BooksInput
}

// booksBody is a page of an answer of the books, which says what it goes by.
type booksBody[T any] struct {
	AsOf AsOfInfo      `json:"as_of"`
	By   journal.Basis `json:"by" doc:"Which date the answer goes by"`
	From domain.Date   `json:"from,omitzero" doc:"First day"`
	To   domain.Date   `json:"to,omitzero" doc:"Last day, included"`
	Data T             `json:"data"`
	Next string        `json:"next,omitempty" doc:"cursor of the next page; the header Link has all of its URL"`
}

type booksOutput[T any] struct {
	Link         string              `header:"Link" doc:"The next page, rel=next (RFC 8288)"`
	Position     eventstore.Position `header:"Ledger-Position"`
	CacheControl string              `header:"Cache-Control"`
	Body         booksBody[T]
}

// BooksTrialBalance is a page of a trial balance.
type BooksTrialBalance struct {
	Totals   []journal.BookTotal `json:"totals" doc:"Of all accounts asked for, on whatever page; over all accounts the balances are zero"`
	Accounts []journal.Balance   `json:"accounts" doc:"Debit balances are above 0, credit balances below"`
}

func (s *Server) bookRoutes() {
	op := s.operation(http.MethodGet, "/v1/books/journal", "Read the journal", tagBooks)
	op.Description = "Entries in double entry, each with its event, both dates and the day that it is posted on. " +
		"Sorts are posted_on, effective_on and recorded_at; by default the date that is asked by."
	register(s, op, inQuery, s.readJournal)
	s.journalStreamRoute()
	op = s.operation(http.MethodGet, "/v1/books/trial-balance", "Read the trial balance", tagBooks)
	op.Description = "Every account that ever moved until the last day: opening balance, turnover and closing balance. Its lines are " +
		"/v1/books/accounts/{name} with the same party, dates and bounds."
	register(s, op, inQuery, s.readBookBalances)
	register(s, s.operation(http.MethodGet, "/v1/books/accounts/{name}",
		"Read an account's statement: opening balance, lines with running balance, closing balance", tagBooks), inQuery, s.readBookAccount)
}

// mayReadBooks lets nobody see the books but who keeps, pays or checks them.
func mayReadBooks(actor domain.Actor) error {
	if err := mayReadAll(actor); err != nil {
		return err
	}
	return actor.Allow("reading the books", domain.Finance, domain.Treasury, domain.PartnerOps, domain.Auditor, domain.ServiceRole)
}

func (in BooksInput) days() (days journal.Days, err error) {
	for _, side := range []struct {
		field, text string
		into        *domain.Date
	}{{"from", in.From, &days.From}, {"to", in.To, &days.To}} {
		if side.text == "" {
			continue
		}
		if *side.into, err = domain.ParseDate(side.text); err != nil {
			return days, domain.Invalid(side.field, "want a day as in 2026-01-31")
		}
	}
	return days, nil
}

// books asks the read model of the books, now or within bounds.
func (s *Server) books(ctx context.Context, in BooksInput, query func(projections.Querier) error) (AsOfInfo, error) {
	return s.readAt(ctx, journal.Projection(s.zone()), in.BoundsInput, query)
}

// answered is a page of an answer.
func answered[T any](in BooksInput, days journal.Days, asOf AsOfInfo, link *PageLink, data T, next string) *booksOutput[T] {
	out := &booksOutput[T]{Position: asOf.Position, CacheControl: privately}
	out.Body = booksBody[T]{AsOf: asOf, By: in.By, From: days.From, To: days.To, Data: data, Next: next}
	if next != "" {
		out.Link = link.next("cursor", next)
	}
	return out
}

func (in EntryFilterInput) filter(of BooksInput) (f journal.Filter, err error) {
	f = journal.Filter{
		By: of.By, Book: in.Book, Account: in.Account, Party: in.Party, Currency: in.Currency, Type: in.Type, Stream: in.Stream,
	}
	if f.Event, err = idsOf("event_id", in.Event); err != nil {
		return f, err
	}
	f.Days, err = of.days()
	return f, err
}

func (s *Server) readJournal(ctx context.Context, in *journalInput) (*booksOutput[[]journal.Entry], error) {
	if err := mayReadBooks(actorOf(ctx)); err != nil {
		return nil, err
	}
	filter, err := in.filter(in.BooksInput)
	if err != nil {
		return nil, err
	}
	var page listing.Page[journal.Entry]
	asOf, err := s.books(ctx, in.BooksInput, func(q projections.Querier) (err error) {
		page, err = journal.Entries(ctx, q, journal.Query{Filter: filter, Request: in.request()})
		return err
	})
	if err != nil {
		return nil, err
	}
	return answered(in.BooksInput, filter.Days, asOf, &in.PageLink, orEmpty(page.Items), page.Next), nil
}

func orEmpty[T any](items []T) []T {
	if items == nil {
		return []T{}
	}
	return items
}

func (s *Server) readBookBalances(ctx context.Context, in *trialBalanceInput) (*booksOutput[BooksTrialBalance], error) {
	if err := mayReadBooks(actorOf(ctx)); err != nil {
		return nil, err
	}
	query := journal.BalanceQuery{
		By: in.By, Book: in.Book, Account: in.Account, Party: in.Party, Currency: in.Currency, Parties: in.Parties == "true",
	}
	var err error
	if query.Days, err = in.days(); err != nil {
		return nil, err
	}
	var view BooksTrialBalance
	var page listing.Page[journal.Balance]
	asOf, err := s.books(ctx, in.BooksInput, func(q projections.Querier) error {
		trial, err := journal.Trial(ctx, q, query)
		if err != nil {
			return err
		}
		if view.Totals, err = trial.Totals(); err != nil {
			return err
		}
		list := []any{"trial balance", query}
		page, err = listing.Slice(trial.Balances, (*journal.Balance).Key, list, listing.Request{Cursor: in.Cursor, Limit: in.Limit})
		return err
	})
	if err != nil {
		return nil, err
	}
	view.Totals, view.Accounts = orEmpty(view.Totals), orEmpty(page.Items)
	return answered(in.BooksInput, query.Days, asOf, &in.PageLink, view, page.Next), nil
}

func (s *Server) readBookAccount(ctx context.Context, in *bookAccountInput) (*booksOutput[*journal.AccountStatement], error) {
	if err := mayReadBooks(actorOf(ctx)); err != nil {
		return nil, err
	}
	query := journal.StatementQuery{
		By: in.By, Account: journal.Account{Name: in.Name, Party: in.Party}, Currency: in.Currency,
		Request: listing.Request{Cursor: in.Cursor, Limit: in.Limit},
	}
	var err error
	if query.Days, err = in.days(); err != nil {
		return nil, err
	}
	var found *journal.AccountStatement
	var next string
	asOf, err := s.books(ctx, in.BooksInput, func(q projections.Querier) (err error) {
		found, next, err = journal.StatementOf(ctx, q, query)
		return err
	})
	switch {
	case err != nil:
		return nil, err
	case found == nil:
		return nil, notFound("account", in.Name)
	}
	return answered(in.BooksInput, query.Days, asOf, &in.PageLink, found, next), nil
}
