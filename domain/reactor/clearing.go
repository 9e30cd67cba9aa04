package reactor

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/payable"
	"github.com/channelledger/channelledger/domain/statement"
)

// ClearingWaits is how long a payable stays cleared by a match that its statement doesn't have: whoever matches clears first,
// and records the match within seconds.
const ClearingWaits = time.Hour

// Clearing keeps payables and statements together: what was cleared for a match that never came is cleared no more, as is what
// was cleared for one that is undone; and what a match says was short is payable again.
type Clearing struct {
	agenda  agenda
	pending map[uuid.UUID][]cleared // by match, until its statement has it
}

type cleared struct {
	payable, payout uuid.UUID
	at              time.Time // when it took effect
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
		statement.LinesMatched{}.EventType(),
		statement.MatchUndone{}.EventType(),
	}
}

// Observe plans what follows, and drops what stands in the log already.
func (c *Clearing) Observe(event domain.Event, env domain.Envelope) {
	c.agenda.drop(env.CommandID.String())
	switch e := event.(type) {
	case payable.Cleared:
		c.cleared(e, env)
	case payable.ClearingUndone:
		c.agenda.drop(clearingKey(e.MatchID, e.PayableID, e.PayoutID))
		c.forget(e)
	case statement.LinesMatched:
		for _, m := range e.Matches {
			c.matched(m, env)
		}
	case statement.MatchUndone:
		for _, side := range e.Match.To {
			if side.PayableID != uuid.Nil {
				c.undo(env, e.Match.MatchID, side.PayableID, side.PayoutID, env.EffectiveAt, "the match was undone: "+e.Why, env.RecordedAt)
			}
		}
	}
}

func (c *Clearing) cleared(e payable.Cleared, env domain.Envelope) {
	c.pending[e.MatchID] = append(c.pending[e.MatchID], cleared{e.PayableID, e.PayoutID, env.EffectiveAt})
	c.undo(env, e.MatchID, e.PayableID, e.PayoutID, env.EffectiveAt, "its statement never had the match", env.RecordedAt.Add(ClearingWaits))
}

func (c *Clearing) forget(e payable.ClearingUndone) {
	left := slices.DeleteFunc(c.pending[e.MatchID], func(x cleared) bool { return x.payable == e.PayableID && x.payout == e.PayoutID })
	if c.pending[e.MatchID] = left; len(left) == 0 {
		delete(c.pending, e.MatchID)
	}
}

func (c *Clearing) matched(m statement.Match, env domain.Envelope) {
	since := map[uuid.UUID]time.Time{}
	for _, x := range c.pending[m.MatchID] {
		c.agenda.drop(clearingKey(m.MatchID, x.payable, x.payout))
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
		Command: payable.Return{PayoutID: side.PayoutID, Paid: side.Short, Reason: "the bank paid less, by its statement"},
	}
}

func (c *Clearing) undo(cause domain.Envelope, match, id, payout uuid.UUID, effective time.Time, why string, due time.Time) {
	key := clearingKey(match, id, payout)
	if len([]rune(why)) > payable.MaxReason {
		why = string([]rune(why)[:payable.MaxReason])
	}
	c.agenda.plan(key, due, Order{
		Stream: domain.StreamName(payable.Category, id), Cause: cause, Step: "undo " + key, EffectiveAt: effective,
		Command: payable.UndoClearing{PayoutID: payout, MatchID: match, Reason: why},
	})
}

func clearingKey(match, id, payout uuid.UUID) string {
	return match.String() + " " + id.String() + " " + payout.String()
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
