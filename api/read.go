package api

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/eventstore"
	"github.com/channelledger/channelledger/projections"
)

// WaitInput is what every read takes. It is exported, as the other inputs that are embedded, because huma passes over
// embedded fields that aren't.
type WaitInput struct {
	WaitFor string `query:"wait_for" doc:"A position, as a command's answer gives it: the answer holds it and what followed from it. Bounded; beyond that 504 says how far things are." example:"start"`
}

// look asks a read model, and says how far it is.
func (s *Server) look(ctx context.Context, name string, query func(projections.Querier) error) (at eventstore.Position, err error) {
	reader, err := s.Projections.Reader(name)
	if err != nil {
		return at, err
	}
	err = reader.Read(ctx, func(q projections.Querier) error {
		at = q.Position()
		return query(q)
	})
	return at, err
}

// live asks a read model as it is now, once it holds what wait_for names.
func (s *Server) live(ctx context.Context, name string, wait WaitInput, query func(projections.Querier) error) (AsOfInfo, error) {
	if err := s.waitFor(ctx, name, wait.WaitFor); err != nil {
		return AsOfInfo{}, err
	}
	at, err := s.look(ctx, name, query)
	return s.now(at), err
}

// now says that an answer holds what is known by now.
func (s *Server) now(at eventstore.Position) AsOfInfo {
	now := stamp(s.Clock())
	return AsOfInfo{Position: at, KnownAt: now, EffectiveAt: now}
}

// find looks for one row. A miss may be a read model that lags: it follows to the log's end once before there is none.
func find[R any](
	ctx context.Context, s *Server, name string, get func(context.Context, projections.Querier, uuid.UUID) (*R, error), id uuid.UUID,
) (row *R, at eventstore.Position, err error) {
	query := func(q projections.Querier) (err error) {
		row, err = get(ctx, q, id)
		return err
	}
	if at, err = s.look(ctx, name, query); err != nil || row != nil {
		return row, at, err
	}
	end, err := s.logEnd(ctx)
	if err != nil {
		return nil, at, err
	}
	if err := s.waitForModel(ctx, name, end); err != nil {
		return nil, at, err
	}
	at, err = s.look(ctx, name, query)
	return row, at, err
}

// logEnd is where the log ends now: the runner's end may be a little behind.
func (s *Server) logEnd(ctx context.Context) (eventstore.Position, error) {
	ctx, cancel := context.WithTimeout(ctx, s.Limits.WaitFor)
	defer cancel()
	head, err := s.Projections.Latest(ctx)
	if err != nil {
		return head.Position, err
	}
	at := head.Position
	for m, err := range s.Ledger.Store.Follow(ctx, at, s.ours()) {
		if err != nil {
			return at, err
		}
		at = m.Position
		if m.Kind == eventstore.CaughtUp {
			break
		}
	}
	return at, nil
}

// waitFor waits until a read model holds a position and what the reactors made of it.
func (s *Server) waitFor(ctx context.Context, name, text string) error {
	if text == "" {
		return nil
	}
	position, err := s.position("query.wait_for", text)
	if err != nil {
		return err
	}
	if s.Reactors != nil {
		if position, err = s.waitForReactors(ctx, position); err != nil {
			return err
		}
	}
	return s.waitForModel(ctx, name, position)
}

func (s *Server) waitForReactors(ctx context.Context, position eventstore.Position) (eventstore.Position, error) {
	bounded, cancel := context.WithTimeout(ctx, s.Limits.WaitFor)
	defer cancel()
	followed, err := s.Reactors.WaitFor(bounded, position)
	switch {
	case err == nil:
		return followed, nil
	case bounded.Err() == nil:
		return followed, newProblem(http.StatusServiceUnavailable, "reactors_halted", "the reactors stopped: see /readyz").retryAfter(30)
	}
	return followed, behind(Waiting{For: position.String(), Position: s.Reactors.Status().Position.String()})
}

func (s *Server) waitForModel(ctx context.Context, name string, position eventstore.Position) error {
	bounded, cancel := context.WithTimeout(ctx, s.Limits.WaitFor)
	defer cancel()
	err := s.Projections.WaitFor(bounded, name, position)
	if err == nil || bounded.Err() == nil || ctx.Err() != nil {
		return err
	}
	waiting := Waiting{For: position.String(), Projection: name}
	for _, status := range s.Projections.Status() {
		if status.Name == name {
			waiting.Position = status.Position.String()
		}
	}
	return behind(waiting)
}

func behind(w Waiting) *Problem {
	p := newProblem(http.StatusGatewayTimeout, "not_there_yet", "what was waited for isn't there yet: ask again").retryAfter(1)
	p.Waiting = &w
	return p
}

// position reads a position of this ledger.
func (s *Server) position(location, text string) (eventstore.Position, error) {
	position, err := eventstore.ParsePosition(text, s.Ledger.Store.Origin())
	switch {
	case errors.Is(err, eventstore.ErrForeignPosition):
		return position, newProblem(http.StatusBadRequest, "foreign_position", "the position is another ledger's").
			at(location, "is another ledger's")
	case err != nil:
		return position, newProblem(http.StatusBadRequest, "invalid_position", "want a position that this ledger gave, or start").
			at(location, "want a position that this ledger gave, or start")
	}
	return position, nil
}

// parseMoment reads a time, or a day as its start in the program's zone. Empty is the zero time.
func (s *Server) parseMoment(field, text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if day, err := domain.ParseDate(text); err == nil {
		return day.In(s.zone()).UTC(), nil
	}
	at, err := time.Parse(time.RFC3339, strings.ReplaceAll(text, " ", "+")) // a + that was not escaped in the URL
	if err != nil || at.IsZero() {
		return time.Time{}, domain.Invalid(field, "want a moment as in 2026-01-31T12:00:00Z, or a day as in 2026-01-31")
	}
	return at.UTC(), nil
}

func (s *Server) zone() *time.Location {
	if s.Zone == nil {
		return time.UTC
	}
	return s.Zone
}

// idsOf reads the ids of a filter.
func idsOf(field string, texts []string) (ids []uuid.UUID, err error) {
	for _, text := range texts {
		id, err := parseID(text)
		if err != nil {
			return nil, domain.Invalid(field, "%.50q is no uuid", text)
		}
		ids = append(ids, id)
	}
	return ids, nil
}
