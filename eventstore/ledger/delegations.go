package ledger

import (
	"context"
	"slices"
	"time"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/program"
)

// introduce fills in the delegations of whoever gives a command, and of whom they act for, as they are in force when it comes
// in: when it takes effect says nothing of who acts. A reactor carries out what was decided, and has none. A service is nobody's
// delegate: whom it runs for it says itself, and a million imported rows don't read the program's stream once more each.
// Errors: a Rejection where a user acts for somebody who didn't delegate to them (no_delegation).
func (l *Ledger) introduce(ctx context.Context, stream string, h domain.Header) (domain.Header, []domain.Source, error) {
	h.Actor.Delegations = nil
	if h.Actor.Kind != domain.User {
		return h, nil, nil
	}
	read, err := l.delegationsOf(ctx, stream, &h)
	if err != nil {
		return h, nil, err
	}
	return h, read, mayActFor(h.Actor)
}

// MayAct is for whoever is about to have a reactor do something on an actor's behalf, before the actor's own command comes.
// Errors: as of every command: no_delegation; those of the store.
func (l *Ledger) MayAct(ctx context.Context, actor domain.Actor) error {
	_, _, err := l.introduce(ctx, "", l.timed(domain.Header{Actor: actor}))
	return err
}

// delegationsOf reads the program's stream. A command on the program has it already: it is folded apart, and is no other stream.
func (l *Ledger) delegationsOf(ctx context.Context, stream string, h *domain.Header) ([]domain.Source, error) {
	if stream == domain.StreamName(program.Category, program.DefaultID) {
		s, _, err := l.Programs.Fold(ctx, program.DefaultID)
		if err == nil {
			h.Actor.Delegations = involving(s, h.Now, h.Actor.Hands()...)
		}
		return nil, err
	}
	var read []domain.Source
	err := l.Programs.View(ctx, program.DefaultID, func(s *program.State, from domain.Source) error {
		h.Actor.Delegations, read = involving(s, h.Now, h.Actor.Hands()...), []domain.Source{from}
		return nil
	})
	return read, err
}

// involving are the delegations in force at a moment between some of the actors and others.
func involving(s *program.State, at time.Time, ids ...string) (found []domain.Delegation) {
	for _, d := range s.DelegationsAt(at) {
		if plain := d.Plain(); plain.Involves(ids...) {
			found = append(found, plain)
		}
	}
	return found
}

// mayActFor holds that what is recorded as on behalf of somebody is true.
func mayActFor(a domain.Actor) error {
	if a.OnBehalfOf == "" {
		return nil
	}
	if slices.ContainsFunc(a.Delegations, func(d domain.Delegation) bool { return d.From == a.OnBehalfOf && d.To == a.ID }) {
		return nil
	}
	return domain.Forbid("no_delegation", "no delegation from %.200q to %.200q is in force now", a.OnBehalfOf, a.ID)
}
