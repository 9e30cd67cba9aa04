package api

import (
	"context"
	"net/http"
	"slices"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/period"
	"github.com/channelledger/channelledger/eventstore/ledger"
	"github.com/channelledger/channelledger/projections/closing"
)

type periodTarget = target[*period.Period, period.Command, period.Facts, period.Event]

const tagPeriods = "Periods"

func (s *Server) periods() *periodTarget {
	return &periodTarget{
		server:  s,
		decider: period.Decider(),
		handler: func() *ledger.Periods { return s.Ledger.Periods },
		tag:     tagPeriods, noun: "period", base: "/v1/periods", id: "month", view: answer[period.Period]{},
		parse: func(location, text string) (uuid.UUID, error) {
			m, err := monthAt(location, text)
			return period.IDOf(m), err
		},
		home: itself,
		show: func(p *period.Period, id uuid.UUID) (any, int64, bool) {
			return p, p.Revision, p.Exists() && period.IDOf(p.Month) == id
		},
		complete: s.findBooks,
	}
}

func (s *Server) periodRoutes() {
	t := s.periods()
	t.create(t.base+"/{month}/cut", "Cut a month: from now on nothing posts in it", period.CutPeriod{}, creation[period.Command]{
		stream: func(_ context.Context, c period.Command, _ uuid.UUID) (uuid.UUID, error) {
			return period.IDOf(c.(period.CutPeriod).Month), nil
		},
		made:     func(stream uuid.UUID, _ []domain.Event) uuid.UUID { return stream },
		location: cutAt,
	})
	t.post("close", "Close a month that is cut", period.ClosePeriod{})
	t.post("reopen-request", "Ask to lift a month's cut", period.RequestReopening{})
	t.post("reopen", "Agree to lift a month's cut", period.ReopenPeriod{})
	s.periodReads()
}

// cutAt is where a month that was cut can be read.
func cutAt(_ uuid.UUID, recorded []domain.Event) string {
	for _, e := range recorded {
		if cut, ok := e.(period.Cut); ok {
			return "/v1/periods/" + cut.Month.String()
		}
	}
	return "" // every cut records one
}

// monthAt reads a month. location is where it was given.
func monthAt(location, text string) (period.Month, error) {
	m, err := period.ParseMonth(text)
	if err != nil {
		return m, newProblem(http.StatusUnprocessableEntity, "invalid_field", "%s: %v", location, err).at(location, "%v", err)
	}
	return m, nil
}

// findBooks adds the books as they are at the cut to a closing: nobody sends what they are closed with. Whoever may not close, or
// names a cut that isn't the last, is refused by the aggregate.
func (s *Server) findBooks(ctx context.Context, command period.Command, id uuid.UUID) (period.Command, error) {
	c, closes := command.(period.ClosePeriod)
	if actor := actorOf(ctx); !closes || !actor.Is(period.Roles()...) || actor.OfPartner() {
		return command, nil
	}
	p, err := s.periodNow(ctx, id)
	if err != nil || p.Status != period.StatusCut || p.Version != c.Version {
		return command, err
	}
	books, err := s.booksOf(ctx, p.Month, c.Version, BoundsInput{})
	if err != nil {
		return command, err
	}
	results, err := closing.Run(ctx, books.Books)
	if err != nil {
		return command, err
	}
	c.Books = period.Books{TrialBalanceSHA256: books.sha256, Checks: closing.Recorded(results)}
	return c, nil
}

// periodNow is a copy of a period as its stream's end has it.
func (s *Server) periodNow(ctx context.Context, id uuid.UUID) (p period.Period, err error) {
	err = s.Ledger.Periods.View(ctx, id, func(state *period.Period, _ domain.Source) error {
		p = *state
		p.Versions = slices.Clone(p.Versions)
		return nil
	})
	return p, err
}
