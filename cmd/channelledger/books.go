package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/eventstore"
	"github.com/channelledger/channelledger/projections"
	"github.com/channelledger/channelledger/projections/journal"
)

// booksFlags say which books are looked at.
type booksFlags struct {
	By          journal.Basis  `enum:"posted,effective" default:"posted" help:"Date to go by: posted, as the months were closed, or effective."`
	From        string         `help:"First day; by default the beginning." placeholder:"DAY"`
	To          string         `help:"Last day, included." placeholder:"DAY"`
	Book        []journal.Book `enum:"budgetary,financial" help:"Only this book: budgetary or financial." placeholder:"BOOK"`
	Party       []string       `help:"Only this one: fund:ID, budget:ID, partner:ID or bank:ACCOUNT." placeholder:"PARTY"`
	Currency    []string       `help:"Only this one, ISO 4217." placeholder:"CUR"`
	KnownAt     string         `help:"Leave out what was recorded later: a moment, a day, or a position." placeholder:"WHEN"`
	EffectiveAt string         `help:"Leave out what took effect later: a moment, or a day." placeholder:"WHEN"`
	JSON        bool           `name:"json" help:"Print one JSON object a line."`
}

func (f booksFlags) days() (days journal.Days, err error) {
	if days.From, err = dayOf("--from", f.From); err != nil {
		return days, err
	}
	days.To, err = dayOf("--to", f.To)
	return days, err
}

func dayOf(flag, text string) (domain.Date, error) {
	if text == "" {
		return domain.Date{}, nil
	}
	day, err := domain.ParseDate(text)
	if err != nil {
		return day, fmt.Errorf("%s: %w", flag, err)
	}
	return day, nil
}

// bounds are what the flags leave out. A day is its start in the program's zone.
func (f booksFlags) bounds(s *session) (b projections.Bounds, err error) {
	if b.EffectiveAt, err = momentOf(f.EffectiveAt, s.zone); err != nil {
		return b, fmt.Errorf("--effective-at: %w", err)
	}
	if b.KnownAt, err = momentOf(f.KnownAt, s.zone); err == nil {
		return b, nil
	}
	b.KnownPosition, err = eventstore.ParsePosition(f.KnownAt, s.store.Origin())
	switch {
	case errors.Is(err, eventstore.ErrForeignPosition):
		return b, fmt.Errorf("--known-at: %w", err)
	case err != nil || b.KnownPosition.IsStart():
		return b, fmt.Errorf("--known-at %.50q: want a moment as in 2026-01-31T12:00:00Z, a day, or a position of this ledger", f.KnownAt)
	}
	return b, nil
}

func momentOf(text string, zone *time.Location) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if day, err := domain.ParseDate(text); err == nil {
		return day.In(zone), nil
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return at, fmt.Errorf("%.50q: want a moment as in 2026-01-31T12:00:00Z, or a day as in 2026-01-31", text)
	}
	return at, nil
}

// read asks the books as they are, or as they would have been within the bounds.
func (f booksFlags) read(ctx context.Context, s *session, query func(projections.Querier) error) error {
	bounds, err := f.bounds(s)
	if err != nil {
		return err
	}
	if bounds != (projections.Bounds{}) {
		view, _, err := projections.Replay(ctx, s.source(), journal.Projection(s.zone), bounds,
			func(schema *projections.Schema) (projections.View, error) { return s.views.Scratch(ctx, schema) }, projections.Limits{}, nil)
		if err != nil {
			return err
		}
		return errors.Join(view.Read(ctx, query), view.Close())
	}
	return s.whileLive(ctx, func(ctx context.Context) error {
		head, err := s.runner.Latest(ctx)
		if err != nil {
			return err
		}
		if err := s.runner.WaitFor(ctx, journal.Name, head.Position); err != nil {
			return err
		}
		reader, err := s.runner.Reader(journal.Name)
		if err != nil {
			return err
		}
		return reader.Read(ctx, query)
	})
}

// headline says what the books are made from.
func (f booksFlags) headline(q projections.Querier) string {
	text := []string{"by " + string(f.By) + " date"}
	for _, part := range []struct{ name, value string }{
		{"from", f.From}, {"to", f.To}, {"known at", f.KnownAt}, {"effective at", f.EffectiveAt}, {"log", q.Position().String()},
	} {
		if part.value != "" {
			text = append(text, part.name+" "+part.value)
		}
	}
	return strings.Join(text, ", ")
}

// sides are an amount in the columns for debits and credits.
func sides(amount domain.Money) (debit, credit string) {
	if amount.Sign() < 0 {
		return "", amount.Neg().Decimal()
	}
	return amount.Decimal(), ""
}
