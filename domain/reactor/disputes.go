package reactor

import (
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/account"
	"github.com/channelledger/channelledger/domain/dispute"
	"github.com/channelledger/channelledger/domain/mdf"
	"github.com/channelledger/channelledger/domain/partner"
	"github.com/channelledger/channelledger/domain/payable"
	"github.com/channelledger/channelledger/domain/rebate"
	"github.com/channelledger/channelledger/domain/statement"
)

// Disputes carries cases on: what is due and missed, the hold on a disputed deal, what was ruled or agreed on the streams that
// it concerns, recorded back and taken back where an appeal overturns it, and the close when nothing is left to be done. It
// opens cases, too: see opening.
type Disputes struct {
	cases map[uuid.UUID]*dispute.Case
	tasks map[uuid.UUID]map[taskKey]*task // by case: what is to be done about its remedies
	given map[uuid.UUID]assignment        // by the command that was ordered for it
	undo  map[uuid.UUID]any               // by remedy: the command that takes it back
	opening
	dates agenda // deadlines, and when something is tried again
	todo  agenda // at once
}

// NewDisputes has seen nothing.
func NewDisputes() *Disputes {
	return &Disputes{
		cases: map[uuid.UUID]*dispute.Case{}, tasks: map[uuid.UUID]map[taskKey]*task{}, given: map[uuid.UUID]assignment{},
		undo: map[uuid.UUID]any{}, opening: newOpening(), dates: newAgenda(), todo: newAgenda(),
	}
}

// Name is disputes.
func (*Disputes) Name() string { return "disputes" }

// Types are those of cases, of what remedies lead to, and of what opens a case.
func (*Disputes) Types() []string {
	types := []string{
		account.DealRegistered{}.EventType(),
		account.ConflictFound{}.EventType(),
		account.ConflictReferred{}.EventType(),
		account.ConflictOverridden{}.EventType(),
		account.ConflictOverrideUndone{}.EventType(),
		account.ProtectionBreached{}.EventType(),
		account.HoldPlaced{}.EventType(),
		account.HoldLifted{}.EventType(),
		account.DealReassigned{}.EventType(),
		account.CreditSplitSet{}.EventType(),
		account.DealReinstated{}.EventType(),
		account.ProtectionShortened{}.EventType(),
		mdf.ClaimApproved{}.EventType(),
		mdf.ClaimClawedBack{}.EventType(),
		mdf.ClawbackReversed{}.EventType(),
		rebate.Adjusted{}.EventType(),
		rebate.ClawedBack{}.EventType(),
		rebate.ClawbackReversed{}.EventType(),
		partner.TierChanged{}.EventType(),
		payable.Raised{}.EventType(),
		statement.LinesMatched{}.EventType(),
		statement.MatchUndone{}.EventType(),
		Refused{}.EventType(),
	}
	for _, t := range dispute.Types() {
		types = append(types, t.Name)
	}
	return types
}

// Observe folds cases, and what became of what was ordered for them.
func (d *Disputes) Observe(event domain.Event, env domain.Envelope) {
	d.todo.drop(env.CommandID.String())
	if d.observeOpening(event, env) {
		return
	}
	switch e := event.(type) {
	case dispute.Event:
		d.observeCase(e, env)
		return
	case Refused:
		if e.Reactor == d.Name() {
			d.refused(e, env)
		}
		return
	}
	d.carriedOut(event, env)
}

func (d *Disputes) observeCase(e dispute.Event, env domain.Envelope) {
	_, id, err := domain.ParseStream(env.Stream)
	if err != nil {
		return // no stream of ours
	}
	c := d.cases[id]
	if c == nil {
		c = &dispute.Case{}
		d.cases[id] = c
	}
	c.Apply(e, env)
	switch e := e.(type) {
	case dispute.Opened:
		d.dropOpening(c)
		if c.Kind.AboutDeals() && c.Subject.DealID != uuid.Nil {
			d.order(env, c.Subject.Stream, "hold", account.PlaceHold{
				DealID: c.Subject.DealID, DisputeID: c.ID, Subject: c.Subject.EventID,
			})
		}
	case dispute.RemedyParked:
		d.again(c, taskKey{e.RemedyID, e.Undo}, e.RetryAt, env)
	case dispute.RemedyRetried:
		if r := c.Remedy(e.RemedyID); r != nil {
			_, undo := r.Outstanding()
			d.again(c, taskKey{e.RemedyID, undo}, env.EffectiveAt, env)
		}
	case dispute.RemedyApplied:
		delete(d.tasks[c.ID], taskKey{e.RemedyID, e.Undone})
	case dispute.Closed:
		d.closed(c, env)
		return
	}
	d.planDeadlines(c, env)
	d.planRemedies(c, env)
	d.planClose(c, env)
}

// planDeadlines plans what is due in the case as it is now, and drops what is no longer.
func (d *Disputes) planDeadlines(c *dispute.Case, env domain.Envelope) {
	plan := func(name string, at time.Time, command dispute.Command) {
		key := c.ID.String() + " " + name
		if at.IsZero() {
			d.dates.drop(key)
			return
		}
		d.dates.plan(key, at, Order{
			Stream: env.Stream, Command: command, Cause: causeOf(env), Step: name + " " + at.UTC().Format(time.RFC3339Nano), EffectiveAt: at,
		})
	}
	plan("response", c.ResponseDue, dispute.MissDeadline{Which: dispute.DeadlineResponse})
	ruling := dispute.MissDeadline{Which: dispute.DeadlineRuling}
	if c.Status == dispute.StatusAppealed {
		ruling.Which = dispute.DeadlineAppeal
	}
	plan("ruling", c.RulingDue, ruling)
	plan("appeal_window", c.AppealUntil, dispute.EndAppealWindow{})
}

// planClose orders the close once nothing is left to be done, and nothing ordered is without an outcome.
func (d *Disputes) planClose(c *dispute.Case, env domain.Envelope) {
	key := "close " + c.ID.String()
	if c.Status != dispute.StatusFinal || len(c.Outstanding()) > 0 || len(d.tasks[c.ID]) > 0 {
		d.todo.drop(key)
		return
	}
	d.todo.plan(key, env.EffectiveAt, Order{
		Stream: domain.StreamName(dispute.Category, c.ID), Command: dispute.Close{}, Cause: causeOf(env), Step: "close",
		EffectiveAt: env.EffectiveAt,
	})
}

func (d *Disputes) closed(c *dispute.Case, env domain.Envelope) {
	d.todo.drop("close " + c.ID.String())
	if c.Kind.AboutDeals() && c.Subject.DealID != uuid.Nil {
		d.order(env, c.Subject.Stream, "lift", account.LiftHold{DealID: c.Subject.DealID, DisputeID: c.ID})
	}
	for _, r := range c.Remedies {
		delete(d.undo, r.RemedyID)
	}
	delete(d.tasks, c.ID)
	delete(d.cases, c.ID)
}

// order gives a command now, because of an event.
func (d *Disputes) order(cause domain.Envelope, stream, step string, command any) {
	id := domain.ReactionID(d.Name(), cause.EventID, step)
	d.todo.plan(id.String(), cause.EffectiveAt, Order{
		Stream: stream, Command: command, Cause: causeOf(cause), Step: step, EffectiveAt: cause.EffectiveAt,
	})
}

// Due hands out what is to be done by now.
func (d *Disputes) Due(now time.Time) (due []Order) {
	for _, o := range append(d.todo.takeDue(now.Add(domain.ClockSkew)), d.dates.takeDue(now)...) {
		if _, opens := o.Command.(dispute.Open); opens && now.Sub(o.Cause.RecordedAt) > autoOpenDays*24*time.Hour {
			continue
		}
		d.handOut(o)
		due = append(due, o)
	}
	return due
}

// Next is when something is to be done.
func (d *Disputes) Next() (at time.Time, ok bool) {
	for _, a := range []*agenda{&d.todo, &d.dates} {
		if first := a.next(); first != nil && (!ok || first.due.Before(at)) {
			at, ok = first.due, true
		}
	}
	return at, ok
}
