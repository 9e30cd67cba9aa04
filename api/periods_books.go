package api

import (
	"context"
	"fmt"
	"net/url"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/period"
	"github.com/channelledger/channelledger/domain/reactor"
	"github.com/channelledger/channelledger/eventstore"
	"github.com/channelledger/channelledger/projections"
	"github.com/channelledger/channelledger/projections/closing"
	"github.com/channelledger/channelledger/projections/journal"
	"github.com/channelledger/channelledger/projections/periods"
)

// monthBooks are a month's books, and what they stand for.
type monthBooks struct {
	closing.Books
	version int    // 0: of no cut
	sha256  string // of the trial balance as CSV
	closed  string // what the version was closed with; empty where it wasn't
	asOf    AsOfInfo
}

// drillDown is where a finding is told in full, for the same month as it was known at the same moment.
func (b monthBooks) drillDown(f closing.Finding) string {
	switch {
	case f.Account != nil:
		query := url.Values{"to": {b.Month.Last().String()}, "known_at": {b.asOf.Position.String()}}
		query.Set("party", f.Account.Party)
		query.Set("currency", f.Amount.Currency())
		return "/v1/books/accounts/" + f.Account.Name + "?" + query.Encode()
	case f.Line > 0:
		return fmt.Sprintf("/v1/statements/%s/lines/%d", f.Entity, f.Line)
	case f.Entity != uuid.Nil:
		return "/v1/rebates/agreements/" + f.Entity.String()
	case f.Reactor != "":
		return "/v1/reactors"
	case !f.Amount.IsZero():
		return "/v1/books/trial-balance?" + url.Values{"to": {b.Month.Last().String()}, "known_at": {b.asOf.Position.String()}}.Encode()
	}
	return "/readyz"
}

// booksOf are a month's books in a version, or within the bounds. Version 0 without bounds is the last cut that holds, or else
// now.
// Errors: 404 for a version that there isn't.
func (s *Server) booksOf(ctx context.Context, m period.Month, version int, in BoundsInput) (books monthBooks, err error) {
	books.version = version
	if books.Books, err = s.machinery(ctx); err != nil {
		return books, err
	}
	books.Month = m
	if !in.bounded() {
		p, err := s.periodNow(ctx, period.IDOf(m))
		if err != nil {
			return books, err
		}
		if version == 0 && p.IsCut() {
			books.version = p.Version
		}
		if books.version > 0 {
			v := p.Find(books.version)
			if v == nil {
				return books, notFound("version", fmt.Sprintf("%d of %s", books.version, m))
			}
			books.closed = v.TrialBalanceSHA256
			if in.KnownAt, err = s.placeOf(ctx, p.Month, *v); err != nil {
				return books, err
			}
		}
	}
	books.asOf, err = s.readAt(ctx, journal.Projection(s.zone()), in, func(q projections.Querier) (err error) {
		books.Balances, err = periods.TrialBalance(ctx, q, m)
		return err
	})
	books.sha256 = periods.SHA256(periods.CSV(books.Balances))
	return books, err
}

// machinery is what the checks ask of what runs here.
func (s *Server) machinery(ctx context.Context) (books closing.Books, err error) {
	books = closing.Books{Models: s.Projections.Status(), Parked: map[string]int{}}
	if status := s.reactorStatus(); status.Halted != nil {
		books.Halted = firstLine(status.Halted.Error())
	}
	books.Ask = func(ctx context.Context, name string, query func(projections.Querier) error) error {
		_, err := s.look(ctx, name, query)
		return err
	}
	for _, name := range s.reactorNames() {
		err = s.Ledger.Reactors.View(ctx, reactor.StreamID(name), func(st *reactor.State, _ domain.Source) error {
			books.Parked[name] = len(st.Parked)
			return nil
		})
		if err != nil {
			return books, err
		}
	}
	return books, nil
}

// reactorNames are those that run here, or would elsewhere.
func (s *Server) reactorNames() (names []string) {
	for _, r := range s.reactorStatus().Rules {
		names = append(names, r.Name)
	}
	if names == nil {
		for _, r := range reactor.All() {
			names = append(names, r.Name())
		}
	}
	return names
}

// placeOf is where a cut stands in the log, once the journal knows of it: what is asked of the past is answered up to there only.
func (s *Server) placeOf(ctx context.Context, m period.Month, v period.Version) (string, error) {
	stream := domain.StreamName(period.Category, period.IDOf(m))
	for r, err := range s.Ledger.Store.Read(ctx, stream, eventstore.Revision(v.Cut.Revision-1)) {
		if err != nil {
			return "", err
		}
		return r.Position.String(), s.waitForModel(ctx, journal.Name, r.Position)
	}
	return "", fmt.Errorf("%s has no revision %d", stream, v.Cut.Revision)
}
