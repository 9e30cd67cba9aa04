package reconcile

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/clawback"
	"github.com/channelledger/channelledger/domain/payable"
	"github.com/channelledger/channelledger/domain/reactor"
	"github.com/channelledger/channelledger/domain/statement"
	"github.com/channelledger/channelledger/eventstore"
)

// maxTries bounds how often a match is begun anew under another id, because what it had cleared was taken back.
const maxTries = 16

// clearing is who clears payables on behalf of whoever reconciles: the bank's statement says what happened.
func clearing(actor domain.Actor) domain.Actor {
	a := reactor.Actor(reactor.ClearingName)
	if a.OnBehalfOf = actor.ID; actor.OnBehalfOf != "" {
		a.OnBehalfOf = actor.OnBehalfOf
	}
	return a
}

// lock clears each payable and claw-back of the match. Where one refuses, those that were cleared are taken back.
// Errors: a Rejection of one of them; others.
func (r *run) lock(ctx context.Context, s statement.Summary, m statement.Match, reference string) error {
	for i, side := range m.To {
		err := r.lockSide(ctx, s, m, side, reference)
		if domain.AsRejection(err) != nil {
			if undoErr := r.unlock(ctx, m, i); undoErr != nil {
				return undoErr
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// unlock takes back what the first sides of the match cleared.
func (r *run) unlock(ctx context.Context, m statement.Match, sides int) error {
	const why = "the match could not be recorded"
	for _, side := range m.To[:sides] {
		if side.ClawbackID != uuid.Nil {
			if err := r.giveClawback(ctx, side, m, "undo", time.Time{}, clawback.UndoClearing{MatchID: m.MatchID, Reason: why}); err != nil {
				return err
			}
			continue
		}
		if err := r.give(ctx, side, m, "undo", time.Time{}, payable.UndoClearing{
			PayoutID: side.PayoutID, MatchID: m.MatchID, Reason: why,
		}); err != nil {
			return err
		}
	}
	return nil
}

// lockSide clears one claw-back or payable: of money that went out the same append says that the bank carried it out, of
// money that came back that it did, as far as nobody said so before.
func (r *run) lockSide(ctx context.Context, s statement.Summary, m statement.Match, side statement.Side, reference string) error {
	if side.ClawbackID != uuid.Nil {
		return r.recover(ctx, s, m, side, reference)
	}
	var at time.Time
	if err := r.Ledger.Payables.View(ctx, side.PayableID, func(p *payable.Payable, _ domain.Source) error {
		x := p.Payment(side.PayoutID)
		if x == nil {
			return domain.NotFound("payment_unknown", "to", "payout %s has not sent payable %s", side.PayoutID, side.PayableID)
		}
		if x.BankAccount != s.BankAccount {
			return domain.Refuse("other_account", "to", "payable %s was paid from %s", side.PayableID, x.BankAccount)
		}
		at = latest(s.At, x.SentStep.At, x.Confirmed.At)
		return nil
	}); err != nil {
		return err
	}
	c := payable.Clear{PayoutID: side.PayoutID, StatementID: s.ID, MatchID: m.MatchID, Amount: side.Amount, Incoming: !m.Outgoing}
	if m.Outgoing {
		c.Confirms = reference
	} else {
		c.Returns = "it came back, by the bank's statement: " + reference
	}
	return r.give(ctx, side, m, "clear", at, c)
}

func latest(times ...time.Time) (last time.Time) {
	for _, t := range times {
		if t.After(last) {
			last = t
		}
	}
	return last
}

// give gives a command to the payable of a side; the same again is the same command.
func (r *run) give(ctx context.Context, side statement.Side, m statement.Match, step string, at time.Time, c payable.Command) error {
	_, err := r.Ledger.Payables.Do(ctx, side.PayableID, domain.Header{
		CommandID:   domain.DeriveID("reconcile", step, m.MatchID.String(), side.PayableID.String(), side.PayoutID.String()),
		Actor:       clearing(r.Actor),
		EffectiveAt: at,
	}, c)
	return err
}

// shorts makes payable again what the matches say was short. The reactor does the same, where this process stops before.
func (r *run) shorts(ctx context.Context, outcome eventstore.Outcome, matches []statement.Match) error {
	lacks := func(side statement.Side) bool { return side.Short.Sign() > 0 }
	if outcome.Count == 0 || !slices.ContainsFunc(matches, func(m statement.Match) bool { return slices.ContainsFunc(m.To, lacks) }) {
		return nil
	}
	recorded, cause, err := r.recorded(ctx, outcome)
	if err != nil {
		return err
	}
	for _, m := range recorded.Matches {
		for _, side := range m.To {
			if !lacks(side) {
				continue
			}
			since, err := r.clearedAt(ctx, m, side)
			if err != nil {
				return err
			}
			order := reactor.ShortOrder(m.MatchID, side, cause, since)
			given, err := r.Ledger.Dispatch(ctx, order.Stream, order.Header(reactor.ClearingName), order.Command)
			if err != nil {
				return fmt.Errorf("what line %d lacks is not payable again: %w", m.Lines[0], err)
			}
			r.at = given.Position
		}
	}
	return nil
}

// recorded is the event that matches were recorded by.
func (r *run) recorded(ctx context.Context, outcome eventstore.Outcome) (e statement.LinesMatched, env domain.Envelope, err error) {
	for recorded, err := range r.Ledger.Store.Read(ctx, outcome.Stream, outcome.First-1) {
		if err != nil {
			return e, env, err
		}
		event, env, err := r.Ledger.Codec.Decode(recorded)
		if e, ok := event.(statement.LinesMatched); ok || err != nil {
			return e, env, err
		}
		break
	}
	return e, env, fmt.Errorf("%s@%d holds no matches", outcome.Stream, outcome.First)
}

func (r *run) clearedAt(ctx context.Context, m statement.Match, side statement.Side) (at time.Time, err error) {
	err = r.Ledger.Payables.View(ctx, side.PayableID, func(p *payable.Payable, _ domain.Source) error {
		for _, c := range p.Clearings {
			if c.MatchID == m.MatchID && c.PayoutID == side.PayoutID {
				at = c.At.At
			}
		}
		return nil
	})
	return at, err
}
