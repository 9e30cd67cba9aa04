package reactor

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/clawback"
	"github.com/channelledger/channelledger/domain/payable"
	"github.com/channelledger/channelledger/domain/statement"
)

// ClearingWaits is how long a payable stays cleared by a match that its statement doesn't have: whoever matches clears first,
// and records the match within seconds.
const ClearingWaits = time.Hour

// Clearing keeps payables, claw-backs and statements together: what was cleared for a match that never came is cleared no more,
// as is what was cleared for one that is undone; and what a match says was short is payable again.
type Clearing struct {
	agenda  agenda
	pending map[uuid.UUID][]cleared // by match, until its statement has it
}

// cleared is a payment for a payable, or a claw-back.
type cleared struct {
	payable, payout, clawback uuid.UUID
	at                        time.Time // when it took effect
}

// ClearingName is the reactor's.
const ClearingName = "clearing"

// NewClearing has seen nothing.
func NewClearing() *Clearing {
	return &Clearing{agenda: newAgenda(), pending: map[uuid.UUID][]cleared{}}
}

// Name is clearing.
func (*Clearing) Name() string { return ClearingName }

// Types are the two halves of a match.
func (*Clearing) Types() []string {
	return []string{
		payable.Cleared{}.EventType(),
		payable.ClearingUndone{}.EventType(),
		payable.Returned{}.EventType(),
		clawback.Cleared{}.EventType(),
		clawback.ClearingUndone{}.EventType(),
		statement.LinesMatched{}.EventType(),
		statement.MatchUndone{}.EventType(),
	}
}

// Observe plans what follows, and drops what stands in the log already.
func (c *Clearing) Observe(event domain.Event, env domain.Envelope) {
	c.agenda.drop(env.CommandID.String())
	switch e := event.(type) {
	case payable.Cleared:
		c.cleared(e.MatchID, cleared{payable: e.PayableID, payout: e.PayoutID, at: env.EffectiveAt}, env)
	case payable.ClearingUndone:
		c.forget(e.MatchID, cleared{payable: e.PayableID, payout: e.PayoutID})
	case clawback.Cleared:
		c.cleared(e.MatchID, cleared{clawback: e.ClawbackID, at: env.EffectiveAt}, env)
	case clawback.ClearingUndone:
		c.forget(e.MatchID, cleared{clawback: e.ClawbackID})
	case statement.LinesMatched:
		for _, m := range e.Matches {
			c.matched(m, env)
		}
	case statement.MatchUndone:
		for _, side := range e.Match.To {
			x := cleared{payable: side.PayableID, payout: side.PayoutID, clawback: side.ClawbackID, at: env.EffectiveAt}
			c.undo(env, e.Match.MatchID, x, "the match was undone: "+e.Why, env.RecordedAt)
		}
	}
}

func (c *Clearing) cleared(match uuid.UUID, x cleared, env domain.Envelope) {
	c.pending[match] = append(c.pending[match], x)
	c.undo(env, match, x, "its statement never had the match", env.RecordedAt.Add(ClearingWaits))
}

func (c *Clearing) forget(match uuid.UUID, of cleared) {
	c.agenda.drop(of.key(match))
	left := slices.DeleteFunc(c.pending[match], func(x cleared) bool { return x.key(match) == of.key(match) })
	if c.pending[match] = left; len(left) == 0 {
		delete(c.pending, match)
	}
}

func (c *Clearing) matched(m statement.Match, env domain.Envelope) {
	since := map[uuid.UUID]time.Time{}
	for _, x := range c.pending[m.MatchID] {
		c.agenda.drop(x.key(m.MatchID))
		since[x.payable] = x.at
	}
	delete(c.pending, m.MatchID)
	for _, side := range m.To {
		if side.Short.Sign() > 0 {
			o := ShortOrder(m.MatchID, side, env, since[side.PayableID])
			c.agenda.plan(o.Header(c.Name()).CommandID.String(), env.RecordedAt, o)
		}
	}
}

// ShortOrder makes payable again what a match says was short, from when it was cleared. Whoever recorded the match may give
// it at once: it is the same command.
func ShortOrder(match uuid.UUID, side statement.Side, cause domain.Envelope, since time.Time) Order {
	if since.Before(cause.EffectiveAt) {
		since = cause.EffectiveAt
	}
	return Order{
		Stream: domain.StreamName(payable.Category, side.PayableID), Cause: cause, EffectiveAt: since,
		Step:    "short " + match.String() + " " + side.PayableID.String() + " " + side.PayoutID.String(),
		Command: payable.Return{PayoutID: side.PayoutID, Paid: side.Short, Reason: "the bank paid less, by its statement", MatchID: match},
	}
}

func (c *Clearing) undo(cause domain.Envelope, match uuid.UUID, x cleared, why string, due time.Time) {
	key := x.key(match)
	if len([]rune(why)) > payable.MaxReason { // no more than a claw-back's
		why = string([]rune(why)[:payable.MaxReason])
	}
	o := Order{
		Stream: domain.StreamName(payable.Category, x.payable), Cause: cause, Step: "undo " + key, EffectiveAt: x.at,
		Command: payable.UndoClearing{PayoutID: x.payout, MatchID: match, Reason: why},
	}
	if x.clawback != uuid.Nil {
		o.Stream = domain.StreamName(clawback.Category, x.clawback)
		o.Command = clawback.UndoClearing{MatchID: match, Reason: why}
	}
	c.agenda.plan(key, due, o)
}

func (x cleared) key(match uuid.UUID) string {
	if x.clawback != uuid.Nil {
		return match.String() + " " + x.clawback.String()
	}
	return match.String() + " " + x.payable.String() + " " + x.payout.String()
}

// Due hands out what is to be done.
func (c *Clearing) Due(now time.Time) []Order { return c.agenda.takeDue(now) }

// Next is the earliest of it.
func (c *Clearing) Next() (time.Time, bool) {
	if first := c.agenda.next(); first != nil {
		return first.due, true
	}
	return time.Time{}, false
}
